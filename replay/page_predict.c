/*
 * One list per zone, CPU, order and migratetype, as the kernel has them:
 *
 *     free ──▶ head [ ][ ][ ][ ] tail ◀── refill
 *     alloc ◀──┘               └──▶ drain
 */
#include "replay/page_predict.h"

#include <assert.h>

enum {
	LIST_ORDERS = 4, /* orders 0 to 3 have per-CPU lists */
	LISTS_EACH = LIST_ORDERS * PAGE_PCPTYPES,
	STALE_MAX = 4096, /* blocks put right at once */
};

#define NODE_NONE UINT32_MAX

struct predict_node {
	uint64_t pfn;
	uint32_t prev, next;
	uint32_t list;
};

struct predict_list {
	uint32_t first, last;
	bool known; /* it was refilled, so it had been empty */
};

int page_predict_init(struct page_predict *predict, struct page_alloc *pa,
		      uint32_t cpus, const struct memory *memory)
{
	size_t lists = (size_t)page_zone_count(pa) * cpus * LISTS_EACH;

	*predict = (struct page_predict){.pa = pa,
					 .memory = *memory,
					 .unused = NODE_NONE,
					 .cpus = cpus,
					 .block_order = page_block_order(pa)};
	pfn_table_init(&predict->on_list, memory);
	pfn_table_init(&predict->block_types, memory);
	predict->lists = memory_new(memory, lists, sizeof(*predict->lists));
	if (!predict->lists)
		return ERR_NOMEM;
	for (size_t i = 0; i < lists; i++)
		predict->lists[i] = (struct predict_list){.first = NODE_NONE,
							  .last = NODE_NONE};
	return 0;
}

void page_predict_fini(struct page_predict *predict)
{
	if (!predict->pa)
		return;
	pfn_table_fini(&predict->on_list);
	pfn_table_fini(&predict->block_types);
	memory_free(&predict->memory, predict->nodes);
	memory_free(&predict->memory, predict->lists);
}

/* ---- Lists ---- */

static void unlink_node(struct page_predict *predict, uint32_t number)
{
	struct predict_node *node = &predict->nodes[number];
	struct predict_list *list = &predict->lists[node->list];

	if (node->prev == NODE_NONE)
		list->first = node->next;
	else
		predict->nodes[node->prev].next = node->next;
	if (node->next == NODE_NONE)
		list->last = node->prev;
	else
		predict->nodes[node->next].prev = node->prev;
	node->next = predict->unused;
	predict->unused = number;
}

static int list_remove(struct page_predict *predict, uint64_t pfn)
{
	uint32_t number = pfn_table_get(&predict->on_list, pfn);

	if (!number)
		return 0;
	unlink_node(predict, number - 1);
	return pfn_table_set(&predict->on_list, pfn, 1, 0);
}

static int node_take(struct page_predict *predict, uint32_t *number)
{
	struct predict_node *grown;

	if (predict->unused != NODE_NONE) {
		*number = predict->unused;
		predict->unused = predict->nodes[*number].next;
		return 0;
	}
	if (predict->node_count >= NODE_NONE - 1)
		return ERR_LIMIT;
	grown = memory_grow(&predict->memory, predict->nodes, sizeof(*grown),
			    predict->node_count + 1, &predict->node_cap);
	if (!grown)
		return ERR_NOMEM;
	predict->nodes = grown;
	*number = (uint32_t)predict->node_count++;
	return 0;
}

static int list_add(struct page_predict *predict, uint32_t list_number,
		    uint64_t pfn, bool to_tail)
{
	struct predict_list *list = &predict->lists[list_number];
	uint32_t number;
	int ret = list_remove(predict, pfn);

	if (!ret)
		ret = node_take(predict, &number);
	if (ret)
		return ret;
	predict->nodes[number] =
	    (struct predict_node){.pfn = pfn,
				  .prev = to_tail ? list->last : NODE_NONE,
				  .next = to_tail ? NODE_NONE : list->first,
				  .list = list_number};
	if (to_tail) {
		if (list->last != NODE_NONE)
			predict->nodes[list->last].next = number;
		else
			list->first = number;
		list->last = number;
	} else {
		if (list->first != NODE_NONE)
			predict->nodes[list->first].prev = number;
		else
			list->last = number;
		list->first = number;
	}
	return pfn_table_set(&predict->on_list, pfn, 1, number + 1);
}

/* False: such blocks have no per-CPU list. */
static bool list_of(const struct page_predict *predict,
		    const struct kmem_event *ev, int type, uint32_t *list)
{
	int zone = page_zone_of(predict->pa, ev->addr);

	if (zone < 0 || ev->order >= LIST_ORDERS || type < 0 ||
	    type >= PAGE_PCPTYPES || ev->cpu >= predict->cpus)
		return false;
	*list = ((uint32_t)zone * predict->cpus + ev->cpu) * LISTS_EACH +
		ev->order * PAGE_PCPTYPES + (uint32_t)type;
	return true;
}

/* ---- Types of pageblocks ---- */

/* The type as events showed it, else as the books have it. */
static int block_type(const struct page_predict *predict, uint64_t pfn)
{
	uint32_t seen =
	    pfn_table_get(&predict->block_types, pfn >> predict->block_order);
	int type = seen ? (int)seen - 1 : page_block_type(predict->pa, pfn);

	return type < PAGE_PCPTYPES ? type : PAGE_MOVABLE;
}

