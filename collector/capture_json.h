/*
 * capture_json: writes capture.json (format 1).
 */
#ifndef COLLECTOR_CAPTURE_JSON_H
#define COLLECTOR_CAPTURE_JSON_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>
#include <time.h>

#include "collector/recorded_events.h"
#include "collector/unread.h"
#include "core/capture_info.h"

struct cpu_record {
	int cpu;
	struct cpu_loss loss;
};

/* All borrowed. */
struct capture_json {
	const char *tool, *release, *machine, *clock;
	uint32_t page_size;
	uint8_t long_size;
	const struct cpu_record *cpus;
	size_t cpu_count;
	bool markers;
	struct timespec start, stop; /* CLOCK_REALTIME */
	uint64_t start_ns, stop_ns;  /* in the trace's clock; stop 0: unknown */
	uint64_t buffer_kib;	     /* per CPU */
	const struct recorded_event *const *events;
	size_t event_count;
	const struct event_filter *filters;
	size_t filter_count;
	char *const *command; /* NULL: none */
	int command_status;
	const pid_t *self_pids;
	size_t self_count;
	const struct unread *unread;
};

/* The text, to be freed by the caller, or NULL without memory. */
char *capture_json_text(const struct capture_json *info);

/*
 * A command as one line that a shell would read back, cut at size. Bytes that
 * are not UTF-8 become '?'.
 */
void command_line_join(char *const *command, char *line, size_t size);

#endif
