#include "parser/format_text.h"

#include <assert.h>
#include <ctype.h>
#include <stdbool.h>
#include <string.h>

enum { DIGITS_MAX = 9 };

/* A line that is being looked at. */
struct scan {
	const char *at, *end;
};

static bool skip(struct scan *scan, const char *expected)
{
	size_t len = strlen(expected);

	if ((size_t)(scan->end - scan->at) < len ||
	    memcmp(scan->at, expected, len) != 0)
		return false;
	scan->at += len;
	return true;
}

static bool is_name(char c)
{
	return isalnum((unsigned char)c) || c == '_';
}

static bool skip_name(struct scan *scan)
{
	static const char macro[] = "LOCAL_PR_FMT";
	const char *at = scan->at;
	size_t len;

	while (at < scan->end && is_name(*at))
		at++;
	len = (size_t)(at - scan->at);
	/* libtraceevent puts a text in its place, and leaks what was before. */
	if (len == strlen(macro) && memcmp(scan->at, macro, len) == 0)
		return false;
	scan->at = at;
	return len > 0;
}

static bool skip_number(struct scan *scan)
{
	const char *start = scan->at;

	while (scan->at < scan->end && isdigit((unsigned char)*scan->at))
		scan->at++;
	return scan->at > start && scan->at - start <= DIGITS_MAX;
}

static void skip_blanks(struct scan *scan)
{
	while (scan->at < scan->end && (*scan->at == ' ' || *scan->at == '\t'))
		scan->at++;
}

/* "[]" or "[16]" or "[COUNT]"; true also where there is none. */
static bool skip_brackets(struct scan *scan)
{
	if (!skip(scan, "["))
		return true;
	skip_name(scan);
	return skip(scan, "]");
}

static bool skip_word(struct scan *scan)
{
	return scan->at < scan->end && !isdigit((unsigned char)*scan->at) &&
	       skip_name(scan);
}

/*
 * "unsigned long call_site", "const void * ptr", "char comm[16]",
 * "__data_loc char[] name": two words or more, stars between them, then
 * perhaps brackets, and behind those one word at most.
 */
static bool skip_declaration(struct scan *scan)
{
	int words = 0;

	while (scan->at < scan->end && *scan->at != ';' && *scan->at != '[') {
		while (words && skip(scan, "*"))
			skip_blanks(scan);
		if (!skip_word(scan))
			return false;
		skip_blanks(scan);
		words++;
	}
	if (words < 2 || !skip_brackets(scan))
		return false;
	skip_blanks(scan);
	skip_word(scan);
	return true;
}

static bool is_field(struct scan scan)
{
	skip_blanks(&scan);
	if (!skip(&scan, "field:") || !skip_declaration(&scan) ||
	    !skip(&scan, ";\toffset:") || !skip_number(&scan) ||
	    !skip(&scan, ";\tsize:") || !skip_number(&scan) ||
	    !skip(&scan, ";"))
		return false;
	if (skip(&scan, "\tsigned:") &&
	    (!skip_number(&scan) || !skip(&scan, ";")))
		return false;
	return scan.at == scan.end;
}

/* Every event's own fields stand behind those that all events have. */
static bool is_common(struct scan line)
{
	return memmem(line.at, (size_t)(line.end - line.at), " common_", 8);
}

static bool is_header(struct scan scan, const char *key, bool number)
{
	if (!skip(&scan, key))
		return false;
	return (number ? skip_number(&scan) : skip_name(&scan)) &&
	       scan.at == scan.end;
}

static char *append(char *to, const char *text, size_t len)
{
	memcpy(to, text, len);
	to[len] = '\n';
	return to + len + 1;
}

/* The line at *at without its newline; moves *at behind it. */
static struct scan next_line(const char **at, const char *end)
{
	const char *newline = memchr(*at, '\n', (size_t)(end - *at));
	struct scan line = {*at, newline ? newline : end};

	*at = newline ? newline + 1 : end;
	return line;
}

size_t format_text_clean(const char *text, size_t len, char *clean)
{
	static const char no_print[] = "print fmt: \"\"";
	const char *at = text, *end = text + len;
	bool name = false, id = false, format = false, common = true;
	char *to = clean;

	assert(text && clean);
	while (at < end) {
		struct scan line = next_line(&at, end);
		size_t size = (size_t)(line.end - line.at);
		bool keep = false;

		if (!name)
			keep = name = is_header(line, "name: ", false);
		else if (!id)
			keep = id = is_header(line, "ID: ", true);
		else if (!format)
			keep = format = size == 7 && skip(&line, "format:");
		else
			keep = is_field(line) && (common || !is_common(line));
		/* libtraceevent wants the empty line between the two groups. */
		if (keep && format && common && is_field(line) &&
		    !is_common(line)) {
			common = false;
			to = append(to, "", 0);
		}
		if (keep)
			to = append(to, line.end - size, size);
	}
	if (!format)
		return 0;
	if (common)
		to = append(to, "", 0);
	to = append(to, "", 0);
	to = append(to, no_print, strlen(no_print));
	*to = '\0';
	return (size_t)(to - clean);
}
