/*
 * Three lists of heap pages (objects below 256 bytes, below 1024, and the
 * rest), each a ring (replay/slob_ring.h), and in each page its free runs by
 * address:
 *
 *   list[0] ── page ─ page ─ page        head: where the last search ended
 *               │
 *               runs ▶ [at,units] ▶ [at,units]
 *
 * The kernel keeps a page's runs inside the page. An allocation takes the
 * first run that fits of the first page with room, from the head on, and turns
 * the list to that page; a free merges with its neighbours. Full pages are on
 * no list and empty ones go back at once. A page that was full goes on the
 * list of the size that was freed in it (slob_alloc(), slob_free()).
 *
 * A handle is page number, place in units and size in bytes: 32, 16 and 16
 * bits; size 0 is a block, whose page record knows the order. So no memory is
 * needed per object but one spare run: a free may split what was in use in
 * two, and must not fail.
 *
 * Costs: a page with a long enough run is found in logarithmic time; pages
 * whose run is too short only because of alignment, or that lie on another
 * node than the one asked for, are passed one by one. Inside a page the search
 * is linear in its runs, as in the kernel.
 */
#include "replay/slob.h"

#include <assert.h>
#include <string.h>

#include "replay/slab_params.h"
#include "replay/slob_ring.h"

#define NONE UINT32_MAX

enum {
	LISTS = 3,
	BREAK1 = 256,  /* SLOB_BREAK1 */
	BREAK2 = 1024, /* SLOB_BREAK2 */
	PAGE_SIZE_MIN = 4096,
	PAGE_SIZE_MAX = 65536,
	ORDER_MAX = 31,
};

enum page_kind { PAGE_UNUSED, PAGE_HEAP, PAGE_BLOCK };

struct slob_page {
	uint64_t pfn;
	uint32_t runs; /* first run; an unused record: the next such */
	uint16_t free; /* units in runs */
	uint16_t largest;
	uint16_t node;
	uint8_t order; /* of a block */
	uint8_t kind;  /* enum page_kind */
	uint8_t list;  /* of a heap page with free units */
	bool start;    /* made by slob_start_page(); never used again */
};

struct slob_run {
	uint16_t at, len; /* units */
	uint32_t next;
};

struct slob_cache {
	struct slab_cache_spec spec;
	uint64_t objects, blocks, blocks_peak, block_pages;
};

struct slob {
	struct slab_model model;
	struct slob_config config;
	uint32_t unit, units_per_page;
	struct slob_cache *caches;
	size_t cache_count, cache_cap;
	struct slob_page *pages;
	struct ring_node *nodes; /* by page number */
	size_t page_count, page_cap, node_cap;
	uint32_t page_unused, page_live; /* list of records; records in use */
	/* Recorded pfns of the pages of the start, which are the first. */
	uint64_t *start_pfns;
	/* A bit per unit: set by slob_start_free(), once and for all. */
	uint64_t *start_opened;
	size_t start_pages, start_cap, opened_cap;
	struct slob_run *runs;
	size_t run_count, run_cap, run_live;
	uint32_t run_unused;
	uint32_t lists[LISTS];
	uint64_t heap_objects, heap_units; /* in use, those of the start too */
	uint64_t pages_tried;
};

/* What heap_alloc() is asked for. */
struct want {
	uint32_t bytes, units;
	uint32_t align, align_offset; /* bytes */
	int node;		      /* -1: any */
	bool of_start;
};

static struct slob *slob_of(struct slab_model *model)
{
	return (struct slob *)model;
}

static const struct slob *slob_of_const(const struct slab_model *model)
{
	return (const struct slob *)model;
}

/* ---- Sizes ---- */

/* Places in a page are s16 up to 65534 bytes, above that s32. */
static uint32_t unit_of(uint32_t page_size)
{
	return page_size <= 32767 * 2 ? 2 : 4;
}

static uint32_t units_of(const struct slob *slob, uint32_t bytes)
{
	return (bytes + slob->unit - 1) / slob->unit;
}

struct slob_env slob_env_of(const struct capture_info *info)
{
	struct slob_env env = {
	    .variant = variant_of(info->version_major, info->version_minor),
	    .page_size = info->page_size,
	    .minalign = 8,
	    .word_size = info->long_size == 4 ? 4 : 8,
	};

