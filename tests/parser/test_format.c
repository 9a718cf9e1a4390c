#include "parser/format.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/event.h"
#include "parser/format_text.h"
#include "parser/gfp_parse.h"
#include "tests/support/test.h"

#define COMMON                                                                 \
	"format:\n"                                                            \
	"\tfield:unsigned short common_type;\toffset:0;\tsize:2;\tsigned:0;\n" \
	"\tfield:unsigned char common_flags;\toffset:2;\tsize:1;\tsigned:0;\n" \
	"\tfield:int common_pid;\toffset:4;\tsize:4;\tsigned:1;\n\n"

/* mm/kmem of 6.18: the name comes first, gfp bits are shifts. */
static const char alloc_618[] =
    "name: kmem_cache_alloc\nID: 659\n" COMMON
    "\tfield:unsigned long call_site;\toffset:8;\tsize:8;\tsigned:0;\n"
    "\tfield:const void * ptr;\toffset:16;\tsize:8;\tsigned:0;\n"
    "\tfield:__data_loc char[] name;\toffset:24;\tsize:4;\tsigned:0;\n"
    "\tfield:size_t bytes_req;\toffset:32;\tsize:8;\tsigned:0;\n"
    "\tfield:size_t bytes_alloc;\toffset:40;\tsize:8;\tsigned:0;\n"
    "\tfield:unsigned long gfp_flags;\toffset:48;\tsize:8;\tsigned:0;\n"
    "\tfield:int node;\toffset:56;\tsize:4;\tsigned:1;\n"
    "\tfield:bool accounted;\toffset:60;\tsize:1;\tsigned:0;\n\n"
    "print fmt: \"%s\", (REC->gfp_flags) ? __print_flags(REC->gfp_flags, "
    "\"|\", {( unsigned long)(((((((( gfp_t)(((((1UL))) << (10))|((((1UL))) "
    "<< (11)))) | (( gfp_t)((((1UL))) << (6))))))))), \"GFP_NOIO\"}, "
    "{( unsigned long)(( gfp_t)((((1UL))) << (0))), \"GFP_DMA\"}, "
    "{( unsigned long)(( gfp_t)((((1UL))) << (0))), \"__GFP_DMA\"}, "
    "{( unsigned long)(( gfp_t)((((1UL))) << (11))), "
    "\"__GFP_KSWAPD_RECLAIM\"}, "
    "{( unsigned long)(( gfp_t)((((1UL))) << (22))), \"__GFP_ACCOUNT\"}, "
    "{ 0, ((void *)0) } ) : \"none\"\n";

/* 5.15: gfp_t of 4 bytes, no node, no accounted. */
static const char kmalloc_515[] =
    "name: kmalloc\nID: 400\n" COMMON
    "\tfield:unsigned long call_site;\toffset:8;\tsize:8;\tsigned:0;\n"
    "\tfield:const void * ptr;\toffset:16;\tsize:8;\tsigned:0;\n"
    "\tfield:size_t bytes_req;\toffset:24;\tsize:8;\tsigned:0;\n"
    "\tfield:size_t bytes_alloc;\toffset:32;\tsize:8;\tsigned:0;\n"
    "\tfield:gfp_t gfp_flags;\toffset:40;\tsize:4;\tsigned:0;\n\n"
    "print fmt: \"%s\", {(unsigned long)((( gfp_t)0x20u)|(( gfp_t)0x200u)|("
    "( gfp_t)0x800u)), \"GFP_ATOMIC\"}, {(unsigned long)(( gfp_t)0x200u), "
    "\"__GFP_ATOMIC\"}, {(unsigned long)(( gfp_t)0x04u), \"GFP_DMA32\"}\n";

static int parse(const char *text, const char *system,
		 struct event_format *format, struct err *err)
{
	return format_parse(text, strlen(text), system, 8, false, format, err);
}

