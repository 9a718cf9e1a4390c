/*
 * A trace as text: opened, read to its end, rewound, read again. Not linked:
 * that takes no bytes from the file, and most of the time.
 */
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

#include "fuzz/fuzz_target.h"
#include "parser/text_trace.h"

static uint64_t read_all(struct source *source)
{
	struct kmem_event events[64];
	uint64_t total = 0;
	size_t count;

	while (!source_read(source, events, 64, &count, NULL) && count)
		total += count;
	return total;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	int fd = memfd_create("text", MFD_CLOEXEC);
	struct source *source;
	struct trace trace = {0};
	char path[64];

	snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
	if (fd < 0 || write(fd, data, size) != (ssize_t)size)
		abort();
	if (text_trace_is(path) &&
	    !text_trace_open(path, &trace, &source, NULL)) {
		uint64_t events = read_all(source);

		/* A second reading gives the same. */
		if (source_rewind(source, NULL) || read_all(source) != events)
			abort();
		source_close(source);
	}
	trace_fini(&trace);
	close(fd);
	return 0;
}
