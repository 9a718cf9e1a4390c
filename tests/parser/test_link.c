/*
 * Small streams, one rule each. Page and object events are on a made-up x86-64
 * kernel whose direct map starts at BASE; a prelude of slab births lets the
 * vote find it.
 */
#include "parser/link.h"

#include <stdlib.h>
#include <string.h>

#include "tests/support/array_source.h"
#include "tests/support/test.h"

static const uint64_t BASE = 0xff11000000000000ull;

enum {
	PAGE = 4096,
	EVENTS_MAX = 4096,
	PRELUDE_PFN = 900000,
	PRELUDE_SLABS = 8,
	CAUSED = EVF_SYNTHETIC | EVF_BACKS_SLAB | EVF_BACKS_LARGE | EVF_LARGE |
		 EVF_DUPLICATE | EVF_UNKNOWN_OBJECT | EVF_HIDDEN_OBJECT |
		 EVF_SPLIT | EVF_BLOCK_LIVES,
};

struct stream {
	struct trace trace;
	struct kmem_event in[EVENTS_MAX], out[EVENTS_MAX];
	size_t in_count, out_count;
	uint64_t ts_ns;
	struct array_source array;
	struct source *linked;
};

static uint64_t at(uint64_t pfn, uint64_t offset)
{
	return BASE + pfn * PAGE + offset;
}

static struct kmem_event *add(struct stream *s, uint8_t kind, uint64_t addr)
{
	struct kmem_event *ev = &s->in[s->in_count++];

	assert_true(s->in_count < EVENTS_MAX);
	*ev = (struct kmem_event){.ts_ns = s->ts_ns += 1000,
				  .kind = kind,
				  .addr = addr,
				  .node = -1,
				  .pid = 100,
				  .call_site = 0xffffffff81000000ull + kind};
	return ev;
}

static struct kmem_event *add_page(struct stream *s, uint8_t kind, uint64_t pfn,
				   uint8_t order)
{
	struct kmem_event *ev = add(s, kind, pfn);

	ev->order = order;
	ev->call_site = 0;
	return ev;
}

static struct kmem_event *add_alloc(struct stream *s, uint8_t kind,
				    uint64_t addr, uint64_t req, uint64_t alloc)
{
	struct kmem_event *ev = add(s, kind, addr);

	ev->bytes_req = req;
	ev->bytes_alloc = alloc;
	return ev;
}

static uint32_t name_of(struct stream *s, const char *text)
{
	uint32_t id = 0;

	assert_int_equal(names_intern(&s->trace.names, text, strlen(text), &id),
			 0);
	return id;
}

static struct stream *stream_new(int major, int minor)
{
	struct stream *s = calloc(1, sizeof(*s));

	assert_non_null(s);
	s->trace.info = (struct capture_info){.page_size = PAGE,
					      .long_size = 8,
					      .slab_kind = SLAB_KIND_SLUB,
					      .version_major = major,
					      .version_minor = minor,
					      .machine = "x86_64"};
	return s;
}

/* Slab births far away from the pages of the test. */
static void add_prelude(struct stream *s)
{
	for (uint64_t i = 0; i < PRELUDE_SLABS; i++) {
		add_page(s, EV_PAGE_ALLOC, PRELUDE_PFN + i, 0);
		add_alloc(s, EV_KMALLOC, at(PRELUDE_PFN + i, 0), 64, 64);
	}
}

static void read_all(struct stream *s, size_t cap)
{
	struct err err = {0};
	size_t count;

	s->out_count = 0;
	do {
		size_t room = EVENTS_MAX - s->out_count;

		assert_int_equal(source_read(s->linked, s->out + s->out_count,
					     cap < room ? cap : room, &count,
					     &err),
				 0);
		s->out_count += count;
		assert_true(s->out_count < EVENTS_MAX);
	} while (count);
}

