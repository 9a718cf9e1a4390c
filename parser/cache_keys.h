/*
 * cache_keys: which cache an allocation without a cache name came from.
 *
 * kmem_cache_alloc tells the sizes and the call site, but before 6.18 not the
 * cache; kmem_cache_free tells it. So (bytes_req, call_site) of objects whose
 * cache came to be known predicts the cache of the others. bytes_alloc is no
 * part of it: what a replay predicts may not be what named the cache.
 */
#ifndef PARSER_CACHE_KEYS_H
#define PARSER_CACHE_KEYS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "core/err.h"
#include "core/event.h"

struct cache_key {
	uint64_t bytes_req, call_site;
	uint32_t name;	/* cache, id in the trace's names; 0: not known */
	uint32_t seen;	/* objects that were known to be of it */
	bool ambiguous; /* objects of more than one cache have this key */
};

struct cache_keys {
	/* Private */
	struct cache_key *list; /* in order of first appearance */
	uint32_t *index; /* place in list + 1, 0: empty; linear probing */
	uint32_t count, index_cap;
};

/* So many objects of one cache and none of another: no need to watch more. */
enum { CACHE_KEY_SETTLED = 8 };

/* A zeroed struct is a valid empty table. */
void cache_keys_fini(struct cache_keys *keys);

/* The key of an allocation, or NULL; until the next cache_keys_get(). */
struct cache_key *cache_keys_find(const struct cache_keys *keys,
				  uint64_t bytes_req, uint64_t call_site);

/* That of an event, made if it is new; NULL only if memory ran out. */
struct cache_key *cache_keys_get(struct cache_keys *keys,
				 const struct kmem_event *ev);

/* A number for the key that stays, and the key of a number. */
static inline uint32_t cache_keys_id(const struct cache_keys *keys,
				     const struct cache_key *key)
{
	return (uint32_t)(key - keys->list);
}

static inline struct cache_key *cache_keys_at(const struct cache_keys *keys,
					      uint32_t id)
{
	return &keys->list[id];
}

/* An object with that key turned out to be of that cache. */
static inline void cache_key_confirm(struct cache_key *key, uint32_t name)
{
	if (key->name && key->name != name)
		key->ambiguous = true;
	key->name = name;
	key->seen += key->seen < UINT32_MAX;
}

/* True if further objects of that key need not be followed to their free. */
static inline bool cache_key_settled(const struct cache_key *key)
{
	return key->ambiguous || key->seen >= CACHE_KEY_SETTLED;
}

#endif
