#include "parser/perf_records.h"

#include <assert.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <zstd.h>

#include "parser/load.h"
#include "parser/perf_format.h"

enum {
	BUFFER_BYTES = 1 << 20,
	PLAIN_BYTES = 1 << 20,
	SLACK_BYTES = 64, /* the decoder's loads may run past a record */
};

int perf_records_open(struct perf_records *records, int fd, const char *path,
		      bool big_endian, uint64_t begin, uint64_t end,
		      struct err *err)
{
	assert(records && path && begin <= end);
	*records = (struct perf_records){.fd = fd,
					 .path = path,
					 .big_endian = big_endian,
					 .begin = begin,
					 .end = end};
	records->buffer = calloc(1, BUFFER_BYTES + SLACK_BYTES);
	if (!records->buffer)
		return err_set(err, ERR_NOMEM, "no memory to read %s", path);
	perf_records_rewind(records);
	return 0;
}

void perf_records_close(struct perf_records *records)
{
	free(records->buffer);
	free(records->plain);
	ZSTD_freeDCtx(records->stream);
	*records = (struct perf_records){.fd = -1};
}

void perf_records_rewind(struct perf_records *records)
{
	records->at = records->begin;
	records->cut = records->damaged = false;
	records->buffer_at = 0;
	records->buffer_len = 0;
	records->plain_from = records->plain_len = 0;
	records->packed_len = 0;
	records->packed_more = false;
	if (records->stream)
		ZSTD_DCtx_reset(records->stream, ZSTD_reset_session_only);
}

/*
 * Makes "want" bytes (at most BUFFER_BYTES) at records->at lie in the buffer;
 * *got is less at the end of the file only.
 */
static int look(struct perf_records *records, size_t want,
		const uint8_t **bytes, size_t *got, struct err *err)
{
	uint64_t from = records->at - records->buffer_at;
	size_t have = 0;

	if (records->at >= records->buffer_at && from < records->buffer_len)
		have = records->buffer_len - (size_t)from;
	if (have < want) {
		size_t room = BUFFER_BYTES;
		uint64_t left = records->end - records->at;

		memmove(records->buffer, records->buffer + from * (have > 0),
			have);
		if (room > left)
			room = (size_t)left;
		while (have < room) {
			ssize_t n =
			    pread(records->fd, records->buffer + have,
				  room - have, (off_t)(records->at + have));

			if (n < 0 && errno == EINTR)
				continue;
			if (n < 0)
				return err_set(err, ERR_IO, "%s: %s",
					       records->path, strerror(errno));
			if (!n)
				break;
			have += (size_t)n;
		}
		records->buffer_at = records->at;
		records->buffer_len = have;
		from = 0;
	}
	*bytes = records->buffer + from;
	*got = have < want ? have : want;
	return 0;
}

/* Type, misc and size; false if that is no record. */
static bool header(const struct perf_records *records, const uint8_t *bytes,
		   struct perf_record *record, size_t *size)
{
	record->type = load_u32(bytes, records->big_endian);
	record->misc = load_u16(bytes + 4, records->big_endian);
	*size = load_u16(bytes + 6, records->big_endian);
	record->body = bytes + PERF_RECORD_HEADER_BYTES;
	record->len = *size - PERF_RECORD_HEADER_BYTES;
	return *size >= PERF_RECORD_HEADER_BYTES;
}

/* The next record of the file itself. */
static int next_outer(struct perf_records *records,
		      enum perf_records_status *status,
		      struct perf_record *record, struct err *err)
{
	const uint8_t *bytes = NULL;
	size_t got = 0, size;
	int ret;

	*status = PERF_RECORDS_END;
	ret = look(records, PERF_RECORD_HEADER_BYTES, &bytes, &got, err);
	if (ret || !got)
		return ret;
	if (got < PERF_RECORD_HEADER_BYTES) {
		records->cut = true;
		return 0;
	}
	if (!header(records, bytes, record, &size)) {
		records->damaged = true;
		return 0;
	}
	ret = look(records, size, &bytes, &got, err);
	if (ret)
		return ret;
	if (got < size) {
		records->cut = true;
		return 0;
	}
	record->body = bytes + PERF_RECORD_HEADER_BYTES;
	record->at = records->at;
	records->at += size;
	*status = PERF_RECORDS_ONE;
	return 0;
}

