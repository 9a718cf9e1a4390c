#include "collector/live_tasks.h"

#include <ctype.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

/* What is written, and what is used again for each task. */
struct listing {
	struct bytes *out;
	struct bytes text;
	unsigned int count;
	const char *file; /* of a task's directory, for put */
	/* What of the file's text is its line's: sets *len, NULL is no line. */
	const char *(*part)(char *text, size_t *len);
};

static bool is_number(const char *name)
{
	return isdigit((unsigned char)name[0]) != 0;
}

/* True if the list between two colons has the word "memory". */
static bool has_memory(const char *list, size_t len)
{
	static const char word[] = "memory";
	const char *end = list + len;

	while (list < end) {
		const char *comma = memchr(list, ',', (size_t)(end - list));
		const char *stop = comma ? comma : end;

		if ((size_t)(stop - list) == sizeof(word) - 1 &&
		    !memcmp(list, word, sizeof(word) - 1))
			return true;
		list = stop + 1;
	}
	return false;
}

/*
 * The path in lines of "ID:CONTROLLERS:PATH" (cgroups(7)); the controllers of
 * the one hierarchy of cgroup 2 are "". NULL if there is none.
 */
static const char *memory_path(char *file, size_t *len)
{
	const char *text = file, *found = NULL;

	while (*text) {
		const char *list = strchr(text, ':');
		const char *path = list ? strchr(list + 1, ':') : NULL;
		size_t line = strcspn(text, "\n");
		bool memory;

		if (!path || path > text + line)
			return found;
		memory = has_memory(list + 1, (size_t)(path - list - 1));
		if (memory || (!found && path == list + 1)) {
			found = path + 1;
			*len = (size_t)(text + line - found);
		}
		if (memory)
			return found;
		text += line + (text[line] != '\0');
	}
	return found;
}

/* A name is any bytes but NUL; a line has to stay one. */
static const char *name_of(char *text, size_t *len)
{
	*len = strlen(text);
	if (*len && text[*len - 1] == '\n')
		--*len;
	for (size_t i = 0; i < *len; i++)
		if (text[i] == '\n')
			text[i] = '?';
	return text;
}

static int append_task(struct listing *listing, int tasks, const char *tid)
{
	char name[NAME_MAX + 16];
	const char *part;
	size_t len = 0;
	int rc;

	snprintf(name, sizeof(name), "%s/%s", tid, listing->file);
	listing->text.len = 0;
	rc = bytes_read_file(&listing->text, tasks, name);
	if (rc == ERR_IO)
		return 0;
	if (!rc)
		rc = bytes_append(&listing->text, "", 1);
	if (rc)
		return rc;
	part = listing->part(listing->text.data, &len);
	if (!part || !len)
		return 0;
	if (listing->count++ == LIVE_TASKS_MAX)
		return ERR_LIMIT;
	return bytes_printf(listing->out, "%s %.*s\n", tid, (int)len, part);
}

/* All tasks of one process. */
static int append_process(struct listing *listing, int proc, const char *pid)
{
	char name[NAME_MAX + 16];
	struct dirent *entry;
	DIR *dir;
	int fd, rc = 0;

	snprintf(name, sizeof(name), "%s/task", pid);
	fd = openat(proc, name, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (fd < 0)
		return 0;
	dir = fdopendir(fd);
	if (!dir) {
		close(fd);
		return ERR_NOMEM;
	}
	while (!rc && (entry = readdir(dir)))
		if (is_number(entry->d_name))
			rc = append_task(listing, fd, entry->d_name);
	closedir(dir);
	return rc;
}

static int list_tasks(struct listing *listing, const char *proc)
{
	DIR *dir = opendir(proc);
	struct dirent *entry;
	int rc = 0;

	if (!dir)
		return ERR_IO;
	while (!rc && (entry = readdir(dir)))
		if (is_number(entry->d_name))
			rc = append_process(listing, dirfd(dir), entry->d_name);
	closedir(dir);
	bytes_fini(&listing->text);
	return rc;
}

int live_cgroups(const char *proc, struct bytes *out)
{
	struct listing listing = {
	    .out = out, .file = "cgroup", .part = memory_path};

	return list_tasks(&listing, proc);
}

int live_comms(const char *proc, struct bytes *out)
{
	struct listing listing = {.out = out, .file = "comm", .part = name_of};

	return list_tasks(&listing, proc);
}
