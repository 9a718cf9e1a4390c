/*
 * text_head: what the lines around the events tell of the recording.
 *
 *   # entries-in-buffer/entries-written: 192033/192033   #P:1
 *   # nop latency trace v1.1.5 on 6.1.0-13-amd64
 *                                     kernel/trace/trace.c, print_event_info(),
 *                                     print_trace_header()
 *   # os release : 6.1.0-13-amd64     perf script --header: perf's
 *   # arch : x86_64                   util/header.c, write_osrelease() ...
 *   # nrcpus online : 2
 *   cpus=1                            trace-cmd report
 *   Linux version 6.1.0-13-amd64      a console log
 */
#ifndef PARSER_TEXT_HEAD_H
#define PARSER_TEXT_HEAD_H

#include <stdbool.h>
#include <stdint.h>

#include "core/capture_info.h"

struct text_head {
	uint64_t in_buffer, written; /* events; 0: no head of the kernel's */
	uint32_t cpus;		     /* 0: not told */
};

/* Looks at a line that is no event's; notes release and machine in info. */
void text_head_line(struct text_head *head, struct capture_info *info,
		    const char *start, const char *end);

/* True if a machine of that kind has pages of 4096 bytes and no other. */
bool text_head_has_4k_pages(const char *machine);

#endif
