/*
 * The order of a recording:
 *
 *   plan paths, find tracefs, start the guardian
 *   make DIR.partial-PID and the instance; events, filters; readers
 *   tracing on
 *     dry run of the snapshot (warm:)
 *     snapshot (before:), command or time, snapshot (after:)
 *   tracing off; readers drain and end; write all files; remove the instance
 *   rename DIR.partial-PID to DIR
 *
 * What is held in memory until the end are the two snapshots (8 bytes per page
 * of the machine each, from kpageflags).
 */
#include "collector/record.h"

#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/utsname.h>
#include <unistd.h>

#include "collector/bytes.h"
#include "collector/capture_dir.h"
#include "collector/child_command.h"
#include "collector/cpu_readers.h"
#include "collector/cpu_stats.h"
#include "collector/guardian.h"
#include "collector/kernel_files.h"
#include "collector/live_snapshot.h"
#include "collector/trace_instance.h"
#include "collector/unread.h"

enum {
	BUFFER_KIB_LEAST = 2048,
	BUFFER_KIB_MOST = 64 << 10,
	MEMORY_SHARE = 32,
	TICK_MS = 100,
	HOTPLUG_TICKS = 10,
	COMMAND_PATIENCE_MS = 2000,
};

struct recorder {
	const struct record_config *config;
	struct capture_dir dir;
	struct guardian guardian;
	struct trace_instance *instance;
	const struct recorded_event **events;
	size_t event_count;
	struct live_sources sources;
	struct live_snapshot before, after;
	struct child_command child;
	bool has_child;
	struct cpu_readers readers;
	int marker_fd;
	uint32_t raw_page_size;
	uint8_t long_size;
	uint64_t buffer_kib;
	struct timespec start, stop;
	uint64_t start_ns, stop_ns;
	struct unread unread;
	struct record_result result;
};

static uint64_t mono_ns(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (uint64_t)now.tv_sec * 1000000000u + (uint64_t)now.tv_nsec;
}

uint64_t record_default_buffer_kib(void)
{
	long pages = sysconf(_SC_PHYS_PAGES);
	long page_size = sysconf(_SC_PAGESIZE);
	long cpus = sysconf(_SC_NPROCESSORS_ONLN);
	uint64_t kib;

	if (pages <= 0 || page_size <= 0 || cpus <= 0)
		return BUFFER_KIB_LEAST;
	kib = (uint64_t)pages * ((uint64_t)page_size / 1024) / MEMORY_SHARE /
	      (uint64_t)cpus;
	if (kib < BUFFER_KIB_LEAST)
		return BUFFER_KIB_LEAST;
	return kib > BUFFER_KIB_MOST ? BUFFER_KIB_MOST : kib;
}

static void warn(const struct recorder *rec, const char *text)
{
	if (rec->config->warn)
		rec->config->warn(rec->config->data, text);
}

/*
 * The kernel would keep only the last filter of an event, and say nothing of
 * one on an event that is not recorded.
 */
static int check_filters(const struct record_config *config, struct err *err)
{
	const struct event_filter *filters = config->filters;

	for (size_t i = 0; i < config->filter_count; i++) {
		if (filters[i].event->when == EVENT_ON_REQUEST &&
		    !config->user_faults)
			return err_set(err, ERR_USAGE,
				       "filter on %s: it is recorded with "
				       "--user-faults only",
				       filters[i].event->name);
		for (size_t j = 0; j < i; j++)
			if (filters[i].event == filters[j].event)
				return err_set(err, ERR_USAGE,
					       "two filters on %s: join them "
					       "with && or ||",
					       filters[i].event->name);
	}
	return 0;
}

/* The guardian knows both names before either thing exists. */
static int make_places(struct recorder *rec, struct err *err)
{
	const char *tracefs;
	char name[64], path[PATH_MAX];
	int rc;

	rc = check_filters(rec->config, err);
	if (!rc)
		rc = capture_dir_plan(&rec->dir, rec->config->dir, err);
	if (!rc)
		rc = tracefs_find(&tracefs, err);
	if (rc)
		return rc;
	snprintf(name, sizeof(name), "kmemscope-%d", (int)getpid());
	snprintf(path, sizeof(path), "%s/instances/%s", tracefs, name);
	rc = guardian_start(&rec->guardian, path, rec->dir.partial, err);
	if (!rc)
		rc = capture_dir_create(&rec->dir, err);
	if (!rc)
		rc = trace_instance_create(name, rec->buffer_kib,
					   &rec->instance, err);
	return rc;
}

