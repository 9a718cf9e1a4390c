/*
 * It is first looked whether there are pages at all: a trace of objects alone,
 * all of whose caches are named, has little to learn and is read lightly.
 *
 * The pass begins without a base: it votes (link_base.h), and learns what needs
 * no base. When the vote is settled, after a few thousand events, it starts
 * again from the first event, now with pages. If the vote is never settled but
 * has a winner at the end, it starts again from there.
 *
 * A page's ref is the number of its page allocation + 1 while it is live; of a
 * page from before the trace in which objects were seen, its number there
 * (link_reveals.h).
 *
 * An object is followed to its free, which names its cache, only while its key
 * (cache_keys.h) is not settled and its page does not tell the cache. A page's
 * "objects" counts the followed that start in it.
 */
#include "parser/link_learn.h"

#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>

#include "parser/link_base.h"
#include "parser/link_reveals.h"
#include "parser/node_votes.h"
#include "parser/page_map.h"

struct learner {
	struct trace *trace;
	const struct link_rules *rules;
	struct learned *learned;
	struct link_reveals reveals;
	struct page_map pages;
	struct map followed; /* address -> id of its key */
	struct node_votes *nodes;
};

void learned_fini(struct learned *learned)
{
	free(learned->backing);
	map_fini(&learned->owner_index);
	map_fini(&learned->old_slabs);
	cache_keys_fini(&learned->keys);
	large_pairs_fini(&learned->pairs);
	*learned = (struct learned){0};
}

static int learn_page_alloc(struct learner *learner,
			    const struct kmem_event *ev)
{
	struct learned *learned = learner->learned;
	uint8_t flags = PAGE_LIVE | PAGE_TOUCHED |
			link_reveals_passed(&learner->reveals) |
			link_reveals_watched(&learner->reveals);
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
			    .objects = page[i].objects,
			    .flags = flags};
		pfn += run;
		left -= run;
	}
	return 0;
}

static int learn_page_free(struct learner *learner, const struct kmem_event *ev)
{
	uint8_t flags = PAGE_TOUCHED | link_reveals_passed(&learner->reveals);
	uint64_t pfn = ev->addr, left = 1ull << ev->order;

	large_pairs_end(&learner->learned->pairs,
			link_address(learner->rules, pfn));
	while (left) {
		uint64_t run = page_map_run(pfn, left);
		struct page *page = page_map_get(&learner->pages, pfn);

		if (!page)
			return ERR_NOMEM;
		for (uint64_t i = 0; i < run; i++) {
			if (page[i].flags & (PAGE_OLD_REF | PAGE_WATCHED))
				link_reveals_freed(&learner->reveals, pfn + i,
						   &page[i]);
			page[i] = (struct page){.objects = page[i].objects,
						.flags = flags};
		}
		pfn += run;
		left -= run;
	}
	return 0;
}

/* Any event tells where its first page was. */
static int learn_page_place(struct learner *learner,
			    const struct kmem_event *ev)
{
	const struct page *page;

	if (!link_reveals_passed(&learner->reveals))
		return 0;
	page = page_map_get(&learner->pages, ev->addr);
	if (!page)
		return ERR_NOMEM;
	return link_reveals_page(&learner->reveals, ev, page->flags);
}

/* An event that neither allocates nor frees its pages. */
static int learn_page_passed(struct learner *learner,
			     const struct kmem_event *ev)
{
	uint8_t passed = link_reveals_passed(&learner->reveals);
	uint64_t pfn = ev->addr, left = passed ? 1ull << ev->order : 0;

	while (left) {
		uint64_t run = page_map_run(pfn, left);
		struct page *page = page_map_get(&learner->pages, pfn);

		if (!page)
			return ERR_NOMEM;
		for (uint64_t i = 0; i < run; i++)
			page[i].flags |= passed;
		pfn += run;
		left -= run;
	}
	return 0;
}

