#include "plots/draw.h"

#include <math.h>
#include <stdio.h>

#include "plots/label.h"

static double held_bytes(const struct plot_input *input,
			 const struct replay_sample *sample)
{
	return draw_page_bytes(input, sample->slab_pages + sample->large_pages);
}

/*
 * What is held more than at the start. Requested and allocated bytes are known
 * of objects allocated since then only, so this is what they compare with.
 */
static double held_growth(const struct plot_input *input,
			  const struct plot_series *series,
			  const struct replay_sample *sample)
{
	return held_bytes(input, sample) -
	       held_bytes(input, &series->samples[0]);
}

/* The least and the most that a curve reaches. */
struct range {
	double low, high;
};

static void range_add(struct range *range, double value)
{
	range->low = value < range->low ? value : range->low;
	range->high = value > range->high ? value : range->high;
}

static struct range waste_time_range(const struct plot_input *input)
{
	struct range range = {0, 0};

	for (size_t i = 0; i < draw_series_count(input); i++) {
		const struct plot_series *s = &input->series[i];

		for (size_t j = 0; j < s->sample_count; j++) {
			range_add(&range,
				  held_growth(input, s, &s->samples[j]));
			range_add(&range, (double)s->samples[j].bytes_alloc);
		}
	}
	return range;
}

static const struct replay_sample *last_sample(const struct plot_series *series)
{
	return &series->samples[series->sample_count - 1];
}

/* The legend tells each curve's last value. */
static void waste_time_legend(struct figure *fig,
			      const struct plot_input *input)
{
	const struct replay_sample *end = last_sample(&input->series[0]);
	char text[128], n[32], name[SERIES_NAME_MAX];

	label_bytes((double)end->bytes_req, n, sizeof(n));
	snprintf(text, sizeof(text), "%s requested", n);
	figure_text(fig, "requested", 0, text, 60);
	label_bytes((double)end->bytes_alloc - (double)end->bytes_req, n,
		    sizeof(n));
	snprintf(text, sizeof(text), "%s lost to rounding", n);
	figure_text(fig, "rounding", 0, text, 60);
	label_bytes((double)end->bytes_alloc, n, sizeof(n));
	snprintf(text, sizeof(text), "%s allocated", n);
	figure_text(fig, "allocated", 0, text, 60);
	for (size_t i = 0; i < draw_series_count(input); i++) {
		const struct plot_series *s = &input->series[i];

		label_bytes(held_growth(input, s, last_sample(s)), n,
			    sizeof(n));
		snprintf(text, sizeof(text), "%s more held: %s", n,
			 draw_series_name(s, name));
		figure_text(fig, "held", (unsigned int)i + 1, text, 44);
	}
}

/* Requested, rounding, then what is held by each series. */
static double waste_time_value(const struct plot_input *input,
			       const struct replay_sample *const *at,
			       size_t number, unsigned int which)
{
	(void)which;
	if (number == 0)
		return (double)at[0]->bytes_req;
	if (number == 1)
		return (double)at[0]->bytes_alloc - (double)at[0]->bytes_req;
	return held_growth(input, &input->series[number - 2], at[number - 2]);
}

static void waste_time_hover(struct figure *fig, const struct plot_input *input,
			     const struct draw_time *time)
{
	struct hover *hover = figure_hover(fig);
	size_t count = draw_series_count(input);

	hover_panel(hover, 'x', time->unit);
	hover_value(hover, "requested", "bytes");
	hover_value(hover, "rounding", "bytes");
	for (size_t i = 0; i < count; i++) {
		char text[SERIES_NAME_MAX + 16], name[SERIES_NAME_MAX];

		snprintf(text, sizeof(text), "more held, %s",
			 draw_series_name(&input->series[i], name));
		hover_value(hover, text, "bytes");
	}
	draw_hover_time(fig, input, time, 2 + count, waste_time_value, 0);
}

int draw_waste_time(struct figure *fig, const struct plot_input *input)
{
	struct draw_time time = draw_time_axis(fig, input);
	struct range range = waste_time_range(input);
	struct unit unit = label_byte_unit(fmax(range.high, -range.low));
	char text[192], n[32];

	figure_text(fig, "title", 0, "Waste over time", 60);
	snprintf(text, sizeof(text),
		 "Live objects allocated since the start: requested, and added "
		 "by rounding. Held: pages of slabs and large kmallocs beyond "
		 "the %s of the start",
		 label_bytes(held_bytes(input, &input->series[0].samples[0]), n,
			     sizeof(n)));
	figure_text(fig, "subtitle", 0, text, 160);
	snprintf(text, sizeof(text), "Memory since the start (%s)", unit.name);
	figure_text(fig, "y_label", 0, text, 60);
	figure_number(fig, "low", 0, range.low / unit.size);
	figure_number(fig, "high", 0, range.high / unit.size);
	waste_time_legend(fig, input);
	waste_time_hover(fig, input, &time);
	for (size_t i = 0; i < draw_series_count(input); i++) {
		const struct plot_series *s = &input->series[i];
		const struct replay_sample *at;
		size_t j = 0;
		double x;

		figure_table(fig, "series", (unsigned int)i + 1);
		while (draw_point(s, &time, &j, &x, &at)) {
			double row[] = {
			    x,
			    (double)at->bytes_req / unit.size,
			    (double)at->bytes_alloc / unit.size,
			    held_growth(input, s, at) / unit.size,
			};

			figure_row(fig, row, 4);
		}
	}
	return 0;
}

