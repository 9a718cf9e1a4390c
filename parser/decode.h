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
#include "core/source.h"
#include "core/trace.h"
#include "parser/format.h"
#include "parser/name_memo.h"
#include "parser/page.h"
#include "parser/stream_heap.h"

enum { DECODE_SLACK_BYTES = 8 };

/* The formats of one capture by event id, and what decoding counts. */
struct decoder {
	struct event_format *formats; /* owned; format_count of them */
	uint32_t format_count;
	struct event_format **by_id;	     /* UINT16_MAX + 1; NULL: unknown */
	struct event_format **skimmed_by_id; /* not seen yet; NULL: none */
	bool big_endian;
	uint32_t type_offset;	    /* of common_type, the same in all */
	struct trace *trace;	    /* names, comms and tracepoint counts */
	struct anomalies anomalies; /* found by decoding, since rewind */
	bool all_named;		    /* every kmem_cache_alloc names its cache */
	bool light;		    /* source_skim(): SOURCE_WHAT or less */
	uint64_t skim_from;	    /* SOURCE_LARGE, else 0 */
	int32_t last_pid;	    /* memo of trace_is_self() */
	uint32_t last_self;	    /* EVF_SELF or 0: of that pid */
	struct name_memo names;
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
void decoder_skim(struct decoder *decoder, enum source_detail detail,
		  uint64_t large_from);

/*
 * Private: an event that was only skimmed and now turns up; NULL: no such
 * event, or no memory for its name.
 */
struct event_format *decoder_wake(struct decoder *decoder, uint16_t id);

/* Counts start again at 0 (the trace's tracepoint counts as well). */
void decoder_rewind(struct decoder *decoder);

/*
 * Decodes a record; DECODE_SLACK_BYTES beyond its end must be readable. An
 * event that is dropped has been counted as an anomaly.
 */
enum decode_status decoder_event(struct decoder *decoder,
				 const struct page_record *record, uint16_t cpu,
				 struct kmem_event *ev);

/*
 * Decodes up to cap events of the streams whose turn it is, and counts the
 * records of each CPU in the trace. Where events of a CPU were lost an
 * EV_LOST comes before the next of it.
 */
MUST_CHECK int decoder_read(struct decoder *decoder, struct stream_heap *heap,
			    struct kmem_event *events, size_t cap,
			    size_t *count, struct err *err);

#endif
