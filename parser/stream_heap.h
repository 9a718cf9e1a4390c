/*
 * stream_heap: whose turn it is among the streams of several CPUs: the one whose
 * record is the oldest; of equal times the lower CPU's, then that of the stream
 * that was added first.
 *
 * A binary heap. From its top events are taken until the turn of the second,
 * which is a child of the top: so a run of one CPU's events costs one comparison
 * each. A stream that is done sinks to the bottom and stays there.
 */
#ifndef PARSER_STREAM_HEAP_H
#define PARSER_STREAM_HEAP_H

#include <stdbool.h>
#include <stdint.h>

#include "core/err.h"
#include "parser/cpu_stream.h"

/* Private: the record at the head of a stream. */
struct stream_turn {
	uint64_t ts_ns;		   /* UINT64_MAX where there is no stream */
	struct cpu_stream *stream; /* NULL: none, or one that is done */
};

/* A zeroed struct may be finished, but not used. */
struct stream_heap {
	/* Private */
	struct stream_turn *turns; /* with room for children of all */
	uint32_t cap;
};

/* Room for so many streams. ERR_NOMEM. */
MUST_CHECK int stream_heap_init(struct stream_heap *heap, uint32_t cap);
void stream_heap_fini(struct stream_heap *heap);

/* These streams, which stay where they are, and no others. */
void stream_heap_fill(struct stream_heap *heap, struct cpu_stream *streams,
		      uint32_t count);

/* The stream whose turn it is; NULL: all are done. */
static inline struct cpu_stream *stream_heap_top(const struct stream_heap *heap)
{
	return heap->turns[0].stream;
}

/* Private: which of two comes first that are equal in time. */
bool stream_turn_first_of_equals(const struct stream_turn *a,
				 const struct stream_turn *b);

/* Private */
static inline bool stream_turn_before(const struct stream_turn *a,
				      const struct stream_turn *b)
{
	return a->ts_ns != b->ts_ns ? a->ts_ns < b->ts_ns
				    : stream_turn_first_of_equals(a, b);
}

/* Private: the child whose turn comes first. */
static inline uint32_t stream_heap_child(const struct stream_heap *heap,
					 uint32_t at)
{
	const struct stream_turn *children = &heap->turns[at * 2 + 1];

	return at * 2 + 1 + stream_turn_before(&children[1], &children[0]);
}

/* Private: puts a turn where it belongs, at "at" or below. */
static inline void stream_heap_sift(struct stream_heap *heap,
				    struct stream_turn moved, uint32_t at)
{
	uint32_t child = stream_heap_child(heap, at);

	while (stream_turn_before(&heap->turns[child], &moved)) {
		heap->turns[at] = heap->turns[child];
		at = child;
		child = stream_heap_child(heap, at);
	}
	heap->turns[at] = moved;
}

/*
 * A time until which it is the top's turn: just before that of the second, or,
 * where they are equal, the same.
 */
static inline uint64_t stream_heap_until(const struct stream_heap *heap)
{
	uint64_t second = heap->turns[stream_heap_child(heap, 0)].ts_ns;

	return second - (second > heap->turns[0].ts_ns);
}

/* After records of the top were taken. */
static inline void stream_heap_settle(struct stream_heap *heap)
{
	struct stream_turn top = heap->turns[0];

	top.ts_ns = top.stream->record.ts_ns;
	if (top.stream->done)
		top = (struct stream_turn){UINT64_MAX, NULL};
	stream_heap_sift(heap, top, 0);
}

#endif
