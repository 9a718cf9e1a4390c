/*
 * diff: two recordings beside each other, and what changed beyond noise.
 *
 * Works on the rows of stat (core/result.h). Call sites are the same if their
 * function and offset are, where both recordings are of the same release and
 * machine; else if their function is. Caches are matched by name, kmallocs by
 * size class; pages by order, migratetype and use. What the recorder itself
 * allocated is left out.
 *
 * A measure has changed if the difference is more than both
 *
 *   percent of the first one's value, and
 *   3 * sqrt(a^2 / na + b^2 / nb)
 *
 * where na and nb are how many allocations (of live bytes: live objects) make
 * up the values: three standard deviations, if each allocation came on its own.
 * So what less than ten allocations make up never counts as new.
 *
 * Counts of the first are scaled to the length of the second, unless both
 * recorded the same command: that did the same work in its own time. Live bytes
 * are never scaled.
 */
#ifndef ANALYSIS_DIFF_H
#define ANALYSIS_DIFF_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "core/names.h"
#include "core/result.h"
#include "core/table.h"
#include "core/trace.h"

enum diff_kind { DIFF_CALLERS, DIFF_CACHES, DIFF_PAGES, DIFF_KINDS };

/* What is compared; DIFF_ALLOCS counts, the others are bytes. */
enum diff_measure {
	DIFF_ALLOCS,
	DIFF_BYTES,
	DIFF_WASTE,
	DIFF_LIVE,
	DIFF_MEASURES
};

struct diff_side {
	const struct trace *trace; /* read to its end */
	const struct site_summary *sites;
	size_t site_count;
};

/* One call site, cache or kind of pages in both recordings. */
struct diff_row {
	enum diff_kind kind;
	uint32_t name; /* in the result's names */
	uint64_t a[DIFF_MEASURES], b[DIFF_MEASURES];
	uint64_t live_a, live_b; /* objects */
	uint32_t changed;	 /* bit per enum diff_measure */
	double weight; /* largest difference in bytes of those that changed */
};

struct diff_result {
	struct names names;
	/* Those that changed first, the heaviest first of all. */
	struct diff_row *rows;
	size_t row_count;
	size_t changed_count;
	double scale;	/* of the first one's counts */
	bool by_offset; /* call sites were matched with their offsets */
	double seconds_a, seconds_b;
};

/* result must be zeroed; diff_fini() frees it, after a failure too. */
MUST_CHECK int diff_make(struct diff_result *result, const struct diff_side *a,
			 const struct diff_side *b, double percent,
			 struct err *err);
void diff_fini(struct diff_result *result);

/*
 * The rows of that kind that changed as a table: callers, caches or pages.
 * table_fini()ed by the caller.
 */
void diff_table(const struct diff_result *result, enum diff_kind kind,
		struct table *table);

/* Replays of the same model and settings that both sides keep. */
struct diff_runs {
	const struct replay_result *a, *b;
};

/*
 * The pairs of replays as the table replays; the differences are exact, so only
 * percent counts as noise. *changed: values beyond it.
 */
void diff_runs_table(const struct diff_runs *pairs, size_t count,
		     double percent, struct table *table, size_t *changed);

#endif
