#include "parser/page.h"

#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <traceevent/kbuffer.h>

#include "tests/parser/page_builder.h"
#include "tests/support/test.h"

static enum page_status start(const struct page_builder *page,
			      struct page_cursor *cursor)
{
	struct page_layout layout = page_builder_layout(page);

	return page_start(&layout, page->bytes, PAGE_BUILDER_BYTES, cursor);
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
	struct page_builder page;

	page_builder_init(&page, long_size, big_endian, top + 1000);
	page_put_header(&page, 2, 0); /* two words of data */
	page_put_word(&page, 0x11223344);
	page_put_word(&page, 0);
	page_put_header(&page, 30, 5); /* 3 << 27 | 5 ns later */
	page_put_word(&page, 3);
	page_put_header(&page, 0, 7); /* length in a word: 4 + 8 */
	page_put_word(&page, 12);
	page_put_word(&page, 0x11223344);
	page_put_word(&page, 0);
	page_put_header(&page, 29, 9); /* discarded: its delta counts */
	page_put_word(&page, 8);
	page_put_word(&page, 0xdeadbeef);
	page_put_header(&page, 1, 1);
	page_put_word(&page, 0x11223344);
	page_put_header(&page, 31, 2); /* at 1 << 40 */
	page_put_word(&page, 1u << 13);
	page_put_header(&page, 1, 0);
	page_put_word(&page, 0x11223344);
	page_put_header(&page, 29, 0); /* the rest is padding */
	page_put_word(&page, 0xffffffff);
	page_builder_end(&page, 0);
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
	struct page_builder page;

	(void)state;
	page_builder_init(&page, 8, true, 5);
	page_put_header(&page, 1, 0);
	page_put_word(&page, 1);
	page_put(&page, page.data_offset + page.used, 4711, 8);
	page_builder_end(&page, 3u << 30);
	expect_i64_eq(start(&page, &cursor), PAGE_RECORD);
	expect_true(cursor.missed);
	expect_u64_eq(cursor.missed_count, 4711);
	page_builder_end(&page, 1u << 31);
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
		struct page_builder page;

		page_builder_init(&page, 8, false, 5);
		page_put_header(&page, 1, 0);
		page_put_word(&page, 1);
		page_put_word(&page, bad[i][0]);
		page_put_word(&page, bad[i][1]);
		page_builder_end(&page, 0);
		expect_i64_eq(start(&page, &cursor), PAGE_RECORD);
		expect_record(&cursor, 5, 4, 1);
		expect_status(&cursor, PAGE_CORRUPT);
	}
}

static void test_commit_beyond_page(void **state)
{
	struct page_cursor cursor;
	struct page_builder page;

	(void)state;
	page_builder_init(&page, 8, false, 5);
	page_put(&page, 8, PAGE_BUILDER_BYTES - 15, 8);
	expect_i64_eq(start(&page, &cursor), PAGE_CORRUPT);
	expect_status(&cursor, PAGE_END);
	page_put(&page, 8, PAGE_BUILDER_BYTES - 16, 8);
	expect_i64_eq(start(&page, &cursor), PAGE_RECORD);
}

/* A page cut at every byte gives a prefix of its records. */
static void test_cut_page(void **state)
{
	struct page_builder page;
	struct page_layout layout;
	uint32_t records = 20;

	(void)state;
	page_builder_init(&page, 8, false, 5);
	for (uint32_t i = 0; i < records; i++) {
		page_put_header(&page, 2, 1);
		page_put_word(&page, i);
		page_put_word(&page, i);
	}
	page_builder_end(&page, 0);
	layout = page_builder_layout(&page);
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
	char text[sizeof(header_4k) + 8];

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
	snprintf(text, sizeof(text), "%.*s9999999;\n",
		 (int)(strstr(header_4k, "4080") - header_4k), header_4k);
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
	struct page_builder page;
	struct page_layout layout;
	unsigned int seed = 20261122;

	(void)state;
	page_builder_init(&page, 8, false, 5);
	for (uint32_t i = 0; page.used < 4000; i++) {
		uint32_t words = 1 + i % 20;

		page_put_header(&page, words, i);
		for (uint32_t w = 0; w < words; w++)
			page_put_word(&page, i * 77 + w);
	}
	page_builder_end(&page, 0);
	layout = page_builder_layout(&page);
	for (int round = 0; round < 3000; round++) {
		uint8_t *copy = malloc(PAGE_BUILDER_BYTES);
		struct page_cursor cursor;
		struct page_record record;
		uint32_t records = 0;

		memcpy(copy, page.bytes, PAGE_BUILDER_BYTES);
		for (int flip = 0; flip < 1 + round % 40; flip++) {
			uint32_t at =
			    (uint32_t)rand_r(&seed) % (PAGE_BUILDER_BYTES * 8);

			copy[at / 8] ^= (uint8_t)(1u << at % 8);
		}
		if (page_start(&layout, copy, PAGE_BUILDER_BYTES, &cursor) ==
		    PAGE_RECORD)
			while (page_next(&cursor, &record) == PAGE_RECORD) {
				expect_true(record.data >= copy + 16);
				expect_true(record.data + record.len <=
					    copy + PAGE_BUILDER_BYTES);
				expect_true(++records <=
					    PAGE_BUILDER_BYTES / 4);
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
