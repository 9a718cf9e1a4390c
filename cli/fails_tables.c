#include "cli/fails_tables.h"

#include <string.h>

#include "analysis/gfp_text.h"
#include "core/event.h"

#define COUNT_OF(array) (sizeof(array) / sizeof(*(array)))

static const struct table_column order_columns[] = {
    {"order", "Order", "Blocks of 2^order pages", UNIT_COUNT, 0},
    {"bytes", "Block", "Size of a block", UNIT_BYTES, 0},
    {"fails", "Fails", "Whether a request would have failed", UNIT_TEXT, 0},
    {"moment_ns", "Moment", "First that failed, else the tightest", UNIT_MOMENT,
     0},
    {"serves", "In a row", "Requests that would have been served then",
     UNIT_COUNT, 0},
    {"free_pages", "Free pages", "Free pages then", UNIT_PAGES, 0},
    {"failed", "Failed", "Allocations of it that failed in the kernel",
     UNIT_COUNT, 0},
    {"first_failed_ns", "First failed", "When the first of them did",
     UNIT_MOMENT, TABLE_NO_TEXT},
    {"failed_agreed", "Agreed",
     "Of those that failed: a request would have by the rule, too", UNIT_COUNT,
     TABLE_NO_TEXT},
    {"fallbacks", "Fallbacks",
     "Allocations of it from another migratetype's blocks", UNIT_COUNT, 0},
};

static const struct table_column request_columns[] = {
    {"order", "Order", "Of the row above", UNIT_COUNT, 0},
    {"comm", "Task", "Comm of the task that allocated then", UNIT_TEXT, 0},
    {"pid", "Pid", "Its pid", UNIT_ID, TABLE_NO_TEXT},
    {"cpu", "CPU", "On which CPU", UNIT_ID, TABLE_NO_TEXT},
    {"asked", "Asked", "Order that it asked for", UNIT_COUNT, 0},
    {"use", "For", "What the pages were for", UNIT_TEXT, 0},
    {"callsite", "Call site", "Of the first object in them", UNIT_TEXT,
     TABLE_GIVES_WAY},
    {"gfp_flags", "GFP", "What it allowed, in short", UNIT_TEXT, 0},
};

static const struct table_column space_columns[] = {
    {"order", "Order", "Of the row above", UNIT_COUNT, 0},
    {"free", "Free", "Pages in the free areas", UNIT_PAGES, 0},
    {"pcp", "Per CPU", "Pages on per-CPU lists", UNIT_PAGES, 0},
    {"slab", "Slab", "Pages of slabs", UNIT_PAGES, 0},
    {"large", "Large", "Pages of large kmallocs since the start", UNIT_PAGES,
     0},
    {"movable", "Movable", "Movable pages asked for since the start",
     UNIT_PAGES, 0},
    {"unmovable", "Unmovable", "Other pages asked for since the start",
     UNIT_PAGES, 0},
    {"before", "Before", "In use since before the start", UNIT_PAGES, 0},
    {"managed", "All", "Pages that the zones manage", UNIT_PAGES, 0},
    {"compacted", "Compacted",
     "Free blocks of a huge page's size, were all movable pages out of the way",
     UNIT_COUNT, TABLE_NO_TEXT},
};

static const struct table_column holder_columns[] = {
    {"holder", "Holder", "Cache, or comm of the tasks", UNIT_TEXT,
     TABLE_GIVES_WAY},
    {"use", "What", "Slabs, or pages asked for directly", UNIT_TEXT, 0},
    {"pages", "Pages", "Held at that moment", UNIT_PAGES, 0},
    {"share", "Share", "Of all pages that the zones manage", UNIT_PERCENT, 0},
    {"gfp_flags", "GFP", "What the pages were asked for with", UNIT_TEXT, 0},
};

static const struct table_column room_columns[] = {
    {"moment_ns", "Moment", "When", UNIT_MOMENT, 0},
    {"free", "Free", "Free blocks of a huge page's size", UNIT_COUNT, 0},
    {"compacted", "Compacted",
     "Were all movable pages moved out of the way, zone by zone", UNIT_COUNT,
     0},
    {"packed", "Packed", "Were all pages packed: free pages per block",
     UNIT_COUNT, 0},
    {"lost", "Pinned",
     "Blocks that perfect packing would free and compaction cannot", UNIT_COUNT,
     0},
};

