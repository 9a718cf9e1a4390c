/*
 * text_event: a line of a trace as text -> one struct kmem_event.
 *
 * Fields are found by name ("ptr=", "pfn="), wherever they stand, as the
 * kernel's print formats have them (include/trace/events/kmem.h of 4.19 to
 * 6.18), libtraceevent (trace-cmd report, perf script) prints them, and the
 * option "fields" does. The rules for failures and impossible values are
 * those of parser/decode.h.
 *
 * What a text tells in its own way:
 *   failed page allocation  page=0 pfn=0: the kernel prints no -1
 *   NULL pointer            0000000000000000, "(null)" (before 5.2), "(nil)"
 *   pointers                "%p" is a hash of 32 bits unless the option
 *                           hash-ptr is off; "(____ptrval____)" in early boot,
 *                           before there is a key: such an object gets an
 *                           address of its own, and its free is not found
 *   pfn                     decimal before 5.17, then with 0x
 */
#ifndef PARSER_TEXT_EVENT_H
#define PARSER_TEXT_EVENT_H

#include <stdbool.h>
#include <stdint.h>

#include "core/event.h"
#include "core/map.h"
#include "core/trace.h"
#include "parser/text_line.h"
#include "parser/text_sites.h"

enum {
	TEXT_COMMS = 256,    /* pids whose comm is remembered */
	TEXT_COMM_MAX = 16,  /* bytes of a comm */
	TEXT_KNOWN_MAX = 24, /* tracepoints with fields that are read */
	TEXT_GFP_MAX = 4096, /* different texts of gfp flags remembered */
};

/* Objects without an address get these, upward, once each. */
#define TEXT_NO_ADDRESS (1ull << 61)

struct text_comm {
	int32_t pid;
	uint32_t len; /* 0: empty */
	char text[TEXT_COMM_MAX];
};

struct text_events {
	struct trace *trace;
	struct anomalies anomalies; /* found since the last rewind */
	struct text_sites sites;
	/* What the pointers and fields read so far tell of the kernel. */
	bool pointers_hashed;		     /* by the kernel: no addresses */
	bool pointers_wide, pointers_seen;   /* any of over 32 bits; any */
	bool has_accounted, lacks_accounted; /* 6.0 and later; earlier */
	bool memory_seen;		     /* an event about memory */
	/* Private */
	uint64_t no_addresses;
	uint32_t known_rows[TEXT_KNOWN_MAX]; /* row of tracepoints + 1 */
	struct map rows;		     /* name id -> row */
	uint32_t row_cap;
	struct names gfp_texts;
	uint32_t gfp_masks[TEXT_GFP_MAX]; /* by id in gfp_texts */
	struct text_comm comms[TEXT_COMMS];
};

/* trace must outlive it; its gfp bits must be set. */
void text_events_init(struct text_events *events, struct trace *trace);
void text_events_fini(struct text_events *events);

/*
 * Counts start again at 0 (the trace's tracepoint counts as well); what was
 * learned of the kernel, its call sites and tasks stays.
 */
void text_events_rewind(struct text_events *events);

/*
 * The event of a line. *given is false if the line has none: it is none of a
 * tracepoint, or was counted as an anomaly. ERR_NOMEM or ERR_LIMIT.
 */
MUST_CHECK int text_events_parse(struct text_events *events,
				 const struct text_line *line,
				 struct kmem_event *ev, bool *given);

/* Notes the comm of a pid; "<...>" is none. */
MUST_CHECK int text_events_comm(struct text_events *events, int32_t pid,
				const char *comm, uint32_t len);

/* Notes an address as the kernel printed it, with so many digits. */
void text_events_pointer(struct text_events *events, uint64_t addr,
			 long digits);

/* The row of a tracepoint's name in the trace, made if it is new; counts. */
MUST_CHECK int text_events_count(struct text_events *events, const char *name,
				 uint32_t len, uint32_t *name_id);

#endif
