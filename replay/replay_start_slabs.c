#include "replay/replay_start_slabs.h"

#include "replay/replay_slab_model.h"
#include "replay/replay_slob.h"
#include "replay/replay_state.h"
#include "replay/slab_merge.h"
#include "replay/start_counts.h"

/* Of a cache and of all that are merged into it. */
static struct start_counts counts_merged(const struct replay *replay,
					 const struct snapshot_cache *c,
					 uint32_t objs_per_slab)
{
	const struct snapshot *before = &replay->trace->before;
	struct start_counts counts = {.objs_per_slab = objs_per_slab};

	for (uint32_t i = 0; i < before->cache_count; i++) {
		const struct snapshot_cache *member = &before->caches[i];
		struct start_counts more;

		if (cache_table_root(&replay->caches, member) != c ||
		    member->num_slabs == UINT64_MAX)
			continue;
		more = start_counts_of(member, objs_per_slab);
		start_counts_add(&counts, &more, replay->cpus);
	}
	return counts;
}

/* True if the trace tells of single slabs of the model. */
static bool knows_slabs(const struct replay *replay)
{
	return !replay->config.snapshot_only && replay->own_model &&
	       replay->kind == SLAB_KIND_SLUB;
}

/* The slabs of a cache that the trace reveals, at most as many as there are. */
static int known_make(struct replay *replay, const struct cache_entry *entry,
		      const struct start_counts *counts,
		      struct start_layout *layout)
{
	const struct start_reveal *found;
	size_t count;

	layout->searched = true;
	found = start_reveals_of(&replay->reveals, entry->captured, &count);
	if (count > counts->slabs)
		count = counts->slabs;
	if (!count)
		return 0;
	layout->known =
	    memory_new(&replay->memory, count, sizeof(*layout->known));
	if (!layout->known)
		return ERR_NOMEM;
	layout->known_count = count;
	for (size_t i = 0; i < count; i++) {
		bool placed = replay->machine &&
			      page_machine_claim(replay->machine, found[i].pfn,
						 found[i].order);
		unsigned int node =
		    replay->pages->ops->node(replay->pages, found[i].pfn);

		layout->known[i] = (struct start_known){
		    .pfn = placed ? found[i].pfn : SLAB_PFN_UNKNOWN,
		    .inuse = counts->objs_per_slab > found[i].free
				 ? counts->objs_per_slab - found[i].free
				 : 0,
		    .given = found[i].turn > 0,
		    .cpu = found[i].cpu,
		    .node = (uint16_t)(node < replay->nodes ? node : 0),
		};
	}
	return 0;
}

/* Ties the recorded slabs to those of the start that stand for them. */
static int known_bind(struct replay *replay, struct cache_entry *entry,
		      const struct start_layout *layout)
{
	size_t count;
	const struct start_reveal *found =
	    start_reveals_of(&replay->reveals, entry->captured, &count);
	int ret = 0;

	for (size_t i = 0; i < layout->known_count && !ret; i++) {
		struct slab_page *slab;

		ret = slab_pages_add(&replay->slab_pages, found[i].pfn,
				     found[i].order, true, &slab);
		if (ret)
			break;
		slab->cache = (uint32_t)(entry - replay->caches.entries);
		slab->start = layout->known[i].slab;
	}
	return ret;
}

/* The model's slabs of a cache; made_objs: objects per slab of what it has. */
static int model_slabs_start(struct replay *replay, struct cache_entry *entry,
			     const struct snapshot_cache *c, uint32_t made_objs)
{
	struct start_layout layout = {.cpus = replay->cpus,
				      .nodes = replay->nodes,
				      .cpu_node = replay->cpu_node};
	uint32_t objs = c->objs_per_slab ? c->objs_per_slab
			: made_objs	 ? made_objs
					 : 1;
	struct start_counts counts = replay->caches.roots
					 ? counts_merged(replay, c, objs)
					 : start_counts_of(c, objs);
	int ret = 0;

	counts.rules = replay->config.rules;
	if (replay->kind == SLAB_KIND_SLOB)
		return replay_slob_cache_start(replay, entry, c, &counts);
	if (replay->kind == SLAB_KIND_SLAB && replay->own_model)
		start_counts_arrays(&counts, c, replay->cpus);
	else if (replay->kind == SLAB_KIND_SLAB)
		start_counts_pool(&counts);
	/* No file tells what lies in sheaves: half of each CPU's main one. */
	if (replay->kind == SLAB_KIND_SLUB)
		counts.cached = start_rules_kept(&counts.rules,
						 entry->spec.sheaf_capacity / 2,
						 entry->spec.sheaf_capacity) *
				replay->cpus;
	if (made_objs && made_objs != counts.objs_per_slab)
		counts = start_counts_scaled(counts, made_objs);
	else if (knows_slabs(replay))
		ret = known_make(replay, entry, &counts, &layout);
	if (!ret)
		ret = start_slabs_add(&replay->starts, replay->slab,
				      entry->model, &counts, &layout);
	if (!ret && layout.known)
		ret = known_bind(replay, entry, &layout);
	memory_free(&replay->memory, layout.known);
	return ret;
}

static int cache_start_model(struct replay *replay, struct cache_entry *entry,
			     const struct snapshot_cache *c)
{
	struct slab_counts made;
	int ret;

	replay->slab->ops->counts(replay->slab, entry->model, &made);
	ret = model_slabs_start(replay, entry, c, made.objs_per_slab);
	if (ret)
		return ret;
	replay->slab->ops->counts(replay->slab, entry->model, &made);
	entry->slabs_start = made.slabs;
	entry->objects_start = made.objects;
	return 0;
}

