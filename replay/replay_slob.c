/*
 * SLOB in the engine. Its slab pages belong to no cache and its list of caches
 * tells no counts, so its start is another one:
 *
 *   recording of SLOB       The pages with KPF_SLAB are there, in use from end
 *                           to end: what is free in them no file tells. A
 *                           place opens, once, when the trace tells: by the
 *                           free of an object from before whose size is known
 *                           from its cache, or by an allocation, since what
 *                           is allocated there first was free before.
 *   of SLUB or SLAB         The objects in use are put into an empty heap, one
 *                           cache after the other: the least pages that could
 *                           hold them. Frees take any object of their cache.
 */
#include "replay/replay_slob.h"

#include "replay/replay_state.h"

int replay_slob_make(struct replay *replay, const struct kmalloc_rules *rules,
		     struct err *err)
{
	struct slob_config config = {
	    .env = replay->slob_env,
	    .nodes = replay->nodes,
	    .pages = replay->pages,
	    .memory = replay->memory,
	};

	(void)rules;
	return slob_create(&replay->slab, &config, err);
}

/* Where a recorded slab page lies in the model's memory. */
static uint64_t page_place(struct replay *replay, uint64_t pfn)
{
	uint64_t other;

	if (!replay->machine)
		return SLAB_PFN_UNKNOWN;
	if (page_machine_claim(replay->machine, pfn, 0))
		return pfn;
	if (page_machine_claim_other(replay->machine, pfn, 0, &other))
		return other;
	return SLAB_PFN_UNKNOWN;
}

int replay_slob_pages_start(struct replay *replay)
{
	const struct snapshot *before = &replay->trace->before;
	int ret = 0;

	for (uint64_t pfn = 0; pfn < before->slab_map_pages && !ret; pfn++)
		if (snapshot_is_slab(before, pfn))
			ret = slob_start_page(replay->slab, pfn,
					      page_place(replay, pfn));
	return ret;
}

/* No more of them than pages of the machine that was recorded can hold. */
static uint32_t objects_bound(const struct replay *replay,
			      const struct snapshot_cache *captured,
			      const struct start_counts *counts)
{
	uint64_t pages = counts->slabs << captured->order;
	uint64_t most =
	    pages * replay->trace->info.page_size / captured->slab_size;
	uint64_t objects = start_counts_objects(counts);

	if (objects > most)
		objects = most;
	return objects < UINT32_MAX ? (uint32_t)objects : UINT32_MAX;
}

int replay_slob_cache_start(struct replay *replay, struct cache_entry *entry,
			    const struct snapshot_cache *captured,
			    const struct start_counts *counts)
{
	uint32_t bound = objects_bound(replay, captured, counts);
	/* To the model all of them are one slab. */
	struct start_counts objects = {.slabs = bound > 0,
				       .objs_per_slab = bound};
	struct start_layout layout = {.cpus = replay->cpus,
				      .nodes = replay->nodes,
				      .cpu_node = replay->cpu_node};

	return start_slabs_add(&replay->starts, replay->slab, entry->model,
			       &objects, &layout);
}

/* The place of an object in the recorded memory opens in the model's. */
static bool place_open(struct replay *replay, const struct kmem_event *ev,
		       uint32_t header, uint64_t bytes)
{
	const struct capture_info *info = &replay->trace->info;
	uint64_t at = ev->addr - header - info->direct_map_base;

	if (!info->linked || bytes >= info->page_size)
		return false;
	at &= replay->address_mask;
	return slob_start_free(replay->slab, at >> replay->page_shift,
			       (uint32_t)(at & (info->page_size - 1)),
			       (uint32_t)bytes, ev->cpu);
}

bool replay_slob_start_free(struct replay *replay, const struct kmem_event *ev,
			    uint32_t cache)
{
	const struct slab_cache_spec *spec;

	if (cache == CACHE_NONE)
		return false;
	spec = &replay->caches.entries[cache].spec;
	replay->caches.entries[cache].frees++;
	return !spec->kmalloc &&
	       place_open(replay, ev, 0,
			  slob_cache_bytes(&replay->slob_env, spec->object_size,
					   spec->destroy_by_rcu));
}

void replay_slob_sizes(struct replay *replay, const struct kmem_event *ev,
		       const struct kmalloc_choice *choice,
		       const struct cache_entry *entry,
		       struct slab_request *request, uint64_t *bytes_alloc)
{
	uint32_t header = replay->caches.kmalloc.header;

	uint64_t recorded = choice->bytes_alloc;

	if (entry->own) {
		*bytes_alloc = slob_cache_bytes(&replay->slob_env,
						request->bytes_req, false);
	} else if (ev->kind == EV_KMALLOC) {
		*bytes_alloc = recorded;
	} else {
		header = 0;
		/* SLOB's own size tells whether it has a footer. */
		if ((replay->own_model && !ev->name) || !request->bytes_req)
			request->bytes_req = entry->spec.slab_size;
		*bytes_alloc =
		    slob_cache_bytes(&replay->slob_env, request->bytes_req,
				     entry->spec.destroy_by_rcu);
	}
	if (replay->own_model)
		place_open(replay, ev, header,
			   entry->own ? recorded : *bytes_alloc);
}
