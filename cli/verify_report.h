/*
 * verify_report: what "verify" prints of one replay.
 */
#ifndef CLI_VERIFY_REPORT_H
#define CLI_VERIFY_REPORT_H

#include "cli/replay_run.h"
#include "replay/fidelity.h"

struct verify_report {
	const struct trace *trace;
	const struct replay_run *run;
	const struct fidelity *fidelity;
};

/* A table of 80 columns. */
void verify_text(const struct verify_report *report);

/* The members of an object, as replay_json_fields() writes them, and more. */
void verify_json(const struct verify_report *report);

#endif
