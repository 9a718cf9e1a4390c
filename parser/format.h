/*
 * format: what the recorded event format files say, compiled for the decoder.
 *
 * Fields are found by name, never by offset. A required field that is missing
 * or of an impossible size is an error that names event and field. What only
 * some kernels have (node, accounted, name, percpu_refill, ...) is optional
 * and has a stated value where it is absent.
 *
 * Sources: include/trace/events/{kmem,task,sched,vmalloc}.h of 5.15, 6.1, 6.12, 6.18;
 * arch/x86/include/asm/trace/exceptions.h; kernel/trace/trace_entries.h (print).
 */
#ifndef PARSER_FORMAT_H
#define PARSER_FORMAT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "core/err.h"
#include "core/event.h"
#include "parser/load.h"

/* What a field becomes in struct kmem_event. */
enum format_slot {
	SLOT_FLAGS, /* common_flags */
	SLOT_PID,   /* common_pid */
	SLOT_SITE,
	SLOT_ADDR, /* ptr or pfn; the new task's pid */
	SLOT_REQ,
	SLOT_ALLOC,
	SLOT_GFP,
	SLOT_NODE,
	SLOT_ORDER,
	SLOT_MIGRATETYPE,
	SLOT_ACCOUNTED,
	SLOT_REFILL,
	SLOT_FALLBACK_ORDER,
	SLOT_FALLBACK_TYPE,
	SLOT_OWNERSHIP,
	SLOT_FAILED,
	SLOT_END,  /* of a range that begins at SLOT_ADDR */
	SLOT_BITS, /* of which one becomes a flag: clone_flags, error_code */
	SLOT_COUNT
};

/*
 * A number in a record, ready to be loaded without a branch on its size or
 * sign: 8 bytes are read at offset, so that 8 bytes must be readable there. A
 * zeroed struct is an absent field with the value 0.
 */
struct format_field {
	uint64_t mask; /* bits of the field; 0: absent */
	uint64_t sign; /* its sign bit; 0: unsigned */
	uint64_t
	    bias; /* taken off at the end: sign, or minus an absent value */
	uint16_t offset;
	uint8_t unused_bits; /* 64 - bits of the field */
};

enum format_text_form {
	TEXT_NONE,
	TEXT_ARRAY,    /* char name[16] */
	TEXT_REST,     /* char buf[]: to the end of the record */
	TEXT_DATA_LOC, /* length << 16 | offset from the record's start */
	TEXT_REL_LOC   /* the same, offset from the field's end */
};

/* One tracepoint of the capture. */
struct event_format {
	struct format_field fields[SLOT_COUNT];
	char system[32], name[64];
	uint32_t id;	      /* common_type of its records */
	uint32_t min_len;     /* end of the last field that is read */
	uint32_t event_flags; /* EVF_NODE_VARIANT or 0 */
	/* Set by the decoder. */
	uint64_t *seen;	      /* its count in trace->tracepoints */
	uint64_t account_gfp; /* "accounted" is this bit; 0: it is a field */
	uint32_t tracepoint_name; /* name id */
	struct kmem_event blank;  /* what its events begin as */
	uint16_t text_offset, text_bytes;
	uint8_t text_form;    /* enum format_text_form */
	uint8_t kind;	      /* enum event_kind */
	bool account_by_gfp;  /* "accounted" is the gfp bit */
	bool refill_by_order; /* percpu_refill is order == 0 */
	bool text_is_path;    /* the comm is the path's last part */
	bool skimmed; /* format_skim(): of an event that may not be there */
	uint32_t type_offset; /* common_type; 2 bytes everywhere */
};

static inline uint64_t format_load(const struct format_field *field,
				   const uint8_t *data, bool big_endian)
{
	uint64_t raw = load_u64(data + field->offset, big_endian);

	/* The field is in the low bits, or in the high ones if swapped. */
	if (big_endian)
		raw >>= field->unused_bits;
	return ((raw & field->mask) ^ field->sign) - field->bias;
}

/* Of a field that is never negative and 0 where it is absent. */
static inline uint64_t format_load_plain(const struct format_field *field,
					 const uint8_t *data, bool big_endian)
{
	uint64_t raw = load_u64(data + field->offset, big_endian);

	if (big_endian)
		raw >>= field->unused_bits;
	return raw & field->mask;
}

/* A number of 1, 2, 4 or 8 bytes at offset. */
static inline struct format_field format_number(uint16_t offset, uint32_t bytes,
						bool is_signed)
{
	struct format_field field = {.offset = offset,
				     .unused_bits = (uint8_t)(64 - bytes * 8)};

	field.mask = UINT64_MAX >> field.unused_bits;
	field.sign = is_signed ? 1ull << (bytes * 8 - 1) : 0;
	field.bias = field.sign;
	return field;
}

/* A field that is not there and stands for value. */
static inline struct format_field format_absent(int64_t value)
{
	return (struct format_field){.bias = -(uint64_t)value};
}

/*
 * Compiles the text of one events/SYSTEM/EVENT/format file. An event that is
 * not about memory becomes EV_OTHER and needs no field but the common ones.
 */
MUST_CHECK int format_parse(const char *text, size_t len, const char *system,
			    uint8_t long_size, bool big_endian,
			    struct event_format *format, struct err *err);

/*
 * System, name and id alone, as EV_OTHER and skimmed, without a look at the
 * fields; false if name or id is missing. format_share_common() then gives it
 * the common fields of an event that was parsed: all events have the same.
 */
bool format_skim(const char *text, size_t len, const char *system,
		 struct event_format *format);
void format_share_common(struct event_format *format,
			 const struct event_format *parsed);

/* True for the events whose fields are read: memory, markers and tasks. */
bool format_is_known(const struct event_format *format);

/* True for the tracepoints without which a capture says nothing. */
bool format_is_memory(const struct event_format *format);

#endif