static int set_up_events(struct recorder *rec, struct err *err)
{
	const struct record_config *config = rec->config;
	int rc = 0;

	for (size_t i = 0; !rc && i < config->filter_count; i++)
		rc = trace_instance_filter(rec->instance, &config->filters[i],
					   err);
	if (!rc)
		rc =
		    trace_instance_enable(rec->instance, config->user_faults,
					  &rec->events, &rec->event_count, err);
	if (!rc)
		rc = trace_instance_page_size(
		    rec->instance, &rec->raw_page_size, &rec->long_size, err);
	return rc;
}

/* Each file's size is learned before tracing, so that reading needs no more. */
static int prepare_snapshots(struct recorder *rec, struct err *err)
{
	int rc;

	live_sources_open(&rec->sources);
	rc = live_snapshot_take(&rec->after, &rec->sources, -1, "", err);
	if (!rc)
		rc = live_snapshot_prepare(&rec->before, &rec->after, err);
	if (!rc)
		rc = live_snapshot_prepare(&rec->after, &rec->after, err);
	return rc;
}

static int open_marker(struct recorder *rec, struct err *err)
{
	rec->marker_fd =
	    trace_instance_open(rec->instance, "trace_marker", O_WRONLY);
	if (rec->marker_fd < 0)
		return err_set(err, ERR_IO, "%s/trace_marker: %s",
			       trace_instance_dir(rec->instance),
			       strerror(errno));
	return 0;
}

static int take_snapshot(struct recorder *rec, struct live_snapshot *snapshot,
			 const char *prefix, struct err *err)
{
	live_refresh_counters();
	return live_snapshot_take(snapshot, &rec->sources, rec->marker_fd,
				  prefix, err);
}

static int poll_timeout_ms(uint64_t deadline_ns)
{
	uint64_t now = mono_ns();

	if (!deadline_ns || deadline_ns > now + TICK_MS * UINT64_C(1000000))
		return TICK_MS;
	return deadline_ns > now ? (int)((deadline_ns - now) / 1000000) + 1 : 0;
}

/* Returns when it is time to end, whatever the reason. */
static int wait_for_end(struct recorder *rec, struct err *err)
{
	const struct record_config *config = rec->config;
	uint64_t deadline = 0;

	if (config->seconds > 0)
		deadline = mono_ns() + (uint64_t)(config->seconds * 1e9);
	for (unsigned int tick = 1;; tick++) {
		struct pollfd fds[2] = {
		    {.fd = rec->readers.alarm_fd, .events = POLLIN},
		    {.fd = rec->child.fd, .events = POLLIN},
		};
		int rc;

		if (config->stop && config->stop(config->data))
			return 0;
		if (deadline && mono_ns() >= deadline)
			return 0;
		poll(fds, 2, poll_timeout_ms(deadline));
		if (fds[0].revents)
			return 0;
		if (rec->has_child && child_command_ended(&rec->child))
			return 0;
		if (tick % HOTPLUG_TICKS)
			continue;
		rc = cpu_readers_start(&rec->readers, err);
		if (rc)
			return rc;
	}
}

static int start_command(struct recorder *rec, struct err *err)
{
	const struct record_config *config = rec->config;
	int rc;

	if (config->stop && config->stop(config->data))
		return err_set(err, ERR_INTERRUPTED,
			       "interrupted before %s was started",
			       config->command[0]);
	rc = child_command_start(&rec->child, config->command, err);
	rec->has_child = !rc;
	return rc;
}

/* The command ends with the recording: nobody would expect it to go on. */
static void end_command(struct recorder *rec)
{
	char text[128];

	if (!rec->has_child ||
	    child_command_end(&rec->child, COMMAND_PATIENCE_MS))
		return;
	snprintf(text, sizeof(text),
		 "the command (pid %d) still runs, SIGTERM did not end it",
		 (int)rec->child.pid);
	warn(rec, text);
}

