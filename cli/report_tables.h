/*
 * report_tables: tables of what a database keeps.
 */
#ifndef CLI_REPORT_TABLES_H
#define CLI_REPORT_TABLES_H

#include "cli/report_parts.h"

/* Each fills tables that the part has room for and counts them. */
MUST_CHECK int report_waste(const struct report_input *input,
			    struct report_part *part, struct err *err);
MUST_CHECK int report_who(const struct report_input *input,
			  struct report_part *part, struct err *err);
MUST_CHECK int report_pages(const struct report_input *input,
			    struct report_part *part, struct err *err);
MUST_CHECK int report_replays(const struct report_input *input,
			      struct report_part *part, struct err *err);
MUST_CHECK int report_waterfall(const struct report_input *input,
				struct report_part *part, struct err *err);
MUST_CHECK int report_leaks(const struct report_input *input,
			    struct report_part *part, struct err *err);
MUST_CHECK int report_caches(const struct report_input *input,
			     struct report_part *part, struct err *err);

#endif
