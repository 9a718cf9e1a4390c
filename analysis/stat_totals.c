#include "analysis/stat_totals.h"

#include "core/event.h"

static bool is_page(const struct site_summary *row)
{
	return row->kind == EV_PAGE_ALLOC || row->kind == EV_PAGE_FREE;
}

static void sum_row(struct stat_sums *sums, const struct site_summary *row,
		    uint32_t page_size)
{
	sums->failed += row->failed;
	/* A damaged database may have any order. */
	if (is_page(row) && row->order < SNAPSHOT_ORDERS_MAX)
		sums->bytes_failed +=
		    row->failed * ((uint64_t)page_size << row->order);
	sums->free_events += row->free_events;
	sums->implicit_frees += row->implicit_frees;
	sums->cross_cpu_frees += row->cross_cpu_frees;
	sums->cross_node_allocs += row->cross_node_allocs;
	sums->duplicates += row->duplicates;
	sums->null_frees += row->null_frees;
	if (row->kind != EV_KMALLOC && row->kind != EV_CACHE_ALLOC &&
	    row->kind != EV_PAGE_ALLOC) {
		sums->unknown_frees += row->frees;
		sums->bytes_unknown += row->bytes_alloc_freed;
		return;
	}
	sums->allocs += row->allocs;
	sums->bytes_req += row->bytes_req;
	sums->bytes_alloc += row->bytes_alloc;
	sums->frees += row->frees;
	sums->bytes_req_freed += row->bytes_req_freed;
	sums->bytes_alloc_freed += row->bytes_alloc_freed;
}

static void sum_order(struct stat_totals *totals,
		      const struct site_summary *row)
{
	unsigned int type = (uint8_t)row->migratetype;

	if (!row->allocs || row->order >= SNAPSHOT_ORDERS_MAX)
		return;
	if (type >= SNAPSHOT_MIGRATETYPES_MAX)
		type = SNAPSHOT_MIGRATETYPES_MAX - 1;
	totals->orders[row->order][type] += row->allocs;
	if (row->order > totals->order_max)
		totals->order_max = row->order;
	if (type > totals->migratetype_max)
		totals->migratetype_max = type;
}

void stat_totals_make(struct stat_totals *totals,
		      const struct site_summary *sites, size_t site_count,
		      bool self, uint32_t page_size)
{
	*totals = (struct stat_totals){0};
	for (size_t i = 0; i < site_count; i++) {
		const struct site_summary *row = &sites[i];
		bool page = is_page(row);

		if (row->self && !self) {
			sum_row(page ? &totals->self_page : &totals->self_slab,
				row, page_size);
			continue;
		}
		sum_row(page ? &totals->page : &totals->slab, row, page_size);
		if (!page)
			continue;
		if (row->backing <= SITE_BACKS_LARGE)
			sum_row(&totals->backing[row->backing], row, page_size);
		if (row->kind == EV_PAGE_ALLOC)
			sum_order(totals, row);
	}
}
