#include "replay/fidelity.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "replay/frag_index.h"
#include "replay/snapshot_check.h"

static bool has(const struct snapshot *snapshot, uint32_t parts)
{
	return (snapshot->parts & parts) == parts;
}

static bool both(const struct trace *trace, uint32_t parts)
{
	return has(&trace->before, parts) && has(&trace->after, parts);
}

static uint64_t apart(uint64_t a, uint64_t b)
{
	return a > b ? a - b : b - a;
}

static void missing_add(struct fidelity *fidelity, const char *what)
{
	size_t len = strlen(fidelity->missing);
	snprintf(fidelity->missing + len, sizeof(fidelity->missing) - len,
		 "%s%s", len ? "; " : "", what);
}

/* ---- Slabs ---- */

static uint64_t counted(uint64_t value)
{
	return value == UINT64_MAX ? 0 : value;
}

static uint64_t slab_pages(const struct snapshot *snapshot)
{
	uint64_t pages = 0;

	for (uint32_t i = 0; i < snapshot->cache_count; i++)
		if (snapshot->caches[i].order < SNAPSHOT_ORDERS_MAX)
			pages += counted(snapshot->caches[i].num_slabs)
				 << snapshot->caches[i].order;
	return pages;
}

/* slabinfo has slabs, unless the kernel's allocator is SLOB. */
static bool slabinfo_counts(const struct trace *trace)
{
	return both(trace, SNAPSHOT_SLABINFO) && slab_pages(&trace->before);
}

static void slabs_compare(struct fidelity *fidelity,
			  const struct fidelity_input *input)
{
	const struct trace *trace = input->trace;
	uint64_t start, end;

	fidelity->slab_pages_delta = (int64_t)(input->result->slab_pages_end -
					       input->result->slab_pages_start);
	if (slabinfo_counts(trace)) {
		start = slab_pages(&trace->before);
		end = slab_pages(&trace->after);
	} else if (both(trace, SNAPSHOT_KPAGEFLAGS)) {
		start = trace->before.slab_pages;
		end = trace->after.slab_pages;
	} else {
		missing_add(fidelity, "slab pages: no slabinfo and no "
				      "kpageflags in both snapshots");
		return;
	}
	fidelity->has_slabs = true;
	fidelity->slab_pages_recorded_delta = (int64_t)(end - start);
	fidelity->slab_pages_recorded_end = end;
}

/* Slabs and objects in use of a cache in a snapshot; false: it has none. */
static bool snapshot_counts(const struct snapshot *snapshot, const char *name,
			    uint64_t *slabs, uint64_t *objects, uint32_t *order)
{
	const struct snapshot_cache *cache =
	    snapshot_cache_find(snapshot, name);

	*slabs = *objects = 0;
	if (!cache || cache->num_slabs == UINT64_MAX)
		return false;
	*slabs = cache->num_slabs;
	*objects = counted(cache->active_objs);
	*order = cache->order;
	return true;
}

static void cache_compare(const struct trace *trace, const char *name,
			  const struct replay_cache_result *got,
			  struct fidelity_cache *out)
{
	uint64_t slabs[2], objects[2];
	uint32_t order = got ? got->order : 0;

	*out = (struct fidelity_cache){.name = name};
	snapshot_counts(&trace->before, name, &slabs[0], &objects[0], &order);
	snapshot_counts(&trace->after, name, &slabs[1], &objects[1], &order);
	out->order = got ? got->order : order;
	out->slabs_kernel = (int64_t)(slabs[1] - slabs[0]);
	out->objects_kernel = (int64_t)(objects[1] - objects[0]);
	if (got) {
		out->slabs_replay =
		    (int64_t)(got->slabs_end - got->slabs_start);
		out->objects_replay =
		    (int64_t)(got->objects_end - got->objects_start);
	}
	out->pages_error = out->slabs_replay * (int64_t)(1ull << out->order) -
			   out->slabs_kernel * (int64_t)(1ull << order);
	out->touched = out->slabs_kernel || out->slabs_replay;
}

