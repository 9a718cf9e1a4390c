/*
 * array: lists that grow.
 */
#ifndef CORE_ARRAY_H
#define CORE_ARRAY_H

#include <stddef.h>

#include "core/err.h"

/*
 * Makes room for count elements of so many bytes each in the list whose pointer
 * array points to; *cap is how many there is room for (both 0 at first). What
 * is new is zero. ERR_NOMEM, with the list as it was. The caller frees the list.
 */
MUST_CHECK int array_reserve(void *array, size_t *cap, size_t count,
			     size_t element);

#endif
