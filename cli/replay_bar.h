/*
 * replay_bar: the error bar of a replay (replay/start_spread.h), printed.
 */
#ifndef CLI_REPLAY_BAR_H
#define CLI_REPLAY_BAR_H

#include "replay/start_spread.h"

/* Four lines; nothing where no bar was taken. */
void replay_bar_text(const struct start_spread *bar);

/* The member "spread" of an object: null where no bar was taken. */
void replay_bar_json(const struct start_spread *bar);

#endif
