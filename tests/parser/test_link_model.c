/*
 * Random streams through linking and through a naive linker that looks at
 * every object and every page for each event, and into the future to see what
 * a page allocation is for. Both must say the same, event by event.
 *
 * The streams are dense and wild on purpose: few pages, so that every kind of
 * overlap, missed free and partial free comes up.
 */
#include "parser/link.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tests/support/array_source.h"
#include "tests/support/test.h"

static const uint64_t BASE = 0xff11000000000000ull;

enum {
	PAGE = 4096,
	FIRST_PFN = 512,
	PAGES = 48,
	PRELUDE_PFN = 900000,
	PRELUDE = 16, /* events */
	STEPS = 500,
	SEEDS = 150,
	/* One page event can end every object and page. */
	OUT_MAX = STEPS * 40,
	OBJECTS_MAX = STEPS * 2 + PRELUDE,
};

struct thing { /* an object or a page block */
	bool live, is_page, large, twice, in_pieces;
	struct kmem_event born;
	uint32_t pages_left;
};

struct naive {
	const struct kmem_event *in;
	size_t count;
	struct thing things[OBJECTS_MAX]; /* by object id - 1 */
	uint64_t object_count;
	int64_t page_owner[PAGES]; /* index into things, -1: not live */
	bool touched[PAGES], old_slab[PAGES], old_large[PAGES];
	uint64_t freed[STEPS]; /* addresses, of pages not touched */
	size_t freed_count;
	int64_t last_large[2]; /* index into things, by CPU */
	struct kmem_event out[OUT_MAX];
	size_t out_count;
};

static uint64_t page_of(uint64_t addr)
{
	return (addr - BASE) / PAGE - FIRST_PFN;
}

static bool in_block(uint64_t addr, const struct kmem_event *block)
{
	uint64_t pfn = (addr - BASE) / PAGE;

	return pfn >= block->addr && pfn < block->addr + (1u << block->order);
}

static void emit(struct naive *n, const struct kmem_event *ev)
{
	assert_true(n->out_count < OUT_MAX);
	n->out[n->out_count++] = *ev;
}

/* What the pages of event i will hold, page by page until it is taken away. */
static uint32_t backing_of(const struct naive *n, size_t i)
{
	const struct kmem_event *block = &n->in[i];
	bool gone[PAGES] = {false};

	for (size_t j = i + 1; j < n->count; j++) {
		const struct kmem_event *ev = &n->in[j];

		if (event_is_object(ev)) {
			if (in_block(ev->addr, block) &&
			    !gone[page_of(ev->addr)])
				return ev->kind == EV_KMALLOC &&
					       ev->bytes_alloc > 2 * PAGE
					   ? EVF_BACKS_LARGE
					   : EVF_BACKS_SLAB;
			continue;
		}
		for (uint64_t p = 0; p < 1u << ev->order; p++)
			gone[ev->addr + p - FIRST_PFN] = true;
	}
	return 0;
}

static void fill(struct kmem_event *ev, struct naive *n, size_t index)
{
	const struct thing *thing = &n->things[index];

	ev->object = index + 1;
	ev->bytes_req = thing->born.bytes_req;
	ev->bytes_alloc = thing->born.bytes_alloc;
	ev->alloc_ts_ns = thing->born.ts_ns;
	ev->alloc_site = thing->born.call_site;
	ev->alloc_cpu = thing->born.cpu;
	ev->flags |=
	    thing->born.flags & (EVF_BACKS_SLAB | EVF_BACKS_LARGE | EVF_LARGE);
	if (!ev->name)
		ev->name = thing->born.name;
}

static struct kmem_event synthetic(const struct kmem_event *cause, uint8_t kind,
				   uint64_t addr, uint8_t order)
{
	return (struct kmem_event){.ts_ns = cause->ts_ns,
				   .pid = cause->pid,
				   .cpu = cause->cpu,
				   .kind = kind,
				   .addr = addr,
				   .order = order,
				   .node = -1,
				   .flags = EVF_SYNTHETIC};
}

static int64_t live_at(const struct naive *n, uint64_t addr)
{
	for (size_t i = 0; i < n->object_count; i++)
		if (n->things[i].live && !n->things[i].is_page &&
		    n->things[i].born.addr == addr)
			return (int64_t)i;
	return -1;
}

