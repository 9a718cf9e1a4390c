/*
 * Counting in constant time per event.
 *
 *   allocation ── hash of the key ──▶ index ──▶ groups[g]   live bytes, steps
 *        └── live[slot] = time, bytes, g
 *   free ──────── live[slot] ──▶ groups[g]                  lifetimes
 *
 * The grid's step starts at a millisecond and doubles when the window outgrows
 * LEAK_STEPS of them; each pair of steps becomes one, whose end is that of the
 * second. A group's steps are written when it next changes.
 */
#include "analysis/leaks.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "analysis/leaks_state.h"
#include "core/array.h"

enum { STEP_FIRST_NS = 1000000 };

static uint64_t mix(uint64_t a, uint64_t b)
{
	uint64_t h = (a ^ (b * 0x9E3779B97F4A7C15ull)) * 0xD6E8FEB86659FD93ull;

	return h ^ (h >> 32);
}

static uint64_t key_hash(const struct leak_row *key)
{
	uint64_t small =
	    (uint64_t)key->kind << 16 | (uint64_t)key->large << 8 | key->order;

	if (key->pages)
		return mix(mix(key->comm, key->gfp_flags), small);
	return mix(mix(key->call_site, key->name), small);
}

static bool key_equal(const struct leak_row *a, const struct leak_row *b)
{
	if (a->kind != b->kind || a->large != b->large)
		return false;
	if (a->pages)
		return a->comm == b->comm && a->gfp_flags == b->gfp_flags &&
		       a->order == b->order;
	return a->call_site == b->call_site && a->name == b->name;
}

/* Who an allocation belongs to. */
static struct leak_row key_of(const struct leaks_sink *sink,
			      const struct kmem_event *ev)
{
	struct leak_row key = {.kind = ev->kind};
	const uint64_t *comm;

	if (ev->kind != EV_PAGE_ALLOC) {
		key.call_site = ev->call_site;
		key.name = ev->name;
		key.large = (ev->flags & EVF_LARGE) != 0;
		return key;
	}
	comm = map_find(&sink->options.trace->comms, (uint32_t)ev->pid);
	key.pages = true;
	key.order = ev->order;
	key.gfp_flags = ev->gfp_flags;
	key.comm = comm ? (uint32_t)*comm : 0;
	return key;
}

static int group_new(struct leaks_sink *sink, const struct leak_row *key,
		     uint64_t hash, uint32_t *number)
{
	if (sink->group_count == LEAK_NONE)
		return ERR_LIMIT;
	if (array_reserve(&sink->groups, &sink->group_cap,
			  sink->group_count + 1, sizeof(*sink->groups)))
		return ERR_NOMEM;
	*number = (uint32_t)sink->group_count++;
	sink->groups[*number] = (struct leak_group){.row = *key};
	return map_put(&sink->index, hash, *number);
}

/* Keys whose hashes are equal stand at the hash of that hash. */
static int group_find(struct leaks_sink *sink, const struct leak_row *key,
		      uint32_t *number)
{
	uint64_t hash = key_hash(key);

	for (;; hash = mix(hash, 1)) {
		const uint64_t *found;

		hash -= hash == UINT64_MAX; /* the map's own */
		found = map_find(&sink->index, hash);
		if (!found)
			return group_new(sink, key, hash, number);
		*number = (uint32_t)*found;
		if (key_equal(&sink->groups[*number].row, key))
			return 0;
	}
}

void leaks_settle(struct leak_group *group, uint32_t steps)
{
	while (group->settled < steps)
		group->steps[group->settled++] = group->row.live_bytes;
}

/* Two steps become one, in all groups. */
static void grid_halve(struct leaks_sink *sink)
{
	for (size_t i = 0; i < sink->group_count; i++) {
		struct leak_group *group = &sink->groups[i];

		leaks_settle(group, LEAK_STEPS);
		for (uint32_t s = 0; s < LEAK_STEPS / 2; s++)
			group->steps[s] = group->steps[2 * s + 1];
		group->settled = LEAK_STEPS / 2;
	}
	sink->step_ns *= 2;
}

/* The step of that time; where time runs backwards, one that has been. */
static uint32_t grid_step(struct leaks_sink *sink, uint64_t ts_ns)
{
	uint64_t span = ts_ns < sink->start_ns ? 0 : ts_ns - sink->start_ns;

	while (span / sink->step_ns >= LEAK_STEPS)
		grid_halve(sink);
	return (uint32_t)(span / sink->step_ns);
}

uint32_t leaks_steps(struct leaks_sink *sink)
{
	return grid_step(sink, sink->window_ns) + 1;
}

