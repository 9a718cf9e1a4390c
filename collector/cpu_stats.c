#include "collector/cpu_stats.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>

#include "collector/bytes.h"

static int stats_line(const char *text, const char *key, uint64_t *value)
{
	size_t len = strlen(key);
	const char *line = text;

	while (line) {
		if (!strncmp(line, key, len) &&
		    sscanf(line + len, ": %" SCNu64, value) == 1)
			return 0;
		line = strchr(line, '\n');
		if (line)
			line++;
	}
	return ERR_FORMAT;
}

int cpu_stats_parse(const char *text, struct cpu_loss *loss, uint64_t *left)
{
	struct cpu_loss got = {0};
	uint64_t in_buffer, read;

	if (stats_line(text, "entries", &in_buffer) ||
	    stats_line(text, "read events", &read) ||
	    stats_line(text, "overrun", &got.overrun) ||
	    stats_line(text, "commit overrun", &got.commit_overrun) ||
	    stats_line(text, "dropped events", &got.dropped_events))
		return ERR_FORMAT;
	got.entries = in_buffer + read;
	*loss = got;
	if (left)
		*left = in_buffer;
	return 0;
}

int cpu_stats_take(struct trace_instance *instance, int cpu,
		   struct capture_dir *dir, struct cpu_loss *loss,
		   uint64_t *left, struct err *err)
{
	char path[PATH_MAX], name[32];
	struct bytes text = {0};
	int rc;

	snprintf(path, sizeof(path), "%s/per_cpu/cpu%d/stats",
		 trace_instance_dir(instance), cpu);
	snprintf(name, sizeof(name), "cpu/%d.stats", cpu);
	rc = bytes_read_file(&text, AT_FDCWD, path);
	if (rc == ERR_IO && errno == ENOENT)
		rc = ERR_MISSING;
	if (rc)
		err_set(err, rc, "%s: %s", path, strerror(errno));
	if (!rc)
		rc = bytes_append(&text, "", 1);
	if (!rc && cpu_stats_parse(text.data, loss, left))
		rc = err_set(err, ERR_FORMAT, "%s: not as expected", path);
	if (!rc && dir)
		rc = capture_dir_write(dir, name, text.data, text.len - 1, err);
	bytes_fini(&text);
	return rc;
}
