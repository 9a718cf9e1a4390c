/*
 * A ring-buffer page of any kind and the records in it. The first byte says
 * which machine: bit 0 big-endian, bit 1 a long of 4 bytes; bit 2: the event
 * ids are made known ones.
 */
#include <stdlib.h>
#include <string.h>

#include "fuzz/fuzz_target.h"
#include "parser/decode.h"
#include "parser/page.h"

enum { PAGE_MAX = 8192, KINDS = EV_KIND_COUNT - 1 };

/* One format per kind: fields side by side, the name by data_loc. */
static struct event_format *make_formats(uint8_t long_size)
{
	struct event_format *formats = calloc(KINDS, sizeof(*formats));

	for (uint32_t i = 0; formats && i < KINDS; i++) {
		struct event_format *format = &formats[i];

		format->id = i;
		format->kind = (uint8_t)(i + 1);
		format->min_len = 8;
		format->text_form = (uint8_t)(i % 5);
		format->text_offset = 8;
		format->text_bytes = format->text_form == TEXT_ARRAY	  ? 16
				     : format->text_form >= TEXT_DATA_LOC ? 4
									  : 0;
		format->min_len += format->text_bytes;
		format->text_is_path = format->kind == EV_TASK_EXEC;
		for (uint32_t slot = 0; slot < SLOT_COUNT; slot++) {
			struct format_field *field = &format->fields[slot];
			uint32_t size = slot % 3 ? long_size : 4;

			*field =
			    format_number((uint16_t)(slot * 4), size, slot % 2);
			if (field->offset + size > format->min_len)
				format->min_len = field->offset + size;
		}
	}
	return formats;
}

static void decode_page(struct decoder *decoder,
			const struct page_layout *layout, uint8_t *page,
			size_t size, bool known_ids)
{
	struct page_cursor cursor;
	struct page_record record;
	struct kmem_event ev;

	if (page_start(layout, page, size, &cursor) != PAGE_RECORD)
		return;
	while (page_next(&cursor, &record) == PAGE_RECORD) {
		if (known_ids) {
			uint8_t *id = page + (record.data - page);

			id[layout->big_endian] %= KINDS;
			id[!layout->big_endian] = 0;
		}
		if (decoder_event(decoder, &record, 0, &ev) == DECODE_NOMEM)
			break;
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct page_layout layout = {.commit_offset = 8};
	struct trace trace = {.info.big_endian = size && (data[0] & 1)};
	struct decoder *decoder = malloc(sizeof(*decoder));
	struct event_format *formats;
	uint8_t *page;

	layout.commit_bytes = size && (data[0] & 2) ? 4 : 8;
	layout.data_offset = 8 + layout.commit_bytes;
	layout.page_bytes = PAGE_MAX;
	layout.big_endian = trace.info.big_endian;
	formats = make_formats((uint8_t)layout.commit_bytes);
	if (size < 1 || size - 1 > PAGE_MAX || !formats || !decoder) {
		free(formats);
		free(decoder);
		return 0;
	}
	/* The slack that the decoder may read behind a record. */
	page = calloc(1, size - 1 + DECODE_SLACK_BYTES);
	memcpy(page, data + 1, size - 1);
	if (!decoder_init(decoder, &trace, formats, KINDS, NULL))
		decode_page(decoder, &layout, page, size - 1, data[0] & 4);
	decoder_fini(decoder);
	trace_fini(&trace);
	free(decoder);
	free(page);
	return 0;
}
