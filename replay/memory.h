/*
 * memory: where an allocator model gets the memory for its own books.
 *
 * The models never call malloc themselves: whoever creates one says how its
 * arrays grow, so that a model can live in an arena, a test can make it fail,
 * and a limit can be set.
 */
#ifndef REPLAY_MEMORY_H
#define REPLAY_MEMORY_H

#include <stddef.h>

struct memory {
	/*
	 * As realloc(): old may be NULL; bytes 0 frees and returns NULL. NULL
	 * otherwise means that there is no memory, and old stays valid.
	 */
	void *(*resize)(void *context, void *old, size_t bytes);
	void *context;
};

/* The C library's heap. */
struct memory memory_libc(void);

/* Zeroed memory, or NULL. */
void *memory_new(const struct memory *memory, size_t count, size_t element);

/* memory_grow() of an array that is too small. */
void *memory_grow_more(const struct memory *memory, void *array, size_t element,
		       size_t want, size_t *cap);

/*
 * Grows an array of elements so that it can hold at least want of them; at
 * least doubles, so that a growing array costs constant time per element. The
 * new elements are zeroed. Returns the array, or NULL and leaves all as it was.
 */
static inline void *memory_grow(const struct memory *memory, void *array,
				size_t element, size_t want, size_t *cap)
{
	return want <= *cap
		   ? array
		   : memory_grow_more(memory, array, element, want, cap);
}

void memory_free(const struct memory *memory, void *array);

#endif
