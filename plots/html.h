/*
 * html: text on its way into an HTML file.
 */
#ifndef PLOTS_HTML_H
#define PLOTS_HTML_H

#include <stdio.h>

/*
 * Writes text so that it stays text, between tags and inside double or single
 * quotes alike: the five characters of HTML become entities, and what is not
 * visible or no UTF-8 becomes \xNN, byte by byte.
 */
void html_text(FILE *file, const char *text);

#endif
