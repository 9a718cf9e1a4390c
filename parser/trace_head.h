/*
 * trace_head: what trace-cmd and perf write about the kernel that was traced:
 * header_page, event formats, symbols and tasks. perf's tracing data and the
 * head of trace.dat version 6 are the same; version 7 has each part as a
 * section of its own.
 *
 * Source: trace-cmd.dat.v6.5(5), trace-cmd.dat.v7.5(5); of perf
 * tools/perf/util/trace-event-info.c (5.15 to 6.18).
 */
#ifndef PARSER_TRACE_HEAD_H
#define PARSER_TRACE_HEAD_H

#include "core/trace.h"
#include "parser/byte_reader.h"
#include "parser/format_list.h"

/* What both kinds of file begin with. */
enum { TRACE_HEAD_MAGIC_BYTES = 10 };
extern const char trace_head_magic[TRACE_HEAD_MAGIC_BYTES];

/*
 * Magic, version, byte order, long size, page size: sets the reader's byte
 * order and the page size and byte order of info. version is a text such as
 * "6" or "0.6".
 */
MUST_CHECK int trace_head_begin(struct byte_reader *reader,
				struct capture_info *info, char version[8],
				struct err *err);

/* header_page and header_event: the layout, and info's long_size. */
MUST_CHECK int trace_head_pages(struct byte_reader *reader,
				struct capture_info *info,
				struct format_list *list, struct err *err);

/* ftrace's own events, then those of all systems, into the list. */
MUST_CHECK int trace_head_ftrace(struct byte_reader *reader,
				 struct capture_info *info,
				 struct format_list *list, struct err *err);
MUST_CHECK int trace_head_events(struct byte_reader *reader,
				 struct capture_info *info,
				 struct format_list *list, struct err *err);

/* kallsyms into trace->symbols; printk formats, not needed; tasks' names. */
MUST_CHECK int trace_head_symbols(struct byte_reader *reader,
				  struct trace *trace, struct err *err);
MUST_CHECK int trace_head_printk(struct byte_reader *reader, struct err *err);
MUST_CHECK int trace_head_comms(struct byte_reader *reader, struct trace *trace,
				struct err *err);

/*
 * All of these in this order, behind trace_head_begin(); versions before 0.6
 * of perf lack the tasks.
 */
MUST_CHECK int trace_head_parts(struct byte_reader *reader, struct trace *trace,
				const char *version, struct format_list *list,
				struct err *err);

/*
 * "Linux HOST 6.1.0 x86_64", as trace-cmd keeps uname: info's release, version
 * and machine. Anything else leaves them alone.
 */
void trace_head_uname(const char *text, struct capture_info *info);

/* "6.1.0-13-amd64": info's release and version. */
void trace_head_release(const char *release, struct capture_info *info);

#endif
