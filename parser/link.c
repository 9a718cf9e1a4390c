/*
 * Two readings of the raw source. The first (link_learn.h) finds what an event
 * cannot know when it happens; the second, here, keeps the live objects and
 * pages and hands out linked events.
 *
 * Events are read into the reader's own array and linked where they are. Where
 * a synthetic event must come between them, it and the event after it go
 * through "pending", and what was read behind them waits in raw_events:
 *
 *     raw ──▶ [reader's array: link in place]
 *                      │ synthetic event needed
 *                      ▼
 *     raw_events (not linked yet) ──▶ pending (linked) ──▶ [reader's array]
 */
#include "parser/link.h"

#include <stdlib.h>
#include <string.h>

#include "parser/link_state.h"

/* How many events further on a late free is looked for. */
enum { LOOK_AHEAD = SOURCE_BATCH / 2 };

/* How many events further on what an event looks up is read ahead. */
enum { READ_AHEAD = 12, READ_CHUNK = 64 };

static struct link *link_of(struct source *src)
{
	return (struct link *)src;
}

int link_insert(struct link *link, const struct kmem_event *ev)
{
	struct pending *pending = &link->pending;

	if (pending->count == pending->cap) {
		size_t cap = pending->cap ? pending->cap * 2 : 64;
		struct kmem_event *events =
		    realloc(pending->events, cap * sizeof(*events));

		if (!events)
			return ERR_NOMEM;
		pending->events = events;
		pending->cap = cap;
	}
	pending->events[pending->count++] = *ev;
	if (ev->flags & EVF_SYNTHETIC)
		link_count(link, ANOMALY_IMPLICIT_FREE);
	return 0;
}

void link_fill_free(struct kmem_event *ev, const struct live_object *live,
		    uint32_t slot)
{
	ev->object = live->object;
	ev->slot = slot;
	ev->bytes_req = live->bytes_req;
	ev->bytes_alloc = live->bytes_alloc;
	ev->alloc_ts_ns = live->ts_ns;
	ev->alloc_site = live->call_site;
	ev->alloc_cpu = live->cpu;
	ev->flags |= live->flags & LIVE_REPEATED;
	if (!ev->name)
		ev->name = live->name;
}

struct kmem_event link_synthetic(const struct live_object *live, uint32_t slot,
				 const struct kmem_event *cause)
{
	struct kmem_event ev = {
	    .ts_ns = cause->ts_ns,
	    .addr = live->addr,
	    .flags = EVF_SYNTHETIC,
	    .pid = cause->pid,
	    .cpu = cause->cpu,
	    .node = -1,
	};

	link_fill_free(&ev, live, slot);
	return ev;
}

/*
 * Before 6.0 kmem_cache_free() is traced when the object is free already, and
 * another CPU may have it by then:  alloc A (CPU 1), free A (CPU 0). The free
 * that belongs before the allocation is looked for a little further on and
 * moved there; NULL if there is none.
 */
static struct kmem_event *find_late_free(struct link *link,
					 const struct kmem_event *alloc)
{
	for (size_t i = link->raw_next; i < link->raw_count; i++) {
		struct kmem_event *ev = &link->raw_events[i];

		if (ev->ts_ns - alloc->ts_ns > link->rules.late_free_ns)
			break;
		if (ev->addr != alloc->addr || !event_is_object(ev))
			continue;
		return ev->kind == EV_CACHE_FREE && ev->cpu != alloc->cpu
			   ? ev
			   : NULL;
	}
	return NULL;
}

__attribute__((noinline)) static int
link_late_free(struct link *link, const struct kmem_event *alloc)
{
	struct kmem_event *late, moved;
	int ret;

	if (live_objects_find(&link->live, alloc->addr) == LIVE_NONE)
		return 0;
	late = find_late_free(link, alloc);
	if (!late)
		return 0;
	moved = *late;
	moved.ts_ns = alloc->ts_ns;
	memmove(late, late + 1,
		(size_t)(&link->raw_events[link->raw_count] - (late + 1)) *
		    sizeof(*late));
	link->raw_count--;
	ret = link_object_free(link, &moved);
	return ret ? ret : link_insert(link, &moved);
}

