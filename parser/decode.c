/*
 * Every format's fields are loaded by the same straight code; an absent field
 * loads as its stated value, so that only the kind of event is branched on.
 *
 * "be", big-endian, and "light", a reader who does not ask who did it
 * (SOURCE_WHAT), are passed down as constants: there is a copy of this code for
 * each, without a branch on them.
 */
#include "parser/decode.h"
#include "parser/event_rules.h"

#define ALWAYS_INLINE inline __attribute__((always_inline))
/* Out of the way of what nearly every record takes. */
#define COLD __attribute__((noinline, cold))

#include <string.h>

enum {
	COMMON_HARDIRQ = 0x08, /* TRACE_FLAG_HARDIRQ */
	COMMON_SOFTIRQ = 0x10, /* TRACE_FLAG_SOFTIRQ */
	COMMON_IRQ = COMMON_HARDIRQ | COMMON_SOFTIRQ,
	COMMON_IRQ_SHIFT = 3, /* to EVF_HARDIRQ and EVF_SOFTIRQ */
};

_Static_assert(COMMON_HARDIRQ << COMMON_IRQ_SHIFT == EVF_HARDIRQ &&
		   COMMON_SOFTIRQ << COMMON_IRQ_SHIFT == EVF_SOFTIRQ,
	       "both flags are moved at once");

static ALWAYS_INLINE bool text_bounds(const struct event_format *format,
				      const struct page_record *record,
				      const bool be, uint32_t *start,
				      uint32_t *len)
{
	uint32_t place;

	*start = format->text_offset;
	*len = format->text_bytes;
	if (format->text_form == TEXT_REST)
		*len = record->len - *start;
	if (format->text_form >= TEXT_DATA_LOC) {
		place = load_u32(record->data + *start, be);
		*start = (place & 0xffff) +
			 (format->text_form == TEXT_REL_LOC ? *start + 4 : 0);
		*len = place >> 16;
	}
	return *start <= record->len && *len <= record->len - *start;
}

static COLD enum decode_status drop(struct decoder *decoder,
				    enum anomaly anomaly)
{
	decoder->anomalies.count[anomaly]++;
	return DECODE_DROPPED;
}

static enum decode_status failed(struct decoder *decoder, struct kmem_event *ev)
{
	event_fail(ev, &decoder->anomalies);
	return DECODE_EVENT;
}

/* EVF_SELF if the task is the recorder's own. */
static ALWAYS_INLINE uint32_t self_flag(struct decoder *decoder, int32_t pid)
{
	if (pid != decoder->last_pid) {
		decoder->last_pid = pid;
		decoder->last_self =
		    trace_is_self(decoder->trace, pid) ? EVF_SELF : 0;
	}
	return decoder->last_self;
}

/* Who made the event, and in which context. */
static ALWAYS_INLINE void load_who(struct decoder *decoder,
				   const struct event_format *format,
				   const uint8_t *data, const bool be,
				   struct kmem_event *ev)
{
	const struct format_field *fields = format->fields;
	uint32_t irq =
	    (uint32_t)format_load_plain(&fields[SLOT_FLAGS], data, be) &
	    COMMON_IRQ;
	int32_t pid = (int32_t)format_load_plain(&fields[SLOT_PID], data, be);
	uint32_t self = self_flag(decoder, pid);

	ev->pid = pid;
	/* Interrupts that come while the recorder runs are not its doing. */
	ev->flags |= irq ? irq << COMMON_IRQ_SHIFT : self;
}

/* The name of a slab object's cache, where the record has it. */
static ALWAYS_INLINE enum decode_status
load_cache(struct decoder *decoder, const struct event_format *format,
	   const struct page_record *record, const bool be,
	   struct kmem_event *ev)
{
	uint32_t start, len;

	if (!format->text_form)
		return DECODE_EVENT;
	if (!text_bounds(format, record, be, &start, &len))
		return drop(decoder, ANOMALY_BAD_VALUE);
	return name_memo_intern(&decoder->names, &decoder->trace->names,
				(const char *)record->data + start, len,
				&ev->name)
		   ? DECODE_NOMEM
		   : DECODE_EVENT;
}

