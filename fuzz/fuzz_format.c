/*
 * An event format file, its gfp flags and header_page. The first byte says
 * which machine (bit 0 big-endian, bit 1 a long of 4 bytes), and from bit 2 on
 * of which system the event is.
 */
#include "fuzz/fuzz_target.h"
#include "parser/format.h"
#include "parser/gfp_parse.h"
#include "parser/page.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const char *const systems[] = {"kmem", "ftrace", "task",
					      "vmalloc", "exceptions"};
	const char *text = (const char *)data + 1;
	struct event_format format;
	struct page_layout layout;
	struct gfp_bits bits;
	bool big_endian;

	if (!size)
		return 0;
	big_endian = data[0] & 1;
	if (format_parse(text, size - 1, systems[(data[0] >> 2) % 5],
			 data[0] & 2 ? 4 : 8, big_endian, &format, NULL))
		format.kind = 0;
	if (!gfp_parse(text, size - 1, &bits))
		gfp_of_version(6, data[0], &bits);
	if (page_layout_parse(text, size - 1, big_endian, &layout, NULL))
		layout.page_bytes = 0;
	return 0;
}
