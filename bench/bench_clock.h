/*
 * bench_clock: wall and CPU time of a stretch of a benchmark, and the least of
 * several. All benchmarks print lines of "NAME VALUE UNIT" for bench/run.sh.
 */
#ifndef BENCH_BENCH_CLOCK_H
#define BENCH_BENCH_CLOCK_H

/* Seconds; cpu is that of all threads of the process. */
struct bench_time {
	double wall, cpu;
};

struct bench_time bench_now(void);
struct bench_time bench_since(struct bench_time start);

/* Lowers each of *best to that of time; a zeroed *best is none yet. */
void bench_keep_best(struct bench_time *best, struct bench_time time);

/* Prints NAME_cpu and NAME_wall in seconds. */
void bench_print(const char *name, struct bench_time time);

/* The most memory that this process has had so far. */
long bench_peak_kib(void);

#endif
