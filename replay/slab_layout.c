/*
 * __kmem_cache_create() tries three places for the freelist, best first, and
 * computes an order for each:
 *
 *   in object   [obj][obj][obj][obj]...[left over]     freelist in a free obj
 *   off slab    [obj][obj][obj][obj]...[left over]     freelist by kmalloc
 *   on slab     [obj][obj][obj]...[left over][freelist]
 */
#include "replay/slab_layout.h"

#include "replay/slab_params.h"

enum {
	OBJ_MIN_SIZE = 16,	/* SLAB_OBJ_MIN_SIZE */
	KMALLOC_MAX_ORDER = 10, /* KMALLOC_MAX_SIZE is 4 MiB with 4K pages */
	KMALLOC_MAX_5_15 = 4 << 20,
	LIMIT_SHARED = 8,
	SIZE_MAX_BYTES = 1 << 30,
};

static uint32_t align_up(uint32_t value, uint32_t align)
{
	return (value + align - 1) / align * align;
}

/* SLAB_OBJ_MIN_SIZE */
static uint32_t object_least(const struct slab_layout_env *env)
{
	return env->kmalloc_min < OBJ_MIN_SIZE ? env->kmalloc_min
					       : OBJ_MIN_SIZE;
}

/* sizeof(freelist_idx_t) */
static uint32_t index_size(const struct slab_layout_env *env)
{
	return env->page_size >> 8 <= object_least(env) ? 1 : 2;
}

/* calculate_alignment() of a kmalloc cache, which is SLAB_HWCACHE_ALIGN. */
static uint32_t kmalloc_size(const struct slab_layout_env *env, uint32_t bytes)
{
	uint32_t line = env->cache_line;

	while (bytes <= line / 2)
		line /= 2;
	return align_up(bytes, line > env->word_size ? line : env->word_size);
}

uint32_t slab_layout_kmalloc(const struct slab_layout_env *env, uint32_t bytes)
{
	uint32_t most = env->variant == VARIANT_5_15 ? KMALLOC_MAX_5_15
						     : 2 * env->page_size;
	uint32_t class = env->kmalloc_min;

	if (bytes > most || !class)
		return 0;
	if (bytes > 64 && bytes <= 96 && env->kmalloc_min <= 32)
		return kmalloc_size(env, 96);
	if (bytes > 128 && bytes <= 192 && env->kmalloc_min <= 64)
		return kmalloc_size(env, 192);
	while (class < bytes)
		class *= 2;
	return kmalloc_size(env, class);
}

/* What an off-slab freelist takes; 0 if there is no way to have it. */
static uint32_t freelist_class(const struct slab_layout_env *env,
			       uint32_t freelist_size)
{
	uint32_t class = slab_layout_kmalloc(env, freelist_size);

	if (class || env->variant == VARIANT_5_15)
		return class;
	return env->page_size << page_order_of(freelist_size, env->page_size);
}

/*
 * calculate_slab_order(). Leaves layout->objs_per_slab 0 if no order will do;
 * returns the bytes left over.
 */
static uint32_t order_find(const struct slab_layout_env *env,
			   const struct slab_layout_spec *spec,
			   enum slab_freelist freelist,
			   struct slab_layout *layout)
{
	uint32_t index = index_size(env);
	uint32_t each =
	    layout->size + (freelist == SLAB_FREELIST_ON_SLAB ? index : 0);
	uint32_t left = 0;

	layout->objs_per_slab = 0;
	for (uint32_t order = 0;
	     order <= KMALLOC_MAX_ORDER && order < env->order_count; order++) {
		uint32_t bytes = env->page_size << order;
		uint32_t num = bytes / each, class = 0;

		if (!num)
			continue;
		if (num > (1u << (8 * index)) - 1)
			break;
		if (freelist == SLAB_FREELIST_OFF_SLAB) {
			class = freelist_class(env, num * index);
			if (!class || class > layout->size / 2)
				continue;
		}
		layout->objs_per_slab = num;
		layout->order = order;
		layout->freelist_class = class;
		left = bytes % each;
		if (spec->reclaimable || order >= env->slab_max_order ||
		    left * 8 <= bytes)
			break;
	}
	return left;
}

