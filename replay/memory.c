#include "replay/memory.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

enum { FIRST_ELEMENTS = 64 };

static void *libc_resize(void *context, void *old, size_t bytes)
{
	(void)context;
	if (bytes)
		return realloc(old, bytes);
	free(old);
	return NULL;
}

struct memory memory_libc(void)
{
	return (struct memory){.resize = libc_resize};
}

void *memory_new(const struct memory *memory, size_t count, size_t element)
{
	void *fresh = NULL;

	if (count && element && count <= SIZE_MAX / element)
		fresh = memory->resize(memory->context, NULL, count * element);
	if (fresh)
		memset(fresh, 0, count * element);
	return fresh;
}

void *memory_grow_more(const struct memory *memory, void *array, size_t element,
		       size_t want, size_t *cap)
{
	size_t next = *cap > SIZE_MAX / 2 ? SIZE_MAX : *cap * 2;
	char *grown;

	if (next < want)
		next = want;
	if (next < FIRST_ELEMENTS)
		next = FIRST_ELEMENTS;
	if (next > SIZE_MAX / element)
		return NULL;
	grown = memory->resize(memory->context, array, next * element);
	if (!grown)
		return NULL;
	memset(grown + *cap * element, 0, (next - *cap) * element);
	*cap = next;
	return grown;
}

void memory_free(const struct memory *memory, void *array)
{
	if (array)
		memory->resize(memory->context, array, 0);
}
