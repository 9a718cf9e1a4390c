#include "cli/signals.h"

#include <signal.h>

/* A signal handler can reach nothing but file scope. */
static volatile sig_atomic_t seen;

static void on_signal(int sig)
{
	(void)sig;
	seen = 1;
}

void signals_catch(void)
{
	struct sigaction action = {.sa_handler = on_signal};

	sigaction(SIGINT, &action, NULL);
	sigaction(SIGTERM, &action, NULL);
}

bool signals_seen(void)
{
	return seen;
}

void signals_forget(void)
{
	seen = 0;
}
