/*
 * The order of a harvest:
 *
 *   tracing off, so that nothing of ours gets into the buffer
 *   snapshot (after/), the slab and page counts first
 *   make DIR.partial-PID; write all but the pages; take the pages out
 *   rename DIR.partial-PID to DIR
 */
#include "collector/boot_trace.h"

#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/statvfs.h>
#include <sys/utsname.h>
#include <unistd.h>

#include "collector/boot_events.h"
#include "collector/bytes.h"
#include "collector/capture_dir.h"
#include "collector/cpu_reader.h"
#include "collector/cpu_stats.h"
#include "collector/kernel_files.h"
#include "collector/live_snapshot.h"
#include "collector/trace_instance.h"
#include "collector/unread.h"

struct harvest {
	const struct record_config *config;
	struct trace_instance *buffer;
	struct capture_dir dir;
	struct boot_events events;
	struct live_sources sources;
	struct live_snapshot after;
	struct unread unread;
	uint32_t raw_page_size;
	uint8_t long_size;
	struct record_result result;
};

static bool has_any(const struct cpu_loss *loss)
{
	return loss->entries || loss->overrun || loss->commit_overrun ||
	       loss->dropped_events;
}

/* "1408", or "7 (expanded: 1408)" before the first event was turned on. */
static uint64_t cpu_buffer_kib(const struct harvest *harvest, int cpu)
{
	char path[PATH_MAX], line[64];
	uint64_t kib = 0;

	snprintf(path, sizeof(path), "%s/per_cpu/cpu%d/buffer_size_kb",
		 trace_instance_dir(harvest->buffer), cpu);
	if (file_read_line(AT_FDCWD, path, line, sizeof(line)) ||
	    sscanf(line, "%" SCNu64, &kib) != 1)
		return 0;
	return kib;
}

static int nothing_there(const struct harvest *harvest, struct err *err)
{
	return err_set(
	    err, ERR_MISSING,
	    "the global trace buffer (%s) holds no events: boot with "
	    "trace_event=kmem:kmalloc,kmem:kfree,... trace_buf_size=16M "
	    "trace_clock=mono on the kernel's command line (docs/boot.md)",
	    trace_instance_dir(harvest->buffer));
}

/* Every CPU that has or had events. */
static int find_cpus(struct harvest *harvest, struct err *err)
{
	struct record_result *result = &harvest->result;
	uint64_t total_left = 0;

	result->cpus = calloc(CAPTURE_CPUS_MAX, sizeof(*result->cpus));
	if (!result->cpus)
		return err_set(err, ERR_NOMEM, "out of memory");
	for (int cpu = 0; cpu < CAPTURE_CPUS_MAX; cpu++) {
		struct cpu_loss loss;
		struct err why = {0};
		uint64_t left, kib;
		int rc = cpu_stats_take(harvest->buffer, cpu, NULL, &loss,
					&left, &why);

		if (rc == ERR_MISSING)
			continue;
		if (rc)
			return err_set(err, rc, "%s", why.text);
		if (!has_any(&loss))
			continue;
		result->cpus[result->cpu_count++] =
		    (struct cpu_record){cpu, loss};
		total_left += left;
		result->events += loss.entries;
		result->lost +=
		    loss.overrun + loss.commit_overrun + loss.dropped_events;
		kib = cpu_buffer_kib(harvest, cpu);
		if (kib > result->buffer_kib)
			result->buffer_kib = kib;
	}
	return total_left ? 0 : nothing_there(harvest, err);
}

/* What cannot be written must not be taken out. */
static int check_space(const struct harvest *harvest, struct err *err)
{
	uint64_t need = 0, room;
	struct statvfs fs;

	for (size_t i = 0; i < harvest->result.cpu_count; i++)
		need += cpu_buffer_kib(harvest, harvest->result.cpus[i].cpu);
	if (fstatvfs(harvest->dir.fd, &fs))
		return 0;
	room = (uint64_t)fs.f_bavail * fs.f_frsize / 1024;
	if (room >= need)
		return 0;
	return err_set(err, ERR_IO,
		       "%s: %" PRIu64 " MiB are free, the trace may need "
		       "%" PRIu64 ": choose another place with -o; nothing was "
		       "taken out of the buffer",
		       harvest->dir.path, room / 1024, need / 1024 + 1);
}

static int write_stats(struct harvest *harvest, struct err *err)
{
	struct record_result *result = &harvest->result;
	int rc = 0;

	for (size_t i = 0; !rc && i < result->cpu_count; i++)
		rc = cpu_stats_take(harvest->buffer, result->cpus[i].cpu,
				    &harvest->dir, &result->cpus[i].loss, NULL,
				    err);
	return rc;
}

