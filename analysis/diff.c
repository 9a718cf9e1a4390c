/*
 * Rows of both sides are summed under the text of their key; a text has one
 * number in the result's names, which leads to its row.
 */
#include "analysis/diff.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "analysis/cache_text.h"
#include "analysis/migratetype_text.h"
#include "core/array.h"
#include "core/map.h"

enum { DEVIATIONS = 3 };

struct diff_build {
	struct diff_result *result;
	struct map index; /* kind << 32 | name -> row */
	size_t row_cap;
};

static const char *caller_text(const struct diff_result *result,
			       const struct trace *trace, uint64_t site,
			       char text[SYMBOL_TEXT_MAX])
{
	uint64_t offset;
	const char *module, *name;

	if (result->by_offset)
		return symbols_format(&trace->symbols, site, text);
	name = symbols_find(&trace->symbols, site, &offset, &module);
	if (!name)
		return symbols_format(&trace->symbols, site, text);
	snprintf(text, SYMBOL_TEXT_MAX, "%s", name);
	return text;
}

static const char *pages_text(const struct trace *trace,
			      const struct site_summary *sum,
			      char text[SYMBOL_TEXT_MAX])
{
	static const char *const uses[] = {"direct", "slab", "large kmalloc"};
	char type[MIGRATETYPE_TEXT_MAX];

	snprintf(text, SYMBOL_TEXT_MAX, "order %u, %.16s, %s", sum->order,
		 migratetype_text(trace, sum->migratetype, type),
		 sum->backing <= SITE_BACKS_LARGE ? uses[sum->backing] : "?");
	return text;
}

static int row_find(struct diff_build *build, enum diff_kind kind,
		    const char *text, struct diff_row **row)
{
	struct diff_result *result = build->result;
	uint32_t name;
	const uint64_t *found;
	uint64_t key;
	int ret = names_intern(&result->names, text, strlen(text), &name);

	if (ret)
		return ret;
	key = (uint64_t)kind << 32 | name;
	found = map_find(&build->index, key);
	if (found) {
		*row = &result->rows[*found];
		return 0;
	}
	if (array_reserve(&result->rows, &build->row_cap, result->row_count + 1,
			  sizeof(*result->rows)))
		return ERR_NOMEM;
	*row = &result->rows[result->row_count];
	**row = (struct diff_row){.kind = kind, .name = name};
	return map_put(&build->index, key, result->row_count++);
}

/* Adds a row of stat to one side of a row. */
static void sum_add(uint64_t values[DIFF_MEASURES], uint64_t *live,
		    const struct site_summary *sum)
{
	uint64_t alloc = sum->bytes_alloc, freed = sum->bytes_alloc_freed;

	values[DIFF_ALLOCS] += sum->allocs;
	values[DIFF_BYTES] += alloc;
	values[DIFF_WASTE] +=
	    alloc > sum->bytes_req ? alloc - sum->bytes_req : 0;
	values[DIFF_LIVE] += alloc > freed ? alloc - freed : 0;
	*live += sum->allocs > sum->frees ? sum->allocs - sum->frees : 0;
}

static int side_add(struct diff_build *build, const struct diff_side *side,
		    const struct site_summary *sum, bool second)
{
	struct cache_key key = {sum->name, sum->kind, sum->large,
				sum->bytes_each};
	bool pages = sum->kind == EV_PAGE_ALLOC;
	char text[SYMBOL_TEXT_MAX];
	int ret = 0;

	for (int kind = 0; kind < DIFF_KINDS && !ret; kind++) {
		struct diff_row *row;
		const char *name;

		if (pages != (kind == DIFF_PAGES))
			continue;
		name = kind == DIFF_CALLERS
			   ? caller_text(build->result, side->trace,
					 sum->call_site, text)
		       : kind == DIFF_CACHES
			   ? cache_text(side->trace, &key, text)
			   : pages_text(side->trace, sum, text);
		ret = row_find(build, (enum diff_kind)kind, name, &row);
		if (!ret)
			sum_add(second ? row->b : row->a,
				second ? &row->live_b : &row->live_a, sum);
	}
	return ret;
}

static int sides_add(struct diff_build *build, const struct diff_side *side,
		     bool second)
{
	int ret = 0;

	for (size_t i = 0; i < side->site_count && !ret; i++)
		if (!side->sites[i].self && side->sites[i].allocs)
			ret = side_add(build, side, &side->sites[i], second);
	return ret;
}

/* The square of a value's standard deviation, of so many draws. */
static double variance(double value, double draws)
{
	return draws > 0 ? value * value / draws : 0;
}

static void row_judge(struct diff_row *row, double percent, double scale)
{
	for (int m = 0; m < DIFF_MEASURES; m++) {
		bool live = m == DIFF_LIVE;
		double k = live ? 1 : scale;
		double a = (double)row->a[m] * k, b = (double)row->b[m];
		double na = (double)(live ? row->live_a : row->a[DIFF_ALLOCS]);
		double nb = (double)(live ? row->live_b : row->b[DIFF_ALLOCS]);
		double delta = fabs(b - a);
		double noise = variance(a, na) + variance(b, nb);

		if (delta * 100 <= percent * a ||
		    delta * delta <= DEVIATIONS * DEVIATIONS * noise)
			continue;
		row->changed |= 1u << m;
		if (m != DIFF_ALLOCS && delta > row->weight)
			row->weight = delta;
	}
}

static int by_weight(const void *a, const void *b)
{
	const struct diff_row *x = a, *y = b;

	if (!x->changed != !y->changed)
		return x->changed ? -1 : 1;
	if (x->weight != y->weight)
		return x->weight < y->weight ? 1 : -1;
	return x->name < y->name ? -1 : x->name > y->name;
}

static double seconds(const struct trace *trace)
{
	return (double)(trace->last_ts_ns - trace->first_ts_ns) / 1e9;
}

int diff_make(struct diff_result *result, const struct diff_side *a,
	      const struct diff_side *b, double percent, struct err *err)
{
	const struct capture_info *of_a = &a->trace->info;
	const struct capture_info *of_b = &b->trace->info;
	struct diff_build build = {.result = result};
	bool same_work =
	    of_a->command[0] && !strcmp(of_a->command, of_b->command);
	int ret;

	result->seconds_a = seconds(a->trace);
	result->seconds_b = seconds(b->trace);
	result->scale =
	    same_work || result->seconds_a <= 0 || result->seconds_b <= 0
		? 1
		: result->seconds_b / result->seconds_a;
	result->by_offset = !strcmp(of_a->release, of_b->release) &&
			    !strcmp(of_a->machine, of_b->machine);
	ret = sides_add(&build, a, false);
	if (!ret)
		ret = sides_add(&build, b, true);
	map_fini(&build.index);
	if (ret)
		return err_set(err, ret, "diff: %s", err_code_text(ret));
	for (size_t i = 0; i < result->row_count; i++) {
		row_judge(&result->rows[i], percent, result->scale);
		result->changed_count += result->rows[i].changed != 0;
	}
	if (result->row_count)
		qsort(result->rows, result->row_count, sizeof(*result->rows),
		      by_weight);
	return 0;
}

void diff_fini(struct diff_result *result)
{
	names_fini(&result->names);
	free(result->rows);
	*result = (struct diff_result){0};
}
