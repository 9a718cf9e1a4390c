/*
 * live_symbols: the symbols of the running kernel, for recordings that hold
 * addresses but no symbols (perf.data).
 */
#ifndef PARSER_LIVE_SYMBOLS_H
#define PARSER_LIVE_SYMBOLS_H

#include <stdint.h>

#include "core/err.h"
#include "core/trace.h"

/*
 * Fills trace->symbols from /proc/kallsyms if the running kernel is the
 * recorded one: the same release, and the symbol of that name at that address,
 * which address space randomisation moves with every boot. Otherwise, or if
 * kallsyms may not be read, the symbols stay empty and that is no error.
 */
MUST_CHECK int live_symbols_read(struct trace *trace, const char *symbol,
				 uint64_t address, struct err *err);

#endif
