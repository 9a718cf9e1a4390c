/*
 * text_gfp: gfp flags as words ("GFP_KERNEL|__GFP_ZERO") back into bits.
 *
 * A text does not tell which bit a flag is, so the words are given the bits of
 * the trace's own table (info.gfp); a number among them is taken as it is.
 * Words: include/trace/events/mmflags.h of 4.19 to 6.18; what the compounds
 * mean: include/linux/gfp_types.h.
 */
#ifndef PARSER_TEXT_GFP_H
#define PARSER_TEXT_GFP_H

#include <stddef.h>
#include <stdint.h>

#include "core/gfp.h"

/* Words that core/gfp.h has no flag for give no bit. */
uint32_t text_gfp_parse(const char *text, size_t len,
			const struct gfp_bits *bits);

#endif
