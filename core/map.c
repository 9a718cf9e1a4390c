#include "core/map.h"

#include <assert.h>
#include <stdlib.h>

#define EMPTY UINT64_MAX

/* Fibonacci hashing: the high bits of the product are well mixed. */
static size_t home_of(const struct map *map, uint64_t key)
{
	return (size_t)((key * 0x9E3779B97F4A7C15ull) >> map->shift);
}

static size_t find_entry(const struct map *map, uint64_t key)
{
	size_t mask = map->cap - 1;
	size_t at = home_of(map, key);

	while (map->entries[at].key != key && map->entries[at].key != EMPTY)
		at = (at + 1) & mask;
	return at;
}

static int grow(struct map *map)
{
	struct map bigger = {.cap = map->cap ? map->cap * 2 : 64,
			     .count = map->count};

	bigger.shift = map->cap ? map->shift - 1 : 64 - 6;
	bigger.entries = malloc(bigger.cap * sizeof(*bigger.entries));
	if (!bigger.entries)
		return ERR_NOMEM;
	for (size_t i = 0; i < bigger.cap; i++)
		bigger.entries[i].key = EMPTY;
	for (size_t i = 0; i < map->cap; i++)
		if (map->entries[i].key != EMPTY)
			bigger
			    .entries[find_entry(&bigger, map->entries[i].key)] =
			    map->entries[i];
	free(map->entries);
	*map = bigger;
	return 0;
}

int map_put(struct map *map, uint64_t key, uint64_t value)
{
	size_t at;

	assert(key != EMPTY);
	if ((map->count + 1) * 10 > map->cap * 7) {
		int ret = grow(map);

		if (ret)
			return ret;
	}
	at = find_entry(map, key);
	if (map->entries[at].key == EMPTY)
		map->count++;
	map->entries[at] = (struct map_entry){key, value};
	return 0;
}

uint64_t *map_find(const struct map *map, uint64_t key)
{
	size_t at;

	if (!map->cap || key == EMPTY)
		return NULL;
	at = find_entry(map, key);
	return map->entries[at].key == key ? &map->entries[at].value : NULL;
}

/* Closes the hole at "hole" so that every later probe still finds its key. */
static void shift_back(struct map *map, size_t hole)
{
	size_t mask = map->cap - 1;
	size_t at = hole;

	for (;;) {
		size_t home;

		at = (at + 1) & mask;
		if (map->entries[at].key == EMPTY)
			break;
		home = home_of(map, map->entries[at].key);
		if (((at - home) & mask) >= ((at - hole) & mask)) {
			map->entries[hole] = map->entries[at];
			hole = at;
		}
	}
	map->entries[hole].key = EMPTY;
}

bool map_remove(struct map *map, uint64_t key, uint64_t *value)
{
	size_t at;

	if (!map->cap || key == EMPTY)
		return false;
	at = find_entry(map, key);
	if (map->entries[at].key != key)
		return false;
	if (value)
		*value = map->entries[at].value;
	shift_back(map, at);
	map->count--;
	return true;
}

const struct map_entry *map_next(const struct map *map, size_t *at)
{
	while (*at < map->cap) {
		const struct map_entry *entry = &map->entries[(*at)++];

		if (entry->key != EMPTY)
			return entry;
	}
	return NULL;
}

size_t map_count(const struct map *map)
{
	return map->count;
}

void map_fini(struct map *map)
{
	free(map->entries);
	*map = (struct map){0};
}
