/*
 * dat_sections: trace.dat version 7, a file of sections; and what both
 * versions' readers share. For dat_file.c.
 */
#ifndef PARSER_DAT_SECTIONS_H
#define PARSER_DAT_SECTIONS_H

#include "parser/dat_file.h"

/* Numbers of options, the same in both versions. */
enum dat_option_id {
	DAT_OPTION_DONE = 0,
	DAT_OPTION_CPUSTAT = 2,
	DAT_OPTION_BUFFER = 3,
	DAT_OPTION_TRACECLOCK = 4,
	DAT_OPTION_UNAME = 5,
	DAT_OPTION_CPUCOUNT = 8,
	DAT_OPTION_TSC2NSEC = 14,
	/* Version 7: where the section of that number lies. */
	DAT_SECTION_PAGES = 16,
	DAT_SECTION_FTRACE = 17,
	DAT_SECTION_EVENTS = 18,
	DAT_SECTION_SYMBOLS = 19,
	DAT_SECTION_PRINTK = 20,
	DAT_SECTION_COMMS = 21,
};

/* Everything behind the first 16 bytes and the version. */
MUST_CHECK int dat_read_sections(struct byte_reader *reader,
				 struct dat_file *dat, struct trace *trace,
				 struct err *err);

/* An option that both versions write alike; others are passed over. */
MUST_CHECK int dat_option(struct byte_reader *reader, uint16_t id,
			  uint32_t size, struct dat_file *dat,
			  struct capture_info *info, struct err *err);

/* The buffer of that name, made if it is new; NULL if there are too many. */
struct dat_buffer *dat_file_buffer(struct dat_file *dat, const char *name);

/* ERR_LIMIT for a number of CPUs that no machine has. */
MUST_CHECK int dat_check_cpus(const struct byte_reader *reader, uint64_t count,
			      struct err *err);

/* The clock that a trace_clock file's text names. */
void dat_clock(const char *text, char clock[16]);

#endif
