/*
 * file_read: whole small files of a capture directory.
 */
#ifndef PARSER_FILE_READ_H
#define PARSER_FILE_READ_H

#include <stddef.h>

#include "core/err.h"

struct file_text {
	char *text; /* NUL-terminated behind len bytes; owned */
	size_t len;
};

/*
 * Reads dir/name. ERR_MISSING if there is no such file, ERR_LIMIT if it has
 * more than "most" bytes. Free with file_text_fini().
 */
MUST_CHECK int file_read(const char *dir, const char *name, size_t most,
			 struct file_text *file, struct err *err);
void file_text_fini(struct file_text *file);

/*
 * Walks over lines: returns the next one, its NUL in the place of the newline,
 * or NULL at the end. Start with *at = file->text.
 */
char *file_line(char **at);

#endif
