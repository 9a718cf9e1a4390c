/*
 * The state before the first event: from the "before" snapshot where it has
 * what is needed, part by part; else from nothing.
 */
#include <stdio.h>
#include <string.h>

#include "replay/page_endless.h"
#include "replay/replay_state.h"
#include "replay/slab_merge.h"
#include "replay/snapshot_check.h"

/* A name id of a marker that the trace has, 0 if it has not. */
static uint32_t marker(const struct trace *trace, const char *when,
		       const char *file)
{
	char text[64];

	snprintf(text, sizeof(text), "%s:%s", when, file);
	return names_find(&trace->names, text);
}

static struct window window_of(const struct trace *trace, const char *file,
			       bool warm)
{
	struct window window = {.end = marker(trace, "after", file)};

	if (warm)
		window.begin = marker(trace, "before", file);
	window.open = !window.begin;
	return window;
}

/* ---- CPUs and nodes ---- */

/* A CPU whose node is not known shares one with its neighbours. */
static int cpu_nodes_make(struct replay *replay, struct err *err)
{
	const struct topology *topology = &replay->trace->topology;

	replay->cpu_node = memory_new(&replay->memory, replay->cpus,
				      sizeof(*replay->cpu_node));
	if (!replay->cpu_node)
		return err_set(err, ERR_NOMEM, "replay: out of memory");
	for (uint32_t i = 0; i < replay->cpus; i++) {
		int node = topology_node(topology, i);

		if (node < 0 || (uint32_t)node >= replay->nodes)
			node =
			    (int)((uint64_t)i * replay->nodes / replay->cpus);
		replay->cpu_node[i] = (uint16_t)node;
	}
	return 0;
}

/* ---- Pages ---- */

/* True if the start may use these files of before/. */
static bool has(const struct replay *replay, uint32_t parts)
{
	return (replay->before_parts & parts) == parts;
}

static int endless_make(struct replay *replay, struct err *err)
{
	struct page_endless_config config = {.memory = replay->memory,
					     .nodes = replay->nodes,
					     .cpus = replay->cpus,
					     .cpu_node = replay->cpu_node};
	int ret;

	if (replay->recorded)
		return 0;
	ret = page_endless_create(&replay->pages, &config);
	return ret ? err_set(err, ret, "replay: out of memory") : 0;
}

static struct page_tuning tuning_of(const struct replay *replay)
{
	const struct replay_settings *settings = &replay->config.settings;

	if (replay->recorded)
		return (struct page_tuning){0};
	return (struct page_tuning){
	    .has_high = settings->pcp_high != REPLAY_UNSET,
	    .high = settings->pcp_high,
	    .has_batch = settings->pcp_batch != REPLAY_UNSET,
	    .batch = settings->pcp_batch,
	    .has_group = settings->pages_group != REPLAY_UNSET,
	    .group = settings->pages_group == 1,
	};
}

/*
 * The zones come from before, else from after. A machine that cannot be built
 * from them (zones that overlap) is no reason to give up: then pages are only
 * counted.
 */
static int pages_start(struct replay *replay, const char **cold,
		       struct err *err)
{
	const struct trace *trace = replay->trace;
	bool warm = has(replay, SNAPSHOT_ZONEINFO | SNAPSHOT_KPAGEFLAGS);
	struct page_machine_config config = {
	    .info = &trace->info,
	    .snapshot =
		has(replay, SNAPSHOT_ZONEINFO) ? &trace->before : &trace->after,
	    .start = warm ? PAGE_START_WARM : PAGE_START_COLD,
	    .tuning = tuning_of(replay),
	    .cpus = replay->cpus,
	    .rules = replay->config.rules,
	    .memory = replay->memory,
	};
	struct err why = {0};
	int ret;

