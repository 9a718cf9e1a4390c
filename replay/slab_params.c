/*
 * The formulas as the kernel has them, with page_size in the place of
 * PAGE_SIZE, so that they hold for 16 and 64 KiB pages too.
 */
#include "replay/slab_params.h"

#include <assert.h>

enum { OBJS_PER_SLAB_MAX = 32767 }; /* MAX_OBJS_PER_PAGE, 15 bits */
enum { ORDER_LIMIT = 30 };

/* Position of the highest bit set, from 1; 0 for 0. */
static unsigned int fls32(uint32_t value)
{
	return value ? 32u - (unsigned int)__builtin_clz(value) : 0;
}

struct slub_env slub_env_default(enum kernel_variant variant,
				 uint32_t page_size, uint32_t cpus)
{
	return (struct slub_env){
	    .variant = variant,
	    .page_size = page_size,
	    .word_size = 8,
	    .cpus = cpus ? cpus : 1,
	    .order_count = 11,
	    .slub_max_order = 3, /* PAGE_ALLOC_COSTLY_ORDER */
	};
}

unsigned int page_order_of(uint64_t bytes, uint32_t page_size)
{
	uint64_t pages;

	assert(page_size);
	if (bytes <= page_size)
		return 0;
	pages = (bytes - 1) / page_size;
	return 64u - (unsigned int)__builtin_clzll(pages);
}

bool slab_objects_fit(uint32_t page_size, uint32_t order,
		      uint32_t objs_per_slab, uint32_t slab_size)
{
	return objs_per_slab && slab_size && order <= ORDER_LIMIT &&
	       (uint64_t)objs_per_slab * slab_size <= (uint64_t)page_size
							  << order;
}

static uint64_t slab_bytes(const struct slub_env *env, unsigned int order)
{
	return (uint64_t)env->page_size << order;
}

/*
 * The first order from order to slub_max_order that leaves at most 1/fraction
 * of the slab unused; slub_max_order + 1 if there is none.
 */
static unsigned int order_fitting(const struct slub_env *env, uint32_t size,
				  unsigned int order, unsigned int fraction)
{
	for (; order <= env->slub_max_order; order++)
		if (slab_bytes(env, order) % size <=
		    slab_bytes(env, order) / fraction)
			break;
	return order;
}

static unsigned int larger(unsigned int a, unsigned int b)
{
	return a > b ? a : b;
}

/* What is left of order where MAX_OBJS_PER_PAGE objects are the limit. */
static unsigned int order_of_most(const struct slub_env *env, uint32_t size)
{
	return page_order_of((uint64_t)size * OBJS_PER_SLAB_MAX,
			     env->page_size) -
	       1;
}

/* calculate_order() up to 6.6: gives way in objects before in waste. */
static unsigned int order_until_6_6(const struct slub_env *env, uint32_t size,
				    uint32_t min_objects)
{
	for (; min_objects > 1; min_objects--) {
		unsigned int from =
		    larger(env->slub_min_order,
			   page_order_of((uint64_t)min_objects * size,
					 env->page_size));

		for (unsigned int fraction = 16; fraction >= 4; fraction /= 2) {
			unsigned int order =
			    order_fitting(env, size, from, fraction);

			if (order <= env->slub_max_order)
				return order;
		}
	}
	return larger(env->slub_min_order, page_order_of(size, env->page_size));
}

/* calculate_order() from 6.7 on: the least order is fixed, waste gives way. */
static unsigned int order_from_6_7(const struct slub_env *env, uint32_t size,
				   uint32_t min_objects)
{
	unsigned int from = larger(
	    env->slub_min_order,
	    page_order_of((uint64_t)(min_objects ? min_objects : 1) * size,
			  env->page_size));

	if (slab_bytes(env, from) / size > OBJS_PER_SLAB_MAX)
		return order_of_most(env, size);
	for (unsigned int fraction = 16; fraction > 1; fraction /= 2) {
		unsigned int order = order_fitting(env, size, from, fraction);

		if (order <= env->slub_max_order)
			return order;
	}
	return page_order_of(size, env->page_size);
}

static unsigned int calculate_order(const struct slub_env *env, uint32_t size)
{
	uint64_t most = slab_bytes(env, env->slub_max_order) / size;
	uint32_t min_objects = env->slub_min_objects;

	if (slab_bytes(env, env->slub_min_order) / size > OBJS_PER_SLAB_MAX)
		return order_of_most(env, size);
	if (!min_objects)
		min_objects = 4 * (fls32(env->cpus) + 1);
	if (min_objects > most)
		min_objects = (uint32_t)most;
	return env->variant < VARIANT_6_12
		   ? order_until_6_6(env, size, min_objects)
		   : order_from_6_7(env, size, min_objects);
}

/* set_cpu_partial(); smaller before 5.16, and gone in 7.0. */
static uint32_t cpu_partial_of(const struct slub_env *env, uint32_t size)
{
	bool old = env->variant == VARIANT_5_15;

	if (env->variant >= VARIANT_7_0)
		return 0;
	if (size >= env->page_size)
		return old ? 2 : 6;
	if (size >= 1024)
		return old ? 6 : 24;
	if (size >= 256)
		return old ? 13 : 52;
	return old ? 30 : 120;
}

/* Half the logarithm of the size, within MIN_PARTIAL and MAX_PARTIAL. */
static uint32_t min_partial_of(uint32_t size)
{
	uint32_t half = (fls32(size) - 1) / 2;

	return half < 5 ? 5 : half > 10 ? 10 : half;
}

uint32_t slub_cpu_partial_slabs(uint32_t cpu_partial, uint32_t objs_per_slab)
{
	uint64_t twice = (uint64_t)cpu_partial * 2;

	assert(objs_per_slab);
	return (uint32_t)((twice + objs_per_slab - 1) / objs_per_slab);
}

int slub_params_compute(const struct slub_env *env, uint32_t slab_size,
			bool debug, struct slub_params *params)
{
	struct slub_params p = {.slab_size = slab_size};

	if (!slab_size || !power_of_two(env->page_size) ||
	    env->order_count > ORDER_LIMIT ||
	    env->slub_max_order >= env->order_count ||
	    env->slub_min_order > env->slub_max_order)
		return ERR_LIMIT;
	p.order = calculate_order(env, slab_size);
	p.order_min = page_order_of(slab_size, env->page_size);
	if (p.order >= env->order_count || p.order_min >= env->order_count)
		return ERR_LIMIT;
	p.objs_per_slab = (uint32_t)(slab_bytes(env, p.order) / slab_size);
	p.objs_per_slab_min =
	    (uint32_t)(slab_bytes(env, p.order_min) / slab_size);
	p.cpu_partial = debug ? 0 : cpu_partial_of(env, slab_size);
	p.cpu_partial_slabs =
	    slub_cpu_partial_slabs(p.cpu_partial, p.objs_per_slab);
	p.min_partial = min_partial_of(slab_size);
	*params = p;
	return 0;
}
