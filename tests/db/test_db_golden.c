/*
 * Every table and view of two small databases as text, against files in
 * tests/db/golden; UPDATE_GOLDEN=1 rewrites those.
 */
#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <sqlite3.h>

#include "tests/db/db_support.h"
#include "tests/support/test.h"

/* Bytes that are no printable ASCII as \xNN, so that the file is text. */
static void dump_text(FILE *out, const char *text)
{
	for (; *text; text++) {
		unsigned char c = (unsigned char)*text;

		if (c < 0x20 || c > 0x7e || c == '\\')
			fprintf(out, "\\x%02x", c);
		else
			fputc(c, out);
	}
}

static void dump_rows(FILE *out, sqlite3 *sql, const char *table)
{
	char text[256];
	sqlite3_stmt *stmt = NULL;

	snprintf(text, sizeof(text), "SELECT * FROM \"%s\"", table);
	if (sqlite3_prepare_v2(sql, text, -1, &stmt, NULL))
		fail_msg("%s: %s", text, sqlite3_errmsg(sql));
	fprintf(out, "%s (", table);
	for (int i = 0; i < sqlite3_column_count(stmt); i++)
		fprintf(out, "%s%s", i ? " " : "",
			sqlite3_column_name(stmt, i));
	fprintf(out, ")\n");
	while (sqlite3_step(stmt) == SQLITE_ROW) {
		for (int i = 0; i < sqlite3_column_count(stmt); i++) {
			const unsigned char *value =
			    sqlite3_column_text(stmt, i);

			fputs(i ? "|" : "  ", out);
			dump_text(out, value ? (const char *)value : "-");
		}
		fputc('\n', out);
	}
	sqlite3_finalize(stmt);
}

static void dump(const char *database, const char *output)
{
	FILE *out = fopen(output, "w");
	sqlite3_stmt *tables = NULL;
	sqlite3 *sql = NULL;

	expect_true(out != NULL);
	if (sqlite3_open_v2(database, &sql, SQLITE_OPEN_READONLY, NULL) ||
	    sqlite3_prepare_v2(sql,
			       "SELECT name FROM sqlite_schema "
			       "WHERE type IN ('table', 'view') ORDER BY name",
			       -1, &tables, NULL))
		fail_msg("%s", sqlite3_errmsg(sql));
	while (sqlite3_step(tables) == SQLITE_ROW)
		dump_rows(out, sql,
			  (const char *)sqlite3_column_text(tables, 0));
	sqlite3_finalize(tables);
	sqlite3_close(sql);
	assert_int_equal(fclose(out), 0);
}

static void expect_golden(const char *database, const char *name)
{
	char golden[128], command[512];
	const char *got = db_path("got.txt");

	snprintf(golden, sizeof(golden), "tests/db/golden/%s.txt", name);
	dump(database, getenv("UPDATE_GOLDEN") ? golden : got);
	if (getenv("UPDATE_GOLDEN"))
		return;
	snprintf(command, sizeof(command), "diff -u %s %s", golden, got);
	if (system(command))
		fail_msg("%s differs: UPDATE_GOLDEN=1 rewrites it", golden);
}

static uint32_t intern(struct trace *trace, const char *text)
{
	uint32_t id;

	assert_int_equal(names_intern(&trace->names, text, strlen(text), &id),
			 0);
	return id;
}

static void set_comm(struct trace *trace, int32_t pid, const char *comm)
{
	assert_int_equal(
	    map_put(&trace->comms, (uint32_t)pid, intern(trace, comm)), 0);
}

static void write_all(const char *path, struct trace *trace,
		      const struct kmem_event *events, size_t count,
		      const struct site_summary *sites, size_t site_count)
{
	struct db_writer *writer;
	struct err err = {0};

	assert_int_equal(db_create(path, false, &writer, &err), 0);
	assert_int_equal(db_write_events(writer, events, count, &err), 0);
	assert_int_equal(db_write_sites(writer, sites, site_count, &err), 0);
	if (db_commit(writer, trace, &err))
		fail_msg("%s", err.text);
}

static void init_trace(struct trace *trace, uint32_t cpus)
{
	*trace = (struct trace){.info = {.title = "by hand",
					 .release = "6.1.0",
					 .machine = "x86_64",
					 .clock = "mono",
					 .version_major = 6,
					 .version_minor = 1,
					 .page_size = 4096,
					 .long_size = 8,
					 .command_status = -1,
					 .cpu_count = cpus,
					 .slab_kind = SLAB_KIND_SLUB,
					 .gfp = {.io = 0x40, .fs = 0x80}}};
	trace->info.cpus = calloc(cpus, sizeof(*trace->info.cpus));
	expect_true(trace->info.cpus != NULL);
}

