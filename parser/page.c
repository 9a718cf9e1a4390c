/*
 * A page:
 *
 *   ts_offset      u64   time of the first record
 *   commit_offset  long  bits 0..26 bytes of data, 30 the number of missed
 *                        events follows the data, 31 events were missed
 *   data_offset          records, each on a 4-byte (some machines 8) boundary
 *
 * A record begins with one word: type_len (5 bits) and delta (27 bits), in the
 * low and high bits on little-endian, the reverse on big-endian machines.
 *
 *   1..28   data of type_len words follows
 *   0       a word follows: bytes of that word and the data
 *   29      padding: delta 0: to the end of the page, else a discarded event,
 *           length as with 0; its delta still counts, because the next one was
 *           taken from it
 *   30      time extend: a word follows, delta |= word << 27
 *   31      absolute time stamp: the same 59 bits, the top 5 stay as they were
 *
 * Machines that force 8-byte alignment use type 0 for every record, and the
 * word holds the aligned length, so they need nothing of their own.
 */
#include "parser/page.h"

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "parser/load.h"

enum {
	ABS_TS_BITS = 59,
	PAGE_BYTES_MAX = 1 << 20,
	HEADER_TEXT_MAX = 4096,
};

#define COMMIT_MASK ((1u << 27) - 1)
#define COMMIT_MISSED (1u << 31)
#define COMMIT_STORED (1u << 30)

/* One line of header_page: "field: TYPE NAME;	offset:N;	size:N;" */
static bool find_field(const char *text, const char *name, uint32_t *offset,
		       uint32_t *size)
{
	char key[32];
	const char *at;
	char end;

	/* No ring buffer's number has ten digits, which may be too large. */
	snprintf(key, sizeof(key), " %s;", name);
	at = strstr(text, key);
	return at &&
	       sscanf(at + strlen(key), " offset:%9u; size:%9u%c", offset, size,
		      &end) == 3 &&
	       end == ';';
}

static int check_layout(const struct page_layout *layout, uint32_t ts_bytes,
			uint32_t data_bytes, struct err *err)
{
	if (ts_bytes != 8 ||
	    (layout->commit_bytes != 4 && layout->commit_bytes != 8))
		return err_set(err, ERR_FORMAT,
			       "header_page: time stamp of %u and commit of %u "
			       "bytes are not a ring buffer that is known",
			       ts_bytes, layout->commit_bytes);
	if (data_bytes > PAGE_BYTES_MAX || layout->data_offset > 64 ||
	    data_bytes < 64)
		return err_set(err, ERR_LIMIT,
			       "header_page: data of %u bytes at offset %u is "
			       "no ring-buffer page",
			       data_bytes, layout->data_offset);
	if (layout->ts_offset > layout->data_offset ||
	    layout->ts_offset + 8 > layout->data_offset ||
	    layout->commit_offset > layout->data_offset ||
	    layout->commit_offset + layout->commit_bytes > layout->data_offset)
		return err_set(err, ERR_FORMAT,
			       "header_page: fields lie inside the data");
	return 0;
}

int page_layout_parse(const char *text, size_t len, bool big_endian,
		      struct page_layout *layout, struct err *err)
{
	struct page_layout found = {.big_endian = big_endian};
	char copy[HEADER_TEXT_MAX];
	uint32_t ts_bytes, data_bytes;
	int ret;

	assert(text && layout);
	if (len >= sizeof(copy))
		return err_set(err, ERR_LIMIT, "header_page is too long");
	memcpy(copy, text, len);
	copy[len] = '\0';
	if (!find_field(copy, "timestamp", &found.ts_offset, &ts_bytes) ||
	    !find_field(copy, "commit", &found.commit_offset,
			&found.commit_bytes) ||
	    !find_field(copy, "data", &found.data_offset, &data_bytes))
		return err_set(err, ERR_FORMAT,
			       "header_page lacks timestamp, commit or data");
	ret = check_layout(&found, ts_bytes, data_bytes, err);
	if (ret)
		return ret;
	found.page_bytes = found.data_offset + data_bytes;
	*layout = found;
	return 0;
}

uint64_t page_ts_ns(const struct page_layout *layout, const uint8_t *bytes)
{
	return load_u64(bytes + layout->ts_offset, layout->big_endian);
}

static uint64_t load_long(const struct page_layout *layout,
			  const uint8_t *bytes)
{
	return layout->commit_bytes == 8 ? load_u64(bytes, layout->big_endian)
					 : load_u32(bytes, layout->big_endian);
}

enum page_status page_start(const struct page_layout *layout,
			    const uint8_t *bytes, size_t len,
			    struct page_cursor *cursor)
{
	uint32_t room = layout->page_bytes - layout->data_offset;
	uint64_t commit;
	uint32_t used;