uint32_t learned_cache(const struct learned *learned, uint8_t backing)
{
	const struct slab_owner *owner;
	const struct cache_key *key;

	if (backing < BACKING_OWNER)
		return 0;
	owner = &learned->owners[backing - BACKING_OWNER];
	if (owner->name)
		return owner->name;
	key = cache_keys_at(&learned->keys, owner->key);
	return key->ambiguous ? 0 : key->name;
}

/* Names are small numbers too: the top bit keeps keys apart from them. */
static uint64_t owner_id(struct slab_owner owner)
{
	return owner.name ? owner.name : 1ull << 63 | owner.key;
}

/* The backing that stands for slabs of an owner. */
static int backing_of(struct learned *learned, struct slab_owner owner,
		      uint8_t *backing)
{
	const uint64_t *found =
	    map_find(&learned->owner_index, owner_id(owner));

	if (found) {
		*backing = (uint8_t)(BACKING_OWNER + *found);
		return 0;
	}
	if (learned->owner_count == BACKING_OWNERS_MAX) {
		*backing = BACKING_SLAB;
		return 0;
	}
	*backing = (uint8_t)(BACKING_OWNER + learned->owner_count);
	learned->owners[learned->owner_count] = owner;
	return map_put(&learned->owner_index, owner_id(owner),
		       learned->owner_count++);
}

static bool is_named(const struct learned *learned, uint8_t backing)
{
	return backing >= BACKING_OWNER &&
	       learned->owners[backing - BACKING_OWNER].name;
}

/* An object of a named cache lies in a block: the block is a slab of it. */
static int name_block(struct learned *learned, uint8_t *backing, uint32_t name)
{
	if (is_named(learned, *backing)) {
		if (learned_cache(learned, *backing) != name)
			*backing = BACKING_MIXED;
		return 0;
	}
	if (*backing == BACKING_MIXED)
		return 0;
	return backing_of(learned, (struct slab_owner){.name = name}, backing);
}

/* What the page of an object event tells. */
struct place {
	struct page *page; /* NULL: not linked */
	uint8_t *block; /* its block's backing, NULL if none of the trace's */
	uint32_t cache; /* of its slab, 0: not known */
};

/* An object in a page that is not live, unless that was freed in the trace. */
static int learn_old_page(struct learner *learner, const struct kmem_event *ev,
			  uint32_t name, struct place *place)
{
	struct link_reveals *reveals = &learner->reveals;
	uint64_t pfn = link_pfn(learner->rules, ev->addr);
	struct page *page = place->page;
	struct old_page *old;
	uint32_t number;
	int ret;

	if (page->flags & PAGE_TOUCHED || link_is_large(learner->rules, ev))
		return 0;
	if (!name && reveals->objects == REVEAL_CLOSED &&
	    !(page->flags & PAGE_OLD_REF))
		return 0;
	ret = link_reveals_old(reveals, pfn, page, &number);
	if (ret)
		return ret;
	old = &reveals->old[number];
	place->cache = old->reveal.name;
	if (name && old_page_name(old, name))
		ret = map_put(&learner->learned->old_slabs, pfn,
			      old->reveal.name);
	return ret ? ret : link_reveals_object(reveals, ev, pfn, page);
}

/* An object event tells what its page is for, and the page its cache. */
static int learn_page_use(struct learner *learner, const struct kmem_event *ev,
			  struct place *place)
{
	uint64_t pfn = link_pfn(learner->rules, ev->addr);
	struct page *page = page_map_get(&learner->pages, pfn);
	struct learned *learned = learner->learned;
	uint32_t name = learner->rules->one_cache_per_slab ? ev->name : 0;
	uint8_t *backing;
	int ret;

	if (!page)
		return ERR_NOMEM;
	place->page = page;
	if (!(page->flags & PAGE_LIVE))
		return learn_old_page(learner, ev, name, place);
	backing = &learned->backing[page->ref - 1];
	if (*backing == BACKING_NONE)
		*backing = link_has_own_pages(learner->rules, ev)
			       ? BACKING_LARGE
			       : BACKING_SLAB;
	ret = name ? name_block(learned, backing, name) : 0;
	place->block = backing;
	if (is_named(learned, *backing))
		place->cache = learned_cache(learned, *backing);
	if (!ret && page->flags & PAGE_WATCHED && *backing != BACKING_LARGE)
		ret = link_reveals_object(&learner->reveals, ev, pfn, page);
	return ret;
}

