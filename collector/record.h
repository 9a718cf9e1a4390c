/*
 * record: a recording of this kernel, from a private tracing instance into a
 * capture directory (docs/capture-format.md).
 *
 * Whatever ends it, the instance is gone afterwards and the directory is there
 * whole or not at all: a guardian process cleans up after a recorder that was
 * killed.
 */
#ifndef COLLECTOR_RECORD_H
#define COLLECTOR_RECORD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "collector/capture_json.h"
#include "collector/recorded_events.h"
#include "core/err.h"

/* All pointers are borrowed for the time of the call. */
struct record_config {
	const char *dir;      /* the capture to make; must not exist */
	const char *tool;     /* "kmemscope 0.1.0", for capture.json */
	double seconds;	      /* 0: until the command ends or stop() */
	char *const *command; /* NULL: none; else ended by NULL */
	uint64_t buffer_kib;  /* per CPU; 0: record_default_buffer_kib() */
	bool user_faults;     /* page faults, too; ERR_MISSING without them */
	const struct event_filter *filters;
	size_t filter_count;
	/* Asked ten times a second; true ends the recording properly. */
	bool (*stop)(void *data);
	/* Told what the user should know; the recording goes on. */
	void (*warn)(void *data, const char *text);
	void *data;
};

struct record_result {
	uint64_t events;      /* to be found in the pages */
	uint64_t lost;	      /* overrun, commit_overrun and dropped_events */
	uint64_t raw_bytes;   /* of the ring-buffer pages */
	uint64_t buffer_kib;  /* per CPU, as used */
	uint64_t duration_ns; /* tracing was on */
	int command_status;   /* -1: no command; 128 + n: killed by signal n */
	struct cpu_record *cpus;
	size_t cpu_count;
};

/*
 * 1/32 of the memory, spread over the CPUs on line, between 2 and 64 MiB each.
 * Measured on 6.18 with two CPUs under tar, find and two compile jobs at once:
 * 26 MiB/s per CPU; 1 MiB lost 0.3 % of the events, 4 MiB none.
 */
uint64_t record_default_buffer_kib(void);

/*
 * Records until stop() says so, the time is up or the command has ended. Call
 * it from a process with no other thread. result is written on success only.
 */
MUST_CHECK int record_run(const struct record_config *config,
			  struct record_result *result, struct err *err);

void record_result_fini(struct record_result *result);

#endif
