/*
 * import: all events of a source into a new database, with their statistics.
 */
#ifndef CLI_IMPORT_H
#define CLI_IMPORT_H

#include <stdbool.h>
#include <stdint.h>

#include "core/err.h"
#include "core/source.h"
#include "core/trace.h"

struct import_options {
	bool overwrite; /* an output that exists is replaced */
	/*
	 * Called after each batch with how much is done, 0 to 1, and the events
	 * so far; false ends the import with ERR_INTERRUPTED. May be NULL.
	 */
	bool (*go_on)(void *context, double done, uint64_t events);
	void *context;
};

struct import_counts {
	uint64_t events;    /* of the trace, synthetic ones not counted */
	uint64_t synthetic; /* frees that linking added */
	uint64_t objects;   /* slab objects, kmallocs, direct page blocks */
};

/*
 * Reads source to its end. The output is made whole or not at all. trace is the
 * source's own; its names grow.
 */
MUST_CHECK int import_source(struct source *source, struct trace *trace,
			     const char *output,
			     const struct import_options *options,
			     struct import_counts *counts, struct err *err);

#endif
