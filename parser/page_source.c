/*
 * The merge keeps the streams in a binary heap by (time, CPU). From the top
 * stream events are taken as long as they come before the second smallest,
 * which is a child of the top: so a run of one CPU's events costs one
 * comparison each, and a single CPU nothing at all. Then those two change
 * places.
 */
#include "parser/page_source.h"

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "parser/cpu_stream.h"
#include "parser/decode.h"
#include "parser/reading.h"

struct page_source {
	struct source source;
	struct reading reading;
	struct decoder decoder;
	struct page_layout *layouts; /* of the streams */
	struct cpu_stream *streams;
	uint32_t stream_count, stream_cap;
	struct cpu_stream **heap; /* those that are not done, least first */
	uint32_t heap_count;
	uint32_t mult, shift; /* of the times; mult 0: as they are */
	bool ended;
};

static bool comes_before(const struct cpu_stream *a, const struct cpu_stream *b)
{
	if (a->record.ts_ns != b->record.ts_ns)
		return a->record.ts_ns < b->record.ts_ns;
	if (a->cpu != b->cpu)
		return a->cpu < b->cpu;
	return a < b;
}

/* The child whose turn comes first; heap_count or more: there is none. */
static uint32_t first_child(const struct page_source *pages, uint32_t at)
{
	uint32_t child = at * 2 + 1;

	if (child + 1 < pages->heap_count)
		child +=
		    comes_before(pages->heap[child + 1], pages->heap[child]);
	return child;
}

/* Puts a stream where it belongs, at "at" or below. */
static void sift_down(struct page_source *pages, struct cpu_stream *moved,
		      uint32_t at)
{
	struct cpu_stream **heap = pages->heap;
	uint32_t child = first_child(pages, at);

	while (child < pages->heap_count && comes_before(heap[child], moved)) {
		heap[at] = heap[child];
		at = child;
		child = first_child(pages, at);
	}
	heap[at] = moved;
}

/* After events of the top were taken; second: its first child then. */
static void sift_top(struct page_source *pages, uint32_t second)
{
	struct cpu_stream **heap = pages->heap;
	struct cpu_stream *top = heap[0];

	if (top->done) {
		if (--pages->heap_count)
			sift_down(pages, heap[pages->heap_count], 0);
	} else if (second < pages->heap_count &&
		   comes_before(heap[second], top)) {
		heap[0] = heap[second];
		sift_down(pages, top, second);
	}
}

static void heap_init(struct page_source *pages)
{
	pages->heap_count = 0;
	for (uint32_t i = 0; i < pages->stream_count; i++)
		if (!pages->streams[i].done)
			pages->heap[pages->heap_count++] = &pages->streams[i];
	for (uint32_t i = pages->heap_count / 2; i > 0; i--)
		sift_down(pages, pages->heap[i - 1], i - 1);
}

static void give_lost(struct cpu_stream *stream, struct kmem_event *ev)
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

/* Passes over records that skimming leaves out: they need no turn. */
static int skip_run(const struct decoder *decoder, struct cpu_stream *stream,
		    struct err *err)
{
	int ret = 0;

	while (!ret && !stream->done && !stream->missed &&
	       decoder_skips(decoder, &stream->record))
		ret = cpu_stream_next(stream, err);
	return ret;
}

/* The time until which it is the top's turn, and not that of the next. */
static uint64_t turn_end(const struct cpu_stream *top,
			 const struct cpu_stream *next)
{
	bool first_of_equals =
	    top->cpu != next->cpu ? top->cpu < next->cpu : top < next;

	/* The top came first: where it is not first of equals, it is less. */
	return next->record.ts_ns - !first_of_equals;
}

/*
 * Takes events from one stream as long as they are not later than turn_end. *to
 * moves on, to end at most.
 */
static int take_run(struct decoder *decoder, struct cpu_stream *stream,
		    uint64_t turn_end, struct kmem_event **to,
		    const struct kmem_event *end, struct err *err)
{
	struct kmem_event *ev = *to;
	int ret = 0;

	while (!ret && ev < end && !stream->done &&
	       stream->record.ts_ns <= turn_end) {
		enum decode_status status;

		if (stream->missed) {
			give_lost(stream, ev++);
			continue;
		}
		status = decoder_event(decoder, &stream->record,
				       (uint16_t)stream->cpu, ev);
		if (status == DECODE_NOMEM)
			return err_set(err, ERR_NOMEM, "no memory for names");
		if (status == DECODE_EVENT) {
			if (stream->lost_before) {
				ev->flags |= EVF_LOST_BEFORE;
				stream->lost_before = false;
			}
			ev++;
		}
		ret = cpu_stream_next(stream, err);
		if (!ret && decoder->skim_from)
			ret = skip_run(decoder, stream, err);
	}
	*to = ev;
	return ret;
}

/* What the statistics count against what was found. */
static void check_loss(struct page_source *pages)
{
	struct capture_info *info = &pages->reading.trace->info;
	struct anomalies *anomalies = &pages->decoder.anomalies;
	uint64_t entries = 0, unread = 0;
	char reason[128], a[32], b[32];

	for (uint32_t i = 0; i < pages->stream_count; i++) {
		struct cpu_stream *stream = &pages->streams[i];
		const struct cpu_loss *loss = &info->cpus[stream->cpu];
		uint64_t told =
		    loss->overrun + loss->commit_overrun + loss->dropped_events;

		if (stream->missed_total > told)
			anomalies->count[ANOMALY_LOST_EVENTS] +=
			    stream->missed_total - told;
	}
	for (uint32_t i = 0; i < info->cpu_count; i++) {
		const struct cpu_loss *loss = &info->cpus[i];

		entries += loss->entries;
		if (loss->entries > loss->decoded)
			unread += loss->entries - loss->decoded;
	}
	anomalies->count[ANOMALY_UNREAD_EVENTS] = unread;
	if (!unread)
		return;
	snprintf(reason, sizeof(reason), "%s of %s events are not in the pages",
		 reading_digits(unread, a), reading_digits(entries, b));
	reading_partial(info, reason);
}

