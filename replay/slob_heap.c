/*
 * The kernel keeps a page's free runs inside the page; here they are records in
 * a list by address. A page that may have a long enough run is found in
 * logarithmic time (replay/slob_ring.h): each page knows a length that no run of
 * it exceeds. Allocations do not keep that exact; a search that finds nothing in
 * the page does. Pages whose run is too short only because of alignment, or
 * that lie on another node than the one asked for, are passed one by one.
 * Inside a page the search is linear in its runs, as in the kernel.
 *
 * A free may split what was in use in two, and must not fail: there is always
 * one spare run per object.
 */
#include "replay/slob_heap.h"

#include <assert.h>

enum {
	BREAK1 = 256,  /* SLOB_BREAK1 */
	BREAK2 = 1024, /* SLOB_BREAK2 */
};

static uint8_t list_of(uint32_t bytes)
{
	if (bytes < BREAK1)
		return 0;
	return bytes < BREAK2 ? 1 : 2;
}

/* ---- Records of pages and runs ---- */

/* Makes sure that one more page can be entered. */
int slob_record_reserve(struct slob *slob)
{
	const struct memory *memory = &slob->config.memory;
	struct slob_page *pages;
	struct ring_node *nodes;

	if (slob->page_unused != SLOB_NONE)
		return 0;
	if (slob->page_count >= SLOB_NONE - 1)
		return ERR_LIMIT;
	pages = memory_grow(memory, slob->pages, sizeof(*pages),
			    slob->page_count + 1, &slob->page_cap);
	if (!pages)
		return ERR_LIMIT;
	slob->pages = pages;
	nodes = memory_grow(memory, slob->nodes, sizeof(*nodes),
			    slob->page_count + 1, &slob->node_cap);
	if (!nodes)
		return ERR_LIMIT;
	slob->nodes = nodes;
	return 0;
}

/* After slob_record_reserve(). */
uint32_t slob_record_enter(struct slob *slob, const struct slob_page *page)
{
	uint32_t p = slob->page_unused;

	if (p != SLOB_NONE)
		slob->page_unused = slob->pages[p].runs;
	else
		p = (uint32_t)slob->page_count++;
	slob->pages[p] = *page;
	slob->page_live++;
	return p;
}

/* The page goes back to the page model and its record to the unused ones. */
void slob_record_release(struct slob *slob, uint32_t p, unsigned int cpu)
{
	struct slob_page *page = &slob->pages[p];
	struct page_model *pages = slob->config.pages;

	if (page->pfn == SLAB_PFN_UNKNOWN ||
	    !pages->ops->free(pages, page->pfn, page->order, cpu))
		slob->model.unplaced_pages += 1ull << page->order;
	page->kind = PAGE_UNUSED;
	slob->page_live--;
	if (page->start)
		return;
	page->runs = slob->page_unused;
	slob->page_unused = p;
}

/*
 * Makes room for so many runs beyond those that frees of the live objects may
 * need, at most one each.
 */
int slob_runs_reserve(struct slob *slob, size_t extra)
{
	size_t want = slob->run_live + slob->heap_objects + extra;
	struct slob_run *grown;

	if (want <= slob->run_cap)
		return 0;
	if (want >= SLOB_NONE)
		return ERR_LIMIT;
	grown = memory_grow(&slob->config.memory, slob->runs, sizeof(*grown),
			    want, &slob->run_cap);
	if (!grown)
		return ERR_LIMIT;
	slob->runs = grown;
	return 0;
}

/* A reserved run. */
static uint32_t run_new(struct slob *slob, uint32_t at, uint32_t len,
			uint32_t next)
{
	uint32_t run = slob->run_unused;

	if (run != SLOB_NONE) {
		slob->run_unused = slob->runs[run].next;
	} else {
		assert(slob->run_count < slob->run_cap);
		run = (uint32_t)slob->run_count++;
	}
	slob->runs[run] = (struct slob_run){(uint16_t)at, (uint16_t)len, next};
	slob->run_live++;
	return run;
}

static void run_drop(struct slob *slob, uint32_t run)
{
	slob->runs[run].next = slob->run_unused;
	slob->run_unused = run;
	slob->run_live--;
}

/* Where the number of a run stands: in its page, or in the run before. */
static uint32_t *run_link(struct slob *slob, struct slob_page *page,
			  uint32_t prev)
{
	return prev == SLOB_NONE ? &page->runs : &slob->runs[prev].next;
}

/* ---- Allocation ---- */

