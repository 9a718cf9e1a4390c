#include "parser/page_source.h"

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "parser/cpu_stream.h"
#include "parser/decode.h"
#include "parser/reading.h"
#include "parser/stream_heap.h"

struct page_source {
	struct source source;
	struct reading reading;
	struct decoder decoder;
	struct page_layout *layouts; /* of the streams */
	struct cpu_stream *streams;
	uint32_t stream_count, stream_cap;
	struct stream_heap heap;
	uint32_t mult, shift; /* of the times; mult 0: as they are */
	bool ended;
};

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
	size_t got;
	int ret =
	    decoder_read(&pages->decoder, &pages->heap, events, cap, &got, err);

	if (ret)
		return ret;
	if (!stream_heap_top(&pages->heap) && !pages->ended) {
		pages->ended = true;
		check_loss(pages);
		reading_damage(&pages->reading.trace->info,
			       &pages->decoder.anomalies);
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
		stream->lost_before = false;
		pages->reading.trace->info.cpus[stream->cpu].decoded = 0;
	}
	pages->ended = false;
	reading_rewind(&pages->reading);
	stream_heap_fill(&pages->heap, pages->streams, pages->stream_count);
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
	stream_heap_fini(&pages->heap);
	decoder_fini(&pages->decoder);
	free(pages);
}

static void page_source_skim(struct source *src, enum source_detail detail,
			     uint64_t large_from)
{
	decoder_skim(&((struct page_source *)src)->decoder, detail, large_from);
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
	if (!ret && (stream_heap_init(&pages->heap, cap) || !pages->layouts ||
		     !pages->streams))
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
	stream_heap_fill(&pages->heap, pages->streams, pages->stream_count);
	return &pages->source;
}

void page_source_destroy(struct page_source *pages)
{
	if (pages)
		page_source_close(&pages->source);
}
