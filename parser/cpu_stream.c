#include "parser/cpu_stream.h"

#include <assert.h>
#include <stdlib.h>

enum {
	BUFFER_BYTES = 256 * 1024,
	SLACK_BYTES = 64,      /* the decoder's loads may run past a record */
	HEADER_BYTES_MAX = 64, /* page_layout_parse() checks that */
};

/* Fills the buffer from the file's next pages; the last may be cut short. */
static int refill(struct cpu_stream *stream, struct err *err)
{
	int ret;

	stream->buffer_at = 0;
	ret = page_file_read(&stream->file, stream->buffer, stream->buffer_cap,
			     stream->read_bytes, &stream->buffer_len, err);
	stream->read_bytes += stream->buffer_len;
	return ret;
}

/*
 * No record of a page is younger than the next page. That bounds what a
 * damaged time stamp can do to the page that it is in.
 */
static int set_limit(struct cpu_stream *stream, struct err *err)
{
	uint8_t header[HEADER_BYTES_MAX];
	const uint8_t *next = stream->buffer + stream->buffer_at;
	size_t got = stream->buffer_len - stream->buffer_at;
	uint64_t ts;

	stream->limit_ts_ns = UINT64_MAX;
	if (!got) {
		int ret = page_file_read(&stream->file, header,
					 stream->layout->data_offset,
					 stream->read_bytes, &got, err);

		if (ret)
			return ret;
		next = header;
	}
	if (got < stream->layout->data_offset)
		return 0;
	ts = page_ts_ns(stream->layout, next);
	if (ts >= stream->record.ts_ns)
		stream->limit_ts_ns = ts;
	return 0;
}

static void note_missed(struct cpu_stream *stream)
{
	const struct page_cursor *cursor = &stream->cursor;

	if (!cursor->missed)
		return;
	stream->missed = true;
	stream->missed_count += cursor->missed_count;
	stream->missed_total += cursor->missed_count;
	stream->anomalies->count[ANOMALY_GAP]++;
}

/* Starts on the next page that can be read, or sets done. */
static int next_page(struct cpu_stream *stream, struct err *err)
{
	size_t page_bytes = stream->layout->page_bytes;

	for (;;) {
		const uint8_t *page;
		size_t len;
		int ret;

		if (stream->buffer_at == stream->buffer_len) {
			ret = refill(stream, err);
			if (ret)
				return ret;
		}
		len = stream->buffer_len - stream->buffer_at;
		if (!len) {
			stream->done = true;
			return 0;
		}
		if (len > page_bytes)
			len = page_bytes;
		page = stream->buffer + stream->buffer_at;
		stream->buffer_at += len;
		if (len < page_bytes)
			stream->anomalies->count[ANOMALY_TRUNCATED_PAGE]++;
		if (page_start(stream->layout, page, len, &stream->cursor) ==
		    PAGE_RECORD) {
			note_missed(stream);
			return set_limit(stream, err);
		}
		if (len == page_bytes)
			stream->anomalies->count[ANOMALY_CORRUPT_PAGE]++;
	}
}

/* The record that was found, with a time that does not go backwards. */
static void take_record(struct cpu_stream *stream, struct page_record found)
{
	uint64_t last = stream->record.ts_ns;

	stream->record = found;
	if (found.ts_ns < last || found.ts_ns > stream->limit_ts_ns) {
		stream->anomalies->count[ANOMALY_TIME_BACKWARDS]++;
		stream->record.ts_ns =
		    found.ts_ns < last ? last : stream->limit_ts_ns;
	}
}

int cpu_stream_next(struct cpu_stream *stream, struct err *err)
{
	struct page_record found;
	enum page_status status;

	while ((status = page_next(&stream->cursor, &found)) != PAGE_RECORD) {
		int ret;

		/* A cut page was counted as such when it was started. */
		if (status == PAGE_CORRUPT && !stream->cursor.cut)
			stream->anomalies->count[ANOMALY_CORRUPT_PAGE]++;
		ret = next_page(stream, err);
		if (ret || stream->done)
			return ret;
	}
	take_record(stream, found);
	return 0;
}

int cpu_stream_open(struct cpu_stream *stream, const char *path, uint32_t cpu,
		    const struct page_layout *layout,
		    struct anomalies *anomalies, struct err *err)
{
	struct page_file file;
	int ret = page_file_open(&file, path, err);

	if (ret) {
		page_file_close(&file);
		*stream = (struct cpu_stream){.file.fd = -1, .done = true};
		return ret;
	}
	return cpu_stream_start(stream, &file, cpu, layout, anomalies, err);
}

int cpu_stream_start(struct cpu_stream *stream, struct page_file *file,
		     uint32_t cpu, const struct page_layout *layout,
		     struct anomalies *anomalies, struct err *err)
{
	assert(stream && file && layout);
	*stream = (struct cpu_stream){.file = *file,
				      .cpu = cpu,
				      .size_bytes = file->size_bytes,
				      .layout = layout,
				      .anomalies = anomalies};
	*file = (struct page_file){.fd = -1};
	stream->buffer_cap = layout->page_bytes;
	if (stream->buffer_cap < BUFFER_BYTES)
		stream->buffer_cap =
		    BUFFER_BYTES / layout->page_bytes * layout->page_bytes;
	stream->buffer = calloc(1, stream->buffer_cap + SLACK_BYTES);
	if (!stream->buffer)
		return err_set(err, ERR_NOMEM, "no memory to read %s",
			       stream->file.path);
	return cpu_stream_rewind(stream, err);
}

int cpu_stream_rewind(struct cpu_stream *stream, struct err *err)
{
	stream->done = false;
	stream->read_bytes = 0;
	stream->missed = false;
	stream->missed_count = 0;
	stream->missed_total = 0;
	stream->buffer_at = 0;
	stream->buffer_len = 0;
	stream->record = (struct page_record){0};
	stream->cursor = (struct page_cursor){0};
	return cpu_stream_next(stream, err);
}

void cpu_stream_close(struct cpu_stream *stream)
{
	page_file_close(&stream->file);
	free(stream->buffer);
	*stream = (struct cpu_stream){.file.fd = -1, .done = true};
}
