#include "parser/formats_read.h"

#include <assert.h>
#include <dirent.h>
#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "parser/file_read.h"
#include "parser/gfp_parse.h"

enum { FORMAT_FILE_MAX = 1 << 20, FORMATS_MAX = 16384, PATH_TEXT_MAX = 4096 };

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

static struct event_format *add(struct format_list *list)
{
	/* Powers of two: full when the count reaches one. */
	if (!(list->count & (list->count - 1))) {
		uint32_t cap = list->count ? list->count * 2 : 1;
		struct event_format *bigger =
		    realloc(list->formats, cap * sizeof(*bigger));

		if (!bigger)
			return NULL;
		list->formats = bigger;
	}
	return &list->formats[list->count];
}

static int read_format(const char *dir, const char *system, const char *event,
		       struct capture_info *info, bool *gfp_known,
		       struct format_list *list, struct err *err)
{
	struct event_format *format = add(list);
	char name[PATH_TEXT_MAX];
	struct file_text file;
	int ret;

	if (!format)
		return err_set(err, ERR_NOMEM, "no memory for event formats");
	if (list->count >= FORMATS_MAX)
		return err_set(err, ERR_LIMIT, "more than %d event formats",
			       FORMATS_MAX);
	snprintf(name, sizeof(name), "tracefs/events/%s/%s/format", system,
		 event);
	ret = file_read(dir, name, FORMAT_FILE_MAX, &file, err);
	if (ret)
		return ret;
	ret = format_parse(file.text, file.len, system, info->long_size,
			   info->big_endian, format, err);
	if (ret)
		err_prefix(err, "%s/%s", dir, name);
	else
		list->count++;
	if (!ret && !*gfp_known && !strcmp(system, "kmem"))
		*gfp_known = gfp_parse(file.text, file.len, &info->gfp);
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
		       struct capture_info *info, bool *gfp_known,
		       struct format_list *list, struct err *err)
{
	char path[PATH_TEXT_MAX];
	struct dirent **entries;
	int count, ret = 0;

	snprintf(path, sizeof(path), "%s/tracefs/events/%s", dir, system);
	count = scandir(path, &entries, is_entry, by_name);
	if (count < 0)
		return err_set(err, ERR_IO, "%s: %s", path, strerror(errno));
	for (int i = 0; i < count && !ret; i++)
		ret = read_format(dir, system, entries[i]->d_name, info,
				  gfp_known, list, err);
	free_entries(entries, count);
	return ret;
}

static int check_events(const struct format_list *list, const char *dir,
			struct err *err)
{
	for (uint32_t i = 0; i < list->count; i++)
		if (format_is_memory(&list->formats[i]))
			return 0;
	return err_set(err, ERR_FORMAT,
		       "%s/tracefs/events: none of its %u events is one of the "
		       "kernel's memory events (kmem:*): record with those",
		       dir, list->count);
}

int formats_read(const char *dir, struct capture_info *info,
		 struct format_list *list, struct err *err)
{
	struct format_list got = {0};
	char path[PATH_TEXT_MAX];
	struct dirent **entries;
	bool gfp_known = false;
	int count, ret;

	assert(dir && info && list);
	ret = read_layout(dir, info, &got.layout, err);
	if (ret)
		return ret;
	snprintf(path, sizeof(path), "%s/tracefs/events", dir);
	count = scandir(path, &entries, is_entry, by_name);
	if (count < 0)
		return err_set(err, ERR_IO, "%s: %s", path, strerror(errno));
	for (int i = 0; i < count && !ret; i++)
		ret = read_system(dir, entries[i]->d_name, info, &gfp_known,
				  &got, err);
	free_entries(entries, count);
	if (!ret)
		ret = check_events(&got, dir, err);
	if (!ret && !gfp_known)
		gfp_of_version(info->version_major, info->version_minor,
			       &info->gfp);
	if (ret)
		format_list_fini(&got);
	else
		*list = got;
	return ret;
}

void format_list_fini(struct format_list *list)
{
	free(list->formats);
	*list = (struct format_list){0};
}
