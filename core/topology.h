/*
 * topology: which NUMA node each CPU of a recorded machine is on.
 *
 * Filled by whoever opens the input. Not known of most files of other tools;
 * then an answer that needs it must say so.
 */
#ifndef CORE_TOPOLOGY_H
#define CORE_TOPOLOGY_H

#include <stdint.h>

#include "core/err.h"

enum { TOPOLOGY_NODES_MAX = 1024 }; /* 1 << 10: the most of any kernel */

enum topology_from {
	TOPOLOGY_UNKNOWN,
	TOPOLOGY_RECORDED, /* the input says it, or it has one node */
	TOPOLOGY_LEARNED,  /* from where the pages of each CPU lay */
};

struct topology {
	enum topology_from from;
	uint32_t cpu_count;
	int16_t *node_of; /* cpu_count elements, -1: not known */
};

/* A zeroed struct is a valid topology of which nothing is known. */
void topology_fini(struct topology *topology);

/* The node of a CPU, -1: not known. */
int topology_node(const struct topology *topology, uint32_t cpu);

/*
 * Puts a CPU on a node. ERR_LIMIT beyond CAPTURE_CPUS_MAX or
 * TOPOLOGY_NODES_MAX, ERR_NOMEM. The caller sets "from".
 */
MUST_CHECK int topology_put(struct topology *topology, uint32_t cpu, int node);

#endif
