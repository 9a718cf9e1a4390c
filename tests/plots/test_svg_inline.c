/*
 * Only what draws comes through, with ids of its own; all else is refused or
 * left out.
 */
#include "plots/svg_inline.h"

#include <stdlib.h>
#include <string.h>

#include "tests/support/test.h"

/* The picture as it stands in a page; NULL if it was refused. */
static char *inlined(const char *svg)
{
	struct err err = {0};
	char *html = NULL;
	size_t size;
	FILE *file = open_memstream(&html, &size);
	int rc;

	assert_non_null(file);
	rc = svg_inline(svg, "p", "a \"label\"", file, &err);
	fclose(file);
	if (!rc)
		return html;
	expect_i64_eq(rc, ERR_FORMAT);
	assert_true(err.text[0]);
	free(html);
	return NULL;
}

static void becomes(const char *svg, const char *want)
{
	char *got = inlined(svg);

	if (!got)
		fail_msg("refused: %s", svg);
	expect_str_eq(got, want);
	free(got);
}

static void refused(const char *svg)
{
	char *got = inlined(svg);

	if (got)
		fail_msg("not refused: %s gave %s", svg, got);
}

#define HEAD "<svg role=\"img\" aria-label=\"a &quot;label&quot;\""

static void test_drawing(void **state)
{
	(void)state;
	becomes("<?xml version=\"1.0\"?>\n<svg width=\"9\"\n "
		"viewBox=\"0 0 9 9\" xmlns=\"x\">\n<title>T</title>"
		"<desc>d <b></desc>\n<g id='a' class=\"k\">"
		"<path fill = 'rgb(  0, 1,  2)' d='M1,2  L3,4 '/>\n"
		"<use xlink:href='#a'/><text> x &lt; y</text></g>\n</svg>\n",
		HEAD " viewBox=\"0 0 9 9\"><g id=\"p-a\">"
		     "<path fill=\"rgb(0,1,2)\" d=\"M1,2 L3,4\"/>"
		     "<use href=\"#p-a\"/><text> x &lt; y</text></g></svg>");
	becomes("<svg><image href='data:image/png;base64,AA=='/></svg>",
		HEAD "><image href=\"data:image/png;base64,AA==\"/></svg>");
}

static void test_what_runs_is_left_out(void **state)
{
	(void)state;
	becomes("<svg onload='x()'><g onclick=\"y()\" style='a' "
		"data-x='1'/></svg>",
		HEAD "><g/></svg>");
	becomes("<svg><filter id='f'><feFlood/></filter></svg>",
		HEAD "></svg>");
	becomes("<svg><g fill='a\"b'/></svg>",
		HEAD "><g fill=\"a&quot;b\"/></svg>");
}

static void test_values(void **state)
{
	(void)state;
	becomes("<svg><g/><metadata>{\"a\": \"&lt;\"}</metadata>\n</svg>",
		HEAD " data-hover=\"{&quot;a&quot;: &quot;&lt;&quot;}\"><g/>"
		     "</svg>");
}

static void test_refused(void **state)
{
	(void)state;
	refused("");
	refused("<html></html>");
	refused("<svg><script>x()</script></svg>");
	refused("<svg><foreignObject/></svg>");
	refused("<svg><a href='x'/></svg>");
	refused("<svg><use href='http://x/#y'/></svg>");
	refused("<svg><image href='javascript:x()'/></svg>");
	refused("<svg><use href='#a\"onload=x'/></svg>");
	refused("<svg><g id='a\"onload=x'/></svg>");
	refused("<svg><g fill=red/></svg>");
	refused("<svg><g fill='red/></svg>");
	refused("<svg><g></svg>");
	refused("<svg></g></svg>");
	refused("<svg><!-- x --></svg>");
	refused("<svg><g>");
	refused("<svg><title>");
	refused("<svg><metadata>{");
}

/* Cut anywhere: refused, never a crash. */
static void test_cut(void **state)
{
	static const char whole[] =
	    "<svg viewBox='0 0 1 1'><title>t</title><g id='a'><path d='M1'/>"
	    "<text>x</text></g><metadata>{}</metadata></svg>";
	char cut[sizeof(whole)];

	(void)state;
	for (size_t len = 0; len < sizeof(whole) - 1; len++) {
		memcpy(cut, whole, len);
		cut[len] = '\0';
		refused(cut);
	}
}

static void test_depth(void **state)
{
	char svg[1024] = "<svg>";

	(void)state;
	for (int i = 0; i < 100; i++)
		strcat(svg, "<g>");
	refused(svg);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_drawing),
	    cmocka_unit_test(test_what_runs_is_left_out),
	    cmocka_unit_test(test_values),
	    cmocka_unit_test(test_refused),
	    cmocka_unit_test(test_cut),
	    cmocka_unit_test(test_depth),
	};

	return test_exit(cmocka_run_group_tests(tests, NULL, NULL));
}