static void end_unseen(struct naive *n, size_t index,
		       const struct kmem_event *cause)
{
	struct thing *thing = &n->things[index];
	struct kmem_event ev = synthetic(
	    cause, thing->born.kind == EV_KMALLOC ? EV_KFREE : EV_CACHE_FREE,
	    thing->born.addr, 0);

	fill(&ev, n, index);
	thing->live = false;
	emit(n, &ev);
}

static void take_pages(struct naive *n, struct kmem_event *ev, size_t index)
{
	struct thing *thing = &n->things[index];

	fill(ev, n, index);
	if (ev->order != thing->born.order)
		ev->flags |= EVF_SPLIT;
	thing->pages_left -= 1u << ev->order;
	if (thing->pages_left)
		ev->flags |= EVF_BLOCK_LIVES;
	thing->live = thing->pages_left != 0;
	for (uint64_t p = 0; p < 1u << ev->order; p++)
		n->page_owner[ev->addr + p - FIRST_PFN] = -1;
}

static void end_objects_in(struct naive *n, const struct kmem_event *cause)
{
	uint64_t end = BASE + (cause->addr + (1u << cause->order)) * PAGE;

	for (uint64_t addr = BASE + cause->addr * PAGE; addr < end; addr += 64)
		if (live_at(n, addr) >= 0)
			end_unseen(n, (size_t)live_at(n, addr), cause);
}

/* The largest aligned piece first, one owner after another. */
static void end_pages_in(struct naive *n, const struct kmem_event *cause)
{
	uint64_t end = cause->addr + (1u << cause->order);

	for (uint64_t pfn = cause->addr; pfn < end;) {
		int64_t owner = n->page_owner[pfn - FIRST_PFN];
		struct kmem_event ev;
		uint8_t order = 0;

		if (owner < 0) {
			pfn++;
			continue;
		}
		for (uint8_t try = 1; try <= cause->order; try++) {
			bool fits =
			    pfn % (1u << try) == 0 && pfn + (1u << try) <= end;

			for (uint64_t p = 0; fits && p < 1u << try; p++)
				fits =
				    n->page_owner[pfn + p - FIRST_PFN] == owner;
			if (!fits)
				break;
			order = try;
		}
		ev = synthetic(cause, EV_PAGE_FREE, pfn, order);
		take_pages(n, &ev, (size_t)owner);
		emit(n, &ev);
		pfn += 1u << order;
	}
}

static void naive_alloc(struct naive *n, struct kmem_event ev)
{
	bool large = ev.kind == EV_KMALLOC && ev.bytes_alloc > 2 * PAGE;
	int64_t old = live_at(n, ev.addr);
	uint64_t page = page_of(ev.addr);

	if (old >= 0 && large && n->last_large[ev.cpu] == old &&
	    !n->things[old].twice &&
	    n->things[old].born.bytes_req == ev.bytes_req &&
	    n->things[old].born.bytes_alloc == ev.bytes_alloc) {
		n->things[old].twice = true;
		ev.flags |= EVF_DUPLICATE | EVF_LARGE;
		ev.object = (uint64_t)old + 1;
		emit(n, &ev);
		return;
	}
	if (old >= 0)
		end_unseen(n, (size_t)old, &ev);
	if (large) {
		ev.flags |= EVF_LARGE;
		n->last_large[ev.cpu] = (int64_t)n->object_count;
	}
	if (n->page_owner[page] < 0 && large)
		n->old_large[page] = true;
	else if (n->page_owner[page] < 0)
		n->old_slab[page] = true;
	n->things[n->object_count++] = (struct thing){.live = true, .born = ev};
	ev.object = n->object_count;
	emit(n, &ev);
}

static bool freed_before(const struct naive *n, uint64_t addr)
{
	for (size_t i = 0; i < n->freed_count; i++)
		if (n->freed[i] == addr)
			return true;
	return false;
}

static void naive_free(struct naive *n, struct kmem_event ev)
{
	int64_t old = live_at(n, ev.addr);
	uint64_t page = page_of(ev.addr);

	if (n->page_owner[page] < 0)
		n->old_slab[page] = true;
	if (old >= 0) {
		fill(&ev, n, (size_t)old);
		n->things[old].live = false;
	} else {
		ev.flags |= n->touched[page] || freed_before(n, ev.addr)
				? EVF_HIDDEN_OBJECT
				: EVF_UNKNOWN_OBJECT;
	}
	n->freed[n->freed_count++] = ev.addr;
	emit(n, &ev);
}

