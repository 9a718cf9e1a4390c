/*
 * answer: one table in its three forms, with hostile names and unknown cells.
 */
#include <stdlib.h>
#include <string.h>

#include "cli/answer_forms.h"
#include "cli/cli_table.h"
#include "tests/support/test.h"

static const struct table_column columns[] = {
    {"symbol", "Call site", "Who", UNIT_TEXT, TABLE_GIVES_WAY},
    {"bytes", "Bytes", "How much", UNIT_BYTES, 0},
    {"age_ns", "Age", "Since when", UNIT_NS, 0},
    {"first_ns", "First", "When", UNIT_MOMENT, 0},
    {"share", "Share", "Of all", UNIT_PERCENT, 0},
    {"addr", "Address", "Where", UNIT_ADDRESS, TABLE_NO_TEXT},
};

static const char hostile[] = "<img src=x>\x1b[2J\"; system(\"x\"),\xff";

struct bed {
	struct trace trace;
	struct table table;
	struct answer answer;
};

static void bed_init(struct bed *bed)
{
	*bed = (struct bed){0};
	bed->trace.info.linked = true;
	table_init(&bed->table, "sites", columns, 6, "Sites");
	table_text(&bed->table, hostile);
	table_int(&bed->table, 1234567);
	table_int(&bed->table, 1500);
	table_int(&bed->table, 12345678901);
	table_real(&bed->table, 12.34);
	table_int(&bed->table, -1);
	table_text(&bed->table, "b");
	for (int i = 0; i < 5; i++)
		table_none(&bed->table);
	table_note(&bed->table, "two sites");
	bed->answer = (struct answer){.input = "in",
				      .trace = &bed->trace,
				      .tables = &bed->table,
				      .table_count = 1};
}

static void bed_fini(struct bed *bed)
{
	table_fini(&bed->table);
	trace_fini(&bed->trace);
}

static char *form(struct bed *bed, enum answer_format format)
{
	char *out = NULL;
	size_t size;
	FILE *file = open_memstream(&out, &size);

	assert_non_null(file);
	if (format == ANSWER_JSON)
		assert_int_equal(answer_json(&bed->answer, file, NULL), 0);
	else if (format == ANSWER_CSV)
		answer_csv(&bed->answer, file);
	else
		answer_text(&bed->answer, file);
	fclose(file);
	return out;
}

static void test_text(void **state)
{
	struct bed bed;
	char *out;

	(void)state;
	bed_init(&bed);
	out = form(&bed, ANSWER_TEXT);
	expect_true(strstr(out, "1,234,567 1.50 us 12.345678 12.3%") != NULL);
	expect_true(strstr(out, "\\x1b[2J") != NULL);
	expect_true(strstr(out, "note: two sites") != NULL);
	expect_true(strstr(out, "Address") == NULL);
	expect_true(strchr(out, '\x1b') == NULL);
	for (char *line = out, *end; (end = strchr(line, '\n')); line = end + 1)
		expect_true(end - line <= TABLE_WIDTH);
	free(out);
	bed_fini(&bed);
}

static void test_json(void **state)
{
	struct bed bed;
	char *out;

	(void)state;
	bed_init(&bed);
	out = form(&bed, ANSWER_JSON);
	expect_true(strstr(out, "\"bytes\":\t1234567") != NULL);
	expect_true(strstr(out, "\"addr\":\t\"0xffffffffffffffff\"") != NULL);
	expect_true(strstr(out, "\"first_ns\":\t12345678901") != NULL);
	expect_true(strstr(out, "\"bytes\":\tnull") != NULL);
	expect_true(strstr(out, "\\\"; system(\\\"x\\\"),\\\\xff\"") != NULL);
	expect_true(strstr(out, "\"notes\":\t[\"two sites\"]") != NULL);
	free(out);
	bed_fini(&bed);
}

static void test_csv(void **state)
{
	struct bed bed;
	char *out;

	(void)state;
	bed_init(&bed);
	out = form(&bed, ANSWER_CSV);
	expect_true(
	    !strncmp(out, "symbol,bytes,age_ns,first_ns,share,addr\n", 40));
	expect_true(strstr(out, "\"\"; system(\"\"x\"\"),\xff\",1234567,1500,"
				"12345678901,12.340000,0xffffffffffffffff\n") !=
		    NULL);
	expect_true(strstr(out, "\nb,,,,,\n") != NULL);
	free(out);
	bed_fini(&bed);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_text),
	    cmocka_unit_test(test_json),
	    cmocka_unit_test(test_csv),
	};

	return test_exit(cmocka_run_group_tests(tests, NULL, NULL));
}