static void test_kernel_618(void **state)
{
	struct event_format format;
	struct gfp_bits bits;
	struct err err = {0};

	(void)state;
	assert_int_equal(parse(alloc_618, "kmem", &format, &err), 0);
	expect_u64_eq(format.kind, EV_CACHE_ALLOC);
	expect_u64_eq(format.id, 659);
	expect_u64_eq(format.text_form, TEXT_DATA_LOC);
	expect_u64_eq(format.text_offset, 24);
	expect_u64_eq(format.fields[SLOT_ACCOUNTED].offset, 60);
	expect_u64_eq(format.min_len, 61);
	expect_true(!format.account_by_gfp);
	expect_true(gfp_parse(alloc_618, strlen(alloc_618), &bits));
	expect_u64_eq(bits.dma, 1);
	expect_u64_eq(bits.kswapd_reclaim, 1 << 11);
	expect_u64_eq(bits.account, 1 << 22);
	expect_u64_eq(bits.atomic, 0);
	expect_u64_eq(bits.no_obj_ext, 0);
	expect_u64_eq(bits.io, 0); /* named only as a part of GFP_NOIO */
}

static void test_kernel_515(void **state)
{
	uint8_t record[64] = {0};
	struct event_format format;
	struct gfp_bits bits;
	struct err err = {0};

	(void)state;
	assert_int_equal(parse(kmalloc_515, "kmem", &format, &err), 0);
	memset(record + 40, 0xff, 8); /* gfp_flags has 4 of them */
	expect_u64_eq(format_load(&format.fields[SLOT_GFP], record, false),
		      UINT32_MAX);
	expect_i64_eq(
	    (int64_t)format_load(&format.fields[SLOT_NODE], record, false), -1);
	expect_true(format.account_by_gfp);
	expect_true(gfp_parse(kmalloc_515, strlen(kmalloc_515), &bits));
	expect_u64_eq(bits.atomic, 0x200);
	expect_u64_eq(bits.dma32, 4);
}

/* Formats as the oldest and the newest kernel that was booted have them. */
static void real_format(const char *name, struct event_format *format,
			struct gfp_bits *bits)
{
	char path[128], text[16384];
	struct err err = {0};
	FILE *file;
	size_t len;

	snprintf(path, sizeof(path), "fuzz/corpus/format/%s", name);
	file = fopen(path, "r");
	assert_non_null(file);
	len = fread(text, 1, sizeof(text), file);
	fclose(file);
	/* The first byte is the fuzzer's. */
	assert_int_equal(
	    format_parse(text + 1, len - 1, "kmem", 8, false, format, &err), 0);
	*bits = (struct gfp_bits){0};
	if (!gfp_parse(text + 1, len - 1, bits))
		expect_true(strstr(name, "free") != NULL);
}

static void test_real_kernels(void **state)
{
	struct event_format format;
	struct gfp_bits bits, table;

	(void)state;
	real_format("kmalloc_node-5.10", &format, &bits);
	expect_u64_eq(format.kind, EV_KMALLOC);
	expect_u64_eq(format.fields[SLOT_NODE].offset, 44);
	expect_true(format.account_by_gfp);
	gfp_of_version(5, 10, &table);
	expect_true(!memcmp(&bits, &table, sizeof(bits)));
	real_format("kmem_cache_free-5.10", &format, &bits);
	expect_u64_eq(format.kind, EV_CACHE_FREE);
	expect_u64_eq(format.text_form, TEXT_NONE);
	real_format("kmem_cache_alloc-6.18", &format, &bits);
	expect_u64_eq(bits.no_obj_ext, 1 << 24);
	real_format("kmalloc-7.3", &format, &bits);
	expect_u64_eq(format.kind, EV_KMALLOC);
	expect_u64_eq(bits.no_obj_ext, 0);
	expect_u64_eq(bits.nowait, 0x2800);
	gfp_of_version(7, 3, &table);
	expect_true(!memcmp(&bits, &table, sizeof(bits)));
	real_format("kmem_cache_alloc-7.3", &format, &bits);
	expect_u64_eq(format.text_form, TEXT_DATA_LOC);
	expect_true(!format.account_by_gfp);
}

