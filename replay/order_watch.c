/*
 * The state of all orders is read after each event that moved pages. Only a
 * new first failure, which each order has once, asks who holds the memory.
 *
 * What the request was is learnt from up to three events of one CPU and task:
 * mm_page_alloc_zone_locked takes pages for its list, mm_page_alloc is the
 * request, and the first object in a new slab has a call site.
 */
#include "replay/order_watch.h"

#include <string.h>

/* The events of one allocation follow each other within this time. */
enum { WAIT_NS = 1000000 };

void order_watch_init(struct order_watch *watch, const struct page_alloc *pa,
		      order_space_fill fill, void *context)
{
	*watch =
	    (struct order_watch){.pa = pa, .fill = fill, .context = context};
	page_orders_read(&watch->start, pa);
	watch->start_free_pages = page_free_total(pa);
	watch->result.order_count = watch->start.order_count;
}

static void request_fill(struct order_request *request,
			 const struct kmem_event *ev)
{
	*request = (struct order_request){.known = event_creates(ev),
					  .object = event_is_object(ev),
					  .order = ev->order,
					  .cpu = ev->cpu,
					  .pid = ev->pid};
	if (!request->known)
		return;
	request->gfp_flags = ev->gfp_flags;
	if (request->object) {
		request->use =
		    ev->flags & EVF_LARGE ? SITE_BACKS_LARGE : SITE_BACKS_SLAB;
		request->cache = ev->name;
		request->call_site = ev->call_site;
		return;
	}
	if (ev->flags & EVF_BACKS_SLAB)
		request->use = SITE_BACKS_SLAB;
	else if (ev->flags & EVF_BACKS_LARGE)
		request->use = SITE_BACKS_LARGE;
	request->cache = request->use == SITE_BACKS_SLAB ? ev->name : 0;
}

/* What the next events of that CPU and task may tell of the order's moment. */
static void wait_for(struct order_watch *watch, uint32_t order,
		     const struct kmem_event *ev)
{
	const struct order_request *request =
	    &watch->result.fates[order].request;
	uint32_t bit = 1u << order;

	watch->wait_request &= ~bit;
	watch->wait_object &= ~bit;
	if (!request->known)
		watch->wait_request |= bit;
	else if (request->use != SITE_DIRECT && !request->object)
		watch->wait_object |= bit;
	watch->waits_since_ns = ev->ts_ns;
}

static bool same_task(const struct order_request *request,
		      const struct kmem_event *ev)
{
	return request->cpu == ev->cpu && request->pid == ev->pid;
}

static void learn_request(struct order_watch *watch,
			  const struct kmem_event *ev)
{
	for (uint32_t bits = watch->wait_request; bits; bits &= bits - 1) {
		uint32_t order = (uint32_t)__builtin_ctz(bits);
		struct order_fate *fate = &watch->result.fates[order];

		if (!same_task(&fate->request, ev))
			continue;
		request_fill(&fate->request, ev);
		wait_for(watch, order, ev);
	}
}

static void learn_object(struct order_watch *watch, const struct kmem_event *ev)
{
	for (uint32_t bits = watch->wait_object; bits; bits &= bits - 1) {
		uint32_t order = (uint32_t)__builtin_ctz(bits);
		struct order_request *request =
		    &watch->result.fates[order].request;

		if (!same_task(request, ev))
			continue;
		request->call_site = ev->call_site;
		if (!request->cache && request->use == SITE_BACKS_SLAB)
			request->cache = ev->name;
		watch->wait_object &= ~(1u << order);
	}
}

static void learn(struct order_watch *watch, const struct kmem_event *ev)
{
	if (ev->ts_ns > watch->waits_since_ns + WAIT_NS)
		watch->wait_request = watch->wait_object = 0;
	if (!(watch->wait_request | watch->wait_object) || !event_creates(ev))
		return;
	if (ev->kind == EV_PAGE_ALLOC)
		learn_request(watch, ev);
	else
		learn_object(watch, ev);
}

static void moment(struct order_watch *watch, uint32_t order, uint64_t serves,
		   const struct kmem_event *ev)
{
	struct order_fate *fate = &watch->result.fates[order];

	fate->ts_ns = ev->ts_ns;
	fate->serves = serves;
	fate->free_pages = page_free_total(watch->pa);
	fate->fails = !serves;
	if (fate->fails)
		watch->fill(watch->context, &fate->space);
	fate->at_start = false;
	request_fill(&fate->request, ev);
	wait_for(watch, order, ev);
}

/* What was so when the window opened has no request. */
static void look_at_start(struct order_watch *watch,
			  const struct kmem_event *ev)
{
	for (uint32_t i = 0; i < watch->result.order_count; i++) {
		moment(watch, i, watch->start.serves[i], ev);
		watch->result.fates[i].at_start = true;
		watch->result.fates[i].free_pages = watch->start_free_pages;
		watch->result.fates[i].request = (struct order_request){0};
	}
	watch->wait_request = watch->wait_object = 0;
	watch->started = true;
}

static void look(struct order_watch *watch, const struct kmem_event *ev)
{
	struct page_orders now;

	page_orders_read(&now, watch->pa);
	for (uint32_t i = 0; i < now.order_count; i++)
		if (!watch->result.fates[i].fails &&
		    now.serves[i] < watch->result.fates[i].serves)
			moment(watch, i, now.serves[i], ev);
}

static void count_recorded(struct order_watch *watch,
			   const struct kmem_event *ev)
{
	struct page_orders now;
	struct order_fate *fate;

	if (ev->order >= watch->result.order_count)
		return;
	fate = &watch->result.fates[ev->order];
	fate->fallbacks += ev->kind == EV_EXTFRAG;
	if (ev->kind != EV_PAGE_ALLOC || !(ev->flags & EVF_FAILED))
		return;
	if (!fate->failed++)
		fate->first_failed_ns = ev->ts_ns;
	page_orders_read(&now, watch->pa);
	fate->failed_agreed += !now.serves[ev->order];
}

void order_watch_event(struct order_watch *watch, const struct kmem_event *ev,
		       bool memory_changed)
{
	learn(watch, ev);
	if (ev->kind == EV_PAGE_ALLOC || ev->kind == EV_EXTFRAG)
		count_recorded(watch, ev);
	if (!watch->started)
		look_at_start(watch, ev);
	if (memory_changed)
		look(watch, ev);
}

void order_space_hold(struct order_space *space,
		      const struct order_holder *holder)
{
	size_t at = space->holder_count;

	if (!holder->pages)
		return;
	while (at && space->holders[at - 1].pages < holder->pages)
		at--;
	if (at == ORDER_HOLDERS)
		return;
	if (space->holder_count < ORDER_HOLDERS)
		space->holder_count++;
	memmove(&space->holders[at + 1], &space->holders[at],
		(space->holder_count - 1 - at) * sizeof(*holder));
	space->holders[at] = *holder;
}
