/*
 * Everything the model believes, counted again from pages, runs and lists.
 */
#include "replay/slob_heap.h"

/* Sums over all pages. */
struct recount {
	uint64_t heap, blocks, records, units_free, runs;
	uint32_t on_list[LISTS];
};

static int check_page(const struct slob *slob, uint32_t p, struct recount *sum)
{
	const struct slob_page *page = &slob->pages[p];
	uint32_t end = 0, free = 0, longest = 0;

	for (uint32_t r = page->runs; r != SLOB_NONE; r = slob->runs[r].next) {
		const struct slob_run *run = &slob->runs[r];

		/* Behind the last run, and not touching it. */
		if (r >= slob->run_count || !run->len ||
		    (free && run->at <= end))
			return ERR_FORMAT;
		end = (uint32_t)run->at + run->len;
		free += run->len;
		longest = run->len > longest ? run->len : longest;
		sum->runs++;
	}
	if (end > slob->units_per_page || free >= slob->units_per_page ||
	    free != page->free || longest > page->largest ||
	    page->largest > free)
		return ERR_FORMAT;
	if (free && (page->list >= LISTS ||
		     slob_ring_room(slob->nodes, &slob->lists[page->list], p) !=
			 page->largest))
		return ERR_FORMAT;
	sum->units_free += free;
	sum->heap++;
	if (free)
		sum->on_list[page->list]++;
	return 0;
}

/* True if nothing of the row is free, as far as its objects are not. */
static bool row_in_use(const struct slob *slob, const struct slob_row *row)
{
	uint32_t p = (uint32_t)(row->handle >> 32), r;
	uint32_t at = row->handle >> 16 & 0xffff;
	uint32_t end = at + row->count * row->units;

	if (!row->count || p >= slob->page_count)
		return false;
	if (!(row->handle & 0xffff))
		return slob->pages[p].kind == PAGE_BLOCK;
	if (slob->pages[p].kind != PAGE_HEAP || end > slob->units_per_page)
		return false;
	for (r = slob->pages[p].runs; r != SLOB_NONE; r = slob->runs[r].next)
		if (slob->runs[r].at < end &&
		    (uint32_t)slob->runs[r].at + slob->runs[r].len > at)
			return false;
	return true;
}

static int check_batches(const struct slob *slob, struct err *err)
{
	for (size_t b = 0; b < slob->batch_count; b++) {
		const struct slob_batch *batch = &slob->batches[b];

		for (size_t row = batch->row; row < batch->end; row++)
			if (row >= slob->row_count ||
			    !row_in_use(slob, &slob->rows[row]))
				return err_set(err, ERR_FORMAT,
					       "slob: objects of the start "
					       "are free");
	}
	return 0;
}

static int check_caches(const struct slob *slob, const struct recount *found,
			struct err *err)
{
	uint64_t objects = 0, blocks = 0, pages = 0;

	for (size_t c = 0; c < slob->cache_count; c++) {
		objects += slob->caches[c].objects;
		blocks += slob->caches[c].blocks;
		pages += slob->caches[c].block_pages;
	}
	if (objects != slob->heap_objects + blocks ||
	    pages != slob->model.block_pages ||
	    blocks + found->heap != found->records)
		return err_set(err, ERR_FORMAT,
			       "slob: caches and pages disagree");
	return 0;
}

int slob_check(const struct slab_model *model, struct err *err)
{
	const struct slob *slob = slob_of_const(model);
	struct recount sum = {0};

	for (uint32_t p = 0; p < slob->page_count; p++) {
		const struct slob_page *page = &slob->pages[p];

		sum.records += page->kind != PAGE_UNUSED;
		if (page->kind == PAGE_BLOCK)
			sum.blocks += 1ull << page->order;
		else if (page->kind == PAGE_HEAP && check_page(slob, p, &sum))
			return err_set(err, ERR_FORMAT,
				       "slob: page %u: impossible state", p);
	}
	for (int i = 0; i < LISTS; i++)
		if (slob_ring_check(slob->nodes, &slob->lists[i],
				    (uint32_t)slob->page_count) !=
		    sum.on_list[i])
			return err_set(err, ERR_FORMAT,
				       "slob: list %d and pages disagree", i);
	if (sum.heap != model->pages || sum.blocks != model->block_pages ||
	    sum.records != slob->page_live || sum.runs != slob->run_live ||
	    sum.heap * slob->units_per_page - sum.units_free !=
		slob->heap_units ||
	    slob->run_live + slob->heap_objects > slob->run_cap)
		return err_set(err, ERR_FORMAT,
			       "slob: counters and pages disagree");
	if (check_batches(slob, err))
		return ERR_FORMAT;
	return check_caches(slob, &sum, err);
}
