/*
 * child_command: the recorded COMMAND, a child process in its own right.
 *
 * It keeps our terminal, process group and standard files, and has none of our
 * other files open.
 */
#ifndef COLLECTOR_CHILD_COMMAND_H
#define COLLECTOR_CHILD_COMMAND_H

#include <stdbool.h>
#include <sys/types.h>

#include "core/err.h"

struct child_command {
	pid_t pid;  /* 0: none, or ended */
	int fd;	    /* readable when it has ended; -1 where there is no such */
	int status; /* exit status; 128 + n if signal n ended it; else 255 */
};

/* ERR_CHILD if it cannot be run. */
MUST_CHECK int child_command_start(struct child_command *child,
				   char *const *command, struct err *err);

/* True once it has ended; does not wait. */
bool child_command_ended(struct child_command *child);

/*
 * Asks a running command to end (SIGTERM) and waits up to wait_ms. It may have
 * had the terminal's SIGINT already. True if it ended.
 */
bool child_command_end(struct child_command *child, unsigned int wait_ms);

void child_command_fini(struct child_command *child);

#endif