static void scale_times(const struct page_source *pages,
			struct kmem_event *events, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		unsigned __int128 ns =
		    (unsigned __int128)events[i].ts_ns * pages->mult >>
		    pages->shift;

		events[i].ts_ns = ns > UINT64_MAX ? UINT64_MAX : (uint64_t)ns;
	}
}

static int page_source_read(struct source *src, struct kmem_event *events,
			    size_t cap, size_t *count, struct err *err)
{
	struct page_source *pages = (struct page_source *)src;
	struct capture_info *info = &pages->reading.trace->info;
	struct kmem_event *to = events, *end = events + cap;
	size_t got;

	while (to < end && pages->heap_count) {
		struct cpu_stream *top = pages->heap[0];
		uint32_t second = first_child(pages, 0);
		uint64_t until = second < pages->heap_count
				     ? turn_end(top, pages->heap[second])
				     : UINT64_MAX;
		uint64_t taken;
		int ret = take_run(&pages->decoder, top, until, &to, end, err);

		if (ret)
			return ret;
		/* The record at the head is not taken yet. */
		taken = top->records - !top->done;
		info->cpus[top->cpu].decoded += taken - top->taken;
		top->taken = taken;
		sift_top(pages, second);
	}
	got = (size_t)(to - events);
	if (!pages->heap_count && !pages->ended) {
		pages->ended = true;
		check_loss(pages);
		reading_damage(info, &pages->decoder.anomalies);
	}
	if (pages->mult)
		scale_times(pages, events, got);
	reading_give(&pages->reading, &pages->decoder.anomalies);
	reading_times(&pages->reading, events, got);
	*count = got;
	return 0;
}

static int page_source_rewind(struct source *src, struct err *err)
{
	struct page_source *pages = (struct page_source *)src;

	decoder_rewind(&pages->decoder);
	reading_give(&pages->reading, &pages->decoder.anomalies);
	for (uint32_t i = 0; i < pages->stream_count; i++) {
		struct cpu_stream *stream = &pages->streams[i];
		int ret = cpu_stream_rewind(stream, err);

		if (ret)
			return ret;
		stream->taken = 0;
		stream->lost_before = false;
		pages->reading.trace->info.cpus[stream->cpu].decoded = 0;
	}
	pages->ended = false;
	reading_rewind(&pages->reading);
	heap_init(pages);
	return 0;
}

static double page_source_position(const struct source *src)
{
	const struct page_source *pages = (const struct page_source *)src;
	uint64_t size = 0, done = 0;

	for (uint32_t i = 0; i < pages->stream_count; i++) {
		size += pages->streams[i].size_bytes;
		done += pages->streams[i].read_bytes;
	}
	if (!size)
		return 1;
	return done < size ? (double)done / (double)size : 1;
}

static void page_source_close(struct source *src)
{
	struct page_source *pages = (struct page_source *)src;

	for (uint32_t i = 0; i < pages->stream_count; i++)
		cpu_stream_close(&pages->streams[i]);
	free(pages->streams);
	free(pages->layouts);
	free(pages->heap);
	decoder_fini(&pages->decoder);
	free(pages);
}

static void page_source_skim(struct source *src, uint64_t large_from)
{
	decoder_skim(&((struct page_source *)src)->decoder, large_from);
}

static const struct source_ops page_source_ops = {
    .read = page_source_read,
    .rewind = page_source_rewind,
    .position = page_source_position,
    .skim = page_source_skim,
    .close = page_source_close,
};

int page_source_create(struct trace *trace, struct format_list *list,
		       uint32_t cap, struct page_source **created,
		       struct err *err)
{
	struct page_source *pages = calloc(1, sizeof(*pages));
	struct event_format *formats = list->formats;
	int ret;

	assert(trace && created);
	list->formats = NULL;
	if (!pages) {
		free(formats);
		return err_set(err, ERR_NOMEM, "no memory for a source");
	}
	pages->source.ops = &page_source_ops;
	pages->reading.trace = trace;
	pages->stream_cap = cap;
	ret = decoder_init(&pages->decoder, trace, formats, list->count, err);
	pages->layouts = calloc(cap, sizeof(*pages->layouts));
	pages->streams = calloc(cap, sizeof(*pages->streams));
	pages->heap = calloc(cap, sizeof(struct cpu_stream *));
	if (!ret && (!pages->layouts || !pages->streams || !pages->heap))
		ret = err_set(err, ERR_NOMEM, "no memory for %u CPUs", cap);
	if (ret)
		page_source_destroy(pages);
	else
		*created = pages;
	return ret;
}

int page_source_add(struct page_source *pages, struct page_file *file,
		    uint32_t cpu, const struct page_layout *layout,
		    struct err *err)
{
	uint32_t at = pages->stream_count++;

	assert(at < pages->stream_cap &&
	       cpu < pages->reading.trace->info.cpu_count);
	pages->layouts[at] = *layout;
	return cpu_stream_start(&pages->streams[at], file, cpu,
				&pages->layouts[at], &pages->decoder.anomalies,
				err);
}

void page_source_scale(struct page_source *pages, uint32_t mult, uint32_t shift)
{
	pages->mult = mult;
	pages->shift = shift;
}

struct source *page_source_start(struct page_source *pages)
{
	heap_init(pages);
	return &pages->source;
}

void page_source_destroy(struct page_source *pages)
{
	if (pages)
		page_source_close(&pages->source);
}
