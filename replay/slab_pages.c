#include "replay/slab_pages.h"

void slab_pages_init(struct slab_pages *pages, const struct memory *memory)
{
	*pages =
	    (struct slab_pages){.memory = *memory, .unused = SLAB_PAGES_NONE};
	pfn_table_init(&pages->table, memory);
}

void slab_pages_fini(struct slab_pages *pages)
{
	pfn_table_fini(&pages->table);
	memory_free(&pages->memory, pages->records);
	pages->records = NULL;
}

static int record_take(struct slab_pages *pages, uint32_t *record)
{
	struct slab_page *grown;

	if (pages->unused != SLAB_PAGES_NONE && pages->records) {
		*record = pages->unused;
		pages->unused = pages->records[*record].start;
		return 0;
	}
	if (pages->count >= SLAB_PAGES_NONE - 1)
		return ERR_LIMIT;
	grown = memory_grow(&pages->memory, pages->records, sizeof(*grown),
			    pages->count + 1, &pages->cap);
	if (!grown)
		return ERR_NOMEM;
	pages->records = grown;
	*record = (uint32_t)pages->count++;
	return 0;
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
	if (!ret)
		ret = record_take(pages, &record);
	if (!ret)
		ret = pfn_table_set(&pages->table, pfn, 1ull << order,
				    record + 1);
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

	slab->start = pages->unused;
	pages->unused = (uint32_t)(slab - pages->records);
	return ret;
}
