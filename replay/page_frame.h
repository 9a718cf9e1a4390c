/*
 * page_frame: the 10 bytes that are kept of every frame, and lists of frames.
 *
 * Glossary
 *   index   a frame's number in the table: its zone's first index + its
 *           distance from the zone's start; 32 bits
 *   head    the first frame of a block; the only one that carries its state
 *   tail    every other frame; its state is 0
 *
 * Two arrays: 2 bytes of state (looked at on every buddy question, so kept
 * dense) and 8 bytes of links (touched only when a block joins or leaves a
 * list).
 */
#ifndef REPLAY_PAGE_FRAME_H
#define REPLAY_PAGE_FRAME_H

#include <stdbool.h>
#include <stdint.h>

#include "replay/page_alloc.h"

/* A head is never 0, so that a tail can be. */
enum frame_kind { FRAME_TAIL, FRAME_USED, FRAME_FREE, FRAME_PCP };

/* Type of a block in use from the start: nobody knows what it holds. */
enum { FRAME_TYPE_UNKNOWN = 7 };

/* No frame. */
#define FRAME_NIL UINT32_MAX

/* kind: bits 0-1, order: 2-5, migratetype: 6-8, marks: 9-10; the rest is 0. */
typedef uint16_t frame_state;

struct frame_link {
	uint32_t prev, next;
};

struct frame_table {
	frame_state *states;
	struct frame_link *links;
};

/* A list of heads with its length in blocks. */
struct frame_list {
	uint32_t first, last, count;
};

static inline frame_state frame_make(enum frame_kind kind, uint32_t order,
				     uint32_t type)
{
	return (frame_state)((uint32_t)kind | order << 2 | type << 6);
}

static inline enum frame_kind frame_kind(frame_state state)
{
	return (enum frame_kind)(state & 3u);
}

static inline uint32_t frame_order(frame_state state)
{
	return (uint32_t)state >> 2 & 15u;
}

static inline uint32_t frame_type(frame_state state)
{
	return (uint32_t)state >> 6 & 7u;
}

/* enum page_mark of a block in use; blocks of other kinds have none. */
static inline uint32_t frame_marks(frame_state state)
{
	return (uint32_t)state >> 9 & 3u;
}

/* True for a block in use of that order and without marks: one comparison. */
static inline bool frame_is_plain(frame_state state, uint32_t order)
{
	return (state & 0x63fu) == frame_make(FRAME_USED, order, 0);
}

static inline frame_state frame_with_marks(frame_state state, uint32_t marks)
{
	return (frame_state)((state & 0x1ffu) | marks << 9);
}

static inline void frame_list_init(struct frame_list *list)
{
	list->first = FRAME_NIL;
	list->last = FRAME_NIL;
	list->count = 0;
}

static inline void frame_list_add(struct frame_table *table,
				  struct frame_list *list, uint32_t frame,
				  bool to_tail)
{
	struct frame_link *link = &table->links[frame];

	if (!list->count) {
		link->prev = link->next = FRAME_NIL;
		list->first = list->last = frame;
	} else if (to_tail) {
		link->prev = list->last;
		link->next = FRAME_NIL;
		table->links[list->last].next = frame;
		list->last = frame;
	} else {
		link->prev = FRAME_NIL;
		link->next = list->first;
		table->links[list->first].prev = frame;
		list->first = frame;
	}
	list->count++;
}

static inline void frame_list_remove(struct frame_table *table,
				     struct frame_list *list, uint32_t frame)
{
	struct frame_link link = table->links[frame];

	if (link.prev == FRAME_NIL)
		list->first = link.next;
	else
		table->links[link.prev].next = link.next;
	if (link.next == FRAME_NIL)
		list->last = link.prev;
	else
		table->links[link.next].prev = link.prev;
	list->count--;
}

#endif