/* Names of tasks: only the global buffer has them. */
static int write_cmdlines(struct harvest *harvest, struct err *err)
{
	static const char name[] = "tracefs/saved_cmdlines";
	struct bytes text = {0};
	char path[PATH_MAX];
	int rc;

	snprintf(path, sizeof(path), "%s/saved_cmdlines",
		 trace_instance_dir(harvest->buffer));
	rc = bytes_read_file(&text, AT_FDCWD, path);
	if (rc == ERR_IO)
		rc = unread_add(&harvest->unread, name, "%s: %s", path,
				strerror(errno));
	else if (!rc)
		rc = capture_dir_write(&harvest->dir, name, text.data, text.len,
				       err);
	bytes_fini(&text);
	return rc;
}

/*
 * A kernel that finds its local clock unstable late in the boot takes "global"
 * and empties the buffer for it, without counting what was in it, unless the
 * command line named a clock (kernel/trace/trace.c,
 * tracing_set_default_clock() and tracing_set_clock()).
 */
static int note_reset(struct harvest *harvest, const char *clock)
{
	static const char text[] =
	    "the kernel changed its trace clock during the boot and threw away "
	    "what it had recorded until then: boot again with trace_clock=mono";
	struct bytes line = {0};
	bool named;

	if (strcmp(clock, "global") != 0)
		return 0;
	if (bytes_read_file(&line, AT_FDCWD, "/proc/cmdline") ||
	    bytes_append(&line, "", 1)) {
		bytes_fini(&line);
		return 0;
	}
	named = strstr(line.data, "trace_clock=");
	bytes_fini(&line);
	if (named)
		return 0;
	if (harvest->config->warn)
		harvest->config->warn(harvest->config->data, text);
	return unread_add(&harvest->unread, "cpu", "%s", text);
}

static int write_json(struct harvest *harvest, struct err *err)
{
	const struct boot_events *events = &harvest->events;
	struct timespec now, up;
	struct utsname name;
	struct capture_json info;
	char clock[32], *text;
	int rc;

	rc = trace_instance_clock(harvest->buffer, clock, sizeof(clock), err);
	if (rc)
		return rc;
	if (note_reset(harvest, clock))
		return err_set(err, ERR_NOMEM, "out of memory");
	if (uname(&name))
		return err_set(err, ERR_IO, "uname: %s", strerror(errno));
	clock_gettime(CLOCK_REALTIME, &now);
	clock_gettime(CLOCK_BOOTTIME, &up);
	info = (struct capture_json){
	    .tool = harvest->config->tool,
	    .release = name.release,
	    .machine = name.machine,
	    .clock = clock,
	    .page_size = (uint32_t)sysconf(_SC_PAGESIZE),
	    .long_size = harvest->long_size,
	    .cpus = harvest->result.cpus,
	    .cpu_count = harvest->result.cpu_count,
	    .start = {now.tv_sec - up.tv_sec, 0},
	    .stop = now,
	    .buffer_kib = harvest->result.buffer_kib,
	    .events = events->enabled,
	    .event_count = events->enabled_count,
	    .filters = events->filters,
	    .filter_count = events->filter_count,
	    .unread = &harvest->unread,
	};
	text = capture_json_text(&info);
	if (!text)
		return err_set(err, ERR_NOMEM, "out of memory");
	rc = capture_dir_write(&harvest->dir, "capture.json", text,
			       strlen(text), err);
	free(text);
	return rc;
}

static int write_all_but_pages(struct harvest *harvest, struct err *err)
{
	int rc = write_stats(harvest, err);

	if (!rc)
		rc = kernel_formats_write(&harvest->dir, harvest->buffer,
					  harvest->events.known,
					  harvest->events.known_count, err);
	if (!rc)
		rc = write_cmdlines(harvest, err);
	if (!rc)
		rc = kernel_files_write(&harvest->dir, &harvest->unread, err);
	if (!rc)
		rc = live_snapshot_write(&harvest->after, &harvest->sources,
					 &harvest->dir, "after",
					 &harvest->unread, err);
	if (!rc)
		rc = write_json(harvest, err);
	return rc;
}

/* The reader is told to stop at once: then it moves all that is there. */
static int take_cpu(struct harvest *harvest, int cpu, int stop_fd, int alarm_fd,
		    struct err *err)
{
	struct cpu_reader reader = {0};
	char file[64], name[32];
	struct cpu_loss loss;
	uint64_t left;
	int raw_fd, out_fd, rc;

