/*
 * Counting in constant time per event.
 *
 *   allocation ── hash of the row's key ──▶ index ──▶ rows[r] ──▶ sites[s]
 *        └── live[slot] = r                            sums        live, peak
 *   free ──────── live[slot] = r ──▶ rows[r] ──▶ sites[s]
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

#include "analysis/number_index.h"
#include "core/snapshot.h"

enum { NONE = NUMBER_NONE };

/* What a call site (or a row of pages) holds at the moment. */
struct site {
	uint64_t live_alloc, live_req, peak_alloc, peak_req;
};

struct stat_sink {
	struct stat_options options;
	struct number_index row_index, site_index, address_index;
	struct site_summary *rows;
	struct row_key *row_keys;
	uint32_t *site_of_row;
	size_t row_count, row_cap;
	struct site *sites;
	uint64_t *site_keys; /* call_site of each, pages: unused */
	bool *site_self;
	size_t site_count, site_cap;
	struct stat_row *addresses;
	size_t address_count, address_cap;
	/* By slot: the row, and the address row, of the live object. */
	uint32_t *live, *live_address;
	size_t live_cap;
	uint64_t counted, skipped;
};

/*
 * What tells rows apart, by the names of struct site_summary, packed so that
 * a comparison is four.
 */
struct row_key {
	uint64_t call_site, bytes_each;
	uint32_t name, gfp_flags;
	uint64_t kinds; /* pack_kinds() */
};

_Static_assert(sizeof(struct row_key) == 32, "two in a cache line");

/* Grows an array to hold count + 1 elements of the given size. */
static int reserve(void **array, size_t *cap, size_t count, size_t size)
{
	size_t bigger = *cap ? *cap * 2 : 64;
	void *grown;

	if (count < *cap)
		return 0;
	if (count >= NONE - 1)
		return ERR_LIMIT;
	grown = realloc(*array, bigger * size);
	if (!grown)
		return ERR_NOMEM;
	*array = grown;
	*cap = bigger;
	return 0;
}

enum {
	KEY_ORDER_SHIFT = 8,
	KEY_TYPE_SHIFT = 16,
	KEY_BACKING_SHIFT = 24,
	KEY_LARGE_SHIFT = 32,
	KEY_SELF_SHIFT = 33,
};

static uint64_t row_hash(const struct row_key *key)
{
	return number_hash(
	    number_hash(key->call_site,
			key->kinds ^ (uint64_t)key->name << KEY_SELF_SHIFT),
	    key->bytes_each ^ (uint64_t)key->gfp_flags << 32);
}

static bool row_equal(const struct row_key *a, const struct row_key *b)
{
	return a->call_site == b->call_site && a->kinds == b->kinds &&
	       a->bytes_each == b->bytes_each && a->name == b->name &&
	       a->gfp_flags == b->gfp_flags;
}

static bool key_is_page(const struct row_key *key)
{
	return (uint8_t)key->kinds == EV_PAGE_ALLOC;
}

static bool key_is_self(const struct row_key *key)
{
	return key->kinds >> KEY_SELF_SHIFT & 1;
}

/* A row without counts. */
static struct site_summary row_of(const struct row_key *key)
{
	uint64_t kinds = key->kinds;

	return (struct site_summary){
	    .call_site = key->call_site,
	    .name = key->name,
	    .kind = (uint8_t)kinds,
	    .order = (uint8_t)(kinds >> KEY_ORDER_SHIFT),
	    .migratetype = (int8_t)(kinds >> KEY_TYPE_SHIFT),
	    .backing = (uint8_t)(kinds >> KEY_BACKING_SHIFT),
	    .gfp_flags = key->gfp_flags,
	    .self = key_is_self(key),
	    .large = kinds >> KEY_LARGE_SHIFT & 1,
	    .bytes_each = key->bytes_each,
	};
}

static int site_new(struct stat_sink *sink, uint64_t call_site, bool self,
		    uint32_t *number)
{
	size_t cap = sink->site_cap, cap_keys = cap, cap_self = cap;
	int ret;

	ret = reserve((void **)&sink->site_keys, &cap_keys, sink->site_count,
		      sizeof(*sink->site_keys));
	if (!ret)
		ret = reserve((void **)&sink->site_self, &cap_self,
			      sink->site_count, sizeof(*sink->site_self));
	if (!ret)
		ret = reserve((void **)&sink->sites, &cap, sink->site_count,
			      sizeof(*sink->sites));
	if (ret)
		return ret;
	sink->site_cap = cap;
	*number = (uint32_t)sink->site_count++;
	sink->sites[*number] = (struct site){0};
	sink->site_keys[*number] = call_site;
	sink->site_self[*number] = self;
	return 0;
}

