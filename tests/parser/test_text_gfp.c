#include "tests/support/test.h"

#include <string.h>

#include "parser/gfp_parse.h"
#include "parser/text_gfp.h"

static uint32_t parsed(const char *text, int major, int minor)
{
	struct gfp_bits bits;

	gfp_of_version(major, minor, &bits);
	return text_gfp_parse(text, strlen(text), &bits);
}

/* Values: include/linux/gfp_types.h of 6.1; 6.12's GFP_ATOMIC has two bits. */
static void test_words(void **state)
{
	(void)state;
	expect_u64_eq(parsed("GFP_KERNEL", 6, 1), 0xcc0);
	expect_u64_eq(parsed("GFP_KERNEL|__GFP_ZERO", 6, 1), 0xdc0);
	expect_u64_eq(parsed("GFP_KERNEL_ACCOUNT|__GFP_ZERO", 6, 1), 0x400dc0);
	expect_u64_eq(parsed("GFP_ATOMIC", 6, 1), 0xa20);
	expect_u64_eq(parsed("GFP_ATOMIC", 6, 12), 0x820);
	expect_u64_eq(parsed("GFP_HIGHUSER_MOVABLE|__GFP_COMP", 6, 1),
		      0x140cca);
	expect_u64_eq(parsed("GFP_TRANSHUGE", 6, 1), 0x1c24ca);
	expect_u64_eq(parsed("GFP_NOWAIT|GFP_DMA32", 6, 1), 0x804);
	expect_u64_eq(parsed("0", 6, 1), 0);
	expect_u64_eq(parsed("0xcc0", 6, 1), 0xcc0);
	expect_u64_eq(parsed("GFP_NOFS|0x1000000", 6, 1), 0x1000c40);
}

/* A word that is not known, or cut, gives nothing and breaks nothing. */
static void test_odd(void **state)
{
	(void)state;
	expect_u64_eq(parsed("", 6, 1), 0);
	expect_u64_eq(parsed("|", 6, 1), 0);
	expect_u64_eq(parsed("GFP_KERNE", 6, 1), 0);
	expect_u64_eq(parsed("__GFP_ZEROTAGS|__GFP_IO", 6, 1), 0x40);
	expect_u64_eq(parsed("99999999999999999999", 6, 1), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_words),
	    cmocka_unit_test(test_odd),
	};

	return test_exit(cmocka_run_group_tests(tests, NULL, NULL));
}
