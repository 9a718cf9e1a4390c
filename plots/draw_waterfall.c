/*
 * One stacked bar per replay and moment. Requests and roundings of slabs, large
 * kmallocs and areas are one band each; a share below nothing is not drawn.
 */
#include "plots/draw.h"

#include <stdio.h>

#include "plots/label.h"

enum { BANDS = 8 };

static const char *const band_names[BANDS] = {
    "requested",
    "rounding to a class or pages",
    "padding, metadata of objects",
    "objects from before the trace",
    "free slots in slabs",
    "slab tails, own structures",
    "slabs of unknown content",
    "free on per-CPU lists",
};

static void bands_of(const struct replay_waterfall *w, double bytes[BANDS])
{
	bytes[0] =
	    (double)(w->requested + w->large_requested + w->area_requested);
	bytes[1] = (double)(w->rounding + w->large_rounding + w->area_rounding);
	bytes[2] = (double)w->padding;
	bytes[3] = (double)w->old_objects;
	bytes[4] = (double)w->free_slots;
	bytes[5] = (double)w->slab_tail;
	bytes[6] = w->unknown > 0 ? (double)w->unknown : 0;
	bytes[7] = (double)w->per_cpu;
}

static double most_bytes(const struct plot_input *input)
{
	double most = 0;

	for (size_t i = 0; i < draw_series_count(input); i++)
		for (int m = 0; m < WATERFALL_MOMENTS; m++) {
			double bytes[BANDS], sum = 0;

			bands_of(&input->series[i].waterfall[m], bytes);
			for (int b = 0; b < BANDS; b++)
				sum += bytes[b];
			most = sum > most ? sum : most;
		}
	return most;
}

/* Position, then the upper edge of each band. */
static void bars_table(struct figure *fig, const struct plot_input *input,
		       int moment, double unit)
{
	figure_table(fig, "bars", (unsigned int)moment + 1);
	for (size_t i = 0; i < draw_series_count(input); i++) {
		double bytes[BANDS], row[1 + BANDS] = {(double)i + 1}, sum = 0;

		bands_of(&input->series[i].waterfall[moment], bytes);
		for (int b = 0; b < BANDS; b++) {
			sum += bytes[b];
			row[1 + b] = sum / unit;
		}
		figure_row(fig, row, 1 + BANDS);
	}
}

/* The panel of one moment, the uppermost band first. */
static void bars_hover(struct figure *fig, const struct plot_input *input,
		       int moment)
{
	struct hover *hover = figure_hover(fig);
	char text[SERIES_NAME_MAX];

	hover_panel(hover, 'x', "");
	for (int b = BANDS - 1; b >= 0; b--)
		hover_value(hover, band_names[b], "bytes");
	for (size_t i = 0; i < draw_series_count(input); i++)
		hover_name(hover, draw_series_name(&input->series[i], text));
	for (size_t i = 0; i < draw_series_count(input); i++) {
		double bytes[BANDS], row[1 + BANDS] = {(double)i + 1};

		bands_of(&input->series[i].waterfall[moment], bytes);
		for (int b = 0; b < BANDS; b++)
			row[1 + b] = bytes[BANDS - 1 - b];
		hover_row(hover, row, 1 + BANDS);
	}
}

int draw_waterfall(struct figure *fig, const struct plot_input *input)
{
	double most = most_bytes(input);
	struct unit unit = label_byte_unit(most);
	char text[SERIES_NAME_MAX];

	figure_text(fig, "title", 0, "Where held memory goes", 60);
	figure_text(fig, "subtitle", 0,
		    "Pages of slabs, large kmallocs and per-CPU lists, by what "
		    "they are held for. The peak is that of slabs and large "
		    "kmallocs.",
		    160);
	snprintf(text, sizeof(text), "Memory held (%s)", unit.name);
	figure_text(fig, "y_label", 0, text, 60);
	figure_text(fig, "panel", 1, "At the peak", 40);
	figure_text(fig, "panel", 2, "At the end", 40);
	figure_number(fig, "high", 0, most > 0 ? most / unit.size : 1);
	figure_number(fig, "n_bands", 0, BANDS);
	for (unsigned int b = 0; b < BANDS; b++)
		figure_text(fig, "band", b + 1, band_names[b], 40);
	for (size_t i = 0; i < draw_series_count(input); i++)
		figure_tick(fig, "tick", (unsigned int)i + 1,
			    draw_series_name(&input->series[i], text), 18);
	for (int m = 0; m < WATERFALL_MOMENTS; m++)
		bars_table(fig, input, m, unit.size);
	for (int m = 0; m < WATERFALL_MOMENTS; m++)
		bars_hover(fig, input, m);
	return 0;
}
