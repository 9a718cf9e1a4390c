#include "parser/freed_addresses.h"

#include <stdlib.h>
#include <string.h>

void freed_addresses_init(struct freed_addresses *freed,
			  unsigned int page_shift, unsigned int granule_shift)
{
	uint32_t bits = 1u << (page_shift - granule_shift);

	*freed = (struct freed_addresses){
	    .page_shift = page_shift,
	    .granule_shift = granule_shift,
	    .words_per_page = bits < 64 ? 1 : bits / 64,
	};
}

void freed_addresses_fini(struct freed_addresses *freed)
{
	free(freed->words);
	*freed = (struct freed_addresses){0};
}

void freed_addresses_clear(struct freed_addresses *freed)
{
	freed->count = 0;
}

int freed_addresses_add(struct freed_addresses *freed, uint32_t *page)
{
	size_t page_bytes = freed->words_per_page * sizeof(*freed->words);

	if (freed->count == freed->cap) {
		uint32_t cap = freed->cap ? freed->cap * 2 : 256;
		uint64_t *words;

		if (freed->cap > UINT32_MAX / 2)
			return ERR_LIMIT;
		words = realloc(freed->words, cap * page_bytes);
		if (!words)
			return ERR_NOMEM;
		freed->words = words;
		freed->cap = cap;
	}
	*page = freed->count++;
	memset(freed->words + (size_t)*page * freed->words_per_page, 0,
	       page_bytes);
	return 0;
}

bool freed_addresses_mark(struct freed_addresses *freed, uint32_t page,
			  uint64_t addr)
{
	uint64_t offset = addr & ((1ull << freed->page_shift) - 1);
	uint64_t bit = offset >> freed->granule_shift;
	uint64_t *word =
	    &freed->words[(size_t)page * freed->words_per_page + bit / 64];
	bool marked = *word >> (bit % 64) & 1;

	*word |= 1ull << (bit % 64);
	return marked;
}
