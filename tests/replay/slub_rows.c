#include "tests/replay/slub_rows.h"

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/utsname.h>
#include <unistd.h>

#include "replay/kmalloc.h"
#include "replay/rcu_caches.h"
#include "tests/support/test.h"

enum { ROWS_MAX = 1024, COLUMNS_MAX = 32 };

/* Columns that are numbers, and where they go. */
static const struct column {
	const char *name;
	size_t at;
} columns[] = {
#define COLUMN(field)                                                          \
	{                                                                      \
#field, offsetof(struct slub_row, field)                       \
	}
    COLUMN(order),	 COLUMN(object_size),	COLUMN(slab_size),
    COLUMN(cpu_partial), COLUMN(min_partial),	COLUMN(align),
    COLUMN(usersize),	 COLUMN(objs_per_slab), COLUMN(sheaf_capacity),
#undef COLUMN
};

static const struct flag {
	const char *name;
	size_t at;
	uint32_t debug;
} flags[] = {
    {"hwcache_align", offsetof(struct slub_row, hwcache_align), 0},
    {"reclaim_account", offsetof(struct slub_row, reclaim_account), 0},
    {"destroy_by_rcu", offsetof(struct slub_row, destroy_by_rcu), 0},
    {"cache_dma", offsetof(struct slub_row, cache_dma), 0},
    {"sanity_checks", 0, SLUB_DEBUG_CHECKS},
    {"red_zone", 0, SLUB_DEBUG_RED_ZONE},
    {"poison", 0, SLUB_DEBUG_POISON},
    {"store_user", 0, SLUB_DEBUG_USER},
};

static void cell_set(struct slub_row *row, const char *name, const char *text)
{
	uint32_t number = (uint32_t)strtoul(text, NULL, 10);

	for (size_t i = 0; i < sizeof(columns) / sizeof(*columns); i++)
		if (!strcmp(name, columns[i].name))
			memcpy((char *)row + columns[i].at, &number,
			       sizeof(number));
	for (size_t i = 0; i < sizeof(flags) / sizeof(*flags); i++) {
		if (strcmp(name, flags[i].name) != 0)
			continue;
		if (flags[i].debug && number)
			row->debug |= flags[i].debug;
		else if (!flags[i].debug)
			*((bool *)row + flags[i].at) = number;
	}
	if (!strcmp(name, "ctor"))
		row->ctor = *text && *text != '\n';
}

/* Text up to the next blank or the end; NULL if there is none. */
static char *word(char **at)
{
	char *start = *at + strspn(*at, " \n"), *end = start;

	end += strcspn(start, " \n");
	*at = end + (*end != '\0');
	*end = '\0';
	return *start ? start : NULL;
}

static bool table_read(struct slub_rows *rows, FILE *in)
{
	char head[1024], line[1024], *at = head, *names[COLUMNS_MAX];
	size_t count = 0;

	if (!fgets(head, sizeof(head), in))
		return false;
	while (count < COLUMNS_MAX && (names[count] = word(&at)))
		count++;
	while (rows->count < ROWS_MAX && fgets(line, sizeof(line), in)) {
		struct slub_row *row = &rows->rows[rows->count];
		char *cell;

		at = line;
		cell = word(&at);
		if (!cell)
			continue;
		snprintf(row->name, sizeof(row->name), "%s", cell);
		for (size_t i = 1; i < count && (cell = word(&at)); i++)
			cell_set(row, names[i], cell);
		/* SLAB and SLOB kernels have a row of nothing. */
		rows->count += row->slab_size > 0;
	}
	return rows->count > 0;
}

/* Finds "key": number or key=number in a small file; fallback if absent. */
static uint32_t number_in(const char *dir, const char *file, const char *key,
			  uint32_t fallback)
{
	char path[600], text[8192];
	const char *at;
	size_t len;
	FILE *in;

	snprintf(path, sizeof(path), "%s%s", dir, file);
	in = fopen(path, "r");
	if (!in)
		return fallback;
	len = fread(text, 1, sizeof(text) - 1, in);
	text[len] = 0;
	fclose(in);
	at = strstr(text, key);
	if (!at)
		return fallback;
	at += strlen(key);
	at += strspn(at, "\": =");
	return (uint32_t)strtoul(at, NULL, 10);
}

/* slub_KEY=, as the kernels up to 6.1 have it, or slab_KEY=. */
static void boot_parameters(struct slub_env *env, const char *dir,
			    const char *file)
{
	uint32_t most = number_in(dir, file, "slub_max_order=", 3);

	env->slub_max_order = number_in(dir, file, "slab_max_order=", most);
	env->slub_min_order = number_in(
	    dir, file,
	    "slab_min_order=", number_in(dir, file, "slub_min_order=", 0));
	env->slub_min_objects = number_in(
	    dir, file,
	    "slab_min_objects=", number_in(dir, file, "slub_min_objects=", 0));
}

static enum kernel_variant variant_in(const char *release)
{
	int major = 0, minor = 0;

	expect_i64_eq(sscanf(release, "%d.%d", &major, &minor), 2);
	return variant_of(major, minor);
}

static void release_read(const char *dir, char release[64])
{
	char path[600], line[256];
	FILE *in;

	snprintf(path, sizeof(path), "%s/capture.json", dir);
	in = fopen(path, "r");
	assert_non_null(in);
	while (fgets(line, sizeof(line), in))
		if (sscanf(line, " \"release\": \"%63[^\"]\"", release) == 1)
			break;
	fclose(in);
}

