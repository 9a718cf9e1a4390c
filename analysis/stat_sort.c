/*
 * One table of keys; each says which tables have it. A comparison answers which
 * row is smaller, and the largest comes first.
 */
#include "analysis/stat_sort.h"

#include <stdlib.h>
#include <string.h>

#include "analysis/stat_key.h"
#include "analysis/stat_view.h"

static int order_u64(uint64_t a, uint64_t b)
{
	return a < b ? -1 : a > b;
}

static int order_i64(int64_t a, int64_t b)
{
	return a < b ? -1 : a > b;
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
	return order_i64(stat_waste(&a->sum), stat_waste(&b->sum));
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
	/* Of rows that tie: all that can tell them apart. */
	static const enum stat_table keys[] = {STAT_CALLER, STAT_CACHE,
					       STAT_PLACE, STAT_PAGE};
	const struct stat_row *a = left, *b = right;
	const struct stat_sort *sort = context;
	int diff;

	for (unsigned int i = 0; i < sort->count; i++) {
		diff = sort_keys[sort->keys[i]].compare(b, a);
		if (diff)
			return diff;
	}
	diff = order_u64(a->addr, b->addr);
	for (size_t i = 0; i < sizeof(keys) / sizeof(*keys) && !diff; i++)
		diff = stat_key_compare(keys[i], &a->sum, &b->sum);
	return diff;
}

void stat_sort_rows(struct stat_row *rows, size_t count,
		    const struct stat_sort *sort)
{
	struct stat_sort copy = *sort;

	qsort_r(rows, count, sizeof(*rows), compare_sorted, &copy);
}
