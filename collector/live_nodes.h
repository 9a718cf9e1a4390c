/*
 * live_nodes: which CPUs each NUMA node has, as a text (docs: the capture
 * directory, kernel/nodes).
 */
#ifndef COLLECTOR_LIVE_NODES_H
#define COLLECTOR_LIVE_NODES_H

#include "collector/bytes.h"

#define LIVE_NODES_DIR "/sys/devices/system/node"

/*
 * Appends a line "NODE CPUS" for each node of dir, LIVE_NODES_DIR or a likeness
 * of it, in order of their numbers. ERR_IO with errno if dir cannot be read (a
 * kernel that knows no nodes has none) or a node's list, ERR_NOMEM.
 */
MUST_CHECK int live_nodes(const char *dir, struct bytes *out);

#endif