static inline int link_one(struct link *link, struct kmem_event *ev)
{
	if (event_is_object(ev)) {
		int ret = 0;

		if (ev->flags & (EVF_FAILED | EVF_NO_OBJECT))
			return 0;
		if (ev->kind == EV_KFREE || ev->kind == EV_CACHE_FREE)
			return link_object_free(link, ev);
		if (link->rules.late_free_ns)
			ret = link_late_free(link, ev);
		return ret ? ret : link_object_alloc(link, ev);
	}
	if (ev->kind == EV_PAGE_ALLOC && link_page_event_ok(ev))
		return link_page_alloc(link, ev);
	if (ev->kind == EV_PAGE_FREE && link_page_event_ok(ev))
		return link_page_free(link, ev);
	if (ev->kind == EV_MARKER) {
		link->before_done |= link->before_begun;
		link->before_begun = ev->name == link->before_marker;
	}
	return 0;
}

static int link_failed(struct err *err, int ret)
{
	return err_set(err, ret, "cannot link the events: %s",
		       err_code_text(ret));
}

/*
 * What an event further on will look up is read ahead: the tables are larger
 * than the caches. Which event is about an object nobody can foretell, so that
 * a branch on it would cost more than to look for address 0 where it is not.
 */
static inline __attribute__((always_inline)) void
read_ahead(const struct link *link, const struct kmem_event *ev)
{
	live_objects_expect(&link->live,
			    ev->addr & -(uint64_t)event_is_object(ev));
}

/* Puts events that were read, but not linked, where they wait their turn. */
static void put_back(struct link *link, const struct kmem_event *events,
		     size_t count)
{
	memcpy(link->raw_events, events, count * sizeof(*events));
	link->raw_next = 0;
	link->raw_count = count;
}

/*
 * Links events where they lie. The first that makes synthetic ones ends it:
 * *linked is its number, and what stands behind it is put back.
 */
static int link_in_place(struct link *link, struct kmem_event *events,
			 size_t count, size_t *linked)
{
	for (size_t i = 0; i < READ_AHEAD && i < count; i++)
		read_ahead(link, &events[i]);
	for (size_t i = 0; i < count; i++) {
		int ret;

		if (i + READ_AHEAD < count)
			read_ahead(link, &events[i + READ_AHEAD]);
		ret = link_one(link, &events[i]);
		if (!ret && link->pending.count) {
			ret = link_insert(link, &events[i]);
			put_back(link, events + i + 1, count - i - 1);
			count = i;
		}
		if (ret)
			return ret;
	}
	*linked = count;
	return 0;
}

/*
 * Reads into the reader's array; stops before the first synthetic event. Few at
 * a time, because what is put back is copied twice.
 */
static int read_in_place(struct link *link, struct kmem_event *events,
			 size_t cap, size_t *got, struct err *err)
{
	*got = 0;
	while (*got < cap && !link->pending.count && !link->raw_ended) {
		size_t left = cap - *got, count, linked;
		int ret = source_read(link->raw, events + *got,
				      left < READ_CHUNK ? left : READ_CHUNK,
				      &count, err);

		if (ret)
			return ret;
		link->raw_ended = !count;
		ret = link_in_place(link, events + *got, count, &linked);
		if (ret)
			return link_failed(err, ret);
		*got += linked;
	}
	return 0;
}

/* Hands out waiting events; returns how many. */
static size_t take_pending(struct link *link, struct kmem_event *events,
			   size_t cap)
{
	struct pending *pending = &link->pending;
	size_t count = pending->count - pending->next;

	if (count > cap)
		count = cap;
	if (!count)
		return 0;
	memcpy(events, &pending->events[pending->next],
	       count * sizeof(*events));
	pending->next += count;
	if (pending->next == pending->count)
		pending->next = pending->count = 0;
	return count;
}

/* Links waiting events, but for the last "keep", and hands them out. */
static int read_waiting(struct link *link, struct kmem_event *events,
			size_t cap, size_t keep, size_t *got, struct err *err)
{
	size_t count = take_pending(link, events, cap);

	while (count < cap && link->raw_count - link->raw_next > keep) {
		struct kmem_event *ev = &link->raw_events[link->raw_next++];
		int ret = link_one(link, ev);

		if (!ret && link->pending.count)
			ret = link_insert(link, ev);
		else
			events[count++] = *ev;
		if (ret)
			return link_failed(err, ret);
		count += take_pending(link, events + count, cap - count);
	}
	*got = count;
	return 0;
}