#define SITE 0xffffffff81000100
#define OBJECT 0xffff888000001000

/* Ids in order of first appearance. */
enum { NAME_DENTRY = 1, NAME_BEGIN };

static const struct kmem_event events[] = {
    {.ts_ns = 1000,
     .kind = EV_MARKER,
     .pid = 9,
     .flags = EVF_SELF,
     .name = NAME_BEGIN,
     .node = -1},
    {.ts_ns = 2000,
     .kind = EV_KMALLOC,
     .pid = 7,
     .call_site = SITE,
     .addr = OBJECT,
     .bytes_req = 29,
     .bytes_alloc = 64,
     .gfp_flags = 0xcc0,
     .object = 1,
     .slot = 0,
     .node = -1},
    {.ts_ns = 3000,
     .kind = EV_CACHE_ALLOC,
     .pid = 7,
     .cpu = 1,
     .call_site = SITE + 8,
     .addr = OBJECT + 64,
     .bytes_req = 192,
     .bytes_alloc = 192,
     .name = NAME_DENTRY,
     .object = 2,
     .slot = 2,
     .node = 0},
    {.ts_ns = 4000,
     .kind = EV_KFREE,
     .pid = 7,
     .cpu = 1,
     .call_site = UINT64_MAX,
     .addr = OBJECT,
     .bytes_req = 29,
     .bytes_alloc = 64,
     .object = 1,
     .slot = 0,
     .alloc_ts_ns = 2000,
     .alloc_site = SITE,
     .alloc_cpu = 0,
     .node = -1},
    {.ts_ns = 5000,
     .kind = EV_CACHE_FREE,
     .flags = EVF_SYNTHETIC,
     .addr = OBJECT + 64,
     .bytes_req = 192,
     .bytes_alloc = 192,
     .name = NAME_DENTRY,
     .object = 2,
     .slot = 2,
     .alloc_ts_ns = 3001,
     .alloc_site = SITE + 8,
     .alloc_cpu = 1,
     .node = -1},
    {.ts_ns = 6000,
     .kind = EV_PAGE_ALLOC,
     .pid = 7,
     .addr = 4096,
     .order = 3,
     .migratetype = 1,
     .gfp_flags = 0x40cc0,
     .object = 3,
     .slot = 2,
     .node = -1},
    {.ts_ns = 7000,
     .kind = EV_PAGE_FREE,
     .addr = 4100,
     .order = 2,
     .flags = EVF_SPLIT | EVF_BLOCK_LIVES,
     .object = 3,
     .slot = 2,
     .alloc_ts_ns = 6000,
     .node = -1},
    {.ts_ns = 8000,
     .kind = EV_EXTFRAG,
     .addr = 8192,
     .order = 1,
     .migratetype = 0,
     .fallback_order = 9,
     .fallback_migratetype = 2,
     .node = -1},
};

static const struct site_summary sites[] = {
    {.call_site = SITE,
     .kind = EV_KMALLOC,
     .bytes_each = 64,
     .allocs = 1,
     .frees = 1,
     .bytes_req = 29,
     .bytes_alloc = 64,
     .bytes_req_freed = 29,
     .bytes_alloc_freed = 64,
     .bytes_req_max = 29,
     .cross_cpu_frees = 1,
     .cross_node_allocs = 1},
    {.call_site = SITE + 8,
     .kind = EV_CACHE_ALLOC,
     .name = NAME_DENTRY,
     .bytes_each = 192,
     .allocs = 1,
     .frees = 1,
     .implicit_frees = 1,
     .bytes_req = 192,
     .bytes_alloc = 192},
    {.kind = EV_PAGE_ALLOC,
     .order = 3,
     .migratetype = 1,
     .allocs = 1,
     .bytes_req = 32768,
     .bytes_alloc = 32768},
};