static int run_window(struct recorder *rec, struct err *err)
{
	const struct record_config *config = rec->config;
	int rc = kernel_comms_write(&rec->dir, &rec->unread, err);

	if (!rc)
		rc = trace_instance_switch(rec->instance, true, err);
	clock_gettime(CLOCK_REALTIME, &rec->start);
	rec->start_ns = mono_ns();
	if (!rc)
		rc = live_snapshot_take(&rec->after, &rec->sources,
					rec->marker_fd, "warm", err);
	if (!rc)
		rc = take_snapshot(rec, &rec->before, "before", err);
	if (!rc && config->command)
		rc = start_command(rec, err);
	if (!rc)
		rc = wait_for_end(rec, err);
	end_command(rec);
	if (!rc)
		rc = take_snapshot(rec, &rec->after, "after", err);
	return rc;
}

static int switch_off(struct recorder *rec, struct err *err)
{
	int failed, rc = trace_instance_switch(rec->instance, false, err);

	rec->stop_ns = mono_ns();
	clock_gettime(CLOCK_REALTIME, &rec->stop);
	/* For a CPU that came on line just before the end. */
	if (!rc)
		rc = cpu_readers_start(&rec->readers, err);
	failed = cpu_readers_join(&rec->readers, rc ? NULL : err);
	return rc ? rc : failed;
}

static int collect_loss(struct recorder *rec, struct err *err)
{
	struct record_result *result = &rec->result;
	int count = 0;

	for (int cpu = 0; cpu < CAPTURE_CPUS_MAX; cpu++)
		count += rec->readers.list[cpu].started;
	result->cpus = calloc((size_t)count, sizeof(*result->cpus));
	if (!result->cpus)
		return err_set(err, ERR_NOMEM, "out of memory");
	for (int cpu = 0; cpu < CAPTURE_CPUS_MAX; cpu++) {
		struct cpu_record *record = &result->cpus[result->cpu_count];
		int rc;

		if (!rec->readers.list[cpu].started)
			continue;
		record->cpu = cpu;
		rc = cpu_stats_take(rec->instance, cpu, &rec->dir,
				    &record->loss, NULL, err);
		if (rc)
			return rc;
		result->cpu_count++;
		result->events += record->loss.entries;
		result->lost += record->loss.overrun +
				record->loss.commit_overrun +
				record->loss.dropped_events;
		result->raw_bytes += rec->readers.list[cpu].bytes;
	}
	return 0;
}

/* The recorder's own threads and its guardian. */
static size_t list_self(const struct recorder *rec, pid_t *pids)
{
	size_t count = 0;

	pids[count++] = getpid();
	pids[count++] = rec->guardian.pid;
	for (int cpu = 0; cpu < CAPTURE_CPUS_MAX; cpu++)
		if (rec->readers.list[cpu].started)
			pids[count++] = rec->readers.list[cpu].tid;
	return count;
}

static int write_json(struct recorder *rec, struct err *err)
{
	const struct record_config *config = rec->config;
	pid_t pids[CAPTURE_CPUS_MAX + 2];
	char clock[32], *text;
	struct utsname name;
	struct capture_json info;
	int rc;

	rc = trace_instance_clock(rec->instance, clock, sizeof(clock), err);
	if (rc)
		return rc;
	if (uname(&name))
		return err_set(err, ERR_IO, "uname: %s", strerror(errno));
	info = (struct capture_json){
	    .tool = config->tool,
	    .release = name.release,
	    .machine = name.machine,
	    .clock = clock,
	    .page_size = (uint32_t)sysconf(_SC_PAGESIZE),
	    .long_size = rec->long_size,
	    .cpus = rec->result.cpus,
	    .cpu_count = rec->result.cpu_count,
	    .markers = true,
	    .start = rec->start,
	    .stop = rec->stop,
	    .start_ns = rec->start_ns,
	    .stop_ns = rec->stop_ns,
	    .buffer_kib = rec->buffer_kib,
	    .events = rec->events,
	    .event_count = rec->event_count,
	    .filters = config->filters,
	    .filter_count = config->filter_count,
	    .command = rec->has_child ? config->command : NULL,
	    .command_status = rec->child.status,
	    .self_pids = pids,
	    .self_count = list_self(rec, pids),
	    .unread = &rec->unread,
	};
	text = capture_json_text(&info);
	if (!text)
		return err_set(err, ERR_NOMEM, "out of memory");
	rc = capture_dir_write(&rec->dir, "capture.json", text, strlen(text),
			       err);
	free(text);
	return rc;
}

