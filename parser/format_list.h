/*
 * format_list: the event formats of one input, from wherever they are kept.
 */
#ifndef PARSER_FORMAT_LIST_H
#define PARSER_FORMAT_LIST_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "core/capture_info.h"
#include "core/err.h"
#include "parser/format.h"
#include "parser/page.h"

struct format_list {
	struct event_format *formats; /* malloc'd, by system and name */
	uint32_t count;
	struct page_layout layout;
	bool gfp_known; /* a format told the bits: they are in the info */
};

/*
 * Adds the format of an event of that system, and the gfp bits of its print
 * format to info->gfp; "where" is put before an error's text. info's long_size
 * and big_endian must be set.
 */
MUST_CHECK int format_list_add(struct format_list *list,
			       struct capture_info *info, const char *system,
			       const char *text, size_t len, const char *where,
			       struct err *err);

/*
 * The same for inputs that hold the formats of all events that the kernel has,
 * recorded or not (trace.dat): an event that is not about memory is told apart
 * by its id only and counts as a tracepoint once it is seen.
 */
MUST_CHECK int format_list_add_maybe(struct format_list *list,
				     struct capture_info *info,
				     const char *system, const char *text,
				     size_t len, const char *where,
				     struct err *err);

/*
 * Once all are there: sorts them; gives info the gfp bits of its version if no
 * format told them. ERR_FORMAT if none is one of the memory events.
 */
MUST_CHECK int format_list_end(struct format_list *list,
			       struct capture_info *info, const char *where,
			       struct err *err);

/* A zeroed struct is a valid empty list. */
void format_list_fini(struct format_list *list);

#endif
