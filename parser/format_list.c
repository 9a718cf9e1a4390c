#include "parser/format_list.h"

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "parser/gfp_parse.h"

enum { FORMATS_MAX = 16384 };

static int make_room(struct format_list *list, struct err *err)
{
	struct event_format *bigger;
	uint32_t cap;

	if (list->count >= FORMATS_MAX)
		return err_set(err, ERR_LIMIT, "more than %d event formats",
			       FORMATS_MAX);
	/* Powers of two: full when the count reaches one. */
	if (list->count & (list->count - 1))
		return 0;
	cap = list->count ? list->count * 2 : 1;
	bigger = realloc(list->formats, cap * sizeof(*bigger));
	if (!bigger)
		return err_set(err, ERR_NOMEM, "no memory for event formats");
	list->formats = bigger;
	return 0;
}

int format_list_add(struct format_list *list, struct capture_info *info,
		    const char *system, const char *text, size_t len,
		    const char *where, struct err *err)
{
	int ret = make_room(list, err);

	assert(info && system && text && where);
	if (ret)
		return ret;
	ret = format_parse(text, len, system, info->long_size, info->big_endian,
			   &list->formats[list->count], err);
	if (ret)
		return err_prefix(err, "%s", where);
	list->count++;
	if (!list->gfp_known && !strcmp(system, "kmem"))
		list->gfp_known = gfp_parse(text, len, &info->gfp);
	return 0;
}

int format_list_add_maybe(struct format_list *list, struct capture_info *info,
			  const char *system, const char *text, size_t len,
			  const char *where, struct err *err)
{
	struct event_format found;
	int ret;

	if (!format_skim(text, len, system, &found))
		return err_set(err, ERR_FORMAT,
			       "%s: an event of %s has no format (damaged?)",
			       where, system);
	if (format_is_known(&found))
		return format_list_add(list, info, system, text, len, where,
				       err);
	ret = make_room(list, err);
	if (!ret)
		list->formats[list->count++] = found;
	return ret;
}

static int by_name(const void *a, const void *b)
{
	const struct event_format *x = a, *y = b;
	int order = strcmp(x->system, y->system);

	return order ? order : strcmp(x->name, y->name);
}

int format_list_end(struct format_list *list, struct capture_info *info,
		    const char *where, struct err *err)
{
	const struct event_format *common = NULL;
	bool any = false;

	for (uint32_t i = 0; i < list->count; i++) {
		any |= format_is_memory(&list->formats[i]);
		if (!common && !list->formats[i].skimmed)
			common = &list->formats[i];
	}
	if (!any)
		return err_set(
		    err, ERR_FORMAT,
		    "%s: none of its %u events is one of the "
		    "kernel's memory events (kmem:*): record with those",
		    where, list->count);
	for (uint32_t i = 0; i < list->count; i++)
		if (list->formats[i].skimmed)
			format_share_common(&list->formats[i], common);
	qsort(list->formats, list->count, sizeof(*list->formats), by_name);
	if (!list->gfp_known)
		gfp_of_version(info->version_major, info->version_minor,
			       &info->gfp);
	return 0;
}

void format_list_fini(struct format_list *list)
{
	free(list->formats);
	*list = (struct format_list){0};
}
