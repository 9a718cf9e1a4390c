#include "parser/page.h"

#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <traceevent/kbuffer.h>

#include "tests/support/test.h"

enum { PAGE = 4096 };

/* A page under construction. */
struct builder {
	uint8_t bytes[PAGE + 8];
	uint32_t used; /* bytes of data */
	uint32_t data_offset, long_size;
	bool big_endian;
};

static void put(struct builder *page, uint32_t at, uint64_t value,
		uint32_t bytes)
{
	for (uint32_t i = 0; i < bytes; i++) {
		uint32_t place = page->big_endian ? bytes - 1 - i : i;

		page->bytes[at + place] = (uint8_t)(value >> (8 * i));
	}
}

static void put_word(struct builder *page, uint32_t word)
{
	put(page, page->data_offset + page->used, word, 4);
	page->used += 4;
}

static void put_header(struct builder *page, uint32_t type, uint32_t delta)
{
	put_word(page,
		 page->big_endian ? type << 27 | delta : delta << 5 | type);
}

static void page_build(struct builder *page, uint32_t long_size,
		       bool big_endian, uint64_t ts)
{
	*page = (struct builder){.data_offset = 8 + long_size,
				 .long_size = long_size,
				 .big_endian = big_endian};
	put(page, 0, ts, 8);
}

static void page_finish(struct builder *page, uint64_t flags)
{
	put(page, 8, page->used | flags, page->long_size);
}

static struct page_layout layout_of(const struct builder *page)
{
	return (struct page_layout){.page_bytes = PAGE,
				    .commit_offset = 8,
				    .commit_bytes = page->long_size,
				    .data_offset = page->data_offset,
				    .big_endian = page->big_endian};
}

static enum page_status start(const struct builder *page,
			      struct page_cursor *cursor)
{
	struct page_layout layout = layout_of(page);

	return page_start(&layout, page->bytes, PAGE, cursor);
}

static void expect_record(struct page_cursor *cursor, uint64_t ts, uint32_t len,
			  uint8_t first)
{
	struct page_record record;

	expect_i64_eq(page_next(cursor, &record), PAGE_RECORD);
	expect_u64_eq(record.ts_ns, ts);
	expect_u64_eq(record.len, len);
	expect_u64_eq(record.data[0], first);
}

static void expect_status(struct page_cursor *cursor, enum page_status status)
{
	struct page_record record;

	expect_i64_eq(page_next(cursor, &record), status);
	/* And it stays there. */
	expect_i64_eq(page_next(cursor, &record), status == PAGE_END ? PAGE_END
						  : cursor->cut ? PAGE_CORRUPT
								: PAGE_END);
}

/* Every type of record, on each kind of machine. */
static void check_types(uint32_t long_size, bool big_endian)
{
	uint8_t first = big_endian ? 0x11 : 0x44;
	uint64_t top = 0xa8ull << 56; /* the 5 bits that are not stored */
	struct page_cursor cursor;
	struct builder page;

	page_build(&page, long_size, big_endian, top + 1000);
	put_header(&page, 2, 0); /* two words of data */
	put_word(&page, 0x11223344);
	put_word(&page, 0);
	put_header(&page, 30, 5); /* 3 << 27 | 5 ns later */
	put_word(&page, 3);
	put_header(&page, 0, 7); /* length in a word: 4 + 8 */
	put_word(&page, 12);
	put_word(&page, 0x11223344);
	put_word(&page, 0);
	put_header(&page, 29, 9); /* discarded: its delta counts */
	put_word(&page, 8);
	put_word(&page, 0xdeadbeef);
	put_header(&page, 1, 1);
	put_word(&page, 0x11223344);
	put_header(&page, 31, 2); /* at 1 << 40 */
	put_word(&page, 1u << 13);
	put_header(&page, 1, 0);
	put_word(&page, 0x11223344);
	put_header(&page, 29, 0); /* the rest is padding */
	put_word(&page, 0xffffffff);
	page_finish(&page, 0);
	expect_i64_eq(start(&page, &cursor), PAGE_RECORD);
	expect_true(!cursor.missed);
	expect_record(&cursor, top + 1000, 8, first);
	expect_record(&cursor, top + 1012 + (3ull << 27), 8, first);
	expect_record(&cursor, top + 1022 + (3ull << 27), 4, first);
	expect_record(&cursor, top + (1ull << 40) + 2, 4, first);
	expect_status(&cursor, PAGE_END);
}

static void test_record_types(void **state)
{
	(void)state;
	check_types(8, false);
	check_types(4, false);
	check_types(8, true);
	check_types(4, true);
}

