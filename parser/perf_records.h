/*
 * perf_records: the records of a perf.data file one after the other, the
 * compressed ones unpacked.
 *
 * PERF_COMPRESSED records are one zstd stream, cut anywhere: a record may
 * begin in one and end in the next. It is unpacked piece by piece into a
 * buffer of fixed size, whatever the file claims. What follows a record
 * outside of it (AUX area data, tracing data) is passed over.
 *
 * Source: tools/perf/util/session.c, perf_session__process_compressed_event()
 * and process_tracing_data (6.1).
 */
#ifndef PARSER_PERF_RECORDS_H
#define PARSER_PERF_RECORDS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "core/err.h"

struct perf_record {
	uint32_t type;
	uint16_t misc;
	const uint8_t *body; /* behind the header; until the next record */
	size_t len;	     /* of the body; 64 more bytes may be read */
	uint64_t at;	     /* place in the file (of its compressed record) */
};

enum perf_records_status { PERF_RECORDS_ONE, PERF_RECORDS_END };

struct perf_records {
	uint64_t at, end; /* in the file: behind the current record; the end */
	bool cut;	  /* ended inside a record */
	bool damaged;	  /* ended at a record that cannot be */
	/* Private */
	const char *path;
	int fd;
	bool big_endian;
	uint64_t begin;
	uint8_t *buffer; /* bytes [buffer_at, buffer_at + buffer_len) */
	uint64_t buffer_at;
	size_t buffer_len;
	struct ZSTD_DCtx_s *stream;
	uint8_t *plain; /* unpacked records */
	size_t plain_from, plain_len;
	const uint8_t *packed; /* what is left of the compressed record */
	size_t packed_len;
	bool packed_more; /* the stream may hold more than was given */
	uint64_t packed_at;
};

/*
 * The records from begin to end of the file; fd and path (for errors) are
 * borrowed. Call perf_records_close() also if it fails.
 */
MUST_CHECK int perf_records_open(struct perf_records *records, int fd,
				 const char *path, bool big_endian,
				 uint64_t begin, uint64_t end, struct err *err);
void perf_records_close(struct perf_records *records);

/* Back to the first. */
void perf_records_rewind(struct perf_records *records);

/*
 * The next record, or PERF_RECORDS_END in *status; then cut and damaged say
 * why. Fails only if the file cannot be read.
 */
MUST_CHECK int perf_records_next(struct perf_records *records,
				 enum perf_records_status *status,
				 struct perf_record *record, struct err *err);

#endif
