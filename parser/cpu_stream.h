/*
 * cpu_stream: the records of one CPU, from its ring-buffer pages.
 *
 * Times never go backwards in a stream: a record older than the one before, or
 * younger than the next page, gets the nearest possible time and is counted.
 */
#ifndef PARSER_CPU_STREAM_H
#define PARSER_CPU_STREAM_H

#include <stdbool.h>
#include <stdint.h>

#include "core/anomaly.h"
#include "core/err.h"
#include "parser/page.h"
#include "parser/page_file.h"

struct cpu_stream {
	/* The record at the head; only if !done. */
	struct page_record record;
	bool done;
	/* Events were lost just before the record: until the user clears it. */
	bool missed;
	bool lost_before; /* the user's note: to be told with the next event */
	uint64_t missed_count; /* how many; 0: not known */
	uint64_t taken;	       /* the user's note: records that were given on */
	uint32_t cpu;
	uint64_t size_bytes, read_bytes; /* for progress */
	uint64_t records;		 /* found so far */
	uint64_t missed_total;
	struct anomalies *anomalies; /* counted into */
	/* Private */
	struct page_file file;
	const struct page_layout *layout;
	uint8_t *buffer;
	size_t buffer_cap, buffer_len, buffer_at;
	struct page_cursor cursor;
	uint64_t last_ts_ns, limit_ts_ns;
};

/*
 * Opens the file and loads the first record. The layout and the table that
 * anomalies are counted into must outlive the stream. An empty file is a
 * stream without records. After a failure the stream may be closed.
 */
MUST_CHECK int cpu_stream_open(struct cpu_stream *stream, const char *path,
			       uint32_t cpu, const struct page_layout *layout,
			       struct anomalies *anomalies, struct err *err);

/*
 * The same for pages that are open already; takes the file over, also if it
 * fails.
 */
MUST_CHECK int cpu_stream_start(struct cpu_stream *stream,
				struct page_file *file, uint32_t cpu,
				const struct page_layout *layout,
				struct anomalies *anomalies, struct err *err);
void cpu_stream_close(struct cpu_stream *stream);

/* Private: the rest of cpu_stream_next(), with the record if it has one. */
MUST_CHECK int cpu_stream_next_slow(struct cpu_stream *stream, bool found,
				    struct err *err);

/* Loads the next record, which lives until the next call, or sets done. */
MUST_CHECK static inline int cpu_stream_next(struct cpu_stream *stream,
					     struct err *err)
{
	bool found = page_next_short(&stream->cursor, &stream->record);
	uint64_t ts = stream->record.ts_ns;

	if (!found || ts < stream->last_ts_ns || ts > stream->limit_ts_ns)
		return cpu_stream_next_slow(stream, found, err);
	stream->last_ts_ns = ts;
	stream->records++;
	return 0;
}

/*
 * Back to the first record; the stream's counts start again at 0, the
 * anomalies are its user's to reset.
 */
MUST_CHECK int cpu_stream_rewind(struct cpu_stream *stream, struct err *err);

#endif
