/*
 * The guardian reads a pipe whose only other end is the recorder's: it ends
 * when the recorder does. It has a session of its own, so that no signal of
 * the terminal or to the process group reaches it, holds no file of the
 * recorder's and no working directory.
 */
#include "collector/guardian.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "collector/capture_dir.h"
#include "collector/trace_instance.h"

enum { PATIENCE_MS = 60000 };

/* Everything but fd, and /dev/null for the standard three. */
static void keep_only(int fd)
{
	int null = open("/dev/null", O_RDWR);

	for (int i = 0; i < 3; i++)
		if (null >= 0)
			dup2(null, i);
	if (fd > 3)
		syscall(SYS_close_range, 3u, (unsigned int)fd - 1, 0u);
	syscall(SYS_close_range, (unsigned int)fd + 1, ~0u, 0u);
}

static void ignore_signals(void)
{
	static const int list[] = {SIGINT,  SIGTERM, SIGHUP, SIGQUIT,
				   SIGPIPE, SIGTSTP, SIGTTOU};

	for (unsigned int i = 0; i < sizeof(list) / sizeof(list[0]); i++)
		signal(list[i], SIG_IGN);
}

static void guard(int fd, const char *instance_dir, const char *partial_dir)
{
	char byte;
	ssize_t got;

	setsid();
	prctl(PR_SET_NAME, "kmemscope-guard");
	keep_only(fd);
	if (chdir("/"))
		_exit(1);
	do {
		got = read(fd, &byte, 1);
	} while (got > 0 || (got < 0 && errno == EINTR));
	if (!trace_instance_remove_path(instance_dir, PATIENCE_MS))
		_exit(1);
	capture_dir_remove(partial_dir);
	_exit(0);
}

int guardian_start(struct guardian *guardian, const char *instance_dir,
		   const char *partial_dir, struct err *err)
{
	sigset_t all, old;
	int ends[2];
	pid_t pid;

	guardian->pid = 0;
	if (pipe2(ends, O_CLOEXEC))
		return err_set(err, ERR_IO, "cannot make a pipe: %s",
			       strerror(errno));
	/* None may end it before it can ignore them. */
	sigfillset(&all);
	sigprocmask(SIG_SETMASK, &all, &old);
	pid = fork();
	if (pid == 0) {
		close(ends[1]);
		ignore_signals();
		sigprocmask(SIG_SETMASK, &old, NULL);
		guard(ends[0], instance_dir, partial_dir);
	}
	sigprocmask(SIG_SETMASK, &old, NULL);
	close(ends[0]);
	if (pid < 0) {
		close(ends[1]);
		return err_set(err, ERR_IO, "cannot start a process: %s",
			       strerror(errno));
	}
	*guardian = (struct guardian){.pid = pid, .fd = ends[1]};
	return 0;
}

void guardian_stop(struct guardian *guardian)
{
	if (guardian->pid <= 0)
		return;
	close(guardian->fd);
	while (waitpid(guardian->pid, NULL, 0) < 0 && errno == EINTR)
		;
	guardian->pid = 0;
}
