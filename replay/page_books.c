#include "replay/page_books.h"

void page_books_init(struct page_books *books, struct page_model *model,
		     struct page_alloc *pa, uint64_t pcp_start,
		     bool steals_unlocked, const struct memory *memory)
{
	*books = (struct page_books){.model = model,
				     .pa = pa,
				     .pcp_unknown = pcp_start,
				     .steals_unlocked = steals_unlocked};
	pfn_table_init(&books->pcp, memory);
}

void page_books_fini(struct page_books *books)
{
	pfn_table_fini(&books->pcp);
}

/* A block left a list that it was on at the start, as far as these go. */
static void left_unknown(struct page_books *books, const struct kmem_event *ev)
{
	uint64_t pages = 1ull << ev->order;

	if (pages <= books->pcp_unknown && page_is_listed(books->pa, ev->order))
		books->pcp_unknown -= pages;
}

/* The list that an event names; a free names none, but goes by the pageblock. */
static int type_of(const struct kmem_event *ev)
{
	return ev->kind != EV_PAGE_FREE && ev->migratetype >= 0 &&
		       ev->migratetype < PAGE_PCPTYPES
		   ? ev->migratetype
		   : PAGE_TYPE_OF_BLOCK;
}

/* Takes the block off the per-CPU lists if it is there; false if it is not. */
static bool pcp_remove(struct page_books *books, uint64_t pfn, int *ret)
{
	uint32_t state = pfn_table_get(&books->pcp, pfn);

	*ret = 0;
	if (!state)
		return false;
	books->pcp_pages -= 1ull << (state - 1);
	*ret = pfn_table_set(&books->pcp, pfn, 1, 0);
	return true;
}

static int pcp_add(struct page_books *books, uint64_t pfn, unsigned int order)
{
	books->pcp_pages += 1ull << order;
	return pfn_table_set(&books->pcp, pfn, 1, order + 1);
}

static void pcp_unknown_less(struct page_books *books, uint64_t pages)
{
	books->pcp_unknown -=
	    pages < books->pcp_unknown ? pages : books->pcp_unknown;
}

/* A block left the free areas for a per-CPU list or, soon, for its user. */
static int leave_free_area(struct page_books *books,
			   const struct kmem_event *ev)
{
	uint64_t pages = 1ull << ev->order, taken = 0;
	int ret;

	if (pcp_remove(books, ev->addr, &ret))
		books->corrected_pages += pages;
	if (!ret)
		ret = page_take(books->pa, ev->addr, ev->order, type_of(ev),
				&taken);
	if (ret == ERR_USAGE)
		return 0;
	books->corrected_pages += pages - taken;
	return ret ? ret : pcp_add(books, ev->addr, ev->order);
}

static int enter_free_area(struct page_books *books,
			   const struct kmem_event *ev)
{
	uint64_t put;
	int ret = page_put(books->pa, ev->addr, ev->order, type_of(ev), &put);

	return ret == ERR_USAGE ? 0 : ret;
}

static int drained(struct page_books *books, const struct kmem_event *ev)
{
	int ret;

	if (!pcp_remove(books, ev->addr, &ret) && !ret)
		left_unknown(books, ev);
	return ret ? ret : enter_free_area(books, ev);
}

static int allocated(struct page_books *books, const struct kmem_event *ev)
{
	uint64_t pages = 1ull << ev->order, taken = 0;
	int ret;

	if (pcp_remove(books, ev->addr, &ret) || ret)
		return ret;
	ret = page_take(books->pa, ev->addr, ev->order, type_of(ev), &taken);
	if (ret)
		return ret == ERR_USAGE ? 0 : ret;
	if (books->crossings && page_is_listed(books->pa, ev->order))
		books->corrected_pages += taken;
	if (!taken)
		left_unknown(books, ev);
	else
		pcp_unknown_less(books, pages - taken);
	return 0;
}

static int freed(struct page_books *books, const struct kmem_event *ev)
{
	if (!books->crossings || !page_is_listed(books->pa, ev->order))
		return enter_free_area(books, ev);
	if (pfn_table_get(&books->pcp, ev->addr))
		return 0;
	return pcp_add(books, ev->addr, ev->order);
}

/* Free blocks change their lists before the one that is wanted is taken. */
static int fell_back(struct page_books *books, const struct kmem_event *ev)
{
	int ret = ERR_USAGE;

	if (ev->fallback_order <= PAGE_ORDER_MAX)
		ret = page_fell_back(books->pa,
				     ev->addr >> ev->fallback_order
						     << ev->fallback_order,
				     ev->fallback_order, ev->migratetype,
				     (ev->flags & EVF_CHANGE_OWNERSHIP) != 0);
	if (!books->steals_unlocked)
		return ret == ERR_USAGE ? 0 : ret;
	return leave_free_area(books, ev);
}

int page_books_feed(struct page_books *books, const struct kmem_event *ev)
{
	if (ev->flags & EVF_FAILED || ev->order > PAGE_ORDER_MAX ||
	    page_zone_of(books->pa, ev->addr) < 0)
		return 0;
	switch (ev->kind) {
	case EV_PAGE_ALLOC:
		return allocated(books, ev);
	case EV_PAGE_FREE:
		return freed(books, ev);
	case EV_ZONE_LOCKED:
		books->crossings = true;
		return leave_free_area(books, ev);
	case EV_EXTFRAG:
		return fell_back(books, ev);
	case EV_PCPU_DRAIN:
		books->crossings = true;
		return drained(books, ev);
	default:
		return 0;
	}
}

void page_books_counts(const struct page_books *books,
		       struct page_counts *counts)
{
	books->model->ops->counts(books->model, counts);
	counts->pcp_pages = page_books_pcp(books);
}
