/*
 * report_facts: the figures that a report begins with.
 */
#ifndef CLI_REPORT_FACTS_H
#define CLI_REPORT_FACTS_H

#include "cli/results.h"
#include "plots/report.h"

/* Fills at most max facts and counts them. */
MUST_CHECK int report_facts(const struct results *results,
			    struct report_fact *facts, size_t max,
			    size_t *count, struct err *err);

#endif
