/*
 * perf_format: the parts of perf.data that are numbers in a fixed place:
 * records, attributes, and where a sample has its fields.
 *
 * Sources: include/uapi/linux/perf_event.h (struct perf_event_attr, enum
 * perf_event_type), tools/lib/perf/include/perf/event.h (the types from 64 on),
 * perf_event_open(2) of 5.15 to 6.18. Numbers are written out here because the
 * file's, not this machine's, count.
 */
#ifndef PARSER_PERF_FORMAT_H
#define PARSER_PERF_FORMAT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Types of records. */
enum {
	PERF_MMAP = 1,
	PERF_LOST = 2,
	PERF_COMM = 3,
	PERF_FORK = 7,
	PERF_SAMPLE = 9,
	PERF_MMAP2 = 10,
	PERF_LOST_SAMPLES = 13,
	PERF_HEADER_ATTR = 64,
	PERF_HEADER_TRACING_DATA = 66,
	PERF_FINISHED_ROUND = 68,
	PERF_AUXTRACE = 71,
	PERF_HEADER_FEATURE = 80,
	PERF_COMPRESSED = 81,
	PERF_COMPRESSED2 = 83,
};

enum {
	PERF_RECORD_HEADER_BYTES = 8,
	PERF_RECORD_BYTES_MAX = 65535,
	/* misc of PERF_LOST_SAMPLES: dropped by a BPF filter, on purpose. */
	PERF_MISC_LOST_BY_FILTER = 1 << 15,
	PERF_TYPE_IS_TRACEPOINT = 2,
	PERF_ATTR_BYTES_MIN = 64,
};

/* What is needed of struct perf_event_attr. */
struct perf_attr {
	uint32_t type;
	uint64_t config; /* of a tracepoint: its id */
	uint64_t sample_type, read_format, period;
	int32_t clockid; /* -1: perf's own clock */
	bool freq, sample_id_all, enable_on_exec;
};

/* Reads an attribute of len bytes, PERF_ATTR_BYTES_MIN or more. */
void perf_attr_read(const uint8_t *bytes, size_t len, bool big_endian,
		    struct perf_attr *attr);

/* Fields of a sample, or of the id that ends another record. */
struct perf_fields {
	uint64_t time, id;
	uint32_t cpu, tid;
	bool has_time, has_cpu, has_id;
	const uint8_t *raw; /* sample: the tracepoint's record, or NULL */
	uint32_t raw_len;
};

/*
 * Of a PERF_SAMPLE's len bytes behind the header; false if the fields do not
 * fit into them.
 */
bool perf_sample_read(const struct perf_attr *attr, const uint8_t *bytes,
		      size_t len, bool big_endian, struct perf_fields *fields);

/* The same of the fields behind another record; none: all has_ are false. */
bool perf_sample_id_read(const struct perf_attr *attr, const uint8_t *bytes,
			 size_t len, bool big_endian,
			 struct perf_fields *fields);

#endif
