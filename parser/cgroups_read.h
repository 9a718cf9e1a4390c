/*
 * cgroups_read: the control groups of the tasks of a capture.
 */
#ifndef PARSER_CGROUPS_READ_H
#define PARSER_CGROUPS_READ_H

#include "core/err.h"
#include "core/trace.h"

/*
 * kernel/cgroups into trace->cgroups; without that file there are none.
 */
MUST_CHECK int cgroups_read(const char *dir, struct trace *trace,
			    struct err *err);

/* Its text, of lines "TID PATH", which is changed. */
MUST_CHECK int cgroups_add(char *text, struct trace *trace, struct err *err);

#endif
