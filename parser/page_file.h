/*
 * page_file: the bytes of one CPU's ring-buffer pages: a file of its own, a
 * part of a file, or compressed chunks that lie in a file (trace.dat version
 * 7). A file that shrinks meanwhile ends there and does not kill the process.
 */
#ifndef PARSER_PAGE_FILE_H
#define PARSER_PAGE_FILE_H

#include <stddef.h>
#include <stdint.h>

#include "core/err.h"

/* A chunk of pages, compressed by zstd. */
struct page_chunk {
	uint64_t file_at;  /* of the compressed bytes */
	uint64_t plain_at; /* of its first byte among the plain ones */
	uint32_t packed_bytes, plain_bytes;
};

struct page_file {
	uint64_t size_bytes; /* plain ones */
	char path[512];
	/* Private */
	int fd;
	uint64_t base;		   /* plain: where the part begins */
	struct page_chunk *chunks; /* NULL: plain */
	uint32_t chunk_count, current;
	uint8_t *packed, *plain; /* of the current chunk */
};

/* The whole of a file. ERR_IO, ERR_FORMAT (no regular file), ERR_LIMIT. */
MUST_CHECK int page_file_open(struct page_file *file, const char *path,
			      struct err *err);

/*
 * size bytes of the file from offset base on; fewer, size_bytes says how many,
 * where the file ends before.
 */
MUST_CHECK int page_file_open_part(struct page_file *file, const char *path,
				   uint64_t base, uint64_t size,
				   struct err *err);

/*
 * Chunks in the file, in order, without holes in plain_at. Takes chunks
 * (malloc'd) over, even if it fails. The sizes in them are the caller's to
 * check: the largest are allocated here.
 */
MUST_CHECK int page_file_open_chunks(struct page_file *file, const char *path,
				     struct page_chunk *chunks, uint32_t count,
				     struct err *err);

/*
 * Reads want bytes at a place among the plain ones; *got is less at the end
 * only. ERR_FORMAT: a chunk cannot be unpacked.
 */
MUST_CHECK int page_file_read(struct page_file *file, uint8_t *to, size_t want,
			      uint64_t offset, size_t *got, struct err *err);

/* A zeroed struct with fd -1 may be closed, too. */
void page_file_close(struct page_file *file);

#endif
