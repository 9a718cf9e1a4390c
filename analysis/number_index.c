#include "analysis/number_index.h"

#include <stdlib.h>

enum { CELLS_MIN = 256 };

/* The home of a number is known from its cell alone. */
static void put(uint64_t *cells, size_t mask, uint64_t cell)
{
	size_t at = (size_t)(cell >> 32) & mask;

	while (cells[at])
		at = (at + 1) & mask;
	cells[at] = cell;
}

int number_index_reserve(struct number_index *index)
{
	size_t cap = index->cells ? index->mask + 1 : 0;
	size_t bigger = cap ? cap * 2 : CELLS_MIN;
	uint64_t *cells;

	if (index->count * 2 < cap)
		return 0;
	cells = calloc(bigger, sizeof(*cells));
	if (!cells)
		return ERR_NOMEM;
	for (size_t i = 0; i < cap; i++)
		if (index->cells[i])
			put(cells, bigger - 1, index->cells[i]);
	free(index->cells);
	index->cells = cells;
	index->mask = bigger - 1;
	return 0;
}

void number_index_add(struct number_index *index, uint64_t hash,
		      uint32_t number)
{
	put(index->cells, index->mask, (hash >> 32 << 32) | (number + 1));
	index->count++;
}

void number_index_fini(struct number_index *index)
{
	free(index->cells);
	*index = (struct number_index){0};
}
