/*
 * Counting in constant time per event.
 *
 *   allocation ── hash of the row's key ──▶ index ──▶ rows[r] ──▶ lines[l]
 *        └── live[slot] = r                            sums        live, peak
 *   free ──────── live[slot] = r ──▶ rows[r] ──▶ lines[l]
 *
 * Linking gives every live object a small number (slot), so a free finds the
 * row of its allocation without any look-up by address. The index is an
 * open-addressing table of row numbers with 32 bits of the hash beside each,
 * at most half full; rows lie in one array in order of first appearance.
 */
#include "analysis/stat.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "analysis/stat_addresses.h"
#include "analysis/stat_rows.h"
#include "core/snapshot.h"

enum { NONE = NUMBER_NONE };

struct stat_sink {
	struct stat_options options;
	struct stat_rows rows;
	struct stat_meter meter; /* of lines with details */
	struct stat_addresses addresses;
	/* By slot: the row, and the address row, of the live object. */
	uint32_t *live, *live_address;
	size_t live_cap;
	uint64_t skipped;
};

/* Room for live[slot]; new places hold no object. */
static int live_reserve(struct stat_sink *sink, uint32_t slot)
{
	size_t cap = sink->live_cap ? sink->live_cap : 1024;
	uint32_t *live, *live_address;

	if (slot < sink->live_cap)
		return 0;
	while (cap <= slot)
		cap *= 2;
	live = realloc(sink->live, cap * sizeof(*live));
	if (!live)
		return ERR_NOMEM;
	sink->live = live;
	if (sink->options.objects || sink->options.pages) {
		live_address =
		    realloc(sink->live_address, cap * sizeof(*live_address));
		if (!live_address)
			return ERR_NOMEM;
		sink->live_address = live_address;
		memset(live_address + sink->live_cap, 0xff,
		       (cap - sink->live_cap) * sizeof(*live_address));
	}
	memset(live + sink->live_cap, 0xff,
	       (cap - sink->live_cap) * sizeof(*live));
	sink->live_cap = cap;
	return 0;
}

static uint8_t backing_of(const struct kmem_event *ev)
{
	if (ev->flags & EVF_BACKS_SLAB)
		return SITE_BACKS_SLAB;
	return ev->flags & EVF_BACKS_LARGE ? SITE_BACKS_LARGE : SITE_DIRECT;
}

/* What the order, the type and the rest of a page event tell apart. */
static struct row_key page_key(const struct kmem_event *ev)
{
	uint64_t kinds = (uint64_t)ev->kind |
			 (uint64_t)ev->order << KEY_ORDER_SHIFT |
			 (uint64_t)backing_of(ev) << KEY_BACKING_SHIFT;

	if (ev->kind != EV_PAGE_ALLOC)
		return (struct row_key){.kinds = kinds};
	return (struct row_key){.kinds =
				    kinds | (uint64_t)(uint8_t)ev->migratetype
						<< KEY_TYPE_SHIFT,
				.gfp_flags = ev->gfp_flags};
}

/* The row key of an event, and the bytes it is about. */
static inline struct row_key key_of(const struct stat_sink *sink,
				    const struct kmem_event *ev, uint64_t *req,
				    uint64_t *alloc)
{
	uint64_t self = ev->flags & EVF_SELF ? 1ull << KEY_SELF_SHIFT : 0;
	struct row_key key;

	if (ev->kind == EV_PAGE_ALLOC || ev->kind == EV_PAGE_FREE) {
		*req = *alloc = (uint64_t)sink->options.page_size << ev->order;
		key = page_key(ev);
		key.kinds |= self;
		return key;
	}
	*req = ev->bytes_req;
	*alloc = ev->bytes_alloc;
	key.call_site = ev->call_site;
	key.name = ev->name;
	key.gfp_flags = 0;
	key.bytes_each = 0;
	key.kinds = ev->kind | self;
	if (ev->kind == EV_KMALLOC || ev->kind == EV_CACHE_ALLOC) {
		key.bytes_each = ev->bytes_alloc;
		if (ev->flags & EVF_LARGE)
			key.kinds |= 1ull << KEY_LARGE_SHIFT;
	}
	return key;
}

/* The same with the context that is asked for. */
static struct row_key key_in_context(const struct stat_sink *sink,
				     const struct kmem_event *ev,
				     struct row_key key)
{
	uint32_t context = sink->options.context(sink->options.argument, ev);

	assert(context <= STAT_CONTEXT_MAX);
	key.kinds |= (uint64_t)context << KEY_CONTEXT_SHIFT;
	return key;
}

