/*
 * A line is tried as a tracepoint's first, because nearly all are, then as one
 * of what a text has besides. Time must not go back: an event that is older
 * than the one before gets its time and is counted.
 */
#include "parser/text_trace.h"

#include <assert.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "parser/gfp_parse.h"
#include "parser/reading.h"
#include "parser/text_event.h"
#include "parser/text_file.h"
#include "parser/text_head.h"
#include "parser/text_scan.h"
#include "parser/text_slub.h"

enum { PAGE_SIZE_USUAL = 4096, START_BYTES = 4096 };

struct text_trace {
	struct source source; /* first: this is a source */
	struct reading reading;
	struct trace *trace;
	struct text_file file;
	struct text_events events;
	struct text_slub slub;
	struct text_head head;
	uint64_t entries;   /* lines that the kernel counts as an event */
	uint64_t lost_told; /* by lines between the events */
	uint64_t last_ts_ns;
	bool ended;
	/* An event that waits because an EV_LOST came before it. */
	struct kmem_event held;
	bool holds;
	/* Events lost on a CPU and not told yet; UINT64_MAX: number unknown. */
	uint64_t lost[CAPTURE_CPUS_MAX];
};

static struct text_trace *text_of(struct source *src)
{
	return (struct text_trace *)src;
}

/* Room for one more CPU, as they appear. */
static int see_cpu(struct text_trace *text, uint32_t cpu)
{
	struct capture_info *info = &text->trace->info;
	struct cpu_loss *cpus;

	if (cpu < info->cpu_count)
		return 0;
	cpus = realloc(info->cpus, (cpu + 1) * sizeof(*cpus));
	if (!cpus)
		return ERR_NOMEM;
	memset(cpus + info->cpu_count, 0,
	       (cpu + 1 - info->cpu_count) * sizeof(*cpus));
	info->cpus = cpus;
	info->cpu_count = cpu + 1;
	return 0;
}

static int note_lost(struct text_trace *text, uint32_t cpu, uint64_t count)
{
	struct anomalies *anomalies = &text->events.anomalies;
	int ret;

	if (cpu >= CAPTURE_CPUS_MAX || count > INT64_MAX) {
		anomalies->count[ANOMALY_BAD_VALUE]++;
		return 0;
	}
	ret = see_cpu(text, cpu);
	if (ret)
		return ret;
	anomalies->count[ANOMALY_GAP]++;
	anomalies->count[ANOMALY_LOST_EVENTS] += count;
	text->trace->info.cpus[cpu].overrun += count;
	text->lost_told += count;
	if (!count)
		text->lost[cpu] = UINT64_MAX;
	else if (text->lost[cpu] != UINT64_MAX)
		text->lost[cpu] += count;
	return 0;
}

/* perf script --show-lost-events: "PERF_RECORD_LOST lost 123" */
static int unnamed_line(struct text_trace *text, const struct text_line *line)
{
	const char *at = line->body;
	uint64_t count;

	text->entries++;
	if (!text_accept(&at, line->end, "PERF_RECORD_LOST lost ") ||
	    !text_decimal(at, &count))
		return 0;
	return note_lost(text, line->cpu, count);
}

/* Only a part of an event is left of the line. */
static bool is_damaged(const char *start, const char *end)
{
	return *start != '#' && (text_find(start, end, " call_site=") ||
				 text_find(start, end, " pfn="));
}

/* What is no tracepoint's line. */
static int other_line(struct text_trace *text, const char *start,
		      const char *end, struct kmem_event *ev, bool *given)
{
	uint32_t cpu;
	uint64_t count;

	if (start == end)
		return 0;
	if (text_line_lost(start, end, &cpu, &count))
		return note_lost(text, cpu, count);
	text_head_line(&text->head, &text->trace->info, start, end);
	if (is_damaged(start, end)) {
		text->events.anomalies.count[ANOMALY_SHORT_EVENT]++;
		return 0;
	}
	return text_slub_line(&text->slub, &text->events, start, end, ev,
			      given);
}

