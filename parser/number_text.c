#include "parser/number_text.h"

#include <string.h>

static const char *skip_blanks(const char *at)
{
	while (*at == ' ' || *at == '\t')
		at++;
	return at;
}

bool number_next(const char **at, uint64_t *value)
{
	const char *digit = skip_blanks(*at);
	uint64_t got = 0;

	if (*digit < '0' || *digit > '9')
		return false;
	for (; *digit >= '0' && *digit <= '9'; digit++)
		if (__builtin_mul_overflow(got, 10u, &got) ||
		    __builtin_add_overflow(got, (unsigned int)(*digit - '0'),
					   &got))
			return false;
	*value = got;
	*at = digit;
	return true;
}

bool number_next_u32(const char **at, uint32_t most, uint32_t *value)
{
	const char *start = *at;
	uint64_t got;

	if (!number_next(&start, &got) || got > most)
		return false;
	*value = (uint32_t)got;
	*at = start;
	return true;
}

bool word_next(const char **at, char *text, uint32_t size)
{
	const char *start = skip_blanks(*at);
	size_t len = strcspn(start, " \t");

	if (!len || len >= size)
		return false;
	memcpy(text, start, len);
	text[len] = '\0';
	*at = start + len;
	return true;
}

bool text_skip(const char **at, const char *expected)
{
	const char *start = skip_blanks(*at);
	size_t len = strlen(expected);

	if (strncmp(start, expected, len) != 0)
		return false;
	*at = start + len;
	return true;
}