/* An object, a cache object, pages, one of each oddity. */
static void test_small(void **state)
{
	const char *path = db_path("small.db");
	struct trace trace;
	struct trace again = {0};
	struct source *source;
	struct kmem_event got;
	struct err err = {0};
	size_t count;

	(void)state;
	init_trace(&trace, 2);
	trace.info.cpus[1] = (struct cpu_loss){12, 3, 0, 0, 9};
	trace.topology.from = TOPOLOGY_LEARNED;
	assert_int_equal(topology_put(&trace.topology, 1, 3), 0);
	trace.anomalies.count[ANOMALY_LOST_EVENTS] = 3;
	expect_u64_eq(intern(&trace, "dentry"), NAME_DENTRY);
	expect_u64_eq(intern(&trace, "before:begin"), NAME_BEGIN);

	set_comm(&trace, 7, "cat");
	assert_int_equal(map_put(&trace.self_pids, 9, 1), 0);
	assert_int_equal(
	    map_put(&trace.cgroups, 7, intern(&trace, "/a b'c.scope")), 0);
	assert_int_equal(
	    symbols_add(&trace.symbols, 0xffffffff81000000, "do_it", "ext4"),
	    0);
	symbols_sort(&trace.symbols);
	write_all(path, &trace, events, 8, sites, 3);
	expect_golden(path, "small");
	/* And all of it comes back, exceptions to the ledger too. */
	assert_int_equal(db_source_open(path, &again, &source, &err), 0);
	for (size_t i = 0; i < 8; i++) {
		assert_int_equal(source_read(source, &got, 1, &count, &err), 0);
		expect_u64_eq(count, 1);
		expect_same_event(&got, &events[i], i + 1);
	}
	expect_u64_eq(map_count(&again.cgroups), 1);
	expect_str_eq(
	    names_get(&again.names, (uint32_t)*map_find(&again.cgroups, 7)),
	    "/a b'c.scope");
	expect_u64_eq(again.topology.from, TOPOLOGY_LEARNED);
	expect_i64_eq(topology_node(&again.topology, 0), -1);
	expect_i64_eq(topology_node(&again.topology, 1), 3);
	source_close(source);
	trace_fini(&again);
	trace_fini(&trace);
}

/* Names that would be something else to a shell, SQL or a terminal. */
static void test_hostile_names(void **state)
{
	static const char *const hostile[] = {"'); DROP TABLE event; --",
					      "\" OR 1=1",
					      "%s%n%d",
					      "\x1b]0;owned\a",
					      "\xff\xfe\xc0\x80",
					      "a\nb\tc",
					      "$(touch /tmp/x)`id`",
					      "<script>alert(1)</script>"};
	enum { COUNT = sizeof(hostile) / sizeof(hostile[0]) };
	const char *path = db_path("hostile.db");
	struct kmem_event frees[COUNT];
	struct trace trace, again = {0};
	struct source *source;
	struct err err = {0};

	(void)state;
	init_trace(&trace, 1);
	strcpy(trace.info.title, hostile[0]);
	strcpy(trace.info.command, hostile[4]);
	for (uint32_t i = 0; i < COUNT; i++) {
		set_comm(&trace, (int32_t)i + 1, hostile[i]);
		assert_int_equal(symbols_add(&trace.symbols, 0x1000 * (i + 1),
					     hostile[i], hostile[i]),
				 0);
		frees[i] = (struct kmem_event){.ts_ns = i,
					       .kind = EV_KMALLOC,
					       .call_site = 0x1000 * (i + 1),
					       .addr = 64 * (i + 1),
					       .object = i + 1,
					       .slot = i,
					       .pid = (int32_t)i + 1,
					       .name = i + 1,
					       .node = -1};
	}
	symbols_sort(&trace.symbols);
	write_all(path, &trace, frees, COUNT, NULL, 0);
	expect_golden(path, "hostile");
	assert_int_equal(db_source_open(path, &again, &source, &err), 0);
	expect_str_eq(again.info.title, hostile[0]);
	expect_str_eq(again.info.command, hostile[4]);
	for (uint32_t i = 0; i < COUNT; i++) {
		const char *module;
		uint64_t offset;

		expect_str_eq(names_get(&again.names, i + 1), hostile[i]);
		expect_str_eq(trace_comm(&again, (int32_t)i + 1), hostile[i]);
		expect_str_eq(symbols_find(&again.symbols, 0x1000 * (i + 1),
					   &offset, &module),
			      hostile[i]);
		expect_str_eq(module, hostile[i]);
	}
	source_close(source);
	trace_fini(&again);
	trace_fini(&trace);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_small),
	    cmocka_unit_test(test_hostile_names),
	};

	return test_exit(cmocka_run_group_tests(tests, NULL, NULL));
}
