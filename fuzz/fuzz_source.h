/*
 * fuzz_source: an input as a file, and all that a source of events may be
 * asked for.
 */
#ifndef FUZZ_FUZZ_SOURCE_H
#define FUZZ_FUZZ_SOURCE_H

#include <stddef.h>
#include <stdint.h>

#include "core/source.h"
#include "core/trace.h"

typedef int fuzz_open(const char *path, struct trace *trace,
		      struct source **source, struct err *err);

/*
 * Opens the bytes, reads all events, rewinds and reads them again. A second
 * reading must give as many as the first, and a failure must say something.
 */
void fuzz_source(const uint8_t *data, size_t size, fuzz_open *open);

#endif
