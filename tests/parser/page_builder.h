/*
 * page_builder: ring-buffer pages made by hand, of any byte order and long.
 */
#ifndef TESTS_PARSER_PAGE_BUILDER_H
#define TESTS_PARSER_PAGE_BUILDER_H

#include <stdbool.h>
#include <stdint.h>

#include "parser/page.h"

enum { PAGE_BUILDER_BYTES = 4096 };

struct page_builder {
	uint8_t bytes[PAGE_BUILDER_BYTES + 8];
	uint32_t used; /* bytes of data so far */
	uint32_t data_offset, long_size;
	bool big_endian;
};

/* An empty page of that time. */
void page_builder_init(struct page_builder *page, uint32_t long_size,
		       bool big_endian, uint64_t ts);

/* Any number at any place of the page. */
void page_put(struct page_builder *page, uint32_t at, uint64_t value,
	      uint32_t bytes);

/* At the end of the data: a word; a record's header. */
void page_put_word(struct page_builder *page, uint32_t word);
void page_put_header(struct page_builder *page, uint32_t type, uint32_t delta);

/* A whole record of len bytes (padded to words). */
void page_put_record(struct page_builder *page, uint32_t delta,
		     const void *data, uint32_t len);

/* Writes commit: the bytes used, with these flags. */
void page_builder_end(struct page_builder *page, uint64_t flags);

struct page_layout page_builder_layout(const struct page_builder *page);

#endif
