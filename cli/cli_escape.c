#include "cli/cli_escape.h"

#include <stdbool.h>
#include <stdint.h>
#include <string.h>

/* Appends the four characters \xNN if they fit. */
static size_t put_hex(char *out, size_t at, size_t size, unsigned char byte)
{
	if (at + 4 >= size)
		return at;
	return at + (size_t)sprintf(out + at, "\\x%02x", byte);
}

const char *escape_visible(const char *text, char *out, size_t size)
{
	size_t at = 0;

	for (; *text && at + 5 < size; text++) {
		unsigned char byte = (unsigned char)*text;

		if (byte < 0x20 || byte > 0x7e) {
			at = put_hex(out, at, size, byte);
			continue;
		}
		if (byte == '\\')
			out[at++] = '\\';
		out[at++] = (char)byte;
	}
	out[at] = '\0';
	return out;
}

/* Length of the well-formed UTF-8 character at text, 0 if there is none. */
static size_t utf8_length(const char *text)
{
	const unsigned char *b = (const unsigned char *)text;
	size_t len = b[0] < 0x80   ? 1
		     : b[0] < 0xc2 ? 0
		     : b[0] < 0xe0 ? 2
		     : b[0] < 0xf0 ? 3
		     : b[0] < 0xf5 ? 4
				   : 0;

	for (size_t i = 1; i < len; i++)
		if ((b[i] & 0xc0) != 0x80)
			return 0;
	/* Overlong forms, surrogates, and beyond U+10FFFF. */
	if ((b[0] == 0xe0 && b[1] < 0xa0) || (b[0] == 0xed && b[1] > 0x9f) ||
	    (b[0] == 0xf0 && b[1] < 0x90) || (b[0] == 0xf4 && b[1] > 0x8f))
		return 0;
	return len;
}

const char *escape_utf8(const char *text, char *out, size_t size)
{
	size_t at = 0;

	while (*text && at + 5 < size) {
		size_t len = utf8_length(text);

		if (!len) {
			at = put_hex(out, at, size, (unsigned char)*text++);
			continue;
		}
		memcpy(out + at, text, len);
		at += len;
		text += len;
	}
	out[at] = '\0';
	return out;
}

void escape_csv(FILE *file, const char *text)
{
	bool quote = text[strcspn(text, ",\"\r\n")] != '\0';

	for (const char *c = text; *c && !quote; c++)
		quote = (unsigned char)*c < 0x20;
	if (!quote) {
		fputs(text, file);
		return;
	}
	fputc('"', file);
	for (; *text; text++) {
		if (*text == '"')
			fputc('"', file);
		fputc(*text, file);
	}
	fputc('"', file);
}

char *shorten_middle(char *text, size_t width)
{
	size_t len = strlen(text), head, tail;

	if (len <= width)
		return text;
	if (width < 5) {
		text[width] = '\0';
		return text;
	}
	/* The end tells more: "+0x1f", "-64". */
	tail = (width - 2) / 2;
	head = width - 2 - tail;
	memcpy(text + head, "..", 2);
	memmove(text + head + 2, text + len - tail, tail + 1);
	return text;
}

const char *number_text(long long value, char text[NUMBER_TEXT_MAX])
{
	char digits[24];
	unsigned long long size = value < 0 ? 0ull - (unsigned long long)value
					    : (unsigned long long)value;
	int len = snprintf(digits, sizeof(digits), "%llu", size);
	char *out = text;

	if (value < 0)
		*out++ = '-';
	for (int i = 0; i < len; i++) {
		if (i && (len - i) % 3 == 0)
			*out++ = ',';
		*out++ = digits[i];
	}
	*out = '\0';
	return text;
}
