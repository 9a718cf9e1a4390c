/*
 * gfp_parse: the bits of the gfp flags, from the print format of an event.
 *
 * The kernel prints each flag's name beside its value as a C expression, for
 * example {( unsigned long)(( gfp_t)0x40u), "__GFP_IO"} (6.1) or
 * {( unsigned long)(( gfp_t)((((1UL))) << (6))), "__GFP_IO"} (6.18). Of the names
 * of several flags only GFP_NOWAIT is asked for: the others never changed.
 * Source: include/trace/events/mmflags.h.
 */
#ifndef PARSER_GFP_PARSE_H
#define PARSER_GFP_PARSE_H

#include <stdbool.h>
#include <stddef.h>

#include "core/gfp.h"

/* True if the text names at least one flag; flags that it lacks become 0. */
bool gfp_parse(const char *text, size_t len, struct gfp_bits *bits);

/* What a kernel of that version has, for formats without that text. */
void gfp_of_version(int major, int minor, struct gfp_bits *bits);

#endif
