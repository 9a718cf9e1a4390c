/*
 * Two images of the same memory: what pages are used for, and what keeps
 * pageblocks. A cell has the mixture of its parts' colours.
 */
#include "plots/draw.h"

#include <stdio.h>

#include "plots/label.h"

enum { PARTS = MAP_USES };

_Static_assert((int)MAP_USES == (int)MAP_STATES, "one palette for both");

static const struct {
	unsigned char red, green, blue;
} colours[PARTS] = {
    {0xf4, 0xf4, 0xee}, {0x88, 0xcc, 0xee}, {0xe6, 0x9f, 0x00},
    {0x88, 0x22, 0x55}, {0xb0, 0xb0, 0xb0},
};

static const char *const names[2][PARTS] = {
    {"free", "movable", "unmovable", "slab", "from before, not known"},
    {"free", "movable pages only", "1/8 unmovable or less", "more unmovable",
     "from before, not known"},
};

static void cell_row(struct figure *fig, double x, double y,
		     const uint16_t shares[PARTS])
{
	double row[5] = {x, y};

	for (int p = 0; p < PARTS; p++) {
		row[2] += shares[p] * colours[p].red / 1000.0;
		row[3] += shares[p] * colours[p].green / 1000.0;
		row[4] += shares[p] * colours[p].blue / 1000.0;
	}
	figure_row(fig, row, 5);
}

/* Cells are drawn around their middle. */
static void map_table(struct figure *fig, const struct memory_map *map,
		      unsigned int panel, double time_unit, double row_size)
{
	figure_table(fig, "map", panel + 1);
	for (uint32_t c = 0; c < map->columns; c++)
		for (uint32_t r = 0; r < map->rows; r++) {
			const struct memory_cell *cell =
			    &map->cells[(size_t)c * map->rows + r];

			cell_row(fig,
				 (c + 0.5) * (double)map->step_ns / time_unit,
				 (r + 0.5) * row_size,
				 panel ? cell->states : cell->uses);
		}
}

int draw_map(struct figure *fig, const struct plot_input *input)
{
	const struct memory_map *map = input->map;
	double row_bytes =
	    (double)map->blocks_per_row * (double)map->block_bytes;
	struct unit bytes = label_byte_unit(row_bytes * map->rows);
	struct unit time = label_time_unit(map->step_ns * map->columns);
	char text[192], block[32], row[32];

	label_bytes((double)map->block_bytes, block, sizeof(block));
	label_bytes(row_bytes, row, sizeof(row));
	figure_text(fig, "title", 0, "Physical memory over time", 60);
	snprintf(text, sizeof(text),
		 "Pageblocks of %s by address, holes left out; a row is %s. "
		 "Colours mix by share. Blocks with unmovable pages cannot be "
		 "emptied.",
		 block, row);
	figure_text(fig, "subtitle", 0, text, 180);
	snprintf(text, sizeof(text), "Time since the %s (%s)",
		 input->trace->before.parts & SNAPSHOT_KPAGEFLAGS
		     ? "snapshot"
		     : "first event",
		 time.name);
	figure_text(fig, "x_label", 0, text, 60);
	snprintf(text, sizeof(text), "Memory (%s)", bytes.name);
	figure_text(fig, "y_label", 0, text, 60);
	figure_text(fig, "panel", 1, "What pages are used for", 60);
	figure_text(fig, "panel", 2, "What keeps pageblocks", 60);
	figure_number(fig, "x_end", 0,
		      (double)map->step_ns * map->columns / time.size);
	figure_number(fig, "y_end", 0, row_bytes * map->rows / bytes.size);
	figure_number(fig, "n_parts", 0, PARTS);
	for (unsigned int panel = 0; panel < 2; panel++) {
		for (unsigned int p = 0; p < PARTS; p++)
			figure_text(fig, panel ? "state" : "use", p + 1,
				    names[panel][p], 30);
		map_table(fig, map, panel, time.size, row_bytes / bytes.size);
	}
	return 0;
}
