/*
 * text_fields: what the fields of an event's line say (text_event.h). Private
 * to text_event.c.
 */
#ifndef PARSER_TEXT_FIELDS_H
#define PARSER_TEXT_FIELDS_H

#include "parser/text_event.h"

enum text_field {
	FIELD_SITE,
	FIELD_PTR,
	FIELD_NAME,
	FIELD_REQ,
	FIELD_ALLOC,
	FIELD_GFP,
	FIELD_NODE,
	FIELD_ACCOUNTED,
	FIELD_PAGE,
	FIELD_PFN,
	FIELD_ORDER,
	FIELD_MIGRATETYPE,
	FIELD_PAGE_GFP, /* gfp_flags again, where a page event has them */
	FIELD_REFILL,
	FIELD_ALLOC_ORDER,
	FIELD_FALLBACK_ORDER,
	FIELD_ALLOC_TYPE,
	FIELD_FALLBACK_TYPE,
	FIELD_OWNERSHIP,
	FIELD_FILENAME,
	FIELD_PID,
	FIELD_COMM,
	FIELD_NEWCOMM,
	FIELD_CLONE,
	FIELD_ADDRESS,
	FIELD_ERROR_CODE,
	FIELD_COUNT
};

/* A bit of text_values.seen. */
#define TEXT_SEEN(field) (1u << (field))

/* What the fields of one line say. */
struct text_values {
	uint32_t seen;	 /* TEXT_SEEN(enum text_field) */
	bool no_address; /* the pointer was not printed */
	uint64_t number[FIELD_COUNT];
	const char *text; /* a name: cache, comm or path */
	uint32_t text_len;
};

/*
 * Reads the fields of the line into values, whose numbers stay as they are
 * where a field is missing or makes no sense. What a line tells of the kernel
 * (its pointers, call sites, gfp flags) is noted in events. ERR_NOMEM or
 * ERR_LIMIT.
 */
MUST_CHECK int text_fields_parse(struct text_events *events,
				 const struct text_line *line,
				 struct text_values *values);

#endif
