/*
 * Everything the model believes, counted again from slabs and arrays.
 */
#include "replay/slab_node.h"

/* The node whose objects the array with that number may hold. */
static unsigned int array_node(const struct slab *slab, size_t number)
{
	size_t cpus = slab->config.env.cpus, nodes = slab->config.nodes;

	if (number < cpus)
		return slab->cpu_node[number];
	if (number < cpus + nodes)
		return (unsigned int)(number - cpus);
	return (unsigned int)((number - cpus - nodes) % nodes);
}

/* Counts in held, per slab, the objects that lie in arrays of the cache. */
static int check_arrays(const struct slab *slab, uint32_t c, uint32_t *held)
{
	const struct slab_cache *cache = &slab->caches[c];

	for (size_t a = 0; a < slab_array_count(slab); a++) {
		const struct slab_array *array = &cache->arrays[a];

		if (array->avail > array->limit)
			return ERR_FORMAT;
		for (uint32_t i = 0; i < array->avail; i++) {
			uint32_t s = array->entries[i];

			if (s >= slab->numbers.count ||
			    slab->blocks[s].cache != c ||
			    slab->blocks[s].node != array_node(slab, a))
				return ERR_FORMAT;
			held[s]++;
		}
	}
	return 0;
}

/* Sums of one node of one cache as its slabs have them. */
struct recount {
	uint64_t on_list[LISTS + 1], free_objects, objects;
};

static int check_list(const struct slab *slab, const struct slab_node *n,
		      int list, uint64_t expected)
{
	uint32_t prev = SLAB_NONE;
	uint64_t length = 0;

	for (uint32_t s = n->head[list]; s != SLAB_NONE;
	     s = slab->blocks[s].next) {
		if (slab->blocks[s].prev != prev ||
		    slab->blocks[s].list != list || ++length > expected)
			return ERR_FORMAT;
		prev = s;
	}
	return n->tail[list] == prev && length == expected ? 0 : ERR_FORMAT;
}

static bool colour_exists(const struct slab_layout *layout, uint32_t colour)
{
	return colour < layout->colours || !colour;
}

static int check_block(const struct slab *slab, const struct slab_block *block,
		       uint32_t held, struct recount *sum)
{
	uint32_t num = slab->caches[block->cache].layout.objs_per_slab;
	uint8_t list = LIST_PARTIAL;

	if (!block->active)
		list = LIST_FREE;
	else if (block->active == num)
		list = LIST_FULL;
	if (block->list != list || held > block->active ||
	    block->active > num ||
	    !colour_exists(&slab->caches[block->cache].layout, block->colour))
		return ERR_FORMAT;
	/* What an internal cache has out are the freelists of other slabs. */
	if (slab->caches[block->cache].internal && held != block->active)
		return ERR_FORMAT;
	sum->on_list[list]++;
	sum->free_objects += num - block->active;
	sum->objects += slab->caches[block->cache].internal
			    ? block->active
			    : block->active - held;
	return 0;
}

/* What set_up_node() and cache_grow_begin() keep to. */
static bool node_is_set(const struct slab *slab, const struct slab_cache *cache,
			unsigned int node)
{
	const struct slab_layout *layout = &cache->layout;
	uint64_t sharers = 1;

	for (uint32_t i = 0; i < slab->config.env.cpus; i++)
		sharers += slab->cpu_node[i] == node;
	return cache->nodes[node].free_limit ==
		   sharers * layout->batchcount + layout->objs_per_slab &&
	       colour_exists(layout, cache->nodes[node].colour_next);
}

static int check_node(const struct slab *slab, uint32_t c, unsigned int node,
		      const uint32_t *held, struct recount *sum)
{
	const struct slab_node *n = &slab->caches[c].nodes[node];
	uint64_t before = sum->objects;
	int ret = node_is_set(slab, &slab->caches[c], node) ? 0 : ERR_FORMAT;

	*sum = (struct recount){.objects = before};
	for (size_t s = 0; s < slab->numbers.count && !ret; s++)
		if (slab->blocks[s].list != LIST_UNUSED &&
		    slab->blocks[s].cache == c && slab->blocks[s].node == node)
			ret = check_block(slab, &slab->blocks[s], held[s], sum);
	for (int list = 0; list < LISTS && !ret; list++)
		ret = check_list(slab, n, list, sum->on_list[list]);
	if (ret)
		return ret;
	return sum->free_objects == n->free_objects &&
		       sum->on_list[LIST_FREE] == n->free_slabs &&
		       sum->on_list[LIST_PARTIAL] + sum->on_list[LIST_FREE] +
			       sum->on_list[LIST_FULL] ==
			   n->total_slabs
		   ? 0
		   : ERR_FORMAT;
}

static int check_caches(const struct slab *slab, uint32_t *held,
			struct err *err)
{
	struct slab_sums sums = {0};
	uint64_t pages = 0;

	for (size_t s = 0; s < slab->numbers.count; s++) {
		uint32_t freelist = slab->blocks[s].freelist;

		if (slab->blocks[s].list == LIST_UNUSED ||
		    freelist == SLAB_NONE)
			continue;
		if (freelist >= slab->numbers.count)
			return err_set(err, ERR_FORMAT, "freelist of no slab");
		held[freelist]++;
	}
	for (uint32_t c = 0; c < slab->cache_count; c++) {
		const struct slab_cache *cache = &slab->caches[c];
		struct recount sum = {0};
		int ret = check_arrays(slab, c, held);

		for (uint32_t n = 0; n < slab->config.nodes && !ret; n++)
			ret = check_node(slab, c, n, held, &sum);
		if (ret)
			return err_set(err, ret,
				       "cache %u: lists, arrays and counters "
				       "disagree",
				       c);
		if (sum.objects != cache->objects)
			return err_set(err, ERR_FORMAT,
				       "cache %u: objects are not those that "
				       "its slabs have out",
				       c);
		pages += slab_cache_slabs(slab, cache) << cache->layout.order;
		if (cache->internal)
			continue;
		sums.used_bytes += sum.objects * cache->layout.size;
		sums.room_bytes += slab_cache_slabs(slab, cache) *
				   cache->layout.objs_per_slab *
				   cache->layout.size;
	}
	if (pages != slab->model.pages)
		return err_set(err, ERR_FORMAT, "sum of pages is wrong");
	return sums.used_bytes == slab->sums.used_bytes &&
		       sums.room_bytes == slab->sums.room_bytes
		   ? 0
		   : err_set(err, ERR_FORMAT, "sums of bytes are wrong");
}

int slab_check(const struct slab_model *model, struct err *err)
{
	const struct slab *slab = slab_of_const(model);
	uint32_t *held = memory_new(&slab->config.memory,
				    slab->numbers.count + 1, sizeof(*held));
	int ret;

	if (!held)
		return err_set(err, ERR_NOMEM, "slab: out of memory");
	ret = check_caches(slab, held, err);
	memory_free(&slab->config.memory, held);
	return ret;
}
