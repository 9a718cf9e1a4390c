#include "core/array.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

enum { FIRST_CAP = 64 };

int array_reserve(void *array, size_t *cap, size_t count, size_t element)
{
	size_t wanted = *cap ? *cap : FIRST_CAP, bytes;
	char *list, *grown;

	assert(element);
	if (count <= *cap)
		return 0;
	while (wanted < count) {
		if (__builtin_mul_overflow(wanted, (size_t)2, &wanted))
			return ERR_NOMEM;
	}
	if (__builtin_mul_overflow(wanted, element, &bytes))
		return ERR_NOMEM;
	memcpy(&list, array, sizeof(list));
	grown = realloc(list, bytes);
	if (!grown)
		return ERR_NOMEM;
	memset(grown + *cap * element, 0, (wanted - *cap) * element);
	memcpy(array, &grown, sizeof(grown));
	*cap = wanted;
	return 0;
}
