/*
 * Everything SLUB believes, counted again from its slabs and lists.
 */
#include "replay/slub_sheaf.h"
#include "replay/slub_state.h"

/* Sums of one cache as its slabs and lists have them. */
struct recount {
	uint64_t slabs, pages, objects, objects_total;
	uint64_t on_node, on_cpu_partial, cpu_slabs;
};

/*
 * Each slab knows how many there are from it on, and how many of their objects
 * were free when they came: since then more may be, never less.
 */
static int check_cpu_partial(const struct slub *slub, uint32_t head,
			     struct recount *found)
{
	for (uint32_t s = head; s != SLUB_NONE; s = slub->slabs[s].next) {
		const struct slub_slab *slab = &slub->slabs[s];
		uint32_t slabs = 1, least = 0;

		if (slab->place != SLAB_CPU_PARTIAL ||
		    found->on_cpu_partial++ > slub->numbers.count)
			return ERR_FORMAT;
		if (slab->next != SLUB_NONE) {
			slabs += slub->slabs[slab->next].cpu_slabs;
			least = slub->slabs[slab->next].cpu_objects;
		}
		if (slab->cpu_slabs != slabs ||
		    slab->cpu_objects - least >
			(uint32_t)(slab->objects - slab->inuse))
			return ERR_FORMAT;
	}
	return 0;
}

static bool sheaves_are(const struct slub_sheaf *sheaf, uint32_t count,
			uint32_t size)
{
	for (; sheaf && count && sheaf->size == size; sheaf = sheaf->next)
		count--;
	return !sheaf && !count;
}

/* A barn has only full and empty sheaves, and knows how many. */
static int check_barns(const struct slub *slub, const struct slub_cache *cache)
{
	for (uint32_t n = 0; cache->barns && n < slub->config.nodes; n++) {
		const struct slub_barn *barn = &cache->barns[n];

		if (!sheaves_are(barn->full, barn->nr_full,
				 cache->sheaf_capacity) ||
		    !sheaves_are(barn->empty, barn->nr_empty, 0))
			return ERR_FORMAT;
	}
	return 0;
}

static int check_lists(const struct slub *slub, const struct slub_cache *cache,
		       struct recount *found)
{
	for (uint32_t i = 0; i < slub->config.env.cpus; i++) {
		const struct slub_cpu *c = &cache->cpus[i];

		if (c->slab != SLUB_NONE) {
			if (slub->slabs[c->slab].place != SLAB_CPU)
				return ERR_FORMAT;
			found->cpu_slabs++;
			found->objects -= c->free;
		} else if (c->free) {
			return ERR_FORMAT;
		}
		if (check_cpu_partial(slub, c->partial, found))
			return ERR_FORMAT;
	}
	for (uint32_t n = 0; n < slub->config.nodes; n++) {
		uint32_t prev = SLUB_NONE;
		uint64_t length = 0;

		for (uint32_t s = cache->nodes[n].head; s != SLUB_NONE;
		     s = slub->slabs[s].next) {
			if (slub->slabs[s].place != SLAB_NODE_PARTIAL ||
			    slub->slabs[s].node != n ||
			    slub->slabs[s].prev != prev ||
			    length++ > slub->numbers.count)
				return ERR_FORMAT;
			prev = s;
		}
		if (length != cache->nodes[n].nr_partial ||
		    cache->nodes[n].tail != prev)
			return ERR_FORMAT;
		found->on_node += length;
	}
	return 0;
}

static int check_cache(const struct slub *slub, uint32_t number,
		       uint64_t *pages, struct slab_sums *sums, struct err *err)
{
	const struct slub_cache *cache = &slub->caches[number];
	struct recount sum = {0};
	uint64_t by_place[4] = {0};

	for (size_t s = 0; s < slub->numbers.count; s++) {
		const struct slub_slab *slab = &slub->slabs[s];

		if (slab->place == SLUB_PLACE_UNUSED || slab->cache != number)
			continue;
		if (slab->inuse > slab->objects || slab->place > SLAB_CPU ||
		    (slab->place == SLAB_FULL && slab->inuse < slab->objects))
			return err_set(err, ERR_FORMAT,
				       "slab %zu: impossible state", s);
		if (cache->pcs &&
		    slub_sheaf_objects(slub, cache, (uint32_t)s) > slab->inuse)
			return err_set(err, ERR_FORMAT,
				       "slab %zu: not as many objects as "
				       "sheaves have of it",
				       s);
		by_place[slab->place]++;
		sum.slabs++;
		sum.pages += 1ull << slab->order;
		sum.objects += slab->inuse;
		sum.objects_total += slab->objects;
	}
	sum.objects -= slub_sheaf_objects(slub, cache, SLUB_NONE);
	if (check_lists(slub, cache, &sum) || check_barns(slub, cache) ||
	    by_place[SLAB_CPU] != sum.cpu_slabs ||
	    by_place[SLAB_CPU_PARTIAL] != sum.on_cpu_partial ||
	    by_place[SLAB_NODE_PARTIAL] != sum.on_node)
		return err_set(err, ERR_FORMAT,
			       "cache %u: lists and slabs disagree", number);
	if (sum.slabs != cache->slabs || sum.pages != cache->pages ||
	    sum.objects != cache->objects ||
	    sum.objects_total != cache->objects_total)
		return err_set(err, ERR_FORMAT,
			       "cache %u: counters and slabs disagree", number);
	*pages += sum.pages;
	sums->used_bytes += sum.objects * cache->params.slab_size;
	sums->room_bytes += sum.objects_total * cache->params.slab_size;
	return 0;
}

int slub_check(const struct slab_model *model, struct err *err)
{
	const struct slub *slub = (const struct slub *)model;
	struct slab_sums sums = {0};
	uint64_t pages = 0;

	for (size_t c = 0; c < slub->cache_count; c++) {
		int ret = check_cache(slub, (uint32_t)c, &pages, &sums, err);

		if (ret)
			return ret;
	}
	if (pages != model->pages)
		return err_set(err, ERR_FORMAT, "sum of pages is wrong");
	if (sums.used_bytes != slub->sums.used_bytes ||
	    sums.room_bytes != slub->sums.room_bytes)
		return err_set(err, ERR_FORMAT, "sums of bytes are wrong");
	return 0;
}