	replay->page_window = window_of(trace, "kpageflags", warm);
	replay->nodes = page_machine_nodes(config.snapshot);
	ret = cpu_nodes_make(replay, err);
	if (ret)
		return ret;
	config.cpu_node = replay->cpu_node;
	if (replay->model_page_shift != replay->page_shift) {
		*cold = "another page size, pages only counted";
		return endless_make(replay, err);
	}
	if (warm && !replay->recorded && !replay->config.snapshot_only &&
	    trace->reveals.blocks.touched)
		config.reveals = &trace->reveals.blocks;
	*cold = warm			? NULL
		: replay->contradiction ? "before/ contradicts itself"
					: "no free blocks in before/";
	ret = page_machine_create(&replay->machine, &config, &why);
	if (ret == ERR_NOMEM)
		return err_set(err, ret, "%s", why.text);
	if (ret) {
		if (!replay->contradiction)
			*cold = "zones unknown, pages only counted";
		return endless_make(replay, err);
	}
	replay->pages = page_machine_model(replay->machine);
	if (!replay->recorded)
		return 0;
	page_books_init(&replay->books, replay->pages,
			page_machine_alloc(replay->machine),
			warm ? page_machine_pcp_start(replay->machine) : 0,
			variant_of(trace->info.version_major,
				   trace->info.version_minor) >= VARIANT_6_12,
			&replay->memory);
	ret = page_predict_init(&replay->predict,
				page_machine_alloc(replay->machine),
				replay->cpus, &replay->memory);
	return ret ? err_set(err, ret, "replay: out of memory") : 0;
}

/* ---- Slabs ---- */

/* Rules of the allocator that is replayed, where it is not the recorded one. */
static int model_rules(struct replay *replay, struct kmalloc_rules *rules)
{
	struct capture_info info = replay->trace->info;
	int ret;

	if (replay->recorded ||
	    (replay->own_model &&
	     replay->model_page_shift == replay->page_shift)) {
		*rules = replay->rules;
		return 0;
	}
	info.slab_kind = replay->kind;
	info.page_size = 1u << replay->model_page_shift;
	ret = kmalloc_rules_init(rules, &info, NULL);
	if (!ret)
		kmalloc_rules_sites(rules, &replay->trace->symbols);
	/* Which types there are is the kernel's configuration (MEMCG, DMA). */
	for (int type = 0; type < KMALLOC_TYPES && replay->rules.captured;
	     type++)
		if (!replay->rules.count[type])
			rules->count[type] = 0;
	return ret;
}

static int slub_make(struct replay *replay, struct err *err)
{
	const struct capture_info *info = &replay->trace->info;
	const struct replay_settings *settings = &replay->config.settings;
	struct slub_config config = {
	    .env = slub_env_default(
		variant_of(info->version_major, info->version_minor),
		1u << replay->model_page_shift, replay->cpus),
	    .nodes = replay->nodes,
	    .cpu_node = replay->cpu_node,
	    .pages = replay->pages,
	    .memory = replay->memory,
	    .use_captured_order =
		replay->own_model &&
		replay->model_page_shift == replay->page_shift,
	    .cpu_partial = settings->slub_cpu_partial,
	    .min_partial = settings->slub_min_partial,
	    .debug = settings->slub_debug,
	};

	if (info->long_size)
		config.env.word_size = info->long_size;
	if (replay->snapshot && replay->snapshot->order_count)
		config.env.order_count = replay->snapshot->order_count;
	if (settings->slub_max_order != REPLAY_UNSET) {
		config.env.slub_max_order = settings->slub_max_order;
		config.use_captured_order = false;
	}
	if (settings->slub_min_objects != REPLAY_UNSET) {
		config.env.slub_min_objects = settings->slub_min_objects;
		config.use_captured_order = false;
	}
	return slub_create(&replay->slab, &config, err);
}

/* SLAB takes no order above 0 where there are at most 32 MiB of memory. */
static bool memory_small(const struct snapshot *snapshot, uint32_t page_size)
{
	uint64_t managed = 0;

	for (uint32_t i = 0; snapshot && i < snapshot->zone_count; i++)
		managed += snapshot->zones[i].managed;
	return managed && managed <= (32u << 20) / page_size;
}

static int slab_make(struct replay *replay, const struct kmalloc_rules *rules,
		     struct err *err)
{
	const struct capture_info *info = &replay->trace->info;
	struct slab_config config = {
	    .env = slab_layout_env_default(
		variant_of(info->version_major, info->version_minor),
		1u << replay->model_page_shift, replay->cpus),
	    .nodes = replay->nodes,
	    .cpu_node = replay->cpu_node,
	    .pages = replay->pages,
	    .memory = replay->memory,
	    .use_captured = replay->own_model,
	    .freelists_given = replay->own_model,
	};

