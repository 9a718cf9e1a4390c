/*
 * user_pages: faults made by hand, and many at random against a count that goes
 * through all live pages.
 */
#include "analysis/user_pages.h"

#include <stdlib.h>
#include <string.h>

#include "tests/support/test.h"

enum { K = 1024, PAGE = 4 * K, MOVABLE = 0x100cca, READAHEAD = 0x112cca };

struct bed {
	struct trace trace;
	struct user_pages pages;
	uint64_t objects;
};

static void set_up(struct bed *bed, uint32_t page_size)
{
	*bed = (struct bed){
	    .trace.info.page_size = page_size,
	    .trace.info.gfp = {.movable = 0x8, .noretry = 0x10000}};
	user_pages_init(&bed->pages, &bed->trace);
}

static void tear_down(struct bed *bed)
{
	user_pages_fini(&bed->pages);
	trace_fini(&bed->trace);
}

static void feed(struct bed *bed, struct kmem_event ev)
{
	assert_int_equal(user_pages_feed(&bed->pages, &ev, 1, NULL), 0);
}

static void fault(struct bed *bed, int pid, uint64_t addr, uint32_t flags)
{
	feed(bed, (struct kmem_event){.kind = EV_FAULT_USER,
				      .pid = pid,
				      .addr = addr,
				      .flags = flags});
}

/* A request for pages; its object. */
static uint64_t request(struct bed *bed, int pid, uint32_t gfp_flags,
			uint8_t order, uint32_t flags)
{
	feed(bed, (struct kmem_event){.kind = EV_PAGE_ALLOC,
				      .pid = pid,
				      .gfp_flags = gfp_flags,
				      .order = order,
				      .flags = flags,
				      .object = ++bed->objects});
	return bed->objects;
}

/* A write that takes a page; its object. */
static uint64_t touch(struct bed *bed, int pid, uint64_t addr)
{
	fault(bed, pid, addr, EVF_WRITE_FAULT);
	return request(bed, pid, MOVABLE, 0, 0);
}

static void page_free(struct bed *bed, uint64_t object)
{
	feed(bed, (struct kmem_event){.kind = EV_PAGE_FREE, .object = object});
}

static void task_new(struct bed *bed, int parent, int child, uint32_t flags)
{
	feed(bed, (struct kmem_event){.kind = EV_TASK_NEW,
				      .pid = parent,
				      .addr = (uint64_t)child,
				      .flags = flags});
}

static void mark(struct bed *bed, const char *text)
{
	struct kmem_event ev = {.kind = EV_MARKER};

	assert_int_equal(
	    names_intern(&bed->trace.names, text, strlen(text), &ev.name), 0);
	feed(bed, ev);
}

static void expect_live(const struct bed *bed, uint64_t small, uint64_t of_16k,
			uint64_t of_64k)
{
	expect_u64_eq(bed->pages.small.live, small);
	expect_u64_eq(bed->pages.large[0].live, of_16k);
	expect_u64_eq(bed->pages.large[1].live, of_64k);
}

/* One page in each 64 KiB takes 16 times as much, a dense map the same. */
static void test_patterns(void **state)
{
	struct bed bed;

	(void)state;
	set_up(&bed, PAGE);
	expect_u64_eq(bed.pages.sizes[0], 16 * K);
	expect_u64_eq(bed.pages.sizes[1], 64 * K);
	for (uint64_t i = 0; i < 1024; i++)
		touch(&bed, 7, 0x7f0000000000 + i * 64 * K);
	expect_live(&bed, 1024, 1024, 1024);
	for (uint64_t i = 0; i < 16384; i++)
		touch(&bed, 8, 0x7f0000000000 + i * PAGE + 100);
	expect_live(&bed, 1024 + 16384, 1024 + 4096, 1024 + 1024);
	expect_u64_eq(bed.pages.memory_count, 2);
	user_pages_finish(&bed.pages);
	/* What would grow most comes first. */
	expect_i64_eq(bed.pages.memories[0].pid, 7);
	expect_u64_eq(bed.pages.memories[0].large[1].end, 1024);
	expect_u64_eq(bed.pages.memories[1].small.peak, 16384);
	expect_u64_eq(bed.pages.faults, 1024 + 16384);
	tear_down(&bed);
}

