/*
 * Cache samples come as one row per cache and moment. They are turned into one
 * row per moment with a column per drawn cache: a cache without a row at some
 * moment holds no pages then.
 */
#include "plots/draw.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "plots/label.h"

enum { TOP = 10, NO_BAND = TOP }; /* band TOP: all other caches together */

struct bands {
	uint32_t count;	   /* caches known by name id, 0 .. count - 1 */
	uint8_t *band;	   /* name id -> 0 .. TOP */
	uint64_t *peak;	   /* name id -> most pages at any moment */
	uint32_t top[TOP]; /* band -> name id */
	unsigned int used; /* bands of their own */
	uint32_t others;   /* caches in the last band */
};

static void bands_fini(struct bands *bands)
{
	free(bands->band);
	free(bands->peak);
}

static int bands_init(struct bands *bands, const struct plot_input *input)
{
	*bands = (struct bands){.count = 1};
	for (size_t i = 0; i < draw_series_count(input); i++) {
		const struct plot_series *s = &input->series[i];

		for (size_t j = 0; j < s->cache_count; j++)
			if (s->caches[j].cache >= bands->count)
				bands->count = s->caches[j].cache + 1;
	}
	bands->band = calloc(bands->count, sizeof(*bands->band));
	bands->peak = calloc(bands->count, sizeof(*bands->peak));
	if (!bands->band || !bands->peak) {
		bands_fini(bands);
		return ERR_NOMEM;
	}
	return 0;
}

/* Gives the caches with the highest peaks in any series a band of their own. */
static void bands_rank(struct bands *bands, const struct plot_input *input)
{
	for (size_t i = 0; i < draw_series_count(input); i++) {
		const struct plot_series *s = &input->series[i];

		for (size_t j = 0; j < s->cache_count; j++) {
			uint64_t *peak = &bands->peak[s->caches[j].cache];

			if (s->caches[j].pages > *peak)
				*peak = s->caches[j].pages;
		}
	}
	for (uint32_t id = 0; id < bands->count; id++) {
		bands->band[id] = NO_BAND;
		bands->others += bands->peak[id] > 0;
	}
	while (bands->used < TOP && bands->others > 0) {
		uint32_t best = 0;

		for (uint32_t id = 1; id < bands->count; id++)
			if (bands->band[id] == NO_BAND &&
			    (bands->band[best] != NO_BAND ||
			     bands->peak[id] > bands->peak[best]))
				best = id;
		bands->band[best] = (uint8_t)bands->used;
		bands->top[bands->used++] = best;
		bands->others--;
	}
}

/*
 * Writes time, then the upper edge of each band: the largest cache lies lowest.
 * Returns the uppermost edge.
 */
static double stack_row(struct figure *fig, double x,
			const double pages[TOP + 1])
{
	double row[TOP + 2] = {x};
	double sum = 0;

	for (unsigned int i = 0; i < TOP + 1; i++) {
		sum += pages[i];
		row[i + 1] = sum;
	}
	figure_row(fig, row, TOP + 2);
	return sum;
}

/* The panel of one series: its values are the bands, from the top. */
static void hover_bands(struct hover *hover, const struct bands *bands,
			const struct names *names, const char *unit)
{
	hover_panel(hover, 'x', unit);
	if (bands->others)
		hover_value(hover, "others", "pages");
	for (unsigned int i = bands->used; i > 0; i--) {
		const char *name = names_get(names, bands->top[i - 1]);

		hover_value(hover, name[0] ? name : "(not known)", "pages");
	}
}

static void hover_pages(struct hover *hover, const struct bands *bands,
			double x, const double pages[TOP + 1])
{
	double row[TOP + 2] = {x};
	size_t count = 1;

	if (bands->others)
		row[count++] = pages[NO_BAND];
	for (unsigned int i = bands->used; i > 0; i--)
		row[count++] = pages[i - 1];
	hover_row(hover, row, count);
}

/* Returns the most pages at any moment. */
static double stack_table(struct figure *fig, const struct bands *bands,
			  const struct plot_series *series,
			  const struct draw_time *time, unsigned int index)
{
	double pages[TOP + 1] = {0};
	double most = 0, sum;

	figure_table(fig, "stack", index);
	for (size_t i = 0; i < series->cache_count;) {
		const struct replay_cache_sample *at = &series->caches[i];
		double x = draw_time_of(time, at->ts_ns);

		/* The last state holds until now. */
		if (i > 0)
			stack_row(fig, x, pages);
		memset(pages, 0, sizeof(pages));
		for (; i < series->cache_count &&
		       series->caches[i].ts_ns == at->ts_ns;
		     i++)
			pages[bands->band[series->caches[i].cache]] +=
			    (double)series->caches[i].pages;
		sum = stack_row(fig, x, pages);
		hover_pages(figure_hover(fig), bands, x, pages);
		most = sum > most ? sum : most;
	}
	stack_row(fig, time->end, pages);
	return most;
}

int draw_slab_caches(struct figure *fig, const struct plot_input *input)
{
	struct draw_time time = draw_time_axis(fig, input);
	struct bands bands;
	double most = 0;
	char text[64];
	int rc = bands_init(&bands, input);

	if (rc)
		return rc;
	bands_rank(&bands, input);
	figure_text(fig, "title", 0, "Slab pages by cache over time", 60);
	figure_text(fig, "subtitle", 0,
		    "Pages that the slabs of each cache hold; the caches with "
		    "the highest peaks, the largest at the bottom",
		    150);
	figure_number(fig, "page_mib", 0,
		      draw_page_bytes(input, 1) / (1024.0 * 1024.0));
	figure_number(fig, "n_bands", 0, bands.used);
	figure_number(fig, "n_others", 0, bands.others);
	for (unsigned int i = 0; i < bands.used; i++) {
		const char *name =
		    names_get(&input->trace->names, bands.top[i]);

		figure_text(fig, "band", i + 1, name[0] ? name : "(not known)",
			    20);
	}
	snprintf(text, sizeof(text), "%u other caches", bands.others);
	figure_text(fig, "others", 0, text, 40);
	for (size_t i = 0; i < draw_series_count(input); i++) {
		double sum;

		hover_bands(figure_hover(fig), &bands, &input->trace->names,
			    time.unit);
		sum = stack_table(fig, &bands, &input->series[i], &time,
				  (unsigned int)i + 1);

		most = sum > most ? sum : most;
	}
	figure_number(fig, "most", 0, most);
	bands_fini(&bands);
	return 0;
}
