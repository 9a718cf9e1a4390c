#include "replay/page_holders.h"

#include "core/snapshot.h"

void page_holders_init(struct page_holders *holders,
		       const struct memory *memory)
{
	*holders = (struct page_holders){.memory = *memory};
}

void page_holders_fini(struct page_holders *holders)
{
	memory_free(&holders->memory, holders->list);
	memory_free(&holders->memory, holders->by_slot);
	map_fini(&holders->index);
	*holders = (struct page_holders){.memory = holders->memory};
}

static int holder_find(struct page_holders *holders, uint32_t comm,
		       uint32_t gfp_flags, uint32_t *number)
{
	uint64_t key = (uint64_t)comm << 32 | gfp_flags;
	const uint64_t *found = map_find(&holders->index, key);
	struct page_holder *grown;

	if (found) {
		*number = (uint32_t)*found;
		return 0;
	}
	grown = memory_grow(&holders->memory, holders->list, sizeof(*grown),
			    (size_t)holders->count + 1, &holders->list_cap);
	if (!grown)
		return ERR_NOMEM;
	holders->list = grown;
	*number = holders->count++;
	grown[*number] = (struct page_holder){comm, gfp_flags, 0};
	return map_put(&holders->index, key, *number);
}

static int block_taken(struct page_holders *holders,
		       const struct kmem_event *ev, uint32_t comm)
{
	uint32_t number, *grown;
	int ret = holder_find(holders, comm, ev->gfp_flags, &number);

	if (ret)
		return ret;
	grown = memory_grow(&holders->memory, holders->by_slot, sizeof(*grown),
			    (size_t)ev->slot + 1, &holders->slot_cap);
	if (!grown)
		return ERR_NOMEM;
	holders->by_slot = grown;
	grown[ev->slot] = number + 1;
	holders->list[number].pages += UINT64_C(1) << ev->order;
	return 0;
}

static void block_given_back(struct page_holders *holders,
			     const struct kmem_event *ev)
{
	uint64_t pages = UINT64_C(1) << ev->order;
	struct page_holder *holder;

	if (ev->slot >= holders->slot_cap || !holders->by_slot[ev->slot])
		return;
	holder = &holders->list[holders->by_slot[ev->slot] - 1];
	holder->pages -= pages < holder->pages ? pages : holder->pages;
	if (!(ev->flags & EVF_BLOCK_LIVES))
		holders->by_slot[ev->slot] = 0;
}

int page_holders_event(struct page_holders *holders,
		       const struct kmem_event *ev, uint32_t comm)
{
	if (!ev->object || ev->order >= SNAPSHOT_ORDERS_MAX)
		return 0;
	if (ev->kind == EV_PAGE_FREE)
		block_given_back(holders, ev);
	else if (ev->kind == EV_PAGE_ALLOC && event_creates(ev) &&
		 !(ev->flags & (EVF_BACKS_SLAB | EVF_BACKS_LARGE)))
		return block_taken(holders, ev, comm);
	return 0;
}
