/*
 * slob_ring: a ring of pages that turns, and that finds the next page with
 * enough room without looking at all those before it.
 *
 * SLOB keeps its pages in circular lists, puts new ones at the head, and turns
 * a list so that the page just used becomes the head (list_rotate_to_front()).
 * Its search from the head on is linear in the kernel. Here a balanced tree in
 * the order of the ring (a treap), in which each node knows the most room below
 * it, finds the page that the kernel's search finds, in logarithmic time.
 * Turning moves the head and nothing else: where the ring was cut to become a
 * tree does not matter.
 *
 * The head serves nearly every request, and its room changes each time. So it
 * is looked at first, and the tree does not know of its room.
 *
 * Pages are numbers, indices into an array of nodes that the caller grows; any
 * number of rings share the array, and a page is on one of them at most.
 */
#ifndef REPLAY_SLOB_RING_H
#define REPLAY_SLOB_RING_H

#include <stdbool.h>
#include <stdint.h>

#define RING_NONE UINT32_MAX

struct slob_ring {
	uint32_t head; /* RING_NONE: no page is on the ring */
	/* Private */
	uint32_t root;
	uint16_t head_room;
};

struct ring_node {
	/* Private */
	uint32_t left, right, parent;
	uint16_t room; /* of this page; the head's is in the ring, 0 here */
	uint16_t best; /* the most room of it and all below it */
};

void slob_ring_init(struct slob_ring *ring);

/* Puts a page that is on no ring before the head: it becomes the head. */
void slob_ring_push(struct ring_node *nodes, struct slob_ring *ring,
		    uint32_t page, uint16_t room);

/* Behind the head that leaves comes the next one. */
void slob_ring_remove(struct ring_node *nodes, struct slob_ring *ring,
		      uint32_t page);

/* Turns the ring so that the page becomes its head. */
void slob_ring_turn(struct ring_node *nodes, struct slob_ring *ring,
		    uint32_t page);

void slob_ring_room_set(struct ring_node *nodes, struct slob_ring *ring,
			uint32_t page, uint16_t room);

uint16_t slob_ring_room(const struct ring_node *nodes,
			const struct slob_ring *ring, uint32_t page);

/* A search from the head on, once around; to be zeroed but for the room. */
struct ring_search {
	uint16_t room; /* so much or more is wanted; not 0 */
	uint32_t page; /* found */
	/* Private */
	bool begun, round; /* round: between where the ring is cut and head */
};

/*
 * The next page with the room; false if there is none. In between the rooms of
 * pages may change, but not the ring.
 */
bool slob_ring_next(const struct ring_node *nodes, const struct slob_ring *ring,
		    struct ring_search *search);

/*
 * Walks the ring and recomputes what the nodes know of each other. Returns how
 * many pages are on it, UINT32_MAX if something is wrong or if there are more
 * than most.
 */
uint32_t slob_ring_check(const struct ring_node *nodes,
			 const struct slob_ring *ring, uint32_t most);

#endif