/* Frees after the window count, but its grid has ended. */
static void group_change(struct leaks_sink *sink, struct leak_group *group,
			 uint64_t ts_ns)
{
	leaks_settle(group, ts_ns <= sink->options.to_ns
				? grid_step(sink, ts_ns)
				: leaks_steps(sink));
}

static void live_end(struct leaks_sink *sink, struct leak_object *object,
		     const struct kmem_event *ev)
{
	struct leak_group *group = &sink->groups[object->group];

	group_change(sink, group, ev->ts_ns);
	group->row.live_bytes -= object->bytes;
	group->row.live--;
	group->row.frees++;
	group->row.implicit_frees += (ev->flags & EVF_SYNTHETIC) != 0;
	lifetimes_add(&group->lifetimes, ev->ts_ns > object->ts_ns
					     ? ev->ts_ns - object->ts_ns
					     : 0);
	object->group = LEAK_NONE;
}

/* Room for live[slot]; new places hold no object. */
static int live_reserve(struct leaks_sink *sink, uint32_t slot)
{
	size_t cap = sink->live_cap ? sink->live_cap : 1024;
	struct leak_object *grown;

	if (slot < sink->live_cap)
		return 0;
	while (cap <= slot)
		cap *= 2;
	grown = realloc(sink->live, cap * sizeof(*grown));
	if (!grown)
		return ERR_NOMEM;
	for (size_t i = sink->live_cap; i < cap; i++)
		grown[i].group = LEAK_NONE;
	sink->live = grown;
	sink->live_cap = cap;
	return 0;
}

static uint64_t bytes_of(const struct leaks_sink *sink,
			 const struct kmem_event *ev)
{
	if (ev->kind == EV_PAGE_ALLOC || ev->kind == EV_PAGE_FREE)
		return (uint64_t)sink->options.trace->info.page_size
		       << ev->order;
	return ev->bytes_alloc;
}

static void group_add(struct leaks_sink *sink, struct leak_group *group,
		      const struct kmem_event *ev, uint64_t bytes)
{
	struct leak_row *row = &group->row;

	group_change(sink, group, ev->ts_ns);
	if (row->allocs && row->bytes_each != bytes)
		group->sizes_differ = true;
	row->bytes_each = group->sizes_differ ? 0 : bytes;
	row->gfp_flags = ev->gfp_flags;
	row->allocs++;
	row->live++;
	row->live_bytes += bytes;
}

static bool is_followed(const struct leaks_sink *sink,
			const struct kmem_event *ev)
{
	return event_creates(ev) && ev->object &&
	       ev->order < SNAPSHOT_ORDERS_MAX &&
	       !(ev->flags & (EVF_BACKS_SLAB | EVF_BACKS_LARGE)) &&
	       (sink->options.self || !(ev->flags & EVF_SELF)) &&
	       ev->ts_ns >= sink->options.from_ns &&
	       ev->ts_ns <= sink->options.to_ns;
}

static int feed_alloc(struct leaks_sink *sink, const struct kmem_event *ev)
{
	struct leak_row key;
	uint32_t number;
	int ret = live_reserve(sink, ev->slot);

	if (ret)
		return ret;
	key = key_of(sink, ev);
	ret = group_find(sink, &key, &number);
	if (ret)
		return ret;
	/* Only a damaged database has a live slot twice. */
	if (sink->live[ev->slot].group != LEAK_NONE)
		live_end(sink, &sink->live[ev->slot], ev);
	sink->live[ev->slot] =
	    (struct leak_object){ev->ts_ns, bytes_of(sink, ev), number};
	group_add(sink, &sink->groups[number], ev, bytes_of(sink, ev));
	return 0;
}

/*
 * The second trace of a large kmalloc names its caller, the first the
 * allocator's own function: the object moves, as in stat.
 */
static int feed_duplicate(struct leaks_sink *sink, const struct kmem_event *ev)
{
	struct leak_object *object;
	struct leak_group *from;
	struct leak_row key;
	uint32_t number;
	int ret;

	if (!ev->object || ev->slot >= sink->live_cap ||
	    sink->live[ev->slot].group == LEAK_NONE)
		return 0;
	key = key_of(sink, ev);
	ret = group_find(sink, &key, &number);
	object = &sink->live[ev->slot];
	if (ret || number == object->group)
		return ret;
	from = &sink->groups[object->group];
	group_change(sink, from, ev->ts_ns);
	from->row.allocs--;
	from->row.live--;
	from->row.live_bytes -= object->bytes;
	object->group = number;
	group_add(sink, &sink->groups[number], ev, object->bytes);
	return 0;
}