static void test_missed_events(void **state)
{
	struct page_cursor cursor;
	struct builder page;

	(void)state;
	page_build(&page, 8, true, 5);
	put_header(&page, 1, 0);
	put_word(&page, 1);
	put(&page, page.data_offset + page.used, 4711, 8);
	page_finish(&page, 3u << 30);
	expect_i64_eq(start(&page, &cursor), PAGE_RECORD);
	expect_true(cursor.missed);
	expect_u64_eq(cursor.missed_count, 4711);
	page_finish(&page, 1u << 31);
	expect_i64_eq(start(&page, &cursor), PAGE_RECORD);
	expect_true(cursor.missed);
	expect_u64_eq(cursor.missed_count, 0);
	expect_record(&cursor, 5, 4, 0);
	expect_status(&cursor, PAGE_END);
}

/* One damaged word each: the records before it are given, then it stops. */
static void test_corrupt_records(void **state)
{
	static const uint32_t bad[][2] = {
	    {3, 0},		 /* three words, where one is left */
	    {0, 0},		 /* length 0 */
	    {0, 3},		 /* shorter than its own word */
	    {0, 4096},		 /* longer than the page */
	    {0, 0xfffffffe},	 /* wraps when rounded up */
	    {29 | 1 << 5, 4096}, /* discarded, longer than the page */
	};

	(void)state;
	for (size_t i = 0; i < sizeof(bad) / sizeof(*bad); i++) {
		struct page_cursor cursor;
		struct builder page;

		page_build(&page, 8, false, 5);
		put_header(&page, 1, 0);
		put_word(&page, 1);
		put_word(&page, bad[i][0]);
		put_word(&page, bad[i][1]);
		page_finish(&page, 0);
		expect_i64_eq(start(&page, &cursor), PAGE_RECORD);
		expect_record(&cursor, 5, 4, 1);
		expect_status(&cursor, PAGE_CORRUPT);
	}
}

static void test_commit_beyond_page(void **state)
{
	struct page_cursor cursor;
	struct builder page;

	(void)state;
	page_build(&page, 8, false, 5);
	put(&page, 8, PAGE - 15, 8);
	expect_i64_eq(start(&page, &cursor), PAGE_CORRUPT);
	expect_status(&cursor, PAGE_END);
	put(&page, 8, PAGE - 16, 8);
	expect_i64_eq(start(&page, &cursor), PAGE_RECORD);
}

/* A page cut at every byte gives a prefix of its records. */
static void test_cut_page(void **state)
{
	struct builder page;
	struct page_layout layout;
	uint32_t records = 20;

	(void)state;
	page_build(&page, 8, false, 5);
	for (uint32_t i = 0; i < records; i++) {
		put_header(&page, 2, 1);
		put_word(&page, i);
		put_word(&page, i);
	}
	page_finish(&page, 0);
	layout = layout_of(&page);
	for (size_t len = 0; len <= 16 + page.used; len++) {
		uint8_t *copy = malloc(len + 1);
		struct page_cursor cursor;
		struct page_record record;
		uint32_t got = 0;

		memcpy(copy, page.bytes, len);
		if (page_start(&layout, copy, len, &cursor) == PAGE_RECORD)
			while (page_next(&cursor, &record) == PAGE_RECORD)
				got++;
		expect_u64_eq(got, len < 16 ? 0 : (len - 16) / 12);
		expect_true(len < 16 || cursor.cut == (len < 16 + page.used));
		free(copy);
	}
}

static const char header_4k[] =
    "\tfield: u64 timestamp;\toffset:0;\tsize:8;\tsigned:0;\n"
    "\tfield: local_t commit;\toffset:8;\tsize:4;\tsigned:1;\n"
    "\tfield: int overwrite;\toffset:8;\tsize:1;\tsigned:1;\n"
    "\tfield: char data;\toffset:16;\tsize:4080;\tsigned:1;\n";

static void test_layout(void **state)
{
	struct page_layout layout;
	struct err err = {0};
	char text[sizeof(header_4k)];

	(void)state;
	/* Data at 16 behind a commit of 4: 32-bit ARM that aligns to 8. */
	assert_int_equal(page_layout_parse(header_4k, strlen(header_4k), false,
					   &layout, &err),
			 0);
	expect_u64_eq(layout.page_bytes, 4096);
	expect_u64_eq(layout.data_offset, 16);
	expect_u64_eq(layout.commit_bytes, 4);
	/* No prefix of it is taken for the whole. */
	for (size_t len = 0; len < strlen(header_4k) - 13; len++)
		expect_true(page_layout_parse(header_4k, len, false, &layout,
					      &err) < 0);
	memcpy(text, header_4k, sizeof(text));
	memcpy(strstr(text, "size:4080"), "size:9999999", 12);
	expect_i64_eq(
	    page_layout_parse(text, strlen(text), false, &layout, &err),
	    ERR_LIMIT);
}

