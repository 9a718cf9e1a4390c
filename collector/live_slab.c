/*
 * One readdir of the directory, then one openat and read per cell. The cells
 * go straight to the caller's buffer: no other memory is asked for while a
 * snapshot is taken, but for the list of names.
 */
#include "collector/live_slab.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { CELL_MAX = 4096, COLUMNS_MAX = 32 };

static const char *const tsv_columns[] = {
    "slabs",   "objects",   "total_objects",	 "objects_partial",
    "partial", "cpu_slabs", "slabs_cpu_partial", NULL};

/* sheaf_capacity: 6.18 on. ctor comes last because it may be empty. */
static const char *const parameter_columns[] = {
    "order",	       "object_size",	 "slab_size", "objs_per_slab",
    "cpu_partial",     "min_partial",	 "align",     "hwcache_align",
    "reclaim_account", "destroy_by_rcu", "cache_dma", "usersize",
    "sanity_checks",   "red_zone",	 "poison",    "store_user",
    "sheaf_capacity",  "ctor",		 NULL};

static int keep_caches(const struct dirent *entry)
{
	return entry->d_type == DT_DIR && entry->d_name[0] != '.';
}

static int keep_links(const struct dirent *entry)
{
	return entry->d_type == DT_LNK;
}

static int keep_names(const struct dirent *entry)
{
	return (entry->d_type == DT_DIR || entry->d_type == DT_LNK) &&
	       entry->d_name[0] != '.' && entry->d_name[0] != ':';
}

/* By bytes, whatever the locale. */
static int by_name(const struct dirent **a, const struct dirent **b)
{
	return strcmp((*a)->d_name, (*b)->d_name);
}

struct listing {
	int dirfd;
	struct dirent **entries;
	int count;
};

static void listing_fini(struct listing *listing)
{
	int saved = errno;

	for (int i = 0; i < listing->count; i++)
		free(listing->entries[i]);
	free(listing->entries);
	if (listing->dirfd >= 0)
		close(listing->dirfd);
	*listing = (struct listing){.dirfd = -1};
	errno = saved;
}

static int listing_init(struct listing *listing, const char *dir,
			int (*keep)(const struct dirent *))
{
	*listing = (struct listing){.dirfd = -1};
	listing->dirfd = open(dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (listing->dirfd < 0)
		return ERR_IO;
	listing->count = scandir(dir, &listing->entries, keep, by_name);
	if (listing->count < 0) {
		listing->count = 0;
		listing_fini(listing);
		return ERR_IO;
	}
	return 0;
}

/* A column is there if the first cache that can be asked has the file. */
static bool column_exists(const struct listing *listing, const char *column)
{
	char path[NAME_MAX + 64];

	for (int i = 0; i < listing->count; i++) {
		snprintf(path, sizeof(path), "%s/%s",
			 listing->entries[i]->d_name, column);
		if (!faccessat(listing->dirfd, path, R_OK, AT_EACCESS))
			return true;
	}
	return false;
}

/* One file as one cell. ERR_IO if it cannot be read. */
static int append_cell(const struct listing *listing, const char *name,
		       const char *column, struct bytes *out)
{
	char path[NAME_MAX + 64];
	char text[CELL_MAX];
	int rc;

	snprintf(path, sizeof(path), "%s/%s", name, column);
	rc = file_read_line(listing->dirfd, path, text, sizeof(text));
	if (rc)
		return rc;
	for (char *c = text; *c; c++)
		if (*c == '\n' || *c == '\t')
			*c = ' ';
	return bytes_append(out, text, strlen(text));
}

/*
 * A cache that vanished since the listing has no row: caches come and go, and
 * a row with a hole in it would be read as another cache's numbers.
 */
static int append_row(const struct listing *listing, const char *name,
		      const char *const *columns, unsigned int count,
		      char separator, struct bytes *out)
{
	size_t start = out->len;
	int rc = bytes_append(out, name, strlen(name));

	for (unsigned int c = 0; !rc && c < count; c++) {
		rc = bytes_append(out, &separator, 1);
		if (!rc)
			rc = append_cell(listing, name, columns[c], out);
	}
	if (!rc)
		rc = bytes_append(out, "\n", 1);
	if (rc == ERR_IO || rc == ERR_LIMIT) {
		out->len = start;
		return 0;
	}
	return rc;
}

static int append_table(const struct listing *listing,
			const char *const *columns, char separator,
			struct bytes *out)
{
	const char *present[COLUMNS_MAX];
	unsigned int count = 0;
	int rc = bytes_append(out, "name", 4);

	for (unsigned int c = 0; !rc && columns[c]; c++) {
		if (!column_exists(listing, columns[c]))
			continue;
		present[count++] = columns[c];
		rc = bytes_printf(out, "%c%s", separator, columns[c]);
	}
	/* The names are for everyone, what is in them only for root. */
	if (!rc && listing->count && !count) {
		errno = EACCES;
		rc = ERR_IO;
	}
	if (!rc)
		rc = bytes_append(out, "\n", 1);
	for (int i = 0; !rc && i < listing->count; i++)
		rc = append_row(listing, listing->entries[i]->d_name, present,
				count, separator, out);
	return rc;
}

static int make_table(const char *dir, int (*keep)(const struct dirent *),
		      const char *const *columns, char separator,
		      struct bytes *out)
{
	struct listing listing;
	int rc = listing_init(&listing, dir, keep);

	size_t start = out->len;

	if (rc)
		return rc;
	rc = append_table(&listing, columns, separator, out);
	if (rc)
		out->len = start;
	listing_fini(&listing);
	return rc;
}

int live_slab_tsv(const char *dir, struct bytes *out)
{
	return make_table(dir, keep_caches, tsv_columns, '\t', out);
}

int live_slab_parameters(const char *dir, struct bytes *out)
{
	return make_table(dir, keep_names, parameter_columns, ' ', out);
}

int live_slab_aliases(const char *dir, struct bytes *out)
{
	struct listing listing;
	int rc = listing_init(&listing, dir, keep_links);

	for (int i = 0; !rc && i < listing.count; i++) {
		const char *name = listing.entries[i]->d_name;
		char target[PATH_MAX];
		ssize_t len =
		    readlinkat(listing.dirfd, name, target, sizeof(target) - 1);
		const char *last;

		if (len < 0)
			continue;
		target[len] = '\0';
		last = strrchr(target, '/');
		rc = bytes_printf(out, "%s %s\n", name,
				  last ? last + 1 : target);
	}
	listing_fini(&listing);
	return rc;
}