static void feed_free(struct leaks_sink *sink, const struct kmem_event *ev)
{
	struct leak_object *object;
	struct leak_group *group;
	uint64_t bytes;

	if (ev->flags & EVF_NO_OBJECT || !ev->object ||
	    ev->slot >= sink->live_cap ||
	    sink->live[ev->slot].group == LEAK_NONE)
		return;
	object = &sink->live[ev->slot];
	if (!(ev->flags & EVF_BLOCK_LIVES)) {
		live_end(sink, object, ev);
		return;
	}
	/* A part of a block of pages. */
	bytes = ev->order < SNAPSHOT_ORDERS_MAX ? bytes_of(sink, ev) : 0;
	bytes = bytes < object->bytes ? bytes : object->bytes;
	group = &sink->groups[object->group];
	group_change(sink, group, ev->ts_ns);
	object->bytes -= bytes;
	group->row.live_bytes -= bytes;
}

static int feed_one(struct leaks_sink *sink, const struct kmem_event *ev)
{
	switch (ev->kind) {
	case EV_KMALLOC:
	case EV_CACHE_ALLOC:
	case EV_PAGE_ALLOC:
		if (ev->flags & EVF_DUPLICATE)
			return feed_duplicate(sink, ev);
		return is_followed(sink, ev) ? feed_alloc(sink, ev) : 0;
	case EV_KFREE:
	case EV_CACHE_FREE:
	case EV_PAGE_FREE:
		feed_free(sink, ev);
		return 0;
	default:
		return 0;
	}
}

/* Where the window is, as far as the events tell. */
static void time_passes(struct leaks_sink *sink, uint64_t ts_ns)
{
	if (ts_ns > sink->last_ns)
		sink->last_ns = ts_ns;
	if (ts_ns < sink->options.from_ns || ts_ns > sink->options.to_ns)
		return;
	if (!sink->started)
		sink->start_ns = ts_ns;
	sink->started = true;
	if (ts_ns > sink->window_ns)
		sink->window_ns = ts_ns;
}

int leaks_feed(struct leaks_sink *sink, const struct kmem_event *events,
	       size_t count, struct err *err)
{
	for (size_t i = 0; i < count; i++) {
		int ret;

		time_passes(sink, events[i].ts_ns);
		sink->events += !(events[i].flags & EVF_SYNTHETIC);
		ret = feed_one(sink, &events[i]);
		if (ret)
			return err_set(err, ret, "leaks: %s after %zu groups",
				       err_code_text(ret), sink->group_count);
	}
	return 0;
}

int leaks_open(struct leaks_sink **sink, const struct leaks_options *options,
	       struct err *err)
{
	uint32_t page_size = options->trace->info.page_size;
	struct leaks_sink *opened;

	assert(sink && options->trace);
	if (!page_size || (page_size & (page_size - 1)))
		return err_set(err, ERR_FORMAT,
			       "leaks: page size %u is no power of two",
			       page_size);
	opened = calloc(1, sizeof(*opened));
	if (!opened)
		return err_set(err, ERR_NOMEM, "leaks: out of memory");
	opened->options = *options;
	opened->step_ns = STEP_FIRST_NS;
	*sink = opened;
	return 0;
}

void leaks_close(struct leaks_sink *sink)
{
	if (!sink)
		return;
	map_fini(&sink->index);
	free(sink->groups);
	free(sink->live);
	free(sink);
}

/* Orders by score; the largest first. */
static int by_score(const void *a, const void *b)
{
	const struct leak_row *x = a, *y = b;

	if (x->score != y->score)
		return x->score < y->score ? 1 : -1;
	if (x->allocs != y->allocs)
		return x->allocs < y->allocs ? 1 : -1;
	return x->call_site != y->call_site
		   ? (x->call_site < y->call_site ? -1 : 1)
		   : 0;
}

int leaks_rows(struct leaks_sink *sink, struct leak_row **rows, size_t *count,
	       struct err *err)
{
	struct leak_row *made;
	size_t made_count = 0;
	int ret = leaks_rank(sink);

	if (ret)
		return err_set(err, ret, "leaks: %s", err_code_text(ret));
	made = calloc(sink->group_count + 1, sizeof(*made));
	if (!made)
		return err_set(err, ERR_NOMEM, "leaks: out of memory");
	for (size_t i = 0; i < sink->group_count; i++)
		if (sink->groups[i].row.old)
			made[made_count++] = sink->groups[i].row;
	qsort(made, made_count, sizeof(*made), by_score);
	*rows = made;
	*count = made_count;
	return 0;
}
