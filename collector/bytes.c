#include "collector/bytes.h"

#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { READ_CHUNK = 1 << 20, GROW_LEAST = 64 << 10 };

void bytes_fini(struct bytes *bytes)
{
	free(bytes->data);
	*bytes = (struct bytes){0};
}

int bytes_reserve(struct bytes *bytes, size_t cap)
{
	char *data;

	if (cap <= bytes->cap)
		return 0;
	data = realloc(bytes->data, cap);
	if (!data)
		return ERR_NOMEM;
	memset(data + bytes->cap, 0, cap - bytes->cap);
	bytes->data = data;
	bytes->cap = cap;
	return 0;
}

/* Room for more bytes after the present ones. */
static int make_room(struct bytes *bytes, size_t more)
{
	size_t want = bytes->cap ? bytes->cap : GROW_LEAST;

	if (more > (size_t)-1 / 4 - bytes->len)
		return ERR_NOMEM;
	while (want - bytes->len < more)
		want *= 2;
	return bytes_reserve(bytes, want);
}

int bytes_append(struct bytes *bytes, const char *data, size_t len)
{
	if (make_room(bytes, len))
		return ERR_NOMEM;
	if (len)
		memcpy(bytes->data + bytes->len, data, len);
	bytes->len += len;
	return 0;
}

int bytes_printf(struct bytes *bytes, const char *fmt, ...)
{
	va_list ap;
	int len;

	va_start(ap, fmt);
	len = vsnprintf(NULL, 0, fmt, ap);
	va_end(ap);
	if (len < 0 || make_room(bytes, (size_t)len + 1))
		return ERR_NOMEM;
	va_start(ap, fmt);
	vsnprintf(bytes->data + bytes->len, (size_t)len + 1, fmt, ap);
	va_end(ap);
	bytes->len += (size_t)len;
	return 0;
}

/* Files of /proc end at a read of 0, never at a short one. */
static int read_all(struct bytes *bytes, int fd)
{
	ssize_t got;

	for (;;) {
		size_t room = bytes->cap - bytes->len;

		if (room < 4096) {
			if (make_room(bytes, READ_CHUNK))
				return ERR_NOMEM;
			room = bytes->cap - bytes->len;
		}
		got = read(fd, bytes->data + bytes->len,
			   room < READ_CHUNK ? room : READ_CHUNK);
		if (got < 0 && errno == EINTR)
			continue;
		if (got < 0)
			return ERR_IO;
		if (got == 0)
			return 0;
		bytes->len += (size_t)got;
	}
}

int bytes_read_file(struct bytes *bytes, int dirfd, const char *path)
{
	size_t len = bytes->len;
	int saved, rc;
	int fd = openat(dirfd, path, O_RDONLY | O_CLOEXEC);

	if (fd < 0)
		return ERR_IO;
	rc = read_all(bytes, fd);
	saved = errno;
	close(fd);
	errno = saved;
	if (rc)
		bytes->len = len;
	return rc;
}

int file_read_line(int dirfd, const char *path, char *text, size_t size)
{
	size_t len = 0;
	ssize_t got;
	int fd = openat(dirfd, path, O_RDONLY | O_CLOEXEC);

	if (fd < 0)
		return ERR_IO;
	do {
		got = read(fd, text + len, size - len);
		if (got > 0)
			len += (size_t)got;
	} while ((got > 0 && len < size) || (got < 0 && errno == EINTR));
	if (got < 0) {
		int saved = errno;

		close(fd);
		errno = saved;
		return ERR_IO;
	}
	close(fd);
	if (len == size)
		return ERR_LIMIT;
	while (len && (text[len - 1] == '\n' || text[len - 1] == ' '))
		len--;
	text[len] = '\0';
	return 0;
}
