/*
 * The front door of SLOB: what kmalloc and caches make of a request, blocks of
 * pages, caches. Objects of all caches share the pages of three lists
 * (below 256 bytes, below 1024, and the rest).
 *
 * An allocation takes the first run that fits of the first page with room, from
 * the head of its list on, and turns the list to that page; a free merges with
 * its neighbours. Full pages are on no list and empty ones go back at once. A
 * page that was full goes on the list of the size that was freed in it
 * (slob_alloc(), slob_free()).
 */
#include "replay/slob.h"

#include <assert.h>
#include <string.h>

#include "replay/kmalloc.h"
#include "replay/slab_params.h"
#include "replay/slob_heap.h"

enum {
	PAGE_SIZE_MIN = 4096,
	PAGE_SIZE_MAX = 65536,
	ORDER_MAX = 31,
};

/* ---- Sizes ---- */

struct slob_env slob_env_of(const struct capture_info *info)
{
	return (struct slob_env){
	    .variant = variant_of(info->version_major, info->version_minor),
	    .page_size = info->page_size,
	    .minalign = kmalloc_minalign(info),
	    .word_size = info->long_size == 4 ? 4 : 8,
	};
}

/* c->size */
static uint64_t cache_size(const struct slob_env *env, uint32_t object_size,
			   bool destroy_by_rcu)
{
	uint64_t size = object_size, unit = slob_unit_bytes(env->page_size);

	if (destroy_by_rcu)
		size += slob_footer_bytes(env->word_size);
	return (size + unit - 1) & ~(unit - 1);
}

uint64_t slob_cache_bytes(const struct slob_env *env, uint32_t object_size,
			  bool destroy_by_rcu)
{
	uint64_t size = cache_size(env, object_size, destroy_by_rcu);

	if (size < env->page_size || env->variant > VARIANT_5_15)
		return size;
	return (uint64_t)env->page_size << page_order_of(size, env->page_size);
}

/* slob_new_pages() for an object of a page or more. */
static int block_alloc(struct slob *slob, const struct slab_request *request,
		       uint64_t bytes, struct slob_want *want, uint64_t *handle)
{
	struct slob_cache *cache = &slob->caches[request->cache];
	unsigned int order = page_order_of(bytes, slob->config.env.page_size);
	struct slob_page page = {
	    .kind = PAGE_BLOCK, .runs = SLOB_NONE, .order = (uint8_t)order};
	int ret = order > ORDER_MAX ? ERR_NOMEM : slob_record_reserve(slob);

	if (!ret)
		ret = slob_pages_take(slob, request, want, &page);
	if (ret)
		return ret;
	want->count = 1;
	*handle = slob_handle_make(slob_record_enter(slob, &page), 0, 0);
	slob->model.block_pages += 1ull << order;
	cache->block_pages += 1ull << order;
	if (++cache->blocks > cache->blocks_peak)
		cache->blocks_peak = cache->blocks;
	return 0;
}

/*
 * __do_kmalloc_node(): sizes that are a power of two get their natural
 * alignment; what counts for it is the place behind the header.
 */
static int kmalloc_alloc(struct slob *slob, const struct slab_request *request,
			 uint32_t bytes, struct slob_want *want,
			 uint64_t *handle)
{
	uint32_t minalign = slob->config.env.minalign;

	if (bytes >= slob->config.env.page_size - minalign)
		return block_alloc(slob, request, bytes, want, handle);
	want->bytes = bytes + minalign;
	want->units = slob_units_of(slob, want->bytes);
	want->align_offset = minalign >> slob->unit_shift;
	want->align = minalign >> slob->unit_shift;
	if (power_of_two(bytes) && bytes > minalign)
		want->align = bytes >> slob->unit_shift;
	return slob_heap_alloc(slob, request, want, handle);
}

/* slob_alloc_node() */
static int cache_alloc(struct slob *slob, const struct slab_request *request,
		       uint32_t bytes, struct slob_want *want, uint64_t *handle)
{
	const struct slab_cache_spec *spec = &slob->caches[request->cache].spec;
	uint64_t size =
	    cache_size(&slob->config.env, bytes, spec->destroy_by_rcu);

	if (size >= slob->config.env.page_size)
		return block_alloc(slob, request, size, want, handle);
	want->bytes = (uint32_t)size;
	want->units = slob_units_of(slob, want->bytes);
	want->align =
	    spec->align > slob->unit ? spec->align >> slob->unit_shift : 1;
	return slob_heap_alloc(slob, request, want, handle);
}

