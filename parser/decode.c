/*
 * Every format's fields are loaded by the same straight code; an absent field
 * loads as its stated value, so that only the kind of event is branched on.
 * "be", big-endian, is passed down as a constant: there are two copies of this
 * code, each without a branch on it.
 */
#include "parser/decode.h"
#include "parser/event_rules.h"

#define ALWAYS_INLINE inline __attribute__((always_inline))

#include <assert.h>
#include <stdlib.h>
#include <string.h>

enum {
	COMMON_HARDIRQ = 0x08, /* TRACE_FLAG_HARDIRQ */
	COMMON_SOFTIRQ = 0x10, /* TRACE_FLAG_SOFTIRQ */
};

/* There is room for a row of every format. */
static int add_tracepoint(struct decoder *decoder, struct event_format *format)
{
	struct trace *trace = decoder->trace;
	int ret = names_intern(&trace->names, format->name,
			       strlen(format->name), &format->tracepoint_name);

	if (ret)
		return ret;
	format->tracepoint = trace->tracepoint_count;
	format->blank = (struct kmem_event){
	    .flags = format->event_flags,
	    .node = -1,
	    .kind = format->kind,
	    .name = format->kind == EV_OTHER ? format->tracepoint_name : 0,
	};
	trace->tracepoints[trace->tracepoint_count++] =
	    (struct tracepoint_count){.name = format->tracepoint_name};
	return 0;
}

static int add_tracepoints(struct decoder *decoder, struct err *err)
{
	struct trace *trace = decoder->trace;
	uint32_t count = decoder->format_count;
	struct tracepoint_count *rows = calloc(count + 1u, sizeof(*rows));

	if (!rows)
		return err_set(err, ERR_NOMEM, "no memory for event formats");
	free(trace->tracepoints);
	trace->tracepoints = rows;
	trace->tracepoint_count = 0;
	for (uint32_t i = 0; i < count; i++) {
		struct event_format *format = &decoder->formats[i];

		if (!format->skimmed && add_tracepoint(decoder, format))
			return err_set(err, ERR_NOMEM, "no memory for names");
	}
	return 0;
}

static int add_id(struct decoder *decoder, uint32_t index, struct err *err)
{
	const struct event_format *format = &decoder->formats[index];
	uint16_t *slot = &decoder->by_id[format->id];
	uint16_t other = *slot;

	if (format->skimmed && !decoder->skimmed_by_id) {
		decoder->skimmed_by_id =
		    calloc(UINT16_MAX + 1u, sizeof(*decoder->skimmed_by_id));
		if (!decoder->skimmed_by_id)
			return err_set(err, ERR_NOMEM,
				       "no memory for event formats");
	}
	if (!other && decoder->skimmed_by_id)
		other = decoder->skimmed_by_id[format->id];
	if (other)
		return err_set(
		    err, ERR_FORMAT, "events %s and %s have the same id %u",
		    decoder->formats[other - 1].name, format->name, format->id);
	if (format->type_offset != decoder->type_offset)
		return err_set(err, ERR_FORMAT,
			       "event %s: common_type is elsewhere "
			       "than in the other events",
			       format->name);
	if (format->skimmed)
		slot = &decoder->skimmed_by_id[format->id];
	*slot = (uint16_t)(index + 1);
	return 0;
}

int decoder_init(struct decoder *decoder, struct trace *trace,
		 struct event_format *formats, uint32_t count, struct err *err)
{
	assert(decoder && trace && formats && count);
	*decoder = (struct decoder){.formats = formats,
				    .format_count = count,
				    .big_endian = trace->info.big_endian,
				    .trace = trace,
				    .last_pid = -1,
				    .type_offset = formats[0].type_offset};
	decoder->all_named = true;
	decoder->has_self = map_count(&trace->self_pids) > 0;
	decoder->last_pid_self = trace_is_self(trace, -1);
	decoder->by_id = calloc(UINT16_MAX + 1u, sizeof(*decoder->by_id));
	if (!decoder->by_id)
		return err_set(err, ERR_NOMEM, "no memory for event formats");
	if (count >= UINT16_MAX)
		return err_set(err, ERR_LIMIT, "too many event formats");
	for (uint32_t i = 0; i < count; i++) {
		int ret = add_id(decoder, i, err);

		if (ret)
			return ret;
		if (formats[i].kind == EV_CACHE_ALLOC && !formats[i].text_form)
			decoder->all_named = false;
	}
	return add_tracepoints(decoder, err);
}

void decoder_fini(struct decoder *decoder)
{
	free(decoder->formats);
	free(decoder->by_id);
	free(decoder->skimmed_by_id);
	*decoder = (struct decoder){0};
}

