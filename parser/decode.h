/*
 * decode: one record of the ring buffer -> one struct kmem_event.
 *
 * Applies the rules of the event that need no other event (event_rules.h).
 */
#ifndef PARSER_DECODE_H
#define PARSER_DECODE_H

#include <stdbool.h>
#include <stdint.h>

#include "core/event.h"
#include "core/trace.h"
#include "parser/format.h"
#include "parser/page.h"

enum { DECODE_SLACK_BYTES = 8, DECODE_NAME_CACHE = 256, DECODE_TEXT_MAX = 56 };

/* The name id of a text seen before, found by its first and last bytes. */
struct decode_name {
	uint64_t first, last; /* 8 bytes each; of fewer: all of them, and 0 */
	uint32_t len;	      /* 0: empty */
	uint32_t id;
	char text[DECODE_TEXT_MAX];
};

/* The formats of one capture by event id, and what decoding counts. */
struct decoder {
	struct event_format *formats; /* owned; format_count of them */
	uint32_t format_count;
	uint16_t *by_id; /* UINT16_MAX + 1 entries: index + 1, 0 unknown */
	uint16_t *skimmed_by_id; /* the same, of those not seen yet; or NULL */
	bool big_endian;
	uint32_t type_offset;	    /* of common_type, the same in all */
	struct trace *trace;	    /* names, comms and tracepoint counts */
	struct anomalies anomalies; /* found by decoding, since rewind */
	bool all_named;		    /* every kmem_cache_alloc names its cache */
	uint64_t skim_from;	    /* source_skim(); 0: nothing is left out */
	bool has_self;
	int32_t last_pid; /* memo of trace_is_self() */
	bool last_pid_self;
	struct decode_name names[DECODE_NAME_CACHE];
};

/* What became of a record. */
enum decode_status { DECODE_EVENT, DECODE_DROPPED, DECODE_NOMEM };

/*
 * Takes over "formats" (malloc'd), whose ids must differ. Adds one row per
 * format to trace->tracepoints (a skimmed one's when it is first seen); trace
 * must outlive the decoder.
 */
MUST_CHECK int decoder_init(struct decoder *decoder, struct trace *trace,
			    struct event_format *formats, uint32_t count,
			    struct err *err);
void decoder_fini(struct decoder *decoder);

/* source_skim() for a source whose events this decoder makes. */
void decoder_skim(struct decoder *decoder, uint64_t large_from);

/*
 * True if skimming leaves this record out: decoder_event() drops it, and who
 * asks first need not call that at all.
 */
static inline bool decoder_skips(const struct decoder *decoder,
				 const struct page_record *record)
{
	const bool be = decoder->big_endian;
	const uint8_t *data = record->data;
	const struct event_format *format;
	uint16_t index;

	if (record->len < decoder->type_offset + 2)
		return false;
	index = decoder->by_id[load_u16(data + decoder->type_offset, be)];
	if (!index)
		return false;
	format = &decoder->formats[index - 1];
	if (format->kind == EV_CACHE_ALLOC || format->kind == EV_CACHE_FREE)
		return true;
	if (record->len < format->min_len)
		return false;
	if (format->kind == EV_KMALLOC)
		return format_load(&format->fields[SLOT_ALLOC], data, be) <
		       decoder->skim_from;
	return format->kind == EV_KFREE &&
	       format_load(&format->fields[SLOT_ADDR], data, be) &
		   (decoder->trace->info.page_size - 1);
}

/* Counts start again at 0 (the trace's tracepoint counts as well). */
void decoder_rewind(struct decoder *decoder);

/*
 * Decodes a record; DECODE_SLACK_BYTES beyond its end must be readable. An
 * event that is dropped has been counted as an anomaly.
 */
enum decode_status decoder_event(struct decoder *decoder,
				 const struct page_record *record, uint16_t cpu,
				 struct kmem_event *ev);

#endif
