#include "parser/perf_queue.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

enum { LANE_FIRST = 256 };

int perf_queue_init(struct perf_queue *queue, uint32_t cpus, struct err *err)
{
	assert(queue && cpus);
	*queue = (struct perf_queue){.lane_count = cpus};
	queue->lanes = calloc(cpus, sizeof(*queue->lanes));
	queue->heap = calloc(cpus, sizeof(*queue->heap));
	if (!queue->lanes || !queue->heap)
		return err_set(err, ERR_NOMEM, "no memory for %u CPUs", cpus);
	return 0;
}

void perf_queue_fini(struct perf_queue *queue)
{
	for (uint32_t i = 0; queue->lanes && i < queue->lane_count; i++)
		free(queue->lanes[i].events);
	free(queue->lanes);
	free(queue->heap);
	*queue = (struct perf_queue){0};
}

void perf_queue_clear(struct perf_queue *queue)
{
	for (uint32_t i = 0; i < queue->lane_count; i++) {
		struct perf_lane *lane = &queue->lanes[i];

		lane->from = lane->count = 0;
		lane->unsorted = false;
	}
	queue->late = 0;
	queue->heap_count = 0;
	queue->waiting = 0;
	queue->newest_ns = queue->round_ns = 0;
	queue->limit_ns = queue->last_ns = 0;
	queue->due = queue->giving = false;
}

static int make_room(struct perf_lane *lane, struct err *err)
{
	struct kmem_event *bigger;
	size_t cap = lane->cap ? lane->cap * 2 : LANE_FIRST;

	/* Fewer would be moved again and again. */
	if (lane->from > lane->cap / 2) {
		lane->count -= lane->from;
		memmove(lane->events, lane->events + lane->from,
			lane->count * sizeof(*lane->events));
		lane->from = 0;
		return 0;
	}
	bigger = realloc(lane->events, cap * sizeof(*bigger));
	if (!bigger)
		return err_set(err, ERR_NOMEM, "no memory for events");
	lane->events = bigger;
	lane->cap = cap;
	return 0;
}

int perf_queue_add(struct perf_queue *queue, const struct kmem_event *ev,
		   struct err *err)
{
	struct perf_lane *lane = &queue->lanes[ev->cpu];
	struct kmem_event *to;

	assert(ev->cpu < queue->lane_count && !queue->giving);
	if (lane->count == lane->cap) {
		int ret = make_room(lane, err);

		if (ret)
			return ret;
	}
	to = &lane->events[lane->count];
	*to = *ev;
	if (to->ts_ns < queue->last_ns) {
		to->ts_ns = queue->last_ns;
		queue->late++;
	}
	if (lane->count > lane->from && to[-1].ts_ns > to->ts_ns)
		lane->unsorted = true;
	if (to->ts_ns > queue->newest_ns)
		queue->newest_ns = to->ts_ns;
	lane->count++;
	queue->waiting++;
	return 0;
}

static void raise_limit(struct perf_queue *queue, uint64_t limit_ns)
{
	queue->limit_ns = limit_ns;
	queue->due = true;
}

void perf_queue_round(struct perf_queue *queue)
{
	uint64_t limit_ns = 0;

	if (queue->newest_ns > PERF_QUEUE_HELD_NS)
		limit_ns = queue->newest_ns - PERF_QUEUE_HELD_NS;
	if (limit_ns > queue->round_ns)
		limit_ns = queue->round_ns;
	if (limit_ns > queue->limit_ns &&
	    limit_ns - queue->limit_ns >= PERF_QUEUE_HELD_NS)
		raise_limit(queue, limit_ns);
	queue->round_ns = queue->newest_ns;
}

void perf_queue_end(struct perf_queue *queue)
{
	raise_limit(queue, UINT64_MAX);
}

bool perf_queue_full(const struct perf_queue *queue)
{
	return queue->waiting >= PERF_QUEUE_MAX;
}

/* Stable merge of [low, middle) and [middle, high) through a copy. */
static void merge(struct kmem_event *events, struct kmem_event *copy,
		  size_t low, size_t middle, size_t high)
{
	size_t a = low, b = middle, to = low;

	if (events[middle - 1].ts_ns <= events[middle].ts_ns)
		return;
	memcpy(copy + low, events + low, (middle - low) * sizeof(*events));
	while (a < middle && b < high)
		events[to++] =
		    events[b].ts_ns < copy[a].ts_ns ? events[b++] : copy[a++];
	memcpy(events + to, copy + a, (middle - a) * sizeof(*events));
}

