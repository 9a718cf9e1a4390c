/*
 * replay_start_pages: the memory of a replay at its start: the recorded
 * machine's where its zones are known, else one without an end.
 */
#ifndef REPLAY_REPLAY_START_PAGES_H
#define REPLAY_REPLAY_START_PAGES_H

#include "core/err.h"

struct replay;

/* cold: why it starts from nothing, NULL if it does not. ERR_NOMEM. */
MUST_CHECK int replay_start_pages(struct replay *replay, const char **cold,
				  struct err *err);

/*
 * Fills per-CPU lists; after the slabs, so that no page of these is on one.
 * ERR_NOMEM.
 */
MUST_CHECK int replay_start_pcp(struct replay *replay, struct err *err);

#endif