/* "slub: 5,123 (+17, +0.3 %)": the end, and how far from the first series. */
static void compare_legend(struct figure *fig, const char *variable,
			   const struct plot_input *input, size_t i,
			   uint64_t pages, uint64_t recorded)
{
	uint64_t diff = pages > recorded ? pages - recorded : recorded - pages;
	double share = recorded > 0 ? 100 * (double)diff / (double)recorded : 0;
	char sign = pages < recorded ? '-' : '+';
	char text[192], n[32], d[32], name[SERIES_NAME_MAX];

	label_count(pages, n, sizeof(n));
	label_count(diff, d, sizeof(d));
	draw_series_name(&input->series[i], name);
	if (i == 0)
		snprintf(text, sizeof(text), "%s: %s at the end", name, n);
	else
		snprintf(text, sizeof(text), "%s: %s (%c%s, %c%.1f %%)", name,
			 n, sign, d, sign, share);
	figure_text(fig, variable, (unsigned int)i + 1, text, 60);
}

/* Columns of a series: pages, and differences from the first series. */
enum { SLAB, FREE, SLAB_DIFF, FREE_DIFF, COLUMNS };

/*
 * One row per sample: time, then the columns. The differences are from the
 * first series' sample that holds at that time.
 */
static void compare_table(struct figure *fig, const struct plot_input *input,
			  const struct draw_time *time, size_t i,
			  struct range ranges[COLUMNS])
{
	const struct plot_series *s = &input->series[i];
	const struct plot_series *base = &input->series[0];
	const struct replay_sample *at;
	size_t at_base = 0, j = 0;
	double x;

	figure_table(fig, "series", (unsigned int)i + 1);
	while (draw_point(s, time, &j, &x, &at)) {
		const struct replay_sample *b;
		double row[1 + COLUMNS];

		while (at_base + 1 < base->sample_count &&
		       base->samples[at_base + 1].ts_ns <= at->ts_ns)
			at_base++;
		b = &base->samples[at_base];
		row[0] = x;
		row[1 + SLAB] = (double)at->slab_pages;
		row[1 + FREE] = (double)at->free_pages;
		row[1 + SLAB_DIFF] = row[1 + SLAB] - (double)b->slab_pages;
		row[1 + FREE_DIFF] = row[1 + FREE] - (double)b->free_pages;
		for (int c = 0; c < COLUMNS; c++)
			range_add(&ranges[c], row[1 + c]);
		figure_row(fig, row, 1 + COLUMNS);
	}
}

static void write_ranges(struct figure *fig, const struct range ranges[COLUMNS])
{
	static const char *const names[COLUMNS][2] = {
	    {"slab_low", "slab_high"},
	    {"free_low", "free_high"},
	    {"slab_diff_low", "slab_diff_high"},
	    {"free_diff_low", "free_diff_high"},
	};

	for (int c = 0; c < COLUMNS; c++) {
		figure_number(fig, names[c][0], 0, ranges[c].low);
		figure_number(fig, names[c][1], 0, ranges[c].high);
	}
}

/* Panels in the order of the program: two for slabs, two for free pages. */
enum { PANEL_SLAB, PANEL_SLAB_DIFF, PANEL_FREE, PANEL_FREE_DIFF, PANELS };

static double compare_value(const struct plot_input *input,
			    const struct replay_sample *const *at,
			    size_t number, unsigned int panel)
{
	bool slab = panel == PANEL_SLAB || panel == PANEL_SLAB_DIFF;
	double value =
	    (double)(slab ? at[number]->slab_pages : at[number]->free_pages);

	(void)input;
	if (panel == PANEL_SLAB || panel == PANEL_FREE)
		return value;
	return value - (double)(slab ? at[0]->slab_pages : at[0]->free_pages);
}

int draw_compare(struct figure *fig, const struct plot_input *input)
{
	struct draw_time time = draw_time_axis(fig, input);
	const struct replay_sample *base = last_sample(&input->series[0]);
	struct range ranges[COLUMNS];

	for (int c = 0; c < COLUMNS; c++)
		ranges[c] = (struct range){INFINITY, -INFINITY};
	figure_text(fig, "title", 0, "Recorded against model", 60);
	figure_text(fig, "subtitle", 0,
		    "Above: pages held by slabs, and pages free in the buddy "
		    "lists. Below: model minus recorded.",
		    150);
	figure_number(fig, "page_mib", 0,
		      draw_page_bytes(input, 1) / (1024.0 * 1024.0));
	for (size_t i = 0; i < draw_series_count(input); i++) {
		const struct replay_sample *end =
		    last_sample(&input->series[i]);

		compare_legend(fig, "slab", input, i, end->slab_pages,
			       base->slab_pages);
		compare_legend(fig, "free", input, i, end->free_pages,
			       base->free_pages);
		compare_table(fig, input, &time, i, ranges);
	}
	write_ranges(fig, ranges);
	draw_hover_series(fig, input, &time, PANELS, "pages", compare_value);
	return 0;
}
