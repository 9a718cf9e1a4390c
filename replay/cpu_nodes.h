/*
 * cpu_nodes: which node each CPU is on, learned from a trace.
 *
 * A capture does not say it. But a CPU takes pages from its own node first, so
 * most pages that it allocates lie there.
 */
#ifndef REPLAY_CPU_NODES_H
#define REPLAY_CPU_NODES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "core/err.h"
#include "core/event.h"
#include "core/trace.h"

struct cpu_nodes;

/* trace must outlive it. */
MUST_CHECK int cpu_nodes_create(struct cpu_nodes **nodes,
				const struct trace *trace);

/* True while more events would help: never on a machine of one node. */
bool cpu_nodes_wanted(const struct cpu_nodes *nodes);

void cpu_nodes_feed(struct cpu_nodes *nodes, const struct kmem_event *events,
		    size_t count);

/*
 * The node of each CPU, trace->info.cpu_count elements, until destroy; NULL on a
 * machine of one node. A CPU that allocated nothing is on its share of nodes,
 * as if neighbours shared one.
 */
const uint16_t *cpu_nodes_result(const struct cpu_nodes *nodes);

void cpu_nodes_destroy(struct cpu_nodes *nodes);

#endif