/* Which requests are the fault's page, and which are not. */
static void test_pairs(void **state)
{
	struct bed bed;

	(void)state;
	set_up(&bed, PAGE);
	request(&bed, 7, MOVABLE, 0, 0); /* no fault before it */
	fault(&bed, 7, 0x1000, 0);	 /* a read */
	request(&bed, 7, MOVABLE, 0, 0);
	fault(&bed, 7, 0x1000, EVF_WRITE_FAULT);
	fault(&bed, 7, 0x2000, 0); /* the write took none */
	request(&bed, 7, MOVABLE, 0, 0);
	fault(&bed, 7, 0x1000, EVF_WRITE_FAULT);
	request(&bed, 7, MOVABLE, 9, 0); /* a huge page */
	request(&bed, 7, MOVABLE, 0, 0);
	expect_live(&bed, 0, 0, 0);
	fault(&bed, 7, 0x1000, EVF_WRITE_FAULT);
	request(&bed, 8, MOVABLE, 0, 0);	   /* another task's */
	request(&bed, 7, 0xdc0, 0, 0);		   /* a page table */
	request(&bed, 7, READAHEAD, 0, 0);	   /* of a file */
	request(&bed, 7, MOVABLE, 9, EVF_FAILED);  /* no huge page */
	request(&bed, 7, MOVABLE, 0, EVF_SOFTIRQ); /* an interrupt's */
	request(&bed, 7, MOVABLE, 0, EVF_BACKS_SLAB);
	expect_live(&bed, 0, 0, 0);
	request(&bed, 7, MOVABLE, 0, 0);
	expect_live(&bed, 1, 1, 1);
	request(&bed, 7, MOVABLE, 0, 0); /* a second one */
	expect_live(&bed, 1, 1, 1);
	tear_down(&bed);
}

/* Threads share ranges, processes do not, and an exec begins anew. */
static void test_memories(void **state)
{
	struct bed bed;
	uint64_t old;

	(void)state;
	set_up(&bed, PAGE);
	old = touch(&bed, 1, 0x10000);
	task_new(&bed, 1, 2, EVF_SHARES_MEMORY);
	task_new(&bed, 2, 3, EVF_SHARES_MEMORY);
	touch(&bed, 2, 0x11000);
	touch(&bed, 3, 0x14000);
	expect_live(&bed, 3, 2, 1);
	expect_u64_eq(bed.pages.memory_count, 1);
	/* A fork: what the child writes to is its own. */
	task_new(&bed, 1, 4, 0);
	touch(&bed, 4, 0x10000);
	touch(&bed, 4, 0x12000);
	expect_live(&bed, 5, 3, 2);
	/* The parent's copy begins another large page, which the next joins. */
	touch(&bed, 1, 0x10000);
	touch(&bed, 1, 0x11000);
	expect_live(&bed, 7, 4, 3);
	page_free(&bed, old);
	expect_live(&bed, 6, 4, 3);
	/* A pid that comes again is another process. */
	task_new(&bed, 1, 2, 0);
	touch(&bed, 2, 0x11000);
	expect_live(&bed, 7, 5, 4);
	feed(&bed, (struct kmem_event){.kind = EV_TASK_EXEC, .pid = 2});
	touch(&bed, 2, 0x12000);
	expect_live(&bed, 8, 6, 5);
	expect_u64_eq(bed.pages.memory_count, 4);
	tear_down(&bed);
}

/* An exec's loader writes to the new memory before its event. */
static void test_exec(void **state)
{
	const struct kmem_event rename = {
	    .kind = EV_TASK_RENAME, .pid = 2, .addr = 2};
	const struct kmem_event exec = {
	    .kind = EV_TASK_EXEC, .pid = 2, .addr = 2};
	struct bed bed;

	(void)state;
	set_up(&bed, PAGE);
	touch(&bed, 1, 0x10000);
	task_new(&bed, 1, 2, EVF_SHARES_MEMORY); /* vfork() */
	touch(&bed, 2, 0x11000);
	expect_live(&bed, 2, 1, 1);
	feed(&bed, rename);
	feed(&bed, (struct kmem_event){.kind = EV_FAULT_KERNEL,
				       .pid = 2,
				       .addr = 0x12000,
				       .flags = EVF_WRITE_FAULT});
	request(&bed, 2, MOVABLE, 0, 0);
	feed(&bed, exec);
	touch(&bed, 2, 0x13000);
	touch(&bed, 1, 0x12000);
	expect_live(&bed, 5, 2, 2);
	expect_u64_eq(bed.pages.memory_count, 2);
	/* Nothing but a new name: by itself, by another task, a thread's. */
	feed(&bed, rename);
	touch(&bed, 2, 0x14000);
	expect_live(&bed, 6, 3, 2);
	feed(&bed,
	     (struct kmem_event){.kind = EV_TASK_RENAME, .pid = 1, .addr = 2});
	touch(&bed, 1, 0x13000);
	feed(&bed, rename);
	feed(&bed, rename);
	task_new(&bed, 2, 3, EVF_SHARES_MEMORY);
	touch(&bed, 3, 0x15000);
	expect_live(&bed, 8, 3, 2);
	expect_u64_eq(bed.pages.memory_count, 2);
	/* Without a rename (before it was recorded) the event itself. */
	feed(&bed, exec);
	touch(&bed, 2, 0x15000);
	expect_live(&bed, 9, 4, 3);
	tear_down(&bed);
}

