/*
 * Pages of a recording of SLOB: which they are is known, what is in them is not,
 * until the trace shows it place by place.
 */
#include <assert.h>

#include "replay/slob_heap.h"

int slob_start_page(struct slab_model *model, uint64_t recorded, uint64_t pfn)
{
	struct slob *slob = slob_of(model);
	struct page_model *pages = slob->config.pages;
	unsigned int node = pages->ops->node(pages, recorded);
	struct slob_page page = {
	    .pfn = pfn,
	    .kind = PAGE_HEAP,
	    .runs = SLOB_NONE,
	    .start = true,
	    .node = (uint16_t)(node < slob->config.nodes ? node : 0),
	};
	size_t n = slob->start_pages;
	uint64_t *grown = memory_grow(&slob->config.memory, slob->start_pfns,
				      sizeof(*grown), n + 1, &slob->start_cap);

	uint64_t *opened;

	if (!grown)
		return ERR_LIMIT;
	slob->start_pfns = grown;
	opened = memory_grow(
	    &slob->config.memory, slob->start_opened, sizeof(*opened),
	    (n + 1) * (slob->units_per_page / 64), &slob->opened_cap);
	if (!opened)
		return ERR_LIMIT;
	slob->start_opened = opened;
	assert(slob->page_count == n && (!n || grown[n - 1] < recorded));
	if (slob_record_reserve(slob))
		return ERR_LIMIT;
	slob_record_enter(slob, &page);
	grown[slob->start_pages++] = recorded;
	slob->model.pages++;
	slob->heap_units += slob->units_per_page;
	return 0;
}

/* False, and nothing is done, if some of these units were opened before. */
static bool units_open(struct slob *slob, size_t page, uint32_t at,
		       uint32_t units)
{
	uint64_t *bits =
	    slob->start_opened + page * (slob->units_per_page / 64);

	for (uint32_t i = at; i < at + units; i++)
		if (bits[i / 64] >> i % 64 & 1)
			return false;
	for (uint32_t i = at; i < at + units; i++)
		bits[i / 64] |= 1ull << i % 64;
	return true;
}

bool slob_start_free(struct slab_model *model, uint64_t recorded,
		     uint32_t offset, uint32_t bytes, unsigned int cpu)
{
	struct slob *slob = slob_of(model);
	size_t low = 0, high = slob->start_pages;

	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (slob->start_pfns[middle] < recorded)
			low = middle + 1;
		else
			high = middle;
	}
	if (low == slob->start_pages || slob->start_pfns[low] != recorded ||
	    slob->pages[low].kind != PAGE_HEAP || !bytes ||
	    offset % slob->unit || offset >= slob->config.env.page_size ||
	    bytes > slob->config.env.page_size - offset ||
	    slob_runs_reserve(slob, 1) ||
	    !units_open(slob, low, offset / slob->unit,
			slob_units_of(slob, bytes)))
		return false;
	return slob_heap_free(slob, (uint32_t)low, offset / slob->unit, bytes,
			      cpu);
}
