#include "replay/start_slabs.h"

#include <assert.h>

void start_slabs_init(struct start_slabs *starts, const struct memory *memory)
{
	*starts = (struct start_slabs){.memory = *memory};
}

void start_slabs_fini(struct start_slabs *starts)
{
	memory_free(&starts->memory, starts->slabs);
	memory_free(&starts->memory, starts->caches);
	starts->slabs = NULL;
	starts->caches = NULL;
}

static struct start_cache *cache_get(struct start_slabs *starts, uint32_t cache)
{
	struct start_cache *grown =
	    memory_grow(&starts->memory, starts->caches, sizeof(*grown),
			(size_t)cache + 1, &starts->cache_cap);

	if (!grown)
		return NULL;
	starts->caches = grown;
	return &grown[cache];
}

static int slab_add(struct start_slabs *starts, struct slab_model *model,
		    const struct slab_start *start)
{
	struct start_slab *grown =
	    memory_grow(&starts->memory, starts->slabs, sizeof(*grown),
			starts->count + 1, &starts->cap);
	struct start_slab *slab;
	int ret;

	if (!grown)
		return ERR_NOMEM;
	starts->slabs = grown;
	slab = &grown[starts->count];
	*slab = (struct start_slab){.left = start->inuse};
	ret = model->ops->start(model, start, &slab->handle);
	if (!ret)
		starts->count++;
	return ret;
}

/* Objects in use of the i-th of count slabs that hold total together. */
static uint32_t share(uint64_t total, uint64_t count, uint64_t i)
{
	return (uint32_t)(total * (i + 1) / count - total * i / count);
}

static uint64_t least(uint64_t a, uint64_t b)
{
	return a < b ? a : b;
}

/* Cuts the parts so that they add up to no more than all slabs. */
static struct start_counts counts_fit(struct start_counts counts, uint32_t cpus)
{
	uint64_t room = counts.slabs;

	counts.cpu_slabs = least(least(counts.cpu_slabs, cpus), room);
	room -= counts.cpu_slabs;
	counts.cpu_partial = least(counts.cpu_partial, room);
	room -= counts.cpu_partial;
	counts.node_partial = least(counts.node_partial, room);
	room -= counts.node_partial;
	counts.free_slabs = least(counts.free_slabs, room);
	counts.objects_partial = least(
	    counts.objects_partial, counts.node_partial * counts.objs_per_slab);
	return counts;
}

uint32_t start_cpu_partial_fill(const struct start_counts *counts)
{
	if (!counts->node_partial)
		return counts->objs_per_slab / 2;
	return (uint32_t)(counts->objects_partial / counts->node_partial);
}

/* Slabs of which all objects are in use or in arrays. */
static uint64_t full_slabs(const struct start_counts *counts)
{
	return counts->slabs - counts->cpu_slabs - counts->cpu_partial -
	       counts->node_partial - counts->free_slabs;
}

/* The i-th slab: full, CPU partial, node partial, CPU slabs, free. */
static struct slab_start nth_slab(const struct start_counts *counts, uint64_t i,
				  uint32_t cpus, const uint16_t *cpu_node)
{
	uint64_t full = full_slabs(counts);
	struct slab_start start = {.inuse = counts->objs_per_slab,
				   .pfn = SLAB_PFN_UNKNOWN,
				   .place = SLAB_FULL};

	if (i < full)
		return start;
	i -= full;
	if (i < counts->cpu_partial) {
		start.place = SLAB_CPU_PARTIAL;
		start.cpu = (uint16_t)(i % cpus);
	} else if (i - counts->cpu_partial < counts->node_partial) {
		start.place = SLAB_NODE_PARTIAL;
		start.inuse =
		    share(counts->objects_partial, counts->node_partial,
			  i - counts->cpu_partial);
		return start;
	} else if (i >= counts->slabs - full - counts->free_slabs) {
		start.place = SLAB_NODE_PARTIAL;
		start.inuse = 0;
		return start;
	} else {
		start.place = SLAB_CPU;
		start.cpu =
		    (uint16_t)(i - counts->cpu_partial - counts->node_partial);
	}
	start.inuse = start.place == SLAB_CPU ? counts->objs_per_slab / 2
					      : start_cpu_partial_fill(counts);
	start.node = cpu_node ? cpu_node[start.cpu] : 0;
	return start;
}