static int by_error(const void *left, const void *right)
{
	const struct fidelity_cache *a = left, *b = right;
	int64_t ea = llabs(a->pages_error), eb = llabs(b->pages_error);
	int64_t ga = llabs(a->slabs_kernel), gb = llabs(b->slabs_kernel);

	if (ea != eb)
		return ea < eb ? 1 : -1;
	if (ga != gb)
		return ga < gb ? 1 : -1;
	return strcmp(a->name, b->name);
}

static void cache_add(struct fidelity *fidelity,
		      const struct fidelity_input *input, const char *name,
		      const struct replay_cache_result *got)
{
	struct fidelity_cache *row = &fidelity->caches[fidelity->cache_count++];

	cache_compare(input->trace, name, got, row);
	fidelity->caches_touched += row->touched;
	fidelity->caches_exact +=
	    row->touched && row->slabs_kernel == row->slabs_replay;
	fidelity->caches_error += (uint64_t)llabs(row->pages_error);
}

static int caches_compare(struct fidelity *fidelity,
			  const struct fidelity_input *input)
{
	const struct trace *trace = input->trace;
	const struct snapshot *after = &trace->after;
	bool *seen;

	if (!slabinfo_counts(trace)) {
		missing_add(fidelity, "caches: slabinfo counts none");
		return 0;
	}
	seen = calloc(after->cache_count + 1, sizeof(*seen));
	fidelity->caches = calloc(input->cache_count + after->cache_count + 1,
				  sizeof(*fidelity->caches));
	if (!fidelity->caches || !seen) {
		free(seen);
		return ERR_NOMEM;
	}
	fidelity->has_caches = true;
	for (size_t i = 0; i < input->cache_count; i++) {
		const char *name =
		    names_get(&trace->names, input->caches[i].cache);
		const struct snapshot_cache *cache =
		    snapshot_cache_find(after, name);

		cache_add(fidelity, input, name, &input->caches[i]);
		if (cache)
			seen[cache - after->caches] = true;
	}
	for (uint32_t i = 0; i < after->cache_count; i++)
		if (!seen[i])
			cache_add(fidelity, input, after->caches[i].name, NULL);
	free(seen);
	qsort(fidelity->caches, fidelity->cache_count,
	      sizeof(*fidelity->caches), by_error);
	return 0;
}

/* ---- Free memory ---- */

static const struct snapshot_zone *zone_find(const struct snapshot *snapshot,
					     const struct replay_zone *like)
{
	for (uint32_t i = 0; i < snapshot->zone_count; i++)
		if (snapshot->zones[i].node == like->node &&
		    !strcmp(snapshot->zones[i].name, like->name))
			return &snapshot->zones[i];
	return NULL;
}

static void zone_compare(struct fidelity *fidelity,
			 const struct fidelity_input *input,
			 const struct replay_zone *got)
{
	const struct snapshot_zone *before =
	    zone_find(&input->trace->before, got);
	const struct snapshot_zone *after =
	    zone_find(&input->trace->after, got);
	struct fidelity_zone *row = &fidelity->zones[fidelity->zone_count];

	if (!before || !after)
		return;
	fidelity->zone_count++;
	*row = (struct fidelity_zone){.name = after->name, .node = got->node};
	for (uint32_t o = 0; o < fidelity->order_count; o++) {
		struct fidelity_order *order = &fidelity->orders[o];
		uint64_t blocks = 0;

		for (int t = 0; t < SNAPSHOT_MIGRATETYPES_MAX; t++)
			blocks += got->free_blocks[t][o];
		order->before += before->free_blocks[o];
		order->kernel += after->free_blocks[o];
		order->replay += blocks;
		row->before += before->free_blocks[o] << o;
		row->kernel += after->free_blocks[o] << o;
		row->replay += blocks << o;
	}
	fidelity->free_kernel += row->kernel;
	fidelity->free_replay += row->replay;
}

static double larger(double a, double b)
{
	return a > b ? a : b;
}