/* Every record of a page as kbuffer sees it. */
static uint64_t check_against_kbuffer(struct kbuffer *kbuf,
				      const struct page_layout *layout,
				      uint8_t *page)
{
	struct page_cursor cursor;
	struct page_record record;
	unsigned long long ts;
	uint64_t records = 0;
	void *data;

	expect_i64_eq(kbuffer_load_subbuffer(kbuf, page), 0);
	expect_i64_eq(page_start(layout, page, layout->page_bytes, &cursor),
		      PAGE_RECORD);
	expect_true(cursor.missed == (kbuffer_missed_events(kbuf) != 0));
	for (data = kbuffer_read_event(kbuf, &ts); data;
	     data = kbuffer_next_event(kbuf, &ts)) {
		expect_i64_eq(page_next(&cursor, &record), PAGE_RECORD);
		expect_true(record.data == data);
		expect_u64_eq(record.ts_ns, ts);
		expect_u64_eq(record.len, (uint64_t)kbuffer_event_size(kbuf));
		records++;
	}
	expect_status(&cursor, PAGE_END);
	return records;
}

static void check_capture(const char *name, uint64_t expected)
{
	const char *dir = test_capture(name);
	struct page_layout layout;
	struct err err = {0};
	struct kbuffer *kbuf;
	uint64_t records = 0;
	char path[512], text[1024];
	uint8_t *page;
	FILE *file;
	size_t len;

	assert_non_null(dir);
	snprintf(path, sizeof(path), "%s/tracefs/events/header_page", dir);
	file = fopen(path, "rb");
	assert_non_null(file);
	len = fread(text, 1, sizeof(text), file);
	fclose(file);
	assert_int_equal(page_layout_parse(text, len, false, &layout, &err), 0);
	kbuf = kbuffer_alloc(layout.commit_bytes == 8 ? KBUFFER_LSIZE_8
						      : KBUFFER_LSIZE_4,
			     KBUFFER_ENDIAN_LITTLE);
	snprintf(path, sizeof(path), "%s/cpu/0.raw", dir);
	file = fopen(path, "rb");
	page = malloc(layout.page_bytes);
	assert_non_null(file);
	while (fread(page, layout.page_bytes, 1, file) == 1)
		records += check_against_kbuffer(kbuf, &layout, page);
	expect_u64_eq(records, expected);
	fclose(file);
	free(page);
	kbuffer_free(kbuf);
}

static void test_kbuffer_agrees(void **state)
{
	(void)state;
	check_capture("mixed-slub", 408766);
	check_capture("mixed-slab", 393081);
	check_capture("mixed-slob", 447136);
	check_capture("files-slub", 264372);
	check_capture("arm32-partial", 20488);
	check_capture("mixed-arm64-64k", 291747);
	check_capture("debian61-boot-kmalloc", 192033);
}

/*
 * Random bits flipped in a page: no read outside it (ASan watches the exact
 * allocation) and an end after at most one record per word.
 */
static void test_flipped_bits(void **state)
{
	struct builder page;
	struct page_layout layout;
	unsigned int seed = 20261122;

	(void)state;
	page_build(&page, 8, false, 5);
	for (uint32_t i = 0; page.used < 4000; i++) {
		uint32_t words = 1 + i % 20;

		put_header(&page, words, i);
		for (uint32_t w = 0; w < words; w++)
			put_word(&page, i * 77 + w);
	}
	page_finish(&page, 0);
	layout = layout_of(&page);
	for (int round = 0; round < 3000; round++) {
		uint8_t *copy = malloc(PAGE);
		struct page_cursor cursor;
		struct page_record record;
		uint32_t records = 0;

		memcpy(copy, page.bytes, PAGE);
		for (int flip = 0; flip < 1 + round % 40; flip++) {
			uint32_t at = (uint32_t)rand_r(&seed) % (PAGE * 8);

			copy[at / 8] ^= (uint8_t)(1u << at % 8);
		}
		if (page_start(&layout, copy, PAGE, &cursor) == PAGE_RECORD)
			while (page_next(&cursor, &record) == PAGE_RECORD) {
				expect_true(record.data >= copy + 16);
				expect_true(record.data + record.len <=
					    copy + PAGE);
				expect_true(++records <= PAGE / 4);
			}
		free(copy);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_record_types),
	    cmocka_unit_test(test_missed_events),
	    cmocka_unit_test(test_corrupt_records),
	    cmocka_unit_test(test_commit_beyond_page),
	    cmocka_unit_test(test_cut_page),
	    cmocka_unit_test(test_layout),
	    cmocka_unit_test(test_kbuffer_agrees),
	    cmocka_unit_test(test_flipped_bits),
	};

	return test_exit(cmocka_run_group_tests(tests, NULL, NULL));
}
