/*
 * zones_read: zoneinfo, buddyinfo and pagetypeinfo into a snapshot's zones.
 *
 * Zones are matched by node and name; each file may be missing, so each adds
 * the zones that it is the first to name. zoneinfo also lists zones without a
 * page (spanned 0): they are kept, because the position of a zone within its
 * node is its index in protection[].
 *
 * Formats: mm/vmstat.c, zoneinfo_show_print(), frag_show_print(),
 * pagetypeinfo_showfree_print(), pagetypeinfo_showblockcount_print() and
 * mm/page_owner.c of 5.15 to 6.18. Each parser changes its text and returns 0,
 * ERR_FORMAT where the text is not what it should be, ERR_LIMIT or ERR_NOMEM.
 */
#ifndef PARSER_ZONES_READ_H
#define PARSER_ZONES_READ_H

#include "core/err.h"
#include "core/snapshot.h"

MUST_CHECK int zones_read_zoneinfo(char *text, struct snapshot *snapshot,
				   struct err *err);
MUST_CHECK int zones_read_buddyinfo(char *text, struct snapshot *snapshot,
				    struct err *err);
MUST_CHECK int zones_read_pagetypeinfo(char *text, struct snapshot *snapshot,
				       struct err *err);

#endif
