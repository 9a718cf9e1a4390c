/*
 * The names of fields stand in one table in the order in which the kernel
 * prints them, and the search for the next begins behind the last one found:
 * nearly always the first comparison hits.
 */
#include "parser/text_event.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "parser/event_rules.h"
#include "parser/text_gfp.h"
#include "parser/text_scan.h"

enum field {
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

static const struct {
	const char *word;
	size_t len;
} fields[FIELD_COUNT] = {
#define WORD(text) text, sizeof(text) - 1
    {WORD("call_site")},
    {WORD("ptr")},
    {WORD("name")},
    {WORD("bytes_req")},
    {WORD("bytes_alloc")},
    {WORD("gfp_flags")},
    {WORD("node")},
    {WORD("accounted")},
    {WORD("page")},
    {WORD("pfn")},
    {WORD("order")},
    {WORD("migratetype")},
    {WORD("gfp_flags")},
    {WORD("percpu_refill")},
    {WORD("alloc_order")},
    {WORD("fallback_order")},
    {WORD("alloc_migratetype")},
    {WORD("fallback_migratetype")},
    {WORD("change_ownership")},
    {WORD("filename")},
    {WORD("pid")},
    {WORD("comm")},
    {WORD("newcomm")},
    {WORD("clone_flags")},
    {WORD("address")},
    {WORD("error_code")},
};

#define SEEN(field) (1u << (field))
#define ALLOC_NEEDS                                                            \
	(SEEN(FIELD_SITE) | SEEN(FIELD_PTR) | SEEN(FIELD_REQ) |                \
	 SEEN(FIELD_ALLOC))
#define FREE_NEEDS (SEEN(FIELD_SITE) | SEEN(FIELD_PTR))
#define PAGE_NEEDS (SEEN(FIELD_PFN) | SEEN(FIELD_ORDER))
#define TYPE_NEEDS (PAGE_NEEDS | SEEN(FIELD_MIGRATETYPE))
#define EXTFRAG_NEEDS                                                          \
	(SEEN(FIELD_PFN) | SEEN(FIELD_ALLOC_ORDER) |                           \
	 SEEN(FIELD_FALLBACK_ORDER) | SEEN(FIELD_ALLOC_TYPE) |                 \
	 SEEN(FIELD_FALLBACK_TYPE))
#define FAULT_NEEDS (SEEN(FIELD_ADDRESS) | SEEN(FIELD_ERROR_CODE))

/* Tracepoints by name, and the fields that a whole line has. */
static const struct known {
	const char *name;
	uint32_t len, needs, flags;
	enum event_kind kind;
} knowns[] = {
    {WORD("kfree"), FREE_NEEDS, 0, EV_KFREE},
    {WORD("kmalloc"), ALLOC_NEEDS, 0, EV_KMALLOC},
    {WORD("kmem_cache_alloc"), ALLOC_NEEDS, 0, EV_CACHE_ALLOC},
    {WORD("kmem_cache_free"), FREE_NEEDS, 0, EV_CACHE_FREE},
    {WORD("mm_page_alloc"), TYPE_NEEDS, 0, EV_PAGE_ALLOC},
    {WORD("mm_page_free"), PAGE_NEEDS, 0, EV_PAGE_FREE},
    {WORD("mm_page_free_batched"), SEEN(FIELD_PFN), 0, EV_PAGE_FREE_BATCHED},
    {WORD("mm_page_alloc_zone_locked"), TYPE_NEEDS, 0, EV_ZONE_LOCKED},
    {WORD("mm_page_pcpu_drain"), TYPE_NEEDS, 0, EV_PCPU_DRAIN},
    {WORD("mm_page_alloc_extfrag"), EXTFRAG_NEEDS, 0, EV_EXTFRAG},
    {WORD("kmalloc_node"), ALLOC_NEEDS, EVF_NODE_VARIANT, EV_KMALLOC},
    {WORD("kmem_cache_alloc_node"), ALLOC_NEEDS, EVF_NODE_VARIANT,
     EV_CACHE_ALLOC},
    {WORD("tracing_mark_write"), 0, 0, EV_MARKER},
    {WORD("print"), 0, 0, EV_MARKER},
    {WORD("task_newtask"), SEEN(FIELD_PID) | SEEN(FIELD_COMM), 0, EV_TASK_NEW},
    {WORD("task_rename"), SEEN(FIELD_NEWCOMM), 0, EV_TASK_RENAME},
    {WORD("sched_process_exec"), SEEN(FIELD_FILENAME), 0, EV_TASK_EXEC},
    {WORD("page_fault_user"), FAULT_NEEDS, 0, EV_FAULT_USER},
    {WORD("page_fault_kernel"), FAULT_NEEDS, 0, EV_FAULT_KERNEL},
};

enum { KNOWNS = sizeof(knowns) / sizeof(*knowns) };
_Static_assert((int)KNOWNS <= TEXT_KNOWN_MAX, "a row for each");

/* What the fields of one line say. */
struct values {
	uint32_t seen;	 /* bits of enum field */
	bool no_address; /* the pointer was not printed */
	uint64_t number[FIELD_COUNT];
	const char *text; /* a name: cache, comm or path */
	uint32_t text_len;
};

void text_events_init(struct text_events *events, struct trace *trace)
{
	assert(events && trace);
	*events = (struct text_events){.trace = trace};
}

void text_events_fini(struct text_events *events)
{
	text_sites_fini(&events->sites);
	names_fini(&events->gfp_texts);
	map_fini(&events->rows);
	*events = (struct text_events){0};
}

void text_events_rewind(struct text_events *events)
{
	struct trace *trace = events->trace;

	events->anomalies = (struct anomalies){0};
	events->no_addresses = 0;
	for (uint32_t i = 0; i < trace->tracepoint_count; i++)
		trace->tracepoints[i].count = 0;
}

int text_events_comm(struct text_events *events, int32_t pid, const char *comm,
		     uint32_t len)
{
	struct text_comm *slot = &events->comms[(uint32_t)pid % TEXT_COMMS];
	struct trace *trace = events->trace;
	uint32_t id;
	int ret;

	if (len > EVENT_COMM_MAX)
		len = EVENT_COMM_MAX;
	if (!len || (slot->pid == pid && slot->len == len &&
		     !memcmp(slot->text, comm, len)))
		return 0;
	slot->pid = pid;
	slot->len = len;
	memcpy(slot->text, comm, len);
	if (len == 5 && !memcmp(comm, "<...>", 5))
		return 0;
	ret = names_intern(&trace->names, comm, len, &id);
	return ret ? ret : map_put(&trace->comms, (uint32_t)pid, id);
}

/*
 * A hash is spread evenly, and an object of the kernel is aligned: seven hashes
 * of eight (of a 32-bit kernel, one of two) show themselves.
 */
void text_events_pointer(struct text_events *events, uint64_t addr, long digits)
{
	bool wide = digits == 16;

	if (!addr)
		return;
	events->pointers_seen = true;
	events->pointers_wide |= wide || addr >> 32;
	if ((wide && !(addr >> 32) && addr & 7) || (digits == 8 && addr & 1))
		events->pointers_hashed = true;
}

static int add_row(struct text_events *events, uint32_t name_id, uint32_t *row)
{
	struct trace *trace = events->trace;

	if (trace->tracepoint_count == events->row_cap) {
		uint32_t cap = events->row_cap ? events->row_cap * 2 : 32;
		struct tracepoint_count *rows =
		    realloc(trace->tracepoints, cap * sizeof(*rows));

		if (!rows)
			return ERR_NOMEM;
		trace->tracepoints = rows;
		events->row_cap = cap;
	}
	*row = trace->tracepoint_count++;
	trace->tracepoints[*row] = (struct tracepoint_count){.name = name_id};
	return map_put(&events->rows, name_id, *row);
}

int text_events_count(struct text_events *events, const char *name,
		      uint32_t len, uint32_t *name_id)
{
	struct trace *trace = events->trace;
	const uint64_t *found;
	uint32_t row;
	int ret = names_intern(&trace->names, name, len, name_id);

	if (ret)
		return ret;
	found = map_find(&events->rows, *name_id);
	row = found ? (uint32_t)*found : 0;
	if (!found)
		ret = add_row(events, *name_id, &row);
	if (!ret)
		trace->tracepoints[row].count++;
	return ret;
}

/* The same for a known tracepoint, whose row is looked up once. */
static int count_known(struct text_events *events, unsigned int index)
{
	uint32_t *row = &events->known_rows[index];
	uint32_t id;
	int ret;

	if (*row) {
		events->trace->tracepoints[*row - 1].count++;
		return 0;
	}
	ret = text_events_count(events, knowns[index].name, knowns[index].len,
				&id);
	if (!ret)
		*row = (uint32_t)*map_find(&events->rows, id) + 1;
	return ret;
}

/* Those of one kernel are few: each text is taken apart once. */
static int gfp_of(struct text_events *events, const char *text, size_t len,
		  uint64_t *flags)
{
	const struct gfp_bits *bits = &events->trace->info.gfp;
	uint32_t before = names_count(&events->gfp_texts), id;

	if (before >= TEXT_GFP_MAX - 2) {
		*flags = text_gfp_parse(text, len, bits);
		return 0;
	}
	if (names_intern(&events->gfp_texts, text, len, &id))
		return ERR_NOMEM;
	if (id >= before)
		events->gfp_masks[id] = text_gfp_parse(text, len, bits);
	*flags = events->gfp_masks[id];
	return 0;
}

static const char *parse_pointer(struct text_events *events, const char *at,
				 struct values *values, enum field field)
{
	const char *start, *end;

