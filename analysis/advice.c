#include "analysis/advice.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

const char *advice_own_model(const struct capture_info *info)
{
	switch (info->slab_kind) {
	case SLAB_KIND_SLAB:
		return "slab";
	case SLAB_KIND_SLOB:
		return "slob";
	default:
		return "slub";
	}
}

/* ---- What there is to try ---- */

/* setting may be "". */
static int add(struct advice *advice, enum advice_kind kind, const char *model,
	       const char *fmt, ...) __attribute__((format(printf, 4, 5)));

static int add(struct advice *advice, enum advice_kind kind, const char *model,
	       const char *fmt, ...)
{
	struct advice_row *row;
	va_list ap;

	if (advice->count == advice->cap) {
		size_t cap = advice->cap ? advice->cap * 2 : 32;
		void *grown = realloc(advice->rows, cap * sizeof(*row));

		if (!grown)
			return ERR_NOMEM;
		advice->rows = grown;
		advice->cap = cap;
	}
	row = &advice->rows[advice->count++];
	*row = (struct advice_row){.what.kind = kind};
	snprintf(row->what.model, sizeof(row->what.model), "%s", model);
	va_start(ap, fmt);
	vsnprintf(row->what.setting, sizeof(row->what.setting), fmt, ap);
	va_end(ap);
	return 0;
}

static int plan_slub(struct advice *advice, const struct advice_facts *facts)
{
	static const char *const settings[] = {
	    "slub.max_order=0",	  "slub.max_order=1",	"slub.max_order=2",
	    "slub.max_order=3",	  "slub.min_objects=1", "slub.min_objects=32",
	    "slub.cpu_partial=0", "slub.min_partial=0",
	};
	const char *model = advice->baseline.what.model;
	int ret = 0;

	if (strcmp(model, "slub") != 0)
		return 0;
	for (size_t i = 0; i < sizeof(settings) / sizeof(*settings) && !ret;
	     i++)
		ret = add(advice, ADVICE_SLUB, model, "%s", settings[i]);
	/* What was merged cannot be told apart again. */
	if (!ret && !facts->merged && facts->snapshot->cache_count)
		ret = add(advice, ADVICE_SLUB, model, "slub.merge=1");
	return ret;
}

static int plan_allocators(struct advice *advice)
{
	static const char *const models[] = {"slub", "slab", "slob"};
	int ret = 0;

	for (int i = 0; i < 3 && !ret; i++)
		if (strcmp(models[i], advice->baseline.what.model) != 0)
			ret =
			    add(advice, ADVICE_ALLOCATOR, models[i], "%s", "");
	return ret;
}

int advice_plan(struct advice *advice, const struct advice_facts *facts,
		struct err *err)
{
	int ret;

	*advice = (struct advice){.page_size = facts->info->page_size};
	snprintf(advice->baseline.what.model,
		 sizeof(advice->baseline.what.model), "%s",
		 advice_own_model(facts->info));
	ret = plan_slub(advice, facts);
	if (!ret)
		ret = plan_allocators(advice);
	return ret ? err_set(err, ret, "advise: out of memory") : 0;
}

void advice_fini(struct advice *advice)
{
	free(advice->rows);
	*advice = (struct advice){0};
}

/* ---- What came of it ---- */

static int compare(int64_t a, int64_t b)
{
	return (a < b) - (a > b);
}

/* The better one first. */
static int by_saved(const void *left, const void *right)
{
	const struct advice_row *a = left, *b = right;
	int order = (a->outcome.why_not[0] != 0) - (b->outcome.why_not[0] != 0);

	if (!order)
		order = compare(a->saved_peak, b->saved_peak);
	if (!order)
		order = compare(a->saved_end, b->saved_end);
	if (!order)
		order = compare((int64_t)a->outcome.free_end,
				(int64_t)b->outcome.free_end);
	if (!order)
		order = strcmp(a->what.setting, b->what.setting);
	return order ? order : strcmp(a->what.model, b->what.model);
}

void advice_rank(struct advice *advice)
{
	const struct advice_outcome *base = &advice->baseline.outcome;

	for (size_t i = 0; i < advice->count; i++) {
		struct advice_row *row = &advice->rows[i];

		if (row->outcome.why_not[0])
			continue;
		row->saved_peak =
		    (int64_t)(base->held_peak - row->outcome.held_peak);
		row->saved_end =
		    (int64_t)(base->held_end - row->outcome.held_end);
	}
	qsort(advice->rows, advice->count, sizeof(*advice->rows), by_saved);
}

bool advice_within_error(const struct advice *advice,
			 const struct advice_row *row)
{
	return advice->has_error && llabs((long long)row->saved_end) <=
					llabs((long long)advice->error);
}

const char *advice_assumes(enum advice_kind kind)
{
	static const char *const texts[ADVICE_KINDS] = {
	    [ADVICE_SLUB] =
		"The slabs of the start are laid out anew where the setting "
		"changes orders: partial slabs keep how full they were.",
	    [ADVICE_ALLOCATOR] =
		"The same objects from the same start in another allocator, as "
		"if it had been built into this kernel; 6.5 has no SLOB, 6.8 "
		"no "
		"SLAB.",
	};

	return texts[kind];
}

const char *advice_command(const struct advice *advice,
			   const struct advice_row *row,
			   char text[ADVICE_COMMAND_MAX])
{
	bool named = row->what.kind == ADVICE_ALLOCATOR ||
		     strcmp(advice->baseline.what.model, "slub") != 0;
	int used = 0;

	text[0] = 0;
	if (named)
		used =
		    snprintf(text, ADVICE_COMMAND_MAX, "--model %s%s",
			     row->what.model, row->what.setting[0] ? " " : "");
	if (row->what.setting[0])
		snprintf(text + used, ADVICE_COMMAND_MAX - (size_t)used,
			 "--set %s", row->what.setting);
	return text;
}