	assert(len <= layout->page_bytes);
	*cursor = (struct page_cursor){.at = bytes, .end = bytes};
	if (len < layout->data_offset)
		return PAGE_CORRUPT;
	commit = load_long(layout, bytes + layout->commit_offset);
	used = (uint32_t)(commit & COMMIT_MASK);
	*cursor = (struct page_cursor){
	    .ts_ns = page_ts_ns(layout, bytes),
	    .missed = commit & COMMIT_MISSED,
	    .at = bytes + layout->data_offset,
	    .end = bytes + layout->data_offset,
	    .big_endian = layout->big_endian,
	};
	if (used > room)
		return PAGE_CORRUPT;
	room = (uint32_t)len - layout->data_offset;
	if (used > room) {
		/* Its last record is cut: page_next() will say so. */
		cursor->end += room;
		cursor->cut = true;
		return PAGE_RECORD;
	}
	cursor->end += used;
	if (cursor->missed && (commit & COMMIT_STORED) &&
	    room - used >= layout->commit_bytes)
		cursor->missed_count = load_long(layout, cursor->end);
	return PAGE_RECORD;
}

/* The kernel stores 59 bits; the top 5 are those of the time before. */
static uint64_t fix_abs_ts(uint64_t ts, uint64_t before)
{
	uint64_t high = before & ~((1ull << ABS_TS_BITS) - 1);

	if (high) {
		ts |= high;
		if (ts < before)
			ts += 1ull << ABS_TS_BITS;
	}
	return ts;
}

/* Types 0 and 29 to 31: a word follows the header. */
static enum page_status next_long(struct page_cursor *cursor, uint32_t type,
				  uint32_t delta, struct page_record *record)
{
	size_t room = (size_t)(cursor->end - cursor->at);
	uint32_t word;

	if (type == PAGE_TYPE_PADDING && !delta) {
		cursor->at = cursor->end;
		return PAGE_END;
	}
	if (room < 8)
		return PAGE_CORRUPT;
	word = load_u32(cursor->at + 4, cursor->big_endian);
	if (type == PAGE_TYPE_TIME_STAMP) {
		cursor->ts_ns = fix_abs_ts(
		    ((uint64_t)word << PAGE_DELTA_BITS) | delta, cursor->ts_ns);
		cursor->at += 8;
		return PAGE_RECORD;
	}
	if (type == PAGE_TYPE_TIME_EXTEND) {
		cursor->ts_ns += ((uint64_t)word << PAGE_DELTA_BITS) + delta;
		cursor->at += 8;
		return PAGE_RECORD;
	}
	if (word < 4 || word > room - 4)
		return PAGE_CORRUPT;
	word = (word + 3) & ~3u;
	if (word > room - 4)
		return PAGE_CORRUPT;
	cursor->ts_ns += delta;
	if (type == PAGE_TYPE_LONG) {
		record->data = cursor->at + 8;
		record->len = word - 4;
	}
	cursor->at += 4 + word;
	return PAGE_RECORD;
}

static enum page_status corrupt(struct page_cursor *cursor)
{
	cursor->at = cursor->end;
	return PAGE_CORRUPT;
}

/* The next record if nothing is to be dealt with first; 4 bytes are there. */
static bool next_short(struct page_cursor *cursor, struct page_record *record)
{
	struct page_record found = {.data = cursor->at, .ts_ns = cursor->ts_ns};

	if (!page_follow(&found, cursor->end, cursor->big_endian))
		return false;
	cursor->at = found.data + found.len;
	cursor->ts_ns = found.ts_ns;
	*record = found;
	return true;
}

enum page_status page_next(struct page_cursor *cursor,
			   struct page_record *record)
{
	record->data = NULL;
	while (!record->data) {
		uint32_t word, type, delta;
		enum page_status status;

		if (cursor->at == cursor->end)
			return cursor->cut ? PAGE_CORRUPT : PAGE_END;
		if (cursor->end - cursor->at < 4)
			return corrupt(cursor);
		if (next_short(cursor, record))
			return PAGE_RECORD;
		word = load_u32(cursor->at, cursor->big_endian);
		type = page_word_type(word, cursor->big_endian);
		delta = page_word_delta(word, cursor->big_endian);
		if (type - 1 < PAGE_TYPE_PADDING - 1)
			return corrupt(cursor);
		status = next_long(cursor, type, delta, record);
		if (status == PAGE_CORRUPT)
			return corrupt(cursor);
		if (status == PAGE_END)
			return PAGE_END;
	}
	record->ts_ns = cursor->ts_ns;
	return PAGE_RECORD;
}