/*
 * perf's rule (builtin-kmem.c, evsel__process_alloc_event(), 6.2 on,
 * stable kernels too): a node was asked for, and it is not the CPU's. Nobody knows
 * of a CPU whose node is not known.
 */
static bool crosses_nodes(const struct stat_sink *sink,
			  const struct kmem_event *ev)
{
	int node;

	if (!sink->options.topology || ev->node < 0)
		return false;
	node = topology_node(sink->options.topology, ev->cpu);
	return node >= 0 && node != ev->node;
}

static void sum_alloc(struct site_summary *sum, uint64_t req, uint64_t alloc,
		      bool crosses)
{
	sum->allocs++;
	sum->cross_node_allocs += crosses;
	sum->self_allocs += sum->self;
	sum->bytes_req += req;
	sum->bytes_alloc += alloc;
	if (req > sum->bytes_req_max)
		sum->bytes_req_max = req;
}

static inline struct stat_live *line_of(const struct stat_sink *sink,
					uint32_t row)
{
	return &sink->rows.lines[sink->rows.line_of[row]];
}

static inline void line_grow(struct stat_sink *sink, uint32_t row, uint64_t req,
			     uint64_t alloc, uint64_t ts_ns)
{
	struct stat_live *line = line_of(sink, row);

	line->live_alloc += alloc;
	line->live_req += req;
	if (line->live_alloc > line->peak_alloc) {
		line->peak_alloc = line->live_alloc;
		if (line->detail)
			line->detail->peak_ns = ts_ns;
	}
	if (line->live_req > line->peak_req)
		line->peak_req = line->live_req;
	if (line->detail)
		stat_meter_change(&sink->meter, line->detail, (int64_t)req,
				  (int64_t)alloc, ts_ns);
}

static inline void line_shrink(struct stat_sink *sink, uint32_t row,
			       uint64_t req, uint64_t alloc, uint64_t ts_ns)
{
	struct stat_live *line = line_of(sink, row);

	line->live_alloc -= alloc;
	line->live_req -= req;
	if (line->detail)
		stat_meter_change(&sink->meter, line->detail, -(int64_t)req,
				  -(int64_t)alloc, ts_ns);
}

/* The object that a free ends, where the line has details. */
static int line_end(struct stat_sink *sink, uint32_t row,
		    const struct kmem_event *ev)
{
	struct stat_detail *detail = line_of(sink, row)->detail;
	const struct topology *topology = sink->options.topology;

	if (!detail || ev->flags & EVF_SYNTHETIC)
		return 0;
	if (topology && ev->cpu != ev->alloc_cpu) {
		int from = topology_node(topology, ev->alloc_cpu);
		int to = topology_node(topology, ev->cpu);

		detail->cross_node_frees += from >= 0 && to >= 0 && from != to;
	}
	return stat_detail_end(detail, ev->ts_ns > ev->alloc_ts_ns
					   ? ev->ts_ns - ev->alloc_ts_ns
					   : 0);
}

static int address_alloc(struct stat_sink *sink, const struct kmem_event *ev,
			 const struct row_key *key, uint64_t req,
			 uint64_t alloc, bool crosses)
{
	bool page = ev->kind == EV_PAGE_ALLOC;
	struct site_summary made, *sum;
	uint32_t number;
	int ret;

	if (page ? !sink->options.pages : !sink->options.objects)
		return 0;
	made = stat_row_of(key);
	ret = stat_addresses_find(&sink->addresses, ev->addr, &made, &number);
	if (ret)
		return ret;
	sum = &sink->addresses.rows[number].sum;
	sum->kind = made.kind;
	sum->call_site = made.call_site;
	sum->name = made.name;
	sum->bytes_each = made.bytes_each;
	sum->large = made.large;
	sum_alloc(sum, req, alloc, crosses);
	if (ev->object)
		sink->live_address[ev->slot] = number;
	return 0;
}

/*
 * From 6.12 on the first trace of a large kmalloc names the allocator's own
 * function, the second its caller (mm/slub.c, __do_kmalloc_node()): the object
 * moves to the caller's row. The first row keeps the count of duplicates.
 */
