/*
 * guardian: a small process that cleans up when the recorder cannot.
 *
 * It waits for the recorder's end, whatever that is (SIGKILL too), then removes
 * the tracing instance and the unfinished capture directory.
 */
#ifndef COLLECTOR_GUARDIAN_H
#define COLLECTOR_GUARDIAN_H

#include <sys/types.h>

#include "core/err.h"

struct guardian {
	pid_t pid;
	/* Private */
	int fd;
};

/*
 * Forks it. Call it before any thread is started and before either path is
 * made; both are absolute. The recorder need not have made them.
 */
MUST_CHECK int guardian_start(struct guardian *guardian,
			      const char *instance_dir, const char *partial_dir,
			      struct err *err);

/* Lets it do what is left to do and waits for it. */
void guardian_stop(struct guardian *guardian);

#endif