	at = text_blanks(at); /* 4.19 fills "(null)" up to the left */
	if (*at == '(') {
		end = text_word_end(at);
		values->number[field] = 0;
		values->no_address = field == FIELD_PTR &&
				     !text_accept(&at, end, "(null)") &&
				     !text_accept(&at, end, "(nil)");
		return end;
	}
	start = at;
	if (at[0] == '0' && at[1] == 'x')
		start = at + 2;
	end = text_hex(start, &values->number[field]);
	if (end && field == FIELD_PTR)
		text_events_pointer(events, values->number[field],
				    start == at ? end - start : 0);
	return end;
}

static int parse_site(struct text_events *events, const char **at,
		      const char *end, struct values *values)
{
	const char *text = *at, *word_end = text_word_end(text);
	const char *module = word_end, *close = NULL;

	if (word_end == text)
		return 0;
	values->seen |= SEEN(FIELD_SITE);
	*at = word_end;
	if (text_accept(&module, end, " ["))
		close = memchr(module, ']', (size_t)(end - module));
	if (close)
		*at = close + 1;
	return text_sites_address(&events->sites, &events->trace->symbols, text,
				  (size_t)(word_end - text), module,
				  close ? (size_t)(close - module) : 0,
				  &values->number[FIELD_SITE]);
}

/* Names may hold blanks: they end where the next field begins. */
static const char *parse_text(const char *at, const char *end, const char *next,
			      struct values *values)
{
	const char *stop = text_find(at, end, next);

