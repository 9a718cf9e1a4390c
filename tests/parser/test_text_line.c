/*
 * Lines as each kernel and tool prints them: who, where, when, what.
 */
#include "tests/support/test.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/event.h"
#include "parser/text_line.h"

/* The line in memory of its own, so that ASan sees a read behind it. */
static char *copy(const char *text, size_t *len)
{
	char *line;

	*len = strlen(text);
	line = malloc(*len + 1);
	memcpy(line, text, *len);
	line[*len] = '\n';
	return line;
}

/* "comm|pid|cpu|flags|ts|event|body", or "-" if it is no event's line. */
static const char *parsed(const char *text)
{
	static char out[512];
	struct text_line line;
	size_t len;
	char *start = copy(text, &len);

	snprintf(out, sizeof(out), "-");
	if (text_line_parse(start, start + len, &line))
		snprintf(out, sizeof(out), "%.*s|%d|%u|%s%s|%llu|%.*s|%.*s",
			 (int)line.comm_len, line.comm, line.pid, line.cpu,
			 line.flags & EVF_HARDIRQ ? "h" : "",
			 line.flags & EVF_SOFTIRQ ? "s" : "",
			 (unsigned long long)line.ts_ns, (int)line.event_len,
			 line.event_len ? line.event : "",
			 (int)(line.end - line.body), line.body);
	free(start);
	return out;
}

static void test_kernel(void **state)
{
	(void)state;
	expect_str_eq(parsed("          <idle>-0       [000] d.h1.     0.181397"
			     ": kmalloc: call_site=f+0x1/0x2"),
		      "<idle>|0|0|h|181397000|kmalloc|call_site=f+0x1/0x2");
	/* 4.19 */
	expect_str_eq(parsed("            bash-1234  [003] d.s1    12.000001: "
			     "kfree: ptr=0"),
		      "bash|1234|3|s|12000001000|kfree|ptr=0");
	expect_str_eq(parsed("            bash-17779   (  17779) [001] ..H.. "
			     "13297.267808: kfree: a"),
		      "bash|17779|1|hs|13297267808000|kfree|a");
	expect_str_eq(parsed("            bash-17779   (-------) [001] ..... "
			     "13297.267808: kfree: a"),
		      "bash|17779|1||13297267808000|kfree|a");
	expect_str_eq(parsed("            bash-17779   [000]  13297.594951: "
			     "kfree: a"),
		      "bash|17779|0||13297594951000|kfree|a");
	expect_str_eq(parsed("    bash-17779     1d.s.. 16171us!: kfree: a"),
		      "bash|17779|1|s|16171000|kfree|a");
	expect_str_eq(parsed("    bash-17779     1..... 16171us : kfree: a"),
		      "bash|17779|1||16171000|kfree|a");
	/* trace_clock counter: ticks */
	expect_str_eq(parsed("            bash-17779   [000] .....         4711"
			     ": kfree: a"),
		      "bash|17779|0||4711|kfree|a");
	expect_str_eq(parsed("            bash-17779   [000] .....     1.000000"
			     ": <stack trace>"),
		      "bash|17779|0||1000000000||<stack trace>");
}

static void test_tools(void **state)
{
	(void)state;
	expect_str_eq(parsed("            snap-3218  [000]    11.003824563: "
			     "kmalloc:              (f+0x2d) call_site=f+0x2d"),
		      "snap|3218|0||11003824563|kmalloc|(f+0x2d) "
		      "call_site=f+0x2d");
	expect_str_eq(
	    parsed("   <...>-3216    0.....    10.878904: print:   a"),
	    "<...>|3216|0||10878904000|print|a");
	expect_str_eq(parsed("            perf 17867 [001] 13298.999035:      "
			     "kmem:kmalloc: a"),
		      "perf|17867|1||13298999035000|kmalloc|a");
	expect_str_eq(
	    parsed("            perf 17867/17868 [001] 13298.999035:  "
		   "   kmem:kmalloc: a"),
	    "perf|17868|1||13298999035000|kmalloc|a");
	/* With callchains the comm is not filled up. */
	expect_str_eq(parsed("perf 18016 [000] 13301.989118: kmem:kfree: a"),
		      "perf|18016|0||13301989118000|kfree|a");
	expect_str_eq(
	    parsed("            perf 17867 [001] 13298.999035:        "
		   " 1 kmem:kfree: a"),
	    "perf|17867|1||13298999035000|kfree|a");
	expect_str_eq(parsed("\tffffffff81634d4d f+0x20d ([kernel.kallsyms])"),
		      "-");
}

/* A comm may hold anything; its columns decide. */
static void test_hostile_comm(void **state)
{
	(void)state;
	expect_str_eq(parsed(" -1 [000] 1.0: a-7       [002] .....     2.000000"
			     ": kfree: a"),
		      "-1 [000] 1.0: a|7|2||2000000000|kfree|a");
	expect_str_eq(parsed("kworker/0:1-eve-12      [000] .....     2.000000"
			     ": kfree: a"),
		      "kworker/0:1-eve|12|0||2000000000|kfree|a");
	expect_str_eq(parsed("      Web Content 12 [000] 2.000000: x:kfree: a"),
		      "Web Content|12|0||2000000000|kfree|a");
	/* Blanks in front lost on the way. */
	expect_str_eq(parsed("kworker/u4:2-ev-12 [000] ..... 2.000000: kfree: "
			     "a"),
		      "kworker/u4:2-ev|12|0||2000000000|kfree|a");
}

static void test_no_event(void **state)
{
	static const char *const lines[] = {
	    "",
	    "# tracer: nop",
	    "cpus=1",
	    " => __kmalloc",
	    "[    0.000000] Linux version 6.1.0",
	    "17786 1 13297491056805 type: 658",
	    "            bash-99999999999 [000] ..... 1.000000: kfree: a",
	    "            bash-1 [99999999999] ..... 1.000000: kfree: a",
	    "            bash-1 [000] ..... 1.000000 kfree: a",
	    "            bash-1 [000] ..... 99999999999999999999.0: kfree: a",
	    "            bash-1 [000",
	    "            bash-",
	};

	(void)state;
	for (size_t i = 0; i < sizeof(lines) / sizeof(*lines); i++)
		expect_str_eq(parsed(lines[i]), "-");
}

static void test_lost(void **state)
{
	static const struct {
		const char *text;
		bool lost;
		uint32_t cpu;
		uint64_t count;
	} cases[] = {
	    {"CPU:0 [LOST 3510 EVENTS]", true, 0, 3510},
	    {"CPU:12 [LOST EVENTS]", true, 12, 0},
	    {"CPU:1 [1287299 EVENTS DROPPED]", true, 1, 1287299},
	    {"CPU:1 [LOST 12", false, 0, 0},
	    {"CPU: 0 PID: 1 Comm: swapper/0", false, 0, 0},
	    {"CPU:1 [99999999999999999999 EVENTS DROPPED]", false, 0, 0},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		uint32_t cpu = 0;
		uint64_t count = 0;
		size_t len;
		char *start = copy(cases[i].text, &len);
		bool lost = text_line_lost(start, start + len, &cpu, &count);

		expect_u64_eq(lost, cases[i].lost);
		if (lost) {
			expect_u64_eq(cpu, cases[i].cpu);
			expect_u64_eq(count, cases[i].count);
		}
		free(start);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_kernel),
	    cmocka_unit_test(test_tools),
	    cmocka_unit_test(test_hostile_comm),
	    cmocka_unit_test(test_no_event),
	    cmocka_unit_test(test_lost),
	};

	return test_exit(cmocka_run_group_tests(tests, NULL, NULL));
}
