/*
 * One list of all columns; each says which tables have it and which show it as
 * text, where only about ten fit.
 */
#include "analysis/stat_columns.h"

#include <assert.h>

#include "analysis/cache_text.h"
#include "analysis/gfp_text.h"
#include "analysis/migratetype_text.h"
#include "analysis/stat_view.h"

/* Sets of tables. */
#define OF(table) (1u << (table))
enum {
	SITES = OF(STAT_CALLER) | OF(STAT_ALLOC),
	OBJECTS = SITES | OF(STAT_PLACE) | OF(STAT_CACHE) | OF(STAT_CLASS),
	PAGES = OF(STAT_PAGE) | OF(STAT_PFN) | OF(STAT_ORDER),
	KINDS = OF(STAT_PAGE) | OF(STAT_PFN),
	BOTH = OF(STAT_TASK) | OF(STAT_CPU) | OF(STAT_CGROUP),
	WASTING = OBJECTS | BOTH,
	ALL = WASTING | PAGES,
	NOWHERE = 0,
};

struct stat_column {
	const char *name, *title, *meaning;
	enum table_unit unit;
	unsigned int tables;
	unsigned int plain, detailed; /* of tables: shown as text */
	stat_put put;
};

static void put_known(struct table *table, bool known, uint64_t value)
{
	if (known)
		table_int(table, (int64_t)value);
	else
		table_none(table);
}

/* A cell that is a number of every row: its function. */
#define PUT(name, value)                                                       \
	static void name(const struct stat_shown *shown,                       \
			 const struct stat_row *row, struct table *table)      \
	{                                                                      \
		const struct site_summary *sum = &row->sum;                    \
                                                                               \
		(void)shown;                                                   \
		(void)sum;                                                     \
		table_int(table, (int64_t)(value));                            \
	}

PUT(put_addr, row->addr)
PUT(put_site, sum->call_site)
PUT(put_size, sum->bytes_each)
PUT(put_order, sum->order)
PUT(put_type, sum->migratetype)
PUT(put_gfp, sum->gfp_flags)
PUT(put_alloc, sum->bytes_alloc)
PUT(put_req, sum->bytes_req)
PUT(put_waste, stat_waste(sum))
PUT(put_hit, sum->allocs)
PUT(put_failed, sum->failed)
PUT(put_freed, sum->frees)
PUT(put_implicit, sum->implicit_frees)
PUT(put_self, sum->self_allocs)
PUT(put_bytes_freed, sum->bytes_alloc_freed)
PUT(put_req_max, sum->bytes_req_max)
PUT(put_pingpong, sum->cross_cpu_frees)
PUT(put_live, stat_live_bytes(row))
PUT(put_live_req, sum->bytes_req - sum->bytes_req_freed)
PUT(put_live_waste, (sum->bytes_alloc - sum->bytes_alloc_freed) -
			(sum->bytes_req - sum->bytes_req_freed))
PUT(put_page_hit, row->page_allocs)
PUT(put_page_bytes, row->page_bytes)
PUT(put_page_live, row->page_bytes - row->page_bytes_freed)

/* A cell of the details: not known without them. */
#define PUT_DETAIL(name, value)                                                \
	static void name(const struct stat_shown *shown,                       \
			 const struct stat_row *row, struct table *table)      \
	{                                                                      \
		const struct stat_detail *detail = row->detail;                \
                                                                               \
		(void)shown;                                                   \
		if (detail)                                                    \
			table_int(table, (int64_t)(value));                    \
		else                                                           \
			table_none(table);                                     \
	}

PUT_DETAIL(put_peak_at, detail->peak_ns)
PUT_DETAIL(put_waste_max, detail->waste_max)
PUT_DETAIL(put_waste_max_at, detail->waste_max_ns)
PUT_DETAIL(put_worst, detail->waste_at_worst)
PUT_DETAIL(put_ended, detail->ended)