	if (!stop)
		stop = end;
	values->text = at;
	while (stop > at && text_is_blank(stop[-1]))
		stop--;
	values->text_len = (uint32_t)(stop - at);
	return stop;
}

static const char *parse_integer(const char *at, uint64_t *value)
{
	bool negative = *at == '-';
	const char *end = text_number(at + negative, value);

	if (negative)
		*value = -*value;
	return end;
}

/*
 * The value of one field; *at moves behind it. A value that makes no sense is
 * as good as none.
 */
static int parse_value(struct text_events *events, enum field field,
		       const char **at, const char *end, struct values *values)
{
	const char *start = *at, *after;

	switch (field) {
	case FIELD_SITE:
		return parse_site(events, at, end, values);
	case FIELD_PTR:
	case FIELD_PAGE:
		after = parse_pointer(events, start, values, field);
		break;
	case FIELD_NAME:
		after = parse_text(start, end, " bytes_req=", values);
		break;
	case FIELD_FILENAME:
		after = parse_text(start, end, " pid=", values);
		break;
	case FIELD_COMM:
		after = parse_text(start, end, " clone_flags=", values);
		break;
	case FIELD_NEWCOMM:
		after = parse_text(start, end, " oom_score_adj=", values);
		break;
	case FIELD_GFP:
	case FIELD_PAGE_GFP:
		after = text_word_end(start);
		if (gfp_of(events, start, (size_t)(after - start),
			   &values->number[FIELD_GFP]))
			return ERR_NOMEM;
		break;
	case FIELD_CLONE:
		after = text_hex(start, &values->number[field]);
		break;
	case FIELD_ACCOUNTED:
		after = text_word_end(start);
		values->number[field] = *start == 't' || after[-1] == '1';
		break;
	default:
		after = parse_integer(start, &values->number[field]);
	}
	if (after && after <= end) {
		values->seen |= SEEN(field);
		*at = after;
	}
	return 0;
}

/* The field of that name, looked for from "from" on and round the table. */
static enum field find_field(const char *key, size_t len, enum field from)
{
	for (unsigned int i = 0; i < FIELD_COUNT; i++) {
		unsigned int field = from + i;

		if (field >= FIELD_COUNT)
			field -= FIELD_COUNT;
		if (fields[field].len == len &&
		    !memcmp(fields[field].word, key, len))
			return (enum field)field;
	}
	return FIELD_COUNT;
}

static int parse_fields(struct text_events *events,
			const struct text_line *line, struct values *values)
{
	const char *at = line->body, *end = line->end;
	enum field from = *at == 'p' ? FIELD_PAGE : FIELD_SITE;

	while (at < end) {
		const char *key = text_blanks(at);
		enum field field;
		int ret;

		for (at = key; (unsigned char)*at > ' ' && *at != '='; at++)
			;
		if (*at != '=') {
			/* No field; a control character is passed over. */
			at += at == key;
			continue;
		}
		field = find_field(key, (size_t)(at - key), from);
		at++;
		if (field == FIELD_COUNT)
			continue;
		ret = parse_value(events, field, &at, end, values);
		if (ret)
			return ret;
		from = field + 1 < FIELD_COUNT ? (enum field)(field + 1)
					       : FIELD_SITE;
	}
	return 0;
}

static bool drop(struct text_events *events, enum anomaly anomaly)
{
	events->anomalies.count[anomaly]++;
	return false;
}

static bool failed(struct text_events *events, struct kmem_event *ev)
{
	event_fail(ev, &events->anomalies);
	return true;
}

static bool object_alloc(struct text_events *events,
			 const struct values *values, struct kmem_event *ev)
{
	const uint64_t *number = values->number;
	/* "fields" prints -1 as the 32 bits it has. */
	int64_t node =
	    number[FIELD_NODE] == UINT32_MAX ? -1 : (int64_t)number[FIELD_NODE];
	bool told = values->seen & SEEN(FIELD_ACCOUNTED);

	ev->bytes_req = number[FIELD_REQ];
	ev->bytes_alloc = number[FIELD_ALLOC];
	ev->gfp_flags = (uint32_t)number[FIELD_GFP];
	ev->node = (int16_t)node;
	events->has_accounted |= told;
	events->lacks_accounted |= !told;
	if (!event_node_ok(node))
		return drop(events, ANOMALY_BAD_VALUE);
	if (told ? number[FIELD_ACCOUNTED] != 0
		 : (ev->gfp_flags & events->trace->info.gfp.account) != 0)
		ev->flags |= EVF_ACCOUNTED;
	if (!ev->addr)
		return failed(events, ev);
	if ((ev->bytes_req | ev->bytes_alloc) >> EVENT_SIZE_BITS)
		return drop(events, ANOMALY_BAD_VALUE);
	return true;
}

static bool object_free(struct text_events *events, struct kmem_event *ev)
{
	event_mark_null_free(ev, &events->anomalies);
	return true;
}

static bool page_event(struct text_events *events, struct values *values,
		       struct kmem_event *ev)
{
	uint64_t *number = values->number;