static void orders_score(struct fidelity *fidelity)
{
	uint64_t before[SNAPSHOT_ORDERS_MAX], kernel[SNAPSHOT_ORDERS_MAX];
	uint64_t replay[SNAPSHOT_ORDERS_MAX];
	uint64_t error = 0, unchanged = 0;
	double total =
	    fidelity->free_kernel ? (double)fidelity->free_kernel : 1;

	for (uint32_t o = 0; o < fidelity->order_count; o++) {
		const struct fidelity_order *order = &fidelity->orders[o];

		before[o] = order->before;
		kernel[o] = order->kernel;
		replay[o] = order->replay;
		error += apart(order->replay, order->kernel) << o;
		unchanged += apart(order->before, order->kernel) << o;
	}
	for (uint32_t o = 0; o < fidelity->order_count; o++) {
		struct fidelity_order *order = &fidelity->orders[o];
		uint32_t count = fidelity->order_count;

		order->unusable_before = frag_unusable_index(before, count, o);
		order->unusable_kernel = frag_unusable_index(kernel, count, o);
		order->unusable_replay = frag_unusable_index(replay, count, o);
		fidelity->unusable_index_max_error = larger(
		    fidelity->unusable_index_max_error,
		    abs(order->unusable_replay - order->unusable_kernel) /
			1000.0);
		fidelity->unusable_index_max_unchanged = larger(
		    fidelity->unusable_index_max_unchanged,
		    abs(order->unusable_before - order->unusable_kernel) /
			1000.0);
	}
	fidelity->free_blocks_error = (double)error / total;
	fidelity->free_blocks_unchanged = (double)unchanged / total;
	fidelity->free_pages_error =
	    (double)apart(fidelity->free_replay, fidelity->free_kernel) / total;
}

static int free_compare(struct fidelity *fidelity,
			const struct fidelity_input *input)
{
	if (!both(input->trace, SNAPSHOT_BUDDYINFO)) {
		missing_add(fidelity,
			    "free blocks: no buddyinfo in both snapshots");
		return 0;
	}
	if (!input->zone_count) {
		missing_add(fidelity, "free blocks: the replay had no zones");
		return 0;
	}
	fidelity->zones = calloc(input->zone_count, sizeof(*fidelity->zones));
	if (!fidelity->zones)
		return ERR_NOMEM;
	fidelity->order_count = input->trace->after.order_count;
	for (size_t i = 0; i < input->zone_count; i++)
		if (input->zones[i].part == SNAPSHOT_BUDDYINFO)
			zone_compare(fidelity, input, &input->zones[i]);
	fidelity->has_free = fidelity->zone_count > 0;
	orders_score(fidelity);
	return 0;
}

/* Free pages of a type in one zone of a snapshot. */
static uint64_t type_pages(const struct snapshot *snapshot,
			   const struct replay_zone *like, uint32_t type)
{
	const struct snapshot_zone *zone = zone_find(snapshot, like);
	uint64_t pages = 0;

	for (uint32_t o = 0; zone && o < snapshot->order_count; o++)
		pages += zone->free_by_type[type][o] << o;
	return pages;
}

static void types_compare(struct fidelity *fidelity,
			  const struct fidelity_input *input)
{
	const struct trace *trace = input->trace;

	if (!both(trace, SNAPSHOT_PAGETYPEINFO)) {
		missing_add(fidelity, "migratetypes: no pagetypeinfo in both "
				      "snapshots");
		return;
	}
	fidelity->has_types = input->zone_count > 0;
	fidelity->type_count = trace->after.migratetype_count;
	for (size_t i = 0; i < input->zone_count; i++) {
		const struct replay_zone *zone = &input->zones[i];

		if (zone->part != SNAPSHOT_PAGETYPEINFO)
			continue;
		for (uint32_t t = 0; t < fidelity->type_count; t++) {
			struct fidelity_type *type = &fidelity->types[t];

			type->name = trace->after.migratetypes[t];
			type->before += type_pages(&trace->before, zone, t);
			type->kernel += type_pages(&trace->after, zone, t);
			for (uint32_t o = 0; o < trace->after.order_count; o++)
				type->replay += zone->free_blocks[t][o] << o;
		}
	}
}

