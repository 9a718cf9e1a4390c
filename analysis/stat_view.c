/*
 * Folding: the rows are sorted by the table's key and runs of equal keys are
 * added up. There are thousands of rows, not millions, so this costs nothing.
 */
#include "analysis/stat_view.h"

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

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

static int compare_key(const struct site_summary *a,
		       const struct site_summary *b, enum stat_table table)
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

static int compare_folded(const void *left, const void *right, void *context)
{
	const struct stat_row *a = left, *b = right;
	const enum stat_table *table = context;

	return compare_key(&a->sum, &b->sum, *table);
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
		     !compare_key(&list[i].sum, &list[end].sum, table);
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

static int order_double(double a, double b)
{
	return a < b ? -1 : a > b;
}

static int by_address(const struct stat_row *a, const struct stat_row *b)
{
	return order_u64(a->addr, b->addr);
}

static int by_callsite(const struct stat_row *a, const struct stat_row *b)
{
	return order_u64(a->sum.call_site, b->sum.call_site);
}

static int by_hit(const struct stat_row *a, const struct stat_row *b)
{
	return order_u64(a->sum.allocs, b->sum.allocs);
}

static int by_bytes(const struct stat_row *a, const struct stat_row *b)
{
	return order_u64(a->sum.bytes_alloc, b->sum.bytes_alloc);
}

static int by_waste(const struct stat_row *a, const struct stat_row *b)
{
	int64_t x = stat_waste(&a->sum), y = stat_waste(&b->sum);

	return x < y ? -1 : x > y;
}

static int by_frag(const struct stat_row *a, const struct stat_row *b)
{
	return order_double(
	    stat_fragmentation(a->sum.bytes_req, a->sum.bytes_alloc),
	    stat_fragmentation(b->sum.bytes_req, b->sum.bytes_alloc));
}

static int by_pingpong(const struct stat_row *a, const struct stat_row *b)
{
	return order_u64(a->sum.cross_cpu_frees, b->sum.cross_cpu_frees);
}

static int by_live(const struct stat_row *a, const struct stat_row *b)
{
	return order_u64(stat_live_bytes(a), stat_live_bytes(b));
}

static int by_pages(const struct stat_row *a, const struct stat_row *b)
{
	return order_u64(a->page_bytes, b->page_bytes);
}

static int by_peak(const struct stat_row *a, const struct stat_row *b)
{
	return order_u64(a->sum.live_bytes_alloc_peak,
			 b->sum.live_bytes_alloc_peak);
}

static int order_i64(int64_t a, int64_t b)
{
	return a < b ? -1 : a > b;
}

static int by_maxwaste(const struct stat_row *a, const struct stat_row *b)
{
	return order_i64(a->detail ? a->detail->waste_max : 0,
			 b->detail ? b->detail->waste_max : 0);
}

static int by_worst(const struct stat_row *a, const struct stat_row *b)
{
	return order_i64(a->detail ? a->detail->waste_at_worst : 0,
			 b->detail ? b->detail->waste_at_worst : 0);
}

static uint64_t quantile(const struct stat_row *row, unsigned int percent)
{
	return row->detail && row->detail->lives
		   ? lifetimes_quantile(row->detail->lives, percent)
		   : 0;
}

static int by_p50(const struct stat_row *a, const struct stat_row *b)
{
	return order_u64(quantile(a, 50), quantile(b, 50));
}

static int by_p99(const struct stat_row *a, const struct stat_row *b)
{
	return order_u64(quantile(a, 99), quantile(b, 99));
}

static int by_short(const struct stat_row *a, const struct stat_row *b)
{
	return order_u64(a->detail ? a->detail->short_lived : 0,
			 b->detail ? b->detail->short_lived : 0);
}

static int by_crossnode(const struct stat_row *a, const struct stat_row *b)
{
	return order_u64(a->detail ? a->detail->cross_node_frees : 0,
			 b->detail ? b->detail->cross_node_frees : 0);
}

static int by_order(const struct stat_row *a, const struct stat_row *b)
{
	return order_u64(a->sum.order, b->sum.order);
}

static int by_migtype(const struct stat_row *a, const struct stat_row *b)
{
	return a->sum.migratetype - b->sum.migratetype;
}

static int by_gfp(const struct stat_row *a, const struct stat_row *b)
{
	return order_u64(a->sum.gfp_flags, b->sum.gfp_flags);
}

/* Tables that have a key: of objects, of pages, of both. */
enum { OF_OBJECTS = 1, OF_PAGES = 2, OF_BOTH = 4, OF_ANY = 7 };

static const struct sort_key {
	const char *word;
	int (*compare)(const struct stat_row *, const struct stat_row *);
	unsigned int tables;
	bool detail;
} sort_keys[] = {
    {"ptr", by_address, OF_OBJECTS, false},
    {"page", by_address, OF_PAGES, false},
    {"callsite", by_callsite, OF_OBJECTS | OF_PAGES, false},
    {"bytes", by_bytes, OF_ANY, false},
    {"hit", by_hit, OF_ANY, false},
    {"waste", by_waste, OF_OBJECTS | OF_BOTH, false},
    {"frag", by_frag, OF_OBJECTS | OF_BOTH, false},
    {"pingpong", by_pingpong, OF_ANY, false},
    {"order", by_order, OF_PAGES, false},
    {"migtype", by_migtype, OF_PAGES, false},
    {"gfp", by_gfp, OF_PAGES, false},
    {"pages", by_pages, OF_BOTH, false},
    {"live", by_live, OF_ANY, false},
    {"peak", by_peak, OF_ANY, true},
    {"maxwaste", by_maxwaste, OF_OBJECTS | OF_BOTH, true},
    {"worst", by_worst, OF_OBJECTS | OF_BOTH, true},
    {"p50", by_p50, OF_ANY, true},
    {"p99", by_p99, OF_ANY, true},
    {"short", by_short, OF_ANY, true},
    {"crossnode", by_crossnode, OF_ANY, true},
};

enum { SORT_KEY_COUNT = sizeof(sort_keys) / sizeof(sort_keys[0]) };

/* Rows per address have no details. */
static bool key_fits(const struct sort_key *key, enum stat_table table)
{
	unsigned int of = !stat_table_pages(table)     ? OF_OBJECTS
			  : !stat_table_objects(table) ? OF_PAGES
						       : OF_BOTH;

	if (key->detail && (table == STAT_ALLOC || table == STAT_PFN))
		return false;
	return key->tables & of;
}

static int bad_sort_key(const char *word, size_t len, enum stat_table table,
			struct err *err)
{
	char list[256] = "";

	for (unsigned int i = 0; i < SORT_KEY_COUNT; i++) {
		if (!key_fits(&sort_keys[i], table))
			continue;
		if (list[0])
			strcat(list, ", ");
		strcat(list, sort_keys[i].word);
	}
	return err_set(err, ERR_USAGE,
		       "-s %.*s: no such key for this table; there are %s",
		       (int)(len < 32 ? len : 32), word, list);
}

int stat_sort_parse(const char *text, enum stat_table table,
		    struct stat_sort *sort, struct err *err)
{
	struct stat_sort parsed = {.count = 0};

	for (;;) {
		size_t len = strcspn(text, ",");
		unsigned int key = 0;

		while (key < SORT_KEY_COUNT &&
		       (strlen(sort_keys[key].word) != len ||
			strncmp(sort_keys[key].word, text, len) != 0 ||
			!key_fits(&sort_keys[key], table)))
			key++;
		if (key == SORT_KEY_COUNT)
			return bad_sort_key(text, len, table, err);
		if (parsed.count == STAT_SORT_MAX)
			return err_set(err, ERR_USAGE,
				       "-s takes at most %d keys",
				       STAT_SORT_MAX);
		parsed.keys[parsed.count++] = key;
		if (!text[len])
			break;
		text += len + 1;
	}
	*sort = parsed;
	return 0;
}

bool stat_sort_details(const struct stat_sort *sort)
{
	for (unsigned int i = 0; i < sort->count; i++)
		if (sort_keys[sort->keys[i]].detail)
			return true;
	return false;
}

const char *stat_sort_default(enum stat_table table, bool detail)
{
	if (stat_table_pages(table) && stat_table_objects(table))
		return "live,bytes,hit";
	if (stat_table_pages(table))
		return detail ? "peak,bytes,hit" : "bytes,hit";
	return detail ? "maxwaste,peak,bytes" : "waste,bytes,hit";
}

static int compare_sorted(const void *left, const void *right, void *context)
{
	const struct stat_row *a = left, *b = right;
	const struct stat_sort *sort = context;
	int diff;

	for (unsigned int i = 0; i < sort->count; i++) {
		diff = sort_keys[sort->keys[i]].compare(b, a);
		if (diff)
			return diff;
	}
	diff = order_u64(a->addr, b->addr);
	if (!diff)
		diff = order_u64(a->sum.call_site, b->sum.call_site);
	if (!diff)
		diff = compare_cache(&a->sum, &b->sum);
	if (!diff)
		diff = order_u64(a->sum.context, b->sum.context);
	return diff ? diff : compare_page(&a->sum, &b->sum, STAT_PAGE);
}

void stat_sort_rows(struct stat_row *rows, size_t count,
		    const struct stat_sort *sort)
{
	struct stat_sort copy = *sort;

	qsort_r(rows, count, sizeof(*rows), compare_sorted, &copy);
}

static void sum_row(struct stat_sums *sums, const struct site_summary *row,
		    uint32_t page_size)
{
	bool page = row->kind == EV_PAGE_ALLOC || row->kind == EV_PAGE_FREE;

	sums->failed += row->failed;
	/* A damaged database may have any order. */
	if (page && row->order < SNAPSHOT_ORDERS_MAX)
		sums->bytes_failed +=
		    row->failed * ((uint64_t)page_size << row->order);
	sums->free_events += row->free_events;
	sums->implicit_frees += row->implicit_frees;
	sums->cross_cpu_frees += row->cross_cpu_frees;
	sums->cross_node_allocs += row->cross_node_allocs;
	sums->duplicates += row->duplicates;
	sums->null_frees += row->null_frees;
	if (!is_object(row) && !is_page(row)) {
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

void stat_sum(const struct site_summary *sites, size_t site_count, bool self,
	      uint32_t page_size, struct stat_totals *totals)
{
	*totals = (struct stat_totals){0};
	for (size_t i = 0; i < site_count; i++) {
		const struct site_summary *row = &sites[i];
		bool page =
		    row->kind == EV_PAGE_ALLOC || row->kind == EV_PAGE_FREE;

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