	/* ARCH_DMA_MINALIGN, as long as there was a SLOB. */
	if (strcmp(info->machine, "aarch64") == 0)
		env.minalign = 128;
	else if (strncmp(info->machine, "arm", 3) == 0)
		env.minalign = 64;
	return env;
}

/* c->size */
static uint64_t cache_size(const struct slob_env *env, uint32_t object_size,
			   bool destroy_by_rcu)
{
	uint64_t size = object_size, unit = unit_of(env->page_size);

	if (destroy_by_rcu)
		size += slob_footer_bytes(env->word_size);
	return (size + unit - 1) / unit * unit;
}

uint64_t slob_cache_bytes(const struct slob_env *env, uint32_t object_size,
			  bool destroy_by_rcu)
{
	uint64_t size = cache_size(env, object_size, destroy_by_rcu);

	if (size < env->page_size || env->variant > VARIANT_5_15)
		return size;
	return (uint64_t)env->page_size << page_order_of(size, env->page_size);
}

static uint8_t list_of(uint32_t bytes)
{
	if (bytes < BREAK1)
		return 0;
	return bytes < BREAK2 ? 1 : 2;
}

/* ---- Handles ---- */

static uint64_t handle_make(uint32_t page, uint32_t at, uint32_t bytes)
{
	return (uint64_t)page << 32 | (uint64_t)at << 16 | bytes;
}

/* ---- Records of pages and runs ---- */

