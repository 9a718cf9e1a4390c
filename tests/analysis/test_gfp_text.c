/*
 * gfp_text: masks of kernel 6.1, as its own print format writes them.
 */
#include "analysis/gfp_text.h"

#include "tests/support/test.h"

static const struct gfp_bits bits = {
#define X(field, name, value) .field = value,
    GFP_TABLE(X)
#undef X
	.nowait = 0x800};

static void test_names(void **state)
{
	char text[GFP_TEXT_MAX];

	(void)state;
	expect_str_eq(gfp_format(&bits, 0xcc0, text), "GFP_KERNEL");
	expect_str_eq(gfp_format(&bits, 0xdc0, text), "GFP_KERNEL|__GFP_ZERO");
	expect_str_eq(gfp_format(&bits, 0xa20, text), "GFP_ATOMIC");
	expect_str_eq(gfp_format(&bits, 0x100cca, text),
		      "GFP_HIGHUSER_MOVABLE");
	expect_str_eq(gfp_format(&bits, 0, text), "0");
	expect_str_eq(gfp_format(&bits, 0x80000cc0u, text),
		      "GFP_KERNEL|0x80000000");
}

static void test_short_names(void **state)
{
	char text[GFP_TEXT_MAX];

	(void)state;
	expect_str_eq(gfp_format_short(&bits, 0x52a20, text), "A|NWR|NR|C");
	expect_str_eq(gfp_format_short(&bits, 0xc40, text), "NFS");
}

static void test_nowait(void **state)
{
	struct gfp_bits since_6_7 = bits;
	char text[GFP_TEXT_MAX];

	(void)state;
	since_6_7.nowait = 0x2800;
	expect_str_eq(gfp_format(&bits, 0x2800, text),
		      "GFP_NOWAIT|__GFP_NOWARN");
	expect_str_eq(gfp_format(&since_6_7, 0x2800, text), "GFP_NOWAIT");
	expect_str_eq(gfp_format(&since_6_7, 0x800, text),
		      "__GFP_KSWAPD_RECLAIM");
}

/* Bits that the kernel lacks neither name a flag nor make a compound. */
static void test_missing_bits(void **state)
{
	struct gfp_bits fewer = bits;
	char text[GFP_TEXT_MAX];

	(void)state;
	fewer.account = 0;
	fewer.atomic = 0; /* 6.3 on */
	expect_str_eq(gfp_format(&fewer, 0xcc0, text), "GFP_KERNEL");
	expect_str_eq(gfp_format(&fewer, 0x820, text), "GFP_ATOMIC");
	expect_str_eq(gfp_format(&fewer, 0x1000cc0, text),
		      "GFP_KERNEL|0x1000000");
	fewer.no_obj_ext = 0x1000000;
	expect_str_eq(gfp_format(&fewer, 0x1000cc0, text),
		      "GFP_KERNEL|__GFP_NO_OBJ_EXT");
	expect_str_eq(gfp_format_short(&fewer, 0x1000cc0, text), "K|NOE");
	expect_str_eq(gfp_format(&(struct gfp_bits){0}, 0xcc0, text), "0xcc0");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_names),
	    cmocka_unit_test(test_short_names),
	    cmocka_unit_test(test_nowait),
	    cmocka_unit_test(test_missing_bits),
	};

	return test_exit(cmocka_run_group_tests(tests, NULL, NULL));
}