/*
 * An allocation that does not name its cache: if its slab does, the key is
 * learned; if not, the slab belongs to whatever the key will turn out to mean.
 */
static int learn_key(struct learner *learner, const struct kmem_event *ev,
		     const struct place *place)
{
	struct learned *learned = learner->learned;
	struct cache_key *key = cache_keys_get(&learned->keys, ev);
	uint32_t id;

	if (!key)
		return ERR_NOMEM;
	if (place->cache) {
		cache_key_confirm(key, place->cache);
		return 0;
	}
	id = cache_keys_id(&learned->keys, key);
	if (place->block && *place->block == BACKING_SLAB &&
	    learner->rules->one_cache_per_slab) {
		struct slab_owner owner = {.key = id};
		int ret = backing_of(learned, owner, place->block);

		if (ret)
			return ret;
	}
	if (cache_key_settled(key))
		return 0;
	if (place->page && place->page->objects < UINT16_MAX)
		place->page->objects++;
	return map_put(&learner->followed, ev->addr, id);
}

/* Whatever was followed at the address of an event ends there. */
static void end_followed(struct learner *learner, const struct kmem_event *ev,
			 struct page *page)
{
	uint64_t key;

	if ((page && !page->objects) ||
	    !map_remove(&learner->followed, ev->addr, &key))
		return;
	/* More than can be counted only has to be looked for too often. */
	if (page && page->objects < UINT16_MAX)
		page->objects--;
	if (ev->kind == EV_CACHE_FREE && ev->name)
		cache_key_confirm(
		    cache_keys_at(&learner->learned->keys, (uint32_t)key),
		    ev->name);
}

static int learn_object(struct learner *learner, const struct kmem_event *ev)
{
	struct place place = {0};

	if (learner->rules->linked) {
		int ret = learn_page_use(learner, ev, &place);

		if (ret)
			return ret;
	}
	if (map_count(&learner->followed))
		end_followed(learner, ev, place.page);
	if (ev->kind == EV_CACHE_ALLOC && !ev->name)
		return learn_key(learner, ev, &place);
	if (link_is_large(learner->rules, ev))
		return large_pairs_alloc(&learner->learned->pairs, ev);
	if (ev->kind == EV_KFREE)
		large_pairs_end(&learner->learned->pairs, ev->addr);
	return 0;
}

static int learn_event(struct learner *learner, const struct kmem_event *ev)
{
	int ret;

	if (event_is_object(ev)) {
		if (ev->flags & (EVF_FAILED | EVF_NO_OBJECT) ||
		    ev->addr == UINT64_MAX)
			return 0;
		return learn_object(learner, ev);
	}
	if (ev->kind == EV_MARKER) {
		link_reveals_marker(&learner->reveals, ev->name);
		return 0;
	}
	if (ev->kind == EV_PAGE_ALLOC && learner->nodes)
		node_votes_see(learner->nodes, ev);
	if (!event_is_page(ev) || !link_page_event_ok(ev))
		return 0;
	ret = learn_page_place(learner, ev);
	if (ret)
		return ret;
	if (ev->kind == EV_PAGE_ALLOC && learner->rules->linked)
		return learn_page_alloc(learner, ev);
	if (ev->kind == EV_PAGE_FREE && learner->rules->linked)
		return learn_page_free(learner, ev);
	return learn_page_passed(learner, ev);
}

static int cannot_learn(struct err *err, int ret)
{
	return err_set(err, ret, "cannot learn from the trace: %s",
		       err_code_text(ret));
}

