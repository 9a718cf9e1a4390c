#include "plots/caption.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include "plots/label.h"

/* So that the rest of its line has room. */
enum { TITLE_CHARS = 90 };

/* Text that grows piece by piece and breaks between pieces. */
struct flow {
	struct caption *caption;
	unsigned int line;
	size_t chars; /* in the line */
	bool full;    /* nothing more fits */
};

static size_t count_chars(const char *text)
{
	size_t chars = 0;

	for (; *text; text++)
		chars += ((unsigned char)*text & 0xc0) != 0x80;
	return chars;
}

static void flow_add(struct flow *flow, const char *fmt, ...)
    __attribute__((format(printf, 2, 3)));

static void flow_add(struct flow *flow, const char *fmt, ...)
{
	char piece[512], clean[512];
	size_t len, chars;
	va_list ap;
	char *line;

	if (flow->full)
		return;
	va_start(ap, fmt);
	vsnprintf(piece, sizeof(piece), fmt, ap);
	va_end(ap);
	label_clean(piece, CAPTION_CHARS - 4, clean, sizeof(clean));
	chars = count_chars(clean);
	/* Room for " ..." in the last line. */
	if (flow->chars > 0 && flow->chars + 1 + chars > CAPTION_CHARS - 4) {
		if (flow->line + 1 == CAPTION_LINES) {
			strcat(flow->caption->line[flow->line], " \u2026");
			flow->full = true;
			return;
		}
		flow->line++;
		flow->chars = 0;
	}
	line = flow->caption->line[flow->line];
	len = strlen(line);
	snprintf(line + len, sizeof(flow->caption->line[0]) - len, "%s%s",
		 flow->chars > 0 ? " " : "", clean);
	flow->chars += chars + (flow->chars > 0);
}

static void add_loss(struct flow *flow, const struct trace *trace)
{
	const uint64_t *count = trace->anomalies.count;
	uint64_t missing =
	    count[ANOMALY_LOST_EVENTS] + count[ANOMALY_UNREAD_EVENTS];
	uint64_t total = missing;
	char a[32], b[32];

	for (uint32_t i = 0; i < trace->info.cpu_count; i++)
		total += trace->info.cpus[i].decoded;
	if (missing > 0)
		flow_add(flow, "PARTIAL: %s of %s events are missing.",
			 label_count(missing, a, sizeof(a)),
			 label_count(total, b, sizeof(b)));
	else if (trace->info.partial)
		flow_add(flow, "PARTIAL: %s.", trace->info.partial_reason);
	if (missing == 0 && !trace->info.partial)
		flow_add(flow, "Nothing lost.");
	if (trace->info.filtered)
		flow_add(flow, "FILTERED: events were left out on purpose.");
}

/* The most frequent kind that is not done yet, or -1. */
static int next_anomaly(const struct anomalies *anomalies,
			const bool done[ANOMALY_COUNT])
{
	int best = -1;

	for (int i = 0; i < ANOMALY_COUNT; i++)
		if (!done[i] && anomalies->count[i] > 0 &&
		    (best < 0 || anomalies->count[i] > anomalies->count[best]))
			best = i;
	return best;
}

/* "Anomalies: 2,431 unknown free, 3 gap." */
static void add_anomalies(struct flow *flow, const struct anomalies *anomalies)
{
	bool done[ANOMALY_COUNT] = {
	    [ANOMALY_LOST_EVENTS] = true,
	    [ANOMALY_UNREAD_EVENTS] = true,
	    [ANOMALY_FILTERED] = true,
	};
	int kind = next_anomaly(anomalies, done);

	flow_add(flow, kind < 0 ? "No anomalies." : "Anomalies:");
	while (kind >= 0) {
		char n[32], text[32];
		int next;

		done[kind] = true;
		next = next_anomaly(anomalies, done);
		label_count(anomalies->count[kind], n, sizeof(n));
		snprintf(text, sizeof(text), "%s",
			 anomaly_word((enum anomaly)kind));
		for (char *c = text; *c; c++)
			*c = *c == '_' ? ' ' : *c;
		flow_add(flow, "%s %s%s", n, text, next < 0 ? "." : ",");
		kind = next;
	}
}

void caption_write(const struct trace *trace, const char *start,
		   struct caption *caption)
{
	struct flow flow = {.caption = caption};
	const struct capture_info *info = &trace->info;
	uint64_t events = 0;
	char title[512], n[32];

	memset(caption, 0, sizeof(*caption));
	for (uint32_t i = 0; i < info->cpu_count; i++)
		events += info->cpus[i].decoded;
	label_clean(info->title[0] ? info->title : info->command, TITLE_CHARS,
		    title, sizeof(title));
	if (title[0])
		flow_add(&flow, "%s \u00b7", title);
	flow_add(&flow, "Linux %.40s %.16s \u00b7", info->release,
		 info->machine);
	flow_add(&flow, "pages of %" PRIu32 " KiB \u00b7",
		 info->page_size / 1024);
	flow_add(&flow, "%s events in %.3g s",
		 label_count(events, n, sizeof(n)),
		 (double)(trace->last_ts_ns - trace->first_ts_ns) / 1e9);
	/* The head takes one line, absurdly long names a second. */
	flow.line++;
	flow.chars = 0;
	add_loss(&flow, trace);
	if (start)
		flow_add(&flow, "Replay start: %s.", start);
	add_anomalies(&flow, &trace->anomalies);
}
