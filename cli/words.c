#include "cli/words.h"

#include <stdlib.h>
#include <string.h>

/* Seconds with up to nine decimals, to the nanosecond; end is after them. */
static int parse_seconds(const char *text, uint64_t *ns, const char **end)
{
	uint64_t value = 0, scale = 1000000000;
	bool any = false;

	for (; *text >= '0' && *text <= '9'; text++, any = true) {
		if (value > UINT64_MAX / 10 / 1000000000 - 1)
			return ERR_USAGE;
		value = value * 10 + (uint64_t)(*text - '0');
	}
	value *= scale;
	if (*text == '.')
		for (text++; *text >= '0' && *text <= '9'; text++, any = true) {
			scale /= 10;
			value += scale * (uint64_t)(*text - '0');
		}
	*end = text;
	*ns = value;
	return any ? 0 : ERR_USAGE;
}

static int parse_window(const char *text, struct window *window)
{
	const char *at = text;

	*window = WINDOW_ALL;
	if (*at != ',' && parse_seconds(at, &window->from_ns, &at))
		return ERR_USAGE;
	if (*at == ',')
		at++;
	if (*at && parse_seconds(at, &window->to_ns, &at))
		return ERR_USAGE;
	if (*at || at == text || !strcmp(text, ",") ||
	    window->from_ns > window->to_ns)
		return ERR_USAGE;
	return 0;
}

int words_window(const char *text, struct window *window, struct err *err)
{
	if (!parse_window(text, window))
		return 0;
	return err_set(err, ERR_USAGE,
		       "--time %.40s: give START,STOP in seconds, as "
		       "timestamps show them; one may be left out",
		       text);
}

int words_lines(const char *text, size_t *lines, struct err *err)
{
	char *end;
	unsigned long value = strtoul(text, &end, 10);

	if (*text < '0' || *text > '9' || *end)
		return err_set(err, ERR_USAGE, "-l %.40s: not a number of rows",
			       text);
	*lines = value;
	return 0;
}

int words_format(const char *text, enum answer_format *format, struct err *err)
{
	static const char *const words[] = {
	    [ANSWER_TEXT] = "text",
	    [ANSWER_JSON] = "json",
	    [ANSWER_CSV] = "csv",
	};

	for (unsigned int i = 0; i < sizeof(words) / sizeof(*words); i++)
		if (!strcmp(text, words[i])) {
			*format = (enum answer_format)i;
			return 0;
		}
	return err_set(err, ERR_USAGE,
		       "--format %.40s: there are text, json and csv", text);
}
