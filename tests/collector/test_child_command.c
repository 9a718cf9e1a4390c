#include "collector/child_command.h"

#include <poll.h>
#include <signal.h>
#include <string.h>

#include "tests/support/test.h"

static int run(char *const *command)
{
	struct child_command child;
	struct err err = {0};

	assert_int_equal(child_command_start(&child, command, &err), 0);
	while (!child_command_ended(&child)) {
		struct pollfd fd = {.fd = child.fd, .events = POLLIN};

		poll(&fd, 1, 20);
	}
	child_command_fini(&child);
	return child.status;
}

static void test_status(void **state)
{
	(void)state;
	expect_i64_eq(run((char *[]){"true", NULL}), 0);
	expect_i64_eq(run((char *[]){"sh", "-c", "exit 3", NULL}), 3);
	expect_i64_eq(run((char *[]){"sh", "-c", "kill -9 $$", NULL}), 137);
}

static void test_cannot_run(void **state)
{
	char *const command[] = {"/nonexistent/program", NULL};
	struct child_command child;
	struct err err = {0};

	(void)state;
	expect_i64_eq(child_command_start(&child, command, &err), ERR_CHILD);
	expect_true(strstr(err.text, "/nonexistent/program"));
}

static void test_end(void **state)
{
	char *const command[] = {"sleep", "600", NULL};
	struct child_command child;

	(void)state;
	assert_int_equal(child_command_start(&child, command, NULL), 0);
	expect_true(child_command_end(&child, 60000));
	expect_i64_eq(child.status, 128 + 15);
	child_command_fini(&child);
}

/* What is ignored here, the command ignores from its first moment on. */
static void test_end_of_stubborn(void **state)
{
	char *const command[] = {"sleep", "600", NULL};
	struct child_command child;
	pid_t pid;

	(void)state;
	signal(SIGTERM, SIG_IGN);
	assert_int_equal(child_command_start(&child, command, NULL), 0);
	signal(SIGTERM, SIG_DFL);
	pid = child.pid;
	expect_true(!child_command_end(&child, 100));
	expect_i64_eq(child.status, 255);
	assert_int_equal(kill(pid, SIGKILL), 0);
	while (!child_command_ended(&child))
		poll(NULL, 0, 20);
	expect_i64_eq(child.status, 128 + 9);
	child_command_fini(&child);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_status),
	    cmocka_unit_test(test_cannot_run),
	    cmocka_unit_test(test_end),
	    cmocka_unit_test(test_end_of_stubborn),
	};

	return test_exit(cmocka_run_group_tests(tests, NULL, NULL));
}
