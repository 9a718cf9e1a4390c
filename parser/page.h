/*
 * page: decodes one ring-buffer page (sub-buffer) as the kernel wrote it.
 *
 * Glossary
 *   page      a sub-buffer: header (time stamp, commit), then records
 *   commit    bytes of records in the page; the high bits hold flags
 *   record    one trace event: the bytes that its format file describes
 *   delta     27-bit time since the record before
 *
 * Why not libtraceevent's kbuffer: it takes the lengths in a page as true
 * (kbuffer-parse.c, update_pointers() and translate_data() never compare a
 * record's length with the page; kbuffer_load_subbuffer() believes commit), so
 * a damaged page makes it read past its buffer or stand still on a record of
 * length 0. Here every step is checked against the page's end and moves
 * forward by at least 4 bytes. Tests compare the two on every healthy page.
 *
 * Sources: kernel/trace/ring_buffer.c (5.15 to 6.18): rb_event_length(),
 * rb_update_event(), rb_fix_abs_ts(), ring_buffer_read_page(),
 * ring_buffer_print_page_header(); include/linux/ring_buffer.h for the types.
 */
#ifndef PARSER_PAGE_H
#define PARSER_PAGE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "core/err.h"
#include "parser/load.h"

/* Where things lie in a page: tracefs/events/header_page. */
struct page_layout {
	uint32_t page_bytes; /* header and data */
	uint32_t ts_offset;
	uint32_t commit_offset;
	uint32_t commit_bytes; /* 4 or 8: the kernel's long */
	uint32_t data_offset;
	bool big_endian;
};

enum page_status { PAGE_RECORD, PAGE_END, PAGE_CORRUPT };

struct page_record {
	const uint8_t *data; /* inside the page */
	uint32_t len;	     /* bytes, padding to 4 or 8 included */
	uint64_t ts_ns;
};

struct page_cursor {
	bool missed;	       /* events were lost before this page */
	uint64_t missed_count; /* how many; 0: the page does not say */
	uint64_t ts_ns;	       /* of the page, then of the last record */
	/* Private */
	const uint8_t *at, *end;
	bool big_endian;
	bool cut; /* the page has more than is there */
};

/* Reads the text of header_page. Fails with ERR_FORMAT or ERR_LIMIT. */
MUST_CHECK int page_layout_parse(const char *text, size_t len, bool big_endian,
				 struct page_layout *layout, struct err *err);

/*
 * Starts on the page at "bytes", of which len are there (fewer than page_bytes
 * where a file was cut short); they must live while the cursor is used.
 * PAGE_RECORD, or PAGE_CORRUPT where the header is cut or commit is larger
 * than a page.
 */
enum page_status page_start(const struct page_layout *layout,
			    const uint8_t *bytes, size_t len,
			    struct page_cursor *cursor);

/* The time stamp in the header of a page. */
uint64_t page_ts_ns(const struct page_layout *layout, const uint8_t *bytes);

/* A record's first word. Types from 1 to 28 are lengths in words. */
enum page_type {
	PAGE_TYPE_LONG = 0,
	PAGE_TYPE_PADDING = 29,
	PAGE_TYPE_TIME_EXTEND = 30,
	PAGE_TYPE_TIME_STAMP = 31,
};
enum { PAGE_DELTA_BITS = 27 };

static inline uint32_t page_word_type(uint32_t word, bool big_endian)
{
	return big_endian ? word >> PAGE_DELTA_BITS : word & 31;
}

static inline uint32_t page_word_delta(uint32_t word, bool big_endian)
{
	return big_endian ? word & ((1u << PAGE_DELTA_BITS) - 1) : word >> 5;
}

/*
 * The next record; time extends, time stamps and padding are dealt with here.
 * After PAGE_END or PAGE_CORRUPT the page is done.
 */
enum page_status page_next(struct page_cursor *cursor,
			   struct page_record *record);

/*
 * From a record to the one that follows it with nothing between, if that is the
 * common case, one of up to 112 bytes; false leaves it as it was. end is the
 * page's, 4 bytes behind which must be readable; big_endian is the layout's.
 */
static inline bool page_follow(struct page_record *record, const uint8_t *end,
			       bool big_endian)
{
	const uint8_t *at = record->data + record->len;
	uint32_t word = load_u32(at, big_endian);
	uint32_t len = page_word_type(word, big_endian) * 4;

	if (len - 4 >= (PAGE_TYPE_PADDING - 1) * 4 ||
	    (ptrdiff_t)len > end - at - 4)
		return false;
	record->data = at + 4;
	record->len = len;
	record->ts_ns += page_word_delta(word, big_endian);
	return true;
}

#endif
