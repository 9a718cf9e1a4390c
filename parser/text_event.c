#include "parser/text_event.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "parser/event_rules.h"
#include "parser/text_fields.h"
#include "parser/text_scan.h"

#define WORD(text) text, sizeof(text) - 1
#define ALLOC_NEEDS                                                            \
	(TEXT_SEEN(FIELD_SITE) | TEXT_SEEN(FIELD_PTR) | TEXT_SEEN(FIELD_REQ) | \
	 TEXT_SEEN(FIELD_ALLOC))
#define FREE_NEEDS (TEXT_SEEN(FIELD_SITE) | TEXT_SEEN(FIELD_PTR))
#define PAGE_NEEDS (TEXT_SEEN(FIELD_PFN) | TEXT_SEEN(FIELD_ORDER))
#define TYPE_NEEDS (PAGE_NEEDS | TEXT_SEEN(FIELD_MIGRATETYPE))
#define EXTFRAG_NEEDS                                                          \
	(TEXT_SEEN(FIELD_PFN) | TEXT_SEEN(FIELD_ALLOC_ORDER) |                 \
	 TEXT_SEEN(FIELD_FALLBACK_ORDER) | TEXT_SEEN(FIELD_ALLOC_TYPE) |       \
	 TEXT_SEEN(FIELD_FALLBACK_TYPE))
#define FAULT_NEEDS (TEXT_SEEN(FIELD_ADDRESS) | TEXT_SEEN(FIELD_ERROR_CODE))

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
    {WORD("mm_page_free_batched"), TEXT_SEEN(FIELD_PFN), 0,
     EV_PAGE_FREE_BATCHED},
    {WORD("mm_page_alloc_zone_locked"), TYPE_NEEDS, 0, EV_ZONE_LOCKED},
    {WORD("mm_page_pcpu_drain"), TYPE_NEEDS, 0, EV_PCPU_DRAIN},
    {WORD("mm_page_alloc_extfrag"), EXTFRAG_NEEDS, 0, EV_EXTFRAG},
    {WORD("kmalloc_node"), ALLOC_NEEDS, EVF_NODE_VARIANT, EV_KMALLOC},
    {WORD("kmem_cache_alloc_node"), ALLOC_NEEDS, EVF_NODE_VARIANT,
     EV_CACHE_ALLOC},
    {WORD("tracing_mark_write"), 0, 0, EV_MARKER},
    {WORD("print"), 0, 0, EV_MARKER},
    {WORD("task_newtask"), TEXT_SEEN(FIELD_PID) | TEXT_SEEN(FIELD_COMM), 0,
     EV_TASK_NEW},
    {WORD("task_rename"), TEXT_SEEN(FIELD_NEWCOMM), 0, EV_TASK_RENAME},
    {WORD("sched_process_exec"), TEXT_SEEN(FIELD_FILENAME), 0, EV_TASK_EXEC},
    {WORD("page_fault_user"), FAULT_NEEDS, 0, EV_FAULT_USER},
    {WORD("page_fault_kernel"), FAULT_NEEDS, 0, EV_FAULT_KERNEL},
};

enum { KNOWNS = sizeof(knowns) / sizeof(*knowns) };
_Static_assert((int)KNOWNS <= TEXT_KNOWN_MAX, "a row for each");

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
			 const struct text_values *values,
			 struct kmem_event *ev)
{
	const uint64_t *number = values->number;
	/* "fields" prints -1 as the 32 bits it has. */
	int64_t node =
	    number[FIELD_NODE] == UINT32_MAX ? -1 : (int64_t)number[FIELD_NODE];
	bool told = values->seen & TEXT_SEEN(FIELD_ACCOUNTED);

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

static bool page_event(struct text_events *events, struct text_values *values,
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

static int task_event(struct text_events *events, struct text_values *values,
		      struct kmem_event *ev)
{
	struct trace *trace = events->trace;
	bool own =
	    !(values->seen & TEXT_SEEN(FIELD_PID)) || ev->kind != EV_TASK_NEW;
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
	struct text_values values = {.number[FIELD_NODE] = UINT64_MAX,
				     .text = ""};
	int ret;

	*given = true;
	if (known->kind == EV_MARKER)
		return marker(events, line, ev);
	ret = text_fields_parse(events, line, &values);
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
	return *given && values.seen & TEXT_SEEN(FIELD_NAME)
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
