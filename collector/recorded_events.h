/*
 * recorded_events: which tracepoints a recording turns on, and why.
 */
#ifndef COLLECTOR_RECORDED_EVENTS_H
#define COLLECTOR_RECORDED_EVENTS_H

#include <stdbool.h>
#include <stddef.h>

#include "core/err.h"

struct recorded_event {
	const char *system;
	const char *name;
	bool required;	   /* without it the sums would be wrong */
	const char *gives; /* what is known only through it */
};

/* The table, ended by an entry without a name. Static storage. */
const struct recorded_event *recorded_events(void);

/* The entry of that name ("kmalloc"), or NULL. */
const struct recorded_event *recorded_event_find(const char *name, size_t len);

/* One --filter: an expression in the kernel's filter language. */
struct event_filter {
	const struct recorded_event *event;
	const char *expression; /* borrowed from the parsed text */
};

/* Parses "EVENT:EXPR". The filter borrows text. ERR_USAGE with detail. */
MUST_CHECK int event_filter_parse(const char *text, struct event_filter *filter,
				  struct err *err);

#endif