/* Only the time between the snapshots counts; later frees do not. */
static void test_window(void **state)
{
	struct bed bed;
	uint64_t early, late;

	(void)state;
	set_up(&bed, PAGE);
	early = touch(&bed, 1, 0x10000);
	task_new(&bed, 1, 2, EVF_SHARES_MEMORY);
	mark(&bed, "before:slabinfo");
	expect_live(&bed, 1, 1, 1);
	mark(&bed, "before:kpageflags");
	expect_live(&bed, 0, 0, 0);
	late = touch(&bed, 1, 0x10000);
	touch(&bed, 2, 0x20000);
	page_free(&bed, early);
	expect_live(&bed, 2, 2, 2);
	mark(&bed, "after:kpageflags");
	page_free(&bed, late);
	touch(&bed, 2, 0x40000);
	user_pages_finish(&bed.pages);
	expect_u64_eq(bed.pages.small.end, 2);
	expect_u64_eq(bed.pages.large[1].end, 2);
	expect_u64_eq(bed.pages.memory_count, 1);
	expect_u64_eq(bed.pages.memories[0].small.end, 2);
	tear_down(&bed);
}

/* Sizes that are not larger are not counted; nor is nonsense. */
static void test_page_sizes(void **state)
{
	struct bed bed;

	(void)state;
	set_up(&bed, 16 * K);
	expect_u64_eq(bed.pages.sizes[0], 0);
	expect_u64_eq(bed.pages.sizes[1], 64 * K);
	touch(&bed, 1, 0x10000);
	touch(&bed, 1, 0x14000);
	expect_live(&bed, 2, 0, 1);
	page_free(&bed, 1);
	page_free(&bed, 2);
	expect_live(&bed, 0, 0, 0);
	tear_down(&bed);
	set_up(&bed, 64 * K);
	expect_u64_eq(bed.pages.sizes[1], 0);
	touch(&bed, 1, UINT64_MAX);
	expect_live(&bed, 1, 0, 0);
	tear_down(&bed);
	set_up(&bed, 512);
	expect_u64_eq(bed.pages.sizes[1], 0);
	expect_u64_eq(bed.pages.sizes[0], 16 * K);
	touch(&bed, 1, UINT64_MAX);
	tear_down(&bed);
}

/* ---- Random faults against a naive count ---- */

enum { PLACES = 3000, PIDS = 3, SPACE = 512 };

struct naive {
	uint64_t object[PIDS][SPACE]; /* of the page at that address, 0: none */
};

static uint64_t naive_ranges(const struct naive *naive, unsigned int parts)
{
	uint64_t count = 0;

	for (unsigned int pid = 0; pid < PIDS; pid++)
		for (unsigned int at = 0; at < SPACE; at += parts) {
			bool any = false;

			for (unsigned int i = 0; i < parts; i++)
				any |= naive->object[pid][at + i] != 0;
			count += any;
		}
	return count;
}

static uint64_t most(uint64_t a, uint64_t b)
{
	return a > b ? a : b;
}

