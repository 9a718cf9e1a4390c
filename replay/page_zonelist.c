/*
 * Source: mm/page_alloc.c: build_zonelists(), build_zonerefs_node(),
 * find_next_best_node() with all remote nodes equally far.
 *
 * On each node the highest zone comes first, because the lower ones can serve
 * more kinds of requests. All zones of a node come before the next node's.
 *
 *     zones of 2 nodes     node 0: DMA DMA32 Normal     node 1: Normal
 *     node 0's list        Normal0 DMA32 DMA | Normal1
 *     node 1's list        Normal1 | Normal0 DMA32 DMA
 *
 * The kernel orders remote nodes by the firmware's distance table, which no
 * snapshot file has; at equal distance it goes upward from the node and wraps,
 * but nodes without CPUs come first, and of as good ones that which is not yet
 * the first remote one of others (node_load, 5.16 on).
 */
#include "replay/page_zonelist.h"

/* Appends the node's zones with memory, highest kind first. */
static void add_node(const struct page_alloc *pa, struct page_zonelist *list,
		     uint32_t node)
{
	for (int kind = PAGE_ZONE_KINDS - 1; kind >= 0; kind--) {
		for (uint32_t i = 0; i < pa->populated; i++) {
			const struct page_zone *zone =
			    &pa->zones[pa->by_pfn[i]];

			if (zone->node == node && (int)zone->kind == kind)
				list->zones[list->count++] = (uint16_t)zone->id;
		}
	}
}

/* What find_next_best_node() weighs. */
struct node_order {
	uint64_t with_cpus, with_memory; /* a bit per node */
	uint32_t load[PAGE_NODES_MAX];	 /* how often the first remote one */
};

static void node_order_init(const struct page_alloc *pa,
			    struct node_order *order)
{
	*order = (struct node_order){0};
	for (uint32_t cpu = 0; cpu < pa->cpu_count; cpu++)
		order->with_cpus |= UINT64_C(1) << pa->cpu_node[cpu];
	for (uint32_t i = 0; i < pa->populated; i++)
		order->with_memory |= UINT64_C(1)
				      << pa->zones[pa->by_pfn[i]].node;
}

/* The next node upward, of as good ones the less loaded; left is not empty. */
static uint32_t node_next(const struct node_order *order, uint32_t node,
			  uint64_t left)
{
	uint32_t best = 0, least = UINT32_MAX;

	for (; left; left &= left - 1) {
		uint32_t n = (uint32_t)__builtin_ctzll(left);
		uint32_t value =
		    (n < node) + (uint32_t)(order->with_cpus >> n & 1);

		value = value * PAGE_NODES_MAX + order->load[n];
		if (value < least) {
			least = value;
			best = n;
		}
	}
	return best;
}

void zonelist_build(struct page_alloc *pa, uint16_t *storage)
{
	struct node_order order;

	node_order_init(pa, &order);
	for (uint32_t node = 0; node < pa->node_count; node++) {
		struct page_zonelist *list = &pa->zonelists[node];
		uint64_t left = order.with_memory & ~(UINT64_C(1) << node);
		bool first = true;

		list->zones = storage + (size_t)node * pa->populated;
		list->count = 0;
		add_node(pa, list, node);
		while (left) {
			uint32_t next = node_next(&order, node, left);

			order.load[next] += first;
			first = false;
			add_node(pa, list, next);
			left &= ~(UINT64_C(1) << next);
		}
	}
}