/* The site of a new row: shared by all object rows of one call site. */
static int site_find(struct stat_sink *sink, const struct row_key *key,
		     uint32_t *number)
{
	bool self = key_is_self(key);
	uint64_t hash = number_hash(key->call_site, self);
	size_t at = SIZE_MAX;
	int ret;

	if (key_is_page(key))
		return site_new(sink, 0, self, number);
	for (;;) {
		*number = number_index_next(&sink->site_index, hash, &at);
		if (*number == NONE)
			break;
		if (sink->site_keys[*number] == key->call_site &&
		    sink->site_self[*number] == self)
			return 0;
	}
	ret = number_index_reserve(&sink->site_index);
	if (!ret)
		ret = site_new(sink, key->call_site, self, number);
	if (!ret)
		number_index_add(&sink->site_index, hash, *number);
	return ret;
}

static int row_new(struct stat_sink *sink, const struct row_key *key,
		   uint64_t hash, uint32_t *number)
{
	size_t cap = sink->row_cap, cap_sites = cap, cap_keys = cap;
	uint32_t site = 0;
	int ret;

	ret = reserve((void **)&sink->site_of_row, &cap_sites, sink->row_count,
		      sizeof(*sink->site_of_row));
	if (!ret)
		ret = reserve((void **)&sink->row_keys, &cap_keys,
			      sink->row_count, sizeof(*sink->row_keys));
	if (!ret)
		ret = reserve((void **)&sink->rows, &cap, sink->row_count,
			      sizeof(*sink->rows));
	if (!ret)
		ret = number_index_reserve(&sink->row_index);
	if (!ret)
		ret = site_find(sink, key, &site);
	if (ret)
		return ret;
	sink->row_cap = cap;
	*number = (uint32_t)sink->row_count++;
	sink->rows[*number] = row_of(key);
	sink->row_keys[*number] = *key;
	sink->site_of_row[*number] = site;
	number_index_add(&sink->row_index, hash, *number);
	return 0;
}

static int row_find(struct stat_sink *sink, const struct row_key *key,
		    uint32_t *number)
{
	uint64_t hash = row_hash(key);
	size_t at = SIZE_MAX;

	for (;;) {
		*number = number_index_next(&sink->row_index, hash, &at);
		if (*number == NONE)
			return row_new(sink, key, hash, number);
		if (row_equal(&sink->row_keys[*number], key))
			return 0;
	}
}

/* Objects: one row per address; page blocks: one per kind of block. */
static bool address_equal(const struct stat_row *row, uint64_t addr,
			  const struct site_summary *made)
{
	const struct site_summary *sum = &row->sum;

	if (row->addr != addr || sum->self != made->self)
		return false;
	if (made->kind != EV_PAGE_ALLOC)
		return sum->kind != EV_PAGE_ALLOC;
	return sum->kind == EV_PAGE_ALLOC && sum->order == made->order &&
	       sum->migratetype == made->migratetype &&
	       sum->gfp_flags == made->gfp_flags &&
	       sum->backing == made->backing;
}

static int address_find(struct stat_sink *sink, uint64_t addr,
			const struct site_summary *made, uint32_t *number)
{
	uint64_t hash = number_hash(addr, made->kind == EV_PAGE_ALLOC);
	size_t at = SIZE_MAX;
	int ret;

	for (;;) {
		*number = number_index_next(&sink->address_index, hash, &at);
		if (*number == NONE)
			break;
		if (address_equal(&sink->addresses[*number], addr, made))
			return 0;
	}
	ret = reserve((void **)&sink->addresses, &sink->address_cap,
		      sink->address_count, sizeof(*sink->addresses));
	if (!ret)
		ret = number_index_reserve(&sink->address_index);
	if (ret)
		return ret;
	*number = (uint32_t)sink->address_count++;
	sink->addresses[*number] = (struct stat_row){addr, *made};
	number_index_add(&sink->address_index, hash, *number);
	return 0;
}

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

static void site_grow(struct site *site, uint64_t req, uint64_t alloc)
{
	site->live_alloc += alloc;
	site->live_req += req;
	if (site->live_alloc > site->peak_alloc)
		site->peak_alloc = site->live_alloc;
	if (site->live_req > site->peak_req)
		site->peak_req = site->live_req;
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
	made = row_of(key);
	ret = address_find(sink, ev->addr, &made, &number);
	if (ret)
		return ret;
	sum = &sink->addresses[number].sum;
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
	struct site *site;
	uint32_t from = to;

	if (ev->object && ev->slot < sink->live_cap &&
	    sink->live[ev->slot] != NONE)
		from = sink->live[ev->slot];
	first = &sink->rows[from];
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
	site = &sink->sites[sink->site_of_row[from]];
	site->live_alloc -= alloc;
	site->live_req -= req;
	sum_alloc(&sink->rows[to], req, alloc, crosses);
	site_grow(&sink->sites[sink->site_of_row[to]], req, alloc);
	sink->live[ev->slot] = to;
	if (sink->live_address && sink->live_address[ev->slot] != NONE)
		sink->addresses[sink->live_address[ev->slot]].sum.call_site =
		    ev->call_site;
}

