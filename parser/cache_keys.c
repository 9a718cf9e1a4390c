#include "parser/cache_keys.h"

#include <stdlib.h>

static size_t home_of(const struct cache_keys *keys, uint64_t call_site,
		      uint64_t bytes_req)
{
	uint64_t hash = call_site ^ bytes_req << 32;

	hash *= 0x9E3779B97F4A7C15ull;
	return (size_t)(hash ^ hash >> 32) & (keys->index_cap - 1);
}

/* The place in the index where the key is, or would be put. */
static size_t probe(const struct cache_keys *keys, uint64_t bytes_req,
		    uint64_t call_site)
{
	size_t at = home_of(keys, call_site, bytes_req);

	for (;; at = (at + 1) & (keys->index_cap - 1)) {
		const struct cache_key *key;

		if (!keys->index[at])
			return at;
		key = &keys->list[keys->index[at] - 1];
		if (key->call_site == call_site && key->bytes_req == bytes_req)
			return at;
	}
}

struct cache_key *cache_keys_find(const struct cache_keys *keys,
				  uint64_t bytes_req, uint64_t call_site)
{
	uint32_t place;

	if (!keys->index_cap)
		return NULL;
	place = keys->index[probe(keys, bytes_req, call_site)];
	return place ? &keys->list[place - 1] : NULL;
}

/* The list holds half as many as the index, which is thus never full. */
static int grow(struct cache_keys *keys)
{
	struct cache_keys bigger = *keys;
	struct cache_key *list;

	if (keys->index_cap > UINT32_MAX / 4)
		return ERR_LIMIT;
	bigger.index_cap = keys->index_cap ? keys->index_cap * 2 : 256;
	list = realloc(keys->list, bigger.index_cap / 2 * sizeof(*list));
	if (!list)
		return ERR_NOMEM;
	keys->list = list;
	bigger.list = list;
	bigger.index = calloc(bigger.index_cap, sizeof(*bigger.index));
	if (!bigger.index)
		return ERR_NOMEM;
	for (uint32_t i = 0; i < keys->count; i++) {
		size_t at =
		    home_of(&bigger, list[i].call_site, list[i].bytes_req);

		while (bigger.index[at])
			at = (at + 1) & (bigger.index_cap - 1);
		bigger.index[at] = i + 1;
	}
	free(keys->index);
	keys->index = bigger.index;
	keys->index_cap = bigger.index_cap;
	return 0;
}

struct cache_key *cache_keys_get(struct cache_keys *keys,
				 const struct kmem_event *ev)
{
	size_t at;

	if (keys->count >= keys->index_cap / 2 && grow(keys))
		return NULL;
	at = probe(keys, ev->bytes_req, ev->call_site);
	if (!keys->index[at]) {
		keys->list[keys->count++] = (struct cache_key){
		    .bytes_req = ev->bytes_req, .call_site = ev->call_site};
		keys->index[at] = keys->count;
	}
	return &keys->list[keys->index[at] - 1];
}

void cache_keys_fini(struct cache_keys *keys)
{
	free(keys->list);
	free(keys->index);
	*keys = (struct cache_keys){0};
}
