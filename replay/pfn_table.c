#include "replay/pfn_table.h"

void pfn_table_init(struct pfn_table *table, const struct memory *memory)
{
	*table = (struct pfn_table){.memory = *memory};
}

void pfn_table_fini(struct pfn_table *table)
{
	for (size_t i = 0; i < table->chunk_cap; i++)
		memory_free(&table->memory, table->chunks[i]);
	memory_free(&table->memory, table->chunks);
	table->chunks = NULL;
	table->chunk_cap = 0;
}

/* The chunk of a pfn, made if need be; NULL without memory. */
static uint32_t *chunk_get(struct pfn_table *table, uint64_t pfn)
{
	uint64_t chunk = pfn >> PFN_CHUNK_SHIFT;

	if (chunk >= table->chunk_cap) {
		uint32_t **grown =
		    memory_grow(&table->memory, table->chunks, sizeof(*grown),
				chunk + 1, &table->chunk_cap);

		if (!grown)
			return NULL;
		table->chunks = grown;
	}
	if (!table->chunks[chunk])
		table->chunks[chunk] =
		    memory_new(&table->memory, PFN_CHUNK, sizeof(uint32_t));
	return table->chunks[chunk];
}

int pfn_table_set(struct pfn_table *table, uint64_t pfn, uint64_t count,
		  uint32_t value)
{
	if (pfn >> PFN_BITS_MAX || count >> PFN_BITS_MAX)
		return ERR_LIMIT;
	while (count--) {
		uint32_t *chunk = chunk_get(table, pfn);

		if (!chunk)
			return ERR_NOMEM;
		chunk[pfn++ & (PFN_CHUNK - 1)] = value;
	}
	return 0;
}
