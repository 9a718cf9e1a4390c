/*
 * plots: the pictures of a trace and its replays, drawn by gnuplot.
 *
 * Plain arrays go in; NAME.svg and NAME.png come out. What each picture shows
 * and how to read it: docs/plots.md.
 *
 * Glossary
 *   series   the samples of one replay over time: the recorded one or a model's
 *   class    all kmallocs that the allocator rounded to one size
 *   site     a call site: the kernel code that asked for the memory
 *   waste    bytes_alloc - bytes_req
 *   held     pages of slabs and of large kmallocs, in bytes
 */
#ifndef PLOTS_PLOTS_H
#define PLOTS_PLOTS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "core/err.h"
#include "core/result.h"
#include "core/trace.h"

enum plot {
	PLOT_WASTE_TIME,
	PLOT_WASTE_CLASSES,
	PLOT_WASTE_SITES,
	PLOT_SLAB_CACHES,
	PLOT_FREE_BLOCKS,
	PLOT_UNUSABLE_INDEX,
	PLOT_COMPARE,
	PLOT_WATERFALL,
	PLOT_MAP,
	PLOT_COUNT
};

/* What is left of a picture. */
enum plot_files { PLOT_SVG_AND_PNG, PLOT_SVG_ONLY };

/* The most series that one picture has room for; further ones are left out. */
enum { PLOT_SERIES_MAX = 4 };

/*
 * One replay. Both arrays are sorted by ts_ns. A cache without a row at a
 * moment that others have rows of holds no pages then.
 */
struct plot_series {
	const struct replay_result *result;
	const struct replay_sample *samples;
	size_t sample_count;
	const struct replay_cache_sample *caches;
	size_t cache_count;
	const struct replay_waterfall
	    *waterfall; /* WATERFALL_MOMENTS or NULL */
};

/*
 * Everything that the pictures are made of; borrowed until the call returns.
 * The first series is what the others are compared with: the recorded one.
 */
struct plot_input {
	const struct trace *trace; /* info, anomalies, names, symbols, times */
	const struct plot_series *series;
	size_t series_count;
	const struct site_summary *sites;
	size_t site_count;
	const struct memory_map *map; /* NULL or without rows: none */
};

/* "waste-over-time": the file name without its suffix. Static storage. */
const char *plot_name(enum plot plot);

/*
 * NULL if the input has what the picture needs, else what is missing, as a
 * sentence for people. Static storage.
 */
const char *plot_missing(const struct plot_input *input, enum plot plot);

/*
 * Draws one picture into the directory dir, which must exist: plot_name().svg
 * and .png, or the first alone, replacing earlier ones, whole or not at all.
 * The SVG carries its values, for report.h. plot_missing() must
 * have said NULL. What gnuplot said although it succeeded goes to warnings.
 * Errors: ERR_MISSING (no gnuplot; the text says how to get it), ERR_CHILD
 * (gnuplot failed; its words), ERR_IO, ERR_PERM, ERR_NOMEM.
 */
MUST_CHECK int plot_draw(const struct plot_input *input, enum plot plot,
			 const char *dir, enum plot_files files, char *warnings,
			 size_t cap, struct err *err);

#endif