	snprintf(file, sizeof(file), "per_cpu/cpu%d/trace_pipe_raw", cpu);
	snprintf(name, sizeof(name), "cpu/%d.raw", cpu);
	raw_fd =
	    trace_instance_open(harvest->buffer, file, O_RDONLY | O_NONBLOCK);
	if (raw_fd < 0)
		return err_set(err, ERR_IO, "%s: %s", file, strerror(errno));
	rc = capture_dir_open(&harvest->dir, name, &out_fd, err);
	if (rc) {
		close(raw_fd);
		return rc;
	}
	rc = cpu_reader_start(&reader, cpu, raw_fd, out_fd,
			      harvest->raw_page_size, stop_fd, alarm_fd, err);
	if (!rc)
		rc = cpu_reader_join(&reader, err);
	harvest->result.raw_bytes += reader.bytes;
	if (!rc)
		rc = cpu_stats_take(harvest->buffer, cpu, NULL, &loss, &left,
				    err);
	if (!rc && left)
		rc = err_set(err, ERR_IO,
			     "%s: %" PRIu64 " events cannot be taken out: "
			     "does something else trace there?",
			     file, left);
	return rc;
}

static int take_pages(struct harvest *harvest, struct err *err)
{
	int stop_fd = eventfd(1, EFD_CLOEXEC);
	int alarm_fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	int rc = 0;

	if (stop_fd < 0 || alarm_fd < 0)
		rc = err_set(err, ERR_IO, "eventfd: %s", strerror(errno));
	for (size_t i = 0; !rc && i < harvest->result.cpu_count; i++)
		rc = take_cpu(harvest, harvest->result.cpus[i].cpu, stop_fd,
			      alarm_fd, err);
	if (stop_fd >= 0)
		close(stop_fd);
	if (alarm_fd >= 0)
		close(alarm_fd);
	if (rc && err)
		err_prefix(err, "what was taken out stays in %s",
			   harvest->dir.partial);
	return rc;
}

static int look(struct harvest *harvest, struct err *err)
{
	int rc = capture_dir_plan(&harvest->dir, harvest->config->dir, err);

	if (!rc)
		rc = trace_instance_global(&harvest->buffer, err);
	if (!rc)
		rc = find_cpus(harvest, err);
	if (!rc)
		rc = boot_events_read(trace_instance_dir(harvest->buffer),
				      &harvest->events, err);
	if (!rc)
		rc = trace_instance_page_size(harvest->buffer,
					      &harvest->raw_page_size,
					      &harvest->long_size, err);
	return rc;
}

/* The counts again once tracing is off: until then they grew. */
static int count_again(struct harvest *harvest, struct err *err)
{
	free(harvest->result.cpus);
	harvest->result = (struct record_result){0};
	return find_cpus(harvest, err);
}

static int harvest_all(struct harvest *harvest, struct err *err)
{
	int rc = look(harvest, err);

	if (!rc)
		rc = trace_instance_switch(harvest->buffer, false, err);
	if (rc)
		return rc;
	live_sources_open(&harvest->sources);
	rc =
	    live_snapshot_take(&harvest->after, &harvest->sources, -1, "", err);
	if (!rc)
		rc = count_again(harvest, err);
	if (!rc)
		rc = capture_dir_create(&harvest->dir, err);
	if (!rc)
		rc = write_all_but_pages(harvest, err);
	if (!rc)
		rc = check_space(harvest, err);
	if (rc) {
		capture_dir_discard(&harvest->dir);
		return rc;
	}
	rc = take_pages(harvest, err);
	if (!rc)
		rc = capture_dir_commit(&harvest->dir, err);
	if (rc && harvest->dir.fd >= 0)
		close(harvest->dir.fd);
	return rc;
}

int boot_trace_harvest(const struct record_config *config,
		       struct record_result *result, struct err *err)
{
	struct harvest harvest = {
	    .config = config,
	    .dir.fd = -1,
	    .sources.debugfs_fd = -1,
	};
	int rc;

	assert(config->dir && config->tool);
	rc = harvest_all(&harvest, err);
	live_sources_close(&harvest.sources);
	live_snapshot_fini(&harvest.after);
	boot_events_fini(&harvest.events);
	unread_fini(&harvest.unread);
	trace_instance_destroy(harvest.buffer, NULL);
	if (rc) {
		record_result_fini(&harvest.result);
		return rc;
	}
	harvest.result.command_status = -1;
	*result = harvest.result;
	return 0;
}