/*
 * Puts the objects that CPUs hold in arrays into the last full slabs and, if
 * these are too few, into partial ones, at most a CPU's share in each.
 */
static void cache_objects(const struct start_counts *counts, uint64_t i,
			  uint32_t cpus, const uint16_t *cpu_node,
			  uint64_t *dealt, struct slab_start *start)
{
	uint64_t share = (counts->cached + cpus - 1) / cpus, full, most, behind;

	if (!counts->cached || start->place == SLAB_CPU ||
	    start->place == SLAB_CPU_PARTIAL)
		return;
	full = full_slabs(counts);
	most = least(share, counts->objs_per_slab);
	behind = i < full ? (full - 1 - i) * most : 0;
	if (*dealt + behind >= counts->cached)
		return;
	start->cached = (uint32_t)least(least(most, start->inuse),
					counts->cached - *dealt - behind);
	start->inuse -= start->cached;
	start->cpu = (uint16_t)((*dealt) / share);
	*dealt += start->cached;
	start->node = cpu_node ? cpu_node[start->cpu] : 0;
}

int start_slabs_add(struct start_slabs *starts, struct slab_model *model,
		    uint32_t cache, const struct start_counts *given,
		    uint32_t cpus, const uint16_t *cpu_node, uint32_t nodes)
{
	struct start_counts counts = counts_fit(*given, cpus);
	struct start_cache *sc = cache_get(starts, cache);
	uint64_t dealt = 0;

	if (!sc)
		return ERR_NOMEM;
	sc->first = sc->front = sc->spare = (uint32_t)starts->count;
	for (uint64_t i = 0; i < counts.slabs; i++) {
		struct slab_start start = nth_slab(&counts, i, cpus, cpu_node);
		int ret;

		start.cache = cache;
		if (start.place == SLAB_FULL ||
		    start.place == SLAB_NODE_PARTIAL)
			start.node = (uint16_t)(i % nodes);
		cache_objects(&counts, i, cpus, cpu_node, &dealt, &start);
		ret = slab_add(starts, model, &start);
		if (ret)
			return ret;
	}
	sc->count = (uint32_t)counts.slabs;
	sc->back = sc->first + sc->count;
	return 0;
}

uint32_t start_slabs_bind(struct start_slabs *starts, uint32_t cache,
			  bool for_free)
{
	struct start_cache *sc;

	if (cache >= starts->cache_cap)
		return START_SLAB_NONE;
	sc = &starts->caches[cache];
	if (sc->front == sc->back)
		return START_SLAB_NONE;
	return for_free ? sc->front++ : --sc->back;
}

bool start_slabs_take(struct start_slabs *starts, uint32_t cache, uint32_t slab,
		      uint64_t *handle)
{
	struct start_cache *sc;

	if (slab != START_SLAB_NONE && starts->slabs[slab].left) {
		starts->slabs[slab].left--;
		*handle = starts->slabs[slab].handle;
		return true;
	}
	if (cache >= starts->cache_cap)
		return false;
	sc = &starts->caches[cache];
	while (sc->spare < sc->first + sc->count &&
	       !starts->slabs[sc->spare].left)
		sc->spare++;
	if (sc->spare == sc->first + sc->count)
		return false;
	starts->slabs[sc->spare].left--;
	*handle = starts->slabs[sc->spare].handle;
	return true;
}

bool start_slabs_holds(const struct start_slabs *starts, uint32_t slab,
		       uint64_t *handle)
{
	assert(slab < starts->count);
	*handle = starts->slabs[slab].handle;
	return starts->slabs[slab].left > 0;
}
