/*
 * A table as HTML: every kind of cell, hostile text, notes.
 */
#include "plots/html_table.h"

#include <stdlib.h>
#include <string.h>

#include "tests/support/test.h"

static const struct table_column columns[] = {
    {"name", "Na<me", "Who \"asked\"", UNIT_TEXT, TABLE_GIVES_WAY},
    {"count", "Count", NULL, UNIT_COUNT, 0},
    {"bytes", "Bytes", "m", UNIT_BYTES, TABLE_NO_TEXT},
    {"span", "Span", "m", UNIT_NS, 0},
    {"moment", "Moment", "m", UNIT_MOMENT, 0},
    {"percent", "Share", "m", UNIT_PERCENT, 0},
    {"real", "Real", "m", UNIT_REAL, 0},
    {"address", "Address", "m", UNIT_ADDRESS, 0},
    {"id", "PID", "m", UNIT_ID, 0},
};
enum { COLUMNS = sizeof(columns) / sizeof(columns[0]) };

static char *render(const struct table *table)
{
	char *html = NULL;
	size_t size;
	FILE *file = open_memstream(&html, &size);

	assert_non_null(file);
	html_table(file, table);
	fclose(file);
	return html;
}

static void expect_has(const char *html, const char *part)
{
	if (!strstr(html, part))
		fail_msg("no '%s' in: %s", part, html);
}

static void test_cells(void **state)
{
	struct table table;
	char *html;

	(void)state;
	table_init(&table, "t", columns, COLUMNS, "a <b> title");
	table_text(&table, "</td><script>");
	table_int(&table, -1234567);
	table_int(&table, INT64_MIN);
	table_int(&table, 1500);
	table_int(&table, 12000345678);
	table_real(&table, 12.34);
	table_real(&table, -0.5);
	table_int(&table, -1);
	table_int(&table, 12345);
	for (int i = 0; i < COLUMNS; i++)
		table_none(&table);
	table_note(&table, "note & <i>");
	html = render(&table);
	expect_has(html, "<caption>a &lt;b&gt; title</caption>");
	expect_has(html, "<th class=\"t\" title=\"Who &quot;asked&quot;\">"
			 "Na&lt;me</th>");
	expect_has(html, "<th title=\"\">Count</th>");
	expect_has(html, "<th class=\"w\" title=\"m\">Bytes"
			 "<small>bytes</small></th>");
	expect_has(html, "<td class=\"t\">&lt;/td&gt;&lt;script&gt;</td>");
	expect_has(html, "<td>-1,234,567</td>");
	expect_has(html, "<td class=\"w\">-9,223,372,036,854,775,808</td>");
	expect_has(html, "<td data-v=\"1500\">1.50 \u00b5s</td>");
	expect_has(html, "<td>12.000345</td>");
	expect_has(html, "<td>12.3</td>");
	expect_has(html, "<td>-0.500</td>");
	expect_has(html, "<td>0xffffffffffffffff</td>");
	expect_has(html, "<td>12345</td>");
	expect_has(html, "<td class=\"t none\">\u2013</td>");
	expect_has(html, "<td class=\"none\">\u2013</td>");
	expect_has(html, "<td class=\"w none\">\u2013</td>");
	expect_has(html, "<li>note &amp; &lt;i&gt;</li>");
	free(html);
	table_fini(&table);
}

/* A column in which nothing is known is left out, and only that one. */
static void test_unknown(void **state)
{
	struct table table;
	char *html;

	(void)state;
	table_init(&table, "t", columns, 3, "unknown");
	table_text(&table, "a");
	table_none(&table);
	table_int(&table, 7);
	table_text(&table, "b");
	table_none(&table);
	table_none(&table);
	html = render(&table);
	expect_has(html, "</th><th class=\"w\" title=\"m\">Bytes");
	expect_has(html,
		   "<tr><td class=\"t\">a</td><td class=\"w\">7</td></tr>");
	assert_null(strstr(html, "Count"));
	free(html);
	table_fini(&table);
}

static void test_empty(void **state)
{
	struct table table;
	char *html;

	(void)state;
	table_init(&table, "t", columns, COLUMNS, "none");
	html = render(&table);
	expect_has(html, "<tbody>\n</tbody>");
	expect_has(html, ">Count</th>");
	assert_null(strstr(html, "<ul"));
	free(html);
	table_fini(&table);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_cells),
	    cmocka_unit_test(test_unknown),
	    cmocka_unit_test(test_empty),
	};

	return test_exit(cmocka_run_group_tests(tests, NULL, NULL));
}
