/*
 * The pass begins without a base: it votes (link_base.h), and learns what needs
 * no base. When the vote is settled, after a few thousand events, it starts
 * again from the first event, now with pages. If the vote is never settled but
 * has a winner at the end, it starts again from there.
 *
 * A page's ref is the number of its page allocation + 1 while it is live; of a
 * page from before the trace, the cache whose objects were seen in it.
 *
 * An object is followed to its free, which names its cache, only while its key
 * (cache_keys.h) is not settled and its page does not tell the cache.
 */
#include "parser/link_learn.h"

#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>

#include "parser/link_base.h"
#include "parser/page_map.h"

struct learner {
	const struct link_rules *rules;
	struct learned *learned;
	struct page_map pages;
	struct map followed; /* address -> id of its key */
};

void learned_fini(struct learned *learned)
{
	free(learned->backing);
	map_fini(&learned->cache_index);
	map_fini(&learned->old_slabs);
	cache_keys_fini(&learned->keys);
	*learned = (struct learned){0};
}

static int learn_page_alloc(struct learner *learner,
			    const struct kmem_event *ev)
{
	struct learned *learned = learner->learned;
	uint64_t pfn = ev->addr, left = 1ull << ev->order;

	if (learned->backing_count == UINT32_MAX - 1)
		return ERR_LIMIT;
	if (learned->backing_count == learned->backing_cap) {
		size_t cap =
		    learned->backing_cap ? learned->backing_cap * 2 : 4096;
		uint8_t *backing = realloc(learned->backing, cap);

		if (!backing)
			return ERR_NOMEM;
		learned->backing = backing;
		learned->backing_cap = cap;
	}
	learned->backing[learned->backing_count++] = BACKING_NONE;
	while (left) {
		uint64_t run = page_map_run(pfn, left);
		struct page *page = page_map_get(&learner->pages, pfn);

		if (!page)
			return ERR_NOMEM;
		for (uint64_t i = 0; i < run; i++)
			page[i] = (struct page){
			    .ref = (uint32_t)learned->backing_count,
			    .flags = PAGE_LIVE | PAGE_TOUCHED};
		pfn += run;
		left -= run;
	}
	return 0;
}

static int learn_page_free(struct learner *learner, const struct kmem_event *ev)
{
	uint64_t pfn = ev->addr, left = 1ull << ev->order;

	while (left) {
		uint64_t run = page_map_run(pfn, left);
		struct page *page = page_map_get(&learner->pages, pfn);

		if (!page)
			return ERR_NOMEM;
		for (uint64_t i = 0; i < run; i++)
			page[i] = (struct page){.flags = PAGE_TOUCHED};
		pfn += run;
		left -= run;
	}
	return 0;
}

/* The backing that stands for slabs of a cache. */
static int backing_of_cache(struct learned *learned, uint32_t name,
			    uint8_t *backing)
{
	const uint64_t *found = map_find(&learned->cache_index, name);

	if (found) {
		*backing = (uint8_t)(BACKING_CACHE + *found);
		return 0;
	}
	if (learned->cache_count == BACKING_CACHES_MAX) {
		*backing = BACKING_SLAB;
		return 0;
	}
	*backing = (uint8_t)(BACKING_CACHE + learned->cache_count);
	learned->caches[learned->cache_count] = name;
	return map_put(&learned->cache_index, name, learned->cache_count++);
}

/* An object of a named cache lies in a block: the block is a slab of it. */
static int name_block(struct learned *learned, uint8_t *backing, uint32_t name)
{
	uint8_t is;
	int ret;

	if (*backing >= BACKING_CACHE) {
		if (learned_cache(learned, *backing) != name)
			*backing = BACKING_MIXED;
		return 0;
	}
	if (*backing == BACKING_MIXED)
		return 0;
	ret = backing_of_cache(learned, name, &is);
	if (!ret)
		*backing = is;
	return ret;
}

static int name_old_page(struct learner *learner, uint64_t pfn, uint32_t name)
{
	struct page *page = page_map_get(&learner->pages, pfn);

	if (!page)
		return ERR_NOMEM;
	if (page->flags & PAGE_TOUCHED ||
	    (page->flags & PAGE_OLD_REF &&
	     (page->ref == name || page->ref == 0)))
		return 0;
	page->ref = page->flags & PAGE_OLD_REF ? 0 : name;
	page->flags |= PAGE_OLD_REF;
	return map_put(&learner->learned->old_slabs, pfn, page->ref);
}

/* An object event tells what its page is for; *cache if that tells its cache.
 */
