/*
 * perf_file: what a perf.data file says before its samples: events, their
 * formats, the machine. Both forms: the seekable one with its sections, and
 * the pipe's (perf record -o -), which has all of it as records in front.
 *
 * Source: tools/perf/Documentation/perf.data-file-format.txt,
 * tools/perf/util/header.c (5.15 to 6.18).
 */
#ifndef PARSER_PERF_FILE_H
#define PARSER_PERF_FILE_H

#include <stdbool.h>
#include <stdint.h>

#include "core/map.h"
#include "core/trace.h"
#include "parser/byte_reader.h"
#include "parser/format_list.h"
#include "parser/perf_format.h"

enum { PERF_ATTRS_MAX = 4096 };

struct perf_file {
	bool pipe;
	uint64_t data_at, data_end; /* the records */
	struct perf_attr *attrs;    /* owned */
	uint32_t attr_count;
	struct map ids; /* id of a sample -> place in attrs */
	/*
	 * All samples have their id in the same place (first), or all attributes
	 * the same fields: then a sample's attribute can be told.
	 */
	bool id_first;
	struct format_list list; /* owned until it is taken */
	bool has_formats;
	uint32_t cpu_count; /* as the file says, 0: not */
	uint64_t text_base; /* address of _text or _stext, 0: not told */
	char text_symbol[32];
	bool has_filter; /* the command line has --filter */
};

/*
 * Reads the header of the file at fd, of size bytes, and of the pipe form the
 * records before the first sample. Fills trace->info (release, machine, page
 * size, clock, command) and names of tasks. On failure perf_file_fini() is the
 * caller's still.
 *
 * ERR_FORMAT: damaged, cut short; ERR_UNSUPPORTED: no tracepoints of which
 * samples were kept with time, CPU and raw data; a directory's part; ERR_LIMIT.
 */
MUST_CHECK int perf_file_read(struct perf_file *file, int fd, uint64_t size,
			      const char *path, struct trace *trace,
			      struct err *err);
void perf_file_fini(struct perf_file *file);

/* The attribute of a sample; NULL if it cannot be told. */
const struct perf_attr *perf_file_attr(const struct perf_file *file,
				       const uint8_t *body, size_t len,
				       bool big_endian);

/* True if the file of that name begins as a perf.data does. */
bool perf_file_is(const char *path);

#endif
