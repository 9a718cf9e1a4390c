/*
 * The merge keeps the streams in a binary heap by (time, CPU). From the top
 * stream events are taken as long as they come before the second smallest,
 * which is a child of the top: so a run of one CPU's events costs one
 * comparison each, and a capture of one CPU nothing at all.
 */
#include "parser/capture.h"

#include <assert.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "parser/info_read.h"
#include "parser/cpu_stream.h"
#include "parser/decode.h"
#include "parser/file_read.h"
#include "parser/formats_read.h"
#include "parser/kernel_read.h"
#include "parser/snapshot_read.h"

enum { JSON_MAX = 16 << 20 };

struct capture {
	struct source source;
	struct trace *trace;
	struct page_layout layout;
	struct decoder decoder;
	struct cpu_stream *streams;
	uint32_t stream_count;
	struct cpu_stream **heap; /* those that are not done, least first */
	uint32_t heap_count;
	bool first; /* no event was given yet */
	bool ended;
	struct anomalies given; /* what trace->anomalies has of the decoder's */
};

static bool comes_before(const struct cpu_stream *a, const struct cpu_stream *b)
{
	if (a->record.ts_ns != b->record.ts_ns)
		return a->record.ts_ns < b->record.ts_ns;
	return a->cpu < b->cpu;
}

static void sift_down(struct capture *capture, uint32_t at)
{
	struct cpu_stream **heap = capture->heap;
	struct cpu_stream *moved = heap[at];

	for (;;) {
		uint32_t child = at * 2 + 1;

		if (child >= capture->heap_count)
			break;
		if (child + 1 < capture->heap_count &&
		    comes_before(heap[child + 1], heap[child]))
			child++;
		if (!comes_before(heap[child], moved))
			break;
		heap[at] = heap[child];
		at = child;
	}
	heap[at] = moved;
}

/* The stream whose turn comes after the top's, or NULL. */
static const struct cpu_stream *second(const struct capture *capture)
{
	struct cpu_stream **heap = capture->heap;

	if (capture->heap_count < 2)
		return NULL;
	if (capture->heap_count < 3 || comes_before(heap[1], heap[2]))
		return heap[1];
	return heap[2];
}

static void heap_init(struct capture *capture)
{
	capture->heap_count = 0;
	for (uint32_t i = 0; i < capture->stream_count; i++)
		if (!capture->streams[i].done)
			capture->heap[capture->heap_count++] =
			    &capture->streams[i];
	for (uint32_t i = capture->heap_count / 2; i > 0; i--)
		sift_down(capture, i - 1);
}

static void give_lost(struct cpu_stream *stream, struct kmem_event *ev)
{
	*ev = (struct kmem_event){.ts_ns = stream->record.ts_ns,
				  .addr = stream->missed_count,
				  .cpu = (uint16_t)stream->cpu,
				  .kind = EV_LOST,
				  .node = -1};
	stream->missed = false;
	stream->lost_before = true;
}

/*
 * Takes events from one stream until "next" has an earlier one. *count grows
 * up to cap.
 */
static int take_run(struct capture *capture, struct cpu_stream *stream,
		    const struct cpu_stream *next, struct kmem_event *events,
		    size_t cap, size_t *count, struct err *err)
{
	struct decoder *decoder = &capture->decoder;

	while (*count < cap) {
		struct kmem_event *ev = &events[*count];
		enum decode_status status;
		int ret;

		if (stream->missed) {
			give_lost(stream, ev);
			++*count;
			continue;
		}
		status = decoder_event(decoder, &stream->record,
				       (uint16_t)stream->cpu, ev);
		if (status == DECODE_NOMEM)
			return err_set(err, ERR_NOMEM, "no memory for names");
		if (status == DECODE_EVENT) {
			if (stream->lost_before)
				ev->flags |= EVF_LOST_BEFORE;
			stream->lost_before = false;
			++*count;
		}
		ret = cpu_stream_next(stream, err);
		if (ret)
			return ret;
		if (stream->done || (next && comes_before(next, stream)))
			break;
	}
	return 0;
}

static void set_partial(struct capture_info *info, const char *reason)
{
	size_t used = strlen(info->partial_reason);

	info->partial = true;
	if (strstr(info->partial_reason, reason))
		return;
	snprintf(info->partial_reason + used,
		 sizeof(info->partial_reason) - used, "%s%s", used ? "; " : "",
		 reason);
}

/* 454639 -> "454,639" */
static const char *group_digits(uint64_t value, char text[32])
{
	char digits[24];
	int len = snprintf(digits, sizeof(digits), "%" PRIu64, value);
	char *to = text;

	for (int i = 0; i < len; i++) {
		if (i && (len - i) % 3 == 0)
			*to++ = ',';
		*to++ = digits[i];
	}
	*to = '\0';
	return text;
}

