/*
 * page_source: streams of ring-buffer pages, one or more per CPU, decoded and
 * merged into one source of events in the order of time.
 *
 * Of equal times the lower CPU comes first, then the stream that was added
 * first, so that the order is the same every time. Objects are not linked here.
 *
 * Where events of a CPU were lost, an EV_LOST event with their number in addr
 * (0: not known) comes before the next event of that CPU, which has
 * EVF_LOST_BEFORE. Failed allocations (EVF_FAILED) have addr 0.
 */
#ifndef PARSER_PAGE_SOURCE_H
#define PARSER_PAGE_SOURCE_H

#include "core/source.h"
#include "core/trace.h"
#include "parser/format_list.h"
#include "parser/page.h"
#include "parser/page_file.h"

struct page_source;

/*
 * For up to cap streams. trace must outlive the source and know its CPUs; takes
 * the list's formats over (the list is then empty), also if it fails.
 */
MUST_CHECK int page_source_create(struct trace *trace, struct format_list *list,
				  uint32_t cap, struct page_source **created,
				  struct err *err);

/*
 * Adds a stream of a CPU below info.cpu_count. Takes file over, also if it
 * fails.
 */
MUST_CHECK int page_source_add(struct page_source *pages,
			       struct page_file *file, uint32_t cpu,
			       const struct page_layout *layout,
			       struct err *err);

/* Times are multiplied by mult / 2^shift: counts of a clock to nanoseconds. */
void page_source_scale(struct page_source *pages, uint32_t mult,
		       uint32_t shift);

/* Once all streams are there: the source, which owns everything. */
struct source *page_source_start(struct page_source *pages);

/* Instead of page_source_start(), or before; NULL is allowed. */
void page_source_destroy(struct page_source *pages);

#endif
