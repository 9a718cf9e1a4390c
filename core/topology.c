#include "core/topology.h"

#include <stdlib.h>

#include "core/capture_info.h"

void topology_fini(struct topology *topology)
{
	free(topology->node_of);
	*topology = (struct topology){0};
}

int topology_node(const struct topology *topology, uint32_t cpu)
{
	return cpu < topology->cpu_count ? topology->node_of[cpu] : -1;
}

int topology_put(struct topology *topology, uint32_t cpu, int node)
{
	int16_t *node_of;

	if (cpu >= CAPTURE_CPUS_MAX || node < 0 || node >= TOPOLOGY_NODES_MAX)
		return ERR_LIMIT;
	if (cpu >= topology->cpu_count) {
		node_of = realloc(topology->node_of,
				  ((size_t)cpu + 1) * sizeof(*node_of));
		if (!node_of)
			return ERR_NOMEM;
		topology->node_of = node_of;
		while (topology->cpu_count <= cpu)
			node_of[topology->cpu_count++] = -1;
	}
	topology->node_of[cpu] = (int16_t)node;
	return 0;
}
