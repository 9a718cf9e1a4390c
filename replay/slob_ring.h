/*
 * slob_ring: a list of pages that can be turned, and that finds the next page
 * with enough room without looking at all those before it.
 *
 * SLOB keeps its pages in circular lists, puts new ones at the head, and turns
 * a list so that the page just used becomes the head (list_rotate_to_front()).
 * Its search from the head on is linear in the kernel. Here the list is a
 * balanced tree in list order (a treap), where each node knows the most room
 * below it: every operation takes logarithmic time, and the page found is the
 * one that the kernel's search finds.
 *
 * Pages are numbers, indices into an array of nodes that the caller grows; any
 * number of rings share the array, and a page is on one of them at most. A
 * ring is the number of its root, RING_NONE if it is empty.
 */
#ifndef REPLAY_SLOB_RING_H
#define REPLAY_SLOB_RING_H

#include <stdint.h>

#define RING_NONE UINT32_MAX

struct ring_node {
	uint32_t left, right, parent;
	uint16_t room; /* of this page */
	uint16_t best; /* the most room of it and all below it */
};

/* Puts a page that is on no ring at the head. */
void slob_ring_push(struct ring_node *nodes, uint32_t *ring, uint32_t page,
		    uint16_t room);

void slob_ring_remove(struct ring_node *nodes, uint32_t *ring, uint32_t page);

/* Turns the ring so that the page becomes its head. */
void slob_ring_turn(struct ring_node *nodes, uint32_t *ring, uint32_t page);

void slob_ring_room_set(struct ring_node *nodes, uint32_t page, uint16_t room);

/* The first page, from the head on, with that much room; or RING_NONE. */
uint32_t slob_ring_find(const struct ring_node *nodes, uint32_t ring,
			uint16_t room);

/* The same, from behind a page that is on a ring up to the end. */
uint32_t slob_ring_find_after(const struct ring_node *nodes, uint32_t page,
			      uint16_t room);

/*
 * Walks the ring and recomputes what the nodes know of each other. Returns how
 * many pages are on it, UINT32_MAX if something is wrong or if there are more
 * than most.
 */
uint32_t slob_ring_check(const struct ring_node *nodes, uint32_t ring,
			 uint32_t most);

#endif
