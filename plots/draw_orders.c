#include "plots/draw.h"

#include <stdio.h>

#include "plots/label.h"

/* Columns of the heat map: finer than a reader can see in one panel. */
enum { HEAT_COLUMNS = 200 };

/* Orders that any series has; at least 1. */
static unsigned int order_count(const struct plot_input *input)
{
	uint32_t count = 1;

	for (size_t i = 0; i < draw_series_count(input); i++) {
		uint32_t n = input->series[i].result->order_count;

		count = n > count ? n : count;
	}
	return count < SNAPSHOT_ORDERS_MAX ? count : SNAPSHOT_ORDERS_MAX;
}

/* mostN: the most free blocks of order N - 1 at any moment. */
static void write_peaks(struct figure *fig, const struct plot_input *input,
			unsigned int orders)
{
	for (unsigned int order = 0; order < orders; order++) {
		uint64_t most = 0;

		for (size_t i = 0; i < draw_series_count(input); i++) {
			const struct plot_series *s = &input->series[i];

			for (size_t j = 0; j < s->sample_count; j++)
				if (s->samples[j].free_blocks[order] > most)
					most = s->samples[j].free_blocks[order];
		}
		figure_number(fig, "most", order + 1, (double)most);
	}
}

static double free_blocks_value(const struct plot_input *input,
				const struct replay_sample *const *at,
				size_t number, unsigned int order)
{
	(void)input;
	return (double)at[number]->free_blocks[order];
}

int draw_free_blocks(struct figure *fig, const struct plot_input *input)
{
	struct draw_time time = draw_time_axis(fig, input);
	unsigned int orders = order_count(input);
	char text[64], n[32];

	figure_text(fig, "title", 0, "Free blocks by order over time", 60);
	figure_text(fig, "subtitle", 0,
		    "Blocks in the buddy lists of all zones; every panel has "
		    "its own scale, from zero",
		    150);
	figure_number(fig, "n_orders", 0, orders);
	write_peaks(fig, input, orders);
	draw_hover_series(fig, input, &time, orders, "blocks",
			  free_blocks_value);
	for (unsigned int order = 0; order < orders; order++) {
		snprintf(text, sizeof(text), "order %u: blocks of %s", order,
			 label_bytes(draw_page_bytes(input, 1ull << order), n,
				     sizeof(n)));
		figure_text(fig, "order", order + 1, text, 60);
	}
	for (size_t i = 0; i < draw_series_count(input); i++) {
		const struct plot_series *s = &input->series[i];
		const struct replay_sample *at;
		size_t j = 0;
		double row[SNAPSHOT_ORDERS_MAX + 1];

		figure_table(fig, "series", (unsigned int)i + 1);
		while (draw_point(s, &time, &j, &row[0], &at)) {
			for (unsigned int o = 0; o < orders; o++)
				row[1 + o] = (double)at->free_blocks[o];
			figure_row(fig, row, 1 + orders);
		}
	}
	return 0;
}

/*
 * Time in columns, each showing the last sample at or before its middle, which
 * is the state that held then; equal neighbours of an order become one box.
 */
static void heat_table(struct figure *fig, const struct plot_series *series,
		       const struct draw_time *time, unsigned int orders,
		       unsigned int index)
{
	const struct replay_sample *shown[HEAT_COLUMNS];
	double width = time->end / HEAT_COLUMNS;
	size_t at = 0;

	for (unsigned int column = 0; column < HEAT_COLUMNS; column++) {
		while (at + 1 < series->sample_count &&
		       draw_time_of(time, series->samples[at + 1].ts_ns) <=
			   width * (column + 0.5))
			at++;
		shown[column] = &series->samples[at];
	}
	figure_table(fig, "heat", index);
	for (unsigned int order = 0; order < orders; order++) {
		unsigned int from = 0;

		for (unsigned int to = 1; to <= HEAT_COLUMNS; to++) {
			uint16_t value = shown[from]->unusable[order];

			if (to < HEAT_COLUMNS &&
			    shown[to]->unusable[order] == value)
				continue;
			figure_row(fig,
				   (double[]){width * from, width * to, order,
					      value / 1000.0},
				   4);
			from = to;
		}
	}
}

/* Order and index of the last sample. */
static void end_table(struct figure *fig, const struct plot_series *series,
		      unsigned int orders, unsigned int index)
{
	const struct replay_sample *end =
	    &series->samples[series->sample_count - 1];

	figure_table(fig, "end", index);
	for (unsigned int order = 0; order < orders; order++)
		figure_row(fig,
			   (double[]){order, end->unusable[order] / 1000.0}, 2);
}

/* One panel per series, a value per order. */
static double unusable_value(const struct plot_input *input,
			     const struct replay_sample *const *at,
			     size_t order, unsigned int series)
{
	(void)input;
	return at[series]->unusable[order] / 1000.0;
}

static void unusable_hover(struct figure *fig, const struct plot_input *input,
			   const struct draw_time *time, unsigned int orders)
{
	struct hover *hover = figure_hover(fig);

	for (unsigned int i = 0; i < draw_series_count(input); i++) {
		hover_panel(hover, 'x', time->unit);
		for (unsigned int order = 0; order < orders; order++) {
			char text[32];

			snprintf(text, sizeof(text), "order %u", order);
			hover_value(hover, text, "");
		}
		draw_hover_time(fig, input, time, orders, unusable_value, i);
	}
}

int draw_unusable_index(struct figure *fig, const struct plot_input *input)
{
	struct draw_time time = draw_time_axis(fig, input);
	unsigned int orders = order_count(input);

	figure_text(fig, "title", 0,
		    "Unusable free space index by order over time", 60);
	figure_text(fig, "subtitle", 0,
		    "The share of free memory that lies in blocks too small "
		    "for an allocation of the order: 0 none, 1 all of it",
		    150);
	figure_number(fig, "n_orders", 0, orders);
	for (size_t i = 0; i < draw_series_count(input); i++) {
		heat_table(fig, &input->series[i], &time, orders,
			   (unsigned int)i + 1);
		end_table(fig, &input->series[i], orders, (unsigned int)i + 1);
	}
	unusable_hover(fig, input, &time, orders);
	return 0;
}
