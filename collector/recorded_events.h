/*
 * recorded_events: which tracepoints a recording turns on, and why.
 */
#ifndef COLLECTOR_RECORDED_EVENTS_H
#define COLLECTOR_RECORDED_EVENTS_H

#include <stddef.h>

#include "core/err.h"

enum recorded_when {
	EVENT_WANTED,	  /* where the kernel has it */
	EVENT_REQUIRED,	  /* without it the sums would be wrong */
	EVENT_ON_REQUEST, /* many, and few need them: --user-faults */
};

struct recorded_event {
	const char *system;
	const char *name;
	enum recorded_when when;
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