	if (info->long_size)
		config.env.word_size = info->long_size;
	if (memory_small(replay->snapshot, info->page_size))
		config.env.slab_max_order = 0;
	config.env.kmalloc_min = rules->classes[KMALLOC_NORMAL][0].bytes;
	if (replay->snapshot && replay->snapshot->order_count)
		config.env.order_count = replay->snapshot->order_count;
	return slab_create(&replay->slab, &config, err);
}

static int model_make(struct replay *replay, const struct kmalloc_rules *rules,
		      struct err *err)
{
	switch (replay->kind) {
	case SLAB_KIND_SLAB:
		return slab_make(replay, rules, err);
	case SLAB_KIND_SLOB:
		return replay_slob_make(replay, err);
	default:
		return slub_make(replay, err);
	}
}

/*
 * How a cache's slabs stood, as far as slab.tsv tells; with slabinfo alone the
 * free objects that it counts lie on node partial lists (get_slabinfo()), in
 * slabs that count as half full.
 */
static struct start_counts counts_own(const struct snapshot_cache *c,
				      uint32_t objs_per_slab)
{
	struct start_counts counts = {.slabs = c->num_slabs,
				      .objs_per_slab = objs_per_slab};
	uint64_t free_objects =
	    c->num_objs > c->active_objs ? c->num_objs - c->active_objs : 0;

	if (c->partial != UINT64_MAX && c->objects_partial != UINT64_MAX) {
		counts.node_partial = c->partial;
		counts.objects_partial = c->objects_partial;
	} else if (c->num_objs != UINT64_MAX && c->active_objs != UINT64_MAX) {
		counts.node_partial =
		    (2 * free_objects + objs_per_slab - 1) / objs_per_slab;
		counts.objects_partial =
		    counts.node_partial * objs_per_slab - free_objects;
	}
	if (c->slabs_cpu_partial != UINT64_MAX)
		counts.cpu_partial = c->slabs_cpu_partial;
	if (c->cpu_slabs != UINT64_MAX && c->cpu_slabs > counts.cpu_partial)
		counts.cpu_slabs = c->cpu_slabs - counts.cpu_partial;
	return counts;
}

/* Free objects in one CPU's array or sheaf. */
static uint64_t kept(const struct replay *replay, uint32_t usual, uint32_t most)
{
	switch (replay->config.rules.kept) {
	case START_KEPT_LEAST:
		return 0;
	case START_KEPT_MOST:
		return most;
	default:
		return usual;
	}
}

/*
 * What SLAB counts besides. Its own slabinfo tells which slabs are free, but
 * not what lies in arrays, which it takes for active: after each refill and
 * each flush a CPU's array holds about a batch. What CPUs of SLUB keep for
 * themselves, they keep in arrays.
 */
static struct start_counts counts_arrays(const struct replay *replay,
					 const struct snapshot_cache *c,
					 struct start_counts counts)
{
	uint32_t objs = counts.objs_per_slab;
	uint64_t in_free, free_objects;

	if (!replay->own_model) {
		counts.cached =
		    counts.cpu_slabs * (objs - start_cpu_slab_fill(&counts)) +
		    counts.cpu_partial *
			(objs - start_cpu_partial_fill(&counts));
		counts.cpu_slabs = counts.cpu_partial = 0;
		return counts;
	}
	counts.cached = kept(replay, c->batchcount, c->limit) * replay->cpus;
	if (c->active_slabs > c->num_slabs || c->active_objs > c->num_objs ||
	    c->num_objs == UINT64_MAX)
		return counts;
	counts.free_slabs = c->num_slabs - c->active_slabs;
	in_free = counts.free_slabs * objs;
	free_objects = c->num_objs - c->active_objs;
	free_objects = free_objects > in_free ? free_objects - in_free : 0;
	counts.node_partial = (2 * free_objects + objs - 1) / objs;
	counts.objects_partial = counts.node_partial * objs - free_objects;
	return counts;
}

