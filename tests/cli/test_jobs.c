/*
 * jobs: results in the order of jobs, jobs that fail or die, and a signal.
 */
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

#include "cli/signals.h"
#include "cli/jobs.h"
#include "tests/support/test.h"

enum { JOBS = 12 };

static int work(void *context, size_t number, void *result, struct err *err)
{
	uint64_t *square = result;
	int ret = 0;

	/* The later ones end first. */
	usleep((JOBS - (unsigned int)number) * 2000);
	fputs("never seen", stdout);
	*square = number * number;
	/* Something that did not matter in the end. */
	if (number == 4)
		err_set(err, ERR_MISSING, "a file that need not be there");
	if (context && number == 3)
		ret = err_set(err, ERR_FORMAT, "three is wrong");
	if (context && number == 5)
		raise(SIGKILL);
	return ret;
}

static void test_results(void **state)
{
	uint64_t results[JOBS];
	struct err errs[JOBS];
	struct jobs jobs = {.what = "test",
			    .count = JOBS,
			    .at_once = 3,
			    .result_size = sizeof(*results),
			    .work = work};

	(void)state;
	for (int fails = 0; fails < 2; fails++) {
		jobs.context = fails ? &jobs : NULL;
		assert_int_equal(jobs_run(&jobs, results, errs, NULL), 0);
		for (size_t i = 0; i < JOBS; i++) {
			if (fails && i == 3)
				expect_str_eq(errs[i].text, "three is wrong");
			else if (fails && i == 5)
				assert_int_equal(errs[i].code, ERR_CHILD);
			else
				assert_int_equal(errs[i].code, 0);
			expect_u64_eq(results[i], i * i);
		}
	}
	jobs.count = 0;
	assert_int_equal(jobs_run(&jobs, results, errs, NULL), 0);
}

static int sleeper(void *context, size_t number, void *result, struct err *err)
{
	(void)context;
	(void)result;
	(void)err;
	if (!number)
		kill(getppid(), SIGINT);
	sleep(60);
	return 0;
}

/* In 60 s the test would be stopped: it ends only if the children are. */
static void test_interrupted(void **state)
{
	uint64_t results[JOBS];
	struct err errs[JOBS], err = {0};
	struct jobs jobs = {.what = "test",
			    .count = JOBS,
			    .at_once = 2,
			    .result_size = sizeof(*results),
			    .work = sleeper};

	(void)state;
	signals_catch();
	assert_int_equal(jobs_run(&jobs, results, errs, &err), ERR_INTERRUPTED);
	assert_int_equal(waitpid(-1, NULL, WNOHANG), -1);
	signals_forget();
}

static void test_at_once(void **state)
{
	(void)state;
	expect_true(jobs_at_once(0) >= 1);
	expect_u64_eq(jobs_at_once(UINT64_MAX), 1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_results),
	    cmocka_unit_test(test_interrupted),
	    cmocka_unit_test(test_at_once),
	};

	return test_exit(cmocka_run_group_tests(tests, NULL, NULL));
}
