/*
 * cpu_readers: a reader (cpu_reader.h) for every CPU that was ever on line.
 */
#ifndef COLLECTOR_CPU_READERS_H
#define COLLECTOR_CPU_READERS_H

#include "collector/capture_dir.h"
#include "collector/cpu_reader.h"
#include "collector/trace_instance.h"
#include "core/err.h"

/* Before cpu_readers_open() both descriptors must be -1. */
struct cpu_readers {
	struct cpu_reader *list; /* by CPU number, CAPTURE_CPUS_MAX */
	int alarm_fd;		 /* can be read once a reader has failed */
	/* Private */
	int stop_fd;
	struct trace_instance *instance;
	struct capture_dir *dir;
	uint32_t page_size;
};

/*
 * For the buffers of the instance and the files cpu/N.raw of dir, both of which
 * must outlive the readers. page_size: of a ring-buffer page. To be closed after
 * a failure, too.
 */
MUST_CHECK int cpu_readers_open(struct cpu_readers *readers,
				struct trace_instance *instance,
				struct capture_dir *dir, uint32_t page_size,
				struct err *err);

/*
 * Starts a reader for every CPU on line that has none yet. One that goes off
 * line keeps its reader, whose buffer the kernel keeps too.
 */
MUST_CHECK int cpu_readers_start(struct cpu_readers *readers, struct err *err);

/*
 * Tracing must be off: waits until everything was moved and closes every file
 * of the instance. The first error of a reader, if any.
 */
int cpu_readers_join(struct cpu_readers *readers, struct err *err);

void cpu_readers_close(struct cpu_readers *readers);

#endif
