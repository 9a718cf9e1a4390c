/*
 * boot_events: which events the global trace buffer may hold.
 */
#ifndef COLLECTOR_BOOT_EVENTS_H
#define COLLECTOR_BOOT_EVENTS_H

#include <stddef.h>

#include "collector/recorded_events.h"
#include "core/err.h"

struct boot_events {
	/* Turned on now, by set_event. */
	const struct recorded_event **enabled;
	size_t enabled_count;
	/*
	 * Whose formats belong into the capture: the enabled ones, and all that
	 * a recording would turn on, since they may have been on before.
	 */
	const struct recorded_event **known;
	size_t known_count;
	/* Of enabled ones; an expression of the kernel's filter language. */
	struct event_filter *filters;
	size_t filter_count;
	/* Private */
	struct recorded_event *others; /* that recorded_events() lacks */
	size_t other_count;
	char *text; /* their names */
};

/*
 * Reads set_event and the events' filter files below dir, which is tracefs's.
 * An enabled event without a format file is passed over.
 */
MUST_CHECK int boot_events_read(const char *dir, struct boot_events *events,
				struct err *err);

/* A zeroed struct is valid and empty. */
void boot_events_fini(struct boot_events *events);

#endif