/* set_objfreelist_slab_cache(), set_off_slab_cache(), set_on_slab_cache() */
static bool freelist_try(const struct slab_layout_env *env,
			 const struct slab_layout_spec *spec,
			 enum slab_freelist freelist,
			 struct slab_layout *layout)
{
	uint32_t left;

	if (freelist == SLAB_FREELIST_IN_OBJECT &&
	    (spec->ctor || spec->rcu || spec->init_on_free))
		return false;
	if (freelist == SLAB_FREELIST_OFF_SLAB && spec->noleaktrace)
		return false;
	left = order_find(env, spec, freelist, layout);
	if (!layout->objs_per_slab)
		return false;
	layout->freelist = freelist;
	layout->freelist_size = layout->objs_per_slab * index_size(env);
	layout->colours = left / layout->colour_off;
	if (freelist == SLAB_FREELIST_IN_OBJECT)
		return layout->freelist_size <= spec->object_size;
	/* Where there is room on the slab, off the slab is no gain. */
	return freelist == SLAB_FREELIST_ON_SLAB ||
	       left < layout->freelist_size;
}

/* enable_cpucache() */
static void arrays_size(const struct slab_layout_env *env,
			struct slab_layout *layout)
{
	if (layout->size > 131072)
		layout->limit = 1;
	else if (layout->size > env->page_size)
		layout->limit = 8;
	else if (layout->size > 1024)
		layout->limit = 24;
	else if (layout->size > 256)
		layout->limit = 54;
	else
		layout->limit = 120;
	layout->batchcount = (layout->limit + 1) / 2;
	layout->shared =
	    layout->size <= env->page_size && env->cpus > 1 ? LIMIT_SHARED : 0;
}

struct slab_layout_env slab_layout_env_default(enum kernel_variant variant,
					       uint32_t page_size,
					       uint32_t cpus)
{
	return (struct slab_layout_env){
	    .variant = variant,
	    .page_size = page_size,
	    .word_size = 8,
	    .cache_line = 64,
	    .kmalloc_min = 32,
	    .cpus = cpus,
	    .order_count = 11,
	    .slab_max_order = 1,
	};
}

static bool in_range(const struct slab_layout_env *env,
		     const struct slab_layout_spec *spec)
{
	return power_of_two(env->page_size) && env->page_size >= 4096 &&
	       env->page_size <= 1u << 16 && power_of_two(env->word_size) &&
	       power_of_two(env->cache_line) && env->cache_line <= 4096 &&
	       env->kmalloc_min && env->kmalloc_min <= 4096 &&
	       env->order_count && spec->object_size &&
	       spec->object_size <= SIZE_MAX_BYTES &&
	       (!spec->align || power_of_two(spec->align)) &&
	       spec->align <= env->page_size;
}

int slab_layout_compute(const struct slab_layout_env *env,
			const struct slab_layout_spec *spec,
			struct slab_layout *layout)
{
	uint32_t align = spec->align;

	if (!in_range(env, spec))
		return ERR_LIMIT;
	if (align < env->word_size)
		align = env->word_size;
	*layout = (struct slab_layout){
	    .size = align_up(spec->object_size, align),
	    .colour_off = align > env->cache_line ? align : env->cache_line,
	};
	if (index_size(env) == 1 && layout->size < object_least(env))
		layout->size = align_up(object_least(env), align);
	for (int place = SLAB_FREELIST_IN_OBJECT;
	     place <= SLAB_FREELIST_ON_SLAB; place++) {
		if (freelist_try(env, spec, (enum slab_freelist)place,
				 layout)) {
			arrays_size(env, layout);
			return 0;
		}
	}
	return ERR_LIMIT;
}
