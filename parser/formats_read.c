#include "parser/formats_read.h"

#include <assert.h>
#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "parser/file_read.h"

enum { FORMAT_FILE_MAX = 1 << 20, PATH_TEXT_MAX = 4096 };

static int read_layout(const char *dir, const struct capture_info *info,
		       struct page_layout *layout, struct err *err)
{
	struct file_text file;
	int ret;

	ret = file_read(dir, "tracefs/events/header_page", FORMAT_FILE_MAX,
			&file, err);
	if (ret)
		return ret;
	ret = page_layout_parse(file.text, file.len, info->big_endian, layout,
				err);
	file_text_fini(&file);
	if (!ret && layout->commit_bytes != info->long_size)
		ret = err_set(err, ERR_FORMAT,
			      "header_page: commit has %u bytes but "
			      "capture.json says that a long has %u",
			      layout->commit_bytes, info->long_size);
	return ret;
}

/* Who wants the formats. */
struct taker {
	formats_take *take;
	void *context;
};

static int read_format(const char *dir, const char *system, const char *event,
		       const struct taker *taker, struct err *err)
{
	char name[PATH_TEXT_MAX], where[2 * PATH_TEXT_MAX];
	struct file_text file;
	int ret;

	snprintf(name, sizeof(name), "tracefs/events/%s/%s/format", system,
		 event);
	ret = file_read(dir, name, FORMAT_FILE_MAX, &file, err);
	if (ret)
		return ret;
	snprintf(where, sizeof(where), "%s/%s", dir, name);
	ret = taker->take(taker->context, system, file.text, file.len, where,
			  err);
	file_text_fini(&file);
	return ret;
}

static int by_name(const struct dirent **a, const struct dirent **b)
{
	return strcmp((*a)->d_name, (*b)->d_name);
}

/* Directories (and links to them), but not "." and "..". */
static int is_entry(const struct dirent *entry)
{
	return entry->d_name[0] != '.' && entry->d_type != DT_REG;
}

static void free_entries(struct dirent **entries, int count)
{
	for (int i = 0; i < count; i++)
		free(entries[i]);
	free(entries);
}

static int read_system(const char *dir, const char *system,
		       const struct taker *taker, struct err *err)
{
	char path[PATH_TEXT_MAX];
	struct dirent **entries;
	int count, ret = 0;

	snprintf(path, sizeof(path), "%s/tracefs/events/%s", dir, system);
	count = scandir(path, &entries, is_entry, by_name);
	if (count < 0)
		return err_set(err, ERR_IO, "%s: %s", path, strerror(errno));
	for (int i = 0; i < count && !ret; i++)
		ret = read_format(dir, system, entries[i]->d_name, taker, err);
	free_entries(entries, count);
	return ret;
}

int formats_walk(const char *dir, formats_take *take, void *context,
		 struct err *err)
{
	struct taker taker = {take, context};
	char path[PATH_TEXT_MAX];
	struct dirent **entries;
	int count, ret = 0;

	assert(dir && take);
	snprintf(path, sizeof(path), "%s/tracefs/events", dir);
	count = scandir(path, &entries, is_entry, by_name);
	if (count < 0)
		return err_set(err, ERR_IO, "%s: %s", path, strerror(errno));
	for (int i = 0; i < count && !ret; i++)
		ret = read_system(dir, entries[i]->d_name, &taker, err);
	free_entries(entries, count);
	return ret;
}

/* The list that grows, and what of the machine that takes. */
struct growing {
	struct format_list list;
	struct capture_info *info;
};

static int add_format(void *context, const char *system, const char *text,
		      size_t len, const char *where, struct err *err)
{
	struct growing *growing = context;

	return format_list_add(&growing->list, growing->info, system, text, len,
			       where, err);
}

int formats_read(const char *dir, struct capture_info *info,
		 struct format_list *list, struct err *err)
{
	struct growing growing = {.info = info};
	char path[PATH_TEXT_MAX];
	int ret;

	assert(dir && info && list);
	ret = read_layout(dir, info, &growing.list.layout, err);
	if (!ret)
		ret = formats_walk(dir, add_format, &growing, err);
	snprintf(path, sizeof(path), "%s/tracefs/events", dir);
	if (!ret)
		ret = format_list_end(&growing.list, info, path, err);
	if (ret)
		format_list_fini(&growing.list);
	else
		*list = growing.list;
	return ret;
}