/* Links the stream and reads it; the prelude is then cut off. */
static void run(struct stream *s)
{
	struct err err = {0};
	size_t prelude = 0;

	s->array = array_source(&s->trace, s->in, s->in_count);
	assert_int_equal(
	    link_open(&s->array.source, &s->trace, &s->linked, &err), 0);
	read_all(s, EVENTS_MAX);
	while (prelude < s->in_count && s->in[prelude].kind != EV_NONE &&
	       (s->in[prelude].addr >= at(PRELUDE_PFN, 0) ||
		(s->in[prelude].addr >= PRELUDE_PFN &&
		 s->in[prelude].addr < PRELUDE_PFN + PRELUDE_SLABS)))
		prelude++;
	memmove(s->out, s->out + prelude,
		(s->out_count - prelude) * sizeof(s->out[0]));
	s->out_count -= prelude;
}

static void stream_end(struct stream *s)
{
	source_close(s->linked);
	expect_true(s->array.closed);
	trace_fini(&s->trace);
	free(s);
}

static uint64_t anomaly(const struct stream *s, enum anomaly id)
{
	return s->trace.anomalies.count[id];
}

static void expect_event(const struct kmem_event *ev, uint8_t kind,
			 uint64_t addr, uint32_t flags)
{
	expect_str_eq(event_kind_word(ev->kind), event_kind_word(kind));
	expect_u64_eq(ev->addr, addr);
	expect_u64_eq(ev->flags & CAUSED, flags);
}

static void test_slab_object(void **state)
{
	struct stream *s = stream_new(6, 12);
	struct kmem_event *ev;
	uint32_t cache = name_of(s, "dentry");

	(void)state;
	add_prelude(s);
	add_page(s, EV_PAGE_ALLOC, 10, 1);
	add_alloc(s, EV_CACHE_ALLOC, at(11, 192), 180, 192)->cpu = 3;
	add(s, EV_CACHE_FREE, at(11, 192))->name = cache;
	add_page(s, EV_PAGE_FREE, 10, 1);
	run(s);
	ev = s->out;
	expect_u64_eq(s->out_count, 4);
	expect_true(s->trace.info.linked);
	expect_u64_eq(s->trace.info.direct_map_base, BASE);
	expect_event(&ev[0], EV_PAGE_ALLOC, 10, EVF_BACKS_SLAB);
	expect_u64_eq(ev[0].name, cache);
	expect_event(&ev[1], EV_CACHE_ALLOC, at(11, 192), 0);
	expect_u64_eq(ev[1].name, cache);
	expect_event(&ev[2], EV_CACHE_FREE, at(11, 192), 0);
	expect_u64_eq(ev[2].object, ev[1].object);
	expect_u64_eq(ev[2].slot, ev[1].slot);
	expect_u64_eq(ev[2].bytes_req, 180);
	expect_u64_eq(ev[2].bytes_alloc, 192);
	expect_u64_eq(ev[2].alloc_ts_ns, ev[1].ts_ns);
	expect_u64_eq(ev[2].alloc_site, ev[1].call_site);
	expect_u64_eq(ev[2].alloc_cpu, 3);
	expect_event(&ev[3], EV_PAGE_FREE, 10, EVF_BACKS_SLAB);
	expect_u64_eq(ev[3].object, ev[0].object);
	expect_u64_eq(ev[3].alloc_ts_ns, ev[0].ts_ns);
	stream_end(s);
}

static void test_large_kmalloc_traced_twice(void **state)
{
	struct stream *s = stream_new(6, 12);

	(void)state;
	add_prelude(s);
	add_page(s, EV_PAGE_ALLOC, 32, 2);
	add_alloc(s, EV_KMALLOC, at(32, 0), 9000, 16384);
	add_alloc(s, EV_KMALLOC, at(32, 0), 9000, 16384)->call_site = 5;
	add(s, EV_KFREE, at(32, 0));
	add_page(s, EV_PAGE_FREE, 32, 2);
	run(s);
	expect_u64_eq(s->out_count, 5);
	expect_event(&s->out[0], EV_PAGE_ALLOC, 32, EVF_BACKS_LARGE);
	expect_event(&s->out[1], EV_KMALLOC, at(32, 0), EVF_LARGE);
	expect_event(&s->out[2], EV_KMALLOC, at(32, 0),
		     EVF_LARGE | EVF_DUPLICATE);
	expect_u64_eq(s->out[2].object, s->out[1].object);
	expect_true(!event_creates(&s->out[2]));
	expect_event(&s->out[3], EV_KFREE, at(32, 0), EVF_LARGE);
	expect_event(&s->out[4], EV_PAGE_FREE, 32, EVF_BACKS_LARGE);
	expect_u64_eq(anomaly(s, ANOMALY_DUPLICATE_ALLOC), 1);
	expect_u64_eq(anomaly(s, ANOMALY_IMPLICIT_FREE), 0);
	stream_end(s);
}

