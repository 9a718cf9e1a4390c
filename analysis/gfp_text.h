/*
 * gfp_text: allocation flags as words, by the bits of the recorded kernel.
 *
 * Compound names are those of include/linux/gfp_types.h (kernel 6.1); the short
 * form follows perf kmem stat --page, with its two ambiguities removed (perf
 * writes NF for GFP_NOFS and __GFP_NOFAIL, R for __GFP_RECLAIM and
 * __GFP_RETRY_MAYFAIL).
 */
#ifndef ANALYSIS_GFP_TEXT_H
#define ANALYSIS_GFP_TEXT_H

#include <stdint.h>

#include "core/gfp.h"

enum { GFP_TEXT_MAX = 512 };

/* "GFP_KERNEL|__GFP_ZERO"; "0" for no flag; unnamed bits as hex. */
const char *gfp_format(const struct gfp_bits *bits, uint32_t flags,
		       char text[GFP_TEXT_MAX]);

/* The same as "K|Z". */
const char *gfp_format_short(const struct gfp_bits *bits, uint32_t flags,
			     char text[GFP_TEXT_MAX]);

#endif
