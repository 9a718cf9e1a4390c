/*
 * map: 64-bit key -> 64-bit value, for addresses, pfns and object numbers.
 *
 * Open addressing with linear probing and backward-shift deletion (no
 * tombstones), at most 7/10 full. Key UINT64_MAX is reserved.
 */
#ifndef CORE_MAP_H
#define CORE_MAP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "core/err.h"

struct map_entry {
	uint64_t key;
	uint64_t value;
};

struct map {
	/* Private */
	struct map_entry *entries;
	size_t count, cap;
	unsigned int shift;
};

/* A zeroed struct is a valid empty map. */
void map_fini(struct map *map);

/* Sets key to value, replacing an earlier one. ERR_NOMEM. */
MUST_CHECK int map_put(struct map *map, uint64_t key, uint64_t value);

/* The place of the value, until the next put or remove; NULL if absent. */
uint64_t *map_find(const struct map *map, uint64_t key);

/* Removes key; true, with its value in *value (may be NULL), if it was there.
 */
bool map_remove(struct map *map, uint64_t key, uint64_t *value);

/* Entries in storage order: start with *at = 0; NULL at the end. */
const struct map_entry *map_next(const struct map *map, size_t *at);

size_t map_count(const struct map *map);

#endif
