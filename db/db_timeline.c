#include "db/db_timeline.h"

#include <assert.h>
#include <stdbool.h>
#include <stddef.h>

/* Synthetic frees are no events of the trace, but they change it. */
static bool is_used(const struct timeline_step *step)
{
	return step->events || step->allocs || step->frees;
}

/* Halves the number of steps: two neighbours become one. */
static void widen(struct timeline *timeline)
{
	struct timeline_step *steps = timeline->steps;

	for (uint32_t i = 0; i < TIMELINE_STEPS_MAX / 2; i++) {
		const struct timeline_step *a = &steps[2 * (size_t)i];
		const struct timeline_step *b = a + 1;
		/* What is live is what was live last. */
		struct timeline_step both = is_used(b) ? *b : *a;

		both.events = a->events + b->events;
		both.allocs = a->allocs + b->allocs;
		both.frees = a->frees + b->frees;
		steps[i] = both;
	}
	for (uint32_t i = TIMELINE_STEPS_MAX / 2; i < TIMELINE_STEPS_MAX; i++)
		steps[i] = (struct timeline_step){0};
	timeline->width_ns *= 2;
	timeline->last /= 2;
}

/* Events may be a little older than the one before: they join its step. */
static struct timeline_step *step_of(struct timeline *timeline, uint64_t ts_ns)
{
	uint64_t at;

	if (!timeline->width_ns) {
		timeline->origin_ns = ts_ns;
		timeline->width_ns = 1024;
	}
	if (ts_ns < timeline->origin_ns)
		return &timeline->steps[timeline->last];
	for (;;) {
		at = (ts_ns - timeline->origin_ns) / timeline->width_ns;
		if (at < TIMELINE_STEPS_MAX)
			break;
		widen(timeline);
	}
	if (at > timeline->last)
		timeline->last = (uint32_t)at;
	return &timeline->steps[timeline->last];
}

/* A free never takes away more than was added: the input may be damaged. */
static void take(uint64_t *live, uint64_t amount)
{
	*live -= amount < *live ? amount : *live;
}

static void count_object(struct timeline *timeline, struct timeline_step *step,
			 const struct kmem_event *ev)
{
	if (event_creates(ev)) {
		step->allocs++;
		timeline->bytes_req += ev->bytes_req;
		timeline->bytes_alloc += ev->bytes_alloc;
	} else if (event_ends(ev)) {
		step->frees++;
		/* Without one it is from before the trace, or hidden. */
		if (!ev->object)
			return;
		take(&timeline->bytes_req, ev->bytes_req);
		take(&timeline->bytes_alloc, ev->bytes_alloc);
	}
}

static void count_page(struct timeline *timeline, struct timeline_step *step,
		       const struct kmem_event *ev)
{
	uint64_t pages = ev->order < 64 ? (uint64_t)1 << ev->order : 0;

	if (ev->flags & (EVF_BACKS_SLAB | EVF_BACKS_LARGE))
		return;
	if (event_creates(ev)) {
		step->allocs++;
		timeline->direct_pages += pages;
	} else if (ev->kind == EV_PAGE_FREE) {
		/* A block may be freed in parts; its last one ends it. */
		step->frees += event_ends(ev);
		if (ev->object)
			take(&timeline->direct_pages, pages);
	}
}

void timeline_add(struct timeline *timeline, const struct kmem_event *ev)
{
	struct timeline_step *step = step_of(timeline, ev->ts_ns);

	step->events += !(ev->flags & EVF_SYNTHETIC);
	if (event_is_object(ev))
		count_object(timeline, step, ev);
	else
		count_page(timeline, step, ev);
	step->bytes_req_live = timeline->bytes_req;
	step->bytes_alloc_live = timeline->bytes_alloc;
	step->direct_pages_live = timeline->direct_pages;
}

uint32_t timeline_finish(struct timeline *timeline)
{
	uint32_t used = 0;

	for (uint32_t i = 0; i < TIMELINE_STEPS_MAX; i++) {
		struct timeline_step step = timeline->steps[i];

		if (!is_used(&step))
			continue;
		step.ts_ns = timeline->origin_ns + i * timeline->width_ns;
		step.width_ns = timeline->width_ns;
		timeline->steps[used++] = step;
	}
	return used;
}