static struct kmem_event *add_cache_alloc(struct stream *s, uint64_t addr,
					  uint64_t call_site)
{
	struct kmem_event *ev = add_alloc(s, EV_CACHE_ALLOC, addr, 96, 96);

	ev->call_site = call_site;
	return ev;
}

/* Two caches share sizes and call site: the slab decides, else nobody. */
static void test_ambiguous_key(void **state)
{
	struct stream *s = stream_new(6, 1);
	uint32_t red = name_of(s, "red"), blue = name_of(s, "blue");

	(void)state;
	add_prelude(s);
	add_page(s, EV_PAGE_ALLOC, 10, 0);
	add_page(s, EV_PAGE_ALLOC, 11, 0);
	add_page(s, EV_PAGE_ALLOC, 12, 0);
	add_cache_alloc(s, at(10, 0), 77);
	add_cache_alloc(s, at(11, 0), 77);
	add_cache_alloc(s, at(12, 0), 77);
	add(s, EV_CACHE_FREE, at(10, 0))->name = red;
	add(s, EV_CACHE_FREE, at(11, 0))->name = blue;
	add_cache_alloc(s, at(20, 0), 77);	       /* an old slab */
	add(s, EV_CACHE_FREE, at(20, 96))->name = red; /* tells later */
	run(s);
	expect_u64_eq(s->out[0].name, red);
	expect_u64_eq(s->out[1].name, blue);
	expect_u64_eq(s->out[2].name, 0);
	expect_event(&s->out[2], EV_PAGE_ALLOC, 12, EVF_BACKS_SLAB);
	expect_u64_eq(s->out[3].name, red);
	expect_u64_eq(s->out[4].name, blue);
	expect_u64_eq(s->out[5].name, 0);
	expect_u64_eq(s->out[8].name, red);
	stream_end(s);
}

/* A key learned from one object names the others, and their slab, earlier. */
static void test_key_names_others(void **state)
{
	struct stream *s = stream_new(6, 1);
	uint32_t red = name_of(s, "red");

	(void)state;
	add_prelude(s);
	add_page(s, EV_PAGE_ALLOC, 10, 0);
	add_cache_alloc(s, at(10, 0), 77);
	add_cache_alloc(s, at(30, 0), 77);
	add(s, EV_CACHE_FREE, at(30, 0))->name = red;
	add_page(s, EV_PAGE_FREE, 10, 0);
	run(s);
	expect_u64_eq(s->out[0].name, red);
	expect_u64_eq(s->out[1].name, red);
	expect_u64_eq(s->out[2].name, red);
	expect_event(&s->out[4], EV_CACHE_FREE, at(10, 0), EVF_SYNTHETIC);
	expect_u64_eq(s->out[4].name, red);
	expect_u64_eq(s->out[5].name, red);
	stream_end(s);
}

