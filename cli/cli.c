#include "cli/cli.h"

#include <inttypes.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

int cli_fail(const struct err *err)
{
	fprintf(stderr, "kmemscope: %s\n",
		err->text[0] ? err->text : err_code_text(err->code));
	return EXIT_ERROR;
}

int cli_usage(const char *fmt, ...)
{
	va_list ap;

	fputs("kmemscope: ", stderr);
	va_start(ap, fmt);
	vfprintf(stderr, fmt, ap);
	va_end(ap);
	fputs("\nTry 'kmemscope help'.\n", stderr);
	return EXIT_ERROR;
}

int cli_format_parse(const char *word, enum cli_format *format)
{
	static const char *const words[] = {"text", "json", "csv"};

	for (unsigned int i = 0; i < 3; i++) {
		if (!strcmp(word, words[i])) {
			*format = (enum cli_format)i;
			return 0;
		}
	}
	return ERR_USAGE;
}

/* A signal handler can reach nothing but file scope. */
static volatile sig_atomic_t interrupted;

static void on_signal(int sig)
{
	(void)sig;
	interrupted = 1;
}

void cli_catch_signals(void)
{
	struct sigaction action = {.sa_handler = on_signal};

	sigaction(SIGINT, &action, NULL);
	sigaction(SIGTERM, &action, NULL);
}

bool cli_interrupted(void)
{
	return interrupted;
}

void cli_forget_signals(void)
{
	interrupted = 0;
}

static uint64_t now_ns(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (uint64_t)now.tv_sec * 1000000000u + (uint64_t)now.tv_nsec;
}

void cli_progress_start(struct cli_progress *progress, const char *what)
{
	*progress = (struct cli_progress){.what = what, .start_ns = now_ns()};
	progress->drawn_ns = progress->start_ns + 900000000u;
	progress->terminal = isatty(STDERR_FILENO);
}

void cli_progress_draw(struct cli_progress *progress, double done,
		       uint64_t events)
{
	enum { WIDTH = 30 };
	uint64_t now;
	int filled;

	if (!progress->terminal)
		return;
	now = now_ns();
	if (now < progress->drawn_ns + 100000000u)
		return;
	progress->drawn_ns = now;
	progress->shown = true;
	done = done < 0 ? 0 : done > 1 ? 1 : done;
	filled = (int)(done * WIDTH);
	fprintf(stderr, "\r%-8.8s [%.*s%*s] %3d %%  %" PRIu64 " events ",
		progress->what, filled, "##############################",
		WIDTH - filled, "", (int)(done * 100), events);
}

void cli_progress_end(struct cli_progress *progress)
{
	if (progress->shown)
		fputs("\r\033[K", stderr);
}
