/*
 * kernel_files: what a capture holds about the kernel itself.
 */
#ifndef COLLECTOR_KERNEL_FILES_H
#define COLLECTOR_KERNEL_FILES_H

#include <stdbool.h>

#include "collector/capture_dir.h"
#include "collector/recorded_events.h"
#include "collector/trace_instance.h"
#include "collector/unread.h"

/*
 * Writes kernel/ (uname, cmdline, config.gz or config, kallsyms, modules,
 * nodes; cgroups of the tasks that there are now) and slab/ (parameters.txt, aliases.txt). What cannot be read goes to unread.
 */
MUST_CHECK int kernel_files_write(struct capture_dir *dir,
				  struct unread *unread, struct err *err);

/*
 * Writes tracefs/saved_cmdlines: the names of the tasks that there are now. An
 * instance keeps none, and a task from before the recording has no event that
 * tells its name.
 */
MUST_CHECK int kernel_comms_write(struct capture_dir *dir,
				  struct unread *unread, struct err *err);

/*
 * Writes tracefs/: header_page, header_event, trace_clock, and the format of
 * each listed event and of ftrace/print.
 */
MUST_CHECK int kernel_formats_write(struct capture_dir *dir,
				    struct trace_instance *instance,
				    const struct recorded_event *const *list,
				    size_t count, struct err *err);

/* True if the text of kallsyms has an address that is not 0. */
bool kallsyms_has_addresses(const char *text, size_t len);

/* Path of this kernel's configuration, or NULL. Static storage. */
const char *kernel_config_path(char *path, size_t size);

#endif
