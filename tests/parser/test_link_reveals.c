/*
 * What the learning pass tells of the start, from small streams: through
 * link_open(), as everybody gets it.
 */
#include "parser/link.h"

#include <stdlib.h>
#include <string.h>

#include "tests/support/array_source.h"
#include "tests/support/test.h"

static const uint64_t BASE = 0xff11000000000000ull;

enum { PAGE = 4096, EVENTS_MAX = 256, PRELUDE_PFN = 900000, OLD_PFN = 500 };

struct stream {
	struct trace trace;
	struct snapshot_zone zone;
	struct snapshot_pcp pcp;
	struct snapshot_block block;
	struct kmem_event in[EVENTS_MAX];
	size_t count;
	struct array_source array;
	struct source *linked;
};

static uint64_t at(uint64_t pfn, uint64_t offset)
{
	return BASE + pfn * PAGE + offset;
}

static struct kmem_event *add(struct stream *s, uint8_t kind, uint64_t addr)
{
	struct kmem_event *ev = &s->in[s->count++];

	assert_true(s->count < EVENTS_MAX);
	*ev = (struct kmem_event){.ts_ns = s->count * 1000,
				  .kind = kind,
				  .addr = addr,
				  .node = -1,
				  .bytes_req = 60,
				  .bytes_alloc = 64};
	return ev;
}

static uint32_t name_of(struct stream *s, const char *text)
{
	uint32_t id = 0;

	assert_int_equal(names_intern(&s->trace.names, text, strlen(text), &id),
			 0);
	return id;
}

static void add_marker(struct stream *s, const char *text)
{
	add(s, EV_MARKER, 0)->name = name_of(s, text);
}

/* A snapshot with slabs and three pages on lists; slab births for the vote. */
static struct stream *stream_new(void)
{
	struct stream *s = calloc(1, sizeof(*s));

	assert_non_null(s);
	s->trace.info = (struct capture_info){.page_size = PAGE,
					      .long_size = 8,
					      .slab_kind = SLAB_KIND_SLUB,
					      .version_major = 6,
					      .version_minor = 12,
					      .markers = true,
					      .machine = "x86_64"};
	s->pcp.count = 3;
	s->zone.pcps = &s->pcp;
	s->zone.pcp_count = 1;
	s->block = (struct snapshot_block){.pfn = 4096, .order = 4};
	s->trace.before =
	    (struct snapshot){.parts = SNAPSHOT_SLABINFO | SNAPSHOT_ZONEINFO |
				       SNAPSHOT_KPAGEFLAGS,
			      .zones = &s->zone,
			      .zone_count = 1,
			      .blocks = &s->block,
			      .block_count = 1};
	for (uint64_t i = 0; i < 8; i++) {
		add(s, EV_PAGE_ALLOC, PRELUDE_PFN + i);
		add(s, EV_KMALLOC, at(PRELUDE_PFN + i, 0));
		add(s, EV_KFREE, at(PRELUDE_PFN + i, 0));
		add(s, EV_PAGE_FREE, PRELUDE_PFN + i);
	}
	return s;
}

static void run(struct stream *s)
{
	struct err err = {0};

	s->array = array_source(&s->trace, s->in, s->count);
	assert_int_equal(
	    link_open(&s->array.source, &s->trace, &s->linked, &err), 0);
	assert_true(s->trace.info.linked);
}

static void stream_end(struct stream *s)
{
	source_close(s->linked);
	/* The snapshot's lists are the stream's own. */
	s->trace.before = (struct snapshot){0};
	trace_fini(&s->trace);
	free(s);
}

/* The only page of slabs that is told of. */
static const struct reveal_page *only_page(const struct stream *s)
{
	assert_int_equal(s->trace.reveals.page_count, 1);
	return &s->trace.reveals.pages[0];
}

/* Before the marker the last event of a slot counts, after it the first. */
static void test_slots(void **state)
{
	struct stream *s = stream_new();
	const struct reveal_page *page;

	(void)state;
	add(s, EV_KMALLOC, at(OLD_PFN, 0)); /* in use */
	add(s, EV_KFREE, at(OLD_PFN, 64));
	add(s, EV_KMALLOC, at(OLD_PFN, 64)); /* in use */
	add(s, EV_KFREE, at(OLD_PFN, 128));  /* free */
	add_marker(s, "before:slabinfo");
	add(s, EV_KFREE, at(OLD_PFN, 0));
	add(s, EV_KMALLOC, at(OLD_PFN, 0))->cpu = 1;   /* it was not free */
	add(s, EV_KMALLOC, at(OLD_PFN, 192))->cpu = 2; /* free */
	add(s, EV_KMALLOC, at(OLD_PFN, 128))->cpu = 3; /* free */
	add(s, EV_KFREE, at(OLD_PFN, 256));	       /* in use */
	add(s, EV_KFREE, at(OLD_PFN, 320));	       /* in use */
	add_marker(s, "after:slabinfo");
	add(s, EV_KMALLOC, at(OLD_PFN, 384)); /* no matter */
	add(s, EV_PAGE_FREE, OLD_PFN);
	run(s);
	page = only_page(s);
	expect_u64_eq(page->pfn, OLD_PFN);
	expect_u64_eq(page->free, 2);
	expect_u64_eq(page->used, 4);
	expect_u64_eq(page->turn, 1);
	expect_u64_eq(page->cpu, 2);
	expect_u64_eq(page->kind, EV_KMALLOC);
	expect_u64_eq(page->bytes_req, 60);
	expect_true(!page->gone);
	stream_end(s);
}