/* SLOB: a page holds objects of every cache, and a large one by itself. */
static void test_slob(void **state)
{
	struct stream *s = stream_new(6, 1);
	uint32_t red = name_of(s, "red"), blue = name_of(s, "blue");

	(void)state;
	s->trace.info.slab_kind = SLAB_KIND_SLOB;
	add_prelude(s);
	add_page(s, EV_PAGE_ALLOC, 10, 0);
	add_cache_alloc(s, at(10, 0), 77);
	add_cache_alloc(s, at(10, 96), 88);
	add(s, EV_CACHE_FREE, at(10, 0))->name = red;
	add(s, EV_CACHE_FREE, at(10, 96))->name = blue;
	add_page(s, EV_PAGE_ALLOC, 12, 0);
	add_alloc(s, EV_KMALLOC, at(12, 0), 4090, PAGE);
	add_page(s, EV_PAGE_ALLOC, 14, 1);
	add_alloc(s, EV_CACHE_ALLOC, at(14, 0), 5000, 5000);
	run(s);
	expect_event(&s->out[0], EV_PAGE_ALLOC, 10, EVF_BACKS_SLAB);
	expect_u64_eq(s->out[0].name, 0);
	expect_u64_eq(s->out[1].name, red);
	expect_u64_eq(s->out[2].name, blue);
	expect_event(&s->out[5], EV_PAGE_ALLOC, 12, EVF_BACKS_LARGE);
	expect_event(&s->out[6], EV_KMALLOC, at(12, 0), EVF_LARGE);
	expect_event(&s->out[7], EV_PAGE_ALLOC, 14, EVF_BACKS_LARGE);
	expect_event(&s->out[8], EV_CACHE_ALLOC, at(14, 0), 0);
	stream_end(s);
}

/* SLAB had caches up to 4 MiB before 6.1, and two pages since. */
static void test_large_by_allocator(void **state)
{
	(void)state;
	for (int minor = 15; minor > 0; minor -= 14) {
		struct stream *s = stream_new(minor == 15 ? 5 : 6, minor);
		bool own = minor == 1;

		s->trace.info.slab_kind = SLAB_KIND_SLAB;
		add_prelude(s);
		add_page(s, EV_PAGE_ALLOC, 32, 2);
		add_alloc(s, EV_KMALLOC, at(32, 0), 9000, 16384);
		run(s);
		expect_event(&s->out[0], EV_PAGE_ALLOC, 32,
			     own ? EVF_BACKS_LARGE : EVF_BACKS_SLAB);
		expect_event(&s->out[1], EV_KMALLOC, at(32, 0),
			     own ? EVF_LARGE : 0);
		stream_end(s);
	}
}

/* The same address again, but small: the old object was freed unseen. */
static void test_alloc_over_live_object(void **state)
{
	struct stream *s = stream_new(6, 12);

	(void)state;
	add_prelude(s);
	add_alloc(s, EV_KMALLOC, at(50, 64), 60, 64);
	add_alloc(s, EV_CACHE_ALLOC, at(50, 64), 50, 64);
	add_alloc(s, EV_KMALLOC, at(50, 64), 60, 64);
	run(s);
	expect_u64_eq(s->out_count, 5);
	expect_event(&s->out[1], EV_KFREE, at(50, 64), EVF_SYNTHETIC);
	expect_u64_eq(s->out[1].object, s->out[0].object);
	expect_u64_eq(s->out[1].ts_ns, s->out[2].ts_ns);
	expect_u64_eq(s->out[1].bytes_req, 60);
	expect_event(&s->out[3], EV_CACHE_FREE, at(50, 64), EVF_SYNTHETIC);
	expect_u64_eq(s->out[3].object, s->out[2].object);
	expect_u64_eq(anomaly(s, ANOMALY_IMPLICIT_FREE), 2);
	stream_end(s);
}

static void test_page_free_ends_its_objects(void **state)
{
	struct stream *s = stream_new(6, 12);

	(void)state;
	add_prelude(s);
	add_page(s, EV_PAGE_ALLOC, 40, 1);
	add_alloc(s, EV_KMALLOC, at(40, 8), 8, 8);
	add_alloc(s, EV_CACHE_ALLOC, at(41, 4088), 8, 8);
	add_page(s, EV_PAGE_FREE, 40, 1);
	run(s);
	expect_u64_eq(s->out_count, 6);
	expect_event(&s->out[3], EV_KFREE, at(40, 8), EVF_SYNTHETIC);
	expect_event(&s->out[4], EV_CACHE_FREE, at(41, 4088), EVF_SYNTHETIC);
	expect_event(&s->out[5], EV_PAGE_FREE, 40, EVF_BACKS_SLAB);
	expect_u64_eq(anomaly(s, ANOMALY_IMPLICIT_FREE), 2);
	stream_end(s);
}