static int block_learn(struct page_predict *predict, uint64_t pfn, int type,
		       bool surely)
{
	uint64_t block = pfn >> predict->block_order;

	if (type < 0 || type >= PAGE_PCPTYPES ||
	    (!surely && pfn_table_get(&predict->block_types, block)))
		return 0;
	return pfn_table_set(&predict->block_types, block, 1,
			     (uint32_t)type + 1);
}

/* ---- The free areas ---- */

/*
 * The kernel takes from the smallest order of a type that has a block. So the
 * block that it took was on that type's list, and what the books have there of
 * smaller orders was not. Types of free blocks are in no file, only how many
 * there are; of a cold start nothing is known.
 */
static int books_correct(struct page_predict *predict,
			 const struct kmem_event *ev, int type, uint32_t zone)
{
	int elsewhere = type == PAGE_MOVABLE ? PAGE_UNMOVABLE : PAGE_MOVABLE;
	uint64_t other;
	uint32_t order, found;
	int ret;

	if (page_lookup(predict->pa, ev->addr, NULL, &order) != PAGE_USE_FREE)
		return 0;
	ret = page_move_free(predict->pa, ev->addr, type);
	for (int i = 0; i < STALE_MAX && !ret; i++) {
		if (!page_peek(predict->pa, zone, ev->order, type, &other,
			       &found) ||
		    found >= order)
			break;
		ret = page_move_free(predict->pa, other, elsewhere);
	}
	return ret == ERR_USAGE ? 0 : ret;
}

static int taken(struct page_predict *predict, const struct kmem_event *ev)
{
	int zone = page_zone_of(predict->pa, ev->addr), ret;
	uint64_t pfn = 0;
	uint32_t list, order;
	bool right;

	right = page_peek(predict->pa, (uint32_t)zone, ev->order,
			  ev->migratetype, &pfn, &order) &&
		pfn == ev->addr;
	predict->counts.buddy++;
	predict->counts.buddy_right += right;
	ret = block_learn(predict, ev->addr, ev->migratetype, false);
	if (!ret && !right)
		ret =
		    books_correct(predict, ev, ev->migratetype, (uint32_t)zone);
	if (ret || !list_of(predict, ev, ev->migratetype, &list))
		return ret;
	predict->lists[list].known = true;
	return list_add(predict, list, ev->addr, true);
}

/*
 * The kernel takes the first page of a list. What would have come before was
 * allocated in bulk, without an event (__alloc_pages_bulk()), or lies on another
 * list, because its pageblock's type was guessed.
 */
static int list_correct(struct page_predict *predict, uint32_t number,
			uint64_t pfn)
{
	int ret = 0;

	while (!ret && predict->lists[number].first != NODE_NONE) {
		uint32_t node = predict->lists[number].first;
		uint64_t other = predict->nodes[node].pfn;

		if (other == pfn)
			break;
		ret = list_remove(predict, other);
	}
	return ret;
}

/*
 * A page that was freed lies on the list of its pageblock's type. If it comes
 * from another list than that, the type was not known rightly. The last page of
 * a list may just have come from the free areas for this one request: so it is
 * where a CPU cannot take its list's lock.
 */
static int allocated(struct page_predict *predict, const struct kmem_event *ev)
{
	uint32_t node = pfn_table_get(&predict->on_list, ev->addr), number;
	const struct predict_list *list;
	int ret = 0;

	if (list_of(predict, ev, ev->migratetype, &number)) {
		list = &predict->lists[number];
		predict->counts.pcp += list->known;
		predict->counts.pcp_right +=
		    list->known && list->first != NODE_NONE &&
		    predict->nodes[list->first].pfn == ev->addr;
		if (node && predict->nodes[node - 1].list != number)
			ret = block_learn(predict, ev->addr, ev->migratetype,
					  true);
		else if (node && list->last != node - 1)
			ret = list_correct(predict, number, ev->addr);
	}
	return ret ? ret : list_remove(predict, ev->addr);
}

static int stolen(struct page_predict *predict, const struct kmem_event *ev)
{
	bool changed = (ev->flags & EVF_CHANGE_OWNERSHIP) != 0;

	return block_learn(predict, ev->addr,
			   changed ? ev->migratetype : ev->fallback_migratetype,
			   changed);
}

int page_predict_feed(struct page_predict *predict, const struct kmem_event *ev)
{
	uint32_t list;

	if (ev->flags & EVF_FAILED || ev->order > PAGE_ORDER_MAX ||
	    page_zone_of(predict->pa, ev->addr) < 0)
		return 0;
	switch (ev->kind) {
	case EV_ZONE_LOCKED:
		return taken(predict, ev);
	case EV_EXTFRAG:
		return stolen(predict, ev);
	case EV_PAGE_ALLOC:
		return allocated(predict, ev);
	case EV_PAGE_FREE:
		if (!list_of(predict, ev, block_type(predict, ev->addr), &list))
			return list_remove(predict, ev->addr);
		return list_add(predict, list, ev->addr, false);
	case EV_PCPU_DRAIN:
		return list_remove(predict, ev->addr);
	default:
		return 0;
	}
}
