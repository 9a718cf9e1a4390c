/*
 * text_scan: numbers and words of a line of text.
 *
 * A line is followed by a control character (its newline) that may be read.
 * Nothing here goes beyond it: blanks, digits and words all end there.
 */
#ifndef PARSER_TEXT_SCAN_H
#define PARSER_TEXT_SCAN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

static inline bool text_is_blank(char c)
{
	return c == ' ' || c == '\t';
}

static inline bool text_is_digit(char c)
{
	return (unsigned char)(c - '0') < 10;
}

/* The first character that is no blank. */
static inline const char *text_blanks(const char *at)
{
	while (text_is_blank(*at))
		at++;
	return at;
}

/* The end of the word that starts here: blanks and controls end it. */
static inline const char *text_word_end(const char *at)
{
	while ((unsigned char)*at > ' ')
		at++;
	return at;
}

/* Behind a decimal number; NULL if there is none or it has over 64 bits. */
static inline const char *text_decimal(const char *at, uint64_t *value)
{
	const char *start = at;
	uint64_t got = 0;

	for (; text_is_digit(*at); at++) {
		unsigned int digit = (unsigned int)(*at - '0');

		if (got > (UINT64_MAX - digit) / 10)
			return NULL;
		got = got * 10 + digit;
	}
	*value = got;
	return at > start ? at : NULL;
}

/* The same for hexadecimal digits, without 0x. */
static inline const char *text_hex(const char *at, uint64_t *value)
{
	const char *start = at;
	uint64_t got = 0;

	for (;; at++) {
		unsigned int c = (unsigned char)*at;

		if (c - '0' < 10)
			c -= '0';
		else if ((c | 32) - 'a' < 6)
			c = (c | 32) - 'a' + 10;
		else
			break;
		if (got >> 60)
			return NULL;
		got = got << 4 | c;
	}
	*value = got;
	return at > start ? at : NULL;
}

/* A number that is hexadecimal if 0x says so. */
static inline const char *text_number(const char *at, uint64_t *value)
{
	if (at[0] == '0' && (at[1] | 32) == 'x')
		return text_hex(at + 2, value);
	return text_decimal(at, value);
}

/* True if the text from at to end begins with word; then *at is behind it. */
static inline bool text_accept(const char **at, const char *end,
			       const char *word)
{
	size_t len = strlen(word);

	if ((size_t)(end - *at) < len || memcmp(*at, word, len) != 0)
		return false;
	*at += len;
	return true;
}

/* The first place of word between at and end, or NULL. */
static inline const char *text_find(const char *at, const char *end,
				    const char *word)
{
	return memmem(at, (size_t)(end - at), word, strlen(word));
}

#endif