static void feed_duplicate(struct stat_sink *sink, const struct kmem_event *ev,
			   uint32_t to)
{
	uint64_t req = ev->bytes_req, alloc = ev->bytes_alloc;
	bool crosses = crosses_nodes(sink, ev);
	struct site_summary *first;
	uint32_t from = to;

	if (ev->object && ev->slot < sink->live_cap &&
	    sink->live[ev->slot] != NONE)
		from = sink->live[ev->slot];
	first = &sink->rows.rows[from];
	first->duplicates++;
	if (from == to || first->bytes_each != alloc)
		return;
	first->allocs--;
	first->self_allocs -= first->self;
	first->bytes_req -= req;
	first->bytes_alloc -= alloc;
	/* The task may have changed to another CPU between the two traces. */
	if (crosses && first->cross_node_allocs)
		first->cross_node_allocs--;
	line_shrink(sink, from, req, alloc, ev->ts_ns);
	sum_alloc(&sink->rows.rows[to], req, alloc, crosses);
	line_grow(sink, to, req, alloc, ev->ts_ns);
	sink->live[ev->slot] = to;
	if (sink->live_address && sink->live_address[ev->slot] != NONE)
		sink->addresses.rows[sink->live_address[ev->slot]]
		    .sum.call_site = ev->call_site;
}

static int feed_alloc(struct stat_sink *sink, const struct kmem_event *ev)
{
	uint64_t req, alloc;
	struct row_key key = key_of(sink, ev, &req, &alloc);
	bool crosses = crosses_nodes(sink, ev);
	uint32_t number;
	int ret;

	if (sink->options.context)
		key = key_in_context(sink, ev, key);
	ret = stat_rows_find(&sink->rows, &key, &number);
	if (ret)
		return ret;
	if (ev->flags & EVF_FAILED) {
		sink->rows.rows[number].failed++;
		return 0;
	}
	if (ev->flags & EVF_DUPLICATE) {
		feed_duplicate(sink, ev, number);
		return 0;
	}
	sum_alloc(&sink->rows.rows[number], req, alloc, crosses);
	line_grow(sink, number, req, alloc, ev->ts_ns);
	if (ev->object) {
		ret = live_reserve(sink, ev->slot);
		if (ret)
			return ret;
		sink->live[ev->slot] = number;
	}
	return address_alloc(sink, ev, &key, req, alloc, crosses);
}

/* A free that ends no object that was counted. */
static int feed_unknown(struct stat_sink *sink, const struct kmem_event *ev)
{
	uint64_t req, alloc;
	struct row_key key = key_of(sink, ev, &req, &alloc);
	struct site_summary *sum;
	uint32_t number;
	int ret = stat_rows_find(&sink->rows, &key, &number);

	if (ret)
		return ret;
	sum = &sink->rows.rows[number];
	if (ev->flags & EVF_NO_OBJECT) {
		sum->null_frees++;
		return 0;
	}
	sum->frees++;
	sum->implicit_frees += (ev->flags & EVF_SYNTHETIC) != 0;
	sum->free_events += !(ev->flags & EVF_SYNTHETIC);
	if (ev->kind == EV_PAGE_FREE) {
		sum->bytes_req_freed += req;
		sum->bytes_alloc_freed += alloc;
	}
	return 0;
}

static void sum_free(struct site_summary *sum, const struct kmem_event *ev,
		     uint64_t req, uint64_t alloc, bool last)
{
	sum->bytes_req_freed += req;
	sum->bytes_alloc_freed += alloc;
	sum->free_events += !(ev->flags & EVF_SYNTHETIC);
	if (!last)
		return;
	sum->frees++;
	if (ev->flags & EVF_SYNTHETIC)
		sum->implicit_frees++;
	else if (ev->cpu != ev->alloc_cpu)
		sum->cross_cpu_frees++;
}

static int feed_free(struct stat_sink *sink, const struct kmem_event *ev)
{
	uint64_t req = ev->bytes_req, alloc = ev->bytes_alloc;
	bool last = !(ev->flags & EVF_BLOCK_LIVES);
	uint32_t number;

	if (!ev->object || (ev->flags & EVF_NO_OBJECT) ||
	    ev->slot >= sink->live_cap || sink->live[ev->slot] == NONE)
		return feed_unknown(sink, ev);
	number = sink->live[ev->slot];
	if (ev->kind == EV_PAGE_FREE)
		req = alloc = (uint64_t)sink->options.page_size << ev->order;
	sum_free(&sink->rows.rows[number], ev, req, alloc, last);
	line_shrink(sink, number, req, alloc, ev->ts_ns);
	if (sink->live_address && sink->live_address[ev->slot] != NONE) {
		sum_free(
		    &sink->addresses.rows[sink->live_address[ev->slot]].sum, ev,
		    req, alloc, last);
		if (last)
			sink->live_address[ev->slot] = NONE;
	}
	if (!last)
		return 0;
	sink->live[ev->slot] = NONE;
	return line_end(sink, number, ev);
}

