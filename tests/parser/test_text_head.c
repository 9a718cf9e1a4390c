#include "tests/support/test.h"

#include <string.h>

#include "parser/text_head.h"

static void see(struct text_head *head, struct capture_info *info,
		const char *text)
{
	char line[256];
	size_t len = strlen(text);

	memcpy(line, text, len);
	line[len] = '\n';
	text_head_line(head, info, line, line + len);
}

static void test_kernel(void **state)
{
	struct text_head head = {0};
	struct capture_info info = {0};

	(void)state;
	see(&head, &info,
	    "# entries-in-buffer/entries-written: 192033/292033   #P:3");
	expect_u64_eq(head.in_buffer, 192033);
	expect_u64_eq(head.written, 292033);
	expect_u64_eq(head.cpus, 3);
	see(&head, &info, "# nop latency trace v1.1.5 on 6.18.44-fc-v657");
	expect_str_eq(info.release, "6.18.44-fc-v657");
	expect_i64_eq(info.version_major, 6);
	expect_i64_eq(info.version_minor, 18);
	expect_u64_eq(info.gfp.atomic, 0);
	/* What is told first stays. */
	see(&head, &info, "# os release : 4.19.0");
	expect_str_eq(info.release, "6.18.44-fc-v657");
}

static void test_tools(void **state)
{
	struct text_head head = {0};
	struct capture_info info = {0};

	(void)state;
	see(&head, &info, "cpus=2");
	expect_u64_eq(head.cpus, 2);
	see(&head, &info, "# os release : 6.1.0-13-amd64");
	see(&head, &info, "# arch : x86_64");
	see(&head, &info, "# nrcpus online : 8");
	expect_str_eq(info.release, "6.1.0-13-amd64");
	expect_str_eq(info.machine, "x86_64");
	expect_u64_eq(head.cpus, 8);
	expect_true(text_head_has_4k_pages("x86_64"));
	expect_true(text_head_has_4k_pages("i686"));
	expect_true(!text_head_has_4k_pages("aarch64"));
	expect_true(!text_head_has_4k_pages(""));
}

static void test_console(void **state)
{
	struct text_head head = {0};
	struct capture_info info = {0};

	(void)state;
	see(&head, &info, "[    0.000000] Linux version unknown");
	expect_str_eq(info.release, "");
	see(&head, &info, "CPU: 0 PID: 0 Comm: x Not tainted 6.1.0-56 #1");
	expect_str_eq(info.release, "6.1.0-56");
}

static void test_odd(void **state)
{
	static const char *const lines[] = {
	    "",
	    "#",
	    "# entries-in-buffer/entries-written: 1/",
	    "# entries-in-buffer/entries-written: 99999999999999999999/1 #P:1",
	    "# entries-in-buffer/entries-written: 1/18446744073709551615",
	    "# os release : six",
	    "# os release : 6",
	    "# os release : 99999.1",
	    "cpus=99999999999",
	    "cpus=",
	    "# nrcpus online : 5000",
	};
	struct text_head head = {0};
	struct capture_info info = {0};

	(void)state;
	for (size_t i = 0; i < sizeof(lines) / sizeof(*lines); i++)
		see(&head, &info, lines[i]);
	expect_u64_eq(head.in_buffer, 0);
	expect_u64_eq(head.written, 0);
	expect_u64_eq(head.cpus, 0);
	expect_str_eq(info.release, "");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_kernel),
	    cmocka_unit_test(test_tools),
	    cmocka_unit_test(test_console),
	    cmocka_unit_test(test_odd),
	};

	return test_exit(cmocka_run_group_tests(tests, NULL, NULL));
}
