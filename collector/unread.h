/*
 * unread: what a recording could not read, and why (capture.json, "unread").
 */
#ifndef COLLECTOR_UNREAD_H
#define COLLECTOR_UNREAD_H

#include <stddef.h>

#include "core/err.h"

struct unread_item {
	char what[128]; /* path inside the capture: "before/pagetypeinfo" */
	char why[256];
};

struct unread {
	struct unread_item *items;
	size_t count;
};

/* A zeroed struct is a valid empty list. */
void unread_fini(struct unread *unread);

/* Adds one; a later reason for the same thing replaces the earlier one. */
MUST_CHECK int unread_add(struct unread *unread, const char *what,
			  const char *fmt, ...)
    __attribute__((format(printf, 3, 4)));

#endif
