/*
 * perf_features: the sections of a perf.data's header that tell of the machine
 * and the events. For perf_file.c.
 *
 * Source: tools/perf/util/header.c, write_tracing_data() and the like (6.1).
 */
#ifndef PARSER_PERF_FEATURES_H
#define PARSER_PERF_FEATURES_H

#include "parser/perf_file.h"

enum {
	PERF_FEATURE_TRACING = 1,
	PERF_FEATURE_OSRELEASE = 4,
	PERF_FEATURE_ARCH = 6,
	PERF_FEATURE_NRCPUS = 7,
	PERF_FEATURE_CMDLINE = 11,
	PERF_FEATURE_NUMA_TOPOLOGY = 14,
	PERF_FEATURE_DIR_FORMAT = 24,
};

/*
 * Reads a feature of size bytes at a place of the reader; those that nothing
 * here needs are passed over.
 */
MUST_CHECK int perf_feature_read(struct perf_file *file,
				 struct byte_reader *reader,
				 unsigned int feature, uint64_t at,
				 uint64_t size, struct trace *trace,
				 struct err *err);

/* The word of a clock of clock_gettime(2), as ftrace names it. */
const char *perf_clock_name(int32_t clockid);

#endif
