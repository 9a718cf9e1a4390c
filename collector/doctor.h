/*
 * doctor: what this machine can record, what is missing, how to get it.
 */
#ifndef COLLECTOR_DOCTOR_H
#define COLLECTOR_DOCTOR_H

#include <stdbool.h>
#include <stddef.h>

#include "core/err.h"

enum doctor_state {
	DOCTOR_OK,
	DOCTOR_NONE,   /* this kernel has no such thing, and need not */
	DOCTOR_MISSING /* see remedy */
};

struct doctor_check {
	char name[48];
	enum doctor_state state;
	bool important; /* without it there is no recording */
	char finding[160];
	char remedy[512]; /* "" unless missing */
};

struct doctor {
	struct doctor_check *checks;
	size_t count;
};

/*
 * Looks at everything; dir is where a capture would be made. Mounts tracefs
 * as a recording would, and makes and removes a small tracing instance.
 * ERR_NOMEM only.
 */
MUST_CHECK int doctor_run(const char *dir, struct doctor *doctor);

/* True if nothing important is missing. */
bool doctor_can_record(const struct doctor *doctor);

/* "ok", "none" or "missing". */
const char *doctor_state_word(enum doctor_state state);

void doctor_fini(struct doctor *doctor);

#endif
