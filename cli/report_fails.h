/*
 * report_fails: when each order could not be had, for the report.
 */
#ifndef CLI_REPORT_FAILS_H
#define CLI_REPORT_FAILS_H

#include "cli/report_parts.h"

/*
 * Replays the database as recorded and fills the part's tables; none where the
 * recording does not tell what memory the machine has.
 */
MUST_CHECK int report_fails(const struct report_input *input,
			    struct report_part *part, struct err *err);

#endif
