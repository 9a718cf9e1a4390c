#include "parser/text_line.h"

#include "core/event.h"
#include "parser/text_scan.h"

enum {
	COMM_COLUMNS = 16,
	COMM_COLUMNS_LATENCY = 8,
	/* Where a line of no known shape may name its task. */
	TASK_COLUMNS_MAX = 96,
	TGID_COLUMNS_MAX = 16,
	NS_DIGITS = 9,
};

/* "d..1.": irqs, resched, interrupt, preempt, migrate. */
static uint32_t context_flags(const char *at, const char *end)
{
	char context = end - at > 2 ? at[2] : '.';
	uint32_t flags = 0;

	if (context == 'h' || context == 'H' || context == 'Z')
		flags |= EVF_HARDIRQ;
	if (context == 's' || context == 'H')
		flags |= EVF_SOFTIRQ;
	return flags;
}

/* "13297.147065:", "16171us!:" or "123456789:"; NULL if it is no time. */
static const char *parse_time(const char *at, uint64_t *ts_ns)
{
	uint64_t whole, scale = 1000000000;

	at = text_decimal(at, &whole);
	if (!at)
		return NULL;
	if (*at == '.') {
		if (whole > UINT64_MAX / scale - 1)
			return NULL;
		*ts_ns = whole * scale;
		for (at++; text_is_digit(*at); at++) {
			scale /= 10;
			*ts_ns += scale * (uint64_t)(*at - '0');
		}
	} else if (at[0] == 'u' && at[1] == 's') {
		if (whole > UINT64_MAX / 1000)
			return NULL;
		*ts_ns = whole * 1000;
		/* A mark of one character says how long it took. */
		for (at += 2; *at != ':' && (unsigned char)*at >= ' '; at++)
			;
	} else {
		*ts_ns = whole;
	}
	return *at == ':' ? at + 1 : NULL;
}

static const char *skip_tgid(const char *at)
{
	const char *close = at;

	if (*at != '(')
		return at;
	while (*close != ')' && (unsigned char)*close >= ' ' &&
	       close - at < TGID_COLUMNS_MAX)
		close++;
	return *close == ')' ? text_blanks(close + 1) : at;
}

/* "[000]", or "0d..1." where latency-format glues the flags to it. */
static const char *parse_cpu(const char *at, struct text_line *line)
{
	bool bracket = *at == '[';
	const char *end;
	uint64_t cpu;

	at = text_decimal(at + bracket, &cpu);
	if (!at || cpu > UINT32_MAX || (bracket && *at != ']'))
		return NULL;
	line->cpu = (uint32_t)cpu;
	if (bracket)
		return text_blanks(at + 1);
	end = text_word_end(at);
	if (end == at)
		return NULL;
	line->flags = context_flags(at, end);
	return text_blanks(end);
}

/* "kmalloc:" or "kmem:kmalloc:"; anything else names no event. */
static void parse_event(const char *at, const char *end, struct text_line *line)
{
	const char *word_end, *colon;
	uint64_t period;

	line->end = end;
	/* perf script may print the sample's period first. */
	if (text_is_digit(*at)) {
		const char *after = text_decimal(at, &period);

		if (after && *after == ' ')
			at = text_blanks(after);
	}
	word_end = text_word_end(at);
	line->body = at;
	line->event_len = 0;
	if (word_end - at < 2 || word_end[-1] != ':')
		return;
	colon = memrchr(at, ':', (size_t)(word_end - 1 - at));
	line->event = colon ? colon + 1 : at;
	line->event_len = (uint32_t)(word_end - 1 - line->event);
	line->body = text_blanks(word_end);
}

static void set_comm(const char *start, const char *end, struct text_line *line)
{
	if (end - start > COMM_COLUMNS)
		start = end - COMM_COLUMNS;
	while (start < end && text_is_blank(*start))
		start++;
	line->comm = start;
	line->comm_len = (uint32_t)(end - start);
}

/* The task's pid begins at "pid"; its comm ended at comm_end. */
static bool parse_task(const char *start, const char *comm_end, const char *pid,
		       const char *end, struct text_line *line)
{
	const char *at, *word;
	uint64_t number;

	at = text_decimal(pid, &number);
	/* perf script with both: the kernel's pid is the second. */
	if (at && *at == '/')
		at = text_decimal(at + 1, &number);
	if (!at || number > INT32_MAX || !text_is_blank(*at))
		return false;
	line->pid = (int32_t)number;
	line->flags = 0;
	at = parse_cpu(skip_tgid(text_blanks(at)), line);
	if (!at)
		return false;
	word = text_word_end(at);
	if (word > at && word[-1] != ':') {
		const char *time = text_blanks(word);

		/* Flags; or a time with its colon apart: "16171us :". */
		if (*time != ':') {
			line->flags = context_flags(at, word);
			at = time;
		}
	}
	at = parse_time(at, &line->ts_ns);
	if (!at)
		return false;
	set_comm(start, comm_end, line);
	parse_event(text_blanks(at), end, line);
	return true;
}

/* A comm that ends in column "width" and a pid behind it. */
static bool parse_columns(const char *start, const char *end, int width,
			  struct text_line *line)
{
	const char *sep = start + width;

	if (end - start <= width + 1)
		return false;
	if (*sep == '-')
		return parse_task(start, sep, sep + 1, end, line);
	if (*sep == ' ')
		return parse_task(start, sep, text_blanks(sep), end, line);
	return false;
}

bool text_line_parse(const char *start, const char *end, struct text_line *line)
{
	const char *limit = end;

	if (start == end || *start == '#' || *start == '\t')
		return false;
	if (parse_columns(start, end, COMM_COLUMNS, line) ||
	    parse_columns(start, end, COMM_COLUMNS_LATENCY, line))
		return true;
	if (end - start > TASK_COLUMNS_MAX)
		limit = start + TASK_COLUMNS_MAX;
	for (const char *at = start + 1; at < limit; at++) {
		const char *comm_end = at - 1;

		if (!text_is_digit(*at) ||
		    (*comm_end != '-' && *comm_end != ' '))
			continue;
		while (comm_end > start && *at != '-' && comm_end[-1] == ' ')
			comm_end--;
		if (parse_task(start, comm_end, at, end, line))
			return true;
	}
	return false;
}

bool text_line_lost(const char *start, const char *end, uint32_t *cpu,
		    uint64_t *count)
{
	const char *at = text_blanks(start);
	const char *number;
	uint64_t which;

	if (!text_accept(&at, end, "CPU:") || !(at = text_decimal(at, &which)))
		return false;
	if (which > UINT32_MAX || !text_accept(&at, end, " ["))
		return false;
	*cpu = (uint32_t)which;
	*count = 0;
	if (text_accept(&at, end, "LOST EVENTS]"))
		return true;
	if (text_accept(&at, end, "LOST ")) {
		number = text_decimal(at, count);
		return number && text_accept(&number, end, " EVENTS]");
	}
	number = text_decimal(at, count);
	return number && text_accept(&number, end, " EVENTS DROPPED]");
}
