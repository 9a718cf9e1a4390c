#include "collector/trace_instance.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include <tracefs.h>

#include "collector/bytes.h"

enum { REMOVE_WAIT_MS = 5000, REMOVE_STEP_MS = 20, WAKE_PERCENT = 25 };

struct trace_instance {
	struct tracefs_instance *handle;
	char *dir;
};

int tracefs_find(const char **dir, struct err *err)
{
	const char *path;
	char events[PATH_MAX];

	/* Mounts it where it may; keeps the path for the process's life. */
	errno = 0;
	path = tracefs_tracing_dir();
	if (!path && geteuid() != 0)
		return err_set(err, ERR_PERM,
			       "tracefs is not mounted and only root may mount "
			       "it: run kmemscope as root (sudo)");
	if (!path)
		return err_set(
		    err, ERR_MISSING,
		    "no tracefs here and it cannot be mounted: %s. Try 'mount "
		    "-t tracefs nodev /sys/kernel/tracing'; a container needs "
		    "it from its host, a kernel needs CONFIG_FTRACE",
		    strerror(errno));
	snprintf(events, sizeof(events), "%s/events", path);
	if (!access(events, R_OK | X_OK)) {
		*dir = path;
		return 0;
	}
	if (errno == EACCES || errno == EPERM)
		return err_set(err, ERR_PERM,
			       "%s: not permitted: run kmemscope as root "
			       "(sudo), which recording needs",
			       path);
	return err_set(err, ERR_MISSING,
		       "%s: %s: this kernel has no trace events "
		       "(CONFIG_EVENT_TRACING)",
		       events, strerror(errno));
}

/* Writes one control file of the instance. */
static int control(struct trace_instance *instance, const char *file,
		   const char *value, struct err *err)
{
	if (tracefs_instance_file_write(instance->handle, file, value) > 0)
		return 0;
	return err_set(err, ERR_IO, "%s/%s: cannot write '%s': %s",
		       instance->dir, file, value, strerror(errno));
}

static int configure(struct trace_instance *instance, uint64_t buffer_kib,
		     struct err *err)
{
	char number[32];
	int rc;

	rc = trace_instance_switch(instance, false, err);
	if (!rc)
		rc = control(instance, "trace_clock", "mono", err);
	/* The oldest give way, so that a gap shows in the pages. */
	if (!rc)
		rc = control(instance, "options/overwrite", "1", err);
	if (!rc)
		rc = control(instance, "options/markers", "1", err);
	if (rc)
		return rc;
	snprintf(number, sizeof(number), "%" PRIu64, buffer_kib);
	if (control(instance, "buffer_size_kb", number, NULL))
		return err_set(err, ERR_NOMEM,
			       "the kernel gives no ring buffer of %s KiB per "
			       "CPU (%s): ask for less with -b",
			       number, strerror(errno));
	/*
	 * Readers wake when a quarter is full: the rest is room for what comes
	 * until they run. Kernels before 4.20 lack the file and wake earlier.
	 */
	snprintf(number, sizeof(number), "%d", WAKE_PERCENT);
	if (tracefs_file_exists(instance->handle, "buffer_percent"))
		return control(instance, "buffer_percent", number, err);
	return 0;
}

/*
 * A new instance. One of that name that is there already belongs to a process
 * that had our pid and was killed together with its guardian, and goes; or to
 * one of another pid namespace, and stays: its files are open.
 */
static struct tracefs_instance *make_instance(const char *name)
{
	for (int attempt = 0; attempt < 2; attempt++) {
		struct tracefs_instance *handle = tracefs_instance_create(name);

		if (!handle || tracefs_instance_is_new(handle))
			return handle;
		tracefs_instance_destroy(handle);
		tracefs_instance_free(handle);
	}
	errno = EEXIST;
	return NULL;
}

