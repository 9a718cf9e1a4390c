/*
 * gnuplot: the program as a child process, without a shell.
 */
#ifndef PLOTS_GNUPLOT_H
#define PLOTS_GNUPLOT_H

#include <stddef.h>

#include "core/err.h"

/*
 * Runs main.gp in the directory work, in the C.UTF-8 locale. messages is what
 * it printed, without empty lines and the end of it where it is longer than cap
 * (cap > 0); "" for nothing. ERR_MISSING: not installed; ERR_CHILD: it could
 * not be started, or failed, with its reason.
 */
MUST_CHECK int gnuplot_run(const char *work, char *messages, size_t cap,
			   struct err *err);

/* The last line of messages, which is where gnuplot gives its reason. */
const char *gnuplot_reason(const char *messages);

#endif
