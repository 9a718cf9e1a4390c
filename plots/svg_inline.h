/*
 * svg_inline: a picture that gnuplot drew, as part of an HTML page.
 */
#ifndef PLOTS_SVG_INLINE_H
#define PLOTS_SVG_INLINE_H

#include <stdio.h>

#include "core/err.h"

/*
 * Writes the <svg> element of an SVG file (NUL-terminated text).
 *
 * Only elements and attributes that draw are let through: no script, no event
 * handler, no address outside the file. Ids get the prefix, which must be a
 * plain word, so that several pictures live in one page; titles, which browsers
 * would show, are left out. label is what the picture is called for those who
 * cannot see it. The text of <metadata>, if there is any, becomes the attribute
 * data-hover.
 *
 * ERR_FORMAT for anything else in the file; what was written until then stays.
 */
MUST_CHECK int svg_inline(const char *svg, const char *prefix,
			  const char *label, FILE *file, struct err *err);

#endif