static ALWAYS_INLINE enum decode_status
object_alloc(struct decoder *decoder, const struct event_format *format,
	     const uint8_t *data, const bool be, const bool light,
	     struct kmem_event *ev)
{
	const struct format_field *fields = format->fields;
	int64_t node = (int64_t)format_load(&fields[SLOT_NODE], data, be);
	uint64_t gfp = format_load_plain(&fields[SLOT_GFP], data, be);

	ev->call_site = format_load_plain(&fields[SLOT_SITE], data, be);
	ev->bytes_req = format_load_plain(&fields[SLOT_REQ], data, be);
	ev->bytes_alloc = format_load_plain(&fields[SLOT_ALLOC], data, be);
	ev->gfp_flags = (uint32_t)gfp;
	ev->node = (int16_t)node;
	if (!event_node_ok(node))
		return drop(decoder, ANOMALY_BAD_VALUE);
	if (!light && (format_load_plain(&fields[SLOT_ACCOUNTED], data, be) |
		       (gfp & format->account_gfp)))
		ev->flags |= EVF_ACCOUNTED;
	if (!ev->addr)
		return failed(decoder, ev);
	if ((ev->bytes_req | ev->bytes_alloc) >> EVENT_SIZE_BITS)
		return drop(decoder, ANOMALY_BAD_VALUE);
	return DECODE_EVENT;
}

/* What only mm_page_alloc_extfrag has. */
static bool load_fallback(const struct format_field *fields,
			  const uint8_t *data, bool be, struct kmem_event *ev)
{
	uint64_t order =
	    format_load_plain(&fields[SLOT_FALLBACK_ORDER], data, be);
	int64_t type =
	    (int64_t)format_load(&fields[SLOT_FALLBACK_TYPE], data, be);

	ev->fallback_order = (uint8_t)order;
	ev->fallback_migratetype = (int8_t)type;
	if (format_load_plain(&fields[SLOT_OWNERSHIP], data, be))
		ev->flags |= EVF_CHANGE_OWNERSHIP;
	return order < EVENT_ORDER_END && event_type_ok(type);
}

static ALWAYS_INLINE enum decode_status
page_event(struct decoder *decoder, const struct event_format *format,
	   const uint8_t *data, const bool be, const bool light,
	   struct kmem_event *ev)
{
	const struct format_field *fields = format->fields;
	uint64_t order = format_load_plain(&fields[SLOT_ORDER], data, be);
	int64_t type =
	    (int64_t)format_load(&fields[SLOT_MIGRATETYPE], data, be);

