/*
 * anomaly: everything in a trace that is not as it should be, by name.
 *
 * Nothing in a trace is ever asserted. Each anomaly is counted here, stored in
 * the database and printed with every result that it may have changed.
 */
#ifndef CORE_ANOMALY_H
#define CORE_ANOMALY_H

#include <stdint.h>

/* Id, stable word, what it means for the numbers. */
#define ANOMALY_TABLE(X)                                                       \
	X(ANOMALY_LOST_EVENTS, "lost_events",                                  \
	  "events the kernel overwrote or dropped: sums are too low")          \
	X(ANOMALY_UNREAD_EVENTS, "unread_events",                              \
	  "events the statistics count but the pages lack")                    \
	X(ANOMALY_GAP, "gap", "places where a page says events were lost")     \
	X(ANOMALY_CORRUPT_PAGE, "corrupt_page",                                \
	  "ring-buffer pages whose rest could not be read")                    \
	X(ANOMALY_TRUNCATED_PAGE, "truncated_page",                            \
	  "a file that ends inside a ring-buffer page")                        \
	X(ANOMALY_UNKNOWN_EVENT, "unknown_event",                              \
	  "events of a tracepoint whose format file is missing")               \
	X(ANOMALY_SHORT_EVENT, "short_event",                                  \
	  "events shorter than their format says")                             \
	X(ANOMALY_TIME_BACKWARDS, "time_backwards",                            \
	  "events older than the one before on the same CPU")                  \
	X(ANOMALY_BAD_VALUE, "bad_value",                                      \
	  "events with an impossible order, size or CPU: ignored")             \
	X(ANOMALY_FAILED_ALLOC, "failed_alloc",                                \
	  "allocations that failed in the kernel: no memory was given")        \
	X(ANOMALY_NULL_FREE, "null_free", "kfree of NULL or ZERO_SIZE_PTR")    \
	X(ANOMALY_DUPLICATE_ALLOC, "duplicate_alloc",                          \
	  "large kmallocs that the kernel traced twice")                       \
	X(ANOMALY_IMPLICIT_FREE, "implicit_free",                              \
	  "objects freed without an event (bulk, RCU)")                        \
	X(ANOMALY_UNKNOWN_FREE, "unknown_free",                                \
	  "frees of objects from before the trace")                            \
	X(ANOMALY_HIDDEN_ALLOC, "hidden_alloc",                                \
	  "frees of objects allocated in the trace without an event")          \
	X(ANOMALY_SPLIT_FREE, "split_free", "page blocks freed in pieces")     \
	X(ANOMALY_NO_LINKING, "no_linking",                                    \
	  "address linking is off: slab pages count as direct requests")       \
	X(ANOMALY_FILTERED, "filtered", "the recording was filtered")          \
	X(ANOMALY_ASSUMED_PAGE_SIZE, "assumed_page_size",                      \
	  "the input does not tell the page size: 4096 bytes were assumed")    \
	X(ANOMALY_UNKNOWN_SIZE, "unknown_size",                                \
	  "allocations whose requested size is not told: waste is too low")

enum anomaly {
#define X(id, word, text) id,
	ANOMALY_TABLE(X)
#undef X
	    ANOMALY_COUNT
};

struct anomalies {
	uint64_t count[ANOMALY_COUNT];
};

/* Static storage; id must be below ANOMALY_COUNT. */
const char *anomaly_word(enum anomaly id);
const char *anomaly_text(enum anomaly id);

#endif
