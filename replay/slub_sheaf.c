/*
 * A sheaf holds numbers of slabs, since which object of a slab is free never
 * changes what SLUB does. Every step costs constant time, but for filling or
 * emptying a sheaf, which is one step per object.
 */
#include "replay/slub_sheaf.h"

#include "replay/slub_cpu.h"

/* MAX_FULL_SHEAVES; empty ones have a limit only where RCU gives them back. */
enum { FULL_MOST = 10 };

/* ---- Sheaves ---- */

static struct slub_sheaf *sheaf_new(struct slub *slub,
				    const struct slub_cache *cache)
{
	return memory_new(&slub->config.memory, 1,
			  sizeof(struct slub_sheaf) +
			      cache->sheaf_capacity * sizeof(uint32_t));
}

static void sheaf_free_list(struct slub *slub, struct slub_sheaf *sheaf)
{
	while (sheaf) {
		struct slub_sheaf *next = sheaf->next;

		memory_free(&slub->config.memory, sheaf);
		sheaf = next;
	}
}

/* sheaf_flush_unused(): all objects back to their slabs. */
static void sheaf_flush(struct slub *slub, struct slub_cache *cache,
			struct slub_sheaf *sheaf, unsigned int cpu)
{
	slub->stats.sheaf_flush += sheaf->size;
	while (sheaf->size)
		slub_cpu_free(slub, cache, sheaf->slabs[--sheaf->size], cpu);
}

/* refill_sheaf(): full, or as it was. */
static bool sheaf_fill(struct slub *slub, uint32_t number,
		       const struct slab_request *request,
		       struct slub_sheaf *sheaf)
{
	uint32_t had = sheaf->size;

	while (sheaf->size < slub->caches[number].sheaf_capacity) {
		uint32_t s;

		if (slub_cpu_alloc(slub, number, request, -1, &s)) {
			while (sheaf->size > had)
				slub_cpu_free(slub, &slub->caches[number],
					      sheaf->slabs[--sheaf->size],
					      request->cpu);
			return false;
		}
		sheaf->slabs[sheaf->size++] = s;
	}
	slub->stats.sheaf_refill += sheaf->size - had;
	return true;
}

/* ---- Barns ---- */

static struct slub_sheaf *barn_take(struct slub_sheaf **list, uint32_t *count)
{
	struct slub_sheaf *sheaf = *list;

	if (sheaf) {
		*list = sheaf->next;
		sheaf->next = NULL;
		(*count)--;
	}
	return sheaf;
}

static void barn_put(struct slub_sheaf **list, uint32_t *count,
		     struct slub_sheaf *sheaf)
{
	sheaf->next = *list;
	*list = sheaf;
	(*count)++;
}

static struct slub_barn *barn_of(struct slub *slub, struct slub_cache *cache,
				 unsigned int cpu)
{
	return &cache->barns[slub->cpu_node[cpu]];
}

/* ---- Allocation ---- */

/* __pcs_replace_empty_main(): true if main has objects now. */
static bool main_was_empty(struct slub *slub, uint32_t number,
			   const struct slab_request *request)
{
	struct slub_cache *cache = &slub->caches[number];
	struct slub_pcs *pcs = &cache->pcs[request->cpu];
	struct slub_barn *barn = barn_of(slub, cache, request->cpu);
	struct slub_sheaf *was = pcs->main, *sheaf;

	if (pcs->spare && pcs->spare->size) {
		pcs->main = pcs->spare;
		pcs->spare = was;
		return true;
	}
	sheaf = barn_take(&barn->full, &barn->nr_full);
	if (sheaf) {
		slub->stats.barn_get++;
	} else {
		if (request->flags & PAGE_REQ_NONBLOCK)
			return false;
		sheaf = pcs->spare;
		pcs->spare = NULL;
		if (!sheaf)
			sheaf = barn_take(&barn->empty, &barn->nr_empty);
		if (!sheaf)
			sheaf = sheaf_new(slub, cache);
		if (!sheaf)
			return false;
		if (!sheaf_fill(slub, number, request, sheaf)) {
			memory_free(&slub->config.memory, sheaf);
			return false;
		}
	}
	barn_put(&barn->empty, &barn->nr_empty, was);
	pcs->main = sheaf;
	return true;
}

bool slub_sheaf_alloc(struct slub *slub, uint32_t number,
		      const struct slab_request *request, int node, uint32_t *s)
{
	struct slub_cache *cache = &slub->caches[number];
	struct slub_pcs *pcs = &cache->pcs[request->cpu];
	struct slub_sheaf *main;

	if (node >= 0 && node != slub->cpu_node[request->cpu])
		return false;
	if (!pcs->main->size && !main_was_empty(slub, number, request))
		return false;
	main = pcs->main;
	/* Slabs of a start may turn out to lie on another node. */
	if (node >= 0 && slub->slabs[main->slabs[main->size - 1]].node != node)
		return false;
	*s = main->slabs[--main->size];
	slub->stats.alloc_pcs++;
	return true;
}