/* The next event; *given is false at the end of the text. */
static int next_event(struct text_trace *text, struct kmem_event *ev,
		      bool *given, struct err *err)
{
	*given = false;
	while (!*given) {
		struct text_line line;
		const char *start, *end;
		int ret = text_file_line(&text->file, &start, &end, err);

		if (ret)
			return ret;
		if (!start) {
			*given = text_slub_end(&text->slub, ev);
			return 0;
		}
		if (!text_line_parse(start, end, &line)) {
			ret = other_line(text, start, end, ev, given);
		} else if (!line.event_len) {
			ret = unnamed_line(text, &line);
		} else {
			text->entries++;
			ret =
			    text_events_parse(&text->events, &line, ev, given);
		}
		if (ret)
			return err_set(err, ret, "%s: %s", text->file.path,
				       err_code_text(ret));
	}
	return 0;
}

/* Time, CPU and loss of an event; *lost if an EV_LOST comes before it. */
static int place(struct text_trace *text, struct kmem_event *ev, bool *lost)
{
	struct cpu_loss *loss;
	int ret = see_cpu(text, ev->cpu);

	if (ret)
		return ret;
	if (ev->ts_ns < text->last_ts_ns) {
		text->events.anomalies.count[ANOMALY_TIME_BACKWARDS]++;
		ev->ts_ns = text->last_ts_ns;
	}
	text->last_ts_ns = ev->ts_ns;
	loss = &text->trace->info.cpus[ev->cpu];
	loss->entries++;
	loss->decoded++;
	*lost = text->lost[ev->cpu] != 0;
	if (*lost)
		ev->flags |= EVF_LOST_BEFORE;
	return 0;
}

static struct kmem_event lost_event(struct text_trace *text,
				    const struct kmem_event *ev)
{
	uint64_t count = text->lost[ev->cpu];

	text->lost[ev->cpu] = 0;
	return (struct kmem_event){.ts_ns = ev->ts_ns,
				   .addr = count == UINT64_MAX ? 0 : count,
				   .cpu = ev->cpu,
				   .kind = EV_LOST,
				   .node = -1};
}

/* At the end: what the heads count against what was found. */
static void check_end(struct text_trace *text)
{
	struct capture_info *info = &text->trace->info;
	struct anomalies *anomalies = &text->events.anomalies;
	const struct text_head *head = &text->head;
	uint64_t lost = head->written - head->in_buffer;
	char reason[128], a[32], b[32];

	if (lost > text->lost_told)
		anomalies->count[ANOMALY_LOST_EVENTS] += lost - text->lost_told;
	if (head->in_buffer > text->entries) {
		uint64_t unread = head->in_buffer - text->entries;

		anomalies->count[ANOMALY_UNREAD_EVENTS] += unread;
		snprintf(reason, sizeof(reason),
			 "%s of %s events that its head counts are not in the "
			 "text",
			 reading_digits(unread, a),
			 reading_digits(head->in_buffer, b));
		reading_partial(info, reason);
	}
	if (text->file.cut)
		reading_partial(info, "the text ends inside a line, which was "
				      "not read");
	reading_damage(info, anomalies);
}

static int text_read(struct source *src, struct kmem_event *events, size_t cap,
		     size_t *count, struct err *err)
{
	struct text_trace *text = text_of(src);
	size_t got = 0;

	while (got < cap && !text->ended) {
		struct kmem_event *ev = &events[got];
		bool given = true, lost = false;
		int ret = 0;

		if (text->holds)
			*ev = text->held;
		else
			ret = next_event(text, ev, &given, err);
		if (!ret && given && !text->holds)
			ret = place(text, ev, &lost);
		if (ret)
			return err_set(err, ret, "%s: %s", text->file.path,
				       err_code_text(ret));
		text->holds = lost;
		if (lost) {
			text->held = *ev;
			*ev = lost_event(text, &text->held);
		}
		got += given;
		text->ended = !given;
		if (text->ended)
			check_end(text);
	}
	reading_give(&text->reading, &text->events.anomalies);
	reading_times(&text->reading, events, got);
	*count = got;
	return 0;
}

static int text_rewind(struct source *src, struct err *err)
{
	struct text_trace *text = text_of(src);
	struct capture_info *info = &text->trace->info;

	(void)err;
	text_events_rewind(&text->events);
	reading_give(&text->reading, &text->events.anomalies);
	reading_rewind(&text->reading);
	text_file_rewind(&text->file);
	text->slub = (struct text_slub){0};
	text->head = (struct text_head){.cpus = text->head.cpus};
	text->entries = text->lost_told = text->last_ts_ns = 0;
	text->ended = text->holds = false;
	memset(text->lost, 0, sizeof(text->lost));
	memset(info->cpus, 0, info->cpu_count * sizeof(*info->cpus));
	return 0;
}

