#include "collector/child_command.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <string.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

enum { STEP_MS = 20, STATUS_SIGNAL = 128, STATUS_UNKNOWN = 255 };

int child_command_start(struct child_command *child, char *const *command,
			struct err *err)
{
	pid_t pid;
	int rc = posix_spawnp(&pid, command[0], NULL, NULL, command, environ);

	if (rc)
		return err_set(err, ERR_CHILD, "%s: cannot be run: %s",
			       command[0], strerror(rc));
	*child = (struct child_command){
	    .pid = pid,
	    .fd = (int)syscall(SYS_pidfd_open, pid, 0),
	    .status = STATUS_UNKNOWN,
	};
	return 0;
}

bool child_command_ended(struct child_command *child)
{
	int status;
	pid_t got;

	if (child->pid <= 0)
		return true;
	got = waitpid(child->pid, &status, WNOHANG);
	if (got == 0 || (got < 0 && errno == EINTR))
		return false;
	if (got < 0)
		child->status = STATUS_UNKNOWN;
	else if (WIFEXITED(status))
		child->status = WEXITSTATUS(status);
	else
		child->status = STATUS_SIGNAL + WTERMSIG(status);
	child->pid = 0;
	return true;
}

bool child_command_end(struct child_command *child, unsigned int wait_ms)
{
	if (child_command_ended(child))
		return true;
	kill(child->pid, SIGTERM);
	for (unsigned int waited = 0; waited < wait_ms; waited += STEP_MS) {
		poll(NULL, 0, STEP_MS);
		if (child_command_ended(child))
			return true;
	}
	return false;
}

void child_command_fini(struct child_command *child)
{
	if (child->fd >= 0)
		close(child->fd);
	child->fd = -1;
}