static void put_moment(struct table *table, uint64_t ts_ns)
{
	if (ts_ns)
		table_int(table, (int64_t)ts_ns);
	else
		table_none(table);
}

static void put_name(struct table *table, const struct trace *trace,
		     uint32_t name)
{
	if (name)
		table_text(table, names_get(&trace->names, name));
	else
		table_none(table);
}

static void put_gfp(struct table *table, const struct trace *trace,
		    uint32_t flags)
{
	char text[GFP_TEXT_MAX];

	table_text(table, gfp_format_short(&trace->info.gfp, flags, text));
}

/* False: what was asked for directly is not in the trace. */
static bool has_page_events(const struct trace *trace)
{
	const char *want = event_kind_word(EV_PAGE_ALLOC);

	for (uint32_t i = 0; i < trace->tracepoint_count; i++)
		if (trace->tracepoints[i].count &&
		    !strcmp(
			names_get(&trace->names, trace->tracepoints[i].name),
			want))
			return true;
	return false;
}

/* known: whether it fails at all. */
static void put_order(struct table *table, const struct trace *trace,
		      uint32_t order, const struct order_fate *fate, bool known)
{
	table_int(table, order);
	table_int(table, (int64_t)((uint64_t)trace->info.page_size << order));
	if (known) {
		table_text(table, !fate->fails	   ? "no"
				  : fate->at_start ? "at start"
						   : "yes");
		put_moment(table, fate->ts_ns);
		table_int(table, (int64_t)fate->serves);
		table_int(table, (int64_t)fate->free_pages);
	} else {
		for (int i = 0; i < 4; i++)
			table_none(table);
	}
	table_int(table, (int64_t)fate->failed);
	put_moment(table, fate->first_failed_ns);
	table_int(table, (int64_t)fate->failed_agreed);
	table_int(table, (int64_t)fate->fallbacks);
}

static void put_use(struct table *table, const struct trace *trace,
		    const struct order_request *request)
{
	if (!request->known)
		table_none(table);
	else if (request->use == SITE_BACKS_SLAB && request->cache)
		put_name(table, trace, request->cache);
	else
		table_text(table, request->use == SITE_BACKS_SLAB    ? "slab"
				  : request->use == SITE_BACKS_LARGE ? "kmalloc"
								     : "pages");
}

static void put_request(struct table *table, const struct trace *trace,
			uint32_t order, const struct order_request *request)
{
	char text[SYMBOL_TEXT_MAX];
	const char *comm = trace_comm(trace, request->pid);

	table_int(table, order);
	if (comm[0])
		table_text(table, comm);
	else
		table_none(table);
	table_int(table, request->pid);
	table_int(table, request->cpu);
	if (request->known && !request->object)
		table_int(table, request->order);
	else
		table_none(table);
	put_use(table, trace, request);
	if (request->call_site)
		table_text(table, symbols_format(&trace->symbols,
						 request->call_site, text));
	else
		table_none(table);
	if (request->known)
		put_gfp(table, trace, request->gfp_flags);
	else
		table_none(table);
}

static void put_space(struct table *table, uint32_t order,
		      const struct order_space *space, bool rooms)
{
	table_int(table, order);
	table_int(table, (int64_t)space->free);
	table_int(table, (int64_t)space->pcp);
	table_int(table, (int64_t)space->slab);
	table_int(table, (int64_t)space->large);
	table_int(table, (int64_t)space->movable);
	table_int(table, (int64_t)space->unmovable);
	table_int(table, (int64_t)space->before);
	table_int(table, (int64_t)space->managed);
	if (rooms)
		table_int(table, (int64_t)space->blocks.compacted);
	else
		table_none(table);
}

static void put_holders(struct table *table, const struct trace *trace,
			const struct order_space *space)
{
	for (size_t i = 0; i < space->holder_count; i++) {
		const struct order_holder *holder = &space->holders[i];

		put_name(table, trace, holder->name);
		table_text(table, holder->slab ? "slabs" : "pages");
		table_int(table, (int64_t)holder->pages);
		table_real(table, space->managed ? 100 * (double)holder->pages /
						       (double)space->managed
						 : 0);
		if (holder->slab)
			table_none(table);
		else
			put_gfp(table, trace, holder->gfp_flags);
	}
}

