/*
 * text_file: the lines of a file, through one buffer of fixed size.
 */
#ifndef PARSER_TEXT_FILE_H
#define PARSER_TEXT_FILE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "core/err.h"

/* A longer line is passed over. */
enum { TEXT_LINE_MAX = 256 * 1024 - 1 };

struct text_file {
	uint64_t size_bytes, read_bytes; /* for progress */
	bool cut; /* read to the end, and the last line had none */
	/* Private */
	char path[4096];
	int fd;
	char *buffer;
	size_t at, len; /* what of the buffer is not given yet */
	bool too_long;	/* inside a line that is passed over */
};

/* ERR_IO, ERR_FORMAT (no regular file), ERR_LIMIT, ERR_NOMEM; may be closed. */
MUST_CHECK int text_file_open(struct text_file *file, const char *path,
			      struct err *err);
void text_file_close(struct text_file *file);
void text_file_rewind(struct text_file *file);

/*
 * The next line, from *start to *end, where a newline or carriage return
 * follows; until the next call. *start is NULL at the end of the file.
 */
MUST_CHECK int text_file_line(struct text_file *file, const char **start,
			      const char **end, struct err *err);

#endif
