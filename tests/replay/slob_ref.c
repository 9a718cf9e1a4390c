/*
 * It looks at everything in turn as the kernel does (mm/slob.c, slob_alloc()).
 */
#include "tests/replay/slob_ref.h"

#include <stdlib.h>
#include <string.h>

#include "tests/support/test.h"

enum { PAGES_MAX = 20000, UNITS_MAX = 16384 };

struct ref_page {
	bool used, listed;
	int list;
	uint32_t free;
	uint32_t model;		/* page number in the model */
	uint8_t map[UNITS_MAX]; /* 1: in use */
};

struct slob_ref {
	uint32_t unit, units, minalign, page_size;
	struct ref_page **pages;
	uint32_t lists[3][PAGES_MAX], length[3];
};

struct slob_ref *slob_ref_make(uint32_t page_size, uint32_t unit,
			       uint32_t minalign)
{
	struct slob_ref *ref = calloc(1, sizeof(*ref));

	if (ref)
		ref->pages = calloc(PAGES_MAX, sizeof(struct ref_page *));
	if (!ref || !ref->pages)
		abort();
	ref->unit = unit;
	ref->minalign = minalign;
	ref->page_size = page_size;
	ref->units = page_size / unit;
	return ref;
}

void slob_ref_end(struct slob_ref *ref)
{
	for (int p = 0; p < PAGES_MAX; p++)
		free(ref->pages[p]);
	free(ref->pages);
	free(ref);
}

static void ref_push(struct slob_ref *ref, int list, uint32_t page)
{
	memmove(&ref->lists[list][1], &ref->lists[list][0],
		ref->length[list] * sizeof(uint32_t));
	ref->lists[list][0] = page;
	ref->length[list]++;
	ref->pages[page]->list = list;
	ref->pages[page]->listed = true;
}

static void ref_drop(struct slob_ref *ref, uint32_t page)
{
	int list = ref->pages[page]->list;
	uint32_t i = 0;

	while (ref->lists[list][i] != page)
		i++;
	memmove(&ref->lists[list][i], &ref->lists[list][i + 1],
		(ref->length[list] - i - 1) * sizeof(uint32_t));
	ref->length[list]--;
	ref->pages[page]->listed = false;
}

static void ref_turn(struct slob_ref *ref, int list, uint32_t first)
{
	uint32_t n = ref->length[list], *turned = calloc(n, sizeof(*turned));

	if (!turned)
		abort();
	for (uint32_t i = 0; i < n; i++)
		turned[i] = ref->lists[list][(first + i) % n];
	memcpy(ref->lists[list], turned, n * sizeof(*turned));
	free(turned);
}

static int ref_list_of(uint32_t bytes)
{
	return bytes < 256 ? 0 : bytes < 1024 ? 1 : 2;
}

/*
 * The first place from the begin of the first free run that fits: alignment
 * is counted from the begin of a run, and only one place per run is tried.
 */
static int ref_place(const struct slob_ref *ref, const struct ref_page *page,
		     uint32_t units, uint32_t align, uint32_t offset)
{
	for (uint32_t at = 0; at < ref->units; at++) {
		uint32_t end = at, start = at;

		if (page->map[at])
			continue;
		while (end < ref->units && !page->map[end])
			end++;
		while ((start * ref->unit + offset) % align)
			start++;
		if (start + units <= end)
			return (int)start;
		at = end;
	}
	return -1;
}

static uint32_t ref_new_page(struct slob_ref *ref)
{
	uint32_t p = 0;

	while (ref->pages[p] && ref->pages[p]->used)
		p++;
	if (!ref->pages[p])
		ref->pages[p] = malloc(sizeof(struct ref_page));
	if (!ref->pages[p])
		abort();
	memset(ref->pages[p], 0, sizeof(struct ref_page));
	ref->pages[p]->used = true;
	ref->pages[p]->free = ref->units;
	ref->pages[p]->model = UINT32_MAX;
	return p;
}

static void heap_alloc(struct slob_ref *ref, uint32_t bytes, uint32_t align,
		       uint32_t offset, struct slob_place *place)
{
	int list = ref_list_of(bytes), at = -1;
	uint32_t units = (bytes + ref->unit - 1) / ref->unit, p = 0, i;
	struct ref_page *page;

	for (i = 0; i < ref->length[list] && at < 0; i++) {
		p = ref->lists[list][i];
		if (ref->pages[p]->free >= units)
			at =
			    ref_place(ref, ref->pages[p], units, align, offset);
	}
	if (at < 0) {
		p = ref_new_page(ref);
		ref_push(ref, list, p);
		i = 1;
		at = ref_place(ref, ref->pages[p], units, align, offset);
	}
	page = ref->pages[p];
	memset(page->map + at, 1, units);
	page->free -= units;
	if (page->free)
		ref_turn(ref, list, i - 1);
	else
		ref_drop(ref, p);
	place->page = p;
	place->at = (uint32_t)at;
	place->bytes = bytes;
}

void slob_ref_free(struct slob_ref *ref, const struct slob_place *place)
{
	struct ref_page *page = ref->pages[place->page];
	uint32_t units = (place->bytes + ref->unit - 1) / ref->unit;

	memset(page->map + place->at, 0, units);
	page->free += units;
	if (page->free == ref->units) {
		if (page->listed)
			ref_drop(ref, place->page);
		page->used = false;
	} else if (!page->listed) {
		ref_push(ref, ref_list_of(place->bytes), place->page);
	}
}

/* As the kernel's front ends round it and look at it. */
bool slob_ref_alloc(struct slob_ref *ref, const struct slab_cache_spec *spec,
		    uint32_t bytes, struct slob_place *place)
{
	uint32_t minalign = ref->minalign, align = minalign;

	if (spec->kmalloc) {
		if (bytes >= ref->page_size - minalign)
			return false;
		if (!(bytes & (bytes - 1)) && bytes > align)
			align = bytes;
		heap_alloc(ref, bytes + minalign, align, minalign, place);
		return true;
	}
	bytes += spec->destroy_by_rcu ? 24 : 0;
	bytes += bytes % ref->unit ? ref->unit - bytes % ref->unit : 0;
	if (bytes >= ref->page_size)
		return false;
	heap_alloc(ref, bytes, spec->align ? spec->align : 8, 0, place);
	return true;
}

void slob_ref_compare(struct slob_ref *ref, const struct slob_place *place,
		      uint64_t handle)
{
	struct ref_page *page = ref->pages[place->page];
	uint32_t model = (uint32_t)(handle >> 32);

	if (page->model == UINT32_MAX)
		page->model = model;
	expect_u64_eq(model, page->model);
	expect_u64_eq(handle >> 16 & 0xffff, place->at);
}

uint32_t slob_ref_pages(const struct slob_ref *ref, int list)
{
	return ref->length[list];
}
