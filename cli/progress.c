#include "cli/progress.h"

#include <inttypes.h>
#include <stdio.h>
#include <time.h>
#include <unistd.h>

static uint64_t now_ns(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (uint64_t)now.tv_sec * 1000000000u + (uint64_t)now.tv_nsec;
}

void progress_start(struct progress *progress, const char *what)
{
	*progress = (struct progress){.what = what, .start_ns = now_ns()};
	progress->drawn_ns = progress->start_ns + 900000000u;
	progress->terminal = isatty(STDERR_FILENO);
}

void progress_draw(struct progress *progress, double done, uint64_t events)
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

void progress_end(struct progress *progress)
{
	if (progress->shown)
		fputs("\r\033[K", stderr);
}