static void cache_start_recorded(struct replay *replay,
				 struct cache_entry *entry,
				 const struct snapshot_cache *c)
{
	struct start_counts counts =
	    start_counts_of(c, c->objs_per_slab ? c->objs_per_slab : 1);

	entry->slabs = entry->slabs_start = entry->slabs_peak = c->num_slabs;
	entry->pages = c->num_slabs << c->order;
	entry->objects = entry->objects_start =
	    c->active_objs == UINT64_MAX ? 0 : c->active_objs;
	/* slabinfo counts the places of slabs of less than their order, too. */
	entry->room_bytes =
	    (c->num_objs == UINT64_MAX ? c->num_slabs * c->objs_per_slab
				       : c->num_objs) *
	    c->slab_size;
	entry->old_objects = start_counts_objects(&counts);
	replay_share(replay, entry);
	replay->slab_pages_now += entry->pages;
}

/* All pages that the zones span; UINT32_MAX if there are no zones. */
static uint64_t pages_spanned(const struct snapshot *snapshot)
{
	uint64_t pages = 0;

	for (uint32_t i = 0; i < snapshot->zone_count; i++)
		pages += snapshot->zones[i].spanned;
	return pages ? pages : UINT32_MAX;
}

static int caches_start(struct replay *replay, struct err *err)
{
	const struct snapshot *before = &replay->trace->before;
	uint64_t most = pages_spanned(before);

	for (uint32_t i = 0; i < before->cache_count; i++) {
		const struct snapshot_cache *c = &before->caches[i];
		uint32_t entry;
		int ret;

		if (cache_table_root(&replay->caches, c) != c)
			continue;
		if (!replay->caches.roots &&
		    (c->num_slabs == UINT64_MAX || !c->num_slabs))
			continue;
		if (c->order >= SNAPSHOT_ORDERS_MAX ||
		    (c->num_slabs != UINT64_MAX &&
		     c->num_slabs > most >> c->order))
			return err_set(err, ERR_FORMAT,
				       "slabinfo gives cache %u of before/ "
				       "more slabs than the machine has pages",
				       i + 1);
		ret = cache_table_captured(&replay->caches, c, &entry);
		if (ret)
			return ret;
		if (entry == CACHE_NONE)
			continue;
		if (replay->recorded)
			cache_start_recorded(replay,
					     &replay->caches.entries[entry], c);
		else
			ret = cache_start_model(
			    replay, &replay->caches.entries[entry], c);
		if (ret)
			return ret;
	}
	return 0;
}

/*
 * --set slub.merge: caches of a kernel that did not merge can be, but what was
 * merged cannot be told apart: events name only the cache that was there first.
 */
static int caches_merge(struct replay *replay, struct err *err)
{
	const struct replay_settings *settings = &replay->config.settings;
	uint32_t debug = settings->slub_debug;
	int ret;

	if (replay->recorded || replay->kind != SLAB_KIND_SLUB ||
	    settings->slub_merge == REPLAY_UNSET)
		return 0;
	if (!settings->slub_merge)
		return replay->snapshot && slab_merge_recorded(replay->snapshot)
			   ? err_set(err, ERR_UNSUPPORTED,
				     "slub.merge=0: the recorded kernel merged "
				     "its caches, and events name only what "
				     "they were merged into; record with "
				     "slab_nomerge")
			   : 0;
	ret = cache_table_merge(&replay->caches,
				debug == REPLAY_UNSET ? 0 : debug);
	return ret ? err_set(err, ret, "replay: out of memory") : 0;
}

int replay_start_slabs(struct replay *replay, const char **cold,
		       struct err *err)
{
	const struct trace *trace = replay->trace;
	bool own_slob = replay->own_model && replay->kind == SLAB_KIND_SLOB;
	bool counts = replay_before_has(replay, SNAPSHOT_SLABINFO) ||
		      replay_before_has(replay, SNAPSHOT_SLAB_TSV);
	/* Without a list of caches the pages' flags still count slab pages. */
	bool flags = !counts && (replay->recorded || own_slob) &&
		     replay_before_has(replay, SNAPSHOT_KPAGEFLAGS);
	struct kmalloc_rules rules;
	int ret = replay_slab_model_make(replay, &rules, err);

	if (ret)
		return ret;
	cache_table_init(&replay->caches, replay->trace, replay->snapshot,
			 &rules, replay->slab, &replay->memory);
	replay->caches.old_requests = replay->config.rules.request;
	replay->slab_window = replay_window_of(
	    trace, flags ? "kpageflags" : "slabinfo", counts || flags);
	*cold = counts || flags		? NULL
		: replay->contradiction ? "before/ contradicts itself"
					: "no slab counts in before/";
	if (flags)
		replay->slab_pages_now = trace->before.slab_pages;
	ret = caches_merge(replay, err);
	if (ret)
		return ret;
	if (counts && knows_slabs(replay))
		ret = start_reveals_make(&replay->reveals, trace,
					 &replay->rules, &replay->memory);
	if (counts && !ret)
		ret = caches_start(replay, err);
	else if (flags && own_slob)
		ret = replay_slob_pages_start(replay);
	start_reveals_fini(&replay->reveals);
	if (!ret)
		ret = replay_own_make(replay, err);
	if (ret && err && !err->code)
		err_set(err, ret, "slabs of the start: %s", err_code_text(ret));
	return ret;
}
