/*
 * What gnuplot prints goes to a file of the work directory, "messages", and is
 * read when it has ended: no pipe that could fill.
 */
#include "plots/gnuplot.h"

#include <errno.h>
#include <fcntl.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

/*
 * The environment of the child: ours, but in the C.UTF-8 locale (decimal
 * points, no translated messages, UTF-8 text). Strings stay the environment's.
 */
static char **child_environment(void)
{
	static char locale[] = "LC_ALL=C.UTF-8";
	size_t count = 0, at = 0;
	char **env;

	while (environ[count])
		count++;
	env = calloc(count + 2, sizeof(*env));
	if (!env)
		return NULL;
	env[at++] = locale;
	for (size_t i = 0; i < count; i++) {
		if (strncmp(environ[i], "LC_ALL=", 7) != 0)
			env[at++] = environ[i];
	}
	return env;
}

/* Starts gnuplot in the work directory. */
static int spawn(const char *work, pid_t *pid)
{
	char *argv[] = {"gnuplot", "-d", "main.gp", NULL};
	char **env = child_environment();
	posix_spawn_file_actions_t actions;
	int rc;

	if (!env)
		return ENOMEM;
	rc = posix_spawn_file_actions_init(&actions);
	if (rc) {
		free(env);
		return rc;
	}
	rc = posix_spawn_file_actions_addchdir_np(&actions, work);
	if (!rc)
		rc = posix_spawn_file_actions_addopen(&actions, 0, "/dev/null",
						      O_RDONLY, 0);
	if (!rc)
		rc = posix_spawn_file_actions_addopen(
		    &actions, 1, "messages", O_WRONLY | O_CREAT | O_TRUNC,
		    0600);
	if (!rc)
		rc = posix_spawn_file_actions_adddup2(&actions, 1, 2);
	if (!rc)
		rc = posix_spawnp(pid, "gnuplot", &actions, NULL, argv, env);
	posix_spawn_file_actions_destroy(&actions);
	free(env);
	return rc;
}

/*
 * What gnuplot printed, without empty lines; "" if nothing. The end is kept
 * where it is too long: gnuplot shows the whole command before the reason.
 */
static void read_messages(const char *work, char *text, size_t cap)
{
	char *path = NULL, *line = NULL;
	size_t size = 0, at = 0;
	ssize_t len;
	FILE *file;

	text[0] = '\0';
	if (asprintf(&path, "%s/messages", work) < 0)
		return;
	file = fopen(path, "re");
	free(path);
	while (file && (len = getline(&line, &size, file)) > 0) {
		while (len > 0 && (unsigned char)line[len - 1] <= ' ')
			line[--len] = '\0';
		if (len == 0)
			continue;
		if (at + (size_t)len + 2 > cap)
			at = 0;
		at += (size_t)snprintf(text + at, cap - at, "%s%s",
				       at > 0 ? "\n" : "", line);
		at = at < cap ? at : cap - 1;
	}
	free(line);
	if (file)
		fclose(file);
}

const char *gnuplot_reason(const char *messages)
{
	const char *line = strrchr(messages, '\n');

	if (!messages[0])
		return "it said nothing";
	return line ? line + 1 : messages;
}

int gnuplot_run(const char *work, char *messages, size_t cap, struct err *err)
{
	pid_t pid, got;
	int status, rc = spawn(work, &pid);

	if (rc == ENOENT)
		return err_set(err, ERR_MISSING,
			       "gnuplot is not installed, and the pictures "
			       "need it: install it (Debian, Ubuntu: apt-get "
			       "install gnuplot-nox; Fedora: dnf install "
			       "gnuplot-minimal)");
	if (rc)
		return err_set(err, ERR_CHILD, "gnuplot cannot be started: %s",
			       strerror(rc));
	do {
		got = waitpid(pid, &status, 0);
	} while (got < 0 && errno == EINTR);
	read_messages(work, messages, cap);
	if (got < 0)
		return err_set(err, ERR_CHILD, "gnuplot is lost: %s",
			       strerror(errno));
	if (WIFSIGNALED(status))
		return err_set(err, ERR_CHILD, "gnuplot was killed by %s: %s",
			       strsignal(WTERMSIG(status)),
			       gnuplot_reason(messages));
	if (WEXITSTATUS(status))
		return err_set(err, ERR_CHILD, "gnuplot failed: %s",
			       gnuplot_reason(messages));
	return 0;
}