/* How many slabs of "other" objects have the room of slabs of "objs". */
static uint64_t slabs_scaled(uint64_t slabs, uint32_t objs, uint32_t other)
{
	return (slabs * objs + other / 2) / other;
}

/*
 * The same objects and, about, the same free slots in slabs of another layout:
 * partial slabs keep how full they are, the rest fills slabs.
 */
static struct start_counts counts_scaled(struct start_counts counts,
					 uint32_t objs_per_slab)
{
	uint32_t objs = counts.objs_per_slab;
	struct start_counts scaled = {
	    .node_partial =
		slabs_scaled(counts.node_partial, objs, objs_per_slab),
	    .cpu_slabs = counts.cpu_slabs,
	    .cached = counts.cached,
	    .cpu_partial =
		slabs_scaled(counts.cpu_partial, objs, objs_per_slab),
	    .objs_per_slab = objs_per_slab,
	    .rules = counts.rules,
	};
	uint64_t apart =
	    counts.node_partial + counts.cpu_slabs + counts.cpu_partial;
	uint64_t full = counts.slabs > apart ? counts.slabs - apart : 0;
	uint64_t in_use = full * objs +
			  counts.cpu_slabs * start_cpu_slab_fill(&counts) +
			  counts.cpu_partial * start_cpu_partial_fill(&counts);
	uint64_t half;

	scaled.objects_partial = counts.objects_partial;
	if (scaled.objects_partial > scaled.node_partial * objs_per_slab)
		scaled.node_partial =
		    (scaled.objects_partial + objs_per_slab - 1) /
		    objs_per_slab;
	half = scaled.cpu_slabs * start_cpu_slab_fill(&scaled) +
	       scaled.cpu_partial * start_cpu_partial_fill(&scaled);
	full = in_use > half
		   ? (in_use - half + objs_per_slab - 1) / objs_per_slab
		   : 0;
	scaled.slabs =
	    full + scaled.node_partial + scaled.cpu_slabs + scaled.cpu_partial;
	return scaled;
}

/* Slabs of caches of the same layout, on the same lists. */
static void counts_add(struct start_counts *sum,
		       const struct start_counts *more, uint32_t cpus)
{
	sum->slabs += more->slabs;
	sum->node_partial += more->node_partial;
	sum->objects_partial += more->objects_partial;
	sum->cpu_slabs += more->cpu_slabs;
	sum->cpu_partial += more->cpu_partial;
	/* A CPU allocates from one slab; the others are its partial ones. */
	if (sum->cpu_slabs > cpus) {
		sum->cpu_partial += sum->cpu_slabs - cpus;
		sum->cpu_slabs = cpus;
	}
}

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
		more = counts_own(member, objs_per_slab);
		counts_add(&counts, &more, replay->cpus);
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
					 : counts_own(c, objs);
	int ret = 0;

	counts.rules = replay->config.rules;
	if (replay->kind == SLAB_KIND_SLOB)
		return replay_slob_cache_start(replay, entry, c, &counts);
	if (replay->kind == SLAB_KIND_SLAB)
		counts = counts_arrays(replay, c, counts);
	/* No file tells what lies in sheaves: half of each CPU's main one. */
	if (replay->kind == SLAB_KIND_SLUB)
		counts.cached = kept(replay, entry->spec.sheaf_capacity / 2,
				     entry->spec.sheaf_capacity) *
				replay->cpus;
	if (made_objs && made_objs != counts.objs_per_slab)
		counts = counts_scaled(counts, made_objs);
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
	    counts_own(c, c->objs_per_slab ? c->objs_per_slab : 1);

	entry->slabs = entry->slabs_start = entry->slabs_peak = c->num_slabs;
	entry->pages = c->num_slabs << c->order;
	entry->objects = entry->objects_start =
	    c->active_objs == UINT64_MAX ? 0 : c->active_objs;
	/* slabinfo counts the places of slabs of less than their order, too. */
	entry->room_bytes =
	    (c->num_objs == UINT64_MAX ? c->num_slabs * c->objs_per_slab
				       : c->num_objs) *
	    c->slab_size;
	entry->old_objects = start_objects(&counts);
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