	if (ev->kind == EV_EXTFRAG) {
		number[FIELD_ORDER] = number[FIELD_ALLOC_ORDER];
		number[FIELD_MIGRATETYPE] = number[FIELD_ALLOC_TYPE];
	}
	ev->addr = number[FIELD_PFN];
	ev->order = (uint8_t)number[FIELD_ORDER];
	ev->migratetype = (int8_t)number[FIELD_MIGRATETYPE];
	ev->fallback_order = (uint8_t)number[FIELD_FALLBACK_ORDER];
	ev->fallback_migratetype = (int8_t)number[FIELD_FALLBACK_TYPE];
	if (number[FIELD_ORDER] >= EVENT_ORDER_END ||
	    number[FIELD_FALLBACK_ORDER] >= EVENT_ORDER_END ||
	    !event_type_ok((int64_t)number[FIELD_MIGRATETYPE]) ||
	    !event_type_ok((int64_t)number[FIELD_FALLBACK_TYPE]) ||
	    ev->addr >> EVENT_PFN_BITS)
		return drop(events, ANOMALY_BAD_VALUE);
	if (ev->kind == EV_PAGE_ALLOC)
		ev->gfp_flags = (uint32_t)number[FIELD_GFP];
	if (ev->kind == EV_ZONE_LOCKED && number[FIELD_REFILL])
		ev->flags |= EVF_PERCPU_REFILL;
	if (ev->kind == EV_EXTFRAG && number[FIELD_OWNERSHIP])
		ev->flags |= EVF_CHANGE_OWNERSHIP;
	if (!ev->addr && !number[FIELD_PAGE] &&
	    (ev->kind == EV_PAGE_ALLOC || ev->kind == EV_ZONE_LOCKED))
		return failed(events, ev);
	return true;
}

static int task_event(struct text_events *events, struct values *values,
		      struct kmem_event *ev)
{
	struct trace *trace = events->trace;
	bool own = !(values->seen & SEEN(FIELD_PID)) || ev->kind != EV_TASK_NEW;
	int ret;