/* What the statistics count against what was found. */
static void check_loss(struct capture *capture)
{
	struct capture_info *info = &capture->trace->info;
	struct anomalies *anomalies = &capture->decoder.anomalies;
	uint64_t entries = 0, unread = 0;
	char reason[128], a[32], b[32];

	for (uint32_t i = 0; i < capture->stream_count; i++) {
		struct cpu_stream *stream = &capture->streams[i];
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
		 group_digits(unread, a), group_digits(entries, b));
	set_partial(info, reason);
}

static void check_damage(struct capture *capture)
{
	static const enum anomaly damage[] = {
	    ANOMALY_CORRUPT_PAGE, ANOMALY_TRUNCATED_PAGE, ANOMALY_UNKNOWN_EVENT,
	    ANOMALY_SHORT_EVENT};
	const struct anomalies *anomalies = &capture->decoder.anomalies;

	for (size_t i = 0; i < sizeof(damage) / sizeof(*damage); i++) {
		char reason[160], number[32];
		uint64_t count = anomalies->count[damage[i]];

		if (!count)
			continue;
		snprintf(reason, sizeof(reason), "%s: %s",
			 anomaly_text(damage[i]), group_digits(count, number));
		set_partial(&capture->trace->info, reason);
	}
}

/* Brings what decoding counted since the last time into the trace. */
static void give_anomalies(struct capture *capture)
{
	for (int i = 0; i < ANOMALY_COUNT; i++) {
		uint64_t now = capture->decoder.anomalies.count[i];

		capture->trace->anomalies.count[i] +=
		    now - capture->given.count[i];
		capture->given.count[i] = now;
	}
}

static void note_times(struct capture *capture, const struct kmem_event *events,
		       size_t count)
{
	struct trace *trace = capture->trace;

	if (!count)
		return;
	if (capture->first)
		trace->first_ts_ns = events[0].ts_ns;
	capture->first = false;
	trace->last_ts_ns = events[count - 1].ts_ns;
}

static int capture_read(struct source *src, struct kmem_event *events,
			size_t cap, size_t *count, struct err *err)
{
	struct capture *capture = (struct capture *)src;
	size_t got = 0;

	while (got < cap && capture->heap_count) {
		struct cpu_stream *top = capture->heap[0];
		int ret = take_run(capture, top, second(capture), events, cap,
				   &got, err);

		if (ret)
			return ret;
		/* The record at the head is not taken yet. */
		capture->trace->info.cpus[top->cpu].decoded =
		    top->records - !top->done;
		if (top->done)
			capture->heap[0] = capture->heap[--capture->heap_count];
		if (capture->heap_count)
			sift_down(capture, 0);
	}
	if (!capture->heap_count && !capture->ended) {
		capture->ended = true;
		check_loss(capture);
		check_damage(capture);
	}
	give_anomalies(capture);
	note_times(capture, events, got);
	*count = got;
	return 0;
}

static int capture_rewind(struct source *src, struct err *err)
{
	struct capture *capture = (struct capture *)src;

	decoder_rewind(&capture->decoder);
	give_anomalies(capture);
	for (uint32_t i = 0; i < capture->stream_count; i++) {
		struct cpu_stream *stream = &capture->streams[i];
		int ret = cpu_stream_rewind(stream, err);

		if (ret)
			return ret;
		capture->trace->info.cpus[stream->cpu].decoded = 0;
	}
	capture->ended = false;
	capture->first = true;
	heap_init(capture);
	return 0;
}

static double capture_position(const struct source *src)
{
	const struct capture *capture = (const struct capture *)src;
	uint64_t size = 0, done = 0;

	for (uint32_t i = 0; i < capture->stream_count; i++) {
		size += capture->streams[i].size_bytes;
		done += capture->streams[i].read_bytes;
	}
	if (!size)
		return 1;
	return done < size ? (double)done / (double)size : 1;
}

static void capture_skip_named(struct source *src, bool on)
{
	((struct capture *)src)->decoder.skip_named = on;
}

static void capture_close(struct source *src)
{
	struct capture *capture = (struct capture *)src;

	for (uint32_t i = 0; i < capture->stream_count; i++)
		cpu_stream_close(&capture->streams[i]);
	free(capture->streams);
	free(capture->heap);
	decoder_fini(&capture->decoder);
	free(capture);
}

static const struct source_ops capture_ops = {
    .read = capture_read,
    .rewind = capture_rewind,
    .position = capture_position,
    .skip_named = capture_skip_named,
    .close = capture_close,
};