	ev->order = (uint8_t)order;
	ev->migratetype = (int8_t)type;
	if (!light)
		ev->gfp_flags =
		    (uint32_t)format_load_plain(&fields[SLOT_GFP], data, be);
	if (order >= EVENT_ORDER_END || !event_type_ok(type))
		return drop(decoder, ANOMALY_BAD_VALUE);
	if (!light && ev->kind == EV_ZONE_LOCKED &&
	    (format_load_plain(&fields[SLOT_REFILL], data, be) ||
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
	uint64_t size = format_load_plain(&fields[SLOT_REQ], data, be);
	uint64_t most = format_load_plain(&fields[SLOT_ALLOC], data, be);

	if (ev->kind == EV_VMAP_PURGE) {
		uint64_t end = format_load_plain(&fields[SLOT_END], data, be);

		/* Nothing to purge is said with a start above the end. */
		size = end > ev->addr ? end - ev->addr : 0;
	} else if ((size | most) >> EVENT_SIZE_BITS) {
		return drop(decoder, ANOMALY_BAD_VALUE);
	}
	ev->bytes_req = size * unit;
	ev->bytes_alloc = most * unit;
	if (format_load_plain(&fields[SLOT_FAILED], data, be))
		return failed(decoder, ev);
	return DECODE_EVENT;
}

/* Names of markers and tasks; the tasks' go into the trace's comms. */
static enum decode_status named_event(struct decoder *decoder,
				      const struct event_format *format,
				      const struct page_record *record,
				      struct kmem_event *ev)
{
	struct trace *trace = decoder->trace;
	bool be = decoder->big_endian;
	const char *text = (const char *)record->data;
	uint32_t start, len, pid;

	if (!text_bounds(format, record, be, &start, &len))
		return drop(decoder, ANOMALY_BAD_VALUE);
	text += start;
	event_mark_clone(ev, format_load_plain(&format->fields[SLOT_BITS],
					       record->data, be));
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
object_event(struct decoder *decoder, const struct event_format *format,
	     const struct page_record *record, const bool be, const bool light,
	     struct kmem_event *ev)
{
	enum decode_status status = load_cache(decoder, format, record, be, ev);

	if (status != DECODE_EVENT)
		return status;
	if (format->kind == EV_KMALLOC || format->kind == EV_CACHE_ALLOC)
		return object_alloc(decoder, format, record->data, be, light,
				    ev);
	if (!light)
		ev->call_site = format_load_plain(&format->fields[SLOT_SITE],
						  record->data, be);
	event_mark_null_free(ev, &decoder->anomalies);
	return DECODE_EVENT;
}

static COLD enum decode_status other_event(struct decoder *decoder,
					   const struct event_format *format,
					   const struct page_record *record,
					   struct kmem_event *ev)
{
	const uint8_t *data = record->data;
	bool be = decoder->big_endian;

	ev->call_site = format_load_plain(&format->fields[SLOT_SITE], data, be);
	load_who(decoder, format, data, be, ev);
	switch (format->kind) {
	case EV_VMAP_ALLOC:
	case EV_VMAP_FREE:
	case EV_VMAP_PURGE:
		return vmap_event(decoder, format, data, ev);
	case EV_FAULT_USER:
	case EV_FAULT_KERNEL:
		event_mark_fault(ev, format_load_plain(
					 &format->fields[SLOT_BITS], data, be));
		return DECODE_EVENT;
	case EV_OTHER:
		return DECODE_EVENT;
	default:
		return named_event(decoder, format, record, ev);
	}
}

static ALWAYS_INLINE struct event_format *
format_of(const struct decoder *decoder, const struct page_record *record,
	  const bool be)
{
	return decoder
	    ->by_id[load_u16(record->data + decoder->type_offset, be)];
}

/*
 * A record that is too short for what its id says, or of an event not known so
 * far: NULL if it is dropped.
 */
static COLD struct event_format *find_format(struct decoder *decoder,
					     const struct page_record *record)
{
	struct event_format *format;
	uint16_t id =
	    load_u16(record->data + decoder->type_offset, decoder->big_endian);

	if (record->len < decoder->type_offset + 2) {
		drop(decoder, ANOMALY_SHORT_EVENT);
		return NULL;
	}
	format =
	    decoder->by_id[id] ? decoder->by_id[id] : decoder_wake(decoder, id);
	if (format && record->len >= format->min_len)
		return format;
	if (format)
		++*format->seen;
	drop(decoder, format ? ANOMALY_SHORT_EVENT : ANOMALY_UNKNOWN_EVENT);
	return NULL;
}

/* True if skimming leaves the record out. */
static ALWAYS_INLINE bool skips(const struct decoder *decoder,
				const struct page_record *record, const bool be)
{
	const struct event_format *format = format_of(decoder, record, be);
	const struct format_field *fields;

	if (!format || record->len < format->min_len)
		return false;
	fields = format->fields;
	switch (format->kind) {
	case EV_CACHE_ALLOC:
	case EV_CACHE_FREE:
		return true;
	case EV_KMALLOC:
		return format_load_plain(&fields[SLOT_ALLOC], record->data,
					 be) < decoder->skim_from;
	case EV_KFREE:
		return format_load_plain(&fields[SLOT_ADDR], record->data, be) &
		       (decoder->trace->info.page_size - 1);
	default:
		return false;
	}
}

static ALWAYS_INLINE enum decode_status
decode_record(struct decoder *decoder, const struct page_record *record,
	      uint16_t cpu, const bool be, const bool light,
	      struct kmem_event *ev)
{
	const uint8_t *data = record->data;
	const struct event_format *format = format_of(decoder, record, be);

	if (!format || record->len < format->min_len) {
		format = find_format(decoder, record);
		if (!format)
			return DECODE_DROPPED;
	}
	++*format->seen;
	*ev = format->blank;
	ev->ts_ns = record->ts_ns;
	ev->cpu = cpu;
	ev->addr = format_load_plain(&format->fields[SLOT_ADDR], data, be);
	if (format->kind > EV_EXTFRAG)
		return other_event(decoder, format, record, ev);
	if (!light)
		load_who(decoder, format, data, be, ev);
	return format->kind <= EV_CACHE_FREE
		   ? object_event(decoder, format, record, be, light, ev)
		   : page_event(decoder, format, data, be, light, ev);
}

enum decode_status decoder_event(struct decoder *decoder,
				 const struct page_record *record, uint16_t cpu,
				 struct kmem_event *ev)
{
	bool be = decoder->big_endian;

	if (decoder->skim_from && skips(decoder, record, be))
		return DECODE_DROPPED;
	return be ? decode_record(decoder, record, cpu, true, false, ev)
		  : decode_record(decoder, record, cpu, false, false, ev);
}

/* What was lost before the record at the head of a stream. */
static COLD void give_lost(struct cpu_stream *stream, struct kmem_event *ev)
{
	*ev = (struct kmem_event){.ts_ns = stream->record.ts_ns,
				  .addr = stream->missed_count,
				  .cpu = (uint16_t)stream->cpu,
				  .kind = EV_LOST,
				  .node = -1};
	stream->missed = false;
	stream->missed_count = 0;
	stream->lost_before = true;
}

/*
 * The record at the head of a stream and those that follow it without anything
 * between, up to a time. The head is held in variables of its own: for all the
 * compiler knows, a store to an event changes whatever a pointer leads to.
 */
static ALWAYS_INLINE int take_run(struct decoder *decoder,
				  struct cpu_stream *stream, uint64_t until,
				  struct kmem_event **to,
				  const struct kmem_event *end, const bool be,
				  const bool light, struct err *err)
{
	struct page_record record = {stream->record.data, stream->record.len,
				     stream->record.ts_ns};
	const uint8_t *page_end = cpu_stream_end(stream);
	const uint16_t cpu = (uint16_t)stream->cpu;
	struct kmem_event *ev = *to;
	uint64_t dropped = 0;
	bool more;

	do {
		enum decode_status status =
		    light && decoder->skim_from && skips(decoder, &record, be)
			? DECODE_DROPPED
			: decode_record(decoder, &record, cpu, be, light, ev);

		if (status == DECODE_EVENT)
			ev++;
		else if (status == DECODE_DROPPED)
			dropped++;
		else
			return err_set(err, ERR_NOMEM, "no memory for names");
		more = cpu_stream_step(stream, &record, page_end, be);
		/* What skimming leaves out needs no turn. */
		while (light && decoder->skim_from && more &&
		       skips(decoder, &record, be)) {
			more = cpu_stream_step(stream, &record, page_end, be);
			dropped++;
		}
	} while (more && record.ts_ns <= until && ev < end);
	decoder->trace->info.cpus[cpu].decoded +=
	    (uint64_t)(ev - *to) + dropped;
	*to = ev;
	cpu_stream_keep(stream, record, page_end);
	return more ? 0 : cpu_stream_next(stream, err);
}

static ALWAYS_INLINE int take_turns(struct decoder *decoder,
				    struct stream_heap *heap,
				    struct kmem_event **to,
				    const struct kmem_event *end, const bool be,
				    const bool light, struct err *err)
{
	struct cpu_stream *top;

	while (*to < end && (top = stream_heap_top(heap))) {
		struct kmem_event *first = *to;
		int ret;

		if (top->missed) {
			give_lost(top, (*to)++);
			continue;
		}
		ret = take_run(decoder, top, stream_heap_until(heap), to, end,
			       be, light, err);
		if (ret)
			return ret;
		if (top->lost_before && *to > first) {
			first->flags |= EVF_LOST_BEFORE;
			top->lost_before = false;
		}
		stream_heap_settle(heap);
	}
	return 0;
}

int decoder_read(struct decoder *decoder, struct stream_heap *heap,
		 struct kmem_event *events, size_t cap, size_t *count,
		 struct err *err)
{
	struct kmem_event *to = events, *end = events + cap;
	int ret;

	if (decoder->big_endian && decoder->light)
		ret = take_turns(decoder, heap, &to, end, true, true, err);
	else if (decoder->big_endian)
		ret = take_turns(decoder, heap, &to, end, true, false, err);
	else if (decoder->light)
		ret = take_turns(decoder, heap, &to, end, false, true, err);
	else
		ret = take_turns(decoder, heap, &to, end, false, false, err);
	*count = (size_t)(to - events);
	return ret;
}
