/*
 * draw: what each picture puts into its figure. Private to this folder.
 *
 * Each function writes the title, the numbers and the tables that the gnuplot
 * program of the same name reads; the comments there say which.
 */
#ifndef PLOTS_DRAW_H
#define PLOTS_DRAW_H

#include "core/event.h"
#include "plots/figure.h"
#include "plots/plots.h"

/* draw_memory.c */
MUST_CHECK int draw_waste_time(struct figure *fig,
			       const struct plot_input *input);
MUST_CHECK int draw_compare(struct figure *fig, const struct plot_input *input);

/* draw_waste.c */
MUST_CHECK int draw_waste_classes(struct figure *fig,
				  const struct plot_input *input);
MUST_CHECK int draw_waste_sites(struct figure *fig,
				const struct plot_input *input);

/* draw_caches.c */
MUST_CHECK int draw_slab_caches(struct figure *fig,
				const struct plot_input *input);

/* draw_orders.c */
MUST_CHECK int draw_free_blocks(struct figure *fig,
				const struct plot_input *input);
MUST_CHECK int draw_unusable_index(struct figure *fig,
				   const struct plot_input *input);

/* draw_map.c */
MUST_CHECK int draw_map(struct figure *fig, const struct plot_input *input);

/* draw_waterfall.c */
MUST_CHECK int draw_waterfall(struct figure *fig,
			      const struct plot_input *input);

/*
 * True for the rows that the pictures of waste are made of: allocations of
 * objects, the recorder's own left out, as in every table.
 */
static inline bool draw_site_counts(const struct site_summary *site)
{
	return (site->kind == EV_KMALLOC || site->kind == EV_CACHE_ALLOC) &&
	       site->allocs > 0 && !site->self;
}

/* How many series are drawn. */
static inline size_t draw_series_count(const struct plot_input *input)
{
	return input->series_count < PLOT_SERIES_MAX ? input->series_count
						     : PLOT_SERIES_MAX;
}

enum { SERIES_NAME_MAX = 64 };

/*
 * "slub"; with settings "slub page_size=64K", or just "slub.max_order=0" where
 * they name the model themselves. Returns text.
 */
const char *draw_series_name(const struct plot_series *series,
			     char text[SERIES_NAME_MAX]);

/* The time axis that all series share. */
struct draw_time {
	uint64_t start_ns;
	double unit_ns;
	const char *unit; /* "ms" */
	double end;	  /* in units; > 0 */
};

/*
 * Finds the span of all samples, tells it to the figure (x_end, x_label) and
 * returns it.
 */
struct draw_time draw_time_axis(struct figure *fig,
				const struct plot_input *input);

static inline double draw_time_of(const struct draw_time *time, uint64_t ts_ns)
{
	if (ts_ns < time->start_ns)
		return 0;
	return (double)(ts_ns - time->start_ns) / time->unit_ns;
}

/*
 * Steps through a series: *x and *at become the next point of its curve, which
 * is a staircase: a sample holds until the next one, and the last until the end
 * of the axis. Samples are taken at events, so nothing happened in between. *i
 * starts at 0. False at the end.
 */
bool draw_point(const struct plot_series *series, const struct draw_time *time,
		size_t *i, double *x, const struct replay_sample **at);

enum { DRAW_VALUES_MAX = SNAPSHOT_ORDERS_MAX + 2 };

/*
 * The sample of series that holds at ts_ns; *at starts at 0, and ts_ns never
 * goes back.
 */
static inline const struct replay_sample *
draw_sample_at(const struct plot_series *series, uint64_t ts_ns, size_t *at)
{
	while (*at + 1 < series->sample_count &&
	       series->samples[*at + 1].ts_ns <= ts_ns)
		++*at;
	return &series->samples[*at];
}

/* Number value of the series, each of which is at a sample then. */
typedef double (*draw_value)(const struct plot_input *input,
			     const struct replay_sample *const *at,
			     size_t number, unsigned int which);

/*
 * Tells the pointer (hover.h) one panel over time: at each sample of the first
 * series, value_count values of the samples that all series have then. which is
 * passed on to value.
 */
void draw_hover_time(struct figure *fig, const struct plot_input *input,
		     const struct draw_time *time, size_t value_count,
		     draw_value value, unsigned int which);

/* The same for so many panels with one value a series; which is the panel. */
void draw_hover_series(struct figure *fig, const struct plot_input *input,
		       const struct draw_time *time, unsigned int panels,
		       const char *unit, draw_value value);

/* Bytes of n base pages. */
static inline double draw_page_bytes(const struct plot_input *input, uint64_t n)
{
	return (double)n * (double)input->trace->info.page_size;
}

#endif