static int feed_one(struct stat_sink *sink, const struct kmem_event *ev)
{
	switch (ev->kind) {
	case EV_PAGE_ALLOC:
		if (ev->order >= SNAPSHOT_ORDERS_MAX)
			return 0;
		return feed_alloc(sink, ev);
	case EV_KMALLOC:
	case EV_CACHE_ALLOC:
		return feed_alloc(sink, ev);
	case EV_PAGE_FREE:
		if (ev->order >= SNAPSHOT_ORDERS_MAX)
			return 0;
		return feed_free(sink, ev);
	case EV_KFREE:
	case EV_CACHE_FREE:
		return feed_free(sink, ev);
	default:
		return 0;
	}
}

int stat_feed(struct stat_sink *sink, const struct kmem_event *events,
	      size_t count, struct err *err)
{
	uint64_t from = sink->options.from_ns, to = sink->options.to_ns;

	for (size_t i = 0; i < count; i++) {
		int ret;

		if (events[i].ts_ns < from || events[i].ts_ns > to) {
			sink->skipped++;
			continue;
		}
		ret = feed_one(sink, &events[i]);
		if (ret)
			return err_set(
			    err, ret,
			    "statistics: %s after %llu rows; give a "
			    "shorter --time",
			    err_code_text(ret),
			    (unsigned long long)sink->rows.row_count);
	}
	return 0;
}

const struct site_summary *stat_sites(struct stat_sink *sink, size_t *count)
{
	struct stat_rows *rows = &sink->rows;

	for (size_t i = 0; i < rows->row_count; i++) {
		const struct stat_live *line = &rows->lines[rows->line_of[i]];

		rows->rows[i].live_bytes_alloc_peak = line->peak_alloc;
		rows->rows[i].live_bytes_req_peak = line->peak_req;
		if (line->detail)
			stat_meter_settle(&sink->meter, line->detail);
	}
	*count = rows->row_count;
	return rows->rows;
}

void stat_attach(const struct stat_sink *sink, struct stat_row *rows,
		 size_t count)
{
	for (size_t i = 0; i < count; i++) {
		const struct stat_live *line =
		    &sink->rows.lines[rows[i].sum.line];

		if (!line->detail)
			continue;
		rows[i].detail = line->detail;
		rows[i].sum.live_bytes_alloc_peak = line->peak_alloc;
		rows[i].sum.live_bytes_req_peak = line->peak_req;
	}
}

const struct stat_meter *stat_total(const struct stat_sink *sink)
{
	return &sink->meter;
}

const struct stat_row *stat_addresses(const struct stat_sink *sink,
				      size_t *count)
{
	*count = sink->addresses.count;
	return sink->addresses.rows;
}

uint64_t stat_skipped(const struct stat_sink *sink)
{
	return sink->skipped;
}

/* Per line: what its rows say is live, against what the line says. */
bool stat_check(const struct stat_sink *sink)
{
	const struct stat_rows *rows = &sink->rows;
	struct stat_live *sums = calloc(rows->line_count + 1, sizeof(*sums));
	bool good = sums != NULL;
	size_t live = 0;

	for (size_t i = 0; good && i < rows->row_count; i++) {
		const struct site_summary *row = &rows->rows[i];
		struct stat_live *sum = &sums[rows->line_of[i]];

		if (!row->allocs)
			continue;
		sum->live_alloc += row->bytes_alloc - row->bytes_alloc_freed;
		sum->live_req += row->bytes_req - row->bytes_req_freed;
		live += (size_t)(row->allocs - row->frees);
		good = row->frees <= row->allocs;
	}
	for (size_t i = 0; good && i < rows->line_count; i++)
		good = sums[i].live_alloc == rows->lines[i].live_alloc &&
		       sums[i].live_req == rows->lines[i].live_req;
	for (size_t i = 0; i < sink->live_cap; i++)
		live -= sink->live[i] != NONE;
	free(sums);
	return good && !live;
}

int stat_open(struct stat_sink **sink, const struct stat_options *options,
	      struct err *err)
{
	struct stat_sink *opened;

	assert(sink && options);
	if (!options->page_size ||
	    (options->page_size & (options->page_size - 1)))
		return err_set(err, ERR_USAGE,
			       "statistics: page size %u is no power of two",
			       options->page_size);
	opened = calloc(1, sizeof(*opened));
	if (!opened)
		return err_set(err, ERR_NOMEM, "statistics: out of memory");
	opened->options = *options;
	opened->rows.detail = options->detail;
	opened->rows.self = options->detail && options->self;
	opened->rows.table = options->detail ? options->table : STAT_NO_TABLE;
	*sink = opened;
	return 0;
}

void stat_close(struct stat_sink *sink)
{
	if (!sink)
		return;
	stat_rows_fini(&sink->rows);
	stat_addresses_fini(&sink->addresses);
	free(sink->live);
	free(sink->live_address);
	free(sink);
}
