#include "parser/link_reveals.h"

#include <stdlib.h>
#include <string.h>

/* Larger blocks have no per-CPU lists (mm/page_alloc.c, pcp_allowed_order()). */
enum { LISTED_ORDER_MAX = 3 };

/* Pages that zoneinfo counts on lists. */
static uint64_t listed_at_start(const struct snapshot *before)
{
	uint64_t pages = 0;

	for (uint32_t i = 0; i < before->zone_count; i++)
		for (uint32_t c = 0; c < before->zones[i].pcp_count; c++)
			pages += before->zones[i].pcps[c].count;
	return pages;
}

void link_reveals_init(struct link_reveals *reveals,
		       const struct link_rules *rules,
		       const struct trace *trace)
{
	const uint32_t lists = SNAPSHOT_ZONEINFO | SNAPSHOT_KPAGEFLAGS;
	enum reveal_phase first =
	    trace->info.markers ? REVEAL_BEFORE : REVEAL_OPEN;
	uint32_t parts = trace->before.parts;
	uint32_t granules = 1u << (rules->page_shift - rules->granule_shift);

	*reveals = (struct link_reveals){
	    .rules = rules,
	    .trace = trace,
	    .objects = REVEAL_CLOSED,
	    .pages = REVEAL_CLOSED,
	    .words = granules < 64 ? 1 : granules / 64,
	    .listed_left = listed_at_start(&trace->before),
	};
	if (trace->unwanted & TRACE_REVEALS)
		return;
	if (parts & (SNAPSHOT_SLABINFO | SNAPSHOT_SLAB_TSV) &&
	    rules->one_cache_per_slab)
		reveals->objects = first;
	if ((parts & lists) == lists)
		reveals->pages = first;
}

void link_reveals_fini(struct link_reveals *reveals)
{
	free(reveals->old);
	free(reveals->states);
	free(reveals->listed);
	block_reveals_fini(&reveals->blocks);
	map_fini(&reveals->born);
	reveals->old = NULL;
	reveals->states = NULL;
	reveals->listed = NULL;
}

/* ---- Slots ---- */

static uint64_t *states_of(const struct link_reveals *reveals, size_t number)
{
	return reveals->states + number * 2 * reveals->words;
}

static int grow(struct link_reveals *reveals)
{
	size_t cap = reveals->old_cap ? reveals->old_cap * 2 : 256;
	struct old_page *old = realloc(reveals->old, cap * sizeof(*old));

	if (!old)
		return ERR_NOMEM;
	reveals->old = old;
	reveals->old_cap = cap;
	return 0;
}

static int grow_states(struct link_reveals *reveals, size_t number)
{
	size_t bytes = 2 * reveals->words * sizeof(*reveals->states);
	size_t cap = reveals->state_cap ? reveals->state_cap : 256;
	uint64_t *states;

	if (number < reveals->state_cap)
		return 0;
	while (cap <= number)
		cap *= 2;
	states = realloc(reveals->states, cap * bytes);
	if (!states)
		return ERR_NOMEM;
	memset((char *)states + reveals->state_cap * bytes, 0,
	       (cap - reveals->state_cap) * bytes);
	reveals->states = states;
	reveals->state_cap = cap;
	return 0;
}

static int add(struct link_reveals *reveals, uint64_t pfn, uint32_t *number)
{
	if (reveals->old_count == UINT32_MAX)
		return ERR_LIMIT;
	if (reveals->old_count == reveals->old_cap && grow(reveals))
		return ERR_NOMEM;
	*number = (uint32_t)reveals->old_count++;
	reveals->old[*number] = (struct old_page){.reveal = {.pfn = pfn}};
	return 0;
}

int link_reveals_old(struct link_reveals *reveals, uint64_t pfn,
		     struct page *page, uint32_t *number)
{
	int ret = 0;

	if (!(page->flags & PAGE_OLD_REF)) {
		ret = add(reveals, pfn, &page->ref);
		if (ret)
			return ret;
		page->flags |= PAGE_OLD_REF;
	}
	*number = page->ref;
	return 0;
}

