/*
 * page_map: a few bytes about each page that a trace touches, by page number.
 *
 * Two levels: a table of pointers to chunks of 64 pages, made as they are
 * touched. Numbers too large for a flat table go through a hash map, so that a
 * single wild number costs one chunk and no more.
 */
#ifndef PARSER_PAGE_MAP_H
#define PARSER_PAGE_MAP_H

#include <stdint.h>

#include "core/err.h"
#include "core/map.h"

enum page_flag {
	/* Allocated in the trace and live; ref is that of its block. */
	PAGE_LIVE = 1u << 0,
	/* Allocated or freed in the trace: nothing old is left in it. */
	PAGE_TOUCHED = 1u << 1,
	/* Not live, but slab objects were seen in it. */
	PAGE_OLD_SLAB = 1u << 2,
	/* Not live, but a large kmalloc was seen in it. */
	PAGE_OLD_LARGE = 1u << 3,
	/* Not touched, and ref is set. */
	PAGE_OLD_REF = 1u << 4,
	/* Learning: live since before the start (link_reveals.h). */
	PAGE_WATCHED = 1u << 5,
	/* Learning: an event told since the start where the page was. */
	PAGE_PASSED = 1u << 6,
};

/* All zero: never seen. What ref counts is its user's business. */
struct page {
	uint32_t ref;
	uint16_t objects; /* live objects that start in it */
	uint8_t flags;	  /* enum page_flag */
	uint8_t pad_;
};

enum {
	PAGE_CHUNK_SHIFT = 6,
	PAGE_CHUNK = 1 << PAGE_CHUNK_SHIFT,
	/* 2^22 chunks: 1 TiB of 4 KiB pages in a flat table of 32 MiB. */
	PAGE_FLAT_CHUNKS_MAX = 1 << 22,
};

struct page_map {
	/* Private */
	struct page **flat;
	uint64_t flat_count;
	struct map high; /* chunk number -> address of the chunk */
};

/* A zeroed struct is a valid empty map. */
void page_map_fini(struct page_map *map);

/* Forgets every page but keeps the memory. */
void page_map_clear(struct page_map *map);

/* Private: the chunk of a page number, NULL if it has none. */
static inline struct page *page_map_chunk(const struct page_map *map,
					  uint64_t number)
{
	uint64_t chunk = number >> PAGE_CHUNK_SHIFT;
	const uint64_t *found;

	if (chunk < map->flat_count)
		return map->flat[chunk];
	if (chunk < PAGE_FLAT_CHUNKS_MAX)
		return NULL;
	found = map_find(&map->high, chunk);
	return found ? (struct page *)(uintptr_t)*found : NULL;
}

/* Private: makes the chunk of a page number; NULL without memory. */
struct page *page_map_chunk_make(struct page_map *map, uint64_t number);

/*
 * The page of that number, until the next fini. page_map_find: NULL if its
 * chunk was never touched; page_map_get: NULL only if memory ran out. The
 * pages up to the end of the chunk follow it: page_map_run() says how many.
 */
static inline struct page *page_map_find(const struct page_map *map,
					 uint64_t number)
{
	struct page *chunk = page_map_chunk(map, number);

	return chunk ? &chunk[number & (PAGE_CHUNK - 1)] : NULL;
}

static inline struct page *page_map_get(struct page_map *map, uint64_t number)
{
	struct page *chunk = page_map_chunk(map, number);

	if (!chunk)
		chunk = page_map_chunk_make(map, number);
	return chunk ? &chunk[number & (PAGE_CHUNK - 1)] : NULL;
}

/* How many of the count pages from number on lie in number's chunk. */
static inline uint64_t page_map_run(uint64_t number, uint64_t count)
{
	uint64_t left = PAGE_CHUNK - (number & (PAGE_CHUNK - 1));

	return count < left ? count : left;
}

#endif
