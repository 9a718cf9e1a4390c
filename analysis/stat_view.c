/*
 * Folding: the rows are sorted by the table's key and runs of equal keys are
 * added up. There are thousands of rows, not millions, so this costs nothing.
 */
#include "analysis/stat_view.h"

#include <assert.h>
#include <stdlib.h>

#include "analysis/stat_key.h"

static bool is_page(const struct site_summary *sum)
{
	return sum->kind == EV_PAGE_ALLOC;
}

static int compare_folded(const void *left, const void *right, void *context)
{
	const struct stat_row *a = left, *b = right;
	const enum stat_table *table = context;

	return stat_key_compare(*table, &a->sum, &b->sum);
}

static void add_counts(struct site_summary *sum, const struct site_summary *add)
{
	sum->allocs += add->allocs;
	sum->frees += add->frees;
	sum->failed += add->failed;
	sum->bytes_req += add->bytes_req;
	sum->bytes_alloc += add->bytes_alloc;
	sum->bytes_req_freed += add->bytes_req_freed;
	sum->bytes_alloc_freed += add->bytes_alloc_freed;
	sum->cross_cpu_frees += add->cross_cpu_frees;
	sum->cross_node_allocs += add->cross_node_allocs;
	sum->implicit_frees += add->implicit_frees;
	sum->free_events += add->free_events;
	sum->duplicates += add->duplicates;
	sum->null_frees += add->null_frees;
	sum->self_allocs += add->self_allocs;
	if (add->bytes_req_max > sum->bytes_req_max)
		sum->bytes_req_max = add->bytes_req_max;
}

/* Fields in which the rows of one line differ mean nothing there. */
static void blank_differing(struct site_summary *sum,
			    const struct site_summary *add)
{
	if (sum->call_site != add->call_site)
		sum->call_site = 0;
	if (sum->name != add->name)
		sum->name = 0;
	if (sum->bytes_each != add->bytes_each)
		sum->bytes_each = 0;
	if (sum->gfp_flags != add->gfp_flags)
		sum->gfp_flags = 0;
	if (sum->backing != add->backing)
		sum->backing = 0;
	sum->large = sum->large && add->large;
	sum->self = sum->self && add->self;
}

/* What tells a row apart, without its counts. */
static struct site_summary key_only(const struct site_summary *row)
{
	return (struct site_summary){
	    .call_site = row->call_site,
	    .name = row->name,
	    .kind = row->kind,
	    .order = row->order,
	    .migratetype = row->migratetype,
	    .backing = row->backing,
	    .gfp_flags = row->gfp_flags,
	    .self = row->self,
	    .large = row->large,
	    .bytes_each = row->bytes_each,
	    .context = row->context,
	    .line = row->line,
	};
}

static uint64_t max_u64(uint64_t a, uint64_t b)
{
	return a > b ? a : b;
}

/*
 * Adds up rows[0..count) into one. Rows of one call site hold the same peak;
 * the recorder's own peak is another one, so the sum of both is an upper bound.
 */
static struct stat_row fold_run(const struct stat_row *rows, size_t count,
				bool peaks, bool both)
{
	struct stat_row line = {.sum = key_only(&rows[0].sum)};
	uint64_t alloc[2] = {0}, req[2] = {0};

	for (size_t i = 0; i < count; i++) {
		const struct site_summary *sum = &rows[i].sum;

		alloc[sum->self] =
		    max_u64(alloc[sum->self], sum->live_bytes_alloc_peak);
		req[sum->self] =
		    max_u64(req[sum->self], sum->live_bytes_req_peak);
		blank_differing(&line.sum, sum);
		if (both && is_page(sum)) {
			line.page_allocs += sum->allocs;
			line.page_bytes += sum->bytes_alloc;
			line.page_bytes_freed += sum->bytes_alloc_freed;
			continue;
		}
		add_counts(&line.sum, sum);
	}
	line.sum.live_bytes_alloc_peak = peaks ? alloc[0] + alloc[1] : 0;
	line.sum.live_bytes_req_peak = peaks ? req[0] + req[1] : 0;
	return line;
}

int stat_fold(const struct site_summary *sites, size_t site_count,
	      enum stat_table table, bool self, struct stat_row **rows,
	      size_t *count)
{
	bool peaks = table == STAT_CALLER || table == STAT_PAGE;
	bool both = stat_table_objects(table) && stat_table_pages(table);
	struct stat_row *list = calloc(site_count + 1, sizeof(*list));
	size_t used = 0, lines = 0;

	assert(table != STAT_ALLOC && table != STAT_PFN);
	if (!list)
		return ERR_NOMEM;
	for (size_t i = 0; i < site_count; i++) {
		if (!stat_row_fits(table, &sites[i]))
			continue;
		if (!sites[i].allocs || (sites[i].self && !self))
			continue;
		list[used++].sum = sites[i];
	}
	qsort_r(list, used, sizeof(*list), compare_folded, &table);
	for (size_t i = 0, end; i < used; i = end) {
		for (end = i + 1;
		     end < used &&
		     !stat_key_compare(table, &list[i].sum, &list[end].sum);
		     end++)
			;
		list[lines++] = fold_run(&list[i], end - i, peaks, both);
	}
	*rows = list;
	*count = lines;
	return 0;
}

int stat_pick(const struct stat_row *addresses, size_t address_count,
	      enum stat_table table, bool self, struct stat_row **rows,
	      size_t *count)
{
	struct stat_row *list = calloc(address_count + 1, sizeof(*list));
	size_t used = 0;

	assert(table == STAT_ALLOC || table == STAT_PFN);
	if (!list)
		return ERR_NOMEM;
	for (size_t i = 0; i < address_count; i++)
		if (is_page(&addresses[i].sum) == (table == STAT_PFN) &&
		    (self || !addresses[i].sum.self))
			list[used++] = addresses[i];
	*rows = list;
	*count = used;
	return 0;
}

int64_t stat_waste(const struct site_summary *sum)
{
	return (int64_t)(sum->bytes_alloc - sum->bytes_req);
}

double stat_fragmentation(uint64_t bytes_req, uint64_t bytes_alloc)
{
	if (!bytes_alloc)
		return 0;
	return 100.0 - 100.0 * (double)bytes_req / (double)bytes_alloc;
}

uint64_t stat_live_bytes(const struct stat_row *row)
{
	return row->sum.bytes_alloc - row->sum.bytes_alloc_freed +
	       row->page_bytes - row->page_bytes_freed;
}

const char *stat_use_text(uint8_t backing)
{
	static const char *const words[] = {
	    [SITE_DIRECT] = "direct",
	    [SITE_BACKS_SLAB] = "slab",
	    [SITE_BACKS_LARGE] = "large",
	};

	return backing <= SITE_BACKS_LARGE ? words[backing] : "?";
}
