/*
 * A treap: in order of the ring from left to right, and a heap by a priority
 * that is a hash of the page's number, which keeps it balanced whatever the
 * order of operations, and the same from run to run.
 *
 * R. Seidel, C. R. Aragon: Randomized search trees, Algorithmica 16, 1996.
 */
#include "replay/slob_ring.h"

#include <assert.h>

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

static void child_replace(struct ring_node *nodes, struct slob_ring *ring,
			  uint32_t parent, uint32_t child, uint32_t other)
{
	if (parent == RING_NONE)
		ring->root = other;
	else if (nodes[parent].left == child)
		nodes[parent].left = other;
	else
		nodes[parent].right = other;
}

static uint32_t first_of(const struct ring_node *nodes, uint32_t page)
{
	while (nodes[page].left != RING_NONE)
		page = nodes[page].left;
	return page;
}

static uint32_t last_of(const struct ring_node *nodes, uint32_t page)
{
	while (nodes[page].right != RING_NONE)
		page = nodes[page].right;
	return page;
}

/* The next node in the order of the tree. */
static uint32_t next_of(const struct ring_node *nodes, uint32_t page)
{
	uint32_t child = page;

	if (nodes[page].right != RING_NONE)
		return first_of(nodes, nodes[page].right);
	page = nodes[page].parent;
	while (page != RING_NONE && nodes[page].right == child) {
		child = page;
		page = nodes[page].parent;
	}
	return page;
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

/* The page changes places with its parent, and they keep their order. */
static void rotate_up(struct ring_node *nodes, struct slob_ring *ring,
		      uint32_t page)
{
	uint32_t parent = nodes[page].parent, above = nodes[parent].parent;

	if (nodes[parent].left == page) {
		left_set(nodes, parent, nodes[page].right);
		right_set(nodes, page, parent);
	} else {
		right_set(nodes, parent, nodes[page].left);
		left_set(nodes, page, parent);
	}
	nodes[page].parent = above;
	child_replace(nodes, ring, above, parent, page);
	nodes[page].best = nodes[parent].best;
	nodes[parent].best = best_compute(nodes, parent);
}

/* Enters a page without room in the order just before another one. */
static void tree_insert(struct ring_node *nodes, struct slob_ring *ring,
			uint32_t page, uint32_t before)
{
	uint32_t parent = before;

	nodes[page] = (struct ring_node){
	    .left = RING_NONE, .right = RING_NONE, .parent = RING_NONE};
	if (before == RING_NONE) {
		ring->root = page;
		return;
	}
	if (nodes[before].left == RING_NONE) {
		left_set(nodes, before, page);
	} else {
		parent = last_of(nodes, nodes[before].left);
		right_set(nodes, parent, page);
	}
	while (parent != RING_NONE && priority(parent) < priority(page)) {
		rotate_up(nodes, ring, page);
		parent = nodes[page].parent;
	}
}

static void tree_room_set(struct ring_node *nodes, uint32_t page, uint16_t room)
{
	nodes[page].room = room;
	best_update(nodes, page);
}

/* The tree forgets the room of the page that becomes the head. */
static void head_set(struct ring_node *nodes, struct slob_ring *ring,
		     uint32_t page)
{
	ring->head = page;
	ring->head_room = nodes[page].room;
	tree_room_set(nodes, page, 0);
}

void slob_ring_init(struct slob_ring *ring)
{
	*ring = (struct slob_ring){.head = RING_NONE, .root = RING_NONE};
}

void slob_ring_push(struct ring_node *nodes, struct slob_ring *ring,
		    uint32_t page, uint16_t room)
{
	tree_insert(nodes, ring, page, ring->head);
	if (ring->head != RING_NONE)
		tree_room_set(nodes, ring->head, ring->head_room);
	ring->head = page;
	ring->head_room = room;
}

void slob_ring_remove(struct ring_node *nodes, struct slob_ring *ring,
		      uint32_t page)
{
	uint32_t parent = nodes[page].parent, rest;

	if (ring->head == page) {
		uint32_t next = next_of(nodes, page);

		if (next == RING_NONE)
			next = first_of(nodes, ring->root);
		head_set(nodes, ring, next);
		if (next == page)
			ring->head = RING_NONE;
	}
	rest = join(nodes, nodes[page].left, nodes[page].right);
	if (rest != RING_NONE)
		nodes[rest].parent = parent;
	child_replace(nodes, ring, parent, page, rest);
	best_update(nodes, parent);
}

void slob_ring_turn(struct ring_node *nodes, struct slob_ring *ring,
		    uint32_t page)
{
	if (ring->head == page)
		return;
	tree_room_set(nodes, ring->head, ring->head_room);
	head_set(nodes, ring, page);
}

void slob_ring_room_set(struct ring_node *nodes, struct slob_ring *ring,
			uint32_t page, uint16_t room)
{
	if (ring->head == page)
		ring->head_room = room;
	else
		tree_room_set(nodes, page, room);
}

uint16_t slob_ring_room(const struct ring_node *nodes,
			const struct slob_ring *ring, uint32_t page)
{
	return ring->head == page ? ring->head_room : nodes[page].room;
}

/* The first page of a subtree with that much room. */
static uint32_t find_below(const struct ring_node *nodes, uint32_t page,
			   uint16_t room)
{
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

/* The first page behind another one in the order of the tree. */
static uint32_t find_behind(const struct ring_node *nodes, uint32_t page,
			    uint16_t room)
{
	uint32_t child = page, parent = nodes[page].parent;
	uint32_t found = find_below(nodes, nodes[page].right, room);

	for (; found == RING_NONE && parent != RING_NONE;
	     child = parent, parent = nodes[parent].parent) {
		if (nodes[parent].left != child)
			continue;
		if (nodes[parent].room >= room)
			return parent;
		found = find_below(nodes, nodes[parent].right, room);
	}
	return found;
}

/*
 * True if a stands before b in the order of the tree. The one with the lower
 * priority cannot be above the other, so it climbs until they meet.
 */
static bool is_before(const struct ring_node *nodes, uint32_t a, uint32_t b)
{
	int side_a = 0, side_b = 0; /* of the node where they meet */

	while (a != b) {
		bool a_climbs = priority(a) < priority(b);
		uint32_t child = a_climbs ? a : b;
		uint32_t parent = nodes[child].parent;
		int side = nodes[parent].left == child ? -1 : 1;

		if (a_climbs) {
			a = parent;
			side_a = side;
		} else {
			b = parent;
			side_b = side;
		}
	}
	return side_a < side_b;
}

bool slob_ring_next(const struct ring_node *nodes, const struct slob_ring *ring,
		    struct ring_search *search)
{
	uint32_t found;

	assert(search->room);
	if (!search->begun) {
		search->begun = true;
		search->page = ring->head;
		if (ring->head == RING_NONE)
			return false;
		if (ring->head_room >= search->room)
			return true;
	}
	found = find_behind(nodes, search->page, search->room);
	if (found == RING_NONE && !search->round) {
		search->round = true;
		found = find_below(nodes, ring->root, search->room);
	}
	if (found == RING_NONE ||
	    (search->round && !is_before(nodes, found, ring->head)))
		return false;
	search->page = found;
	return true;
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

uint32_t slob_ring_check(const struct ring_node *nodes,
			 const struct slob_ring *ring, uint32_t most)
{
	uint32_t page = ring->root, count = 0;
	bool has_head = false;

	if (page == RING_NONE)
		return ring->head == RING_NONE ? 0 : UINT32_MAX;
	if (nodes[page].parent != RING_NONE)
		return UINT32_MAX;
	while (nodes[page].left != RING_NONE && count++ < most)
		page = nodes[page].left;
	count = 0;
	while (page != RING_NONE) {
		if (++count > most || !node_right(nodes, page))
			return UINT32_MAX;
		has_head |= page == ring->head;
		page = next_of(nodes, page);
	}
	return has_head && !nodes[ring->head].room ? count : UINT32_MAX;
}
