#include "replay/pfn_table.h"

void pfn_table_init(struct pfn_table *table, const struct memory *memory)
{
	*table = (struct pfn_table){.memory = *memory};
}

static void middle_free(struct pfn_table *table, struct pfn_middle *middle)
{
	for (int i = 0; middle && i < PFN_FANOUT; i++)
		memory_free(&table->memory, middle->leaves[i]);
	memory_free(&table->memory, middle);
}

static void upper_free(struct pfn_table *table, struct pfn_upper *upper)
{
	for (int i = 0; upper && i < PFN_FANOUT; i++)
		middle_free(table, upper->middles[i]);
	memory_free(&table->memory, upper);
}

void pfn_table_fini(struct pfn_table *table)
{
	for (int i = 0; i < PFN_FANOUT; i++) {
		upper_free(table, table->uppers[i]);
		table->uppers[i] = NULL;
	}
}

/* The leaf of a pfn below 2^PFN_BITS_MAX, made if need be; NULL: no memory. */
static struct pfn_leaf *leaf_get(struct pfn_table *table, uint64_t pfn)
{
	const struct memory *memory = &table->memory;
	struct pfn_upper **upper = &table->uppers[pfn >> 3 * PFN_LEVEL_BITS];
	struct pfn_middle **middle;
	struct pfn_leaf **leaf;

	if (!*upper)
		*upper = memory_new(memory, 1, sizeof(**upper));
	if (!*upper)
		return NULL;
	middle =
	    &(*upper)->middles[pfn >> 2 * PFN_LEVEL_BITS & (PFN_FANOUT - 1)];
	if (!*middle)
		*middle = memory_new(memory, 1, sizeof(**middle));
	if (!*middle)
		return NULL;
	leaf = &(*middle)->leaves[pfn >> PFN_LEVEL_BITS & (PFN_FANOUT - 1)];
	if (!*leaf)
		*leaf = memory_new(memory, 1, sizeof(**leaf));
	return *leaf;
}

int pfn_table_set(struct pfn_table *table, uint64_t pfn, uint64_t count,
		  uint32_t value)
{
	if (pfn >> PFN_BITS_MAX || count > (1ull << PFN_BITS_MAX) - pfn)
		return ERR_LIMIT;
	for (; count; pfn++, count--) {
		struct pfn_leaf *leaf = leaf_get(table, pfn);

		if (!leaf)
			return ERR_NOMEM;
		leaf->values[pfn & (PFN_FANOUT - 1)] = value;
	}
	return 0;
}
