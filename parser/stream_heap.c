#include "parser/stream_heap.h"

#include <assert.h>
#include <stdlib.h>

static size_t room_for(uint32_t streams)
{
	return (size_t)streams * 2 + 1;
}

int stream_heap_init(struct stream_heap *heap, uint32_t cap)
{
	assert(heap && cap);
	*heap = (struct stream_heap){.cap = cap};
	heap->turns = malloc(room_for(cap) * sizeof(*heap->turns));
	return heap->turns ? 0 : ERR_NOMEM;
}

void stream_heap_fill(struct stream_heap *heap, struct cpu_stream *streams,
		      uint32_t count)
{
	assert(count <= heap->cap);
	for (size_t i = 0; i < room_for(heap->cap); i++)
		heap->turns[i] = (struct stream_turn){UINT64_MAX, NULL};
	for (uint32_t i = 0; i < count; i++)
		if (!streams[i].done)
			heap->turns[i] = (struct stream_turn){
			    streams[i].record.ts_ns, &streams[i]};
	for (uint32_t i = count; i > 0; i--)
		stream_heap_sift(heap, heap->turns[i - 1], i - 1);
}

bool stream_turn_first_of_equals(const struct stream_turn *a,
				 const struct stream_turn *b)
{
	if (!a->stream || !b->stream)
		return a->stream != NULL;
	return a->stream->cpu != b->stream->cpu
		   ? a->stream->cpu < b->stream->cpu
		   : a->stream < b->stream;
}

void stream_heap_fini(struct stream_heap *heap)
{
	free(heap->turns);
	*heap = (struct stream_heap){0};
}
