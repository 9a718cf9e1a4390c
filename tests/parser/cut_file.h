/*
 * cut_file: a small file of another tool, whole, cut at every byte and with
 * damaged numbers in it.
 */
#ifndef TESTS_PARSER_CUT_FILE_H
#define TESTS_PARSER_CUT_FILE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "core/source.h"
#include "core/trace.h"

typedef int cut_open(const char *path, struct trace *trace,
		     struct source **source, struct err *err);

struct cut_file {
	uint8_t bytes[1 << 16];
	size_t len;
	int fd; /* in memory */
	char path[64];
	cut_open *open;
};

/* What became of a file. */
struct cut_result {
	int code; /* of the failure, 0: none */
	char text[512];
	uint64_t events;
	bool partial;
};

void cut_file_init(struct cut_file *file, const char *name, cut_open *open);
void cut_file_fini(struct cut_file *file);

/* The first len bytes: opened, read, rewound, read again. */
void cut_file_read(const struct cut_file *file, size_t len,
		   struct cut_result *result);

/*
 * Cut at every byte: each must be refused in words, or be marked partial, or
 * give all events of the whole, because nothing that counts was cut off; or
 * end with the bytes "end", after which a file cannot be told to go on.
 * Returns how many were partial.
 */
size_t cut_file_everywhere(const struct cut_file *file, const void *end,
			   size_t end_len);

/* The place behind the first "text" of len bytes; fails if there is none. */
size_t cut_file_find(const struct cut_file *file, const void *text, size_t len);

#endif