void decoder_skim(struct decoder *decoder, uint64_t large_from)
{
	decoder->skim_from = decoder->all_named ? large_from : 0;
}

void decoder_rewind(struct decoder *decoder)
{
	struct trace *trace = decoder->trace;

	decoder->anomalies = (struct anomalies){0};
	for (uint32_t i = 0; i < trace->tracepoint_count; i++)
		trace->tracepoints[i].count = 0;
}

static bool text_bounds(const struct event_format *format,
			const struct page_record *record, bool big_endian,
			uint32_t *start, uint32_t *len)
{
	uint32_t place;

	*start = format->text_offset;
	*len = format->text_bytes;
	if (format->text_form == TEXT_REST)
		*len = record->len - *start;
	if (format->text_form >= TEXT_DATA_LOC) {
		place = load_u32(record->data + *start, big_endian);
		*start = (place & 0xffff) +
			 (format->text_form == TEXT_REL_LOC ? *start + 4 : 0);
		*len = place >> 16;
	}
	return *start <= record->len && *len <= record->len - *start;
}

/* A name that is not where it would be if it had come lately. */
static int intern_new(struct decoder *decoder, const char *text,
		      struct decode_name *wanted, struct decode_name *slot)
{
	int ret = names_intern(&decoder->trace->names, text, wanted->len,
			       &wanted->id);

	if (ret)
		return ret;
	memcpy(wanted->text, text, wanted->len);
	*slot = *wanted;
	return 0;
}

/*
 * Cache names repeat: most are found here, by their first and last 8 bytes and
 * without hashing what lies between.
 */
static ALWAYS_INLINE int intern(struct decoder *decoder, const char *text,
				uint32_t len, uint32_t *id)
{
	struct decode_name wanted, *slot;
	uint64_t hash;

	if (len == 0 || len > DECODE_TEXT_MAX)
		return names_intern(&decoder->trace->names, text, len, id);
	wanted.len = len;
	/* What lies behind a text shorter than that is kept out. */
	wanted.first = load_u64((const uint8_t *)text, false);
	if (len < 8)
		wanted.first &= (1ull << len * 8) - 1;
	wanted.last =
	    len < 8 ? 0 : load_u64((const uint8_t *)text + len - 8, false);
	hash = wanted.first ^ (wanted.last << 7 | wanted.last >> 57);
	hash = (hash + len) * 0x9E3779B97F4A7C15ull;
	slot = &decoder->names[hash >> 56];
	if (slot->first != wanted.first || slot->last != wanted.last ||
	    slot->len != len ||
	    (len > 16 && memcmp(slot->text + 8, text + 8, len - 16) != 0)) {
		int ret = intern_new(decoder, text, &wanted, slot);

		if (ret)
			return ret;
	}
	*id = slot->id;
	return 0;
}

static enum decode_status drop(struct decoder *decoder, enum anomaly anomaly)
{
	decoder->anomalies.count[anomaly]++;
	return DECODE_DROPPED;
}

static enum decode_status failed(struct decoder *decoder, struct kmem_event *ev)
{
	event_fail(ev, &decoder->anomalies);
	return DECODE_EVENT;
}

static ALWAYS_INLINE enum decode_status
object_alloc(struct decoder *decoder, const struct event_format *format,
	     const uint8_t *data, const bool be, struct kmem_event *ev)
{
	const struct format_field *fields = format->fields;
	int64_t node = (int64_t)format_load(&fields[SLOT_NODE], data, be);
	uint32_t account = decoder->trace->info.gfp.account;

	ev->bytes_req = format_load(&fields[SLOT_REQ], data, be);
	ev->bytes_alloc = format_load(&fields[SLOT_ALLOC], data, be);
	ev->gfp_flags = (uint32_t)format_load(&fields[SLOT_GFP], data, be);
	ev->node = (int16_t)node;
	if (!event_node_ok(node))
		return drop(decoder, ANOMALY_BAD_VALUE);
	if (format_load(&fields[SLOT_ACCOUNTED], data, be) ||
	    (format->account_by_gfp && (ev->gfp_flags & account)))
		ev->flags |= EVF_ACCOUNTED;
	if (!ev->addr)
		return failed(decoder, ev);
	if ((ev->bytes_req | ev->bytes_alloc) >> EVENT_SIZE_BITS)
		return drop(decoder, ANOMALY_BAD_VALUE);
	return DECODE_EVENT;
}

static enum decode_status object_free(struct decoder *decoder,
				      struct kmem_event *ev)
{
	event_mark_null_free(ev, &decoder->anomalies);
	return DECODE_EVENT;
}