/* A page that the trace allocated before the start. */
static int born_page(struct link_reveals *reveals, uint64_t pfn,
		     uint32_t *number)
{
	const uint64_t *found = map_find(&reveals->born, pfn);
	int ret;

	if (found) {
		*number = (uint32_t)*found;
		return 0;
	}
	ret = add(reveals, pfn, number);
	return ret ? ret : map_put(&reveals->born, pfn, *number);
}

/* What allocations tell of a page's cache; a kmalloc tells more. */
static void see_cache(struct reveal_page *reveal, const struct kmem_event *ev)
{
	if (ev->kind != EV_KMALLOC && ev->kind != EV_CACHE_ALLOC)
		return;
	if (reveal->kind == EV_KMALLOC ||
	    (reveal->kind == EV_CACHE_ALLOC && ev->kind == EV_CACHE_ALLOC))
		return;
	reveal->kind = ev->kind;
	reveal->bytes_req = ev->bytes_req;
	reveal->bytes_alloc = ev->bytes_alloc;
	reveal->call_site = ev->call_site;
	reveal->gfp_flags = ev->gfp_flags;
}

static void see_slot(struct link_reveals *reveals, uint32_t number,
		     const struct kmem_event *ev)
{
	uint64_t offset = ev->addr & ((1ull << reveals->rules->page_shift) - 1);
	uint64_t granule = offset >> reveals->rules->granule_shift;
	uint64_t *seen = states_of(reveals, number) + granule / 64;
	uint64_t *used = seen + reveals->words;
	uint64_t bit = 1ull << granule % 64;
	bool alloc = ev->kind == EV_KMALLOC || ev->kind == EV_CACHE_ALLOC;
	bool started = reveals->objects == REVEAL_OPEN;
	struct reveal_page *reveal = &reveals->old[number].reveal;

	if (started && alloc && !(*used & bit) && !reveal->turn) {
		reveal->turn = ++reveals->turns;
		reveal->cpu = ev->cpu;
	}
	if (started && *seen & bit)
		return;
	*seen |= bit;
	/* Before the start an allocation leaves the slot in use. */
	*used = alloc == started ? *used & ~bit : *used | bit;
}

int link_reveals_object(struct link_reveals *reveals,
			const struct kmem_event *ev, uint64_t pfn,
			const struct page *page)
{
	uint32_t number = page->ref;
	int ret = 0;

	if (reveals->objects == REVEAL_CLOSED)
		return 0;
	if (page->flags & PAGE_WATCHED) {
		ret = born_page(reveals, pfn, &number);
		if (!ret && ev->name)
			old_page_name(&reveals->old[number], ev->name);
	}
	if (!ret)
		ret = grow_states(reveals, number);
	if (ret)
		return ret;
	see_cache(&reveals->old[number].reveal, ev);
	see_slot(reveals, number, ev);
	return 0;
}

void link_reveals_freed(struct link_reveals *reveals, uint64_t pfn,
			const struct page *page)
{
	uint64_t number = page->ref;

	if (page->flags & PAGE_WATCHED &&
	    !map_remove(&reveals->born, pfn, &number))
		return;
	if (reveals->objects == REVEAL_BEFORE)
		reveals->old[number].dead = true;
	else if (reveals->objects == REVEAL_OPEN)
		reveals->old[number].reveal.gone = true;
}

/* ---- Pages on lists ---- */

static int add_listed(struct link_reveals *reveals, const struct kmem_event *ev)
{
	uint64_t pages = 1ull << ev->order;

	if (pages > reveals->listed_left || ev->order > LISTED_ORDER_MAX)
		return 0;
	if (reveals->listed_count == reveals->listed_cap) {
		size_t cap = reveals->listed_cap ? reveals->listed_cap * 2 : 64;
		struct reveal_listed *listed =
		    realloc(reveals->listed, cap * sizeof(*listed));

		if (!listed)
			return ERR_NOMEM;
		reveals->listed = listed;
		reveals->listed_cap = cap;
	}
	reveals->listed[reveals->listed_count++] =
	    (struct reveal_listed){.pfn = ev->addr,
				   .cpu = ev->cpu,
				   .order = ev->order,
				   .migratetype = ev->migratetype,
				   .drained = ev->kind == EV_PCPU_DRAIN};
	reveals->listed_left -= pages;
	return 0;
}