static void put_symbol(const struct stat_shown *shown,
		       const struct stat_row *row, struct table *table)
{
	char text[SYMBOL_TEXT_MAX];

	table_text(table, symbols_format(&shown->trace->symbols,
					 row->sum.call_site, text));
}

/* Nothing for a line of several caches. */
static void put_cache(const struct stat_shown *shown,
		      const struct stat_row *row, struct table *table)
{
	const struct site_summary *sum = &row->sum;
	struct cache_key key = {sum->name, sum->kind, sum->large,
				sum->bytes_each};
	char text[CACHE_TEXT_MAX];

	if (!sum->name && !sum->bytes_each)
		table_text(table, "");
	else
		table_text(table, cache_text(shown->trace, &key, text));
}

static void put_type_name(const struct stat_shown *shown,
			  const struct stat_row *row, struct table *table)
{
	char text[MIGRATETYPE_TEXT_MAX];

	table_text(table,
		   migratetype_text(shown->trace, row->sum.migratetype, text));
}

static void put_use(const struct stat_shown *shown, const struct stat_row *row,
		    struct table *table)
{
	(void)shown;
	table_text(table, stat_use_text(row->sum.backing));
}

static void put_gfp_name(const struct stat_shown *shown,
			 const struct stat_row *row, struct table *table)
{
	char text[GFP_TEXT_MAX];

	table_text(table, gfp_format(&shown->trace->info.gfp,
				     row->sum.gfp_flags, text));
}

static void put_gfp_short(const struct stat_shown *shown,
			  const struct stat_row *row, struct table *table)
{
	char text[GFP_TEXT_MAX];

	table_text(table, gfp_format_short(&shown->trace->info.gfp,
					   row->sum.gfp_flags, text));
}

static struct stat_who who_of(const struct stat_shown *shown,
			      const struct stat_row *row)
{
	return stat_context_who(shown->context, row->sum.context);
}

static void put_id(const struct stat_shown *shown, const struct stat_row *row,
		   struct table *table)
{
	struct stat_who who = who_of(shown, row);

	put_known(table, who.id >= 0, (uint64_t)who.id);
}

static void put_who(const struct stat_shown *shown, const struct stat_row *row,
		    struct table *table)
{
	struct stat_who who = who_of(shown, row);

	if (who.interrupt)
		table_text(table, "(interrupt)");
	else
		table_text(table, who.text[0] ? who.text : "(not known)");
}

static void put_node(const struct stat_shown *shown, const struct stat_row *row,
		     struct table *table)
{
	int node = topology_node(&shown->trace->topology,
				 (uint32_t)who_of(shown, row).id);

	put_known(table, node >= 0, (uint64_t)node);
}

static void put_req_each(const struct stat_shown *shown,
			 const struct stat_row *row, struct table *table)
{
	(void)shown;
	put_known(table, row->sum.allocs,
		  row->sum.allocs ? row->sum.bytes_req / row->sum.allocs : 0);
}

static void put_alloc_each(const struct stat_shown *shown,
			   const struct stat_row *row, struct table *table)
{
	(void)shown;
	put_known(table, row->sum.allocs,
		  row->sum.allocs ? row->sum.bytes_alloc / row->sum.allocs : 0);
}

static void put_frag(const struct stat_shown *shown, const struct stat_row *row,
		     struct table *table)
{
	(void)shown;
	table_real(table, stat_fragmentation(row->sum.bytes_req,
					     row->sum.bytes_alloc));
}

static void put_cross_allocs(const struct stat_shown *shown,
			     const struct stat_row *row, struct table *table)
{
	put_known(table, shown->trace->topology.from != TOPOLOGY_UNKNOWN,
		  row->sum.cross_node_allocs);
}

static void put_cross_frees(const struct stat_shown *shown,
			    const struct stat_row *row, struct table *table)
{
	bool known =
	    row->detail && shown->trace->topology.from != TOPOLOGY_UNKNOWN;

	put_known(table, known, known ? row->detail->cross_node_frees : 0);
}

