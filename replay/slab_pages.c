#include "replay/slab_pages.h"

void slab_pages_init(struct slab_pages *pages, const struct memory *memory)
{
	*pages = (struct slab_pages){.memory = *memory};
	numbers_init(&pages->numbers, sizeof(struct slab_page),
		     offsetof(struct slab_page, start));
	pfn_table_init(&pages->table, memory);
}

void slab_pages_fini(struct slab_pages *pages)
{
	pfn_table_fini(&pages->table);
	memory_free(&pages->memory, pages->records);
	pages->records = NULL;
}

int slab_pages_add(struct slab_pages *pages, uint64_t pfn, unsigned int order,
		   bool old, struct slab_page **slab)
{
	uint32_t record;
	int ret = 0;

	for (uint64_t page = pfn; page < pfn + (1ull << order) && !ret;
	     page++) {
		struct slab_page *was = slab_pages_find(pages, page);

		if (was)
			ret = slab_pages_remove(pages, was);
	}
	if (ret)
		return ret;
	record = numbers_take(&pages->numbers, &pages->records, &pages->memory);
	if (record == NUMBER_NONE)
		return ERR_NOMEM;
	ret = pfn_table_set(&pages->table, pfn, 1ull << order, record + 1);
	if (ret)
		return ret;
	*slab = &pages->records[record];
	**slab = (struct slab_page){.pfn = pfn,
				    .cache = SLAB_PAGES_NONE,
				    .start = SLAB_PAGES_NONE,
				    .order = (uint8_t)order,
				    .old = old};
	return 0;
}

int slab_pages_remove(struct slab_pages *pages, struct slab_page *slab)
{
	int ret =
	    pfn_table_set(&pages->table, slab->pfn, 1ull << slab->order, 0);

	numbers_release(&pages->numbers, pages->records,
			(uint32_t)(slab - pages->records));
	return ret;
}
