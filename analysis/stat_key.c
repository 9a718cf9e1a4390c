#include "analysis/stat_key.h"

static bool is_object(const struct site_summary *sum)
{
	return sum->kind == EV_KMALLOC || sum->kind == EV_CACHE_ALLOC;
}

static bool is_page(const struct site_summary *sum)
{
	return sum->kind == EV_PAGE_ALLOC;
}

bool stat_table_objects(enum stat_table table)
{
	return table != STAT_NO_TABLE &&
	       (table < STAT_PAGE || table > STAT_ORDER);
}

bool stat_table_pages(enum stat_table table)
{
	return table >= STAT_PAGE;
}

bool stat_table_context(enum stat_table table)
{
	return table == STAT_PLACE || table >= STAT_TASK;
}

bool stat_row_fits(enum stat_table table, const struct site_summary *row)
{
	if (is_object(row))
		return stat_table_objects(table) &&
		       (table != STAT_CLASS || row->kind == EV_KMALLOC);
	/* Pages of slabs and large kmallocs are counted as objects. */
	return is_page(row) && stat_table_pages(table) &&
	       (table < STAT_TASK || row->backing == SITE_DIRECT);
}

static int order_u64(uint64_t a, uint64_t b)
{
	return a < b ? -1 : a > b;
}

static int compare_class(const struct site_summary *a,
			 const struct site_summary *b)
{
	int diff = order_u64(a->large, b->large);

	return diff ? diff : order_u64(a->bytes_each, b->bytes_each);
}

/* Kmallocs without a cache name stand together by their class. */
static int compare_cache(const struct site_summary *a,
			 const struct site_summary *b)
{
	int diff = order_u64(a->name, b->name);

	if (diff || a->name)
		return diff;
	diff = order_u64(a->kind, b->kind);
	return diff ? diff : compare_class(a, b);
}

static int compare_page(const struct site_summary *a,
			const struct site_summary *b, enum stat_table table)
{
	int diff = order_u64(a->order, b->order);

	if (!diff)
		diff = a->migratetype - b->migratetype;
	if (diff || table == STAT_ORDER)
		return diff;
	diff = order_u64(a->gfp_flags, b->gfp_flags);
	return diff ? diff : order_u64(a->backing, b->backing);
}

int stat_key_compare(enum stat_table table, const struct site_summary *a,
		     const struct site_summary *b)
{
	if (stat_table_context(table))
		return order_u64(a->context, b->context);
	switch (table) {
	case STAT_CALLER:
		return order_u64(a->call_site, b->call_site);
	case STAT_CACHE:
		return compare_cache(a, b);
	case STAT_CLASS:
		return compare_class(a, b);
	default:
		return compare_page(a, b, table);
	}
}