/* The order whose holders are shown; -1: none failed. */
static int told_order(const struct replay_orders *orders, int order)
{
	int failed = -1;

	if (order != FAILS_ALL_ORDERS)
		return orders->fates[order].fails ? order : -1;
	for (int i = (int)orders->order_count - 1; i >= 0; i--)
		if (orders->fates[i].fails && orders->fates[i].at_start)
			failed = i;
	for (int i = (int)orders->order_count - 1; i >= 0; i--)
		if (orders->fates[i].fails && !orders->fates[i].at_start)
			failed = i;
	return failed;
}

/* Evenly spread over the time, the first and the last among them. */
static void put_rooms(struct table *table, const struct replay_orders *orders)
{
	size_t count = orders->room_count;
	size_t rows = count < FAILS_ROOMS ? count : FAILS_ROOMS;

	for (size_t i = 0; i < rows; i++) {
		const struct order_room *room =
		    &orders->rooms[rows > 1 ? i * (count - 1) / (rows - 1) : 0];
		const struct block_room *blocks = &room->blocks;

		table_int(table, (int64_t)room->ts_ns);
		table_int(table, (int64_t)blocks->free);
		table_int(table, (int64_t)blocks->compacted);
		table_int(table, (int64_t)blocks->packed);
		table_int(table, (int64_t)(blocks->packed - blocks->compacted));
	}
}

/* Where the kernel itself failed, the rule is held against it. */
static void note_agreed(struct table *table, const struct replay_orders *orders)
{
	uint64_t failed = 0, agreed = 0;

	for (uint32_t i = 0; i < orders->order_count; i++) {
		failed += orders->fates[i].failed;
		agreed += orders->fates[i].failed_agreed;
	}
	if (failed)
		table_note(table,
			   "the kernel failed %llu allocations; at %llu of "
			   "these moments the rule says the same",
			   (unsigned long long)failed,
			   (unsigned long long)agreed);
}

static void tables_init(const struct replay_run *run, bool known, int told,
			struct table tables[FAILS_TABLES])
{
	table_init(&tables[0], "orders", order_columns, COUNT_OF(order_columns),
		   "When a request of each order would fail, %s",
		   run->result.model);
	table_init(&tables[1], "requests", request_columns,
		   COUNT_OF(request_columns),
		   "What was allocated at that moment");
	table_init(&tables[2], "space", space_columns, COUNT_OF(space_columns),
		   "What memory was used for when it failed, in pages");
	table_init(&tables[4], "rooms", room_columns, COUNT_OF(room_columns),
		   "Free blocks of order %u, and what could be",
		   run->orders.block_order);
	if (!run->orders.room_count)
		table_note(&tables[4],
			   "only a recorded replay that starts from "
			   "kpageflags and zoneinfo knows which pages are in "
			   "the way");
	if (told < 0)
		table_init(&tables[3], "holders", holder_columns,
			   COUNT_OF(holder_columns),
			   known ? "Who held the memory: no order failed"
				 : "Who held the memory: not known");
	else
		table_init(&tables[3], "holders", holder_columns,
			   COUNT_OF(holder_columns),
			   "Who held the memory when order %d failed", told);
}

void fails_tables(const struct replay_run *run, const struct trace *trace,
		  int order, struct table tables[FAILS_TABLES])
{
	const struct replay_orders *orders = &run->orders;
	int told = told_order(orders, order);
	bool has_pages = has_page_events(trace);

	tables_init(run, has_pages, told, tables);
	for (uint32_t i = 0; i < orders->order_count; i++) {
		const struct order_fate *fate = &orders->fates[i];
		/* What is not known took more memory: a failure is true. */
		bool known = has_pages || fate->fails;

		if (order != FAILS_ALL_ORDERS && (int)i != order)
			continue;
		put_order(&tables[0], trace, i, fate, known);
		if (!fate->at_start && known)
			put_request(&tables[1], trace, i, &fate->request);
		if (fate->fails)
			put_space(&tables[2], i, &fate->space,
				  orders->room_count);
	}
	if (told >= 0)
		put_holders(&tables[3], trace, &orders->fates[told].space);
	put_rooms(&tables[4], orders);
	table_note(&tables[0],
		   "a GFP_KERNEL request for unmovable memory, above the min "
		   "watermark, without reclaim or compaction; start: %s",
		   run->result.start);
	note_agreed(&tables[0], orders);
	if (!has_pages)
		table_note(&tables[0], "the trace has no page events: what "
				       "was taken besides slabs is not known, "
				       "nor, therefore, whether and when an "
				       "order would fail");
}