int slob_object_alloc(struct slob *slob, const struct slab_request *request,
		      struct slob_want *want, uint64_t *handle)
{
	struct slob_cache *cache = &slob->caches[request->cache];
	uint32_t bytes =
	    request->bytes_req ? request->bytes_req : cache->spec.object_size;
	int ret;

	assert(request->cache < slob->cache_count);
	if (!bytes)
		return ERR_USAGE;
	want->node = request->node;
	if (want->node >= (int)slob->config.nodes || want->of_start)
		want->node = -1;
	ret = cache->spec.kmalloc
		  ? kmalloc_alloc(slob, request, bytes, want, handle)
		  : cache_alloc(slob, request, bytes, want, handle);
	cache->objects += ret ? 0 : want->count;
	return ret;
}

static int slob_alloc(struct slab_model *model,
		      const struct slab_request *request, uint64_t *handle)
{
	struct slob_want want = {.count = 1};

	return slob_object_alloc(slob_of(model), request, &want, handle);
}

/* ---- Freeing ---- */

static void slob_free(struct slab_model *model, uint32_t number,
		      uint64_t handle, unsigned int cpu)
{
	struct slob *slob = slob_of(model);
	struct slob_cache *cache = &slob->caches[number];
	struct slob_page *page;
	uint32_t p, bytes;

	handle = slob_start_next(slob, handle);
	p = (uint32_t)(handle >> 32);
	bytes = handle & 0xffff;
	page = &slob->pages[p];
	assert(number < slob->cache_count && p < slob->page_count);
	assert(page->kind == (bytes ? PAGE_HEAP : PAGE_BLOCK));
	cache->objects--;
	if (bytes) {
		bool freed =
		    slob_heap_free(slob, p, handle >> 16 & 0xffff, bytes, cpu);

		assert(freed);
		(void)freed;
		slob->heap_objects--;
		return;
	}
	slob->model.block_pages -= 1ull << page->order;
	cache->block_pages -= 1ull << page->order;
	cache->blocks--;
	slob_record_release(slob, p, cpu);
}

/* ---- Caches ---- */

static int slob_cache_add(struct slab_model *model,
			  const struct slab_cache_spec *spec, uint32_t *number)
{
	struct slob *slob = slob_of(model);
	struct slob_cache cache = {.spec = *spec};
	struct slob_cache *grown;

	if (!cache.spec.align)
		cache.spec.align = slob->config.env.word_size;
	if (!cache.spec.object_size)
		cache.spec.object_size = spec->slab_size;
	if (!power_of_two(cache.spec.align) ||
	    cache.spec.align > slob->config.env.page_size)
		return ERR_LIMIT;
	grown = memory_grow(&slob->config.memory, slob->caches,
			    sizeof(*slob->caches), slob->cache_count + 1,
			    &slob->cache_cap);
	if (!grown)
		return ERR_NOMEM;
	slob->caches = grown;
	slob->caches[slob->cache_count] = cache;
	*number = (uint32_t)slob->cache_count++;
	return 0;
}

/* Objects of the start share their pages: none has a place of its own. */
static void slob_place(struct slab_model *model, uint64_t handle, uint64_t pfn)
{
	(void)model;
	(void)handle;
	(void)pfn;
}

/* ---- What there is ---- */

static void slob_counts(const struct slab_model *model, uint32_t number,
			struct slab_counts *counts)
{
	const struct slob *slob = slob_of_const(model);
	const struct slob_cache *cache = &slob->caches[number];
	const struct slob_env *env = &slob->config.env;
	uint64_t bytes = cache_size(env, cache->spec.object_size,
				    cache->spec.destroy_by_rcu);