int link_reveals_page(struct link_reveals *reveals, const struct kmem_event *ev,
		      uint8_t flags)
{
	if (reveals->pages != REVEAL_OPEN)
		return 0;
	if (!reveals->blocks.snapshot &&
	    block_reveals_init(&reveals->blocks, &reveals->trace->before))
		return ERR_NOMEM;
	block_reveals_event(&reveals->blocks, ev);
	if (flags & PAGE_PASSED)
		return 0;
	if (ev->kind == EV_PCPU_DRAIN ||
	    (ev->kind == EV_PAGE_ALLOC &&
	     !snapshot_is_free(&reveals->trace->before, ev->addr)))
		return add_listed(reveals, ev);
	return 0;
}

/* ---- The window ---- */

static void move_on(struct link_reveals *reveals, enum reveal_phase *phase,
		    enum reveal_phase to)
{
	if (to == REVEAL_OPEN && *phase == REVEAL_OPEN)
		reveals->contradicts = true;
	if (*phase != REVEAL_CLOSED)
		*phase = to;
}

void link_reveals_marker(struct link_reveals *reveals, uint32_t name)
{
	const char *text = names_get(&reveals->trace->names, name);

	if (!strcmp(text, "before:slabinfo"))
		move_on(reveals, &reveals->objects, REVEAL_OPEN);
	else if (!strcmp(text, "before:kpageflags"))
		move_on(reveals, &reveals->pages, REVEAL_OPEN);
	else if (!strcmp(text, "after:slabinfo"))
		move_on(reveals, &reveals->objects, REVEAL_CLOSED);
	else if (!strcmp(text, "after:kpageflags"))
		move_on(reveals, &reveals->pages, REVEAL_CLOSED);
}

/* Completes what is known of a page; false if it tells nothing. */
static bool complete(const struct link_reveals *reveals, size_t number,
		     const struct cache_keys *keys, struct reveal_page *page)
{
	const struct cache_key *key;
	const struct old_page *old = &reveals->old[number];
	const uint64_t *seen;
	uint32_t all = 0;

	if (old->dead || (old->named && !old->reveal.name) ||
	    number >= reveals->state_cap)
		return false;
	seen = states_of(reveals, number);
	*page = old->reveal;
	for (uint32_t i = 0; i < reveals->words; i++) {
		all += (uint32_t)__builtin_popcountll(seen[i]);
		page->used +=
		    (uint32_t)__builtin_popcountll(seen[reveals->words + i]);
	}
	page->free = all - page->used;
	if (!page->name && page->kind == EV_CACHE_ALLOC) {
		key = cache_keys_find(keys, page->bytes_req, page->call_site);
		page->name = key && !key->ambiguous ? key->name : 0;
	}
	return all > 0;
}

static int by_pfn(const void *left, const void *right)
{
	const struct reveal_page *a = left, *b = right;

	return a->pfn < b->pfn ? -1 : a->pfn > b->pfn;
}

int link_reveals_done(struct link_reveals *reveals,
		      const struct cache_keys *keys, struct reveals *out)
{
	size_t count = 0;
	struct reveal_page *pages;

	/* Without its marker nobody knows which events came before. */
	if (reveals->contradicts)
		return 0;
	out->listed = reveals->listed;
	out->listed_count = reveals->listed_count;
	reveals->listed = NULL;
	out->blocks = reveals->blocks;
	reveals->blocks = (struct block_reveals){0};
	if (reveals->objects == REVEAL_BEFORE || !reveals->old_count)
		return 0;
	pages = malloc(reveals->old_count * sizeof(*pages));
	if (!pages)
		return ERR_NOMEM;
	for (size_t i = 0; i < reveals->old_count; i++)
		count += complete(reveals, i, keys, &pages[count]);
	qsort(pages, count, sizeof(*pages), by_pfn);
	out->pages = pages;
	out->page_count = count;
	return 0;
}
