/*
 * byte_reader: walks over the bytes of a file or of a piece of memory, and
 * believes no size that the file gives: nothing is read past the end, and
 * nothing is allocated that is not there.
 *
 * The getters return false at the end; byte_reader_cut() then says where and
 * inside what. "what" is the caller's, for that sentence.
 */
#ifndef PARSER_BYTE_READER_H
#define PARSER_BYTE_READER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "core/err.h"
#include "parser/file_read.h"

enum { BYTE_READER_BUFFER = 16 * 1024 };

struct byte_reader {
	uint64_t at, end; /* next byte, first byte that is not there */
	bool big_endian;
	const char *name; /* of the file, for errors; borrowed */
	const char *what; /* what is being read; borrowed */
	/* Private */
	const uint8_t *memory; /* NULL: fd */
	int fd;
	uint64_t buffer_at;
	size_t buffer_len;
	uint8_t buffer[BYTE_READER_BUFFER];
};

/* Of a file that the caller opened, size bytes long; name for errors. */
void byte_reader_file(struct byte_reader *reader, int fd, uint64_t size,
		      const char *name);

/* Of memory that outlives the reader. */
void byte_reader_memory(struct byte_reader *reader, const void *bytes,
			uint64_t size, const char *name);

uint64_t byte_reader_left(const struct byte_reader *reader);

/* Goes to a place; false if it is behind the end. */
bool byte_reader_seek(struct byte_reader *reader, uint64_t at);
bool byte_reader_skip(struct byte_reader *reader, uint64_t len);

bool byte_reader_get(struct byte_reader *reader, void *to, size_t len);
bool byte_reader_u16(struct byte_reader *reader, uint16_t *value);
bool byte_reader_u32(struct byte_reader *reader, uint32_t *value);
bool byte_reader_u64(struct byte_reader *reader, uint64_t *value);

/* Up to the next NUL and past it; false also if that is longer than size. */
bool byte_reader_string(struct byte_reader *reader, char *text, size_t size);

/* The next len bytes must be these; false if not. */
bool byte_reader_expect(struct byte_reader *reader, const char *bytes,
			size_t len);

/*
 * len bytes as a text of their own, freed with file_text_fini(). ERR_LIMIT if
 * they are more than "most", ERR_FORMAT if they are not there, both before
 * anything is allocated; ERR_NOMEM, ERR_IO.
 */
MUST_CHECK int byte_reader_text(struct byte_reader *reader, uint64_t len,
				uint64_t most, struct file_text *text,
				struct err *err);

/* "NAME: ends at byte N, inside WHAT: the file is cut short"; ERR_FORMAT. */
int byte_reader_cut(const struct byte_reader *reader, struct err *err);

#endif