static int slabs_start(struct replay *replay, const char **cold,
		       struct err *err)
{
	const struct trace *trace = replay->trace;
	bool own_slob = replay->own_model && replay->kind == SLAB_KIND_SLOB;
	bool counts =
	    has(replay, SNAPSHOT_SLABINFO) || has(replay, SNAPSHOT_SLAB_TSV);
	/* Without a list of caches the pages' flags still count slab pages. */
	bool flags = !counts && (replay->recorded || own_slob) &&
		     has(replay, SNAPSHOT_KPAGEFLAGS);
	struct kmalloc_rules rules;
	int ret =
	    kmalloc_rules_init(&replay->rules, &trace->info, replay->snapshot);

	if (!ret) {
		kmalloc_rules_sites(&replay->rules, &trace->symbols);
		ret = model_rules(replay, &rules);
	}
	if (ret)
		return err_set(err, ret, "no kmalloc classes for page size %u",
			       trace->info.page_size);
	if (!replay->recorded) {
		ret = replay_classes_add(replay, &rules, err);
		if (!ret)
			ret = model_make(replay, &rules, err);
		if (ret)
			return ret;
	}
	cache_table_init(&replay->caches, replay->trace, replay->snapshot,
			 &rules, replay->slab, &replay->memory);
	replay->caches.old_requests = replay->config.rules.request;
	replay->slab_window = window_of(
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

/* ---- Both ---- */

/* After the slabs, so that no page of these is taken for one on a list. */
static int pcp_start(struct replay *replay, struct err *err)
{
	const struct reveals *reveals =
	    replay->config.snapshot_only ? NULL : &replay->trace->reveals;
	int ret;

	if (replay->recorded || !replay->machine ||
	    !has(replay, SNAPSHOT_ZONEINFO | SNAPSHOT_KPAGEFLAGS))
		return 0;
	replay->notes.pcp_pages = page_machine_pcp_start(replay->machine);
	ret = page_machine_fill_pcp(replay->machine, &replay->trace->before,
				    reveals ? reveals->listed : NULL,
				    reveals ? reveals->listed_count : 0,
				    &replay->notes.pcp_pages_revealed);
	return ret ? err_set(err, ret, "per-CPU lists of the start: %s",
			     err_code_text(ret))
		   : 0;
}

static void start_text(struct replay_result *result, const char *cold_pages,
		       const char *cold_slabs)
{
	if (!cold_pages && !cold_slabs)
		snprintf(result->start, sizeof(result->start), "warm");
	else if (cold_pages && cold_slabs)
		snprintf(result->start, sizeof(result->start), "cold: %s",
			 cold_pages);
	else if (cold_pages)
		snprintf(result->start, sizeof(result->start),
			 "warm slabs, cold pages: %s", cold_pages);
	else
		snprintf(result->start, sizeof(result->start),
			 "warm pages, cold slabs: %s", cold_slabs);
}

int replay_start(struct replay *replay, struct err *err)
{
	const struct trace *trace = replay->trace;
	const uint32_t lists =
	    SNAPSHOT_SLABINFO | SNAPSHOT_SLAB_TSV | SNAPSHOT_SLAB_PARAMETERS;
	const char *cold_pages = NULL, *cold_slabs = NULL;
	char why[SNAPSHOT_WHY_MAX];
	int ret;

	replay->freeing_pid = replay->freeing_kswapd = -1;
	silent_ends_init(&replay->silent, &replay->memory);
	/* Which of its files is wrong cannot be known: none is believed. */
	if (snapshot_agrees(&trace->before, why))
		replay->before_parts = trace->before.parts;
	else
		replay->contradiction = true;
	if (replay->before_parts & lists)
		replay->snapshot = &trace->before;
	else if (trace->after.parts & lists)
		replay->snapshot = &trace->after;
	ret = pages_start(replay, &cold_pages, err);
	moments_init(&replay->moments, trace, replay->machine, &replay->memory);
	if (!ret)
		ret = slabs_start(replay, &cold_slabs, err);
	if (!ret)
		ret = pcp_start(replay, err);
	if (ret)
		return ret;
	start_text(&replay->result, cold_pages, cold_slabs);
	return 0;
}