static int create_error(const char *name, struct err *err)
{
	bool denied = errno == EACCES || errno == EPERM;

	return err_set(err, denied ? ERR_PERM : ERR_IO,
		       "cannot make the tracing instance %s: %s%s", name,
		       strerror(errno),
		       denied ? ": run kmemscope as root (sudo)" : "");
}

int trace_instance_create(const char *name, uint64_t buffer_kib,
			  struct trace_instance **out, struct err *err)
{
	struct trace_instance *instance = calloc(1, sizeof(*instance));
	int rc;

	if (!instance)
		return err_set(err, ERR_NOMEM, "out of memory");
	errno = 0;
	instance->handle = make_instance(name);
	if (!instance->handle) {
		rc = create_error(name, err);
		free(instance);
		return rc;
	}
	instance->dir = tracefs_instance_get_dir(instance->handle);
	rc = instance->dir ? configure(instance, buffer_kib, err)
			   : err_set(err, ERR_NOMEM, "out of memory");
	if (rc) {
		trace_instance_destroy(instance, NULL);
		return rc;
	}
	*out = instance;
	return 0;
}

int trace_instance_global(struct trace_instance **out, struct err *err)
{
	struct trace_instance *instance;
	const char *dir = NULL;
	int rc = tracefs_find(&dir, err);

	if (rc)
		return rc;
	instance = calloc(1, sizeof(*instance));
	if (instance && dir)
		instance->dir = strdup(dir);
	if (!instance || !instance->dir) {
		free(instance);
		return err_set(err, ERR_NOMEM, "out of memory");
	}
	*out = instance;
	return 0;
}

static void sleep_ms(unsigned int ms)
{
	struct timespec time = {ms / 1000, (long)(ms % 1000) * 1000000};

	nanosleep(&time, NULL);
}

bool trace_instance_remove_path(const char *path, unsigned int wait_ms)
{
	for (unsigned int waited = 0;; waited += REMOVE_STEP_MS) {
		if (!rmdir(path) || errno == ENOENT)
			return true;
		if (waited >= wait_ms)
			return false;
		sleep_ms(REMOVE_STEP_MS);
	}
}

int trace_instance_destroy(struct trace_instance *instance, struct err *err)
{
	int rc = 0;

	if (!instance)
		return 0;
	if (instance->handle && instance->dir &&
	    !trace_instance_remove_path(instance->dir, REMOVE_WAIT_MS))
		rc = err_set(err, ERR_IO,
			     "%s: cannot be removed (%s): close what reads "
			     "it, then rmdir it",
			     instance->dir, strerror(errno));
	if (instance->dir)
		tracefs_put_tracing_file(instance->dir);
	if (instance->handle)
		tracefs_instance_free(instance->handle);
	free(instance);
	return rc;
}

static int missing_event(const struct recorded_event *e, struct err *err)
{
	if (e->when == EVENT_ON_REQUEST)
		return err_set(err, ERR_MISSING,
			       "--user-faults: this kernel has no event %s/%s "
			       "(x86 has it): record without",
			       e->system, e->name);
	return err_set(err, ERR_MISSING,
		       "this kernel has no event %s/%s: kmem tracepoints are "
		       "needed (CONFIG_EVENT_TRACING)",
		       e->system, e->name);
}

int trace_instance_enable(struct trace_instance *instance, bool user_faults,
			  const struct recorded_event ***out, size_t *out_count,
			  struct err *err)
{
	const struct recorded_event **list = NULL;
	size_t count = 0, known = 0;

	while (recorded_events()[known].name)
		known++;
	list = calloc(known + 1, sizeof(const struct recorded_event *));
	if (!list)
		return err_set(err, ERR_NOMEM, "out of memory");
	for (size_t i = 0; i < known; i++) {
		const struct recorded_event *e = &recorded_events()[i];

		if (e->when == EVENT_ON_REQUEST && !user_faults)
			continue;
		if (tracefs_event_file_exists(instance->handle, e->system,
					      e->name, "enable")) {
			if (tracefs_event_enable(instance->handle, e->system,
						 e->name)) {
				free(list);
				return err_set(err, ERR_IO,
					       "cannot turn on event %s/%s: %s",
					       e->system, e->name,
					       strerror(errno));
			}
			list[count++] = e;
		} else if (e->when != EVENT_WANTED) {
			free(list);
			return missing_event(e, err);
		}
	}
	*out = list;
	*out_count = count;
	return 0;
}

