/*
 * A treap: in order of the list from left to right, and a heap by a priority
 * that is a hash of the page's number, which keeps it balanced whatever the
 * order of operations, and the same from run to run.
 *
 * R. Seidel, C. R. Aragon: Randomized search trees, Algorithmica 16, 1996.
 */
#include "replay/slob_ring.h"

#include <stdbool.h>

/* The finalizer of MurmurHash3: a bijection, so no two pages tie. */
static uint32_t priority(uint32_t page)
{
	page = (page ^ page >> 16) * 0x85ebca6b;
	page = (page ^ page >> 13) * 0xc2b2ae35;
	return page ^ page >> 16;
}

static uint16_t best_of(const struct ring_node *nodes, uint32_t page)
{
	return page == RING_NONE ? 0 : nodes[page].best;
}

static uint16_t best_compute(const struct ring_node *nodes, uint32_t page)
{
	uint16_t left = best_of(nodes, nodes[page].left);
	uint16_t right = best_of(nodes, nodes[page].right);
	uint16_t best = nodes[page].room;

	best = left > best ? left : best;
	return right > best ? right : best;
}

static void left_set(struct ring_node *nodes, uint32_t page, uint32_t child)
{
	nodes[page].left = child;
	if (child != RING_NONE)
		nodes[child].parent = page;
}

static void right_set(struct ring_node *nodes, uint32_t page, uint32_t child)
{
	nodes[page].right = child;
	if (child != RING_NONE)
		nodes[child].parent = page;
}

/* Recomputes from a page up to the root, as far as something changes. */
static void best_update(struct ring_node *nodes, uint32_t page)
{
	while (page != RING_NONE) {
		uint16_t best = best_compute(nodes, page);

		if (nodes[page].best == best)
			return;
		nodes[page].best = best;
		page = nodes[page].parent;
	}
}

/* One tree of two; its depth, and so that of the recursion, is logarithmic. */
static uint32_t join(struct ring_node *nodes, uint32_t first, uint32_t second)
{
	uint32_t root;

	if (first == RING_NONE)
		return second;
	if (second == RING_NONE)
		return first;
	if (priority(first) > priority(second)) {
		root = first;
		right_set(nodes, root, join(nodes, nodes[root].right, second));
	} else {
		root = second;
		left_set(nodes, root, join(nodes, first, nodes[root].left));
	}
	nodes[root].best = best_compute(nodes, root);
	nodes[root].parent = RING_NONE;
	return root;
}

void slob_ring_push(struct ring_node *nodes, uint32_t *ring, uint32_t page,
		    uint16_t room)
{
	nodes[page] = (struct ring_node){.left = RING_NONE,
					 .right = RING_NONE,
					 .parent = RING_NONE,
					 .room = room,
					 .best = room};
	*ring = join(nodes, page, *ring);
}

void slob_ring_remove(struct ring_node *nodes, uint32_t *ring, uint32_t page)
{
	uint32_t parent = nodes[page].parent;
	uint32_t rest = join(nodes, nodes[page].left, nodes[page].right);

	if (rest != RING_NONE)
		nodes[rest].parent = parent;
	if (parent == RING_NONE)
		*ring = rest;
	else if (nodes[parent].left == page)
		nodes[parent].left = rest;
	else
		nodes[parent].right = rest;
	best_update(nodes, parent);
}

void slob_ring_turn(struct ring_node *nodes, uint32_t *ring, uint32_t page)
{
	uint32_t before = nodes[page].left, from = page, child = page;
	uint32_t parent = nodes[page].parent;

	nodes[page].left = RING_NONE;
	nodes[page].best = best_compute(nodes, page);
	/* Upwards each node goes to the side that it is on, with its subtree. */
	while (parent != RING_NONE) {
		uint32_t next = nodes[parent].parent;

		if (nodes[parent].right == child) {
			right_set(nodes, parent, before);
			before = parent;
		} else {
			left_set(nodes, parent, from);
			from = parent;
		}
		nodes[parent].best = best_compute(nodes, parent);
		child = parent;
		parent = next;
	}
	nodes[from].parent = RING_NONE;
	if (before != RING_NONE)
		nodes[before].parent = RING_NONE;
	*ring = join(nodes, from, before);
}

void slob_ring_room_set(struct ring_node *nodes, uint32_t page, uint16_t room)
{
	nodes[page].room = room;
	best_update(nodes, page);
}

uint32_t slob_ring_find(const struct ring_node *nodes, uint32_t ring,
			uint16_t room)
{
	uint32_t page = ring;

	if (best_of(nodes, page) < room)
		return RING_NONE;
	for (;;) {
		if (best_of(nodes, nodes[page].left) >= room)
			page = nodes[page].left;
		else if (nodes[page].room >= room)
			return page;
		else
			page = nodes[page].right;
	}
}

uint32_t slob_ring_find_after(const struct ring_node *nodes, uint32_t page,
			      uint16_t room)
{
	uint32_t child = page, parent = nodes[page].parent;

	if (best_of(nodes, nodes[page].right) >= room)
		return slob_ring_find(nodes, nodes[page].right, room);
	while (parent != RING_NONE) {
		if (nodes[parent].left == child) {
			if (nodes[parent].room >= room)
				return parent;
			if (best_of(nodes, nodes[parent].right) >= room)
				return slob_ring_find(
				    nodes, nodes[parent].right, room);
		}
		child = parent;
		parent = nodes[parent].parent;
	}
	return RING_NONE;
}

/* What a node says of itself and of its children. */
static bool node_right(const struct ring_node *nodes, uint32_t page)
{
	uint32_t children[] = {nodes[page].left, nodes[page].right};

	for (int i = 0; i < 2; i++) {
		if (children[i] == RING_NONE)
			continue;
		if (nodes[children[i]].parent != page ||
		    priority(children[i]) > priority(page))
			return false;
	}
	return nodes[page].best == best_compute(nodes, page);
}

/* The next node in list order. */
static uint32_t next_of(const struct ring_node *nodes, uint32_t page)
{
	uint32_t child = page;

	if (nodes[page].right != RING_NONE) {
		page = nodes[page].right;
		while (nodes[page].left != RING_NONE)
			page = nodes[page].left;
		return page;
	}
	page = nodes[page].parent;
	while (page != RING_NONE && nodes[page].right == child) {
		child = page;
		page = nodes[page].parent;
	}
	return page;
}

uint32_t slob_ring_check(const struct ring_node *nodes, uint32_t ring,
			 uint32_t most)
{
	uint32_t page = ring, count = 0;

	if (page == RING_NONE)
		return 0;
	if (nodes[page].parent != RING_NONE)
		return UINT32_MAX;
	while (nodes[page].left != RING_NONE && count++ < most)
		page = nodes[page].left;
	count = 0;
	while (page != RING_NONE) {
		if (++count > most || !node_right(nodes, page))
			return UINT32_MAX;
		page = next_of(nodes, page);
	}
	return count;
}