/* Interrupts trace between the time of a sample and its place in the buffer. */
static int sort_lane(struct perf_lane *lane, struct err *err)
{
	size_t count = lane->count - lane->from;
	struct kmem_event *events = lane->events + lane->from;
	struct kmem_event *copy = malloc(count * sizeof(*copy));

	if (!copy)
		return err_set(err, ERR_NOMEM, "no memory to sort events");
	for (size_t width = 1; width < count; width *= 2)
		for (size_t low = 0; low + width < count; low += 2 * width) {
			size_t high = low + 2 * width;

			merge(events, copy, low, low + width,
			      high < count ? high : count);
		}
	free(copy);
	lane->unsorted = false;
	return 0;
}

static const struct kmem_event *head(const struct perf_queue *queue,
				     uint32_t lane)
{
	return &queue->lanes[lane].events[queue->lanes[lane].from];
}

static bool comes_before(const struct perf_queue *queue, uint32_t a, uint32_t b)
{
	uint64_t a_ns = head(queue, a)->ts_ns, b_ns = head(queue, b)->ts_ns;

	return a_ns != b_ns ? a_ns < b_ns : a < b;
}

static void sift_down(struct perf_queue *queue, uint32_t at)
{
	uint32_t *heap = queue->heap, moved = heap[at];

	for (;;) {
		uint32_t child = at * 2 + 1;

		if (child >= queue->heap_count)
			break;
		if (child + 1 < queue->heap_count &&
		    comes_before(queue, heap[child + 1], heap[child]))
			child++;
		if (!comes_before(queue, heap[child], moved))
			break;
		heap[at] = heap[child];
		at = child;
	}
	heap[at] = moved;
}

static bool may_go(const struct perf_queue *queue, uint32_t lane)
{
	const struct perf_lane *l = &queue->lanes[lane];

	return l->from < l->count &&
	       l->events[l->from].ts_ns <= queue->limit_ns;
}

static int start_giving(struct perf_queue *queue, struct err *err)
{
	queue->heap_count = 0;
	for (uint32_t i = 0; i < queue->lane_count; i++) {
		if (queue->lanes[i].unsorted) {
			int ret = sort_lane(&queue->lanes[i], err);

			if (ret)
				return ret;
		}
		if (may_go(queue, i))
			queue->heap[queue->heap_count++] = i;
	}
	for (uint32_t i = queue->heap_count / 2; i > 0; i--)
		sift_down(queue, i - 1);
	queue->due = false;
	queue->giving = true;
	return 0;
}

/* Half of the way from the last event that went to the newest. */
static void force(struct perf_queue *queue)
{
	uint64_t middle =
	    queue->last_ns + (queue->newest_ns - queue->last_ns) / 2;

	raise_limit(queue,
		    middle > queue->limit_ns ? middle : queue->newest_ns);
}

/* Events of the top lane until another lane's turn comes. */
static size_t take_run(struct perf_queue *queue, struct kmem_event *events,
		       size_t cap)
{
	uint32_t top = queue->heap[0];
	struct perf_lane *lane = &queue->lanes[top];
	uint32_t second = UINT32_MAX;
	size_t got = 0;

	if (queue->heap_count > 1)
		second = queue->heap[1];
	if (queue->heap_count > 2 &&
	    comes_before(queue, queue->heap[2], second))
		second = queue->heap[2];
	do {
		events[got++] = lane->events[lane->from++];
	} while (got < cap && may_go(queue, top) &&
		 (second == UINT32_MAX || comes_before(queue, top, second)));
	queue->last_ns = events[got - 1].ts_ns;
	queue->waiting -= got;
	if (lane->from == lane->count)
		lane->from = lane->count = 0;
	if (!may_go(queue, top))
		queue->heap[0] = queue->heap[--queue->heap_count];
	if (queue->heap_count)
		sift_down(queue, 0);
	return got;
}

int perf_queue_take(struct perf_queue *queue, struct kmem_event *events,
		    size_t cap, size_t *count, struct err *err)
{
	size_t got = 0;

	*count = 0;
	if (!queue->giving && perf_queue_full(queue))
		force(queue);
	if (queue->due) {
		int ret = start_giving(queue, err);

		if (ret)
			return ret;
	}
	while (got < cap && queue->heap_count)
		got += take_run(queue, events + got, cap - got);
	queue->giving = queue->heap_count > 0;
	*count = got;
	return 0;
}