static void set_pages(struct naive *n, const struct kmem_event *ev,
		      int64_t owner)
{
	for (uint64_t p = 0; p < 1u << ev->order; p++) {
		uint64_t page = ev->addr + p - FIRST_PFN;

		n->page_owner[page] = owner;
		n->touched[page] = true;
		n->old_slab[page] = n->old_large[page] = false;
	}
}

static void naive_page_alloc(struct naive *n, struct kmem_event ev, size_t i)
{
	end_objects_in(n, &ev);
	end_pages_in(n, &ev);
	ev.flags |= backing_of(n, i);
	n->things[n->object_count++] = (struct thing){
	    .live = true,
	    .is_page = true,
	    .born = ev,
	    .pages_left = 1u << ev.order,
	};
	ev.object = n->object_count;
	set_pages(n, &ev, (int64_t)n->object_count - 1);
	emit(n, &ev);
}

static void naive_page_free(struct naive *n, struct kmem_event ev)
{
	int64_t owner = n->page_owner[ev.addr - FIRST_PFN];
	bool one = owner >= 0, touched = false;

	end_objects_in(n, &ev);
	for (uint64_t p = 0; p < 1u << ev.order; p++) {
		uint64_t page = ev.addr + p - FIRST_PFN;

		one = one && n->page_owner[page] == owner;
		touched = touched || n->touched[page];
	}
	if (one) {
		take_pages(n, &ev, (size_t)owner);
	} else {
		end_pages_in(n, &ev);
		ev.flags |= touched ? EVF_HIDDEN_OBJECT : EVF_UNKNOWN_OBJECT;
		for (uint64_t p = 0; p < 1u << ev.order; p++) {
			uint64_t page = ev.addr + p - FIRST_PFN;

			if (n->old_large[page])
				ev.flags |= EVF_BACKS_LARGE;
			else if (n->old_slab[page])
				ev.flags |= EVF_BACKS_SLAB;
		}
	}
	set_pages(n, &ev, -1);
	emit(n, &ev);
}

static void naive_run(struct naive *n, const struct kmem_event *in,
		      size_t count)
{
	memset(n, 0, sizeof(*n));
	n->in = in;
	n->count = count;
	n->last_large[0] = n->last_large[1] = -1;
	for (int i = 0; i < PAGES; i++)
		n->page_owner[i] = -1;
	for (size_t i = 0; i < count; i++) {
		if (in[i].kind == EV_PAGE_ALLOC)
			naive_page_alloc(n, in[i], i);
		else if (in[i].kind == EV_PAGE_FREE)
			naive_page_free(n, in[i]);
		else if (in[i].kind == EV_KFREE || in[i].kind == EV_CACHE_FREE)
			naive_free(n, in[i]);
		else
			naive_alloc(n, in[i]);
	}
}

static uint64_t next_random(uint64_t *seed, uint64_t below)
{
	*seed = *seed * 6364136223846793005ull + 1442695040888963407ull;
	return (*seed >> 33) % below;
}

static void random_event(struct kmem_event *ev, uint64_t *seed, size_t i)
{
	static const uint8_t kinds[] = {
	    EV_KMALLOC, EV_KMALLOC,    EV_CACHE_ALLOC, EV_KFREE,
	    EV_KFREE,	EV_CACHE_FREE, EV_PAGE_ALLOC,  EV_PAGE_FREE};
	static const uint64_t sizes[] = {64, 256, PAGE, 4 * PAGE};

	*ev = (struct kmem_event){.ts_ns = 1000 + i * 10,
				  .kind = kinds[next_random(seed, 8)],
				  .cpu = (uint16_t)next_random(seed, 2),
				  .pid = (int32_t)next_random(seed, 9),
				  .node = -1};
	if (event_is_object(ev)) {
		ev->addr = BASE +
			   (FIRST_PFN + next_random(seed, PAGES)) * PAGE +
			   next_random(seed, 4) * 1024;
		ev->call_site = 0xffffffff81000000ull + next_random(seed, 50);
		if (ev->kind == EV_KMALLOC || ev->kind == EV_CACHE_ALLOC) {
			ev->bytes_alloc = sizes[next_random(seed, 4)];
			ev->bytes_req =
			    ev->bytes_alloc - next_random(seed, 2) * 8;
		}
		return;
	}
	ev->order = (uint8_t)(next_random(seed, 8) % 5 % 4);
	ev->addr = FIRST_PFN +
		   next_random(seed, (uint64_t)PAGES >> ev->order << ev->order);
	ev->addr &= ~((1ull << ev->order) - 1);
}