/* A page that the trace allocated counts, if that was before the start. */
static void test_born(void **state)
{
	struct stream *s = stream_new();

	(void)state;
	add(s, EV_PAGE_ALLOC, 700);
	add(s, EV_KMALLOC, at(700, 0));
	add(s, EV_PAGE_ALLOC, 701);
	add(s, EV_KMALLOC, at(701, 0));
	add(s, EV_PAGE_FREE, 701);
	add_marker(s, "before:slabinfo");
	add(s, EV_KMALLOC, at(700, 64));
	add(s, EV_PAGE_ALLOC, 702);
	add(s, EV_KMALLOC, at(702, 0));
	add(s, EV_PAGE_ALLOC, 701);
	add(s, EV_KMALLOC, at(701, 64));
	add(s, EV_PAGE_FREE, 700);
	run(s);
	expect_u64_eq(only_page(s)->pfn, 700);
	expect_u64_eq(only_page(s)->used, 1);
	expect_u64_eq(only_page(s)->free, 1);
	expect_true(only_page(s)->gone);
	stream_end(s);
}

/* The cache's name, from the free of another object of the same key. */
static void test_names(void **state)
{
	struct stream *s = stream_new();
	uint32_t name = name_of(s, "dentry"), other = name_of(s, "inode");

	(void)state;
	add_marker(s, "before:slabinfo");
	add(s, EV_CACHE_ALLOC, at(OLD_PFN, 0))->call_site = 77;
	add(s, EV_CACHE_ALLOC, at(OLD_PFN + 1, 0))->call_site = 77;
	add(s, EV_CACHE_FREE, at(OLD_PFN + 1, 0))->name = name;
	/* Of two caches, so of none that is known. */
	add(s, EV_CACHE_FREE, at(OLD_PFN + 2, 0))->name = name;
	add(s, EV_CACHE_FREE, at(OLD_PFN + 2, 64))->name = other;
	run(s);
	expect_u64_eq(s->trace.reveals.page_count, 2);
	expect_u64_eq(s->trace.reveals.pages[0].name, name);
	expect_u64_eq(s->trace.reveals.pages[1].name, name);
	stream_end(s);
}

/* A page was on a list if it comes from nowhere else. */
static void test_lists(void **state)
{
	static const uint64_t wanted[] = {600, 603, 606};
	struct stream *s = stream_new();
	const struct reveals *reveals = &s->trace.reveals;

	(void)state;
	add(s, EV_PAGE_ALLOC, 607); /* before the start */
	add_marker(s, "before:kpageflags");
	add(s, EV_PAGE_ALLOC, 600)->cpu = 1;
	add(s, EV_ZONE_LOCKED, 601);
	add(s, EV_PAGE_ALLOC, 601);
	add(s, EV_PAGE_FREE, 602);
	add(s, EV_PAGE_ALLOC, 602);
	add(s, EV_PCPU_DRAIN, 603)->migratetype = 1;
	add(s, EV_PAGE_ALLOC, 4100); /* free in the snapshot */
	add(s, EV_EXTFRAG, 604);
	add(s, EV_PAGE_ALLOC, 604);
	add(s, EV_PAGE_ALLOC, 640)->order = 4; /* such are on no list */
	add(s, EV_PAGE_ALLOC, 606);
	add(s, EV_PAGE_ALLOC, 608); /* more than there were */
	run(s);
	expect_u64_eq(reveals->listed_count, 3);
	for (int i = 0; i < 3; i++)
		expect_u64_eq(reveals->listed[i].pfn, wanted[i]);
	expect_u64_eq(reveals->listed[0].cpu, 1);
	expect_true(!reveals->listed[0].drained);
	expect_i64_eq(reveals->listed[1].migratetype, 1);
	expect_true(reveals->listed[1].drained);
	stream_end(s);
}

/* Markers that are promised but missing, or the reverse: nothing is told. */
static void test_markers(void **state)
{
	struct stream *s = stream_new();

	(void)state;
	add(s, EV_KMALLOC, at(OLD_PFN, 0));
	add(s, EV_PAGE_ALLOC, 600);
	run(s);
	expect_u64_eq(s->trace.reveals.page_count, 0);
	expect_u64_eq(s->trace.reveals.listed_count, 0);
	stream_end(s);

	s = stream_new();
	s->trace.info.markers = false;
	add(s, EV_KMALLOC, at(OLD_PFN, 0));
	run(s);
	expect_u64_eq(only_page(s)->free, 1);
	stream_end(s);

	s = stream_new();
	s->trace.info.markers = false;
	add(s, EV_KMALLOC, at(OLD_PFN, 0));
	add_marker(s, "before:slabinfo");
	run(s);
	expect_u64_eq(s->trace.reveals.page_count, 0);
	stream_end(s);

	s = stream_new();
	s->trace.unwanted = TRACE_REVEALS;
	add_marker(s, "before:slabinfo");
	add(s, EV_KMALLOC, at(OLD_PFN, 0));
	run(s);
	expect_u64_eq(s->trace.reveals.page_count, 0);
	stream_end(s);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_slots),   cmocka_unit_test(test_born),
	    cmocka_unit_test(test_names),   cmocka_unit_test(test_lists),
	    cmocka_unit_test(test_markers),
	};

	return test_exit(cmocka_run_group_tests(tests, NULL, NULL));
}
