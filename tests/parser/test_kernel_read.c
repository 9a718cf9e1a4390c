/*
 * Lines of kallsyms against strtoull().
 */
#include "parser/kernel_read.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tests/support/test.h"

/* The symbols of a text, which ends as a file's does. */
static struct trace taken(const char *text)
{
	struct file_text file = {.text = strdup(text), .len = strlen(text)};
	struct trace trace = {0};
	struct err err = {0};

	assert_non_null(file.text);
	assert_int_equal(kernel_take_symbols(&file, &trace, &err), 0);
	return trace;
}

static bool found_at(const struct trace *trace, uint64_t addr, const char *name)
{
	const char *got, *module;
	uint64_t offset = 0;

	got = symbols_find(&trace->symbols, addr, &offset, &module);
	return got && !offset && !strcmp(got, name);
}

static void test_lines(void **state)
{
	struct trace trace = taken("ffffffff81000000 T _text\n"
				   "ffffffff81000010 d data\n"
				   "c0001230 t short_address\n"
				   "0000000000000000 T hidden\n"
				   "ffffffffc0000040 t in_module\t[ext4]\n"
				   "ffffffff81000020 t ___slab_alloc\n"
				   "xffffff81000030 T nonsense\n"
				   "ffffffff8100004 W last");
	const char *module = NULL;

	(void)state;
	expect_true(found_at(&trace, 0xffffffff81000000, "_text"));
	expect_true(!found_at(&trace, 0xffffffff81000010, "data"));
	expect_true(found_at(&trace, 0xc0001230, "short_address"));
	expect_true(found_at(&trace, 0xffffffff8100004, "last"));
	expect_str_eq(
	    symbols_find(&trace.symbols, 0xffffffffc0000041, NULL, &module),
	    "in_module");
	expect_str_eq(module, "ext4");
	expect_true(trace.info.slab_kind == SLAB_KIND_SLUB);
	expect_u64_eq(trace.symbols.count, 5);
	trace_fini(&trace);
}

/* Sixteen characters of which one may be any byte: digits count, no others. */
static void test_digits(void **state)
{
	char line[] = "0123456789aBcDeF T f\n";

	(void)state;
	for (int place = 0; place < 16; place++) {
		for (int c = 1; c < 256; c++) {
			char text[sizeof(line)], *end;
			struct trace trace;
			uint64_t want;

			if (c == '\n')
				continue;
			memcpy(text, line, sizeof(line));
			text[place] = (char)c;
			want = strtoull(text, &end, 16);
			if (strchr("+-xX \t\v\f\r\n", c))
				end = text;
			trace = taken(text);
			expect_u64_eq(trace.symbols.count,
				      end == text + 16 && want);
			if (trace.symbols.count)
				expect_true(found_at(&trace, want, "f"));
			trace_fini(&trace);
		}
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_lines),
	    cmocka_unit_test(test_digits),
	};

	return test_exit(cmocka_run_group_tests(tests, NULL, NULL));
}