/* What only mm_page_alloc_extfrag has. */
static ALWAYS_INLINE bool load_fallback(const struct format_field *fields,
					const uint8_t *data, const bool be,
					struct kmem_event *ev)
{
	uint64_t order = format_load(&fields[SLOT_FALLBACK_ORDER], data, be);
	int64_t type =
	    (int64_t)format_load(&fields[SLOT_FALLBACK_TYPE], data, be);

	ev->fallback_order = (uint8_t)order;
	ev->fallback_migratetype = (int8_t)type;
	if (format_load(&fields[SLOT_OWNERSHIP], data, be))
		ev->flags |= EVF_CHANGE_OWNERSHIP;
	return order < EVENT_ORDER_END && event_type_ok(type);
}

static ALWAYS_INLINE enum decode_status
page_event(struct decoder *decoder, const struct event_format *format,
	   const uint8_t *data, const bool be, struct kmem_event *ev)
{
	const struct format_field *fields = format->fields;
	uint64_t order = format_load(&fields[SLOT_ORDER], data, be);
	int64_t type =
	    (int64_t)format_load(&fields[SLOT_MIGRATETYPE], data, be);

	ev->order = (uint8_t)order;
	ev->migratetype = (int8_t)type;
	if (order >= EVENT_ORDER_END || !event_type_ok(type))
		return drop(decoder, ANOMALY_BAD_VALUE);
	if (ev->kind == EV_PAGE_ALLOC)
		ev->gfp_flags =
		    (uint32_t)format_load(&fields[SLOT_GFP], data, be);
	if (ev->kind == EV_ZONE_LOCKED &&
	    (format_load(&fields[SLOT_REFILL], data, be) ||
	     (format->refill_by_order && !order)))
		ev->flags |= EVF_PERCPU_REFILL;
	if (ev->kind == EV_EXTFRAG && !load_fallback(fields, data, be, ev))
		return drop(decoder, ANOMALY_BAD_VALUE);
	/* -1 in the kernel's unsigned long, which may have 32 bits. */
	if (ev->addr == fields[SLOT_ADDR].mask &&
	    (ev->kind == EV_PAGE_ALLOC || ev->kind == EV_ZONE_LOCKED))
		return failed(decoder, ev);
	if (ev->addr >> EVENT_PFN_BITS)
		return drop(decoder, ANOMALY_BAD_VALUE);
	return DECODE_EVENT;
}

static enum decode_status vmap_event(struct decoder *decoder,
				     const struct event_format *format,
				     const uint8_t *data, struct kmem_event *ev)
{
	const struct format_field *fields = format->fields;
	bool be = decoder->big_endian;
	uint64_t unit =
	    ev->kind == EV_VMAP_FREE ? decoder->trace->info.page_size : 1;
	uint64_t size = format_load(&fields[SLOT_REQ], data, be);
	uint64_t most = format_load(&fields[SLOT_ALLOC], data, be);

	if (ev->kind == EV_VMAP_PURGE) {
		uint64_t end = format_load(&fields[SLOT_END], data, be);

		/* Nothing to purge is said with a start above the end. */
		size = end > ev->addr ? end - ev->addr : 0;
	} else if ((size | most) >> EVENT_SIZE_BITS) {
		return drop(decoder, ANOMALY_BAD_VALUE);
	}
	ev->bytes_req = size * unit;
	ev->bytes_alloc = most * unit;
	if (format_load(&fields[SLOT_FAILED], data, be))
		return failed(decoder, ev);
	return DECODE_EVENT;
}

/* Names of markers and tasks; the tasks' go into the trace's comms. */
static enum decode_status named_event(struct decoder *decoder,
				      const struct event_format *format,
				      const char *text, uint32_t len,
				      struct kmem_event *ev)
{
	struct trace *trace = decoder->trace;
	uint32_t pid;

	if (format->text_is_path) {
		len = (uint32_t)strnlen(text, len);
		event_path_to_comm(&text, &len);
	}
	if (ev->kind == EV_MARKER) {
		len = (uint32_t)strnlen(text, len);
		while (len && (text[len - 1] == '\n' || text[len - 1] == ' '))
			len--;
	}
	if (names_intern(&trace->names, text, len, &ev->name))
		return DECODE_NOMEM;
	if (ev->kind == EV_MARKER)
		return DECODE_EVENT;
	if (!format->fields[SLOT_ADDR].mask)
		ev->addr = (uint32_t)ev->pid;
	pid = (uint32_t)ev->addr;
	ev->addr = pid;
	return map_put(&trace->comms, pid, ev->name) ? DECODE_NOMEM
						     : DECODE_EVENT;
}