	if (ev->kind == EV_TASK_EXEC)
		event_path_to_comm(&values->text, &values->text_len);
	event_mark_clone(ev, values->number[FIELD_CLONE]);
	ev->addr =
	    own ? (uint32_t)ev->pid : (uint32_t)values->number[FIELD_PID];
	ret = names_intern(&trace->names, values->text, values->text_len,
			   &ev->name);
	return ret ? ret : map_put(&trace->comms, ev->addr, ev->name);
}

static int marker(struct text_events *events, const struct text_line *line,
		  struct kmem_event *ev)
{
	const char *at = line->body, *end = line->end;

	/* trace-cmd report: "print: tracing_mark_write: TEXT" */
	if (text_accept(&at, end, "tracing_mark_write:"))
		at = text_blanks(at);
	while (end > at && text_is_blank(end[-1]))
		end--;
	return names_intern(&events->trace->names, at, (size_t)(end - at),
			    &ev->name);
}

static int known_event(struct text_events *events, const struct known *known,
		       const struct text_line *line, struct kmem_event *ev,
		       bool *given)
{
	struct values values = {.number[FIELD_NODE] = UINT64_MAX, .text = ""};
	int ret;

	*given = true;
	if (known->kind == EV_MARKER)
		return marker(events, line, ev);
	ret = parse_fields(events, line, &values);
	if (ret)
		return ret;
	if ((values.seen & known->needs) != known->needs) {
		*given = drop(events, ANOMALY_SHORT_EVENT);
		return 0;
	}
	if (event_is_fault(ev)) {
		ev->addr = values.number[FIELD_ADDRESS];
		event_mark_fault(ev, values.number[FIELD_ERROR_CODE]);
		return 0;
	}
	if (known->kind >= EV_TASK_NEW)
		return task_event(events, &values, ev);
	events->memory_seen = true;
	if (!event_is_object(ev)) {
		*given = page_event(events, &values, ev);
		return 0;
	}
	ev->call_site = values.number[FIELD_SITE];
	/* A kernel that prints no pointer yet hashes them all. */
	events->pointers_hashed |= values.no_address;
	ev->addr = values.no_address ? TEXT_NO_ADDRESS + events->no_addresses++
				     : values.number[FIELD_PTR];
	*given = ev->kind == EV_KFREE || ev->kind == EV_CACHE_FREE
		     ? object_free(events, ev)
		     : object_alloc(events, &values, ev);
	return *given && values.seen & SEEN(FIELD_NAME)
		   ? names_intern(&events->trace->names, values.text,
				  values.text_len, &ev->name)
		   : 0;
}

static unsigned int find_known(const char *name, uint32_t len)
{
	unsigned int i = 0;

	while (i < KNOWNS &&
	       (knowns[i].len != len || memcmp(knowns[i].name, name, len) != 0))
		i++;
	return i;
}

int text_events_parse(struct text_events *events, const struct text_line *line,
		      struct kmem_event *ev, bool *given)
{
	unsigned int index = find_known(line->event, line->event_len);
	int ret;

	*given = false;
	if (!line->event_len)
		return 0;
	if (line->cpu >= CAPTURE_CPUS_MAX) {
		drop(events, ANOMALY_BAD_VALUE);
		return 0;
	}
	*ev = (struct kmem_event){.ts_ns = line->ts_ns,
				  .flags = line->flags,
				  .pid = line->pid,
				  .cpu = (uint16_t)line->cpu,
				  .node = -1,
				  .kind = EV_OTHER};
	ret = text_events_comm(events, line->pid, line->comm, line->comm_len);
	if (ret)
		return ret;
	if (index == KNOWNS) {
		*given = true;
		return text_events_count(events, line->event, line->event_len,
					 &ev->name);
	}
	ev->kind = (uint8_t)knowns[index].kind;
	ev->flags |= knowns[index].flags;
	ret = count_known(events, index);
	return ret ? ret : known_event(events, &knowns[index], line, ev, given);
}
