/*
 * text_line: who, where, when and what of one line of a trace as text.
 *
 * What prints such lines, and how they begin:
 *   trace, trace_pipe   "%16s-%-7d [%03d] d..1. 0.181397: kmalloc: ..."; with
 *                       record-tgid "(%7d) " before the CPU, with
 *                       latency-format "%8.8s-%-7d %3dd..1. 16171us : ..."
 *                       (kernel/trace/trace_output.c, trace_print_context(),
 *                       lat_print_generic(); 4.19 has "%16s-%-5d")
 *   trace-cmd report    the same, the event's name filled up with blanks
 *   perf script         "%16s %5d [%03d] 0.181397: kmem:kmalloc: ..."
 *                       (tools/perf/builtin-script.c,
 *                       perf_sample__fprintf_start())
 *
 * A comm may hold anything, so its fixed width decides where it ends, and only
 * where the line does not have that shape the first place that fits.
 */
#ifndef PARSER_TEXT_LINE_H
#define PARSER_TEXT_LINE_H

#include <stdbool.h>
#include <stdint.h>

struct text_line {
	const char *comm;
	uint32_t comm_len; /* 0: none */
	int32_t pid;
	uint32_t cpu;
	uint32_t flags; /* EVF_HARDIRQ, EVF_SOFTIRQ */
	uint64_t ts_ns; /* a clock that counts no seconds: its ticks */
	/* The event, without its system; event_len 0: none is named. */
	const char *event;
	uint32_t event_len;
	const char *body, *end; /* what follows, to the end of the line */
};

/*
 * The line from start to end, where *end is a control character. False if it
 * is no event's.
 */
bool text_line_parse(const char *start, const char *end,
		     struct text_line *line);

/*
 * "CPU:0 [LOST 123 EVENTS]" (trace), "CPU:0 [LOST EVENTS]" (*count is 0) or
 * "CPU:0 [123 EVENTS DROPPED]" (trace-cmd report).
 */
bool text_line_lost(const char *start, const char *end, uint32_t *cpu,
		    uint64_t *count);

#endif