/* Peaks add up, without details, only by call site and by page row. */
static bool has_peak(const struct stat_shown *shown, const struct stat_row *row)
{
	return row->detail || shown->table == STAT_CALLER ||
	       shown->table == STAT_PAGE;
}

static void put_peak(const struct stat_shown *shown, const struct stat_row *row,
		     struct table *table)
{
	put_known(table, has_peak(shown, row), row->sum.live_bytes_alloc_peak);
}

static void put_peak_req(const struct stat_shown *shown,
			 const struct stat_row *row, struct table *table)
{
	put_known(table, has_peak(shown, row), row->sum.live_bytes_req_peak);
}

static void put_life(const struct stat_row *row, unsigned int percent,
		     struct table *table)
{
	uint64_t span = 0;

	if (row->detail && row->detail->lives)
		span = lifetimes_quantile(row->detail->lives, percent);
	put_known(table, row->detail && row->detail->lives && span <= INT64_MAX,
		  span);
}

static void put_p50(const struct stat_shown *shown, const struct stat_row *row,
		    struct table *table)
{
	(void)shown;
	put_life(row, 50, table);
}

static void put_p99(const struct stat_shown *shown, const struct stat_row *row,
		    struct table *table)
{
	(void)shown;
	put_life(row, 99, table);
}

static void put_short(const struct stat_shown *shown,
		      const struct stat_row *row, struct table *table)
{
	(void)shown;
	if (row->detail && row->detail->ended)
		table_real(table, 100.0 * (double)row->detail->short_lived /
				      (double)row->detail->ended);
	else
		table_none(table);
}

static void put_rate(const struct stat_shown *shown, const struct stat_row *row,
		     struct table *table)
{
	if (shown->seconds > 0)
		table_real(table, (double)(row->sum.allocs + row->page_allocs) /
				      shown->seconds);
	else
		table_none(table);
}

