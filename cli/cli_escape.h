/*
 * cli_escape: names out of a trace (comm, cache, symbol) are hostile: they may
 * hold any bytes but NUL.
 */
#ifndef CLI_CLI_ESCAPE_H
#define CLI_CLI_ESCAPE_H

#include <stddef.h>
#include <stdio.h>

/*
 * For a terminal: every byte that is no printable ASCII becomes \xNN, and a
 * backslash two. Cut at size, always terminated. Returns out.
 */
const char *escape_visible(const char *text, char *out, size_t size);

/* For cJSON, which wants UTF-8: bytes that are none become \xNN. */
const char *escape_utf8(const char *text, char *out, size_t size);

/* One CSV field (RFC 4180), quoted where it must be. */
void escape_csv(FILE *file, const char *text);

/*
 * Shortens printable ASCII to width columns by cutting in the middle:
 * "page_cache…alloc" with two dots. Returns text, changed in place.
 */
char *shorten_middle(char *text, size_t width);

/* "1234567" as "1,234,567"; negative numbers too. Returns text. */
enum { NUMBER_TEXT_MAX = 32 };
const char *number_text(long long value, char text[NUMBER_TEXT_MAX]);

#endif
