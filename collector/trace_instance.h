/*
 * trace_instance: a private ring buffer of the kernel, made for one recording.
 *
 * Nothing here touches the global trace buffer, its events or ftrace_enabled,
 * but for what is done to the handle of trace_instance_global(). The kernel
 * removes an instance only when every file in it is closed.
 */
#ifndef COLLECTOR_TRACE_INSTANCE_H
#define COLLECTOR_TRACE_INSTANCE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "collector/recorded_events.h"
#include "core/err.h"

/*
 * Finds tracefs and mounts it at /sys/kernel/tracing where it is not mounted
 * and we may. *dir: static storage. ERR_MISSING, ERR_PERM with the way out.
 */
MUST_CHECK int tracefs_find(const char **dir, struct err *err);

struct trace_instance;

/*
 * Makes instance name, with tracing off, every event off, clock mono, older
 * events overwritten if the buffer is full, and buffer_kib per CPU. The
 * instance is removed by trace_instance_destroy().
 */
MUST_CHECK int trace_instance_create(const char *name, uint64_t buffer_kib,
				     struct trace_instance **instance,
				     struct err *err);

/*
 * A handle on the global buffer as it is, for the harvest of a boot: nothing
 * is set or turned on. trace_instance_destroy() only frees the handle.
 */
MUST_CHECK int trace_instance_global(struct trace_instance **instance,
				     struct err *err);

/*
 * Removes the kernel's instance, waiting up to some seconds for files in it to
 * be closed, and frees the handle. NULL is allowed.
 */
int trace_instance_destroy(struct trace_instance *instance, struct err *err);

/*
 * As destroy, by the path of the instance's directory and without a handle:
 * for the guardian. True once it is gone. wait_ms: how long to go on trying.
 */
bool trace_instance_remove_path(const char *path, unsigned int wait_ms);

/*
 * Turns on every recorded event that this kernel has, those on request only if
 * user_faults; its names are in *list (static entries, array freed by the
 * caller). ERR_MISSING if a required or requested one is not there.
 */
MUST_CHECK int trace_instance_enable(struct trace_instance *instance,
				     bool user_faults,
				     const struct recorded_event ***list,
				     size_t *count, struct err *err);

/* Sets one event's filter. ERR_USAGE with the kernel's words if refused. */
MUST_CHECK int trace_instance_filter(struct trace_instance *instance,
				     const struct event_filter *filter,
				     struct err *err);

MUST_CHECK int trace_instance_switch(struct trace_instance *instance, bool on,
				     struct err *err);

/* Opens a file of the instance, close-on-exec; -1 with errno. */
MUST_CHECK int trace_instance_open(struct trace_instance *instance,
				   const char *file, int flags);

/* Path of the instance's directory, as long as the handle lives. */
const char *trace_instance_dir(const struct trace_instance *instance);

/* The clock in use; the size of a ring-buffer page and of a kernel long. */
MUST_CHECK int trace_instance_clock(struct trace_instance *instance,
				    char *clock, size_t size, struct err *err);
MUST_CHECK int trace_instance_page_size(struct trace_instance *instance,
					uint32_t *page_size, uint8_t *long_size,
					struct err *err);

/* What header_page says: size of a page in bytes, and of a long. */
MUST_CHECK int header_page_parse(const char *text, uint32_t *page_size,
				 uint8_t *long_size);

#endif
