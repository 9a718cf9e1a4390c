#include "tests/support/test.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "parser/text_sites.h"

static uint64_t address(struct text_sites *sites, struct symbols *symbols,
			const char *text, const char *module)
{
	char *line = malloc(strlen(text) + 1);
	uint64_t value = 0;

	/* A newline follows, not a NUL. */
	memcpy(line, text, strlen(text));
	line[strlen(text)] = '\n';
	assert_int_equal(text_sites_address(sites, symbols, line, strlen(text),
					    module, strlen(module), &value),
			 0);
	free(line);
	return value;
}

/* A name goes in and comes out again, with its offset and module. */
static void test_names(void **state)
{
	struct text_sites sites = {0};
	struct symbols symbols = {0};
	char text[SYMBOL_TEXT_MAX];
	const char *module;
	uint64_t first, offset;

	(void)state;
	first = address(&sites, &symbols, "copy_process+0x1a2/0x1c20", "");
	expect_str_eq(symbols_format(&symbols, first, text),
		      "copy_process+0x1a2");
	expect_u64_eq(address(&sites, &symbols, "copy_process+0x1a2", ""),
		      first);
	expect_u64_eq(
	    address(&sites, &symbols, "copy_process+0x1a3/0x1c20", ""),
	    first + 1);
	/* The same function of another module is another. */
	expect_str_eq(symbols_find(&symbols,
				   address(&sites, &symbols,
					   "copy_process+0x10", "a_module"),
				   &offset, &module),
		      "copy_process");
	expect_u64_eq(offset, 0x10);
	expect_str_eq(module, "a_module");
	expect_str_eq(symbols_find(&symbols, first, &offset, &module),
		      "copy_process");
	assert_null(module);
	text_sites_fini(&sites);
	symbols_fini(&symbols);
}

static void test_addresses(void **state)
{
	struct text_sites sites = {0};
	struct symbols symbols = {0};
	char text[SYMBOL_TEXT_MAX];

	(void)state;
	expect_u64_eq(address(&sites, &symbols, "ffffffff8a1b2c3d", ""),
		      0xffffffff8a1b2c3d);
	expect_u64_eq(address(&sites, &symbols, "0xffffffff8a1b2c3d", ""),
		      0xffffffff8a1b2c3d);
	expect_u64_eq(address(&sites, &symbols, "c01b2c3d", ""), 0xc01b2c3d);
	/* No symbol covers them. */
	expect_str_eq(symbols_format(&symbols, 0xc01b2c3d, text), "0xc01b2c3d");
	text_sites_fini(&sites);
	symbols_fini(&symbols);
}

/* What is no offset stays a part of the name; long names are cut. */
static void test_odd(void **state)
{
	struct text_sites sites = {0};
	struct symbols symbols = {0};
	char text[SYMBOL_TEXT_MAX], name[3000];
	uint64_t value;

	(void)state;
	expect_str_eq(
	    symbols_format(&symbols,
			   address(&sites, &symbols, "f+0x99999999/0x10", ""),
			   text),
	    "f+0x99999999/0x10+0x0");
	expect_str_eq(symbols_format(
			  &symbols, address(&sites, &symbols, "zed", ""), text),
		      "zed+0x0");
	/* "[a\0b]", "[\0]" */
	assert_int_equal(text_sites_address(&sites, &symbols, "g+0x1 [", 5,
					    "a\0b", 3, &value),
			 0);
	expect_str_eq(symbols_format(&symbols, value, text), "g+0x1");
	assert_int_equal(
	    text_sites_address(&sites, &symbols, "g+0x1 [", 5, "\0", 1, &value),
	    0);
	expect_str_eq(symbols_format(&symbols, value, text), "g+0x1");
	memset(name, 'x', sizeof(name) - 1);
	name[sizeof(name) - 1] = '\0';
	symbols_format(&symbols, address(&sites, &symbols, name, name), text);
	expect_u64_eq(strlen(text), 200 + strlen("+0x0"));
	text_sites_fini(&sites);
	symbols_fini(&symbols);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_names),
	    cmocka_unit_test(test_addresses),
	    cmocka_unit_test(test_odd),
	};

	return test_exit(cmocka_run_group_tests(tests, NULL, NULL));
}