int trace_instance_filter(struct trace_instance *instance,
			  const struct event_filter *filter, struct err *err)
{
	const struct recorded_event *e = filter->event;
	char *said, *line, *words;
	int saved;

	if (!tracefs_event_file_exists(instance->handle, e->system, e->name,
				       "filter"))
		return err_set(err, ERR_USAGE,
			       "filter on %s: this kernel has no such event",
			       e->name);
	if (tracefs_event_file_write(instance->handle, e->system, e->name,
				     "filter", filter->expression) > 0)
		return 0;
	saved = errno;
	/* The file now holds the expression, a caret and the complaint. */
	said = tracefs_event_file_read(instance->handle, e->system, e->name,
				       "filter", NULL);
	words = said ? strstr(said, "parse_error") : NULL;
	if (words) {
		line = strchr(words, '\n');
		if (line)
			*line = '\0';
	}
	err_set(err, ERR_USAGE,
		"filter '%s' on %s refused by the kernel: %s (its fields are "
		"in events/%s/%s/format)",
		filter->expression, e->name, words ? words : strerror(saved),
		e->system, e->name);
	free(said);
	return ERR_USAGE;
}

int trace_instance_switch(struct trace_instance *instance, bool on,
			  struct err *err)
{
	return control(instance, "tracing_on", on ? "1" : "0", err);
}

int trace_instance_open(struct trace_instance *instance, const char *file,
			int flags)
{
	return tracefs_instance_file_open(instance->handle, file,
					  flags | O_CLOEXEC);
}

const char *trace_instance_dir(const struct trace_instance *instance)
{
	return instance->dir;
}

int trace_instance_clock(struct trace_instance *instance, char *clock,
			 size_t size, struct err *err)
{
	char *name = tracefs_get_clock(instance->handle);

	if (!name)
		return err_set(err, ERR_IO, "%s/trace_clock: cannot be read",
			       instance->dir);
	snprintf(clock, size, "%s", name);
	free(name);
	return 0;
}

int header_page_parse(const char *text, uint32_t *page_size, uint8_t *long_size)
{
	const char *commit = strstr(text, " commit;");
	const char *data = strstr(text, " data;");
	unsigned int commit_size, offset, size;

	if (!commit || !data ||
	    sscanf(commit, " commit; offset:%*u; size:%u;", &commit_size) !=
		1 ||
	    sscanf(data, " data; offset:%u; size:%u;", &offset, &size) != 2)
		return ERR_FORMAT;
	if ((commit_size != 4 && commit_size != 8) || offset > 64 ||
	    size > (1u << 30))
		return ERR_FORMAT;
	*page_size = offset + size;
	*long_size = (uint8_t)commit_size;
	return 0;
}

/* An instance has its own header_page since its pages may differ (6.8). */
int trace_instance_page_size(struct trace_instance *instance,
			     uint32_t *page_size, uint8_t *long_size,
			     struct err *err)
{
	char *text = tracefs_instance_file_read(instance->handle,
						"events/header_page", NULL);
	int rc;

	if (!text)
		text = tracefs_instance_file_read(NULL, "events/header_page",
						  NULL);
	if (!text)
		return err_set(err, ERR_IO, "events/header_page: %s",
			       strerror(errno));
	rc = header_page_parse(text, page_size, long_size);
	free(text);
	if (rc)
		return err_set(err, rc,
			       "events/header_page does not tell the size of a "
			       "ring-buffer page");
	return 0;
}
