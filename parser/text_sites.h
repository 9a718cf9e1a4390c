/*
 * text_sites: call sites that a text names instead of giving their address.
 *
 * Linking, statistics and the database know a call site by its address and name
 * it by the trace's symbols. So each function named gets a stretch of 16 MiB of
 * addresses that no kernel has, in the order of appearance, and a symbol at its
 * start: base + offset then reads as "function+0x1a" again, and the same text
 * gives the same addresses every time.
 */
#ifndef PARSER_TEXT_SITES_H
#define PARSER_TEXT_SITES_H

#include <stddef.h>
#include <stdint.h>

#include "core/err.h"
#include "core/names.h"
#include "core/symbols.h"

/* No canonical address of any 64-bit machine; the stretches follow it. */
#define TEXT_SITES_BASE (1ull << 60)
enum { TEXT_SITES_STRETCH_SHIFT = 24 };

/* A zeroed struct is a valid empty one. */
struct text_sites {
	/* Private */
	struct names functions; /* "function", or "function [module]" */
};

void text_sites_fini(struct text_sites *sites);

/*
 * The address of "function+0x1a/0x1c20", "function+0x1a", "ffffffff8a1b2c3d" or
 * "0xffffffff8a1b2c3d", the text of len bytes behind which a control character
 * or a blank follows. module is that of a " [module]" behind it, module_len 0:
 * none. Adds the symbol of a new function to symbols.
 */
MUST_CHECK int text_sites_address(struct text_sites *sites,
				  struct symbols *symbols, const char *text,
				  size_t len, const char *module,
				  size_t module_len, uint64_t *address);

#endif