static void test_unknown_then_hidden(void **state)
{
	struct stream *s = stream_new(6, 12);

	(void)state;
	add_prelude(s);
	add(s, EV_KFREE, at(60, 0));	  /* from before the trace */
	add(s, EV_KFREE, at(60, 0));	  /* the same address again */
	add(s, EV_KFREE, at(60, 8));	  /* another one from before */
	add_page(s, EV_PAGE_FREE, 60, 0); /* its slab goes */
	add(s, EV_KFREE, at(60, 16));	  /* a new slab no event told of */
	add_page(s, EV_PAGE_FREE, 60, 0);
	add_page(s, EV_PAGE_FREE, 61, 0); /* a page from before */
	run(s);
	expect_u64_eq(s->out_count, 7);
	expect_event(&s->out[0], EV_KFREE, at(60, 0), EVF_UNKNOWN_OBJECT);
	expect_event(&s->out[1], EV_KFREE, at(60, 0), EVF_HIDDEN_OBJECT);
	expect_event(&s->out[2], EV_KFREE, at(60, 8), EVF_UNKNOWN_OBJECT);
	expect_event(&s->out[3], EV_PAGE_FREE, 60,
		     EVF_UNKNOWN_OBJECT | EVF_BACKS_SLAB);
	expect_event(&s->out[4], EV_KFREE, at(60, 16), EVF_HIDDEN_OBJECT);
	expect_event(&s->out[5], EV_PAGE_FREE, 60,
		     EVF_HIDDEN_OBJECT | EVF_BACKS_SLAB);
	expect_event(&s->out[6], EV_PAGE_FREE, 61, EVF_UNKNOWN_OBJECT);
	expect_u64_eq(anomaly(s, ANOMALY_UNKNOWN_FREE), 4);
	expect_u64_eq(anomaly(s, ANOMALY_HIDDEN_ALLOC), 3);
	expect_u64_eq(s->out[6].object, 0);
	stream_end(s);
}

/* The snapshot counts from the marker that follows its own. */
static void test_snapshot_before(void **state)
{
	struct stream *s = stream_new(6, 12);
	struct snapshot *before = &s->trace.before;

	(void)state;
	before->parts = SNAPSHOT_KPAGEFLAGS;
	before->kpageflags_pages = 256;
	before->blocks = calloc(2, sizeof(*before->blocks));
	before->block_count = 2;
	before->blocks[0] = (struct snapshot_block){64, 2};
	before->blocks[1] = (struct snapshot_block){80, 0};
	before->slab_map = calloc(4, sizeof(uint64_t));
	before->slab_map_pages = 256;
	before->slab_map[70 / 64] |= 1ull << 70 % 64;
	add_prelude(s);
	add(s, EV_MARKER, 0)->name = name_of(s, "before:kpageflags");
	add_page(s, EV_PAGE_FREE, 65, 0);
	add(s, EV_MARKER, 0)->name = name_of(s, "before:meminfo");
	add_page(s, EV_PAGE_FREE, 67, 0);
	add_page(s, EV_PAGE_FREE, 70, 0);
	add(s, EV_KFREE, at(72, 0));
	add_page(s, EV_PAGE_FREE, 72, 2);
	add(s, EV_KFREE, at(80, 0));
	run(s);
	expect_event(&s->out[1], EV_PAGE_FREE, 65, EVF_UNKNOWN_OBJECT);
	expect_event(&s->out[3], EV_PAGE_FREE, 67, EVF_HIDDEN_OBJECT);
	expect_event(&s->out[4], EV_PAGE_FREE, 70,
		     EVF_UNKNOWN_OBJECT | EVF_BACKS_SLAB);
	expect_event(&s->out[6], EV_PAGE_FREE, 72,
		     EVF_UNKNOWN_OBJECT | EVF_BACKS_LARGE);
	expect_event(&s->out[7], EV_KFREE, at(80, 0), EVF_HIDDEN_OBJECT);
	stream_end(s);
}