/* The table of 5.15 to 6.18 and the formats of a real kernel agree. */
static void test_gfp_of_a_capture(void **state)
{
	const char *dir = test_capture("mixed-slub");
	struct gfp_bits read, table;
	char path[512], text[65536];
	FILE *file;
	size_t len;

	(void)state;
	assert_non_null(dir);
	snprintf(path, sizeof(path),
		 "%s/tracefs/events/kmem/mm_page_alloc/format", dir);
	file = fopen(path, "r");
	assert_non_null(file);
	len = fread(text, 1, sizeof(text), file);
	fclose(file);
	expect_true(gfp_parse(text, len, &read));
	gfp_of_version(6, 1, &table);
	expect_true(!memcmp(&read, &table, sizeof(read)));
	gfp_of_version(6, 12, &table);
	expect_u64_eq(table.atomic, 0);
}

static void test_gfp_nonsense(void **state)
{
	char deep[4096];
	struct gfp_bits bits = {.dma = 77};

	(void)state;
	memset(deep, '(', sizeof(deep));
	deep[0] = '{';
	expect_true(!gfp_parse(deep, sizeof(deep), &bits));
	memset(deep + 1, '~', sizeof(deep) - 1);
	expect_true(!gfp_parse(deep, sizeof(deep), &bits));
	expect_true(!gfp_parse("{0x1, \"GFP_DMA", 14, &bits));
	expect_true(!gfp_parse("{0x1 << 99, \"GFP_XYZ\"}", 22, &bits));
	expect_true(!gfp_parse("", 0, &bits));
	expect_u64_eq(bits.dma, 77);
}

/* An event that is not about memory needs the common fields only. */
static void test_other_event(void **state)
{
	static const char other[] =
	    "name: mm_vmscan_kswapd_sleep\nID: 480\n" COMMON
	    "\tfield:int nid;\toffset:8;\tsize:4;\tsigned:1;\n\n"
	    "print fmt: \"nid=%d\", REC->nid\n";
	struct event_format format;
	struct err err = {0};

	(void)state;
	assert_int_equal(parse(other, "vmscan", &format, &err), 0);
	expect_u64_eq(format.kind, EV_OTHER);
	expect_true(!format_is_memory(&format));
	/* kmalloc of another system is not the kernel's kmalloc. */
	assert_int_equal(parse(kmalloc_515, "mymod", &format, &err), 0);
	expect_u64_eq(format.kind, EV_OTHER);
}

static void test_wrong_fields(void **state)
{
	static const struct {
		const char *from, *to, *message;
	} cases[] = {
	    {"bytes_req", "bytes_rex", "no field 'bytes_req'"},
	    {"offset:24;\tsize:8", "offset:24;\tsize:7", "'bytes_req'"},
	    {"offset:24;", "offset:99999;", "'bytes_req'"},
	    {"common_pid", "common_pit", "'common_pid'"},
	    {"ID: 400", "ID: 99999", "id 99999"},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		struct event_format format;
		char text[4096], *at;
		struct err err = {0};

		at = strstr(kmalloc_515, cases[i].from);
		assert_non_null(at);
		snprintf(text, sizeof(text), "%.*s%s%s",
			 (int)(at - kmalloc_515), kmalloc_515, cases[i].to,
			 at + strlen(cases[i].from));
		expect_i64_eq(parse(text, "kmem", &format, &err), ERR_FORMAT);
		assert_non_null(strstr(err.text, "kmalloc"));
		if (!strstr(err.text, cases[i].message))
			fail_msg("\"%s\" does not say %s", err.text,
				 cases[i].message);
	}
}

/* Cut anywhere: an error or, once all fields are there, the same format. */
static void test_cut_format(void **state)
{
	size_t whole = (size_t)(strstr(kmalloc_515, "print fmt") - kmalloc_515);

	(void)state;
	for (size_t len = 0; len < strlen(kmalloc_515); len++) {
		char *copy = malloc(len + 1);
		struct event_format format;
		struct err err = {0};
		int ret;

		memcpy(copy, kmalloc_515, len);
		ret = format_parse(copy, len, "kmem", 8, false, &format, &err);
		expect_true(ret == 0 || ret == ERR_FORMAT);
		expect_true(len < whole || ret == 0);
		free(copy);
	}
}

