#include "fuzz/fuzz_source.h"

#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

/* -1: an error, which must have its words. */
static int64_t count_events(struct source *source, struct err *err)
{
	struct kmem_event events[64];
	size_t count = 1;
	int64_t total = 0;
	uint64_t last_ns = 0;

	while (count) {
		if (source_read(source, events, 64, &count, err)) {
			if (!err->text[0])
				abort();
			return -1;
		}
		for (size_t i = 0; i < count; i++) {
			if (events[i].ts_ns < last_ns)
				abort();
			last_ns = events[i].ts_ns;
		}
		total += (int64_t)count;
	}
	return total;
}

void fuzz_source(const uint8_t *data, size_t size, fuzz_open *open)
{
	int fd = memfd_create("fuzz", MFD_CLOEXEC);
	struct source *source = NULL;
	struct trace trace = {0};
	struct err err = {0};
	char path[64];
	int64_t first;

	if (fd < 0 || write(fd, data, size) != (ssize_t)size)
		abort();
	snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
	if (open(path, &trace, &source, &err)) {
		if (!err.text[0] || source)
			abort();
	} else {
		first = count_events(source, &err);
		if (!source_rewind(source, &err) && first >= 0 &&
		    count_events(source, &err) != first)
			abort();
		source_close(source);
	}
	trace_fini(&trace);
	close(fd);
}