/* Units to leave out at the front of a run so that the object is aligned. */
static uint32_t align_delta(uint32_t at, const struct slob_want *want)
{
	return (0u - at - want->align_offset) & (want->align - 1);
}

/* Takes units of a run, delta units behind its begin. */
static void run_take(struct slob *slob, struct slob_page *page, uint32_t prev,
		     uint32_t r, uint32_t delta, uint32_t units)
{
	struct slob_run *run = &slob->runs[r];
	uint32_t at = run->at + delta + units, rest = run->len - delta - units;

	if (delta) {
		run->len = (uint16_t)delta;
		if (rest)
			run->next = run_new(slob, at, rest, run->next);
	} else if (rest) {
		run->at = (uint16_t)at;
		run->len = (uint16_t)rest;
	} else {
		*run_link(slob, page, prev) = run->next;
		run_drop(slob, r);
	}
	page->free = (uint16_t)(page->free - units);
	if (page->largest > page->free)
		page->largest = page->free;
}

/*
 * How many of the wanted objects a run of so many units behind the first's
 * place takes side by side: behind the first, first fit puts the next one, if it
 * is aligned there.
 */
static uint32_t count_fitting(const struct slob_want *want, uint32_t len)
{
	uint32_t most = len / want->units;

	if (want->count == 1 || want->units & (want->align - 1))
		return 1;
	return most < want->count ? most : want->count;
}

/*
 * slob_page_alloc(): the place in units, SLOB_NONE if no run fits; then it is
 * known how long the longest is.
 */
static uint32_t heap_page_take(struct slob *slob, uint32_t p,
			       struct slob_want *want)
{
	struct slob_page *page = &slob->pages[p];
	uint32_t prev = SLOB_NONE;
	uint16_t largest = 0;

	slob->pages_tried++;
	for (uint32_t r = page->runs; r != SLOB_NONE; r = slob->runs[r].next) {
		const struct slob_run *run = &slob->runs[r];
		uint32_t delta = align_delta(run->at, want);
		uint32_t at = run->at + delta;

		if (run->len >= want->units + delta) {
			want->count = count_fitting(want, run->len - delta);
			run_take(slob, page, prev, r, delta,
				 want->count * want->units);
			return at;
		}
		if (run->len > largest)
			largest = run->len;
		prev = r;
	}
	page->largest = largest;
	return SLOB_NONE;
}

/* A page of the list that can serve; it becomes the head if it stays there. */
static uint32_t list_take(struct slob *slob, struct slob_ring *list,
			  struct slob_want *want, uint32_t *at)
{
	struct ring_node *nodes = slob->nodes;
	struct ring_search search = {.room = (uint16_t)want->units};

	while (slob_ring_next(nodes, list, &search)) {
		uint32_t p = search.page;
		const struct slob_page *page = &slob->pages[p];

		if (want->node >= 0 && page->node != want->node)
			continue;
		*at = heap_page_take(slob, p, want);
		slob_ring_room_set(nodes, list, p, page->largest);
		if (*at == SLOB_NONE)
			continue;
		/* Of several objects all but the last left room in the page. */
		if (page->free || want->count > 1)
			slob_ring_turn(nodes, list, p);
		if (!page->free)
			slob_ring_remove(nodes, list, p);
		return p;
	}
	return SLOB_NONE;
}

/* Pages for the heap or for a block; those of the start were there before. */
int slob_pages_take(struct slob *slob, const struct slab_request *request,
		    const struct slob_want *want, struct slob_page *page)
{
	const struct slab_cache_spec *spec = &slob->caches[request->cache].spec;
	struct page_model *pages = slob->config.pages;
	/*
	 * The flags of a cache do not matter, those of the request do: kmalloc
	 * is known by them.
	 */
	struct page_request ask = {
	    .order = page->order,
	    .migratetype = spec->kmalloc && spec->reclaimable ? PAGE_RECLAIMABLE
							      : PAGE_UNMOVABLE,
	    .zone =
		spec->kmalloc && spec->dma ? PAGE_ZONE_DMA : PAGE_ZONE_NORMAL,
	    .flags = request->flags,
	    .cpu = request->cpu,
	    .node = want->node < 0 ? PAGE_NODE_LOCAL : want->node,
	};
	unsigned int node;
	int ret;

	if (want->of_start) {
		page->pfn = SLAB_PFN_UNKNOWN;
		page->node = (uint16_t)(request->node < 0 ? 0 : request->node);
		return 0;
	}
	ret = pages->ops->alloc(pages, &ask, &page->pfn);
	if (ret)
		return ret;
	node = pages->ops->node(pages, page->pfn);
	page->node = (uint16_t)(node < slob->config.nodes ? node : 0);
	return 0;
}