	assert(number < slob->cache_count);
	*counts = (struct slab_counts){
	    .slabs = cache->blocks,
	    .slabs_peak = cache->blocks_peak,
	    .pages = cache->block_pages,
	    .objects = cache->objects,
	    .objects_total = cache->objects,
	};
	if (cache->spec.kmalloc)
		return;
	counts->slab_size = (uint32_t)bytes;
	if (bytes >= env->page_size) {
		counts->order = page_order_of(bytes, env->page_size);
		counts->objs_per_slab = 1;
	}
}

/* Blocks are no slabs; slob_check() counts heap_units again. */
static void slob_sums(const struct slab_model *model, struct slab_sums *sums)
{
	const struct slob *slob = slob_of_const(model);

	*sums = (struct slab_sums){
	    .used_bytes = slob->heap_units * slob->unit,
	    .room_bytes =
		model->pages * (uint64_t)slob->units_per_page * slob->unit,
	};
}

void slob_stats(const struct slab_model *model, struct slob_stats *stats)
{
	const struct slob *slob = slob_of_const(model);
	uint64_t units = model->pages * slob->units_per_page;

	*stats = (struct slob_stats){
	    .heap_pages = model->pages,
	    .free_bytes = (units - slob->heap_units) * slob->unit,
	    .runs = slob->run_live,
	    .pages_tried = slob->pages_tried,
	};
	for (size_t p = 0; p < slob->page_count; p++)
		if (slob->pages[p].kind == PAGE_HEAP && slob->pages[p].free)
			stats->list_pages[slob->pages[p].list]++;
}

static void slob_destroy(struct slab_model *model)
{
	struct slob *slob = slob_of(model);
	struct memory memory = slob->config.memory;

	memory_free(&memory, slob->caches);
	memory_free(&memory, slob->pages);
	memory_free(&memory, slob->nodes);
	memory_free(&memory, slob->runs);
	memory_free(&memory, slob->start_pfns);
	memory_free(&memory, slob->start_opened);
	memory_free(&memory, slob->rows);
	memory_free(&memory, slob->batches);
	memory_free(&memory, slob);
}

static const struct slab_model_ops slob_ops = {
    .name = "slob",
    .cache_add = slob_cache_add,
    .alloc = slob_alloc,
    .free = slob_free,
    .start = slob_start,
    .place = slob_place,
    .counts = slob_counts,
    .sums = slob_sums,
    .check = slob_check,
    .destroy = slob_destroy,
};

static int config_check(const struct slob_config *config, struct err *err)
{
	const struct slob_env *env = &config->env;

	if (!config->pages || !config->memory.resize || !config->nodes ||
	    config->nodes > INT16_MAX)
		return err_set(err, ERR_USAGE,
			       "slob: no pages, memory or nodes given");
	if (!power_of_two(env->page_size) || env->page_size < PAGE_SIZE_MIN ||
	    env->page_size > PAGE_SIZE_MAX)
		return err_set(err, ERR_LIMIT,
			       "slob: page size %u is no power of two from %d "
			       "to %d",
			       env->page_size, PAGE_SIZE_MIN, PAGE_SIZE_MAX);
	if (!power_of_two(env->minalign) || env->minalign < 4 ||
	    env->minalign > 256 || (env->word_size != 4 && env->word_size != 8))
		return err_set(err, ERR_USAGE,
			       "slob: alignment %u or word size %u is not one "
			       "that a kernel has",
			       env->minalign, env->word_size);
	return 0;
}

int slob_create(struct slab_model **model, const struct slob_config *config,
		struct err *err)
{
	int ret = config_check(config, err);
	struct slob *slob;

	if (ret)
		return ret;
	slob = memory_new(&config->memory, 1, sizeof(*slob));
	if (!slob)
		return err_set(err, ERR_NOMEM, "slob: out of memory");
	slob->model.ops = &slob_ops;
	slob->config = *config;
	slob->unit = slob_unit_bytes(config->env.page_size);
	slob->unit_shift = slob->unit == 2 ? 1 : 2;
	slob->units_per_page = config->env.page_size >> slob->unit_shift;
	slob->page_unused = SLOB_NONE;
	slob->run_unused = SLOB_NONE;
	for (int i = 0; i < LISTS; i++)
		slob_ring_init(&slob->lists[i]);
	*model = &slob->model;
	return 0;
}