static void test_split_free(void **state)
{
	struct stream *s = stream_new(6, 12);

	(void)state;
	add_prelude(s);
	add_page(s, EV_PAGE_ALLOC, 128, 2);
	add_page(s, EV_PAGE_FREE, 129, 0);
	add_page(s, EV_PAGE_FREE, 130, 1);
	add_page(s, EV_PAGE_ALLOC, 130, 1);
	add_page(s, EV_PAGE_FREE, 128, 0);
	run(s);
	expect_u64_eq(s->out_count, 5);
	expect_event(&s->out[1], EV_PAGE_FREE, 129,
		     EVF_SPLIT | EVF_BLOCK_LIVES);
	expect_event(&s->out[2], EV_PAGE_FREE, 130,
		     EVF_SPLIT | EVF_BLOCK_LIVES);
	expect_true(!event_ends(&s->out[2]));
	expect_event(&s->out[3], EV_PAGE_ALLOC, 130, 0);
	expect_event(&s->out[4], EV_PAGE_FREE, 128, EVF_SPLIT);
	expect_true(event_ends(&s->out[4]));
	for (int i = 1; i < 5; i++)
		if (i != 3)
			expect_u64_eq(s->out[i].object, s->out[0].object);
	expect_true(s->out[3].slot != s->out[0].slot);
	expect_u64_eq(anomaly(s, ANOMALY_SPLIT_FREE), 1);
	stream_end(s);
}

/* Pages allocated again without a free: what was in them ended unseen. */
static void test_page_alloc_over_live_pages(void **state)
{
	struct stream *s = stream_new(6, 12);

	(void)state;
	add_prelude(s);
	add_page(s, EV_PAGE_ALLOC, 200, 3);
	add_page(s, EV_PAGE_ALLOC, 202, 1);
	run(s);
	expect_u64_eq(s->out_count, 3);
	expect_event(&s->out[1], EV_PAGE_FREE, 202,
		     EVF_SYNTHETIC | EVF_SPLIT | EVF_BLOCK_LIVES);
	expect_u64_eq(s->out[1].order, 1);
	expect_event(&s->out[2], EV_PAGE_ALLOC, 202, 0);
	expect_u64_eq(anomaly(s, ANOMALY_IMPLICIT_FREE), 1);
	stream_end(s);
}

/* A free of more than one block: blocks ended unseen, then a hidden one. */
static void test_page_free_across_blocks(void **state)
{
	struct stream *s = stream_new(6, 12);

	(void)state;
	add_prelude(s);
	add_page(s, EV_PAGE_ALLOC, 300, 0);
	add_page(s, EV_PAGE_ALLOC, 302, 1);
	add_page(s, EV_PAGE_FREE, 300, 2);
	run(s);
	expect_u64_eq(s->out_count, 5);
	expect_event(&s->out[2], EV_PAGE_FREE, 300, EVF_SYNTHETIC);
	expect_event(&s->out[3], EV_PAGE_FREE, 302, EVF_SYNTHETIC);
	expect_event(&s->out[4], EV_PAGE_FREE, 300, EVF_HIDDEN_OBJECT);
	stream_end(s);
}

/* 5.15: kmem_cache_free is traced after another CPU has the object. */
static void test_late_free(void **state)
{
	struct stream *s = stream_new(5, 15);
	uint32_t cache = name_of(s, "filp");

	(void)state;
	add_prelude(s);
	add_alloc(s, EV_CACHE_ALLOC, at(20, 0), 232, 256);
	s->ts_ns += 100000;
	add_alloc(s, EV_CACHE_ALLOC, at(20, 0), 232, 256)->cpu = 1;
	add(s, EV_CACHE_FREE, at(20, 0))->name = cache;
	s->ts_ns += 100000;
	add(s, EV_CACHE_FREE, at(20, 0))->name = cache;
	run(s);
	expect_u64_eq(s->out_count, 4);
	expect_event(&s->out[1], EV_CACHE_FREE, at(20, 0), 0);
	expect_u64_eq(s->out[1].object, s->out[0].object);
	expect_u64_eq(s->out[1].ts_ns, s->out[2].ts_ns);
	expect_event(&s->out[2], EV_CACHE_ALLOC, at(20, 0), 0);
	expect_u64_eq(s->out[3].object, s->out[2].object);
	expect_u64_eq(anomaly(s, ANOMALY_IMPLICIT_FREE), 0);
	stream_end(s);
}