/* Makes sure that one more page can be entered. */
static int record_reserve(struct slob *slob)
{
	const struct memory *memory = &slob->config.memory;
	struct slob_page *pages;
	struct ring_node *nodes;

	if (slob->page_unused != NONE)
		return 0;
	if (slob->page_count >= NONE - 1)
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

/* After record_reserve(). */
static uint32_t record_enter(struct slob *slob, const struct slob_page *page)
{
	uint32_t p = slob->page_unused;

	if (p != NONE)
		slob->page_unused = slob->pages[p].runs;
	else
		p = (uint32_t)slob->page_count++;
	slob->pages[p] = *page;
	slob->page_live++;
	return p;
}

/* The page goes back to the page model and its record to the unused ones. */
static void record_release(struct slob *slob, uint32_t p, unsigned int cpu)
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
static int runs_reserve(struct slob *slob, size_t extra)
{
	size_t want = slob->run_live + slob->heap_objects + extra;
	struct slob_run *grown;

	if (want <= slob->run_cap)
		return 0;
	if (want >= NONE)
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

	if (run != NONE) {
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
	return prev == NONE ? &page->runs : &slob->runs[prev].next;
}

static uint16_t largest_run(const struct slob *slob,
			    const struct slob_page *page)
{
	uint16_t largest = 0;

	for (uint32_t run = page->runs; run != NONE; run = slob->runs[run].next)
		if (slob->runs[run].len > largest)
			largest = slob->runs[run].len;
	return largest;
}

/* ---- Allocation ---- */

/* Units to leave out at the front of a run so that the object is aligned. */
static uint32_t align_delta(const struct slob *slob, uint32_t at,
			    const struct want *want)
{
	uint32_t byte = at * slob->unit + want->align_offset;
	uint32_t aligned = (byte + want->align - 1) & ~(want->align - 1);

	return (aligned - byte) / slob->unit;
}

/* Takes units of a run, delta units behind its begin. */
static void run_take(struct slob *slob, struct slob_page *page, uint32_t prev,
		     uint32_t r, uint32_t delta, uint32_t units)
{
	struct slob_run *run = &slob->runs[r];
	uint32_t at = run->at + delta + units, rest = run->len - delta - units;
	bool was_largest = run->len == page->largest;

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
	if (was_largest)
		page->largest = largest_run(slob, page);
}

/* slob_page_alloc(): the place in units, NONE if no run fits. */
static uint32_t heap_page_take(struct slob *slob, uint32_t p,
			       const struct want *want)
{
	struct slob_page *page = &slob->pages[p];
	uint32_t prev = NONE;

	slob->pages_tried++;
	for (uint32_t r = page->runs; r != NONE; r = slob->runs[r].next) {
		const struct slob_run *run = &slob->runs[r];
		uint32_t delta = align_delta(slob, run->at, want);
		uint32_t at = run->at + delta;

		if (run->len >= want->units + delta) {
			run_take(slob, page, prev, r, delta, want->units);
			return at;
		}
		prev = r;
	}
	return NONE;
}

/* A page of the list that can serve; it becomes the head if it stays there. */
static uint32_t list_take(struct slob *slob, uint32_t *list,
			  const struct want *want, uint32_t *at)
{
	uint16_t room = (uint16_t)want->units;
	uint32_t p = slob_ring_find(slob->nodes, *list, room);

	for (; p != RING_NONE; p = slob_ring_find_after(slob->nodes, p, room)) {
		const struct slob_page *page = &slob->pages[p];

		if (want->node >= 0 && page->node != want->node)
			continue;
		*at = heap_page_take(slob, p, want);
		if (*at == NONE)
			continue;
		if (page->free) {
			slob_ring_room_set(slob->nodes, p, page->largest);
			slob_ring_turn(slob->nodes, list, p);
		} else {
			slob_ring_remove(slob->nodes, list, p);
		}
		return p;
	}
	return NONE;
}

/* Pages for the heap or for a block; those of the start were there before. */
static int pages_take(struct slob *slob, const struct slab_request *request,
		      const struct want *want, struct slob_page *page)
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
		     const struct want *want, uint32_t *number, uint32_t *at)
{
	struct slob_page page = {.kind = PAGE_HEAP,
				 .list = list_of(want->bytes),
				 .free = (uint16_t)slob->units_per_page,
				 .largest = (uint16_t)slob->units_per_page,
				 .runs = NONE};
	int ret = record_reserve(slob);
	uint32_t p;

	if (!ret)
		ret = pages_take(slob, request, want, &page);
	if (ret)
		return ret;
	page.runs = run_new(slob, 0, slob->units_per_page, NONE);
	p = record_enter(slob, &page);
	slob->model.pages++;
	*at = heap_page_take(slob, p, want);
	assert(*at != NONE);
	if (slob->pages[p].free)
		slob_ring_push(slob->nodes, &slob->lists[page.list], p,
			       slob->pages[p].largest);
	*number = p;
	return 0;
}

/* slob_alloc() */
static int heap_alloc(struct slob *slob, const struct slab_request *request,
		      const struct want *want, uint64_t *handle)
{
	/* One for the object, one if alignment splits a run, one for a page. */
	int ret = runs_reserve(slob, 3);
	uint32_t at, p;

	if (ret)
		return ret;
	p = list_take(slob, &slob->lists[list_of(want->bytes)], want, &at);
	if (p == NONE)
		ret = heap_grow(slob, request, want, &p, &at);
	if (ret)
		return ret;
	slob->heap_objects++;
	slob->heap_units += want->units;
	*handle = handle_make(p, at, want->bytes);
	return 0;
}

/* slob_new_pages() for an object of a page or more. */
static int block_alloc(struct slob *slob, const struct slab_request *request,
		       uint64_t bytes, const struct want *want,
		       uint64_t *handle)
{
	struct slob_cache *cache = &slob->caches[request->cache];
	unsigned int order = page_order_of(bytes, slob->config.env.page_size);
	struct slob_page page = {
	    .kind = PAGE_BLOCK, .runs = NONE, .order = (uint8_t)order};
	int ret = order > ORDER_MAX ? ERR_NOMEM : record_reserve(slob);

	if (!ret)
		ret = pages_take(slob, request, want, &page);
	if (ret)
		return ret;
	*handle = handle_make(record_enter(slob, &page), 0, 0);
	slob->model.block_pages += 1ull << order;
	cache->block_pages += 1ull << order;
	if (++cache->blocks > cache->blocks_peak)
		cache->blocks_peak = cache->blocks;
	return 0;
}

static bool is_power_of_2(uint32_t size)
{
	return size && !(size & (size - 1));
}

/*
 * __do_kmalloc_node(): sizes that are a power of two get their natural
 * alignment; what counts for it is the place behind the header.
 */
static int kmalloc_alloc(struct slob *slob, const struct slab_request *request,
			 uint32_t bytes, struct want *want, uint64_t *handle)
{
	uint32_t minalign = slob->config.env.minalign;

	if (bytes >= slob->config.env.page_size - minalign)
		return block_alloc(slob, request, bytes, want, handle);
	want->bytes = bytes + minalign;
	want->units = units_of(slob, want->bytes);
	want->align_offset = minalign;
	want->align = minalign;
	if (is_power_of_2(bytes) && bytes > minalign)
		want->align = bytes;
	return heap_alloc(slob, request, want, handle);
}

/* slob_alloc_node() */
static int cache_alloc(struct slob *slob, const struct slab_request *request,
		       uint32_t bytes, struct want *want, uint64_t *handle)
{
	const struct slab_cache_spec *spec = &slob->caches[request->cache].spec;
	uint64_t size =
	    cache_size(&slob->config.env, bytes, spec->destroy_by_rcu);

	if (size >= slob->config.env.page_size)
		return block_alloc(slob, request, size, want, handle);
	want->bytes = (uint32_t)size;
	want->units = units_of(slob, want->bytes);
	want->align = spec->align;
	return heap_alloc(slob, request, want, handle);
}

static int object_alloc(struct slob *slob, const struct slab_request *request,
			bool of_start, uint64_t *handle)
{
	struct slob_cache *cache = &slob->caches[request->cache];
	uint32_t bytes =
	    request->bytes_req ? request->bytes_req : cache->spec.object_size;
	struct want want = {.node = request->node, .of_start = of_start};
	int ret;

	assert(request->cache < slob->cache_count);
	if (!bytes)
		return ERR_USAGE;
	if (want.node >= (int)slob->config.nodes || of_start)
		want.node = -1;
	ret = cache->spec.kmalloc
		  ? kmalloc_alloc(slob, request, bytes, &want, handle)
		  : cache_alloc(slob, request, bytes, &want, handle);
	cache->objects += !ret;
	return ret;
}

static int slob_alloc(struct slab_model *model,
		      const struct slab_request *request, uint64_t *handle)
{
	return object_alloc(slob_of(model), request, false, handle);
}

/* ---- Freeing ---- */

/*
 * Enters free units between the runs of a page and merges them with their
 * neighbours. False, and nothing is done, if some are free already.
 */
static bool run_insert(struct slob *slob, struct slob_page *page, uint32_t at,
		       uint32_t units)
{
	uint32_t prev = NONE, next = page->runs, end = 0, run;

	while (next != NONE && slob->runs[next].at < at) {
		prev = next;
		next = slob->runs[next].next;
	}
	if (prev != NONE)
		end = (uint32_t)slob->runs[prev].at + slob->runs[prev].len;
	if (end > at || (next != NONE && at + units > slob->runs[next].at))
		return false;
	run = run_new(slob, at, units, next);
	*run_link(slob, page, prev) = run;
	page->free = (uint16_t)(page->free + units);
	if (next != NONE && at + units == slob->runs[next].at) {
		slob->runs[run].len = (uint16_t)(units + slob->runs[next].len);
		slob->runs[run].next = slob->runs[next].next;
		run_drop(slob, next);
	}
	if (prev != NONE && end == at) {
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
static bool heap_free(struct slob *slob, uint32_t p, uint32_t at,
		      uint32_t bytes, unsigned int cpu)
{
	struct slob_page *page = &slob->pages[p];
	uint32_t units = units_of(slob, bytes);
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
		record_release(slob, p, cpu);
		return true;
	}
	if (was_full) {
		page->list = list_of(bytes);
		slob_ring_push(slob->nodes, &slob->lists[page->list], p,
			       page->largest);
	} else {
		slob_ring_room_set(slob->nodes, p, page->largest);
	}
	return true;
}

static void slob_free(struct slab_model *model, uint32_t number,
		      uint64_t handle, unsigned int cpu)
{
	struct slob *slob = slob_of(model);
	struct slob_cache *cache = &slob->caches[number];
	uint32_t p = (uint32_t)(handle >> 32), bytes = handle & 0xffff;
	struct slob_page *page = &slob->pages[p];

	assert(number < slob->cache_count && p < slob->page_count);
	assert(page->kind == (bytes ? PAGE_HEAP : PAGE_BLOCK));
	cache->objects--;
	if (bytes) {
		bool freed =
		    heap_free(slob, p, handle >> 16 & 0xffff, bytes, cpu);

		assert(freed);
		(void)freed;
		slob->heap_objects--;
		return;
	}
	slob->model.block_pages -= 1ull << page->order;
	cache->block_pages -= 1ull << page->order;
	cache->blocks--;
	record_release(slob, p, cpu);
}

/* ---- Caches ---- */

static int slob_cache_add(struct slab_model *model,
			  const struct slab_cache_spec *spec, uint32_t *number)
{
	struct slob *slob = slob_of(model);
	struct slob_cache cache = {.spec = *spec};
	struct slob_cache *grown;

	if (!cache.spec.align)
		cache.spec.align = slob->config.env.word_size;
	if (!cache.spec.object_size)
		cache.spec.object_size = spec->slab_size;
	if (!is_power_of_2(cache.spec.align) ||
	    cache.spec.align > slob->config.env.page_size)
		return ERR_LIMIT;
	grown = memory_grow(&slob->config.memory, slob->caches,
			    sizeof(*slob->caches), slob->cache_count + 1,
			    &slob->cache_cap);
	if (!grown)
		return ERR_NOMEM;
	slob->caches = grown;
	slob->caches[slob->cache_count] = cache;
	*number = (uint32_t)slob->cache_count++;
	return 0;
}

/* ---- The start ---- */

/* One object of the cache; its page was there before. */
static int slob_start(struct slab_model *model, const struct slab_start *start,
		      uint64_t *handle)
{
	struct slob *slob = slob_of(model);
	struct slab_request request = {.cache = start->cache,
				       .node = (int16_t)start->node};

	if (start->inuse != 1 || start->node >= slob->config.nodes)
		return ERR_USAGE;
	return object_alloc(slob, &request, true, handle);
}

static void slob_place(struct slab_model *model, uint64_t handle, uint64_t pfn)
{
	struct slob *slob = slob_of(model);
	uint32_t p = (uint32_t)(handle >> 32);

	assert(p < slob->page_count && slob->pages[p].kind != PAGE_UNUSED);
	slob->pages[p].pfn = pfn;
}

int slob_start_page(struct slab_model *model, uint64_t recorded, uint64_t pfn)
{
	struct slob *slob = slob_of(model);
	struct page_model *pages = slob->config.pages;
	unsigned int node = pages->ops->node(pages, recorded);
	struct slob_page page = {
	    .pfn = pfn,
	    .kind = PAGE_HEAP,
	    .runs = NONE,
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
	if (record_reserve(slob))
		return ERR_LIMIT;
	record_enter(slob, &page);
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
	    runs_reserve(slob, 1) ||
	    !units_open(slob, low, offset / slob->unit, units_of(slob, bytes)))
		return false;
	return heap_free(slob, (uint32_t)low, offset / slob->unit, bytes, cpu);
}

/* ---- What there is ---- */

static void slob_counts(const struct slab_model *model, uint32_t number,
			struct slab_counts *counts)
{
	const struct slob *slob = slob_of_const(model);
	const struct slob_cache *cache = &slob->caches[number];
	const struct slob_env *env = &slob->config.env;
	uint64_t bytes = cache_size(env, cache->spec.object_size,
				    cache->spec.destroy_by_rcu);

	assert(number < slob->cache_count);
	*counts = (struct slab_counts){
	    .slabs = cache->blocks,
	    .slabs_peak = cache->blocks_peak,
	    .pages = cache->block_pages,
	    .objects = cache->objects,
	    .objects_total = cache->objects,
	};
	if (cache->spec.kmalloc)
		return;
	counts->slab_size = (uint32_t)bytes;
	if (bytes >= env->page_size) {
		counts->order = page_order_of(bytes, env->page_size);
		counts->objs_per_slab = 1;
	}
}

void slob_stats(const struct slab_model *model, struct slob_stats *stats)
{
	const struct slob *slob = slob_of_const(model);
	uint64_t units = model->pages * slob->units_per_page;

	*stats = (struct slob_stats){
	    .heap_pages = model->pages,
	    .free_bytes = (units - slob->heap_units) * slob->unit,
	    .runs = slob->run_live,
	    .pages_tried = slob->pages_tried,
	};
	for (size_t p = 0; p < slob->page_count; p++)
		if (slob->pages[p].kind == PAGE_HEAP && slob->pages[p].free)
			stats->list_pages[slob->pages[p].list]++;
}

/* Sums over all pages. */
struct recount {
	uint64_t heap, blocks, records, units_free, runs;
	uint32_t on_list[LISTS];
};

static int check_page(const struct slob *slob, uint32_t p, struct recount *sum)
{
	const struct slob_page *page = &slob->pages[p];
	uint32_t end = 0, free = 0;

	for (uint32_t r = page->runs; r != NONE; r = slob->runs[r].next) {
		const struct slob_run *run = &slob->runs[r];

		/* Behind the last run, and not touching it. */
		if (r >= slob->run_count || !run->len ||
		    (free && run->at <= end))
			return ERR_FORMAT;
		end = (uint32_t)run->at + run->len;
		free += run->len;
		sum->runs++;
	}
	if (end > slob->units_per_page || free >= slob->units_per_page ||
	    free != page->free || page->largest != largest_run(slob, page) ||
	    (free &&
	     (page->list >= LISTS || slob->nodes[p].room != page->largest)))
		return ERR_FORMAT;
	sum->units_free += free;
	sum->heap++;
	if (free)
		sum->on_list[page->list]++;
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

static int slob_check(const struct slab_model *model, struct err *err)
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
		if (slob_ring_check(slob->nodes, slob->lists[i],
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
	return check_caches(slob, &sum, err);
}

static void slob_destroy(struct slab_model *model)
{
	struct slob *slob = slob_of(model);
	struct memory memory = slob->config.memory;

	memory_free(&memory, slob->caches);
	memory_free(&memory, slob->pages);
	memory_free(&memory, slob->nodes);
	memory_free(&memory, slob->runs);
	memory_free(&memory, slob->start_pfns);
	memory_free(&memory, slob->start_opened);
	memory_free(&memory, slob);
}

static const struct slab_model_ops slob_ops = {
    .name = "slob",
    .cache_add = slob_cache_add,
    .alloc = slob_alloc,
    .free = slob_free,
    .start = slob_start,
    .place = slob_place,
    .counts = slob_counts,
    .check = slob_check,
    .destroy = slob_destroy,
};

static int config_check(const struct slob_config *config, struct err *err)
{
	const struct slob_env *env = &config->env;

	if (!config->pages || !config->memory.resize || !config->nodes ||
	    config->nodes > INT16_MAX)
		return err_set(err, ERR_USAGE,
			       "slob: no pages, memory or nodes given");
	if (!is_power_of_2(env->page_size) || env->page_size < PAGE_SIZE_MIN ||
	    env->page_size > PAGE_SIZE_MAX)
		return err_set(err, ERR_LIMIT,
			       "slob: page size %u is no power of two from %d "
			       "to %d",
			       env->page_size, PAGE_SIZE_MIN, PAGE_SIZE_MAX);
	if (!is_power_of_2(env->minalign) || env->minalign < 4 ||
	    env->minalign > 256 || (env->word_size != 4 && env->word_size != 8))
		return err_set(err, ERR_USAGE,
			       "slob: alignment %u or word size %u is not one "
			       "that a kernel has",
			       env->minalign, env->word_size);
	return 0;
}

int slob_create(struct slab_model **model, const struct slob_config *config,
		struct err *err)
{
	int ret = config_check(config, err);
	struct slob *slob;

	if (ret)
		return ret;
	slob = memory_new(&config->memory, 1, sizeof(*slob));
	if (!slob)
		return err_set(err, ERR_NOMEM, "slob: out of memory");
	slob->model.ops = &slob_ops;
	slob->config = *config;
	slob->unit = unit_of(config->env.page_size);
	slob->units_per_page = config->env.page_size / slob->unit;
	slob->page_unused = NONE;
	slob->run_unused = NONE;
	for (int i = 0; i < LISTS; i++)
		slob->lists[i] = RING_NONE;
	*model = &slob->model;
	return 0;
}