/* A new page, on the list of the request before it is served from there. */
static int heap_grow(struct slob *slob, const struct slab_request *request,
		     struct slob_want *want, uint32_t *number, uint32_t *at)
{
	struct slob_page page = {.kind = PAGE_HEAP,
				 .list = list_of(want->bytes),
				 .free = (uint16_t)slob->units_per_page,
				 .largest = (uint16_t)slob->units_per_page,
				 .runs = SLOB_NONE};
	int ret = slob_record_reserve(slob);
	uint32_t p;

	if (!ret)
		ret = slob_pages_take(slob, request, want, &page);
	if (ret)
		return ret;
	page.runs = run_new(slob, 0, slob->units_per_page, SLOB_NONE);
	p = slob_record_enter(slob, &page);
	slob->model.pages++;
	*at = heap_page_take(slob, p, want);
	assert(*at != SLOB_NONE);
	if (slob->pages[p].free)
		slob_ring_push(slob->nodes, &slob->lists[page.list], p,
			       slob->pages[p].largest);
	*number = p;
	return 0;
}

/* slob_alloc() */
int slob_heap_alloc(struct slob *slob, const struct slab_request *request,
		    struct slob_want *want, uint64_t *handle)
{
	/* One per object, one if alignment splits a run, one for a page. */
	int ret = slob_runs_reserve(slob, want->count + 2);
	uint32_t at, p;

	if (ret)
		return ret;
	p = list_take(slob, &slob->lists[list_of(want->bytes)], want, &at);
	if (p == SLOB_NONE)
		ret = heap_grow(slob, request, want, &p, &at);
	if (ret)
		return ret;
	slob->heap_objects += want->count;
	slob->heap_units += (uint64_t)want->count * want->units;
	*handle = slob_handle_make(p, at, want->bytes);
	return 0;
}

/* ---- Freeing ---- */

/*
 * Enters free units between the runs of a page and merges them with their
 * neighbours. False, and nothing is done, if some are free already.
 */
static bool run_insert(struct slob *slob, struct slob_page *page, uint32_t at,
		       uint32_t units)
{
	uint32_t prev = SLOB_NONE, next = page->runs, end = 0, run;

	while (next != SLOB_NONE && slob->runs[next].at < at) {
		prev = next;
		next = slob->runs[next].next;
	}
	if (prev != SLOB_NONE)
		end = (uint32_t)slob->runs[prev].at + slob->runs[prev].len;
	if (end > at || (next != SLOB_NONE && at + units > slob->runs[next].at))
		return false;
	run = run_new(slob, at, units, next);
	*run_link(slob, page, prev) = run;
	page->free = (uint16_t)(page->free + units);
	if (next != SLOB_NONE && at + units == slob->runs[next].at) {
		slob->runs[run].len = (uint16_t)(units + slob->runs[next].len);
		slob->runs[run].next = slob->runs[next].next;
		run_drop(slob, next);
	}
	if (prev != SLOB_NONE && end == at) {
		slob->runs[prev].len =
		    (uint16_t)(slob->runs[prev].len + slob->runs[run].len);
		slob->runs[prev].next = slob->runs[run].next;
		run_drop(slob, run);
		run = prev;
	}
	if (slob->runs[run].len > page->largest)
		page->largest = slob->runs[run].len;
	return true;
}

/* slob_free() */
bool slob_heap_free(struct slob *slob, uint32_t p, uint32_t at, uint32_t bytes,
		    unsigned int cpu)
{
	struct slob_page *page = &slob->pages[p];
	uint32_t units = slob_units_of(slob, bytes);
	bool was_full = !page->free;

	if (!run_insert(slob, page, at, units))
		return false;
	slob->heap_units -= units;
	if (page->free == slob->units_per_page) {
		if (!was_full)
			slob_ring_remove(slob->nodes, &slob->lists[page->list],
					 p);
		run_drop(slob, page->runs);
		slob->model.pages--;
		slob_record_release(slob, p, cpu);
		return true;
	}
	if (was_full) {
		page->list = list_of(bytes);
		slob_ring_push(slob->nodes, &slob->lists[page->list], p,
			       page->largest);
	} else {
		slob_ring_room_set(slob->nodes, &slob->lists[page->list], p,
				   page->largest);
	}
	return true;
}