/* Wherever a pair lies in the reader's and the raw source's batches. */
static void test_many_late_frees(void **state)
{
	enum { PAIRS = 1200 };
	struct stream *s = stream_new(5, 15);
	struct err err = {0};

	(void)state;
	add_prelude(s);
	add_alloc(s, EV_CACHE_ALLOC, at(20, 0), 232, 256);
	for (int i = 0; i < PAIRS; i++) {
		uint16_t cpu = (uint16_t)((i + 1) % 2);

		s->ts_ns += 100000;
		add_alloc(s, EV_CACHE_ALLOC, at(20, 0), 232, 256)->cpu = cpu;
		if (i % 7 == 0)
			add_page(s, EV_PAGE_FREE_BATCHED, 10, 0);
		add(s, EV_CACHE_FREE, at(20, 0))->cpu = !cpu;
	}
	run(s);
	expect_u64_eq(s->out_count, s->in_count - 2 * PRELUDE_SLABS);
	expect_u64_eq(anomaly(s, ANOMALY_IMPLICIT_FREE), 0);
	for (size_t cap = 1; cap < 600; cap += 97) {
		assert_int_equal(source_rewind(s->linked, &err), 0);
		read_all(s, cap);
		expect_u64_eq(s->out_count, s->in_count);
		expect_u64_eq(anomaly(s, ANOMALY_IMPLICIT_FREE), 0);
	}
	stream_end(s);
}

/* From 6.0 on the same stream has an implicit free and ends the new object. */
static void test_no_late_free_in_6(void **state)
{
	struct stream *s = stream_new(6, 1);

	(void)state;
	add_prelude(s);
	add_alloc(s, EV_CACHE_ALLOC, at(20, 0), 232, 256);
	add_alloc(s, EV_CACHE_ALLOC, at(20, 0), 232, 256)->cpu = 1;
	add(s, EV_CACHE_FREE, at(20, 0));
	run(s);
	expect_u64_eq(s->out_count, 4);
	expect_event(&s->out[1], EV_CACHE_FREE, at(20, 0), EVF_SYNTHETIC);
	expect_u64_eq(s->out[3].object, s->out[2].object);
	stream_end(s);
}

/* Without page events objects are linked by address alone. */
static void test_unlinked(void **state)
{
	struct stream *s = stream_new(6, 1);

	(void)state;
	add_alloc(s, EV_KMALLOC, 0x12345678, 29, 64);
	add(s, EV_KFREE, 0x12345678);
	add(s, EV_KFREE, 0x12345678);
	add(s, EV_KFREE, 0x9);
	run(s);
	expect_true(!s->trace.info.linked);
	expect_true(s->trace.info.link_reason[0]);
	expect_u64_eq(anomaly(s, ANOMALY_NO_LINKING), 1);
	expect_u64_eq(s->out[1].object, s->out[0].object);
	expect_u64_eq(s->out[1].bytes_req, 29);
	expect_event(&s->out[2], EV_KFREE, 0x12345678, EVF_HIDDEN_OBJECT);
	expect_event(&s->out[3], EV_KFREE, 0x9, EVF_UNKNOWN_OBJECT);
	stream_end(s);
}

