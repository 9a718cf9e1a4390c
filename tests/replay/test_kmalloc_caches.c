/*
 * The kmalloc caches of real kernels, names and sizes, from nothing but the
 * kernel's version, architecture, page size and allocator: of the captures and
 * machines in tests/data, of those in KMEMSCOPE_CAPTURES where that is set, and
 * of the running kernel. Which types a kernel has is its configuration; the
 * classes of each that it has must be these and no others.
 */
#include "replay/kmalloc.h"

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/utsname.h>
#include <unistd.h>

#include "core/trace.h"
#include "parser/file_read.h"
#include "parser/info_read.h"
#include "parser/kernel_read.h"
#include "parser/snapshot_read.h"
#include "tests/support/test.h"

static uint32_t differing(const char *where, const struct kmalloc_rules *want,
			  enum kmalloc_type want_type,
			  const struct kmalloc_rules *got,
			  enum kmalloc_type type)
{
	uint32_t count = got->count[type], bad = 0;

	if (count != want->count[want_type]) {
		print_error("%s: type %d has %u classes, not %u\n", where, type,
			    count, want->count[want_type]);
		return 1;
	}
	for (uint32_t i = 0; i < count; i++) {
		const struct kmalloc_class *a = &got->classes[type][i];
		const struct kmalloc_class *b = &want->classes[want_type][i];

		if (a->bytes == b->bytes && a->slab_size == b->slab_size &&
		    (type != want_type || !strcmp(a->name, b->name)))
			continue;
		print_error("%s: %s of %u bytes, not %s of %u\n", where,
			    a->name, a->slab_size, b->name, b->slab_size);
		bad++;
	}
	return bad;
}

/* Returns how many caches came out right; buckets and copies are as normal. */
static uint32_t caches_check(const char *where, const struct capture_info *info,
			     const struct snapshot *snapshot)
{
	struct kmalloc_rules *want = malloc(2 * sizeof(*want));
	struct kmalloc_rules *got = want + 1;
	uint32_t right = 0, bad = 0;

	assert_non_null(want);
	assert_int_equal(kmalloc_rules_init(want, info, NULL), 0);
	assert_int_equal(kmalloc_rules_init(got, info, snapshot), 0);
	for (int t = 0; got->captured && t < KMALLOC_TYPES; t++) {
		enum kmalloc_type type = (enum kmalloc_type)t;

		if (!got->count[type])
			continue;
		bad += differing(where, want,
				 type > KMALLOC_CGROUP ? KMALLOC_NORMAL : type,
				 got, type);
		right += got->count[type];
	}
	free(want);
	expect_u64_eq(bad, 0);
	return right;
}

/* A capture, or what is kept of one; 0 if it has no list of caches. */
static uint32_t machine_check(const char *dir)
{
	static const char *const when[] = {"before", "after"};
	struct file_text json;
	struct trace trace = {0};
	struct err err = {0};
	uint32_t right = 0;

	if (file_read(dir, "capture.json", 1 << 20, &json, &err))
		return 0;
	assert_int_equal(info_parse(json.text, json.len, &trace, &err), 0);
	file_text_fini(&json);
	trace.info.slab_kind = kernel_slab_kind(dir, &trace.info);
	for (int i = 0; i < 2; i++) {
		struct snapshot snapshot = {0};

		assert_int_equal(snapshot_read(dir, when[i], false, &trace.info,
					       &snapshot, &err),
				 0);
		right += caches_check(dir, &trace.info, &snapshot);
		snapshot_fini(&snapshot);
	}
	printf("%5u %s\n", right, dir);
	trace_fini(&trace);
	return right;
}

static uint32_t machines_check(const char *root)
{
	DIR *dir = opendir(root);
	struct dirent *entry;
	uint32_t right = 0;

	assert_non_null(dir);
	while ((entry = readdir(dir))) {
		char path[512];

		snprintf(path, sizeof(path), "%s/%.255s", root, entry->d_name);
		if (entry->d_name[0] != '.')
			right += machine_check(path);
	}
	closedir(dir);
	return right;
}

static void test_captures(void **state)
{
	static const char *const names[] = {
	    "mixed-slub",    "mixed-slab",	"files-slub",
	    "arm32-partial", "mixed-arm64-64k", "debian61-boot-kmalloc"};

	(void)state;
	for (size_t i = 0; i < sizeof(names) / sizeof(*names); i++) {
		const char *dir = test_capture(names[i]);

		assert_non_null(dir);
		expect_true(machine_check(dir) > 0);
	}
	expect_true(machines_check("tests/data/machines") > 300);
}

static void test_more_captures(void **state)
{
	const char *root = getenv("KMEMSCOPE_CAPTURES");

	(void)state;
	if (!root) {
		skip();
		return;
	}
	expect_true(machines_check(root) > 0);
}

static uint32_t number_of(const char *cache, const char *file)
{
	char path[512], text[32] = "";
	FILE *in;

	snprintf(path, sizeof(path), "/sys/kernel/slab/%s/%s", cache, file);
	in = fopen(path, "r");
	if (!in)
		return 0;
	if (!fgets(text, sizeof(text), in))
		text[0] = 0;
	fclose(in);
	return (uint32_t)strtoul(text, NULL, 10);
}

static void test_running_kernel(void **state)
{
	struct capture_info info = {.slab_kind = SLAB_KIND_SLUB};
	struct snapshot snapshot = {0};
	struct dirent *entry;
	struct utsname name;
	DIR *dir = opendir("/sys/kernel/slab");

	(void)state;
	if (!dir || access("/sys/kernel/slab/kmalloc-64/slab_size", R_OK)) {
		if (dir)
			closedir(dir);
		skip();
		return;
	}
	assert_int_equal(uname(&name), 0);
	snprintf(info.machine, sizeof(info.machine), "%.31s", name.machine);
	assert_int_equal(sscanf(name.release, "%d.%d", &info.version_major,
				&info.version_minor),
			 2);
	info.page_size = (uint32_t)sysconf(_SC_PAGESIZE);
	snapshot.caches = calloc(4096, sizeof(*snapshot.caches));
	assert_non_null(snapshot.caches);
	while ((entry = readdir(dir)) && snapshot.cache_count < 4096) {
		struct snapshot_cache *c =
		    &snapshot.caches[snapshot.cache_count];

		if (!strstr(entry->d_name, "kmalloc-"))
			continue;
		snprintf(c->name, sizeof(c->name), "%.63s", entry->d_name);
		c->slab_size = number_of(c->name, "slab_size");
		snapshot.cache_count++;
	}
	closedir(dir);
	/* Debug options (slub_debug) make every cache larger. */
	if (number_of("kmalloc-64", "slab_size") != 64) {
		snapshot_fini(&snapshot);
		skip();
		return;
	}
	expect_u64_eq(caches_check("the running kernel", &info, &snapshot),
		      snapshot.cache_count);
	printf("%5u of the running kernel, %s\n", snapshot.cache_count,
	       name.release);
	snapshot_fini(&snapshot);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_captures),
	    cmocka_unit_test(test_more_captures),
	    cmocka_unit_test(test_running_kernel),
	};

	return test_exit(cmocka_run_group_tests(tests, NULL, NULL));
}
