/*
 * bench_command ROUNDS COMMAND [ARGUMENT...]: the least CPU and wall time of
 * ROUNDS runs of a command, start-up included, its output thrown away, and the
 * exit status of the last. Fails if a run cannot be started or is killed.
 */
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include "bench/bench_clock.h"

enum { NOT_STARTED = 127 };

static double cpu_seconds(const struct rusage *usage)
{
	return (double)(usage->ru_utime.tv_sec + usage->ru_stime.tv_sec) +
	       (double)(usage->ru_utime.tv_usec + usage->ru_stime.tv_usec) *
		   1e-6;
}

static void run_child(char **command)
{
	int null = open("/dev/null", O_RDWR | O_CLOEXEC);

	if (null < 0 || dup2(null, STDIN_FILENO) < 0 ||
	    dup2(null, STDOUT_FILENO) < 0 || dup2(null, STDERR_FILENO) < 0)
		_exit(NOT_STARTED);
	execvp(command[0], command);
	_exit(NOT_STARTED);
}

/* The command's exit status, or -1. */
static int run(char **command, struct bench_time *best)
{
	struct bench_time start = bench_now(), time;
	struct rusage usage;
	int status;
	pid_t pid = fork();

	if (pid < 0)
		return -1;
	if (!pid)
		run_child(command);
	if (wait4(pid, &status, 0, &usage) != pid)
		return -1;
	time = bench_since(start);
	time.cpu = cpu_seconds(&usage);
	bench_keep_best(best, time);
	if (!WIFEXITED(status) || WEXITSTATUS(status) == NOT_STARTED)
		return -1;
	return WEXITSTATUS(status);
}

int main(int argc, char **argv)
{
	int rounds = argc > 2 ? atoi(argv[1]) : 0;
	struct bench_time best = {0};
	int status = 0;

	if (rounds < 1) {
		fputs("bench_command ROUNDS COMMAND [ARGUMENT...]\n", stderr);
		return 2;
	}
	for (int round = 0; round < rounds; round++) {
		status = run(argv + 2, &best);
		if (status < 0) {
			fprintf(stderr, "bench_command: %s failed\n", argv[2]);
			return 2;
		}
	}
	bench_print("command", best);
	printf("status %d code\n", status);
	return 0;
}