/* What is no allocation and no free passes through as it is. */
static void test_untouched(void **state)
{
	struct stream *s = stream_new(6, 12);

	(void)state;
	add_prelude(s);
	add(s, EV_KFREE, 0)->flags = EVF_NO_OBJECT;
	add(s, EV_KMALLOC, 0)->flags = EVF_FAILED;
	add_page(s, EV_PAGE_ALLOC, 0, 9)->flags = EVF_FAILED;
	add_page(s, EV_PAGE_FREE_BATCHED, 10, 0);
	add_page(s, EV_ZONE_LOCKED, 10, 0);
	add_page(s, EV_PCPU_DRAIN, 10, 0);
	add(s, EV_LOST, 12);
	run(s);
	expect_u64_eq(s->out_count, 7);
	assert_memory_equal(s->out, s->in + 2 * PRELUDE_SLABS,
			    7 * sizeof(s->out[0]));
	stream_end(s);
}

/* A second reading is the same, in whatever pieces, and counts nothing twice.
 */
static void test_rewind(void **state)
{
	struct stream *s = stream_new(6, 12);
	static struct kmem_event first[EVENTS_MAX];
	struct anomalies anomalies;
	struct err err = {0};
	size_t count;

	(void)state;
	add_prelude(s);
	for (uint64_t i = 0; i < 100; i++) {
		add_page(s, EV_PAGE_ALLOC, 400 + i % 7, 0);
		add_alloc(s, EV_KMALLOC, at(400 + i % 11, i % 3 * 64), 64, 64);
		add(s, EV_KFREE, at(400 + i % 13, 0));
	}
	add(s, EV_KFREE, 0)->flags = EVF_NO_OBJECT;
	run(s);
	anomalies = s->trace.anomalies;
	expect_u64_eq(anomalies.count[ANOMALY_NULL_FREE], 1);
	expect_true(anomalies.count[ANOMALY_IMPLICIT_FREE] > 10);
	assert_int_equal(source_rewind(s->linked, &err), 0);
	expect_u64_eq(anomaly(s, ANOMALY_IMPLICIT_FREE), 0);
	read_all(s, EVENTS_MAX);
	memcpy(first, s->out, sizeof(first));
	count = s->out_count;
	for (size_t cap = 1; cap < 5; cap++) {
		assert_int_equal(source_rewind(s->linked, &err), 0);
		read_all(s, cap);
		expect_u64_eq(s->out_count, count);
		assert_memory_equal(s->out, first, count * sizeof(first[0]));
		assert_memory_equal(&s->trace.anomalies, &anomalies,
				    sizeof(anomalies));
	}
	stream_end(s);
}

/* An error of the raw source comes through, and closes what was taken over. */
static void test_raw_fails(void **state)
{
	struct stream *s = stream_new(6, 12);
	struct source *linked = NULL;
	struct err err = {0};

	(void)state;
	add_prelude(s);
	s->array = array_source(&s->trace, s->in, s->in_count);
	s->array.fail_at = 5;
	assert_int_equal(link_open(&s->array.source, &s->trace, &linked, &err),
			 ERR_IO);
	expect_true(!linked);
	expect_true(s->array.closed);
	expect_str_eq(err.text, "array: made to fail");
	trace_fini(&s->trace);
	free(s);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_slab_object),
	    cmocka_unit_test(test_large_kmalloc_traced_twice),
	    cmocka_unit_test(test_ambiguous_key),
	    cmocka_unit_test(test_key_names_others),
	    cmocka_unit_test(test_slob),
	    cmocka_unit_test(test_large_by_allocator),
	    cmocka_unit_test(test_alloc_over_live_object),
	    cmocka_unit_test(test_page_free_ends_its_objects),
	    cmocka_unit_test(test_unknown_then_hidden),
	    cmocka_unit_test(test_snapshot_before),
	    cmocka_unit_test(test_split_free),
	    cmocka_unit_test(test_page_alloc_over_live_pages),
	    cmocka_unit_test(test_page_free_across_blocks),
	    cmocka_unit_test(test_late_free),
	    cmocka_unit_test(test_many_late_frees),
	    cmocka_unit_test(test_no_late_free_in_6),
	    cmocka_unit_test(test_unlinked),
	    cmocka_unit_test(test_untouched),
	    cmocka_unit_test(test_rewind),
	    cmocka_unit_test(test_raw_fails),
	};

	return test_exit(cmocka_run_group_tests(tests, NULL, NULL));
}