/* clang-format off */
static const struct stat_column all_columns[] = {
	{"ptr", "Alloc Ptr", "Address of the objects", UNIT_ADDRESS, OF(STAT_ALLOC), ALL, ALL, put_addr},
	{"pfn", "PFN", "First page frame", UNIT_ID, OF(STAT_PFN), ALL, ALL, put_addr},
	{"call_site", "Call site", "Address that allocated; of a pointer, last", UNIT_ADDRESS, SITES, NOWHERE, NOWHERE, put_site},
	{"symbol", "Callsite", "Function and offset of the call site", UNIT_TEXT, SITES, OF(STAT_CALLER), ALL, put_symbol},
	{"place", "Place", "Where the call site is", UNIT_TEXT, OF(STAT_PLACE), ALL, ALL, put_who},
	{"pid", "PID", "Task that allocated", UNIT_ID, OF(STAT_TASK), ALL, ALL, put_id},
	{"comm", "Comm", "Its name, the last that is known", UNIT_TEXT, OF(STAT_TASK), ALL, ALL, put_who},
	{"cpu", "CPU", "CPU that allocated", UNIT_ID, OF(STAT_CPU), ALL, ALL, put_id},
	{"node", "Node", "NUMA node of the CPU", UNIT_ID, OF(STAT_CPU), ALL, ALL, put_node},
	{"cgroup", "Control group", "Group of the task, at the end", UNIT_TEXT, OF(STAT_CGROUP), ALL, ALL, put_who},
	{"cache", "Cache", "Cache, or size class of a kmalloc", UNIT_TEXT, SITES | OF(STAT_CACHE) | OF(STAT_CLASS), OF(STAT_CACHE) | OF(STAT_CLASS), OF(STAT_CACHE) | OF(STAT_CLASS), put_cache},
	{"size", "Size", "Bytes of one object of the class", UNIT_COUNT, OF(STAT_CLASS), NOWHERE, NOWHERE, put_size},
	{"order", "Order", "2^order pages", UNIT_COUNT, PAGES, ALL, ALL, put_order},
	{"migratetype", "Type", "Number of the migratetype", UNIT_ID, PAGES, NOWHERE, NOWHERE, put_type},
	{"migratetype_name", "Mig.type", "Migratetype, by the recorded kernel's name", UNIT_TEXT, PAGES, ALL, ALL, put_type_name},
	{"used_for", "Used for", "slab, large (a large kmalloc), or direct", UNIT_TEXT, KINDS, ALL, ALL, put_use},
	{"gfp", "GFP", "GFP mask", UNIT_ADDRESS, KINDS, NOWHERE, NOWHERE, put_gfp},
	{"gfp_name", "GFP flags", "Names of the GFP mask", UNIT_TEXT, KINDS, NOWHERE, NOWHERE, put_gfp_name},
	{"gfp_short", "GFP flags", "The same, short", UNIT_TEXT, KINDS, ALL, ALL, put_gfp_short},
	{"bytes_alloc", "Alloc", "Bytes given, over all allocations", UNIT_BYTES, ALL, ALL, BOTH | PAGES, put_alloc},
	{"bytes_req", "Req", "Bytes asked for", UNIT_BYTES, WASTING, OBJECTS, NOWHERE, put_req},
	{"waste", "Waste", "Alloc - Req", UNIT_BYTES, WASTING, OBJECTS, NOWHERE, put_waste},
	{"page_bytes", "Pages", "Bytes of pages that hold no objects", UNIT_BYTES, BOTH, ALL, ALL, put_page_bytes},
	{"live_bytes_alloc", "Live", "Bytes not freed at the end", UNIT_BYTES, ALL, PAGES, BOTH, put_live},
	{"peak_bytes_alloc", "Peak", "The most bytes that were live at one time", UNIT_BYTES, ALL, NOWHERE, ALL, put_peak},
	{"waste_max", "MaxWaste", "The most live bytes, at one time, that nobody asked for", UNIT_BYTES, WASTING, NOWHERE, WASTING, put_waste_max},
	{"waste_at_worst", "AtWorst", "Waste of this row when that of all rows together was largest", UNIT_BYTES, WASTING, NOWHERE, OBJECTS, put_worst},
	{"hit", "Hits", "Allocations that succeeded", UNIT_COUNT, ALL, ALL & ~BOTH, PAGES | OF(STAT_CPU), put_hit},
	{"req_each", "Req/n", "Bytes asked for by one allocation, on average", UNIT_COUNT, OBJECTS, ALL, NOWHERE, put_req_each},
	{"alloc_each", "Alloc/n", "Bytes given to one allocation, on average", UNIT_COUNT, OBJECTS, ALL, NOWHERE, put_alloc_each},
	{"pingpong", "Pingp", "Objects freed on another CPU than they were allocated on", UNIT_COUNT, ALL, OBJECTS, OF(STAT_CPU), put_pingpong},
	{"frag_percent", "Frag", "Waste as a share of Alloc", UNIT_PERCENT, OBJECTS, ALL, NOWHERE, put_frag},
	{"cross_node_frees", "XNode", "Frees on another NUMA node", UNIT_COUNT, ALL, NOWHERE, OF(STAT_CPU), put_cross_frees},
	{"life_p50_ns", "p50", "Half lived no longer (those whose free was seen)", UNIT_NS, ALL, NOWHERE, ALL & ~OF(STAT_CPU), put_p50},
	{"life_p99_ns", "p99", "99 per cent lived no longer", UNIT_NS, ALL, NOWHERE, OBJECTS | PAGES, put_p99},
	{"short_percent", "<1ms", "Share that lived less than 1 ms", UNIT_PERCENT, ALL, NOWHERE, ALL & ~OF(STAT_CPU), put_short},
	{"hits_per_s", "Hits/s", "Allocations per second of the time counted", UNIT_REAL, ALL, NOWHERE, OBJECTS, put_rate},
};

