/*
 * event_rules: rules of one event that need no other event, whatever input it
 * is read from: what is a failure, what frees nothing, which values no kernel
 * has.
 *
 * Sources: kernel-facts sections 1.2 and 1.3; mm/slab.h (ZERO_SIZE_PTR is 16);
 * fs/exec.c, begin_new_exec() (a comm is a path's last part);
 * arch/x86/include/asm/trap_pf.h (X86_PF_WRITE); include/uapi/linux/sched.h.
 */
#ifndef PARSER_EVENT_RULES_H
#define PARSER_EVENT_RULES_H

#include <stdbool.h>
#include <stdint.h>
#include <string.h>

#include "core/anomaly.h"
#include "core/event.h"
#include "core/snapshot.h"

enum {
	EVENT_ZERO_SIZE_PTR = 16,
	EVENT_ORDER_END = SNAPSHOT_ORDERS_MAX,
	EVENT_PFN_BITS = 52,
	EVENT_SIZE_BITS = 40,
	EVENT_COMM_MAX = 15,
	EVENT_FAULT_WRITE = 0x2,
	EVENT_CLONE_VM = 0x100,
};

/* A migratetype that a kernel may have; -1: not told. */
static inline bool event_type_ok(int64_t migratetype)
{
	return migratetype >= -1 && migratetype <= INT8_MAX;
}

/* A node that may have been asked for; -1: none. */
static inline bool event_node_ok(int64_t node)
{
	return node >= -1 && node <= INT16_MAX;
}

/* Makes it an allocation that got no memory, and counts it. */
static inline void event_fail(struct kmem_event *ev,
			      struct anomalies *anomalies)
{
	/* A failed zone_locked is followed by a failed or a second attempt. */
	if (ev->kind != EV_ZONE_LOCKED)
		anomalies->count[ANOMALY_FAILED_ALLOC]++;
	ev->flags |= EVF_FAILED;
	ev->addr = 0;
}

/* kfree() of NULL or ZERO_SIZE_PTR frees nothing: marked, and counted. */
static inline void event_mark_null_free(struct kmem_event *ev,
					struct anomalies *anomalies)
{
	if (ev->addr == 0 || ev->addr == EVENT_ZERO_SIZE_PTR) {
		ev->flags |= EVF_NO_OBJECT;
		anomalies->count[ANOMALY_NULL_FREE]++;
	}
}

/* What a page fault's error_code tells. */
static inline void event_mark_fault(struct kmem_event *ev, uint64_t error_code)
{
	if (error_code & EVENT_FAULT_WRITE)
		ev->flags |= EVF_WRITE_FAULT;
}

/* What the clone_flags of a new task tell. */
static inline void event_mark_clone(struct kmem_event *ev, uint64_t clone_flags)
{
	if (clone_flags & EVENT_CLONE_VM)
		ev->flags |= EVF_SHARES_MEMORY;
}

/* The last part of a path, as the kernel makes a comm of it. */
static inline void event_path_to_comm(const char **text, uint32_t *len)
{
	const char *slash = memrchr(*text, '/', *len);

	if (slash) {
		*len -= (uint32_t)(slash + 1 - *text);
		*text = slash + 1;
	}
	if (*len > EVENT_COMM_MAX)
		*len = EVENT_COMM_MAX;
}

#endif