bool slub_rows_read(struct slub_rows *rows, const char *dir)
{
	char path[600], release[64] = "";
	bool ok;
	FILE *in;

	*rows = (struct slub_rows){0};
	snprintf(rows->dir, sizeof(rows->dir), "%s", dir);
	snprintf(path, sizeof(path), "%s/slab/parameters.txt", dir);
	in = fopen(path, "r");
	if (!in)
		return false;
	rows->rows = calloc(ROWS_MAX + 1, sizeof(*rows->rows));
	assert_non_null(rows->rows);
	ok = table_read(rows, in);
	fclose(in);
	if (!ok)
		return false;
	release_read(dir, release);
	rows->env = slub_env_default(
	    variant_in(release),
	    number_in(dir, "/capture.json", "\"page_size\"", 4096),
	    number_in(dir, "/capture.json", "\"cpus\"", 1));
	rows->env.word_size =
	    number_in(dir, "/capture.json", "\"long_size\"", 8);
	boot_parameters(&rows->env, dir, "/kernel/cmdline");
	return true;
}

/* One file of a cache; a file that is not there leaves its 0. */
static void live_cell(struct slub_row *row, const char *name)
{
	char path[600], text[256] = "";
	FILE *in;

	snprintf(path, sizeof(path), "/sys/kernel/slab/%s/%s", row->name, name);
	in = fopen(path, "r");
	if (!in)
		return;
	if (!fgets(text, sizeof(text), in))
		text[0] = '\0';
	fclose(in);
	cell_set(row, name, text);
}

/* A cache that vanished while it was read has holes. */
static bool live_is_there(const struct slub_row *row)
{
	char path[600];

	snprintf(path, sizeof(path), "/sys/kernel/slab/%s", row->name);
	return !access(path, F_OK);
}

bool slub_rows_live(struct slub_rows *rows)
{
	DIR *dir = opendir("/sys/kernel/slab");
	struct utsname name;
	struct dirent *entry;

	*rows = (struct slub_rows){.dir = "/sys/kernel/slab"};
	if (!dir)
		return false;
	rows->rows = calloc(ROWS_MAX + 1, sizeof(*rows->rows));
	assert_non_null(rows->rows);
	while ((entry = readdir(dir)) && rows->count < ROWS_MAX) {
		struct slub_row *row = &rows->rows[rows->count];

		if (entry->d_type != DT_DIR || entry->d_name[0] == '.')
			continue;
		snprintf(row->name, sizeof(row->name), "%.63s", entry->d_name);
		for (size_t i = 0; i < sizeof(columns) / sizeof(*columns); i++)
			live_cell(row, columns[i].name);
		for (size_t i = 0; i < sizeof(flags) / sizeof(*flags); i++)
			live_cell(row, flags[i].name);
		live_cell(row, "ctor");
		rows->count += row->slab_size > 0 && live_is_there(row);
	}
	closedir(dir);
	assert_int_equal(uname(&name), 0);
	rows->env = slub_env_default(variant_in(name.release),
				     (uint32_t)sysconf(_SC_PAGESIZE),
				     (uint32_t)sysconf(_SC_NPROCESSORS_CONF));
	rows->env.word_size = strstr(name.machine, "64") ? 8 : 4;
	boot_parameters(&rows->env, "", "/proc/cmdline");
	return rows->count > 0;
}

void slub_rows_fini(struct slub_rows *rows)
{
	free(rows->rows);
	rows->rows = NULL;
}

struct slab_cache_spec slub_row_spec(const struct slub_rows *rows,
				     const struct slub_row *row)
{
	return (struct slab_cache_spec){
	    .object_size = row->object_size,
	    .align = row->align,
	    .reclaimable = row->reclaim_account,
	    .dma = row->cache_dma,
	    .ctor = row->ctor,
	    .destroy_by_rcu = row->destroy_by_rcu,
	    .freeptr_inside = rows->env.variant >= VARIANT_6_12 &&
			      rcu_cache_freeptr_inside(row->name),
	    .kmalloc = kmalloc_is_flagged(row->name),
	};
}

static uint32_t visit_dir(uint32_t (*visit)(const struct slub_rows *rows),
			  const char *path)
{
	struct slub_rows rows;
	uint32_t sum = 0;

	if (slub_rows_read(&rows, path))
		sum = visit(&rows);
	slub_rows_fini(&rows);
	return sum;
}

static uint32_t visit_below(uint32_t (*visit)(const struct slub_rows *rows),
			    const char *root)
{
	DIR *dir = opendir(root);
	struct dirent *entry;
	uint32_t sum = 0;

	assert_non_null(dir);
	while ((entry = readdir(dir))) {
		char path[512];

		if (entry->d_name[0] == '.')
			continue;
		snprintf(path, sizeof(path), "%.200s/%.255s", root,
			 entry->d_name);
		sum += visit_dir(visit, path);
	}
	closedir(dir);
	return sum;
}

uint32_t slub_rows_each(uint32_t (*visit)(const struct slub_rows *rows))
{
	static const char *const names[] = {"mixed-slub", "files-slub",
					    "arm32-partial", "mixed-arm64-64k",
					    "debian61-boot-kmalloc"};
	const char *root = getenv("KMEMSCOPE_CAPTURES");
	uint32_t sum = 0;

	for (size_t i = 0; i < sizeof(names) / sizeof(*names); i++) {
		assert_non_null(test_capture(names[i]));
		sum += visit_dir(visit, test_capture(names[i]));
	}
	assert_non_null(test_capture("slub-boots"));
	sum += visit_below(visit, test_capture("slub-boots"));
	assert_non_null(test_capture("newer-boots"));
	sum += visit_below(visit, test_capture("newer-boots"));
	sum += visit_below(visit, "tests/data/machines");
	return root ? sum + visit_below(visit, root) : sum;
}
