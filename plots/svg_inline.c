/*
 * One pass over the text, tag by tag; a stack of open elements makes sure that
 * the picture ends where its <svg> ends. gnuplot escapes the texts it draws, so
 * a '<' always begins a tag.
 */
#include "plots/svg_inline.h"

#include <ctype.h>
#include <stdbool.h>
#include <string.h>

#include "plots/html.h"

enum { DEPTH_MAX = 64 };

/* Words between spaces. */
static const char drawn[] = " svg g defs path rect circle ellipse line polygon "
			    "polyline image use text tspan ";

/* Left out with all that is in them: browsers show or run them. */
static const char silent[] = " title desc filter metadata ";

static const char attributes[] =
    " x y width height cx cy r rx ry x1 x2 y1 y2 d dx dy points transform fill "
    "stroke color stroke-width stroke-dasharray stroke-linecap stroke-linejoin "
    "stroke-opacity fill-opacity fill-rule opacity font-family font-size "
    "font-weight font-style text-anchor viewBox preserveAspectRatio ";

struct word {
	const char *at;
	size_t len;
};

struct copy {
	const char *at; /* what is not read yet */
	const char *prefix;
	FILE *file;
	struct err *err;
	struct word open[DEPTH_MAX];
	size_t depth;
};

static bool word_same(struct word a, struct word b)
{
	return a.len == b.len && !memcmp(a.at, b.at, a.len);
}

static bool word_is(struct word word, const char *text)
{
	return word_same(word, (struct word){text, strlen(text)});
}

static bool word_among(struct word word, const char *words)
{
	char padded[32];

	if (!word.len || word.len + 3 > sizeof(padded))
		return false;
	snprintf(padded, sizeof(padded), " %.*s ", (int)word.len, word.at);
	return strstr(words, padded) != NULL;
}

static int refuse(struct copy *copy, const char *what, struct word word)
{
	return err_set(copy->err, ERR_FORMAT,
		       "the picture holds %s '%.*s', which no picture of ours "
		       "has",
		       what, word.len < 40 ? (int)word.len : 40, word.at);
}

static void skip_space(struct copy *copy)
{
	while (isspace((unsigned char)*copy->at))
		copy->at++;
}

static struct word take_name(struct copy *copy)
{
	struct word word = {copy->at, 0};

	while (isalnum((unsigned char)*copy->at) ||
	       (*copy->at && strchr(":_-", *copy->at)))
		copy->at++;
	word.len = (size_t)(copy->at - word.at);
	return word;
}

/* name = 'value' or name="value", both without the quotes. */
static int take_attribute(struct copy *copy, struct word *name,
			  struct word *value)
{
	const char *end;

	*name = take_name(copy);
	skip_space(copy);
	if (!name->len || *copy->at != '=')
		return refuse(copy, "something that is no attribute",
			      (struct word){copy->at, strnlen(copy->at, 10)});
	copy->at++;
	skip_space(copy);
	if (*copy->at != '"' && *copy->at != '\'')
		return refuse(copy, "an unquoted attribute", *name);
	end = strchr(copy->at + 1, *copy->at);
	if (!end)
		return refuse(copy, "an endless attribute", *name);
	*value = (struct word){copy->at + 1, (size_t)(end - copy->at - 1)};
	copy->at = end + 1;
	return 0;
}

/* Entities in it stay what they are. Much white space becomes little. */
static void put_value(struct copy *copy, struct word name, struct word value)
{
	bool packed = word_is(name, "fill") || word_is(name, "stroke") ||
		      word_is(name, "color");
	bool space = false;

	fprintf(copy->file, " %.*s=\"", (int)name.len, name.at);
	for (size_t i = 0; i < value.len; i++) {
		char c = value.at[i];

		if (isspace((unsigned char)c)) {
			space = !packed;
			continue;
		}
		if (space)
			fputc(' ', copy->file);
		space = false;
		if (c == '"' || c == '<' || c == '>' || c == '\'')
			html_text(copy->file, (char[]){c, '\0'});
		else
			fputc(c, copy->file);
	}
	fputc('"', copy->file);
}

static int put_link(struct copy *copy, struct word value)
{
	static const char inside[] = "data:image/png;base64,";

	if (value.len > 1 && *value.at == '#') {
		fprintf(copy->file, " href=\"#%s-%.*s\"", copy->prefix,
			(int)value.len - 1, value.at + 1);
		return 0;
	}
	if (value.len >= sizeof(inside) &&
	    !memcmp(value.at, inside, sizeof(inside) - 1)) {
		put_value(copy, (struct word){"href", 4}, value);
		return 0;
	}
	return refuse(copy, "a link to", value);
}