static int feed_alloc(struct stat_sink *sink, const struct kmem_event *ev)
{
	uint64_t req, alloc;
	struct row_key key = key_of(sink, ev, &req, &alloc);
	bool crosses = crosses_nodes(sink, ev);
	uint32_t number;
	int ret = row_find(sink, &key, &number);

	if (ret)
		return ret;
	if (ev->flags & EVF_FAILED) {
		sink->rows[number].failed++;
		return 0;
	}
	if (ev->flags & EVF_DUPLICATE) {
		feed_duplicate(sink, ev, number);
		return 0;
	}
	sum_alloc(&sink->rows[number], req, alloc, crosses);
	site_grow(&sink->sites[sink->site_of_row[number]], req, alloc);
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
	int ret = row_find(sink, &key, &number);

	if (ret)
		return ret;
	sum = &sink->rows[number];
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
	struct site *site;
	uint32_t number;

	if (!ev->object || (ev->flags & EVF_NO_OBJECT) ||
	    ev->slot >= sink->live_cap || sink->live[ev->slot] == NONE)
		return feed_unknown(sink, ev);
	number = sink->live[ev->slot];
	if (ev->kind == EV_PAGE_FREE)
		req = alloc = (uint64_t)sink->options.page_size << ev->order;
	sum_free(&sink->rows[number], ev, req, alloc, last);
	site = &sink->sites[sink->site_of_row[number]];
	site->live_alloc -= alloc;
	site->live_req -= req;
	if (sink->live_address && sink->live_address[ev->slot] != NONE) {
		sum_free(&sink->addresses[sink->live_address[ev->slot]].sum, ev,
			 req, alloc, last);
		if (last)
			sink->live_address[ev->slot] = NONE;
	}
	if (last)
		sink->live[ev->slot] = NONE;
	return 0;
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
		sink->counted++;
		ret = feed_one(sink, &events[i]);
		if (ret)
			return err_set(err, ret,
				       "statistics: %s after %llu rows; give a "
				       "shorter --time",
				       err_code_text(ret),
				       (unsigned long long)sink->row_count);
	}
	return 0;
}

const struct site_summary *stat_sites(struct stat_sink *sink, size_t *count)
{
	for (size_t i = 0; i < sink->row_count; i++) {
		const struct site *site = &sink->sites[sink->site_of_row[i]];

		sink->rows[i].live_bytes_alloc_peak = site->peak_alloc;
		sink->rows[i].live_bytes_req_peak = site->peak_req;
	}
	*count = sink->row_count;
	return sink->rows;
}

const struct stat_row *stat_addresses(const struct stat_sink *sink,
				      size_t *count)
{
	*count = sink->address_count;
	return sink->addresses;
}

uint64_t stat_skipped(const struct stat_sink *sink)
{
	return sink->skipped;
}

uint64_t stat_counted(const struct stat_sink *sink)
{
	return sink->counted;
}

/* Per site: what its rows say is live, against what the site says. */
bool stat_check(const struct stat_sink *sink)
{
	struct site *sums = calloc(sink->site_count + 1, sizeof(*sums));
	bool good = sums != NULL;
	size_t live = 0;

	for (size_t i = 0; good && i < sink->row_count; i++) {
		const struct site_summary *row = &sink->rows[i];
		struct site *sum = &sums[sink->site_of_row[i]];

		if (!row->allocs)
			continue;
		sum->live_alloc += row->bytes_alloc - row->bytes_alloc_freed;
		sum->live_req += row->bytes_req - row->bytes_req_freed;
		live += (size_t)(row->allocs - row->frees);
		good = row->frees <= row->allocs;
	}
	for (size_t i = 0; good && i < sink->site_count; i++)
		good = sums[i].live_alloc == sink->sites[i].live_alloc &&
		       sums[i].live_req == sink->sites[i].live_req;
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
	*sink = opened;
	return 0;
}

void stat_close(struct stat_sink *sink)
{
	if (!sink)
		return;
	number_index_fini(&sink->row_index);
	number_index_fini(&sink->site_index);
	number_index_fini(&sink->address_index);
	free(sink->rows);
	free(sink->row_keys);
	free(sink->site_of_row);
	free(sink->sites);
	free(sink->site_keys);
	free(sink->site_self);
	free(sink->addresses);
	free(sink->live);
	free(sink->live_address);
	free(sink);
}
