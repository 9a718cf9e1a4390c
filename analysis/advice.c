#include "analysis/advice.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "analysis/class_optimum.h"
#include "core/array.h"

/* ---- What there is to try ---- */

/* setting may be "". */
static int add(struct advice *advice, enum advice_kind kind, const char *model,
	       const char *fmt, ...) __attribute__((format(printf, 4, 5)));

static int add(struct advice *advice, enum advice_kind kind, const char *model,
	       const char *fmt, ...)
{
	struct advice_row *row;
	va_list ap;

	if (array_reserve(&advice->rows, &advice->cap, advice->count + 1,
			  sizeof(*row)))
		return ERR_NOMEM;
	row = &advice->rows[advice->count++];
	*row = (struct advice_row){.what.kind = kind};
	snprintf(row->what.model, sizeof(row->what.model), "%s", model);
	va_start(ap, fmt);
	vsnprintf(row->what.setting, sizeof(row->what.setting), fmt, ap);
	va_end(ap);
	return 0;
}

/* The classes that waste least for what was live at the peak, for each k. */
static int plan_classes(struct advice *advice, const struct advice_facts *facts)
{
	const struct live_sizes *sizes = facts->sizes;
	struct class_demand *demand = calloc(sizes->count + 1, sizeof(*demand));
	struct class_optimum best = {0};
	int ret = demand ? 0 : ERR_NOMEM;

	for (size_t i = 0; i < sizes->count && !ret; i++)
		demand[i] =
		    (struct class_demand){.bytes = sizes->rows[i].bytes_req,
					  .objects = sizes->rows[i].objects};
	for (unsigned int k = 1; k <= ADVICE_CLASSES_MOST && !ret; k++) {
		char text[ADVICE_SETTING_MAX] = "";
		int used = 0;

		ret = class_optimum(demand, sizes->count, facts->classes,
				    facts->class_count, facts->class_align, k,
				    &best);
		if (ret || best.count < k)
			break;
		for (unsigned int i = 0; i < k; i++)
			used +=
			    snprintf(text + used, sizeof(text) - (size_t)used,
				     "%s%" PRIu32, i ? "," : "", best.sizes[i]);
		ret = add(advice, ADVICE_CLASSES, advice->baseline.what.model,
			  "kmalloc.classes=%s", text);
	}
	free(demand);
	return ret;
}

static uint64_t waste_of(const struct live_size *row)
{
	return row->bytes_alloc > row->bytes_req
		   ? (row->bytes_alloc - row->bytes_req) * row->objects
		   : 0;
}

static int by_site(const void *left, const void *right)
{
	const struct live_size *a = left, *b = right;

	return (a->call_site > b->call_site) - (a->call_site < b->call_site);
}

/* The most waste first. */
static int by_waste(const void *left, const void *right)
{
	const struct live_size *a = left, *b = right;
	uint64_t wa = waste_of(a), wb = waste_of(b);

	if (wa != wb)
		return wa < wb ? 1 : -1;
	return by_site(left, right);
}

/* A name that a shell takes as it is; others may come from a hostile trace. */
static bool plain_name(const char *name)
{
	return *name && !name[strspn(name, "abcdefghijklmnopqrstuvwxyz"
					   "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
					   "0123456789_.")];
}

/*
 * The words for a call site that lead back to it: its symbol, unless that is no
 * plain name, another function of that name comes first or there is no room;
 * else its address.
 */
static void site_text(const struct symbols *symbols, uint64_t call_site,
		      char *text, size_t size)
{
	uint64_t offset, start, end;
	const char *name = symbols_find(symbols, call_site, &offset, NULL);

	if (name && plain_name(name) &&
	    symbols_range(symbols, name, &start, &end) &&
	    start + offset == call_site &&
	    (size_t)snprintf(text, size, "%s+0x%" PRIx64, name, offset) < size)
		return;
	snprintf(text, size, "0x%" PRIx64, call_site);
}

/*
 * Of each call site that only ever asked for one size, its row; *count is how
 * many there are. Others allocate no struct, and a cache would not do for them.
 */
static void sites_of_one_size(struct live_size *rows, size_t *count)
{
	size_t kept = 0;

	qsort(rows, *count, sizeof(*rows), by_site);
	for (size_t i = 0, next; i < *count; i = next) {
		for (next = i + 1; next < *count &&
				   rows[next].call_site == rows[i].call_site;)
			next++;
		if (next == i + 1)
			rows[kept++] = rows[i];
	}
	*count = kept;
}

static int plan_sites(struct advice *advice, const struct advice_facts *facts)
{
	size_t count = facts->sizes->count;
	struct live_size *rows = calloc(count + 1, sizeof(*rows));
	int ret = 0;

	if (!rows)
		return ERR_NOMEM;
	if (count)
		memcpy(rows, facts->sizes->rows, count * sizeof(*rows));
	sites_of_one_size(rows, &count);
	qsort(rows, count, sizeof(*rows), by_waste);
	for (size_t i = 0; i < count && i < ADVICE_SITES && !ret; i++) {
		char site[ADVICE_SETTING_MAX - 32];

		if (!waste_of(&rows[i]))
			break;
		site_text(facts->symbols, rows[i].call_site, site,
			  sizeof(site));
		ret = add(advice, ADVICE_CACHE, advice->baseline.what.model,
			  "cache.at=%s:%" PRIu32, site, rows[i].bytes_req);
	}
	free(rows);
	return ret;
}

