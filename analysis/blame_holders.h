/*
 * blame_holders: who has live memory, each holder once (blame.h). Private to
 * blame.c.
 */
#ifndef ANALYSIS_BLAME_HOLDERS_H
#define ANALYSIS_BLAME_HOLDERS_H

#include "analysis/blame_state.h"

/*
 * The number of the holder that an allocation belongs to, made if there is
 * none: the call site of an object, in its cache unless it is a large kmalloc;
 * the comm and kind of a request for pages. ERR_NOMEM or ERR_LIMIT.
 */
MUST_CHECK int blame_holder_site(struct blame_sink *sink,
				 const struct kmem_event *ev, bool large,
				 uint32_t *number);
MUST_CHECK int blame_holder_pages(struct blame_sink *sink,
				  const struct kmem_event *ev,
				  uint32_t *number);

#endif