static int copy_attribute(struct copy *copy)
{
	struct word name = {"", 0}, value = {"", 0};
	int rc = take_attribute(copy, &name, &value);

	if (rc)
		return rc;
	if (word_is(name, "xlink:href") || word_is(name, "href")) {
		if (memchr(value.at, '"', value.len) ||
		    memchr(value.at, '&', value.len))
			return refuse(copy, "a link to", value);
		return put_link(copy, value);
	}
	/* Those of the root are its size and namespaces. */
	if (copy->depth == 1 && !word_is(name, "viewBox"))
		return 0;
	if (word_is(name, "id")) {
		if (memchr(value.at, '"', value.len))
			return refuse(copy, "the id", value);
		fprintf(copy->file, " id=\"%s-%.*s\"", copy->prefix,
			(int)value.len, value.at);
	} else if (word_among(name, attributes)) {
		put_value(copy, name, value);
	}
	return 0;
}

static int copy_open_tag(struct copy *copy, struct word name)
{
	int rc = 0;

	if (copy->depth == DEPTH_MAX)
		return refuse(copy, "too many levels at", name);
	copy->open[copy->depth++] = name;
	if (copy->depth > 1)
		fprintf(copy->file, "<%.*s", (int)name.len, name.at);
	for (;;) {
		skip_space(copy);
		if (*copy->at == '>') {
			copy->at++;
			fputc('>', copy->file);
			return 0;
		}
		if (copy->at[0] == '/' && copy->at[1] == '>') {
			copy->at += 2;
			copy->depth--;
			fputs("/>", copy->file);
			return 0;
		}
		rc = copy_attribute(copy);
		if (rc)
			return rc;
	}
}

static int copy_close_tag(struct copy *copy)
{
	struct word name;

	copy->at += 2;
	name = take_name(copy);
	skip_space(copy);
	if (*copy->at != '>' || !copy->depth ||
	    !word_same(name, copy->open[copy->depth - 1]))
		return refuse(copy, "a closing tag out of place:", name);
	copy->at++;
	copy->depth--;
	fprintf(copy->file, "</%.*s>", (int)name.len, name.at);
	return 0;
}

/* Moves behind the end of the element whose name was just read. */
static int skip_element(struct copy *copy, struct word name)
{
	const char *end = strchr(copy->at, '>');
	char tag[16];

	if (end && end[-1] == '/') {
		copy->at = end + 1;
		return 0;
	}
	snprintf(tag, sizeof(tag), "</%.*s>", (int)name.len, name.at);
	end = strstr(copy->at, tag);
	if (!end)
		return refuse(copy, "an endless element", name);
	copy->at = end + strlen(tag);
	return 0;
}

/* What stands between two tags: drawn text, or the file's own line breaks. */
static void copy_text(struct copy *copy)
{
	size_t len = strcspn(copy->at, "<");
	struct word in = copy->open[copy->depth - 1];

	if (word_is(in, "text") || word_is(in, "tspan"))
		fwrite(copy->at, 1, len, copy->file);
	copy->at += len;
}

static int copy_tag(struct copy *copy)
{
	struct word name;

	if (copy->at[1] == '/')
		return copy_close_tag(copy);
	copy->at++;
	name = take_name(copy);
	if (word_among(name, silent))
		return skip_element(copy, name);
	if (!word_among(name, drawn))
		return refuse(copy, "the element", name);
	return copy_open_tag(copy, name);
}

/* Text of XML, in which quotes mean themselves, as an attribute. */
static int put_hover(struct copy *copy, const char *svg)
{
	static const char start[] = "<metadata>";
	const char *at = strstr(svg, start);
	const char *end;

	if (!at)
		return 0;
	at += sizeof(start) - 1;
	end = strchr(at, '<');
	if (!end)
		return refuse(copy, "an endless element",
			      (struct word){"metadata", 8});
	fputs(" data-hover=\"", copy->file);
	for (; at < end; at++)
		fputs(*at == '"' ? "&quot;" : (char[]){*at, '\0'}, copy->file);
	fputc('"', copy->file);
	return 0;
}

int svg_inline(const char *svg, const char *prefix, const char *label,
	       FILE *file, struct err *err)
{
	struct copy copy = {.prefix = prefix, .file = file, .err = err};
	int rc;

	copy.at = strstr(svg, "<svg");
	if (!copy.at)
		return err_set(err, ERR_FORMAT, "the picture is no SVG");
	fputs("<svg role=\"img\" aria-label=\"", file);
	html_text(file, label);
	fputc('"', file);
	rc = put_hover(&copy, svg);
	if (!rc)
		rc = copy_tag(&copy);
	while (!rc && copy.depth && *copy.at) {
		if (*copy.at == '<')
			rc = copy_tag(&copy);
		else
			copy_text(&copy);
	}
	if (!rc && copy.depth)
		rc = err_set(err, ERR_FORMAT, "the picture is cut short");
	return rc;
}