static double text_position(const struct source *src)
{
	const struct text_file *file = &((const struct text_trace *)src)->file;
	uint64_t done = file->read_bytes - (file->len - file->at);

	if (!file->size_bytes || done > file->size_bytes)
		return 1;
	return (double)done / (double)file->size_bytes;
}

static void text_close(struct source *src)
{
	struct text_trace *text = text_of(src);

	text_file_close(&text->file);
	text_events_fini(&text->events);
	free(text);
}

static const struct source_ops text_ops = {
    .read = text_read,
    .rewind = text_rewind,
    .position = text_position,
    .close = text_close,
};

/* What linking must know before it reads, from the first buffer of events. */
static void decide_facts(struct text_trace *text)
{
	struct trace *trace = text->trace;
	struct capture_info *info = &trace->info;
	const struct text_events *events = &text->events;

	info->long_size =
	    events->pointers_seen && !events->pointers_wide ? 4 : 8;
	info->pointers_hashed = events->pointers_hashed;
	info->page_size = PAGE_SIZE_USUAL;
	if (!text_head_has_4k_pages(info->machine))
		trace->anomalies.count[ANOMALY_ASSUMED_PAGE_SIZE]++;
	/* No "accounted=": before 6.0. 5.15 stands for those. */
	if (!info->version_major && events->lacks_accounted &&
	    !events->has_accounted) {
		info->version_major = 5;
		info->version_minor = 15;
	}
	if (text->slub.count || info->version_major > 6 ||
	    (info->version_major == 6 && info->version_minor >= 8))
		info->slab_kind = SLAB_KIND_SLUB;
	if (text->slub.count && !text->slub.timed)
		snprintf(info->clock, sizeof(info->clock), "none");
}

/* Reads what lies in the first buffer, or on to the first memory event. */
static int look(struct text_trace *text, struct err *err)
{
	struct kmem_event ev;
	uint64_t first = 0;
	bool given = true;
	int ret = 0;

	while (!ret && given &&
	       (!text->events.memory_seen || text->file.read_bytes == first)) {
		ret = next_event(text, &ev, &given, err);
		if (!first)
			first = text->file.read_bytes;
		if (!ret && given)
			ret = see_cpu(text, ev.cpu);
	}
	if (ret)
		return ret;
	if (!text->events.memory_seen)
		return err_set(
		    err, ERR_FORMAT,
		    "%s is a text without an event about memory; what can be "
		    "read is trace, trace_pipe, trace-cmd report and perf "
		    "script with kmem events, and console logs with "
		    "slab_debug=T",
		    text->file.path);
	if (text->head.cpus)
		ret = see_cpu(text, text->head.cpus - 1);
	return ret;
}

static int open_all(struct text_trace *text, const char *path, struct err *err)
{
	struct capture_info *info = &text->trace->info;
	int ret = text_file_open(&text->file, path, err);

	if (ret)
		return ret;
	info->command_status = -1;
	gfp_of_version(0, 0, &info->gfp);
	text_events_init(&text->events, text->trace);
	ret = see_cpu(text, 0);
	if (!ret)
		ret = look(text, err);
	if (ret)
		return ret;
	decide_facts(text);
	return text_rewind(&text->source, err);
}

int text_trace_open(const char *path, struct trace *trace,
		    struct source **source, struct err *err)
{
	struct text_trace *text = calloc(1, sizeof(*text));
	int ret;

	assert(path && trace && source);
	if (!text)
		return err_set(err, ERR_NOMEM, "no memory to open %s", path);
	text->source.ops = &text_ops;
	text->trace = trace;
	text->reading.trace = trace;
	ret = open_all(text, path, err);
	if (ret)
		text_close(&text->source);
	else
		*source = &text->source;
	return ret;
}

/* Controls that a console log may have: tab, newlines, escape. */
static bool is_text(unsigned char c)
{
	return c >= ' ' || c == '\t' || c == '\n' || c == '\r' || c == 0x1b;
}

bool text_trace_is(const char *path)
{
	unsigned char start[START_BYTES];
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	struct stat st;
	ssize_t got = 0;

	if (fd < 0)
		return false;
	if (!fstat(fd, &st) && S_ISREG(st.st_mode))
		got = pread(fd, start, sizeof(start), 0);
	close(fd);
	for (ssize_t i = 0; i < got; i++)
		if (!is_text(start[i]))
			return false;
	return got > 0;
}
