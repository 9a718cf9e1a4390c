/*
 * A value is read by recursive descent over numbers, casts, parentheses and
 * the operators | & << ~, which is all that the kernel's headers use here.
 * Depth is bounded, because the text comes from a file.
 */
#include "parser/gfp_parse.h"

#include <assert.h>
#include <ctype.h>
#include <stdint.h>
#include <string.h>

enum { DEPTH_MAX = 64 };

struct expr {
	const char *at, *end;
	int depth;
	bool bad;
};

static void skip_space(struct expr *expr)
{
	while (expr->at < expr->end && isspace((unsigned char)*expr->at))
		expr->at++;
}

static bool accept(struct expr *expr, const char *word)
{
	size_t len = strlen(word);

	skip_space(expr);
	if ((size_t)(expr->end - expr->at) < len ||
	    memcmp(expr->at, word, len) != 0)
		return false;
	expr->at += len;
	return true;
}

static uint64_t number(struct expr *expr)
{
	unsigned int base = 10;
	uint64_t value = 0;
	const char *start;

	if (accept(expr, "0x"))
		base = 16;
	start = expr->at;
	while (expr->at < expr->end && isxdigit((unsigned char)*expr->at)) {
		int c = tolower((unsigned char)*expr->at);

		if (base == 10 && c > '9')
			break;
		value = value * base +
			(unsigned int)(c <= '9' ? c - '0' : c - 'a' + 10);
		expr->at++;
	}
	expr->bad |= expr->at == start;
	while (expr->at < expr->end && strchr("uUlL", *expr->at) && *expr->at)
		expr->at++;
	return value;
}

static uint64_t any_of(struct expr *expr);

/* A number, ~x, (x), or a cast, which is a word in parentheses, before x. */
static uint64_t unary(struct expr *expr)
{
	uint64_t value = 0;

	if (++expr->depth > DEPTH_MAX) {
		expr->bad = true;
	} else if (accept(expr, "~")) {
		value = ~unary(expr);
	} else if (accept(expr, "(")) {
		skip_space(expr);
		if (expr->at < expr->end && isalpha((unsigned char)*expr->at)) {
			while (expr->at < expr->end && *expr->at != ')')
				expr->at++;
			expr->bad |= !accept(expr, ")");
			value = expr->bad ? 0 : unary(expr);
		} else {
			value = any_of(expr);
			expr->bad |= !accept(expr, ")");
		}
	} else {
		value = number(expr);
	}
	expr->depth--;
	return value;
}

static uint64_t shifted(struct expr *expr)
{
	uint64_t value = unary(expr);

	while (!expr->bad && accept(expr, "<<")) {
		uint64_t by = unary(expr);

		value = by < 64 ? value << by : 0;
	}
	return value;
}

static uint64_t all_of(struct expr *expr)
{
	uint64_t value = shifted(expr);

	while (!expr->bad && accept(expr, "&"))
		value &= shifted(expr);
	return value;
}

static uint64_t any_of(struct expr *expr)
{
	uint64_t value = all_of(expr);

	while (!expr->bad && accept(expr, "|"))
		value |= all_of(expr);
	return value;
}

static bool set_flag(struct gfp_bits *bits, const char *name, size_t len,
		     uint32_t value)
{
#define X(field, word, default_value)                                          \
	if (strlen(word) == len && !memcmp(word, name, len)) {                 \
		bits->field = value;                                           \
		return true;                                                   \
	}
	GFP_TABLE(X)
#undef X
	if (len == strlen("GFP_NOWAIT") && !memcmp(name, "GFP_NOWAIT", len))
		bits->nowait = value;
	return false;
}

bool gfp_parse(const char *text, size_t len, struct gfp_bits *bits)
{
	const char *at = text, *end = text + len;
	struct gfp_bits found = {0};
	bool any = false;

	assert(text && bits);
	while ((at = memchr(at, '{', (size_t)(end - at)))) {
		struct expr expr = {.at = ++at, .end = end};
		uint64_t value = any_of(&expr);
		const char *quote;

		if (expr.bad || value > UINT32_MAX || !accept(&expr, ",") ||
		    !accept(&expr, "\""))
			continue;
		quote = memchr(expr.at, '"', (size_t)(end - expr.at));
		if (!quote)
			break;
		any |= set_flag(&found, expr.at, (size_t)(quote - expr.at),
				(uint32_t)value);
		at = quote;
	}
	if (any)
		*bits = found;
	return any;
}

void gfp_of_version(int major, int minor, struct gfp_bits *bits)
{
#define X(field, word, value) bits->field = value;
	GFP_TABLE(X)
#undef X
	/* __GFP_ATOMIC went away in 6.3; the other bits kept their places. */
	if (major > 6 || (major == 6 && minor >= 3))
		bits->atomic = 0;
	bits->nowait = bits->kswapd_reclaim;
	if (major > 6 || (major == 6 && minor >= 7))
		bits->nowait |= bits->nowarn;
}
