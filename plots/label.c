#include "plots/label.h"

#include <assert.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

struct unit label_byte_unit(double bytes)
{
	static const struct unit units[] = {
	    {1.0, "B"},
	    {1024.0, "KiB"},
	    {1048576.0, "MiB"},
	    {1073741824.0, "GiB"},
	    {1099511627776.0, "TiB"},
	};
	size_t i = sizeof(units) / sizeof(units[0]) - 1;

	while (i > 0 && bytes < units[i].size)
		i--;
	return units[i];
}

struct unit label_time_unit(uint64_t span_ns)
{
	static const struct unit units[] = {
	    {1.0, "ns"}, {1e3, "µs"}, {1e6, "ms"}, {1e9, "s"}};
	size_t i = 3;

	/* From twice a unit on, so that the ticks are not all fractions. */
	while (i > 0 && (double)span_ns < 2 * units[i].size)
		i--;
	return units[i];
}

const char *label_bytes(double bytes, char *text, size_t cap)
{
	double size = bytes < 0 ? -bytes : bytes;
	struct unit unit = label_byte_unit(size);
	double value = size / unit.size;
	bool whole = value >= 99.95 || value == (double)(uint64_t)value;

	snprintf(text, cap, "%s%.*f %s", bytes < 0 ? "-" : "", whole ? 0 : 1,
		 value, unit.name);
	return text;
}

const char *label_count(uint64_t count, char *text, size_t cap)
{
	char digits[24];
	int len =
	    snprintf(digits, sizeof(digits), "%llu", (unsigned long long)count);
	size_t at = 0;

	assert(cap > 0);
	for (int i = 0; i < len && at + 1 < cap; i++) {
		if (i > 0 && (len - i) % 3 == 0 && at + 2 < cap)
			text[at++] = ',';
		text[at++] = digits[i];
	}
	text[at] = '\0';
	return text;
}

/*
 * Decodes one character (RFC 3629: shortest form, no surrogates, at most
 * U+10FFFF). Returns its length in bytes, 0 where the bytes are not UTF-8.
 */
static size_t utf8_decode(const unsigned char *s, uint32_t *code)
{
	static const uint32_t least[] = {0, 0, 0x80, 0x800, 0x10000};
	size_t len = s[0] < 0x80   ? 1
		     : s[0] < 0xc2 ? 0
		     : s[0] < 0xe0 ? 2
		     : s[0] < 0xf0 ? 3
		     : s[0] < 0xf5 ? 4
				   : 0;

	if (len <= 1) {
		*code = s[0];
		return len;
	}
	*code = s[0] & (0xffu >> (len + 1));
	for (size_t i = 1; i < len; i++) {
		if ((s[i] & 0xc0) != 0x80)
			return 0;
		*code = *code << 6 | (s[i] & 0x3fu);
	}
	if (*code < least[len] || *code > 0x10ffff ||
	    (*code >= 0xd800 && *code <= 0xdfff))
		return 0;
	return len;
}

/* Characters that show nothing or change how their neighbours are shown. */
static bool is_invisible(uint32_t code)
{
	return code < 0x20 || (code >= 0x7f && code < 0xa0) || code == 0xad ||
	       code == 0x61c || (code >= 0x200b && code <= 0x200f) ||
	       (code >= 0x2028 && code <= 0x202e) ||
	       (code >= 0x2060 && code <= 0x206f) || code == 0xfeff ||
	       (code >= 0xfff0 && code <= 0xffff) || code >= 0xe0000;
}

size_t label_visible(const char *text)
{
	uint32_t code;
	size_t len = utf8_decode((const unsigned char *)text, &code);

	return len && !is_invisible(code) ? len : 0;
}

const char *label_clean(const char *name, size_t max_chars, char *text,
			size_t cap)
{
	static const char quote[] = "\u201d", ellipsis[] = "\u2026";
	const unsigned char *s = (const unsigned char *)name;
	size_t at = 0, last = 0, chars = 0;

	assert(cap >= 8 && max_chars > 0);
	while (*s) {
		const char *out = (const char *)s;
		size_t len = label_visible(out);
		size_t out_len = len;

		if (len == 0) {
			uint32_t code;

			len = utf8_decode(s, &code);
			out = "?";
			out_len = 1;
		} else if (*s == '"') {
			out = quote;
			out_len = sizeof(quote) - 1;
		}
		if (chars == max_chars ||
		    at + out_len + sizeof(ellipsis) > cap) {
			memcpy(text + last, ellipsis, sizeof(ellipsis));
			return text;
		}
		last = at;
		memcpy(text + at, out, out_len);
		at += out_len;
		chars++;
		s += len ? len : 1;
	}
	text[at] = '\0';
	return text;
}
