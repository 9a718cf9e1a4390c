#include "collector/cpu_readers.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include "collector/bytes.h"
#include "core/capture_info.h"

static const char online_path[] = "/sys/devices/system/cpu/online";

int cpu_readers_open(struct cpu_readers *readers,
		     struct trace_instance *instance, struct capture_dir *dir,
		     uint32_t page_size, struct err *err)
{
	*readers = (struct cpu_readers){
	    .list = calloc(CAPTURE_CPUS_MAX, sizeof(*readers->list)),
	    .stop_fd = eventfd(0, EFD_CLOEXEC),
	    .alarm_fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK),
	    .instance = instance,
	    .dir = dir,
	    .page_size = page_size,
	};
	if (!readers->list)
		return err_set(err, ERR_NOMEM, "out of memory");
	if (readers->stop_fd < 0 || readers->alarm_fd < 0)
		return err_set(err, ERR_IO, "eventfd: %s", strerror(errno));
	return 0;
}

static int start_reader(struct cpu_readers *readers, int cpu, struct err *err)
{
	char file[64], name[32];
	int raw_fd, out_fd, rc;

	snprintf(file, sizeof(file), "per_cpu/cpu%d/trace_pipe_raw", cpu);
	raw_fd =
	    trace_instance_open(readers->instance, file, O_RDONLY | O_NONBLOCK);
	if (raw_fd < 0)
		return err_set(err, ERR_IO, "%s: %s", file, strerror(errno));
	snprintf(name, sizeof(name), "cpu/%d.raw", cpu);
	rc = capture_dir_open(readers->dir, name, &out_fd, err);
	if (rc) {
		close(raw_fd);
		return rc;
	}
	return cpu_reader_start(&readers->list[cpu], cpu, raw_fd, out_fd,
				readers->page_size, readers->stop_fd,
				readers->alarm_fd, err);
}

int cpu_readers_start(struct cpu_readers *readers, struct err *err)
{
	char list[4096];
	const char *at = list;

	if (file_read_line(AT_FDCWD, online_path, list, sizeof(list)))
		return err_set(err, ERR_IO, "%s: %s", online_path,
			       strerror(errno));
	while (*at) {
		int first, last, used = 0;

		if (sscanf(at, "%d-%d%n", &first, &last, &used) != 2) {
			if (sscanf(at, "%d%n", &first, &used) != 1)
				break;
			last = first;
		}
		for (int cpu = first; cpu <= last && cpu < CAPTURE_CPUS_MAX;
		     cpu++) {
			int rc = readers->list[cpu].started
				     ? 0
				     : start_reader(readers, cpu, err);

			if (rc)
				return rc;
		}
		at += used;
		at += *at == ',';
	}
	return 0;
}

int cpu_readers_join(struct cpu_readers *readers, struct err *err)
{
	uint64_t one = 1;
	int rc = 0;

	if (!readers->list)
		return 0;
	if (write(readers->stop_fd, &one, sizeof(one)) < 0)
		return err_set(err, ERR_IO, "eventfd: %s", strerror(errno));
	for (int cpu = 0; cpu < CAPTURE_CPUS_MAX; cpu++) {
		int failed = cpu_reader_join(&readers->list[cpu], err);

		rc = rc ? rc : failed;
	}
	return rc;
}

void cpu_readers_close(struct cpu_readers *readers)
{
	if (readers->stop_fd >= 0)
		close(readers->stop_fd);
	if (readers->alarm_fd >= 0)
		close(readers->alarm_fd);
	free(readers->list);
	*readers = (struct cpu_readers){.stop_fd = -1, .alarm_fd = -1};
}
