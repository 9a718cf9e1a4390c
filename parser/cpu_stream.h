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
	uint32_t cpu;
	uint64_t size_bytes, read_bytes; /* for progress */
	uint64_t missed_total;
	struct anomalies *anomalies; /* counted into */
	struct page_cursor cursor;   /* behind the record */
	uint64_t limit_ts_ns;
	/* Private */
	struct page_file file;
	const struct page_layout *layout;
	uint8_t *buffer;
	size_t buffer_cap, buffer_len, buffer_at;
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

/* Loads the next record, which lives until the next call, or sets done. */
MUST_CHECK int cpu_stream_next(struct cpu_stream *stream, struct err *err);

/*
 * The next record at once, for a user who keeps it himself and in the end gives
 * it to cpu_stream_keep(); false leaves it as it was, for cpu_stream_next().
 * "end" is cpu_stream_end() of the record that he began with.
 */
static inline bool cpu_stream_step(const struct cpu_stream *stream,
				   struct page_record *record,
				   const uint8_t *end, bool big_endian)
{
	struct page_record next = *record;

	if (!page_follow(&next, end, big_endian) ||
	    next.ts_ns < record->ts_ns || next.ts_ns > stream->limit_ts_ns)
		return false;
	*record = next;
	return true;
}

/* How far cpu_stream_step() may go: not where the time was mended. */
static inline const uint8_t *cpu_stream_end(const struct cpu_stream *stream)
{
	return stream->record.ts_ns == stream->cursor.ts_ns ? stream->cursor.end
							    : stream->cursor.at;
}

/* The record that cpu_stream_step() came to from the loaded one. */
static inline void cpu_stream_keep(struct cpu_stream *stream,
				   struct page_record record,
				   const uint8_t *end)
{
	stream->record = record;
	if (end == stream->cursor.end) {
		stream->cursor.at = record.data + record.len;
		stream->cursor.ts_ns = record.ts_ns;
	}
}

/*
 * Back to the first record; the stream's counts start again at 0, the
 * anomalies are its user's to reset.
 */
MUST_CHECK int cpu_stream_rewind(struct cpu_stream *stream, struct err *err);

#endif