/* As little as one batch, and four times of what the lists may hold. */
static int plan_pages(struct advice *advice, const struct advice_facts *facts)
{
	const char *model = advice->baseline.what.model;
	const struct snapshot *snapshot = facts->snapshot;
	uint32_t high = 0, batch = 0, zones = 0;
	int ret = 0;

	for (uint32_t i = 0; i < snapshot->zone_count; i++) {
		const struct snapshot_zone *zone = &snapshot->zones[i];
		const struct snapshot_pcp *pcp = zone->pcps;
		uint32_t most;

		zones += zone->managed > 0;
		if (!zone->pcp_count)
			continue;
		most = pcp->high_max ? pcp->high_max : pcp->high;
		high = most > high ? most : high;
		batch = pcp->batch > batch ? pcp->batch : batch;
	}
	if (batch)
		ret = add(advice, ADVICE_CPU_LISTS, model, "pcp.high=%" PRIu32,
			  batch);
	if (high && !ret)
		ret = add(advice, ADVICE_CPU_LISTS, model, "pcp.high=%" PRIu64,
			  (uint64_t)high * 4);
	if (zones && !ret)
		ret = add(advice, ADVICE_GROUPING, model, "pages.group=0");
	return ret;
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

static int plan_page_sizes(struct advice *advice)
{
	const char *model = advice->baseline.what.model;
	int ret = 0;

	/* SLOB's model cannot. */
	for (uint32_t kib = 4; kib <= 64 && !ret && strcmp(model, "slob") != 0;
	     kib *= 4)
		if (kib * 1024 != advice->page_size) {
			ret = add(advice, ADVICE_PAGE_SIZE, model,
				  "page_size=%" PRIu32 "K", kib);
			if (!ret)
				advice->rows[advice->count - 1].what.page_size =
				    kib * 1024;
		}
	return ret;
}

static int plan_allocators(struct advice *advice)
{
	int ret = 0;

	for (int kind = SLAB_KIND_SLUB; kind <= SLAB_KIND_SLOB && !ret;
	     kind++) {
		const char *model = slab_kind_model((enum slab_kind)kind);

		if (strcmp(model, advice->baseline.what.model) != 0)
			ret = add(advice, ADVICE_ALLOCATOR, model, "%s", "");
	}
	return ret;
}

int advice_plan(struct advice *advice, const struct advice_facts *facts,
		struct err *err)
{
	int ret;

	*advice = (struct advice){.page_size = facts->info->page_size};
	snprintf(advice->baseline.what.model,
		 sizeof(advice->baseline.what.model), "%s",
		 slab_kind_model(facts->info->slab_kind));
	ret = facts->class_count ? plan_classes(advice, facts) : 0;
	if (!ret)
		ret = plan_sites(advice, facts);
	if (!ret)
		ret = plan_slub(advice, facts);
	if (!ret)
		ret = plan_pages(advice, facts);
	if (!ret)
		ret = plan_page_sizes(advice);
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

/* The worst case less what it made of those pages that were counted. */
static void count_users(struct advice_row *row, const struct user_pages *pages,
			uint32_t page_size)
{
	for (unsigned int i = 0; i < USER_PAGES_SIZES; i++) {
		uint64_t each = pages->sizes[i] / page_size;
		uint64_t worst = pages->small.end * each;

		if (!each || pages->sizes[i] != row->what.page_size)
			continue;
		if (worst > row->outcome.user_pages)
			worst = row->outcome.user_pages;
		row->outcome.user_exact = pages->large[i].end * each;
		row->outcome.user_pages += row->outcome.user_exact;
		row->outcome.user_pages -= worst;
	}
}

void advice_count_users(struct advice *advice, const struct user_pages *pages)
{
	uint64_t all = advice->baseline.outcome.user_pages;

	advice->user_pages_counted =
	    pages->small.end < all ? pages->small.end : all;
	for (size_t i = 0; i < advice->count; i++)
		if (!advice->rows[i].outcome.why_not[0])
			count_users(&advice->rows[i], pages, advice->page_size);
}

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
	    [ADVICE_CLASSES] =
		"kmalloc.classes: the sizes that waste least for what was live "
		"when most bytes of kmallocs were; every type of kmalloc gets "
		"them, no other cache is merged with them, objects from before "
		"stay in the old classes.",
	    [ADVICE_CACHE] =
		"cache.at: a kmem_cache of that size, merged with no other, "
		"for requests of exactly that size at that place; objects from "
		"before stay in kmalloc's.",
	    [ADVICE_SLUB] =
		"The slabs of the start are laid out anew where the setting "
		"changes orders: partial slabs keep how full they were.",
	    [ADVICE_ALLOCATOR] =
		"The same objects from the same start in another allocator, as "
		"if it had been built into this kernel; 6.5 has no SLOB, 6.8 "
		"no "
		"SLAB.",
	    [ADVICE_CPU_LISTS] =
		"pcp.high: every zone's lists may hold as many pages, whatever "
		"the zone's size; what they hold is free but not for others.",
	    [ADVICE_PAGE_SIZE] =
		"page_size: as if the architecture had such pages; slabs and "
		"large kmallocs are replayed, on memory that is only counted. "
		"Pages for user space: those that a recorded page fault took "
		"are counted and exact; the others (files' pages, and all "
		"without record --user-faults) are a bound, as if each filled "
		"a larger page alone.",
	    [ADVICE_GROUPING] =
		"pages.group=0: page_group_by_mobility_disabled from the "
		"snapshot on; what was grouped before is so at the start.",
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
