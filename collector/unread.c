#include "collector/unread.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

void unread_fini(struct unread *unread)
{
	free(unread->items);
	*unread = (struct unread){0};
}

static struct unread_item *find_or_add(struct unread *unread, const char *what)
{
	struct unread_item *items;

	for (size_t i = 0; i < unread->count; i++)
		if (!strcmp(unread->items[i].what, what))
			return &unread->items[i];
	items = realloc(unread->items, (unread->count + 1) * sizeof(*items));
	if (!items)
		return NULL;
	unread->items = items;
	snprintf(items[unread->count].what, sizeof(items->what), "%s", what);
	return &items[unread->count++];
}

int unread_add(struct unread *unread, const char *what, const char *fmt, ...)
{
	struct unread_item *item = find_or_add(unread, what);
	va_list ap;

	if (!item)
		return ERR_NOMEM;
	va_start(ap, fmt);
	vsnprintf(item->why, sizeof(item->why), fmt, ap);
	va_end(ap);
	return 0;
}