static void test_random(void **state)
{
	static struct naive naive;
	uint64_t peak[3] = {0};
	struct bed bed;

	(void)state;
	set_up(&bed, PAGE);
	srand(61);
	for (int step = 0; step < PLACES; step++) {
		unsigned int pid = (unsigned int)rand() % PIDS;
		unsigned int at = (unsigned int)rand() % SPACE;
		uint64_t *object = &naive.object[pid][at];

		if (*object) {
			page_free(&bed, *object);
			*object = 0;
		} else {
			*object = touch(&bed, (int)pid + 1,
					(uint64_t)at * PAGE + pid);
		}
		expect_live(&bed, naive_ranges(&naive, 1),
			    naive_ranges(&naive, 4), naive_ranges(&naive, 16));
		peak[0] = most(peak[0], bed.pages.small.live);
		peak[1] = most(peak[1], bed.pages.large[0].live);
		peak[2] = most(peak[2], bed.pages.large[1].live);
	}
	expect_u64_eq(bed.pages.small.peak, peak[0]);
	expect_u64_eq(bed.pages.large[0].peak, peak[1]);
	expect_u64_eq(bed.pages.large[1].peak, peak[2]);
	for (unsigned int pid = 0; pid < PIDS; pid++)
		for (unsigned int at = 0; at < SPACE; at++)
			page_free(&bed, naive.object[pid][at]);
	expect_live(&bed, 0, 0, 0);
	tear_down(&bed);
}

/* What no kernel says: counted wrong, perhaps, but nothing breaks. */
static void test_hostile(void **state)
{
	struct bed bed;

	(void)state;
	set_up(&bed, PAGE);
	srand(7);
	for (int i = 0; i < 200000; i++) {
		static const uint8_t kinds[] = {
		    EV_FAULT_USER, EV_FAULT_KERNEL, EV_PAGE_ALLOC, EV_PAGE_FREE,
		    EV_TASK_NEW,   EV_TASK_EXEC,    EV_PAGE_ALLOC, EV_MARKER,
		    EV_FAULT_USER, EV_TASK_RENAME};
		struct kmem_event ev = {
		    .kind = kinds[rand() % 10],
		    .pid = rand() % 4 - 1,
		    .flags = rand() % 2 ? EVF_WRITE_FAULT : (uint32_t)rand(),
		    .addr = rand() % 8 ? (uint64_t)rand() % 65536
				       : UINT64_MAX - (uint64_t)rand() % 3,
		    .gfp_flags = MOVABLE,
		    .object = (uint64_t)rand() % 64,
		    .name = (uint32_t)rand(),
		};

		feed(&bed, ev);
		expect_true(bed.pages.small.live <= bed.pages.small.peak);
		expect_true(bed.pages.large[1].live <= bed.pages.large[0].live);
		expect_true(bed.pages.large[0].live <= bed.pages.small.live);
	}
	user_pages_finish(&bed.pages);
	tear_down(&bed);
}

static void test_table(void **state)
{
	struct bed bed;
	struct table table;
	uint32_t name;

	(void)state;
	set_up(&bed, PAGE);
	assert_int_equal(names_intern(&bed.trace.names, "<b>", 3, &name), 0);
	assert_int_equal(map_put(&bed.trace.comms, 7, name), 0);
	for (uint64_t i = 0; i < 3; i++)
		touch(&bed, 7, i << 16);
	page_free(&bed, 1);
	touch(&bed, 8, 0x10000);
	user_pages_finish(&bed.pages);
	user_pages_table(&bed.pages, &table);
	assert_int_equal(table_status(&table, NULL), 0);
	assert_int_equal((int)table.row_count, 3);
	assert_int_equal(table_cell(&table, 0, 0)->kind, CELL_NONE);
	expect_i64_eq(table_cell(&table, 0, 2)->as.number, 3 * PAGE);
	expect_i64_eq(table_cell(&table, 0, 4)->as.number, 3 * 64 * K);
	expect_i64_eq(table_cell(&table, 0, 8)->as.number, 3 * 64 * K);
	expect_i64_eq(table_cell(&table, 1, 0)->as.number, 7);
	expect_str_eq(table_text_at(&table, table_cell(&table, 1, 1)), "<b>");
	expect_true(table_cell(&table, 1, 5)->as.real == 16.0);
	expect_i64_eq(table_cell(&table, 1, 6)->as.number, 2 * PAGE);
	expect_i64_eq(table_cell(&table, 2, 3)->as.number, 16 * K);
	table_fini(&table);
	tear_down(&bed);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_patterns), cmocka_unit_test(test_pairs),
	    cmocka_unit_test(test_memories), cmocka_unit_test(test_window),
	    cmocka_unit_test(test_exec),     cmocka_unit_test(test_page_sizes),
	    cmocka_unit_test(test_random),   cmocka_unit_test(test_hostile),
	    cmocka_unit_test(test_table),
	};

	return test_exit(cmocka_run_group_tests(tests, NULL, NULL));
}
