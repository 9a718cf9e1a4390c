#include "parser/text_file.h"

#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { BUFFER_BYTES = TEXT_LINE_MAX + 1 };

int text_file_open(struct text_file *file, const char *path, struct err *err)
{
	struct stat st;

	assert(file && path);
	*file = (struct text_file){.fd = -1};
	if ((size_t)snprintf(file->path, sizeof(file->path), "%s", path) >=
	    sizeof(file->path))
		return err_set(err, ERR_LIMIT, "%.200s...: path is too long",
			       path);
	file->fd = open(path, O_RDONLY | O_CLOEXEC);
	if (file->fd < 0 || fstat(file->fd, &st))
		return err_set(err, ERR_IO, "%s: %s", path, strerror(errno));
	if (!S_ISREG(st.st_mode))
		return err_set(err, ERR_FORMAT, "%s: not a regular file", path);
	file->size_bytes = (uint64_t)st.st_size;
	file->buffer = malloc(BUFFER_BYTES);
	if (!file->buffer)
		return err_set(err, ERR_NOMEM, "no memory to read %s", path);
	return 0;
}

void text_file_close(struct text_file *file)
{
	if (file->fd >= 0)
		close(file->fd);
	free(file->buffer);
	*file = (struct text_file){.fd = -1};
}

void text_file_rewind(struct text_file *file)
{
	file->read_bytes = 0;
	file->cut = false;
	file->at = file->len = 0;
	file->too_long = false;
}

/* Moves the begun line to the buffer's start and reads behind it. */
static int fill(struct text_file *file, bool *more, struct err *err)
{
	ssize_t got;

	if (file->at == 0 && file->len == BUFFER_BYTES) {
		file->too_long = true;
		file->len = 0;
	}
	file->len -= file->at;
	memmove(file->buffer, file->buffer + file->at, file->len);
	file->at = 0;
	do {
		got = pread(file->fd, file->buffer + file->len,
			    BUFFER_BYTES - file->len, (off_t)file->read_bytes);
	} while (got < 0 && errno == EINTR);
	if (got < 0)
		return err_set(err, ERR_IO, "%s: %s", file->path,
			       strerror(errno));
	file->len += (size_t)got;
	file->read_bytes += (uint64_t)got;
	*more = got > 0;
	return 0;
}

int text_file_line(struct text_file *file, const char **start, const char **end,
		   struct err *err)
{
	size_t searched = 0; /* bytes of the begun line without a newline */

	for (;;) {
		const char *from = file->buffer + file->at;
		size_t left = file->len - file->at;
		const char *newline =
		    memchr(from + searched, '\n', left - searched);
		bool skipped = file->too_long, more = false;
		int ret;

		if (newline) {
			file->at += (size_t)(newline + 1 - from);
			file->too_long = false;
			searched = 0;
			if (skipped)
				continue;
			*start = from;
			*end = newline > from && newline[-1] == '\r'
				   ? newline - 1
				   : newline;
			return 0;
		}
		searched = left;
		ret = fill(file, &more, err);
		if (ret)
			return ret;
		if (file->too_long)
			searched = 0;
		if (!more) {
			file->cut |= file->len > 0 || file->too_long;
			file->too_long = false;
			file->at = file->len = 0;
			*start = NULL;
			return 0;
		}
	}
}