static ALWAYS_INLINE enum decode_status
by_kind(struct decoder *decoder, const struct event_format *format,
	const struct page_record *record, const bool be, struct kmem_event *ev)
{
	const char *data = (const char *)record->data;
	const struct format_field *bits = &format->fields[SLOT_BITS];
	uint32_t start, len;

	if (format->text_form) {
		if (!text_bounds(format, record, be, &start, &len))
			return drop(decoder, ANOMALY_BAD_VALUE);
		if (ev->kind > EV_EXTFRAG) {
			event_mark_clone(ev,
					 format_load(bits, record->data, be));
			return named_event(decoder, format, data + start, len,
					   ev);
		}
		if (intern(decoder, data + start, len, &ev->name))
			return DECODE_NOMEM;
	}
	switch (ev->kind) {
	case EV_KMALLOC:
	case EV_CACHE_ALLOC:
		return object_alloc(decoder, format, record->data, be, ev);
	case EV_KFREE:
	case EV_CACHE_FREE:
		return object_free(decoder, ev);
	case EV_VMAP_ALLOC:
	case EV_VMAP_FREE:
	case EV_VMAP_PURGE:
		return vmap_event(decoder, format, record->data, ev);
	case EV_FAULT_USER:
	case EV_FAULT_KERNEL:
		event_mark_fault(ev, format_load(bits, record->data, be));
		return DECODE_EVENT;
	case EV_OTHER:
		return DECODE_EVENT;
	default:
		return page_event(decoder, format, record->data, be, ev);
	}
}

/* Interrupts that come while the recorder runs are not its own doing. */
static bool is_self(struct decoder *decoder, int32_t pid, uint64_t flags)
{
	if (!decoder->has_self || (flags & (COMMON_HARDIRQ | COMMON_SOFTIRQ)))
		return false;
	if (pid != decoder->last_pid) {
		decoder->last_pid = pid;
		decoder->last_pid_self = trace_is_self(decoder->trace, pid);
	}
	return decoder->last_pid_self;
}

/*
 * The index of an event that was only skimmed and now turns up; 0: no such
 * event, or no memory for its name.
 */
static uint16_t wake(struct decoder *decoder, uint16_t id)
{
	uint16_t index = 0;

	if (decoder->skimmed_by_id)
		index = decoder->skimmed_by_id[id];
	if (!index || add_tracepoint(decoder, &decoder->formats[index - 1]))
		return 0;
	decoder->skimmed_by_id[id] = 0;
	decoder->by_id[id] = index;
	return index;
}

static ALWAYS_INLINE enum decode_status
decode_record(struct decoder *decoder, const struct page_record *record,
	      uint16_t cpu, const bool be, struct kmem_event *ev)
{
	const uint8_t *data = record->data;
	const struct event_format *format;
	uint64_t flags;
	uint16_t index;

	if (record->len < decoder->type_offset + 2)
		return drop(decoder, ANOMALY_SHORT_EVENT);
	index = decoder->by_id[load_u16(data + decoder->type_offset, be)];
	if (!index)
		index =
		    wake(decoder, load_u16(data + decoder->type_offset, be));
	if (!index)
		return drop(decoder, ANOMALY_UNKNOWN_EVENT);
	format = &decoder->formats[index - 1];
	if (decoder->skim_from && decoder_skips(decoder, record))
		return DECODE_DROPPED;
	decoder->trace->tracepoints[format->tracepoint].count++;
	if (record->len < format->min_len)
		return drop(decoder, ANOMALY_SHORT_EVENT);
	flags = format_load(&format->fields[SLOT_FLAGS], data, be);
	*ev = format->blank;
	ev->ts_ns = record->ts_ns;
	ev->call_site = format_load(&format->fields[SLOT_SITE], data, be);
	ev->addr = format_load(&format->fields[SLOT_ADDR], data, be);
	ev->pid = (int32_t)format_load(&format->fields[SLOT_PID], data, be);
	ev->cpu = cpu;
	if (flags & COMMON_HARDIRQ)
		ev->flags |= EVF_HARDIRQ;
	if (flags & COMMON_SOFTIRQ)
		ev->flags |= EVF_SOFTIRQ;
	if (is_self(decoder, ev->pid, flags))
		ev->flags |= EVF_SELF;
	return by_kind(decoder, format, record, be, ev);
}

enum decode_status decoder_event(struct decoder *decoder,
				 const struct page_record *record, uint16_t cpu,
				 struct kmem_event *ev)
{
	return decoder->big_endian
		   ? decode_record(decoder, record, cpu, true, ev)
		   : decode_record(decoder, record, cpu, false, ev);
}
