#include "parser/page_map.h"

#include <stdlib.h>
#include <string.h>

static int grow_flat(struct page_map *map, uint64_t chunk)
{
	uint64_t count = map->flat_count ? map->flat_count : 1024;
	struct page **flat;

	while (count <= chunk)
		count *= 2;
	flat = realloc(map->flat, count * sizeof(struct page *));
	if (!flat)
		return ERR_NOMEM;
	memset(flat + map->flat_count, 0,
	       (count - map->flat_count) * sizeof(struct page *));
	map->flat = flat;
	map->flat_count = count;
	return 0;
}

struct page *page_map_chunk_make(struct page_map *map, uint64_t number)
{
	uint64_t chunk = number >> PAGE_CHUNK_SHIFT;
	struct page *made;

	if (chunk < PAGE_FLAT_CHUNKS_MAX && chunk >= map->flat_count &&
	    grow_flat(map, chunk))
		return NULL;
	made = calloc(PAGE_CHUNK, sizeof(*made));
	if (!made)
		return NULL;
	if (chunk < PAGE_FLAT_CHUNKS_MAX) {
		map->flat[chunk] = made;
	} else if (map_put(&map->high, chunk, (uint64_t)(uintptr_t)made)) {
		free(made);
		return NULL;
	}
	return made;
}

void page_map_clear(struct page_map *map)
{
	const struct map_entry *entry;
	size_t at = 0;

	for (uint64_t i = 0; i < map->flat_count; i++)
		if (map->flat[i])
			memset(map->flat[i], 0,
			       PAGE_CHUNK * sizeof(struct page));
	while ((entry = map_next(&map->high, &at)))
		memset((struct page *)(uintptr_t)entry->value, 0,
		       PAGE_CHUNK * sizeof(struct page));
}

void page_map_fini(struct page_map *map)
{
	const struct map_entry *entry;
	size_t at = 0;

	for (uint64_t i = 0; i < map->flat_count; i++)
		free(map->flat[i]);
	while ((entry = map_next(&map->high, &at)))
		free((struct page *)(uintptr_t)entry->value);
	free(map->flat);
	map_fini(&map->high);
	*map = (struct page_map){0};
}
