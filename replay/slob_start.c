/*
 * The start. Pages of a recording of SLOB: which they are is known, what is in
 * them is not, until the trace shows it place by place. Of other allocators:
 * objects, which fill pages as if they were allocated one after the other.
 */
#include <assert.h>

#include "replay/slob_heap.h"

/* ---- Pages ---- */

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

/* ---- Objects ---- */

/* Room for one more row. */
static int row_reserve(struct slob *slob)
{
	struct slob_row *rows =
	    memory_grow(&slob->config.memory, slob->rows, sizeof(*rows),
			slob->row_count + 1, &slob->row_cap);

	if (!rows)
		return ERR_LIMIT;
	slob->rows = rows;
	return 0;
}

/* Some of so many objects that are left: a row of them, or a block. */
static int row_add(struct slob *slob, const struct slab_request *request,
		   uint32_t left)
{
	struct slob_want want = {.of_start = true, .count = left};
	int ret = row_reserve(slob);
	uint64_t handle;

	if (want.count > slob->units_per_page)
		want.count = slob->units_per_page;
	if (!ret)
		ret = slob_object_alloc(slob, request, &want, &handle);
	if (!ret)
		slob->rows[slob->row_count++] =
		    (struct slob_row){handle, want.count, want.units};
	return ret;
}

int slob_start(struct slab_model *model, const struct slab_start *start,
	       uint64_t *handle)
{
	struct slob *slob = slob_of(model);
	struct slob_batch *batches, batch = {.row = slob->row_count};
	int ret = 0;

	if (!start->inuse || start->node >= slob->config.nodes)
		return ERR_USAGE;
	batches =
	    memory_grow(&slob->config.memory, slob->batches, sizeof(*batches),
			slob->batch_count + 1, &slob->batch_cap);
	if (!batches || slob->batch_count >= UINT32_MAX)
		return ERR_LIMIT;
	slob->batches = batches;
	for (uint32_t n = 0; n < start->inuse && !ret;) {
		/* The nodes in turn: the pages are theirs that need one. */
		uint32_t node = (start->node + n) % slob->config.nodes;
		struct slab_request request = {.cache = start->cache,
					       .node = (int16_t)node};

		ret = row_add(slob, &request, start->inuse - n);
		if (!ret)
			n += slob->rows[slob->row_count - 1].count;
	}
	if (ret)
		return ret;
	batch.end = slob->row_count;
	batches[slob->batch_count] = batch;
	*handle = slob_handle_make((uint32_t)slob->batch_count++, BATCH_AT, 0);
	return 0;
}

uint64_t slob_start_next(struct slob *slob, uint64_t handle)
{
	struct slob_batch *batch;
	struct slob_row *row;

	if ((handle & UINT32_MAX) != slob_handle_make(0, BATCH_AT, 0))
		return handle;
	assert(handle >> 32 < slob->batch_count);
	batch = &slob->batches[handle >> 32];
	assert(batch->row < batch->end);
	row = &slob->rows[batch->row];
	handle = row->handle;
	row->handle += (uint64_t)row->units << 16;
	if (!--row->count)
		batch->row++;
	return handle;
}
