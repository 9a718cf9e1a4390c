#include "bench/bench_clock.h"

#include <stdio.h>
#include <sys/resource.h>
#include <time.h>

static double seconds(clockid_t clock)
{
	struct timespec now;

	clock_gettime(clock, &now);
	return (double)now.tv_sec + (double)now.tv_nsec * 1e-9;
}

struct bench_time bench_now(void)
{
	return (struct bench_time){.wall = seconds(CLOCK_MONOTONIC),
				   .cpu = seconds(CLOCK_PROCESS_CPUTIME_ID)};
}

struct bench_time bench_since(struct bench_time start)
{
	struct bench_time now = bench_now();

	return (struct bench_time){.wall = now.wall - start.wall,
				   .cpu = now.cpu - start.cpu};
}

void bench_keep_best(struct bench_time *best, struct bench_time time)
{
	if (best->wall == 0 || time.wall < best->wall)
		best->wall = time.wall;
	if (best->cpu == 0 || time.cpu < best->cpu)
		best->cpu = time.cpu;
}

void bench_print(const char *name, struct bench_time time)
{
	printf("%s_cpu %.6f s\n%s_wall %.6f s\n", name, time.cpu, name,
	       time.wall);
}

long bench_peak_kib(void)
{
	struct rusage usage;

	getrusage(RUSAGE_SELF, &usage);
	return usage.ru_maxrss;
}