/* Data that follows the record; false if the file does not have it. */
static bool skip_payload(struct perf_records *records,
			 const struct perf_record *record)
{
	uint64_t len = 0, left = records->end - records->at;

	if (record->type == PERF_AUXTRACE && record->len >= 8)
		len = load_u64(record->body, records->big_endian);
	if (record->type == PERF_HEADER_TRACING_DATA && record->len >= 4) {
		len = load_u32(record->body, records->big_endian);
		len = (len + 7) & ~7ull;
	}
	if (len > left) {
		records->cut = true;
		records->at = records->end;
		return false;
	}
	records->at += len;
	return true;
}

static int start_packed(struct perf_records *records,
			const struct perf_record *record, struct err *err)
{
	size_t head = 0, len = record->len;

	if (!records->stream) {
		records->stream = ZSTD_createDCtx();
		records->plain = calloc(1, PLAIN_BYTES + SLACK_BYTES);
	}
	if (!records->stream || !records->plain)
		return err_set(err, ERR_NOMEM, "no memory to unpack %s",
			       records->path);
	/* The second form says how much of it is data. */
	if (record->type == PERF_COMPRESSED2) {
		uint64_t told = 0;

		head = 8;
		if (len >= head)
			told = load_u64(record->body, records->big_endian);
		if (len < head || told > len - head) {
			records->damaged = true;
			return 0;
		}
		len = head + (size_t)told;
	}
	records->packed = record->body + head;
	records->packed_len = len - head;
	records->packed_more = true;
	records->packed_at = record->at;
	return 0;
}

/* Unpacks as much as there is room for. */
static void unpack(struct perf_records *records)
{
	ZSTD_inBuffer in = {records->packed, records->packed_len, 0};
	ZSTD_outBuffer out = {records->plain, PLAIN_BYTES, 0};
	size_t left = records->plain_len - records->plain_from;
	size_t status;

	memmove(records->plain, records->plain + records->plain_from, left);
	records->plain_from = 0;
	out.pos = left;
	status = ZSTD_decompressStream(records->stream, &out, &in);
	records->plain_len = out.pos;
	if (ZSTD_isError(status)) {
		records->damaged = true;
		records->packed_len = 0;
		records->packed_more = false;
		return;
	}
	records->packed += in.pos;
	records->packed_len -= in.pos;
	/* A full buffer may mean that the stream has more to give. */
	records->packed_more =
	    records->packed_len > 0 || out.pos == PLAIN_BYTES;
}

/* A record that was unpacked; false if more must be unpacked first. */
static bool next_inner(struct perf_records *records, struct perf_record *record)
{
	size_t left = records->plain_len - records->plain_from, size;

	if (left < PERF_RECORD_HEADER_BYTES)
		return false;
	if (!header(records, records->plain + records->plain_from, record,
		    &size)) {
		records->damaged = true;
		return false;
	}
	if (size > left)
		return false;
	record->at = records->packed_at;
	records->plain_from += size;
	return true;
}

int perf_records_next(struct perf_records *records,
		      enum perf_records_status *status,
		      struct perf_record *record, struct err *err)
{
	for (;;) {
		int ret;

		*status = PERF_RECORDS_ONE;
		if (next_inner(records, record))
			return 0;
		if (!records->damaged && records->packed_more) {
			unpack(records);
			continue;
		}
		*status = PERF_RECORDS_END;
		if (records->damaged || records->cut)
			return 0;
		ret = next_outer(records, status, record, err);
		if (ret)
			return ret;
		if (*status == PERF_RECORDS_END) {
			records->cut |=
			    records->plain_len > records->plain_from;
			return 0;
		}
		if (record->type != PERF_COMPRESSED &&
		    record->type != PERF_COMPRESSED2) {
			if (!skip_payload(records, record))
				*status = PERF_RECORDS_END;
			return 0;
		}
		ret = start_packed(records, record, err);
		if (ret)
			return ret;
	}
}