/* Where late frees are looked for: reads LOOK_AHEAD events before their turn.
 */
static int look_ahead(struct link *link, struct err *err)
{
	size_t left = link->raw_count - link->raw_next;
	size_t count;
	int ret;

	if (link->raw_ended || left > LOOK_AHEAD)
		return 0;
	memmove(link->raw_events, &link->raw_events[link->raw_next],
		left * sizeof(link->raw_events[0]));
	link->raw_next = 0;
	link->raw_count = left;
	ret = source_read(link->raw, &link->raw_events[left],
			  SOURCE_BATCH - left, &count, err);
	if (ret)
		return ret;
	link->raw_count += count;
	link->raw_ended = !count;
	return 0;
}

static int link_read(struct source *src, struct kmem_event *events, size_t cap,
		     size_t *count, struct err *err)
{
	struct link *link = link_of(src);
	size_t got = 0;
	int ret = 0;

	/* A batch may hold nothing but an event that makes synthetic ones. */
	do {
		size_t keep = 0;

		if (link->rules.late_free_ns) {
			ret = look_ahead(link, err);
			keep = link->raw_ended ? 0 : LOOK_AHEAD;
		}
		if (!ret)
			ret = read_waiting(link, events, cap, keep, &got, err);
		if (ret || got || link->raw_ended)
			break;
		if (!link->rules.late_free_ns)
			ret = read_in_place(link, events, cap, &got, err);
	} while (!ret && !got);
	if (!ret)
		*count = got;
	return ret;
}

/* Back to the state before the first event; takes back what was counted. */
static void forget_reading(struct link *link)
{
	for (int i = 0; i < ANOMALY_COUNT; i++)
		link->trace->anomalies.count[i] -= link->counted.count[i];
	link->counted = (struct anomalies){0};
	link->trace->info.cache_allocs = 0;
	link->trace->info.cache_allocs_named = 0;
	live_objects_clear(&link->live);
	page_map_clear(&link->pages);
	page_map_clear(&link->virtual_pages);
	freed_addresses_clear(&link->freed);
	link->pending.next = link->pending.count = 0;
	link->next_object = 0;
	link->page_allocs = 0;
	link->before_begun = link->before_done = false;
	memset(link->last_large, 0, sizeof(link->last_large));
	link->raw_next = link->raw_count = 0;
	link->raw_ended = false;
}

static int link_rewind(struct source *src, struct err *err)
{
	struct link *link = link_of(src);

	forget_reading(link);
	return source_rewind(link->raw, err);
}

static double link_position(const struct source *src)
{
	return source_position(((const struct link *)src)->raw);
}

static void link_close(struct source *src)
{
	struct link *link = link_of(src);

	source_close(link->raw);
	learned_fini(&link->learned);
	live_objects_fini(&link->live);
	page_map_fini(&link->pages);
	page_map_fini(&link->virtual_pages);
	freed_addresses_fini(&link->freed);
	free(link->pending.events);
	free(link);
}

static const struct source_ops link_ops = {
    .read = link_read,
    .rewind = link_rewind,
    .position = link_position,
    .close = link_close,
};

/* The name of the marker before kpageflags, if there is a snapshot of it. */
static uint32_t before_marker_of(const struct trace *trace)
{
	uint32_t id = names_find(&trace->names, "before:kpageflags");

	return id && trace->before.parts & SNAPSHOT_KPAGEFLAGS ? id
							       : UINT32_MAX;
}

int link_open(struct source *raw, struct trace *trace, struct source **linked,
	      struct err *err)
{
	struct link *link = calloc(1, sizeof(*link));
	int ret;

	if (!link) {
		source_close(raw);
		return err_set(err, ERR_NOMEM, "no memory for linking");
	}
	link->source.ops = &link_ops;
	link->raw = raw;
	link->trace = trace;
	link_rules_init(&link->rules, &trace->info);
	freed_addresses_init(&link->freed, link->rules.virtual_shift,
			     link->rules.granule_shift);
	ret = link_learn(raw, &link->rules, &link->learned, trace, err);
	if (!ret)
		ret = source_rewind(raw, err);
	if (ret) {
		link_close(&link->source);
		return ret;
	}
	link->before_marker = before_marker_of(trace);
	if (!link->rules.linked)
		trace->anomalies.count[ANOMALY_NO_LINKING]++;
	*linked = &link->source;
	return 0;
}
