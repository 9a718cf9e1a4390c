/*
 * silent_ends: objects whose frees have no event: kfree_rcu() and frees in bulk.
 *
 * Such an object is seen to be gone when its slot is allocated again or its slab
 * is freed, often long after. The kernel frees them in batches: what one CPU
 * gives to kfree_rcu() waits in the order in which it came, and goes all at once
 * (kernel/rcu/tree.c, kfree_rcu_monitor(), kfree_rcu_work() of 5.15 to 6.12;
 * mm/slab_common.c of 6.18). So when one object is seen to be gone, those that
 * were allocated before it, by the same call site on the same CPU, are taken to
 * be gone as well: they live about as long. Where one was freed with an event,
 * the others of its call site and CPU are left alone from then on.
 *
 * Glossary
 *   silent   without an event
 *   queue    the live objects of one call site and CPU, oldest first
 */
#ifndef REPLAY_SILENT_ENDS_H
#define REPLAY_SILENT_ENDS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "core/err.h"
#include "core/map.h"
#include "replay/memory.h"

#define SILENT_NONE UINT32_MAX
enum { SILENT_SPOKEN_KEYS = 1024 }; /* a power of two */

struct silent_queue {
	uint32_t newest; /* slot + 1, 0: none */
	bool spoken;	 /* an object of it was freed with an event */
};

struct silent_link {
	uint32_t older, newer; /* slot + 1, 0: none */
	uint32_t queue;	       /* its number */
};

struct silent_ends {
	/* Private */
	struct memory memory;
	struct map numbers; /* call site and CPU -> number of the queue */
	/* Of queues that spoke, which is most: asked before the map. */
	uint64_t spoken_keys[SILENT_SPOKEN_KEYS];
	struct silent_queue *queues;
	size_t queue_count, queue_cap;
	struct silent_link *links; /* by slot; set where the bit is */
	size_t link_cap;
	uint64_t *joined; /* slots whose object is in a queue, a bit each */
	size_t joined_cap;
};

void silent_ends_init(struct silent_ends *ends, const struct memory *memory);
void silent_ends_fini(struct silent_ends *ends);

/* An object begins, in a slot that no other has. ERR_NOMEM. */
MUST_CHECK int silent_ends_add(struct silent_ends *ends, uint64_t call_site,
			       uint16_t cpu, uint32_t slot);

/* False if nothing is known of the slot that the functions below could use. */
static inline bool silent_ends_knows(const struct silent_ends *ends,
				     uint32_t slot)
{
	return slot / 64 < ends->joined_cap &&
	       ends->joined[slot / 64] >> slot % 64 & 1;
}

/* It was freed with an event: so are, it is taken, others of its queue. */
void silent_ends_spoke(struct silent_ends *ends, uint32_t slot);

/* Of those that are older, the newest; SILENT_NONE if there is none. */
uint32_t silent_ends_older(const struct silent_ends *ends, uint32_t slot);

/* It is gone. Whether its slot will speak is still of interest. */
void silent_ends_remove(struct silent_ends *ends, uint32_t slot);

#endif
