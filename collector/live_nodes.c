#include "collector/live_nodes.h"

#include <ctype.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* A list of every other of 4096 CPUs has some 10,000 characters. */
enum { CPU_LIST_MAX = 32768 };

static const char prefix[] = "node";
enum { PREFIX_LEN = sizeof(prefix) - 1 };

static int keep_nodes(const struct dirent *entry)
{
	return !strncmp(entry->d_name, prefix, PREFIX_LEN) &&
	       isdigit((unsigned char)entry->d_name[PREFIX_LEN]);
}

static int append_node(const char *dir, const char *name, char *list,
		       struct bytes *out)
{
	char path[PATH_MAX];
	int rc;

	snprintf(path, sizeof(path), "%s/%s/cpulist", dir, name);
	rc = file_read_line(AT_FDCWD, path, list, CPU_LIST_MAX);
	if (rc)
		return rc;
	return bytes_printf(out, "%s%s%s\n", name + PREFIX_LEN,
			    *list ? " " : "", list);
}

int live_nodes(const char *dir, struct bytes *out)
{
	struct dirent **entries = NULL;
	char *list = malloc(CPU_LIST_MAX);
	int rc = 0, saved, count;

	if (!list)
		return ERR_NOMEM;
	count = scandir(dir, &entries, keep_nodes, versionsort);
	if (count < 0)
		rc = errno == ENOMEM ? ERR_NOMEM : ERR_IO;
	for (int i = 0; i < count && !rc; i++)
		rc = append_node(dir, entries[i]->d_name, list, out);
	saved = errno;
	for (int i = 0; i < count; i++)
		free(entries[i]);
	free(entries);
	free(list);
	errno = saved;
	return rc;
}
