#include "parser/node_votes.h"

#include <stdlib.h>
#include <string.h>

struct node_votes {
	const struct snapshot *snapshot;
	uint32_t cpus, nodes;
	uint64_t counts[]; /* cpus × nodes */
};

/* Nodes are numbered below this; 0: an impossible number is among them. */
static uint32_t node_limit(const struct snapshot *snapshot)
{
	uint32_t limit = 0;

	for (uint32_t i = 0; i < snapshot->zone_count; i++) {
		int node = snapshot->zones[i].node;

		if (node < 0 || node >= TOPOLOGY_NODES_MAX)
			return 0;
		if ((uint32_t)node >= limit)
			limit = (uint32_t)node + 1;
	}
	return limit;
}

int node_votes_create(const struct trace *trace, struct node_votes **votes)
{
	const struct snapshot *snapshot =
	    trace->before.parts & SNAPSHOT_ZONEINFO ? &trace->before
						    : &trace->after;
	uint32_t cpus = trace->info.cpu_count, nodes = node_limit(snapshot);

	*votes = NULL;
	if (trace->topology.from != TOPOLOGY_UNKNOWN || nodes < 2 || !cpus)
		return 0;
	*votes = calloc(1, sizeof(**votes) +
			       (size_t)cpus * nodes * sizeof(uint64_t));
	if (!*votes)
		return ERR_NOMEM;
	(*votes)->snapshot = snapshot;
	(*votes)->cpus = cpus;
	(*votes)->nodes = nodes;
	return 0;
}

void node_votes_free(struct node_votes *votes)
{
	free(votes);
}

void node_votes_see(struct node_votes *votes, const struct kmem_event *ev)
{
	if (ev->kind != EV_PAGE_ALLOC || ev->flags & EVF_FAILED ||
	    ev->cpu >= votes->cpus)
		return;
	for (uint32_t i = 0; i < votes->snapshot->zone_count; i++) {
		const struct snapshot_zone *zone = &votes->snapshot->zones[i];

		if (ev->addr < zone->start_pfn ||
		    ev->addr - zone->start_pfn >= zone->spanned)
			continue;
		votes->counts[(size_t)ev->cpu * votes->nodes +
			      (uint32_t)zone->node]++;
		return;
	}
}

void node_votes_clear(struct node_votes *votes)
{
	if (votes)
		memset(votes->counts, 0,
		       (size_t)votes->cpus * votes->nodes * sizeof(uint64_t));
}

/* The node of more than half of the pages, -1: none. */
static int majority(const uint64_t *counts, uint32_t nodes)
{
	uint64_t sum = 0;

	for (uint32_t node = 0; node < nodes; node++)
		sum += counts[node];
	for (uint32_t node = 0; node < nodes; node++)
		if (counts[node] > sum / 2)
			return (int)node;
	return -1;
}

int node_votes_decide(const struct node_votes *votes, struct topology *topology)
{
	for (uint32_t cpu = 0; votes && cpu < votes->cpus; cpu++) {
		const uint64_t *counts =
		    &votes->counts[(size_t)cpu * votes->nodes];
		int node = majority(counts, votes->nodes);

		if (node < 0)
			continue;
		if (topology_put(topology, cpu, node))
			return ERR_NOMEM;
		topology->from = TOPOLOGY_LEARNED;
	}
	return 0;
}
