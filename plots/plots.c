#include "plots/plots.h"

#include <assert.h>
#include <stdio.h>
#include <string.h>

#include "plots/caption.h"
#include "plots/draw.h"
#include "plots/label.h"
#include "plots/programs.h"

enum {
	NEEDS_SITES = 1,
	NEEDS_SAMPLES = 2,
	NEEDS_CACHES = 4,
	NEEDS_MODEL = 8,
	NEEDS_WATERFALL = 16,
	NEEDS_MAP = 32,
};

static const struct picture {
	const char *name;
	const char *program;
	int (*draw)(struct figure *fig, const struct plot_input *input);
	unsigned int needs;
} pictures[PLOT_COUNT] = {
    [PLOT_WASTE_TIME] = {"waste-over-time", program_waste_time, draw_waste_time,
			 NEEDS_SAMPLES},
    [PLOT_WASTE_CLASSES] = {"waste-by-size-class", program_waste_classes,
			    draw_waste_classes, NEEDS_SITES},
    [PLOT_WASTE_SITES] = {"waste-by-call-site", program_waste_sites,
			  draw_waste_sites, NEEDS_SITES},
    [PLOT_SLAB_CACHES] = {"slab-pages-by-cache", program_slab_caches,
			  draw_slab_caches, NEEDS_CACHES},
    [PLOT_FREE_BLOCKS] = {"free-blocks-by-order", program_free_blocks,
			  draw_free_blocks, NEEDS_SAMPLES},
    [PLOT_UNUSABLE_INDEX] = {"unusable-index-by-order", program_unusable_index,
			     draw_unusable_index, NEEDS_SAMPLES},
    [PLOT_COMPARE] = {"recorded-against-model", program_compare, draw_compare,
		      NEEDS_SAMPLES | NEEDS_MODEL},
    [PLOT_WATERFALL] = {"waterfall", program_waterfall, draw_waterfall,
			NEEDS_WATERFALL},
    [PLOT_MAP] = {"map", program_map, draw_map, NEEDS_MAP},
};

const char *plot_name(enum plot plot)
{
	assert((unsigned int)plot < PLOT_COUNT);
	return pictures[plot].name;
}

static bool has_objects(const struct plot_input *input)
{
	for (size_t i = 0; i < input->site_count; i++)
		if (draw_site_counts(&input->sites[i]))
			return true;
	return false;
}

/* True if every series has samples, or cache samples. */
static bool all_sampled(const struct plot_input *input, bool caches)
{
	for (size_t i = 0; i < input->series_count; i++) {
		const struct plot_series *series = &input->series[i];

		if ((caches ? series->cache_count : series->sample_count) == 0)
			return false;
	}
	return input->series_count > 0;
}

/* What is missing for the waterfall, NULL if nothing is. */
static const char *waterfall_missing(const struct plot_input *input)
{
	const char *none = "there is no replay that tells where held bytes go";

	for (size_t i = 0; i < input->series_count; i++) {
		if (!input->series[i].waterfall)
			return none;
		if (!input->trace->info.linked &&
		    !strcmp(input->series[i].result->model, "recorded"))
			return "the trace is not linked, so it is not known "
			       "which pages the recorded slabs hold";
	}
	return input->series_count > 0 ? NULL : none;
}

const char *plot_missing(const struct plot_input *input, enum plot plot)
{
	unsigned int needs;

	assert((unsigned int)plot < PLOT_COUNT);
	needs = pictures[plot].needs;
	if ((needs & NEEDS_SITES) && !has_objects(input))
		return "there is no kmalloc and no kmem_cache_alloc";
	if ((needs & NEEDS_SAMPLES) && !all_sampled(input, false))
		return "there is no replay with samples";
	if ((needs & NEEDS_CACHES) && !all_sampled(input, true))
		return "there is no replay with samples of its caches";
	if ((needs & NEEDS_MODEL) && input->series_count < 2)
		return "there is no second replay to compare with";
	if (needs & NEEDS_MAP && (!input->map || !input->map->rows))
		return "the recording does not tell what memory the machine "
		       "has (zoneinfo), or what any page of it is (page "
		       "events)";
	return needs & NEEDS_WATERFALL ? waterfall_missing(input) : NULL;
}

struct draw_time draw_time_axis(struct figure *fig,
				const struct plot_input *input)
{
	struct draw_time time = {.start_ns = UINT64_MAX};
	uint64_t end_ns = 0;
	struct unit unit;
	char label[64];

	for (size_t i = 0; i < draw_series_count(input); i++) {
		const struct plot_series *s = &input->series[i];
		const struct replay_sample *last;

		if (s->sample_count == 0)
			continue;
		last = &s->samples[s->sample_count - 1];
		if (s->samples[0].ts_ns < time.start_ns)
			time.start_ns = s->samples[0].ts_ns;
		if (last->ts_ns > end_ns)
			end_ns = last->ts_ns;
	}
	/* A single sample still needs an axis: one second. */
	if (end_ns <= time.start_ns)
		end_ns = time.start_ns + 1000000000;
	unit = label_time_unit(end_ns - time.start_ns);
	time.unit_ns = unit.size;
	time.unit = unit.name;
	time.end = (double)(end_ns - time.start_ns) / unit.size;
	snprintf(label, sizeof(label), "Time since the first sample (%s)",
		 unit.name);
	figure_text(fig, "x_label", 0, label, 60);
	figure_number(fig, "x_end", 0, time.end);
	return time;
}