/* Lines that libtraceevent would stumble over are left out. */
static void test_clean_text(void **state)
{
	static const char text[] =
	    "name: x\nID: 5\nformat:\n"
	    "\tfield:int common_pid;\toffset:4;\tsize:4;\tsigned:1;\n"
	    "\n"
	    "\tfield:char[]d***ned ip;\toffset:8;\tsize:8;\tsigned:0;\n"
	    "\tfield:one;\toffset:8;\tsize:8;\tsigned:0;\n"
	    "\tfield:void * p;\toffset:8;\tsize:8;\n"
	    "\tfield:int common_late;\toffset:8;\tsize:8;\tsigned:0;\n"
	    "\tfield:int a;\toffset:1234567890;\tsize:8;\tsigned:0;\n"
	    "\tfield:__data_loc char[] s;\toffset:8;\tsize:4;\tsigned:1;\n"
	    "print fmt: \"%s\", (0 && x)\n";
	static const char clean[] =
	    "name: x\nID: 5\nformat:\n"
	    "\tfield:int common_pid;\toffset:4;\tsize:4;\tsigned:1;\n"
	    "\n"
	    "\tfield:void * p;\toffset:8;\tsize:8;\n"
	    "\tfield:__data_loc char[] s;\toffset:8;\tsize:4;\tsigned:1;\n"
	    "\n"
	    "print fmt: \"\"\n";
	char got[sizeof(text) + FORMAT_TEXT_ROOM];

	(void)state;
	expect_u64_eq(format_text_clean(text, strlen(text), got),
		      strlen(clean));
	expect_str_eq(got, clean);
	expect_u64_eq(format_text_clean("name: x\nID: 5\n", 14, got), 0);
}

static void test_loads(void **state)
{
	uint8_t bytes[16] = {0xfe, 0xff, 0xff, 0xff, 1, 2, 3, 4, 5};
	struct format_field s32 = format_number(0, 4, true);
	struct format_field s16 = format_number(2, 2, true);
	struct format_field u32 = format_number(0, 4, false);
	struct format_field u8 = format_number(4, 1, false);
	struct format_field u64 = format_number(0, 8, false);
	struct format_field s64 = format_number(0, 8, true);
	struct format_field absent = format_absent(-1);
	struct format_field zero = {0};

	(void)state;
	expect_i64_eq((int64_t)format_load(&s32, bytes, false), -2);
	expect_u64_eq(format_load(&u32, bytes, false), 0xfffffffe);
	expect_u64_eq(format_load(&u8, bytes, false), 1);
	expect_u64_eq(format_load(&u64, bytes, false), 0x04030201fffffffe);
	expect_u64_eq(format_load(&s64, bytes, false), 0x04030201fffffffe);
	expect_i64_eq((int64_t)format_load(&s16, bytes, false), -1);
	expect_i64_eq((int64_t)format_load(&absent, bytes, false), -1);
	expect_u64_eq(format_load(&zero, bytes, false), 0);
	expect_i64_eq((int64_t)format_load(&s32, bytes, true),
		      (int32_t)0xfeffffff);
	expect_i64_eq((int64_t)format_load(&s64, bytes, true),
		      (int64_t)0xfeffffff01020304);
	expect_i64_eq((int64_t)format_load(&absent, bytes, true), -1);
	expect_u64_eq(format_load(&u32, bytes, true), 0xfeffffff);
	expect_u64_eq(format_load(&u8, bytes, true), 1);
	expect_u64_eq(format_load(&u64, bytes, true), 0xfeffffff01020304);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_kernel_618),
	    cmocka_unit_test(test_kernel_515),
	    cmocka_unit_test(test_real_kernels),
	    cmocka_unit_test(test_gfp_of_a_capture),
	    cmocka_unit_test(test_gfp_nonsense),
	    cmocka_unit_test(test_other_event),
	    cmocka_unit_test(test_wrong_fields),
	    cmocka_unit_test(test_cut_format),
	    cmocka_unit_test(test_clean_text),
	    cmocka_unit_test(test_loads),
	};

	return test_exit(cmocka_run_group_tests(tests, NULL, NULL));
}