/* Without them every call site in every table is a bare address. */
static void warn_about_symbols(const struct recorder *rec)
{
	char text[400];

	for (size_t i = 0; i < rec->unread.count; i++) {
		if (strcmp(rec->unread.items[i].what, "kernel/kallsyms") != 0)
			continue;
		snprintf(text, sizeof(text), "no function names: %s",
			 rec->unread.items[i].why);
		warn(rec, text);
	}
}

static int write_files(struct recorder *rec, struct err *err)
{
	int rc = collect_loss(rec, err);

	if (!rc)
		rc = kernel_formats_write(&rec->dir, rec->instance, rec->events,
					  rec->event_count, err);
	if (!rc)
		rc = kernel_files_write(&rec->dir, &rec->unread, err);
	if (!rc)
		rc = live_snapshot_write(&rec->before, &rec->sources, &rec->dir,
					 "before", &rec->unread, err);
	if (!rc)
		rc = live_snapshot_write(&rec->after, &rec->sources, &rec->dir,
					 "after", &rec->unread, err);
	if (!rc)
		rc = write_json(rec, err);
	if (!rc)
		warn_about_symbols(rec);
	return rc;
}

/* Also after a failure, from any point on. */
static void close_all(struct recorder *rec)
{
	struct err ignored = {0};

	if (rec->instance &&
	    trace_instance_switch(rec->instance, false, &ignored))
		warn(rec, ignored.text);
	cpu_readers_join(&rec->readers, &ignored);
	cpu_readers_close(&rec->readers);
	if (rec->marker_fd >= 0)
		close(rec->marker_fd);
	live_sources_close(&rec->sources);
	child_command_fini(&rec->child);
	ignored = (struct err){0};
	if (trace_instance_destroy(rec->instance, &ignored))
		warn(rec, ignored.text);
	free(rec->events);
	live_snapshot_fini(&rec->before);
	live_snapshot_fini(&rec->after);
	unread_fini(&rec->unread);
}

static int record_all(struct recorder *rec, struct err *err)
{
	int off, rc;

	rc = make_places(rec, err);
	if (!rc)
		rc = set_up_events(rec, err);
	if (!rc)
		rc = cpu_readers_open(&rec->readers, rec->instance, &rec->dir,
				      rec->raw_page_size, err);
	if (!rc)
		rc = open_marker(rec, err);
	if (!rc)
		rc = prepare_snapshots(rec, err);
	if (!rc)
		rc = cpu_readers_start(&rec->readers, err);
	if (rc)
		return rc;
	rc = run_window(rec, err);
	off = switch_off(rec, rc ? NULL : err);
	if (!rc)
		rc = off;
	if (!rc)
		rc = write_files(rec, err);
	return rc;
}

int record_run(const struct record_config *config, struct record_result *result,
	       struct err *err)
{
	struct recorder rec = {
	    .config = config,
	    .dir.fd = -1,
	    .sources.debugfs_fd = -1,
	    .child = {.fd = -1},
	    .readers = {.stop_fd = -1, .alarm_fd = -1},
	    .marker_fd = -1,
	};
	int rc;

	assert(config->dir && config->tool);
	rec.buffer_kib = config->buffer_kib ? config->buffer_kib
					    : record_default_buffer_kib();
	rc = record_all(&rec, err);
	close_all(&rec);
	if (!rc)
		rc = capture_dir_commit(&rec.dir, err);
	capture_dir_discard(&rec.dir);
	guardian_stop(&rec.guardian);
	if (rc) {
		record_result_fini(&rec.result);
		return rc;
	}
	rec.result.buffer_kib = rec.buffer_kib;
	rec.result.duration_ns = rec.stop_ns - rec.start_ns;
	rec.result.command_status = rec.has_child ? rec.child.status : -1;
	*result = rec.result;
	return 0;
}

void record_result_fini(struct record_result *result)
{
	free(result->cpus);
	*result = (struct record_result){0};
}
