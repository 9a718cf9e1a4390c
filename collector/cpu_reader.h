/*
 * cpu_reader: one thread that moves one CPU's ring-buffer pages into a file.
 *
 * Memory is bounded: a page goes by splice through a pipe of a fixed size.
 */
#ifndef COLLECTOR_CPU_READER_H
#define COLLECTOR_CPU_READER_H

#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "core/err.h"

struct cpu_reader {
	int cpu;
	uint64_t bytes; /* written so far; read it after cpu_reader_join() */
	pid_t tid;	/* of the thread; after cpu_reader_join() */
	bool started;	/* there was a thread, ended or not */
	/* Private */
	int raw_fd, out_fd, stop_fd, alarm_fd;
	int pipe[2];
	uint32_t page_size;
	bool splice_refused;
	bool running;
	pthread_t thread;
	struct err err;
};

/*
 * Takes over raw_fd (trace_pipe_raw, opened non-blocking) and out_fd, also
 * when it fails. page_size: of a ring-buffer page. stop_fd and alarm_fd are
 * borrowed eventfds: the first, once written to, ends every reader, the second
 * is written to by a reader that fails.
 */
MUST_CHECK int cpu_reader_start(struct cpu_reader *reader, int cpu, int raw_fd,
				int out_fd, uint32_t page_size, int stop_fd,
				int alarm_fd, struct err *err);

/*
 * Waits for the thread, which first moves everything that is left (tracing must
 * be off), the last partial page too; then closes all. Its error, if any.
 */
int cpu_reader_join(struct cpu_reader *reader, struct err *err);

#endif
