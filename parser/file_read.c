#include "parser/file_read.h"

#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { FIRST_BYTES = 64 * 1024 };

/* Room for the file in one piece, where its size can be told. */
static size_t first_cap(int fd, size_t most)
{
	struct stat st;

	if (fstat(fd, &st) || st.st_size < FIRST_BYTES ||
	    (size_t)st.st_size > most)
		return FIRST_BYTES;
	/* The read that finds the end needs a byte, and there is a NUL. */
	return (size_t)st.st_size + 2;
}

static int read_all(int fd, size_t most, struct file_text *file)
{
	size_t cap = 0;

	for (;;) {
		ssize_t n;

		if (file->len + 1 >= cap) {
			char *bigger;

			cap = cap ? cap * 2 : first_cap(fd, most);
			bigger = realloc(file->text, cap);
			if (!bigger)
				return ERR_NOMEM;
			file->text = bigger;
		}
		n = read(fd, file->text + file->len, cap - file->len - 1);
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return ERR_IO;
		if (!n)
			break;
		file->len += (size_t)n;
		if (file->len > most)
			return ERR_LIMIT;
	}
	file->text[file->len] = '\0';
	return 0;
}

int file_read(const char *dir, const char *name, size_t most,
	      struct file_text *file, struct err *err)
{
	struct file_text got = {0};
	char path[4096];
	int fd, ret;

	assert(dir && name && file);
	if ((size_t)snprintf(path, sizeof(path), "%s/%s", dir, name) >=
	    sizeof(path))
		return err_set(err, ERR_LIMIT, "%s: path is too long", dir);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0 && (errno == ENOENT || errno == ENOTDIR))
		return err_set(err, ERR_MISSING,
			       "%s: %s; what a capture must hold is in "
			       "docs/capture-format.md",
			       path, strerror(errno));
	if (fd < 0)
		return err_set(err, ERR_IO, "%s: %s", path, strerror(errno));
	ret = read_all(fd, most, &got);
	if (ret == ERR_IO)
		err_set(err, ret, "%s: %s", path, strerror(errno));
	else if (ret)
		err_set(err, ret, "%s: %s", path,
			ret == ERR_LIMIT ? "larger than such a file can be"
					 : "out of memory");
	close(fd);
	if (ret)
		file_text_fini(&got);
	else
		*file = got;
	return ret;
}

void file_text_fini(struct file_text *file)
{
	free(file->text);
	*file = (struct file_text){0};
}

char *file_line(char **at)
{
	char *line = *at, *end;

	if (!*line)
		return NULL;
	end = strchr(line, '\n');
	if (end) {
		*end = '\0';
		*at = end + 1;
	} else {
		*at = line + strlen(line);
	}
	return line;
}