static int read_json(const char *dir, struct trace *trace, struct err *err)
{
	struct file_text file;
	struct stat st;
	int ret;

	if (stat(dir, &st))
		return err_set(err, ERR_MISSING, "%s: no such capture", dir);
	if (!S_ISDIR(st.st_mode))
		return err_set(err, ERR_FORMAT,
			       "%s: a capture is a directory, this is not",
			       dir);
	ret = file_read(dir, "capture.json", JSON_MAX, &file, err);
	if (ret == ERR_MISSING)
		return err_set(err, ret,
			       "%s: no capture: it has no capture.json", dir);
	if (ret)
		return ret;
	ret = info_parse(file.text, file.len, trace, err);
	if (ret)
		err_prefix(err, "%s/capture.json", dir);
	file_text_fini(&file);
	return ret;
}

/* Opens cpu/N.raw; a CPU without events may have no file. */
static int open_stream(struct capture *capture, const char *dir, uint32_t cpu,
		       struct err *err)
{
	struct capture_info *info = &capture->trace->info;
	struct cpu_stream *stream = &capture->streams[capture->stream_count];
	char path[4096], reason[64];
	struct stat st;

	if ((size_t)snprintf(path, sizeof(path), "%s/cpu/%u.raw", dir, cpu) >=
	    sizeof(path))
		return err_set(err, ERR_LIMIT, "%s: path is too long", dir);
	if (stat(path, &st)) {
		if (info->cpus[cpu].entries) {
			snprintf(reason, sizeof(reason),
				 "cpu/%u.raw is missing", cpu);
			set_partial(info, reason);
		}
		return 0;
	}
	capture->stream_count++;
	return cpu_stream_open(stream, path, cpu, &capture->layout,
			       &capture->decoder.anomalies, err);
}

static int open_streams(struct capture *capture, const char *dir,
			struct err *err)
{
	uint32_t cpus = capture->trace->info.cpu_count;

	capture->streams = calloc(cpus, sizeof(*capture->streams));
	capture->heap = calloc(cpus, sizeof(struct cpu_stream *));
	if (!capture->streams || !capture->heap)
		return err_set(err, ERR_NOMEM, "no memory for %u CPUs", cpus);
	for (uint32_t cpu = 0; cpu < cpus; cpu++) {
		int ret = open_stream(capture, dir, cpu, err);

		if (ret)
			return ret;
	}
	if (!capture->stream_count)
		return err_set(err, ERR_MISSING,
			       "%s/cpu: no file of ring-buffer pages (0.raw to "
			       "%u.raw)",
			       dir, cpus - 1);
	heap_init(capture);
	return 0;
}

static int open_formats(struct capture *capture, const char *dir,
			struct err *err)
{
	struct format_list list;
	int ret;

	ret = formats_read(dir, &capture->trace->info, &list, err);
	if (ret)
		return ret;
	capture->layout = list.layout;
	return decoder_init(&capture->decoder, capture->trace, list.formats,
			    list.count, err);
}

/* Which slab allocator it has is needed even where its symbols are not. */
static int read_kernel(const char *dir, struct trace *trace, struct err *err)
{
	struct capture_info *info = &trace->info;
	int ret = kernel_read_comms(dir, trace, err);

	if (info->slab_kind == SLAB_KIND_UNKNOWN)
		info->slab_kind = kernel_slab_kind(dir, info);
	if (!ret && (!(trace->unwanted & TRACE_SYMBOLS) ||
		     info->slab_kind == SLAB_KIND_UNKNOWN))
		ret = kernel_read_symbols(dir, trace, err);
	return ret;
}

static int open_all(struct capture *capture, const char *dir, struct err *err)
{
	struct trace *trace = capture->trace;
	int ret;

	ret = read_json(dir, trace, err);
	if (!ret)
		ret = open_formats(capture, dir, err);
	if (!ret)
		ret = open_streams(capture, dir, err);
	if (!ret)
		ret = read_kernel(dir, trace, err);
	if (!ret)
		ret = snapshot_read(dir, "before", true, &trace->info,
				    &trace->before, err);
	if (!ret)
		ret = snapshot_read(dir, "after",
				    !(trace->unwanted & TRACE_AFTER_PAGES),
				    &trace->info, &trace->after, err);
	return ret;
}

int capture_open(const char *dir, struct trace *trace, struct source **source,
		 struct err *err)
{
	struct capture *capture;
	int ret;

	assert(dir && trace && source);
	capture = calloc(1, sizeof(*capture));
	if (!capture)
		return err_set(err, ERR_NOMEM, "no memory to open %s", dir);
	capture->source.ops = &capture_ops;
	capture->trace = trace;
	capture->first = true;
	ret = open_all(capture, dir, err);
	if (ret)
		capture_close(&capture->source);
	else
		*source = &capture->source;
	return ret;
}
