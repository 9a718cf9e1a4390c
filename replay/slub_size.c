#include "replay/slub_size.h"

#include <string.h>

enum {
	SIZE_MOST = 1 << 30,
	TRACK_FRAMES = 16,	/* TRACK_ADDRS_COUNT, until 5.17 */
	KMALLOC_REQUEST = 4,	/* the original size of a kmalloc */
	HANDLE_CPU_PID = 3 * 4, /* three ints of struct track */
};

static uint32_t align_up(uint32_t size, uint32_t align)
{
	return (size + align - 1) & ~(align - 1);
}

/*
 * sizeof(struct track): caller, CPU, pid and time, and the stack: 16 addresses,
 * or the handle of one in the stack depot.
 */
static uint32_t track_bytes(const struct slub_env *env)
{
	uint32_t word = env->word_size;

	if (env->variant == VARIANT_5_15)
		return word * (1 + TRACK_FRAMES) + 2 * 4 + word;
	return align_up(word + HANDLE_CPU_PID, word) + word;
}

/* True if the free pointer may not lie in the object. */
static bool freeptr_outside(const struct slub_env *env,
			    const struct slab_cache_spec *spec, uint32_t debug)
{
	bool request_kept = env->variant >= VARIANT_6_12 && spec->kmalloc &&
			    debug & SLUB_DEBUG_USER;

	if (spec->destroy_by_rcu && !spec->freeptr_inside)
		return true;
	if (debug & SLUB_DEBUG_POISON)
		return true;
	if (spec->ctor &&
	    !(spec->freeptr_inside && env->variant >= VARIANT_7_0))
		return true;
	return debug & SLUB_DEBUG_RED_ZONE &&
	       (spec->object_size < env->word_size || request_kept);
}

/* calculate_sizes() */
static uint32_t size_of(const struct slub_env *env,
			const struct slab_cache_spec *spec, uint32_t align,
			uint32_t debug)
{
	uint32_t word = env->word_size;
	uint32_t size = align_up(spec->object_size, word);

	if (debug & SLUB_DEBUG_RED_ZONE && size == spec->object_size)
		size += word;
	if (freeptr_outside(env, spec, debug))
		size += word;
	if (debug & SLUB_DEBUG_USER) {
		size += 2 * track_bytes(env);
		if (spec->kmalloc && env->variant >= VARIANT_6_1)
			size += KMALLOC_REQUEST;
	}
	if (debug & SLUB_DEBUG_RED_ZONE)
		size += word + align_up(word, align);
	return align_up(size, align);
}

/*
 * create_boot_cache(): a power of two is aligned to itself; from 6.10 on every
 * size is to the largest power of two that divides it.
 */
static uint32_t kmalloc_align(const struct slub_env *env, uint32_t size)
{
	if (!power_of_two(size) && env->variant < VARIANT_6_12)
		return env->word_size;
	return size & (~size + 1);
}

static uint32_t align_of(const struct slub_env *env,
			 const struct slab_cache_spec *spec)
{
	uint32_t align = spec->align;

	if (!align && spec->kmalloc)
		align = kmalloc_align(env, spec->object_size);
	return align < env->word_size ? env->word_size : align;
}

/* The pages of the least slab that holds one of that size. */
static uint64_t pages_of(const struct slub_env *env, uint32_t size)
{
	uint64_t pages = 1;

	while (pages * env->page_size < size)
		pages *= 2;
	return pages;
}

int slub_size_compute(const struct slub_env *env,
		      const struct slab_cache_spec *spec, uint32_t *debug,
		      uint32_t *slab_size)
{
	uint32_t align = align_of(env, spec), size;

	if (!spec->object_size || spec->object_size > SIZE_MOST ||
	    !power_of_two(align) || align > SIZE_MOST || !env->page_size)
		return ERR_LIMIT;
	size = size_of(env, spec, align, *debug);
	if (*debug & SLUB_DEBUG_NO_ORDER &&
	    pages_of(env, size) > pages_of(env, spec->object_size)) {
		*debug &= ~(uint32_t)SLUB_DEBUG_METADATA;
		size = size_of(env, spec, align, *debug);
	}
	*slab_size = size;
	return 0;
}

bool slub_debug_parse(const char *letters, uint32_t *debug)
{
	static const char known[] = {
#define X(name, letter) letter,
	    SLUB_DEBUG_TABLE(X)
#undef X
		'\0'};
	uint32_t found = 0;

	if (strcmp(letters, "-") != 0) {
		for (; *letters; letters++) {
			const char *at = strchr(known, *letters);

			if (!at)
				return false;
			found |= 1u << (at - known);
		}
	}
	*debug = found;
	return true;
}

char *slub_debug_format(uint32_t debug, char text[SLUB_DEBUG_TEXT])
{
	char *end = text;

#define X(name, letter)                                                        \
	if (debug & SLUB_DEBUG_##name)                                         \
		*end++ = letter;
	SLUB_DEBUG_TABLE(X)
#undef X
	if (end == text)
		*end++ = '-';
	*end = '\0';
	return text;
}
