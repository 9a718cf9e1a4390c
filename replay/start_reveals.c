/*
 * The pages come by pfn, so those of a slab are neighbours; but only such with
 * an allocation or a named free tell the cache, and with it where the slab
 * begins. A page that does not, between or behind others of its slab, joins
 * them; one before them waits until the first that tells.
 */
#include "replay/start_reveals.h"

#include <stdlib.h>

#include "core/event.h"

void start_reveals_fini(struct start_reveals *reveals)
{
	if (reveals->slabs)
		memory_free(&reveals->memory, reveals->slabs);
	reveals->slabs = NULL;
	reveals->count = reveals->cap = 0;
}

/* Caches by what names them, as far as they were looked for. */
struct known_caches {
	const struct trace *trace;
	const struct kmalloc_rules *rules;
	const struct snapshot_cache **named; /* by the trace's name id */
	const struct snapshot_cache
	    *classes[KMALLOC_TYPES][KMALLOC_CLASSES_MAX];
};

/* Many pages share a cache: it is searched for once. */
static const struct snapshot_cache *
find_once(const struct known_caches *known, const char *name,
	  const struct snapshot_cache **found)
{
	if (!*found)
		*found = snapshot_cache_find(&known->trace->before, name);
	return *found;
}

/* The cache of a page; NULL if it is not known. */
static const struct snapshot_cache *cache_of(struct known_caches *known,
					     const struct reveal_page *page)
{
	const struct trace *trace = known->trace;
	const struct kmalloc_rules *rules = known->rules;
	struct kmalloc_choice choice;

	if (page->name)
		return find_once(known, names_get(&trace->names, page->name),
				 &known->named[page->name]);
	if (page->kind == EV_CACHE_ALLOC)
		return snapshot_cache_of_sizes(&trace->before, page->bytes_req,
					       page->bytes_alloc);
	if (page->kind != EV_KMALLOC)
		return NULL;
	choice = kmalloc_choose(rules, page->bytes_req, page->gfp_flags,
				page->call_site);
	if (choice.large)
		return NULL;
	return find_once(known, rules->classes[choice.type][choice.index].name,
			 &known->classes[choice.type][choice.index]);
}

static uint64_t slab_pfn(const struct reveal_page *page, unsigned int order)
{
	return page->pfn & ~((1ull << order) - 1);
}

static bool usable(const struct snapshot_cache *cache)
{
	return cache && cache->slab_size && cache->objs_per_slab &&
	       cache->order < SNAPSHOT_ORDERS_MAX;
}

static void join(struct start_reveal *slab, const struct reveal_page *page)
{
	slab->free += page->free;
	slab->used += page->used;
	slab->gone |= page->gone;
	if (page->turn && (!slab->turn || page->turn < slab->turn)) {
		slab->turn = page->turn;
		slab->cpu = page->cpu;
	}
}

/* Adds the slab of a page that tells its cache. */
static int add(struct start_reveals *reveals,
	       const struct snapshot_cache *cache,
	       const struct reveal_page *page, struct start_reveal **slab)
{
	struct start_reveal *slabs =
	    memory_grow(&reveals->memory, reveals->slabs, sizeof(*slabs),
			reveals->count + 1, &reveals->cap);

	if (!slabs)
		return ERR_NOMEM;
	reveals->slabs = slabs;
	*slab = &slabs[reveals->count++];
	**slab = (struct start_reveal){.pfn = slab_pfn(page, cache->order),
				       .cache = cache,
				       .order = (uint8_t)cache->order};
	return 0;
}

static int join_all(struct start_reveals *reveals, struct known_caches *known)
{
	const struct reveal_page *pages = known->trace->reveals.pages;
	size_t count = known->trace->reveals.page_count;
	size_t waiting = 0; /* pages from here on have joined no slab yet */

	for (size_t i = 0; i < count; i++) {
		struct start_reveal *slab =
		    reveals->count ? &reveals->slabs[reveals->count - 1] : NULL;
		const struct snapshot_cache *cache;
		int ret;

		if (slab && pages[i].pfn - slab->pfn < 1ull << slab->order) {
			join(slab, &pages[i]);
			waiting = i + 1;
			continue;
		}
		cache = cache_of(known, &pages[i]);
		if (!usable(cache))
			continue;
		ret = add(reveals, cache, &pages[i], &slab);
		if (ret)
			return ret;
		for (; waiting <= i; waiting++)
			if (pages[waiting].pfn >= slab->pfn)
				join(slab, &pages[waiting]);
	}
	return 0;
}

/* Those that gave no object after the others. */
static int by_cache(const void *left, const void *right)
{
	const struct start_reveal *a = left, *b = right;

	if (a->cache != b->cache)
		return a->cache < b->cache ? -1 : 1;
	if (a->turn != b->turn)
		return a->turn - 1 < b->turn - 1 ? -1 : 1;
	return a->pfn < b->pfn ? -1 : a->pfn > b->pfn;
}

/*
 * True if the CPU that first took an object from this slab went on to another of
 * the cache: then it had taken all that were free.
 */
static bool was_used_up(const struct start_reveals *reveals, size_t i)
{
	const struct start_reveal *slab = &reveals->slabs[i];

	for (size_t next = i + 1; slab->turn && next < reveals->count; next++) {
		const struct start_reveal *later = &reveals->slabs[next];

		if (later->cache != slab->cache || !later->turn)
			return false;
		if (later->cpu == slab->cpu)
			return true;
	}
	return false;
}

int start_reveals_make(struct start_reveals *reveals, const struct trace *trace,
		       const struct kmalloc_rules *rules,
		       const struct memory *memory)
{
	struct known_caches known = {.trace = trace, .rules = rules};
	int ret = ERR_NOMEM;

	*reveals = (struct start_reveals){.memory = *memory};
	known.named = memory_new(memory, names_count(&trace->names) + 1,
				 sizeof(*known.named));
	if (known.named)
		ret = join_all(reveals, &known);
	memory_free(memory, known.named);
	if (ret || !reveals->count)
		return ret;
	qsort(reveals->slabs, reveals->count, sizeof(*reveals->slabs),
	      by_cache);
	for (size_t i = 0; i < reveals->count; i++) {
		struct start_reveal *slab = &reveals->slabs[i];
		uint32_t slots = slab->cache->objs_per_slab;

		if (slab->gone && !was_used_up(reveals, i))
			slab->free =
			    slots > slab->used ? slots - slab->used : 0;
	}
	return 0;
}

const struct start_reveal *start_reveals_of(const struct start_reveals *reveals,
					    const struct snapshot_cache *cache,
					    size_t *count)
{
	size_t low = 0, high = reveals->count, end;

	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (reveals->slabs[middle].cache < cache)
			low = middle + 1;
		else
			high = middle;
	}
	for (end = low; end < reveals->count; end++)
		if (reveals->slabs[end].cache != cache)
			break;
	*count = end - low;
	return *count ? &reveals->slabs[low] : NULL;
}