/* In one place, for both passes: then what it calls is inlined. */
__attribute__((noinline)) static int
learn_events(struct learner *learner, const struct kmem_event *events,
	     size_t count, struct err *err)
{
	for (size_t i = 0; i < count; i++) {
		int ret = learn_event(learner, &events[i]);

		if (ret)
			return cannot_learn(err, ret);
	}
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
		for (size_t i = 0; vote && i < count; i++)
			link_base_see(vote, &events[i]);
		ret = learn_events(learner, events, count, err);
		if (ret)
			return ret;
		if (vote && link_base_settled(vote)) {
			*settled = true;
			return 0;
		}
	}
}

/* The first page allocation ends it: then there is more to learn. */
static int learn_without_pages(struct source *raw, struct learner *learner,
			       bool *has_pages, struct err *err)
{
	struct kmem_event events[SOURCE_BATCH];
	size_t count = 1;
	int ret = 0;

	*has_pages = false;
	source_skim(raw, SOURCE_LARGE, learner->rules->large_from);
	while (!ret && count && !*has_pages) {
		ret = source_read(raw, events, SOURCE_BATCH, &count, err);
		for (size_t i = 0; !ret && i < count; i++)
			*has_pages |= events[i].kind == EV_PAGE_ALLOC;
		if (!ret)
			ret = learn_events(learner, events, count, err);
	}
	source_skim(raw, SOURCE_WHAT, 0);
	return ret;
}

/* What was learned with other rules, or from a part, is forgotten. */
static int start_again(struct source *raw, struct learner *learner,
		       struct err *err)
{
	learned_fini(learner->learned);
	page_map_fini(&learner->pages);
	map_fini(&learner->followed);
	link_reveals_fini(&learner->reveals);
	link_reveals_init(&learner->reveals, learner->rules, learner->trace);
	node_votes_clear(learner->nodes);
	return source_rewind(raw, err);
}

static void decide(const struct link_base *vote, struct link_rules *rules,
		   struct capture_info *info)
{
	rules->linked = link_base_winner(vote, &rules->base, info->link_reason,
					 sizeof(info->link_reason));
	/* Hashes may vote as well, but mean nothing. */
	if (info->pointers_hashed) {
		rules->linked = false;
		snprintf(info->link_reason, sizeof(info->link_reason),
			 "the kernel printed hashed pointers, which are no "
			 "addresses: record raw pages, or text with 'echo 0 > "
			 "options/hash-ptr' in tracefs");
	}
	info->linked = rules->linked;
	info->direct_map_base = rules->linked ? rules->base : 0;
}

int link_learn(struct source *raw, struct link_rules *rules,
	       struct learned *learned, struct trace *trace, struct err *err)
{
	struct learner learner = {
	    .rules = rules, .learned = learned, .trace = trace};
	struct link_base *vote = NULL;
	bool settled, has_pages = false;
	int ret;

	rules->linked = false;
	link_reveals_init(&learner.reveals, rules, trace);
	ret = link_base_create(rules, &vote);
	if (!ret)
		ret = node_votes_create(trace, &learner.nodes);
	if (ret) {
		link_base_free(vote);
		return err_set(err, ret, "cannot start linking: %s",
			       err_code_text(ret));
	}
	ret = learn_without_pages(raw, &learner, &has_pages, err);
	if (!ret && has_pages)
		ret = start_again(raw, &learner, err);
	if (!ret && has_pages)
		ret = learn_pass(raw, &learner, vote, &settled, err);
	if (!ret)
		decide(vote, rules, &trace->info);
	if (!ret && rules->linked) {
		ret = start_again(raw, &learner, err);
		if (!ret)
			ret = learn_pass(raw, &learner, NULL, &settled, err);
	}
	source_skim(raw, SOURCE_ALL, 0);
	if (!ret) {
		ret = link_reveals_done(&learner.reveals, &learned->keys,
					&trace->reveals);
		if (ret)
			ret = cannot_learn(err, ret);
	}
	link_reveals_fini(&learner.reveals);
	if (!ret && node_votes_decide(learner.nodes, &trace->topology))
		ret = cannot_learn(err, ERR_NOMEM);
	page_map_fini(&learner.pages);
	map_fini(&learner.followed);
	node_votes_free(learner.nodes);
	link_base_free(vote);
	return ret;
}
