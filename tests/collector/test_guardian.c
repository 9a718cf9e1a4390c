/*
 * An ordinary directory stands for the instance: rmdir fails while it is not
 * empty, as it does for an instance while its files are open.
 */
#include "collector/guardian.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "collector/capture_dir.h"
#include "tests/support/test.h"

static char top[64], instance[128], partial[128], busy[160];

static int set_up(void **state)
{
	char file[160];
	FILE *out;

	(void)state;
	strcpy(top, "/tmp/kmemscope-guard-XXXXXX");
	if (!mkdtemp(top))
		return -1;
	snprintf(instance, sizeof(instance), "%s/instance", top);
	snprintf(busy, sizeof(busy), "%s/busy", instance);
	snprintf(partial, sizeof(partial), "%s/partial", top);
	snprintf(file, sizeof(file), "%s/file", partial);
	if (mkdir(instance, 0700) || mkdir(busy, 0700) || mkdir(partial, 0700))
		return -1;
	out = fopen(file, "w");
	return out ? fclose(out) : -1;
}

static int tear_down(void **state)
{
	(void)state;
	capture_dir_remove(top);
	return 0;
}

/* However slow the machine is: the time of a test has an end. */
static void wait_until_gone(const char *path)
{
	while (!access(path, F_OK))
		usleep(10000);
}

/* A recorder that is killed can do nothing for itself. */
static void test_killed_recorder(void **state)
{
	int status;
	pid_t pid = fork();

	(void)state;
	if (pid == 0) {
		struct guardian guardian;

		if (guardian_start(&guardian, instance, partial, NULL))
			_exit(1);
		/* Signals to all of a job do not reach the guardian. */
		kill(guardian.pid, SIGINT);
		kill(guardian.pid, SIGTERM);
		kill(guardian.pid, SIGHUP);
		raise(SIGKILL);
	}
	assert_true(pid > 0);
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_true(WIFSIGNALED(status));
	usleep(100000);
	expect_true(!access(instance, F_OK));
	assert_int_equal(rmdir(busy), 0);
	wait_until_gone(instance);
	wait_until_gone(partial);
}

static void test_recorder_that_ends(void **state)
{
	struct guardian guardian;

	(void)state;
	assert_int_equal(rmdir(busy), 0);
	assert_int_equal(guardian_start(&guardian, instance, partial, NULL), 0);
	expect_true(!kill(guardian.pid, 0));
	expect_true(!access(instance, F_OK));
	guardian_stop(&guardian);
	expect_true(access(instance, F_OK));
	expect_true(access(partial, F_OK));
	guardian_stop(&guardian);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test_setup_teardown(test_killed_recorder, set_up,
					    tear_down),
	    cmocka_unit_test_setup_teardown(test_recorder_that_ends, set_up,
					    tear_down),
	};

	return test_exit(cmocka_run_group_tests(tests, NULL, NULL));
}