static int learn_page_use(struct learner *learner, const struct kmem_event *ev,
			  uint32_t *cache)
{
	uint32_t name = learner->rules->one_cache_per_slab ? ev->name : 0;
	uint64_t pfn = link_pfn(learner->rules, ev->addr);
	const struct page *page = page_map_find(&learner->pages, pfn);
	uint8_t *backing;

	if (!page || !(page->flags & PAGE_LIVE)) {
		if (page && page->flags & PAGE_OLD_REF)
			*cache = page->ref;
		return name ? name_old_page(learner, pfn, name) : 0;
	}
	backing = &learner->learned->backing[page->ref - 1];
	if (*backing == BACKING_NONE)
		*backing = link_is_large(learner->rules, ev) ? BACKING_LARGE
							     : BACKING_SLAB;
	if (name) {
		int ret = name_block(learner->learned, backing, name);

		if (ret)
			return ret;
	}
	*cache = learned_cache(learner->learned, *backing);
	return 0;
}

/* An allocation that does not name its cache. */
static int learn_key(struct learner *learner, const struct kmem_event *ev,
		     uint32_t cache)
{
	struct cache_keys *keys = &learner->learned->keys;
	struct cache_key *key = cache_keys_get(keys, ev);

	if (!key)
		return ERR_NOMEM;
	if (cache)
		cache_key_confirm(key, cache);
	else if (!cache_key_settled(key))
		return map_put(&learner->followed, ev->addr,
			       cache_keys_id(keys, key));
	return 0;
}

static int learn_object(struct learner *learner, const struct kmem_event *ev)
{
	bool follows = map_count(&learner->followed);
	uint32_t cache = 0;
	uint64_t key;

	if (learner->rules->linked) {
		int ret = learn_page_use(learner, ev, &cache);

		if (ret)
			return ret;
	}
	/* Whatever was followed at this address ends here. */
	if (follows && map_remove(&learner->followed, ev->addr, &key) &&
	    ev->kind == EV_CACHE_FREE && ev->name)
		cache_key_confirm(
		    cache_keys_at(&learner->learned->keys, (uint32_t)key),
		    ev->name);
	if (ev->kind == EV_CACHE_ALLOC && !ev->name)
		return learn_key(learner, ev, cache);
	return 0;
}

static int learn_event(struct learner *learner, const struct kmem_event *ev)
{
	if (event_is_object(ev)) {
		if (ev->flags & (EVF_FAILED | EVF_NO_OBJECT) ||
		    ev->addr == UINT64_MAX)
			return 0;
		return learn_object(learner, ev);
	}
	if (!learner->rules->linked || !link_page_event_ok(ev))
		return 0;
	if (ev->kind == EV_PAGE_ALLOC)
		return learn_page_alloc(learner, ev);
	if (ev->kind == EV_PAGE_FREE)
		return learn_page_free(learner, ev);
	return 0;
}

/*
 * One reading of raw. With a vote: stops early, with *settled, if the vote is
 * decided.
 */
static int learn_pass(struct source *raw, struct learner *learner,
		      struct link_base *vote, bool *settled, struct err *err)
{
	struct kmem_event events[SOURCE_BATCH];
	size_t count;

	*settled = false;
	for (;;) {
		int ret = source_read(raw, events, SOURCE_BATCH, &count, err);

		if (ret || !count)
			return ret;
		for (size_t i = 0; i < count; i++) {
			if (vote)
				link_base_see(vote, &events[i]);
			ret = learn_event(learner, &events[i]);
			if (ret)
				return err_set(
				    err, ret, "cannot learn from the trace: %s",
				    err_code_text(ret));
		}
		if (vote && link_base_settled(vote)) {
			*settled = true;
			return 0;
		}
	}
}

static int learn_from_start(struct source *raw, struct learner *learner,
			    struct link_base *vote, bool *settled,
			    struct err *err)
{
	int ret;

	learned_fini(learner->learned);
	ret = learn_pass(raw, learner, vote, settled, err);
	page_map_fini(&learner->pages);
	map_fini(&learner->followed);
	return ret;
}

static void decide(const struct link_base *vote, struct link_rules *rules,
		   struct capture_info *info)
{
	rules->linked = link_base_winner(vote, &rules->base, info->link_reason,
					 sizeof(info->link_reason));
	info->linked = rules->linked;
	info->direct_map_base = rules->linked ? rules->base : 0;
}

int link_learn(struct source *raw, struct link_rules *rules,
	       struct learned *learned, struct capture_info *info,
	       struct err *err)
{
	struct learner learner = {.rules = rules, .learned = learned};
	struct link_base *vote = NULL;
	bool settled;
	int ret;

	rules->linked = false;
	ret = link_base_create(rules, &vote);
	if (ret)
		return err_set(err, ret, "cannot start linking: %s",
			       err_code_text(ret));
	ret = learn_from_start(raw, &learner, vote, &settled, err);
	if (!ret)
		decide(vote, rules, info);
	if (!ret && rules->linked) {
		ret = source_rewind(raw, err);
		if (!ret)
			ret = learn_from_start(raw, &learner, NULL, &settled,
					       err);
	}
	link_base_free(vote);
	return ret;
}
