#include "replay/slab_array.h"

#include <string.h>

#include "replay/slab_node.h"

enum {
	REFILL_UNTOUCHED = 16, /* BATCHREFILL_LIMIT */
	ALIEN_LIMIT = 12,
};

/* ---- Making them ---- */

static void array_init(struct slab_array *array, uint32_t **entries,
		       uint32_t limit, uint32_t batchcount)
{
	*array = (struct slab_array){
	    .entries = *entries, .limit = limit, .batchcount = batchcount};
	*entries += limit;
}

/* do_tune_cpucache(), setup_kmem_cache_node() */
static void arrays_init(const struct slab *slab, struct slab_cache *cache)
{
	const struct slab_layout *layout = &cache->layout;
	uint32_t nodes = slab->config.nodes, *entries = cache->entries;
	uint32_t alien = layout->limit > 1 ? ALIEN_LIMIT : layout->limit;

	for (uint32_t i = 0; i < slab->config.env.cpus; i++)
		array_init(slab_cpu_array(cache, i), &entries, layout->limit,
			   layout->batchcount);
	for (uint32_t n = 0; n < nodes; n++)
		array_init(slab_shared_array(slab, cache, n), &entries,
			   layout->shared * layout->batchcount, 0);
	for (uint32_t n = 0; n < nodes; n++)
		for (uint32_t of = 0; of < nodes; of++)
			array_init(slab_alien_array(slab, cache, n, of),
				   &entries, n == of ? 0 : alien, 0);
	for (uint32_t n = 0; n < nodes; n++) {
		struct slab_node *node = &cache->nodes[n];
		uint64_t cpus = 0;

		for (uint32_t i = 0; i < slab->config.env.cpus; i++)
			cpus += slab->cpu_node[i] == n;
		*node = (struct slab_node){
		    .head = {SLAB_NONE, SLAB_NONE},
		    .tail = {SLAB_NONE, SLAB_NONE},
		    .free_limit =
			(1 + cpus) * layout->batchcount + layout->objs_per_slab,
		};
	}
}

void slab_arrays_fini(const struct slab *slab, struct slab_cache *cache)
{
	memory_free(&slab->config.memory, cache->arrays);
	memory_free(&slab->config.memory, cache->entries);
	memory_free(&slab->config.memory, cache->nodes);
}

int slab_arrays_make(const struct slab *slab, struct slab_cache *cache)
{
	const struct memory *memory = &slab->config.memory;
	const struct slab_layout *layout = &cache->layout;
	size_t nodes = slab->config.nodes;
	size_t entries = (size_t)slab->config.env.cpus * layout->limit +
			 nodes * layout->shared * layout->batchcount +
			 nodes * nodes * ALIEN_LIMIT;

	cache->arrays =
	    memory_new(memory, slab_array_count(slab), sizeof(*cache->arrays));
	cache->entries = memory_new(memory, entries, sizeof(*cache->entries));
	cache->nodes = memory_new(memory, nodes, sizeof(*cache->nodes));
	if (!cache->arrays || !cache->entries || !cache->nodes) {
		slab_arrays_fini(slab, cache);
		return ERR_NOMEM;
	}
	arrays_init(slab, cache);
	return 0;
}

/* ---- Moving objects ---- */

/* transfer_objects(): the newest of one become the newest of the other. */
static uint32_t array_transfer(struct slab_array *to, struct slab_array *from,
			       uint32_t most)
{
	uint32_t count = to->limit - to->avail;

	if (count > most)
		count = most;
	if (count > from->avail)
		count = from->avail;
	if (!count)
		return 0;
	memcpy(to->entries + to->avail, from->entries + from->avail - count,
	       count * sizeof(*to->entries));
	from->avail -= count;
	to->avail += count;
	return count;
}

/* The oldest objects of an array are gone. */
static void array_drop(struct slab_array *array, uint32_t count)
{
	array->avail -= count;
	memmove(array->entries, array->entries + count,
		array->avail * sizeof(*array->entries));
}

void slab_array_drain(struct slab *slab, struct slab_cache *cache,
		      struct slab_array *array, unsigned int node,
		      unsigned int cpu)
{
	uint32_t count = (array->limit + 4) / 5;

	if (count > array->avail)
		count = (array->avail + 1) / 2;
	if (!count)
		return;
	slab_node_free(slab, cache, array->entries, count, node, cpu);
	array_drop(array, count);
}

void slab_alien_drain(struct slab *slab, struct slab_cache *cache,
		      struct slab_array *alien, unsigned int of,
		      unsigned int cpu)
{
	array_transfer(slab_shared_array(slab, cache, of), alien, alien->limit);
	if (alien->avail)
		slab_node_free(slab, cache, alien->entries, alien->avail, of,
			       cpu);
	alien->avail = 0;
}

/* alloc_block(): objects of the slab, until it or the batch is used up. */
static uint32_t array_take(struct slab *slab, const struct slab_cache *cache,
			   struct slab_array *array, uint32_t s, uint32_t batch)
{
	struct slab_block *block = &slab->blocks[s];
	uint32_t count = cache->layout.objs_per_slab - block->active;

	if (count > batch)
		count = batch;
	for (uint32_t i = 0; i < count; i++)
		array->entries[array->avail++] = s;
	block->active += count;
	return batch - count;
}

int slab_array_refill(struct slab *slab, uint32_t c,
		      const struct slab_request *request, unsigned int node)
{
	struct slab_cache *cache = &slab->caches[c];
	struct slab_array *array = slab_cpu_array(cache, request->cpu);
	struct slab_array *shared = slab_shared_array(slab, cache, node);
	struct slab_node *n = &cache->nodes[node];
	uint32_t batch = array->batchcount, s;
	int ret;

	if (!array->touched && batch > REFILL_UNTOUCHED)
		batch = REFILL_UNTOUCHED;
	if (array_transfer(array, shared, batch)) {
		shared->touched = true;
		array->touched = true;
		return 0;
	}
	s = n->free_objects ? slab_node_first(n) : SLAB_NONE;
	while (batch && s != SLAB_NONE) {
		uint32_t before = array->avail;

		batch = array_take(slab, cache, array, s, batch);
		n->free_objects -= array->avail - before;
		slab_list_fix(slab, cache, s);
		s = batch ? slab_node_first(n) : SLAB_NONE;
	}
	if (!array->avail) {
		ret = slab_grow_begin(slab, c, request, (int)node, true, &s);
		if (ret)
			return ret;
		array_take(slab, cache, array, s, batch);
		slab_grow_end(slab, c, s);
	}
	array->touched = true;
	return 0;
}

void slab_array_flush(struct slab *slab, struct slab_cache *cache,
		      struct slab_array *array, unsigned int cpu)
{
	unsigned int node = slab->cpu_node[cpu];
	struct slab_array *shared = slab_shared_array(slab, cache, node);
	uint32_t count = array->batchcount,
		 room = shared->limit - shared->avail;

	if (room) {
		if (count > room)
			count = room;
		memcpy(shared->entries + shared->avail, array->entries,
		       count * sizeof(*array->entries));
		shared->avail += count;
	} else {
		slab_node_free(slab, cache, array->entries, count, node, cpu);
	}
	array_drop(array, count);
}

bool slab_arrays_hold(const struct slab *slab, const struct slab_cache *cache,
		      uint32_t s)
{
	for (size_t a = 0; a < slab_array_count(slab); a++)
		for (uint32_t i = 0; i < cache->arrays[a].avail; i++)
			if (cache->arrays[a].entries[i] == s)
				return true;
	return false;
}