static void make_stream(struct kmem_event *in, uint64_t seed)
{
	for (size_t i = 0; i < PRELUDE; i += 2) {
		in[i] = (struct kmem_event){.ts_ns = i,
					    .kind = EV_PAGE_ALLOC,
					    .addr = PRELUDE_PFN + i,
					    .node = -1};
		in[i + 1] = (struct kmem_event){
		    .ts_ns = i + 1,
		    .kind = EV_KMALLOC,
		    .addr = BASE + (PRELUDE_PFN + i) * PAGE,
		    .bytes_req = 8,
		    .bytes_alloc = 8,
		    .node = -1,
		};
	}
	for (size_t i = PRELUDE; i < PRELUDE + STEPS; i++) {
		random_event(&in[i], &seed, i);
		/* Now and then the same large kmalloc again. */
		if (in[i].kind == EV_KMALLOC && in[i].bytes_alloc > 2 * PAGE &&
		    i + 1 < PRELUDE + STEPS && next_random(&seed, 2)) {
			in[i + 1] = in[i];
			in[++i].ts_ns++;
		}
	}
}

/* Numbers of the prelude's objects come first: both start behind them. */
static void compare(const struct naive *n, const struct kmem_event *out,
		    size_t count, uint64_t seed)
{
	char what[64];

	for (size_t i = 0; i < count && i < n->out_count; i++) {
		struct kmem_event want = n->out[i];

		snprintf(what, sizeof(what),
			 "seed %llu, event %zu of the output",
			 (unsigned long long)seed, i);
		want.slot = out[i].slot;
		if (want.object)
			want.object += PRELUDE;
		if (memcmp(&want, &out[i], sizeof(want)) != 0) {
			test_str_eq(event_kind_word(out[i].kind),
				    event_kind_word(want.kind), what, __FILE__,
				    __LINE__);
			test_u64_eq(out[i].addr, want.addr, what, __FILE__,
				    __LINE__);
			test_u64_eq(out[i].flags, want.flags, what, __FILE__,
				    __LINE__);
			test_u64_eq(out[i].object, want.object, what, __FILE__,
				    __LINE__);
			fail_msg("%s: other fields differ", what);
		}
	}
	snprintf(what, sizeof(what), "seed %llu, events",
		 (unsigned long long)seed);
	test_u64_eq(count, n->out_count, what, __FILE__, __LINE__);
}

/*
 * A slot belongs to one live object at a time and to the same until its end;
 * creates less ends are live; synthetic events are those that were counted.
 */
static void check_books(const struct kmem_event *out, size_t count,
			const struct trace *trace)
{
	static uint64_t owner[OUT_MAX];
	uint64_t creates = 0, ends = 0, live = 0, most = 0, synthetics = 0;

	memset(owner, 0, sizeof(owner));
	for (size_t i = 0; i < count; i++) {
		const struct kmem_event *ev = &out[i];

		synthetics += (ev->flags & EVF_SYNTHETIC) != 0;
		if (!ev->object)
			continue;
		if (event_creates(ev)) {
			expect_u64_eq(owner[ev->slot], 0);
			owner[ev->slot] = ev->object;
			creates++;
		} else {
			expect_u64_eq(owner[ev->slot], ev->object);
		}
		if (event_ends(ev)) {
			owner[ev->slot] = 0;
			ends++;
		}
		if (creates - ends > most)
			most = creates - ends;
		expect_true(ev->slot < most);
	}
	for (size_t slot = 0; slot < OUT_MAX; slot++)
		live += owner[slot] != 0;
	expect_u64_eq(live, creates - ends);
	expect_u64_eq(trace->anomalies.count[ANOMALY_IMPLICIT_FREE],
		      synthetics);
}

static size_t read_all(struct source *source, struct kmem_event *out)
{
	struct err err = {0};
	size_t total = 0, count;

	do {
		assert_int_equal(source_read(source, out + total,
					     OUT_MAX - total, &count, &err),
				 0);
		total += count;
		assert_true(total < OUT_MAX);
	} while (count);
	return total;
}

