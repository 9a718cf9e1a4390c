/*
 * dat_file: a trace.dat file of trace-cmd, versions 6 and 7: where the pages
 * of each buffer and CPU lie, and what else it says.
 *
 * Glossary
 *   buffer    the ring buffer of one tracing instance; "" is the top one
 *   section   version 7: a piece of the file with a header, perhaps compressed
 *   option    one fact with a number and a size
 *
 * Why not libtracecmd: of 100 copies of a trace.dat with damaged heads it died
 * of SIGSEGV on 48 (docs/imports.md). It is the oracle of our tests instead.
 *
 * Source: trace-cmd.dat.v6.5(5), trace-cmd.dat.v7.5(5) of trace-cmd 3.1.6.
 */
#ifndef PARSER_DAT_FILE_H
#define PARSER_DAT_FILE_H

#include <stdbool.h>
#include <stdint.h>

#include "core/trace.h"
#include "parser/byte_reader.h"
#include "parser/format_list.h"

enum { DAT_BUFFERS_MAX = 64, DAT_NAME_MAX = 128 };

/* The pages of one CPU. */
struct dat_cpu {
	uint32_t cpu;
	uint64_t offset, size; /* in the file; size 0: none */
};

struct dat_buffer {
	char name[DAT_NAME_MAX]; /* of the instance; "": the top one */
	char clock[16];
	uint64_t offset;     /* of its section or list of CPUs */
	uint32_t page_bytes; /* of a ring-buffer page; 0: header_page's */
	bool compressed;
	struct dat_cpu *cpus; /* owned; cpu_count of them */
	uint32_t cpu_count;
	struct cpu_loss *loss; /* owned; of CPUs 0 .. loss_count - 1 */
	uint32_t loss_count;
};

struct dat_file {
	unsigned int version; /* 6 or 7 */
	char compression[32]; /* "none", "zstd", ...; version 6: "none" */
	char clock[16];
	uint32_t cpu_count;	    /* as the file says; 0: it does not */
	uint32_t mult, shift;	    /* of clock ticks to ns; mult 0: are ns */
	struct format_list list;    /* owned until it is taken */
	struct dat_buffer *buffers; /* DAT_BUFFERS_MAX; the top one first */
	uint32_t buffer_count;
	/* Private: the buffer that statistics are read for */
	uint32_t loss_of;
};

/*
 * Reads all but the pages, and fills what it tells of trace: info, names of
 * tasks and symbols. On failure dat_file_fini() is the caller's still.
 *
 * ERR_FORMAT: damaged, cut short or not a trace.dat; ERR_UNSUPPORTED: another
 * version, a compression that is not zstd, or a latency trace; ERR_LIMIT.
 */
MUST_CHECK int dat_file_read(struct byte_reader *reader, struct dat_file *dat,
			     struct trace *trace, struct err *err);
void dat_file_fini(struct dat_file *dat);

/* True if the file of that name begins as a trace.dat does. */
bool dat_file_is(const char *path);

#endif
