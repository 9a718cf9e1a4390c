/*
 * link: the last stage of every input: says which object each event creates
 * or ends, and what backs what.
 *
 * Glossary
 *   linked          object addresses can be turned into page frame numbers:
 *                   pfn = (address - direct-map base) >> page shift
 *   live            allocated and not yet freed, as far as the trace tells
 *   implicit free   a free without an event, shown by something that cannot
 *                   have happened to a live object: its address is allocated
 *                   again, or its pages are freed. A synthetic free event is
 *                   put before the event that shows it.
 *   old             from before the trace
 *
 * What is set on the events is described in core/event.h; the rules and where
 * they come from in docs/linking.md.
 */
#ifndef PARSER_LINK_H
#define PARSER_LINK_H

#include "core/source.h"
#include "core/trace.h"

/*
 * Puts linking behind raw, a source of events as the kernel wrote them, in
 * time order. Takes raw over: it is closed with *linked, and at once if this
 * fails. Reads all of raw once to learn (see link_learn.h) and rewinds it.
 *
 * trace is raw's own; it must outlive *linked. Sets trace->info.linked,
 * direct_map_base and link_reason, and the nodes of CPUs where they
 * can be learned (node_votes.h); counts ANOMALY_NO_LINKING once if there is
 * no base (the objects are then linked by address and the pages by pfn, but
 * not with each other). Memory grows with what is live at one time and with the
 * pages that the trace touches, plus one byte per page allocation.
 *
 * Errors: whatever raw reports while it is read; ERR_NOMEM; ERR_LIMIT for more
 * than 2^32 - 2 live objects or page allocations.
 */
MUST_CHECK int link_open(struct source *raw, struct trace *trace,
			 struct source **linked, struct err *err);

#endif