/* Never shown as text. */
static const struct stat_column more_columns[] = {
	{"freed", "Freed", "Frees of these allocations", UNIT_COUNT, ALL, 0, 0, put_freed},
	{"implicit_frees", "Implicit", "Of freed: without an event", UNIT_COUNT, ALL, 0, 0, put_implicit},
	{"failed", "Failed", "Allocations that got no memory", UNIT_COUNT, ALL, 0, 0, put_failed},
	{"self_hit", "Self", "Of hits: the recorder's own", UNIT_COUNT, ALL, 0, 0, put_self},
	{"bytes_freed", "Freed", "Of Alloc: freed", UNIT_BYTES, ALL, 0, 0, put_bytes_freed},
	{"bytes_req_max", "Largest", "The largest single request", UNIT_BYTES, WASTING, 0, 0, put_req_max},
	{"live_bytes_req", "Live req", "Asked for and not freed", UNIT_BYTES, WASTING, 0, 0, put_live_req},
	{"live_waste", "Live waste", "Waste not freed", UNIT_BYTES, WASTING, 0, 0, put_live_waste},
	{"page_hit", "Page hits", "Page allocations", UNIT_COUNT, BOTH, 0, 0, put_page_hit},
	{"page_live_bytes", "Live pages", "Pages not freed", UNIT_BYTES, BOTH, 0, 0, put_page_live},
	{"peak_bytes_req", "Peak req", "The most bytes asked for that were live", UNIT_BYTES, WASTING, 0, 0, put_peak_req},
	{"peak_at_ns", "Peak at", "When it was first", UNIT_MOMENT, ALL, 0, 0, put_peak_at},
	{"waste_max_at_ns", "Max at", "When waste_max was first", UNIT_MOMENT, WASTING, 0, 0, put_waste_max_at},
	{"ended", "Ended", "Frees with an event: lifetimes are of these", UNIT_COUNT, ALL, 0, 0, put_ended},
	{"cross_node_allocs", "XNode allocs", "Another node was asked for than the CPU's", UNIT_COUNT, WASTING, 0, 0, put_cross_allocs},
};
/* clang-format on */

/* Those of the list that the table has; returns how many. */
static unsigned int choose(const struct stat_shown *shown,
			   const struct stat_column *list, size_t count,
			   struct table_column *columns, stat_put *puts)
{
	unsigned int used = 0;

	for (size_t i = 0; i < count; i++) {
		const struct stat_column *column = &list[i];
		unsigned int bit = OF(shown->table);
		unsigned int as_text = shown->wide
					   ? column->detailed | column->plain
				       : shown->detail ? column->detailed
						       : column->plain;
		bool text = bit & as_text;
		bool name =
		    column->put == put_symbol || column->put == put_who ||
		    column->put == put_cache || column->put == put_gfp_short;

		if (!(column->tables & bit))
			continue;
		puts[used] = column->put;
		columns[used++] = (struct table_column){
		    .name = column->name,
		    .title = column->title,
		    .meaning = column->meaning,
		    .unit = column->unit,
		    .flags = !text  ? TABLE_NO_TEXT
			     : name ? TABLE_GIVES_WAY
				    : 0,
		};
	}
	return used;
}

unsigned int stat_columns(const struct stat_shown *shown,
			  struct table_column columns[STAT_COLUMNS_MAX],
			  stat_put puts[STAT_COLUMNS_MAX])
{
	unsigned int count =
	    choose(shown, all_columns,
		   sizeof(all_columns) / sizeof(*all_columns), columns, puts);

	count += choose(shown, more_columns,
			sizeof(more_columns) / sizeof(*more_columns),
			columns + count, puts + count);
	assert(count <= STAT_COLUMNS_MAX);
	return count;
}
