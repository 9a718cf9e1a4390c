/*
 * db_ledger: what of an event follows from the events before it.
 *
 * The alloc_ fields of a free repeat those of the event that created the
 * object, and the slot of a new object is nearly always the one that was freed
 * last. So neither is stored: writer and reader keep the same ledger, and the
 * writer stores a field only where the ledger is wrong. Whatever linking does,
 * the events read back are those written.
 *
 * Memory grows with live objects.
 */
#ifndef DB_DB_LEDGER_H
#define DB_DB_LEDGER_H

#include "core/event.h"
#include "core/err.h"
#include "core/map.h"

struct ledger_object {
	uint64_t ts_ns, site;
	uint32_t slot;
	uint16_t cpu;
};

struct ledger {
	/* Private */
	struct map index; /* object -> place in objects */
	struct ledger_object *objects;
	uint32_t object_count, object_cap;
	uint32_t *vacant; /* places in objects, free to be used again */
	uint32_t vacant_count, vacant_cap;
	uint32_t *slots; /* slots free to be used again, last one first */
	uint32_t slot_count, slot_cap;
	uint32_t slot_next; /* one above the highest slot seen */
	uint64_t created;   /* objects so far */
};

/* A zeroed struct is a valid empty ledger. */
void ledger_fini(struct ledger *ledger);

/*
 * Writes the foretold alloc_ts_ns, alloc_site, alloc_cpu and slot of an event
 * whose other fields are known.
 */
void ledger_foretell(const struct ledger *ledger, struct kmem_event *ev);

/* Takes the event, now complete, into account. ERR_NOMEM or 0. */
MUST_CHECK int ledger_note(struct ledger *ledger, const struct kmem_event *ev);

/*
 * The highest slot that the next object may have: one for each object so far.
 * Slots index arrays, so those of a file are held to it.
 */
uint32_t ledger_slot_max(const struct ledger *ledger);

#endif
