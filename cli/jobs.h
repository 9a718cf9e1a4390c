/*
 * jobs: the same work for many things at once, in child processes.
 *
 * A child has all that its parent had in memory, and hands one result back
 * through memory that both share. What it opens and allocates ends with it, and
 * so does what goes wrong in it.
 */
#ifndef CLI_JOBS_H
#define CLI_JOBS_H

#include <stddef.h>
#include <stdint.h>

#include "core/err.h"

/* Does one job in a child; result is zeroed. Returns 0 or an error. */
typedef int (*job_work)(void *context, size_t number, void *result,
			struct err *err);

struct jobs {
	const char *what; /* names the work on the terminal */
	size_t count;
	size_t at_once; /* children at a time, at least 1 */
	size_t result_size;
	job_work work;
	void *context;
	uint64_t events; /* of one job, for the progress line */
};

/*
 * Does all jobs. results has count × result_size bytes, errs count elements:
 * code 0 where the job was done. A child that was killed is ERR_CHILD. Nothing
 * may be open that a child must not share (a database). Results are in the
 * order of jobs whatever the order of ends. ERR_INTERRUPTED after a signal,
 * when no child is left; ERR_NOMEM, ERR_CHILD if no child could be made.
 */
MUST_CHECK int jobs_run(const struct jobs *jobs, void *results,
			struct err *errs, struct err *err);

/*
 * How many jobs of so many bytes each may run at once: as there are CPUs, and
 * as half of the memory that is available now has room for; at least 1.
 */
size_t jobs_at_once(uint64_t bytes_each);

#endif
