#include "collector/kernel_files.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/utsname.h>
#include <unistd.h>

#include "collector/bytes.h"
#include "collector/live_nodes.h"
#include "collector/live_slab.h"
#include "collector/live_tasks.h"

static const char hidden_addresses[] =
    "addresses are hidden: sysctl kernel.kptr_restrict=1 or 0 shows them";

bool kallsyms_has_addresses(const char *text, size_t len)
{
	size_t at = 0;

	/* The first symbols of a per-CPU kernel stand at 0. */
	while (at < len) {
		const char *line = text + at;
		const char *end = memchr(line, '\n', len - at);
		size_t line_len = end ? (size_t)(end - line) : len - at;

		for (size_t i = 0; i < line_len && line[i] != ' '; i++)
			if (line[i] != '0')
				return true;
		at += line_len + 1;
	}
	return false;
}

const char *kernel_config_path(char *path, size_t size)
{
	struct utsname name;

	if (!access("/proc/config.gz", R_OK))
		return "/proc/config.gz";
	if (uname(&name))
		return NULL;
	snprintf(path, size, "/boot/config-%s", name.release);
	return access(path, R_OK) ? NULL : path;
}

/* Copies one file of the system, or notes why not. */
static int copy_file(struct capture_dir *dir, const char *name,
		     const char *path, struct unread *unread, struct err *err)
{
	struct bytes content = {0};
	int rc = bytes_read_file(&content, AT_FDCWD, path);

	if (rc == ERR_IO)
		rc = unread_add(unread, name, "%s: %s", path, strerror(errno));
	else if (!rc)
		rc = capture_dir_write(dir, name, content.data, content.len,
				       err);
	/* The names alone still tell which allocator the kernel has. */
	if (!rc && !strcmp(name, "kernel/kallsyms") && content.len &&
	    !kallsyms_has_addresses(content.data, content.len))
		rc = unread_add(unread, name, "%s", hidden_addresses);
	bytes_fini(&content);
	if (rc == ERR_NOMEM)
		err_set(err, rc, "no memory to read %s", path);
	return rc;
}

static int write_uname(struct capture_dir *dir, struct err *err)
{
	struct bytes text = {0};
	struct utsname name;
	int rc;

	if (uname(&name))
		return err_set(err, ERR_IO, "uname: %s", strerror(errno));
	/* As "uname -a" prints it. */
	rc = bytes_printf(&text, "%s %s %s %s %s GNU/Linux\n", name.sysname,
			  name.nodename, name.release, name.version,
			  name.machine);
	if (!rc)
		rc = capture_dir_write(dir, "kernel/uname", text.data, text.len,
				       err);
	bytes_fini(&text);
	return rc;
}

static int write_config(struct capture_dir *dir, struct unread *unread,
			struct err *err)
{
	char path[256];
	const char *config = kernel_config_path(path, sizeof(path));

	if (!config)
		return unread_add(unread, "kernel/config.gz",
				  "neither /proc/config.gz nor "
				  "/boot/config-RELEASE is there");
	return copy_file(dir,
			 config == path ? "kernel/config" : "kernel/config.gz",
			 config, unread, err);
}

/* A kernel that knows no nodes has no such directory: nothing is missing. */
static int write_nodes(struct capture_dir *dir, struct unread *unread,
		       struct err *err)
{
	struct bytes text = {0};
	int rc = live_nodes(LIVE_NODES_DIR, &text);

	if (rc == ERR_IO && errno == ENOENT && !text.len)
		rc = 0;
	else if (rc == ERR_IO)
		rc = unread_add(unread, "kernel/nodes", LIVE_NODES_DIR ": %s",
				strerror(errno));
	else if (!rc)
		rc = capture_dir_write(dir, "kernel/nodes", text.data, text.len,
				       err);
	bytes_fini(&text);
	return rc;
}

/* What is said of each task that there is now. */
static int write_tasks(struct capture_dir *dir, const char *name,
		       int (*list)(const char *proc, struct bytes *out),
		       struct unread *unread, struct err *err)
{
	struct bytes text = {0};
	int rc = list("/proc", &text);

