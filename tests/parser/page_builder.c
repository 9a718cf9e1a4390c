#include "tests/parser/page_builder.h"

#include <assert.h>
#include <string.h>

void page_put(struct page_builder *page, uint32_t at, uint64_t value,
	      uint32_t bytes)
{
	assert(at + bytes <= sizeof(page->bytes));
	for (uint32_t i = 0; i < bytes; i++) {
		uint32_t place = page->big_endian ? bytes - 1 - i : i;

		page->bytes[at + place] = (uint8_t)(value >> (8 * i));
	}
}

void page_put_word(struct page_builder *page, uint32_t word)
{
	page_put(page, page->data_offset + page->used, word, 4);
	page->used += 4;
}

void page_put_header(struct page_builder *page, uint32_t type, uint32_t delta)
{
	page_put_word(page, page->big_endian ? type << 27 | delta
					     : delta << 5 | type);
}

void page_put_record(struct page_builder *page, uint32_t delta,
		     const void *data, uint32_t len)
{
	uint32_t words = (len + 3) / 4;
	uint32_t at;

	if (words <= 28) {
		page_put_header(page, words, delta);
	} else {
		page_put_header(page, 0, delta);
		page_put_word(page, words * 4 + 4);
	}
	at = page->data_offset + page->used;
	assert(at + words * 4 <= PAGE_BUILDER_BYTES);
	memcpy(page->bytes + at, data, len);
	page->used += words * 4;
}

void page_builder_init(struct page_builder *page, uint32_t long_size,
		       bool big_endian, uint64_t ts)
{
	*page = (struct page_builder){.data_offset = 8 + long_size,
				      .long_size = long_size,
				      .big_endian = big_endian};
	page_put(page, 0, ts, 8);
}

void page_builder_end(struct page_builder *page, uint64_t flags)
{
	page_put(page, 8, page->used | flags, page->long_size);
}

struct page_layout page_builder_layout(const struct page_builder *page)
{
	return (struct page_layout){.page_bytes = PAGE_BUILDER_BYTES,
				    .commit_offset = 8,
				    .commit_bytes = page->long_size,
				    .data_offset = page->data_offset,
				    .big_endian = page->big_endian};
}
