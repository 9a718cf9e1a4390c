#include "replay/cpu_nodes.h"

#include <stdlib.h>

#include "replay/page_machine.h"

/* So many page allocations settle a CPU; so many events are looked at. */
enum { VOTES_ENOUGH = 1000, EVENTS_MAX = 200000 };

struct cpu_nodes {
	const struct trace *trace;
	const struct snapshot *snapshot;
	uint32_t cpus, nodes;
	uint64_t seen;
	uint32_t settled;
	uint32_t *votes; /* cpus × nodes */
	uint32_t *total; /* per CPU */
	uint16_t *result;
};

int cpu_nodes_create(struct cpu_nodes **out, const struct trace *trace)
{
	struct cpu_nodes *nodes = calloc(1, sizeof(*nodes));

	if (!nodes)
		return ERR_NOMEM;
	nodes->trace = trace;
	nodes->snapshot = trace->before.parts & SNAPSHOT_ZONEINFO
			      ? &trace->before
			      : &trace->after;
	nodes->cpus = trace->info.cpu_count ? trace->info.cpu_count : 1;
	nodes->nodes = page_machine_nodes(nodes->snapshot);
	nodes->votes =
	    calloc((size_t)nodes->cpus * nodes->nodes, sizeof(*nodes->votes));
	nodes->total = calloc(nodes->cpus, sizeof(*nodes->total));
	nodes->result = calloc(nodes->cpus, sizeof(*nodes->result));
	if (!nodes->votes || !nodes->total || !nodes->result) {
		cpu_nodes_destroy(nodes);
		return ERR_NOMEM;
	}
	for (uint32_t i = 0; i < nodes->cpus; i++)
		nodes->result[i] =
		    (uint16_t)((uint64_t)i * nodes->nodes / nodes->cpus);
	*out = nodes;
	return 0;
}

bool cpu_nodes_wanted(const struct cpu_nodes *nodes)
{
	return nodes->nodes > 1 && nodes->settled < nodes->cpus &&
	       nodes->seen < EVENTS_MAX;
}

static int node_of(const struct cpu_nodes *nodes, uint64_t pfn)
{
	for (uint32_t i = 0; i < nodes->snapshot->zone_count; i++) {
		const struct snapshot_zone *zone = &nodes->snapshot->zones[i];

		if (pfn >= zone->start_pfn &&
		    pfn - zone->start_pfn < zone->spanned &&
		    zone->node < (int)nodes->nodes)
			return zone->node;
	}
	return -1;
}

static void vote(struct cpu_nodes *nodes, uint32_t cpu, uint32_t node)
{
	uint32_t *votes = &nodes->votes[(size_t)cpu * nodes->nodes];

	votes[node]++;
	if (++nodes->total[cpu] == VOTES_ENOUGH)
		nodes->settled++;
	if (votes[node] > votes[nodes->result[cpu]])
		nodes->result[cpu] = (uint16_t)node;
}

void cpu_nodes_feed(struct cpu_nodes *nodes, const struct kmem_event *events,
		    size_t count)
{
	nodes->seen += count;
	for (size_t i = 0; i < count; i++) {
		const struct kmem_event *ev = &events[i];
		int node;

		if (ev->kind != EV_PAGE_ALLOC || ev->flags & EVF_FAILED ||
		    ev->cpu >= nodes->cpus)
			continue;
		node = node_of(nodes, ev->addr);
		if (node >= 0)
			vote(nodes, ev->cpu, (uint32_t)node);
	}
}

const uint16_t *cpu_nodes_result(const struct cpu_nodes *nodes)
{
	return nodes->nodes > 1 ? nodes->result : NULL;
}

void cpu_nodes_destroy(struct cpu_nodes *nodes)
{
	if (!nodes)
		return;
	free(nodes->votes);
	free(nodes->total);
	free(nodes->result);
	free(nodes);
}
