/*
 * The values of a picture as JSON in its SVG.
 */
#include "plots/hover.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "tests/support/test.h"

struct files {
	char dir[64], svg[96], panels[96];
};

static void write_text(const char *path, const char *text)
{
	FILE *file = fopen(path, "we");

	assert_non_null(file);
	fputs(text, file);
	assert_int_equal(fclose(file), 0);
}

static struct files make_files(const char *svg, const char *panels)
{
	struct files files = {.dir = "/tmp/kmem-test-hover-XXXXXX"};

	assert_non_null(mkdtemp(files.dir));
	snprintf(files.svg, sizeof(files.svg), "%s/a.svg", files.dir);
	snprintf(files.panels, sizeof(files.panels), "%s/panels", files.dir);
	write_text(files.svg, svg);
	write_text(files.panels, panels);
	return files;
}

static void remove_files(const struct files *files)
{
	unlink(files->svg);
	unlink(files->panels);
	rmdir(files->dir);
}

/* Into *text, which must be NULL and is the caller's to free. */
static void read_text(const char *path, char **text)
{
	FILE *file = fopen(path, "re");
	size_t size = 0;

	assert_non_null(file);
	assert_true(getdelim(text, &size, '\0', file) > 0);
	fclose(file);
}

static const char svg[] = "<?xml version=\"1.0\"?>\n<svg viewBox=\"0 0 9 9\">"
			  "\n<g>some text so that it is long</g>\n</svg>\n\n";

static void test_panels(void **state)
{
	struct files files =
	    make_files(svg, "90 840 140 602 0 3.5 0 14\n"
			    "372 1140 140 602 0 380 20.7 0.3\n");
	struct hover *hover = hover_open();
	struct err err = {0};
	char *text = NULL;

	(void)state;
	assert_non_null(hover);
	hover_panel(hover, 'x', "s");
	hover_value(hover, "requested", "bytes");
	hover_value(hover, "<b>\"\\", "");
	hover_row(hover, (double[]){0, 1, 2}, 3);
	hover_row(hover, (double[]){0.5, 1, 2}, 3); /* says nothing new */
	hover_row(hover, (double[]){1, NAN, 123456789}, 3);
	hover_panel(hover, 'y', "");
	hover_value(hover, "waste", "bytes");
	hover_name(hover, "a&b");
	hover_name(hover, "c");
	hover_row(hover, (double[]){1, 7}, 2);
	hover_row(hover, (double[]){2, 7}, 2); /* another bar */
	assert_int_equal(hover_attach(hover, files.svg, files.panels, &err), 0);
	read_text(files.svg, &text);
	expect_str_eq(
	    strstr(text, "<metadata>"),
	    "<metadata>{\"panels\":["
	    "{\"axis\":\"x\",\"unit\":\"s\",\"values\":["
	    "[\"requested\",\"bytes\"],[\"&lt;b>\u201d\\\\\",\"\"]],"
	    "\"rows\":[[0,1,2],[1,null,123456789]]},"
	    "{\"axis\":\"y\",\"unit\":\"\",\"values\":[[\"waste\",\"bytes\"]],"
	    "\"names\":[\"a&amp;b\",\"c\"],\"rows\":[[1,7],[2,7]]}],"
	    "\"at\":[[90.00,98.00,750.00,462.00,0,3.5],"
	    "[372.00,98.00,768.00,462.00,0.3,20.7]]}</metadata>\n</svg>\n");
	free(text);
	hover_close(hover);
	remove_files(&files);
}

static void test_nothing_told(void **state)
{
	struct files files = make_files(svg, "");
	struct hover *hover = hover_open();
	struct err err = {0};
	char *text = NULL;

	(void)state;
	assert_int_equal(hover_attach(hover, files.svg, files.panels, &err), 0);
	read_text(files.svg, &text);
	expect_str_eq(text, svg);
	free(text);
	hover_close(hover);
	remove_files(&files);
}

/* A program that marks fewer panels than were told, an SVG without its end. */
static void test_wrong_files(void **state)
{
	const char *const texts[][2] = {
	    {svg, ""},
	    {svg, "90 840 140 x\n"},
	    {"<svg viewBox=\"0 0 9 9\"> and nothing more, though it is long "
	     "enough to be one",
	     "90 840 140 602 0 3.5 0 14\n"},
	    {"<svg></svg>", "90 840 140 602 0 3.5 0 14\n"},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(texts) / sizeof(*texts); i++) {
		struct files files = make_files(texts[i][0], texts[i][1]);
		struct hover *hover = hover_open();
		struct err err = {0};

		hover_panel(hover, 'x', "s");
		hover_value(hover, "v", "");
		assert_true(hover_attach(hover, files.svg, files.panels, &err) <
			    0);
		assert_true(err.text[0]);
		hover_close(hover);
		remove_files(&files);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_panels),
	    cmocka_unit_test(test_nothing_told),
	    cmocka_unit_test(test_wrong_files),
	};

	return test_exit(cmocka_run_group_tests(tests, NULL, NULL));
}
