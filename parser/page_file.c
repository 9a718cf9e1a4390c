#include "parser/page_file.h"

#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <zstd.h>

enum { NO_CHUNK = UINT32_MAX };

static int open_file(struct page_file *file, const char *path, uint64_t *size,
		     struct err *err)
{
	struct stat st;

	*file = (struct page_file){.fd = -1, .current = NO_CHUNK};
	if ((size_t)snprintf(file->path, sizeof(file->path), "%s", path) >=
	    sizeof(file->path))
		return err_set(err, ERR_LIMIT, "%s: path is too long", path);
	file->fd = open(path, O_RDONLY | O_CLOEXEC);
	if (file->fd < 0 || fstat(file->fd, &st))
		return err_set(err, ERR_IO, "%s: %s", path, strerror(errno));
	if (!S_ISREG(st.st_mode))
		return err_set(err, ERR_FORMAT, "%s: not a regular file", path);
	*size = (uint64_t)st.st_size;
	return 0;
}

int page_file_open(struct page_file *file, const char *path, struct err *err)
{
	return page_file_open_part(file, path, 0, UINT64_MAX, err);
}

int page_file_open_part(struct page_file *file, const char *path, uint64_t base,
			uint64_t size, struct err *err)
{
	uint64_t there = 0;
	int ret;

	assert(file && path);
	ret = open_file(file, path, &there, err);
	if (ret)
		return ret;
	if (base > there)
		base = there;
	file->base = base;
	file->size_bytes = size < there - base ? size : there - base;
	return 0;
}

int page_file_open_chunks(struct page_file *file, const char *path,
			  struct page_chunk *chunks, uint32_t count,
			  struct err *err)
{
	uint32_t packed = 1, plain = 1;
	uint64_t there;
	int ret;

	assert(file && path && chunks);
	ret = open_file(file, path, &there, err);
	file->chunks = chunks;
	file->chunk_count = count;
	if (ret)
		return ret;
	for (uint32_t i = 0; i < count; i++) {
		if (chunks[i].packed_bytes > packed)
			packed = chunks[i].packed_bytes;
		if (chunks[i].plain_bytes > plain)
			plain = chunks[i].plain_bytes;
		file->size_bytes = chunks[i].plain_at + chunks[i].plain_bytes;
	}
	file->packed = malloc(packed);
	file->plain = malloc(plain);
	if (!file->packed || !file->plain)
		return err_set(err, ERR_NOMEM, "no memory to read %s", path);
	return 0;
}

static int read_plain(struct page_file *file, uint8_t *to, size_t want,
		      uint64_t offset, size_t *got, struct err *err)
{
	*got = 0;
	while (*got < want) {
		ssize_t n = pread(file->fd, to + *got, want - *got,
				  (off_t)(offset + *got));

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return err_set(err, ERR_IO, "%s: %s", file->path,
				       strerror(errno));
		if (!n)
			break;
		*got += (size_t)n;
	}
	return 0;
}

static int unpack_chunk(struct page_file *file, uint32_t number,
			struct err *err)
{
	const struct page_chunk *chunk = &file->chunks[number];
	size_t got;
	int ret = read_plain(file, file->packed, chunk->packed_bytes,
			     chunk->file_at, &got, err);

	file->current = NO_CHUNK;
	if (ret)
		return ret;
	if (got == chunk->packed_bytes)
		got = ZSTD_decompress(file->plain, chunk->plain_bytes,
				      file->packed, chunk->packed_bytes);
	else
		got = SIZE_MAX;
	if (ZSTD_isError(got) || got != chunk->plain_bytes)
		return err_set(err, ERR_FORMAT,
			       "%s: the compressed pages at byte %llu cannot "
			       "be unpacked: the file is damaged",
			       file->path, (unsigned long long)chunk->file_at);
	file->current = number;
	return 0;
}

/* The chunk that has the byte; it is mostly the current one or the next. */
static uint32_t find_chunk(const struct page_file *file, uint64_t offset)
{
	uint32_t low = 0, high = file->chunk_count - 1;

	while (low < high) {
		uint32_t middle = high - (high - low) / 2;

		if (file->chunks[middle].plain_at <= offset)
			low = middle;
		else
			high = middle - 1;
	}
	return low;
}

int page_file_read(struct page_file *file, uint8_t *to, size_t want,
		   uint64_t offset, size_t *got, struct err *err)
{
	uint64_t left =
	    offset < file->size_bytes ? file->size_bytes - offset : 0;

	*got = 0;
	if (want > left)
		want = (size_t)left;
	if (!file->chunks)
		return read_plain(file, to, want, file->base + offset, got,
				  err);
	while (*got < want) {
		uint64_t at = offset + *got;
		uint32_t number = find_chunk(file, at);
		const struct page_chunk *chunk = &file->chunks[number];
		size_t from = (size_t)(at - chunk->plain_at);
		size_t len = chunk->plain_bytes - from;
		int ret = 0;

		if (number != file->current)
			ret = unpack_chunk(file, number, err);
		if (ret)
			return ret;
		if (len > want - *got)
			len = want - *got;
		memcpy(to + *got, file->plain + from, len);
		*got += len;
	}
	return 0;
}

void page_file_close(struct page_file *file)
{
	if (file->fd >= 0)
		close(file->fd);
	free(file->chunks);
	free(file->packed);
	free(file->plain);
	*file = (struct page_file){.fd = -1};
}