/* ---- Free ---- */

/*
 * __pcs_replace_full_main(): main has room then; where there is no memory for
 * another sheaf it was flushed.
 */
static void main_was_full(struct slub *slub, struct slub_cache *cache,
			  unsigned int cpu)
{
	struct slub_pcs *pcs = &cache->pcs[cpu];
	struct slub_barn *barn = barn_of(slub, cache, cpu);
	struct slub_sheaf *was = pcs->main, *empty;

	if (pcs->spare && pcs->spare->size < cache->sheaf_capacity) {
		pcs->main = pcs->spare;
		pcs->spare = was;
		return;
	}
	if (pcs->spare && barn->nr_full >= FULL_MOST) {
		sheaf_flush(slub, cache, pcs->spare, cpu);
		pcs->main = pcs->spare;
		pcs->spare = was;
		return;
	}
	empty = barn_take(&barn->empty, &barn->nr_empty);
	if (!empty)
		empty = sheaf_new(slub, cache);
	if (!empty) {
		sheaf_flush(slub, cache, was, cpu);
		return;
	}
	pcs->main = empty;
	if (!pcs->spare) {
		pcs->spare = was;
		return;
	}
	barn_put(&barn->full, &barn->nr_full, was);
	slub->stats.barn_put++;
}

bool slub_sheaf_free(struct slub *slub, uint32_t number, uint32_t s,
		     unsigned int cpu)
{
	struct slub_cache *cache = &slub->caches[number];
	struct slub_sheaf *main;

	if (slub->slabs[s].node != slub->cpu_node[cpu])
		return false;
	if (cache->pcs[cpu].main->size == cache->sheaf_capacity)
		main_was_full(slub, cache, cpu);
	main = cache->pcs[cpu].main;
	main->slabs[main->size++] = s;
	slub->stats.free_pcs++;
	return true;
}

/* ---- The sheaves of a cache ---- */

int slub_sheaf_make(struct slub *slub, struct slub_cache *cache)
{
	const struct memory *memory = &slub->config.memory;
	uint32_t cpus = slub->config.env.cpus;

	cache->pcs = memory_new(memory, cpus, sizeof(*cache->pcs));
	cache->barns =
	    memory_new(memory, slub->config.nodes, sizeof(*cache->barns));
	for (uint32_t i = 0; cache->pcs && i < cpus; i++) {
		cache->pcs[i].main = sheaf_new(slub, cache);
		if (!cache->pcs[i].main)
			break;
		if (i == cpus - 1 && cache->barns)
			return 0;
	}
	slub_sheaf_destroy(slub, cache);
	return ERR_NOMEM;
}

void slub_sheaf_destroy(struct slub *slub, struct slub_cache *cache)
{
	const struct memory *memory = &slub->config.memory;

	for (uint32_t i = 0; cache->pcs && i < slub->config.env.cpus; i++) {
		memory_free(memory, cache->pcs[i].main);
		memory_free(memory, cache->pcs[i].spare);
	}
	for (uint32_t i = 0; cache->barns && i < slub->config.nodes; i++) {
		sheaf_free_list(slub, cache->barns[i].full);
		sheaf_free_list(slub, cache->barns[i].empty);
	}
	memory_free(memory, cache->pcs);
	memory_free(memory, cache->barns);
	cache->pcs = NULL;
	cache->barns = NULL;
}

void slub_sheaf_start(struct slub *slub, struct slub_cache *cache, uint32_t s,
		      const struct slab_start *start)
{
	struct slub_sheaf *main = cache->pcs[start->cpu].main;

	if (start->node != slub->cpu_node[start->cpu])
		return;
	for (uint32_t i = 0;
	     i < start->cached && main->size < cache->sheaf_capacity; i++) {
		main->slabs[main->size++] = s;
		slub->slabs[s].inuse++;
	}
}

static uint64_t objects_in(const struct slub_sheaf *sheaf, uint32_t s)
{
	uint64_t count = 0;

	for (; sheaf; sheaf = sheaf->next)
		for (uint32_t i = 0; i < sheaf->size; i++)
			count += s == SLUB_NONE || sheaf->slabs[i] == s;
	return count;
}

uint64_t slub_sheaf_objects(const struct slub *slub,
			    const struct slub_cache *cache, uint32_t s)
{
	uint64_t count = 0;

	for (uint32_t i = 0; cache->pcs && i < slub->config.env.cpus; i++)
		count += objects_in(cache->pcs[i].main, s) +
			 objects_in(cache->pcs[i].spare, s);
	for (uint32_t i = 0; cache->barns && i < slub->config.nodes; i++)
		count += objects_in(cache->barns[i].full, s);
	return count;
}
