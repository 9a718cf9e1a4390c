/*
 * trace: everything known about a recording apart from its stream of events.
 *
 * Filled by whoever opens the input (parser: a capture; db: a database), read
 * by everyone else. Names and anomalies grow while the source is read.
 */
#ifndef CORE_TRACE_H
#define CORE_TRACE_H

#include "core/anomaly.h"
#include "core/capture_info.h"
#include "core/map.h"
#include "core/names.h"
#include "core/snapshot.h"
#include "core/symbols.h"
#include "core/topology.h"

/* How often each tracepoint was seen, by its own name ("kmalloc_node"). */
struct tracepoint_count {
	uint32_t name; /* in names */
	uint64_t count;
};

/* Parts of an input that take long to read and that not every use needs. */
enum trace_part {
	TRACE_SYMBOLS = 1u << 0,
	TRACE_AFTER_PAGES = 1u << 1, /* kpageflags of the snapshot after */
};

struct trace {
	/*
	 * enum trace_part: set before the input is opened, to leave these out
	 * where the input is a capture.
	 */
	uint32_t unwanted;
	struct capture_info info;
	struct names names;
	struct symbols symbols;
	struct map comms;     /* pid -> name id of the last comm known */
	struct map self_pids; /* pid -> 1: the recorder's own */
	struct map cgroups;   /* pid -> name id of its group, at the end */
	struct anomalies anomalies;
	struct snapshot before, after; /* parts == 0: none */
	struct topology topology;
	struct tracepoint_count *tracepoints;
	uint32_t tracepoint_count;
	uint64_t first_ts_ns, last_ts_ns; /* of the events read so far */
};

/* A zeroed struct is a valid empty trace. Frees all that it holds. */
void trace_fini(struct trace *trace);

/* The comm of a pid, "" if it is not known. Until names grow. */
const char *trace_comm(const struct trace *trace, int32_t pid);

/* True if pid is one of the recorder's own. */
bool trace_is_self(const struct trace *trace, int32_t pid);

#endif