	if (rc == ERR_IO)
		rc = unread_add(unread, name, "/proc: %s", strerror(errno));
	else if (rc == ERR_LIMIT)
		rc = unread_add(unread, name, "only the first %d tasks",
				LIVE_TASKS_MAX);
	if (!rc && text.len)
		rc = capture_dir_write(dir, name, text.data, text.len, err);
	bytes_fini(&text);
	return rc;
}

int kernel_comms_write(struct capture_dir *dir, struct unread *unread,
		       struct err *err)
{
	return write_tasks(dir, "tracefs/saved_cmdlines", live_comms, unread,
			   err);
}

static int write_slab_table(struct capture_dir *dir, const char *name,
			    int (*make)(const char *, struct bytes *),
			    struct unread *unread, struct err *err)
{
	struct bytes text = {0};
	int rc = make(LIVE_SLAB_DIR, &text);

	if (rc == ERR_IO)
		rc = unread_add(unread, name, LIVE_SLAB_DIR ": %s",
				strerror(errno));
	else if (!rc)
		rc = capture_dir_write(dir, name, text.data, text.len, err);
	bytes_fini(&text);
	return rc;
}

int kernel_files_write(struct capture_dir *dir, struct unread *unread,
		       struct err *err)
{
	int rc = write_uname(dir, err);

	if (!rc)
		rc = copy_file(dir, "kernel/cmdline", "/proc/cmdline", unread,
			       err);
	if (!rc)
		rc = write_config(dir, unread, err);
	if (!rc)
		rc = copy_file(dir, "kernel/kallsyms", "/proc/kallsyms", unread,
			       err);
	if (!rc)
		rc = copy_file(dir, "kernel/modules", "/proc/modules", unread,
			       err);
	if (!rc)
		rc = write_nodes(dir, unread, err);
	if (!rc)
		rc = write_tasks(dir, "kernel/cgroups", live_cgroups, unread,
				 err);
	if (!rc)
		rc = write_slab_table(dir, "slab/parameters.txt",
				      live_slab_parameters, unread, err);
	if (!rc)
		rc = write_slab_table(dir, "slab/aliases.txt",
				      live_slab_aliases, unread, err);
	return rc;
}

/* Copies one file of the instance to the same place under tracefs/. */
static int copy_trace_file(struct capture_dir *dir,
			   struct trace_instance *instance, const char *file,
			   struct err *err)
{
	struct bytes content = {0};
	char path[PATH_MAX], name[256];
	int rc;

	snprintf(name, sizeof(name), "tracefs/%s", file);
	snprintf(path, sizeof(path), "%s/%s", trace_instance_dir(instance),
		 file);
	rc = bytes_read_file(&content, AT_FDCWD, path);
	if (rc == ERR_IO && errno == ENOENT) {
		/* Before 6.8 only the top has the two headers. */
		snprintf(path, sizeof(path), "%s/../../%s",
			 trace_instance_dir(instance), file);
		rc = bytes_read_file(&content, AT_FDCWD, path);
	}
	if (rc)
		rc = err_set(err, rc, "%s: %s", path, strerror(errno));
	else
		rc = capture_dir_write(dir, name, content.data, content.len,
				       err);
	bytes_fini(&content);
	return rc;
}

int kernel_formats_write(struct capture_dir *dir,
			 struct trace_instance *instance,
			 const struct recorded_event *const *list, size_t count,
			 struct err *err)
{
	static const char *const always[] = {
	    "events/header_page",
	    "events/header_event",
	    "events/ftrace/print/format",
	    "trace_clock",
	};
	int rc = 0;

	for (unsigned int i = 0; !rc && i < 4; i++)
		rc = copy_trace_file(dir, instance, always[i], err);
	for (size_t i = 0; !rc && i < count; i++) {
		char file[128];

		snprintf(file, sizeof(file), "events/%s/%s/format",
			 list[i]->system, list[i]->name);
		rc = copy_trace_file(dir, instance, file, err);
	}
	return rc;
}