static void run_seed(struct naive *n, uint64_t seed)
{
	static struct kmem_event in[PRELUDE + STEPS], out[OUT_MAX];
	struct trace trace = {.info = {.page_size = PAGE,
				       .long_size = 8,
				       .slab_kind = SLAB_KIND_SLUB,
				       .version_major = 6,
				       .version_minor = 12,
				       .machine = "x86_64"}};
	struct source *linked = NULL;
	struct array_source array;
	struct err err = {0};
	size_t count;

	make_stream(in, seed);
	naive_run(n, in + PRELUDE, STEPS);
	array = array_source(&trace, in, PRELUDE + STEPS);
	assert_int_equal(link_open(&array.source, &trace, &linked, &err), 0);
	expect_true(trace.info.linked);
	for (int round = 0; round < 2; round++) {
		count = read_all(linked, out);
		compare(n, out + PRELUDE, count - PRELUDE, seed);
		check_books(out, count, &trace);
		assert_int_equal(source_rewind(linked, &err), 0);
	}
	source_close(linked);
	trace_fini(&trace);
}

static void test_against_naive(void **state)
{
	struct naive *n = malloc(sizeof(*n));

	(void)state;
	assert_non_null(n);
	for (uint64_t seed = 1; seed <= SEEDS; seed++)
		run_seed(n, seed);
	free(n);
}

/* Anything at all in every field: no crash, and the books still balance. */
static void wild_event(struct kmem_event *ev, uint64_t *seed, size_t i)
{
	static const uint32_t flags[] = {0, 0, 0, EVF_FAILED, EVF_NO_OBJECT};
	uint64_t bits = next_random(seed, 65);

	*ev = (struct kmem_event){
	    .ts_ns = 1000 + i,
	    .kind = (uint8_t)next_random(seed, EV_KIND_COUNT),
	    .addr = next_random(seed, UINT32_MAX) << 33 ^
		    next_random(seed, UINT32_MAX),
	    .bytes_alloc = next_random(seed, UINT32_MAX),
	    .flags = flags[next_random(seed, 5)],
	    .order = (uint8_t)next_random(seed, 256),
	    .cpu = (uint16_t)next_random(seed, 65536),
	    .name = (uint32_t)next_random(seed, 100),
	};
	ev->addr = bits ? ev->addr >> (64 - bits) : 0;
	if (next_random(seed, 3))
		ev->order %= 20;
	if (next_random(seed, 3))
		ev->addr %= 4096;
	if (event_is_object(ev) && next_random(seed, 2))
		ev->addr += BASE;
	if (next_random(seed, 100) == 0)
		ev->addr = UINT64_MAX;
}

static void run_wild(uint64_t seed, struct capture_info info)
{
	static struct kmem_event in[PRELUDE + STEPS], out[OUT_MAX];
	struct trace trace = {.info = info};
	struct source *linked = NULL;
	struct array_source array;
	struct err err = {0};
	struct anomalies first;

	make_stream(in, seed);
	for (size_t i = PRELUDE; i < PRELUDE + STEPS; i++)
		wild_event(&in[i], &seed, i);
	array = array_source(&trace, in, PRELUDE + STEPS);
	assert_int_equal(link_open(&array.source, &trace, &linked, &err), 0);
	check_books(out, read_all(linked, out), &trace);
	first = trace.anomalies;
	assert_int_equal(source_rewind(linked, &err), 0);
	check_books(out, read_all(linked, out), &trace);
	assert_memory_equal(&first, &trace.anomalies, sizeof(first));
	source_close(linked);
	trace_fini(&trace);
}

static void test_wild_events(void **state)
{
	(void)state;
	for (uint64_t seed = 1; seed <= 60; seed++) {
		struct capture_info info = {
		    .page_size = seed % 5 ? 4096u << seed % 6 : 3,
		    .long_size = seed % 2 ? 8 : 4,
		    .slab_kind = (enum slab_kind)(seed % 4),
		    .version_major = seed % 3 ? 6 : 5,
		};

		run_wild(seed, info);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_against_naive),
	    cmocka_unit_test(test_wild_events),
	};

	return test_exit(cmocka_run_group_tests(tests, NULL, NULL));
}
