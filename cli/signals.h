/*
 * signals: work that is told to stop, by SIGINT or SIGTERM.
 */
#ifndef CLI_SIGNALS_H
#define CLI_SIGNALS_H

#include <stdbool.h>

/* From now on these signals end nothing but are seen. */
void signals_catch(void);
bool signals_seen(void);

/* Once a signal has done its work: signals_seen() is false again. */
void signals_forget(void);

#endif