bool draw_point(const struct plot_series *series, const struct draw_time *time,
		size_t *i, double *x, const struct replay_sample **at)
{
	size_t sample = *i / 2;

	if (sample < series->sample_count) {
		const struct replay_sample *next = &series->samples[sample];

		/* First the old value at the new time, then the new one. */
		*x = draw_time_of(time, next->ts_ns);
		if (*i % 2 == 1 || sample == 0)
			*at = next;
	} else if (*i == 2 * series->sample_count) {
		*x = time->end;
	} else {
		return false;
	}
	++*i;
	return true;
}

void draw_hover_time(struct figure *fig, const struct plot_input *input,
		     const struct draw_time *time, size_t value_count,
		     draw_value value, unsigned int which)
{
	const struct plot_series *first = &input->series[0];
	const struct replay_sample *at[PLOT_SERIES_MAX];
	size_t index[PLOT_SERIES_MAX] = {0};
	double row[1 + DRAW_VALUES_MAX];

	assert(value_count <= DRAW_VALUES_MAX);
	for (size_t i = 0; i < first->sample_count; i++) {
		uint64_t ts_ns = first->samples[i].ts_ns;

		for (size_t k = 0; k < draw_series_count(input); k++)
			at[k] =
			    draw_sample_at(&input->series[k], ts_ns, &index[k]);
		row[0] = draw_time_of(time, ts_ns);
		for (size_t k = 0; k < value_count; k++)
			row[1 + k] = value(input, at, k, which);
		hover_row(figure_hover(fig), row, 1 + value_count);
	}
}

void draw_hover_series(struct figure *fig, const struct plot_input *input,
		       const struct draw_time *time, unsigned int panels,
		       const char *unit, draw_value value)
{
	struct hover *hover = figure_hover(fig);
	char name[SERIES_NAME_MAX];

	for (unsigned int panel = 0; panel < panels; panel++) {
		hover_panel(hover, 'x', time->unit);
		for (size_t i = 0; i < draw_series_count(input); i++)
			hover_value(hover,
				    draw_series_name(&input->series[i], name),
				    unit);
		draw_hover_time(fig, input, time, draw_series_count(input),
				value, panel);
	}
}

const char *draw_series_name(const struct plot_series *series,
			     char text[SERIES_NAME_MAX])
{
	const struct replay_result *result = series->result;
	size_t len = strlen(result->model);

	if (!strncmp(result->settings, result->model, len) &&
	    result->settings[len] == '.')
		snprintf(text, SERIES_NAME_MAX, "%.60s", result->settings);
	else
		snprintf(text, SERIES_NAME_MAX, "%s%s%.40s", result->model,
			 result->settings[0] ? " " : "", result->settings);
	return text;
}

/*
 * How the replays started, in one word or, where they differ, one for each:
 * "recorded warm, slub cold: no slabinfo".
 */
static const char *start_text(const struct plot_input *input, char *text,
			      size_t cap)
{
	const char *first = input->series[0].result->start;
	bool same = true;
	size_t at = 0;

	for (size_t i = 1; i < draw_series_count(input); i++)
		same = same && !strcmp(first, input->series[i].result->start);
	if (same) {
		snprintf(text, cap, "%s", first);
		return text;
	}
	for (size_t i = 0; i < draw_series_count(input) && at < cap; i++)
		at += (size_t)snprintf(text + at, cap - at, "%s%s %s",
				       i > 0 ? ", " : "",
				       input->series[i].result->model,
				       input->series[i].result->start);
	return text;
}

static void write_frame(struct figure *fig, const struct plot_input *input,
			bool replays)
{
	struct caption caption;
	char name[SERIES_NAME_MAX], start[512];

	caption_write(input->trace,
		      replays ? start_text(input, start, sizeof(start)) : NULL,
		      &caption);
	for (unsigned int i = 0; i < CAPTION_LINES; i++)
		figure_text(fig, "caption", i + 1, caption.line[i],
			    CAPTION_CHARS);
	figure_number(fig, "n_series", 0, (double)draw_series_count(input));
	for (size_t i = 0; i < draw_series_count(input); i++)
		figure_text(fig, "series", (unsigned int)i + 1,
			    draw_series_name(&input->series[i], name), 60);
}

int plot_draw(const struct plot_input *input, enum plot plot, const char *dir,
	      enum plot_files files, char *warnings, size_t cap,
	      struct err *err)
{
	struct figure *fig;
	int rc;

	assert(!plot_missing(input, plot));
	rc = figure_open(dir, &fig, err);
	if (rc)
		return rc;
	write_frame(fig, input,
		    pictures[plot].needs &
			(NEEDS_SAMPLES | NEEDS_CACHES | NEEDS_WATERFALL));
	rc = pictures[plot].draw(fig, input);
	if (rc)
		err_set(err, rc, "%s: %s", pictures[plot].name,
			err_code_text(rc));
	else
		rc =
		    figure_draw(fig, pictures[plot].program,
				pictures[plot].name, files, warnings, cap, err);
	figure_close(fig);
	return rc;
}