static void flags_compare(struct fidelity *fidelity,
			  const struct fidelity_input *input)
{
	const struct snapshot *after = &input->trace->after;

	if (!has(after, SNAPSHOT_KPAGEFLAGS) || !input->zone_count)
		return;
	fidelity->has_flags = true;
	for (size_t i = 0; i < after->block_count; i++)
		fidelity->flags_kernel += 1ull << after->blocks[i].order;
	for (size_t i = 0; i < input->zone_count; i++) {
		const struct replay_zone *zone = &input->zones[i];

		if (zone->part != SNAPSHOT_KPAGEFLAGS)
			continue;
		for (int t = 0; t < SNAPSHOT_MIGRATETYPES_MAX; t++)
			for (int o = 0; o < SNAPSHOT_ORDERS_MAX; o++)
				fidelity->flags_replay +=
				    zone->free_blocks[t][o] << o;
	}
}

/* ---- All of it ---- */

static double share(uint64_t part, uint64_t whole)
{
	return whole ? (double)part / (double)whole : 0;
}

static void unread_add(struct fidelity *fidelity, const char *when,
		       const struct snapshot *snapshot)
{
	char text[sizeof(snapshot->why_missing) + 16];

	if (!snapshot->why_missing[0])
		return;
	snprintf(text, sizeof(text), "%s/%s", when, snapshot->why_missing);
	missing_add(fidelity, text);
}

static void coverage_fill(struct fidelity *fidelity,
			  const struct replay_coverage *seen)
{
	fidelity->coverage =
	    seen->allocs ? share(seen->allocs_known, seen->allocs) : 1;
	fidelity->unknown_frees = share(seen->frees_unknown, seen->frees);
	fidelity->hidden_allocs = share(seen->frees_hidden, seen->frees);
	fidelity->implicit_frees = share(seen->frees_implicit, seen->frees);
	fidelity->duplicates = seen->duplicates;
}

int fidelity_possible(const struct trace *trace, struct err *err)
{
	const uint32_t wanted =
	    SNAPSHOT_SLABINFO | SNAPSHOT_BUDDYINFO | SNAPSHOT_KPAGEFLAGS;
	char why[SNAPSHOT_WHY_MAX];

	if (!trace->before.parts || !trace->after.parts)
		return err_set(err, ERR_MISSING,
			       "nothing to verify against: the recording has "
			       "no snapshot %s it",
			       trace->before.parts ? "after" : "before");
	if (!snapshot_agrees(&trace->before, why))
		return err_set(err, ERR_FORMAT, "before/: %s", why);
	if (!snapshot_agrees(&trace->after, why))
		return err_set(err, ERR_FORMAT, "after/: %s", why);
	if (!snapshot_same_machine(&trace->before, &trace->after, why))
		return err_set(err, ERR_FORMAT, "%s", why);
	if (trace->before.parts & trace->after.parts & wanted)
		return 0;
	return err_set(err, ERR_MISSING,
		       "nothing to verify against: neither slabinfo nor "
		       "buddyinfo nor kpageflags is in before/ and in after/");
}

int fidelity_compute(struct fidelity *out, const struct fidelity_input *input,
		     struct err *err)
{
	struct fidelity fidelity = {0};
	int ret;

	slabs_compare(&fidelity, input);
	ret = caches_compare(&fidelity, input);
	if (!ret)
		ret = free_compare(&fidelity, input);
	if (ret) {
		fidelity_fini(&fidelity);
		return err_set(err, ret, "out of memory");
	}
	types_compare(&fidelity, input);
	flags_compare(&fidelity, input);
	unread_add(&fidelity, "before", &input->trace->before);
	unread_add(&fidelity, "after", &input->trace->after);
	coverage_fill(&fidelity, &input->notes->coverage);
	*out = fidelity;
	return 0;
}

void fidelity_fini(struct fidelity *fidelity)
{
	free(fidelity->caches);
	free(fidelity->zones);
	*fidelity = (struct fidelity){0};
}
