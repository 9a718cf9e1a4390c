/*
 * The names of fields stand in one table in the order in which the kernel
 * prints them, and the search for the next begins behind the last one found:
 * nearly always the first comparison hits.
 */
#include "parser/text_fields.h"

#include <string.h>

#include "parser/text_gfp.h"
#include "parser/text_scan.h"

static const struct {
	const char *word;
	size_t len;
} fields[FIELD_COUNT] = {
#define WORD(text) text, sizeof(text) - 1
    {WORD("call_site")},
    {WORD("ptr")},
    {WORD("name")},
    {WORD("bytes_req")},
    {WORD("bytes_alloc")},
    {WORD("gfp_flags")},
    {WORD("node")},
    {WORD("accounted")},
    {WORD("page")},
    {WORD("pfn")},
    {WORD("order")},
    {WORD("migratetype")},
    {WORD("gfp_flags")},
    {WORD("percpu_refill")},
    {WORD("alloc_order")},
    {WORD("fallback_order")},
    {WORD("alloc_migratetype")},
    {WORD("fallback_migratetype")},
    {WORD("change_ownership")},
    {WORD("filename")},
    {WORD("pid")},
    {WORD("comm")},
    {WORD("newcomm")},
    {WORD("clone_flags")},
    {WORD("address")},
    {WORD("error_code")},
};

/* Those of one kernel are few: each text is taken apart once. */
static int gfp_of(struct text_events *events, const char *text, size_t len,
		  uint64_t *flags)
{
	const struct gfp_bits *bits = &events->trace->info.gfp;
	uint32_t before = names_count(&events->gfp_texts), id;

	if (before >= TEXT_GFP_MAX - 2) {
		*flags = text_gfp_parse(text, len, bits);
		return 0;
	}
	if (names_intern(&events->gfp_texts, text, len, &id))
		return ERR_NOMEM;
	if (id >= before)
		events->gfp_masks[id] = text_gfp_parse(text, len, bits);
	*flags = events->gfp_masks[id];
	return 0;
}

static const char *parse_pointer(struct text_events *events, const char *at,
				 struct text_values *values,
				 enum text_field field)
{
	const char *start, *end;

	at = text_blanks(at); /* 4.19 fills "(null)" up to the left */
	if (*at == '(') {
		end = text_word_end(at);
		values->number[field] = 0;
		values->no_address = field == FIELD_PTR &&
				     !text_accept(&at, end, "(null)") &&
				     !text_accept(&at, end, "(nil)");
		return end;
	}
	start = at;
	if (at[0] == '0' && at[1] == 'x')
		start = at + 2;
	end = text_hex(start, &values->number[field]);
	if (end && field == FIELD_PTR)
		text_events_pointer(events, values->number[field],
				    start == at ? end - start : 0);
	return end;
}

static int parse_site(struct text_events *events, const char **at,
		      const char *end, struct text_values *values)
{
	const char *text = *at, *word_end = text_word_end(text);
	const char *module = word_end, *close = NULL;

	if (word_end == text)
		return 0;
	values->seen |= TEXT_SEEN(FIELD_SITE);
	*at = word_end;
	if (text_accept(&module, end, " ["))
		close = memchr(module, ']', (size_t)(end - module));
	if (close)
		*at = close + 1;
	return text_sites_address(&events->sites, &events->trace->symbols, text,
				  (size_t)(word_end - text), module,
				  close ? (size_t)(close - module) : 0,
				  &values->number[FIELD_SITE]);
}

/* Names may hold blanks: they end where the next field begins. */
static const char *parse_text(const char *at, const char *end, const char *next,
			      struct text_values *values)
{
	const char *stop = text_find(at, end, next);

	if (!stop)
		stop = end;
	values->text = at;
	while (stop > at && text_is_blank(stop[-1]))
		stop--;
	values->text_len = (uint32_t)(stop - at);
	return stop;
}

static const char *parse_integer(const char *at, uint64_t *value)
{
	bool negative = *at == '-';
	const char *end = text_number(at + negative, value);

	if (negative)
		*value = -*value;
	return end;
}

/*
 * The value of one field; *at moves behind it. A value that makes no sense is
 * as good as none.
 */
static int parse_value(struct text_events *events, enum text_field field,
		       const char **at, const char *end,
		       struct text_values *values)
{
	const char *start = *at, *after;

	switch (field) {
	case FIELD_SITE:
		return parse_site(events, at, end, values);
	case FIELD_PTR:
	case FIELD_PAGE:
		after = parse_pointer(events, start, values, field);
		break;
	case FIELD_NAME:
		after = parse_text(start, end, " bytes_req=", values);
		break;
	case FIELD_FILENAME:
		after = parse_text(start, end, " pid=", values);
		break;
	case FIELD_COMM:
		after = parse_text(start, end, " clone_flags=", values);
		break;
	case FIELD_NEWCOMM:
		after = parse_text(start, end, " oom_score_adj=", values);
		break;
	case FIELD_GFP:
	case FIELD_PAGE_GFP:
		after = text_word_end(start);
		if (gfp_of(events, start, (size_t)(after - start),
			   &values->number[FIELD_GFP]))
			return ERR_NOMEM;
		break;
	case FIELD_CLONE:
		after = text_hex(start, &values->number[field]);
		break;
	case FIELD_ACCOUNTED:
		after = text_word_end(start);
		values->number[field] = *start == 't' || after[-1] == '1';
		break;
	default:
		after = parse_integer(start, &values->number[field]);
	}
	if (after && after <= end) {
		values->seen |= TEXT_SEEN(field);
		*at = after;
	}
	return 0;
}

/* The field of that name, looked for from "from" on and round the table. */
static enum text_field find_field(const char *key, size_t len,
				  enum text_field from)
{
	for (unsigned int i = 0; i < FIELD_COUNT; i++) {
		unsigned int field = from + i;

		if (field >= FIELD_COUNT)
			field -= FIELD_COUNT;
		if (fields[field].len == len &&
		    !memcmp(fields[field].word, key, len))
			return (enum text_field)field;
	}
	return FIELD_COUNT;
}

int text_fields_parse(struct text_events *events, const struct text_line *line,
		      struct text_values *values)
{
	const char *at = line->body, *end = line->end;
	enum text_field from = *at == 'p' ? FIELD_PAGE : FIELD_SITE;

	while (at < end) {
		const char *key = text_blanks(at);
		enum text_field field;
		int ret;

		for (at = key; (unsigned char)*at > ' ' && *at != '='; at++)
			;
		if (*at != '=') {
			/* No field; a control character is passed over. */
			at += at == key;
			continue;
		}
		field = find_field(key, (size_t)(at - key), from);
		at++;
		if (field == FIELD_COUNT)
			continue;
		ret = parse_value(events, field, &at, end, values);
		if (ret)
			return ret;
		from = field + 1 < FIELD_COUNT ? (enum text_field)(field + 1)
					       : FIELD_SITE;
	}
	return 0;
}
