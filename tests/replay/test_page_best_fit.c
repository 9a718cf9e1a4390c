/*
 * The worked example of docs/allocators.md: what its page model promises, and
 * that slab allocators live on it as on any other.
 */
#include "examples/page_best_fit.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "replay/slub.h"
#include "tests/support/test.h"

enum { FRAMES = 1000 };

static struct page_model *model_make(uint64_t frames)
{
	struct page_model *model = NULL;

	expect_i64_eq(page_best_fit_create(&model, frames, memory_libc()), 0);
	return model;
}

static void model_check(const struct page_model *model)
{
	struct err err = {0};

	if (model->ops->check(model, &err))
		fail_msg("%s", err.text);
}

static uint64_t take(struct page_model *model, unsigned int order)
{
	struct page_request request = {.order = order};
	uint64_t pfn = UINT64_MAX;

	expect_i64_eq(model->ops->alloc(model, &request, &pfn), 0);
	return pfn;
}

static void shortest_run_that_fits(void **state)
{
	struct page_model *model = model_make(64);

	(void)state;
	for (uint64_t pfn = 0; pfn < 64; pfn++)
		expect_u64_eq(take(model, 0), pfn);
	/* Runs of 8, of 4, and of 3 that is not aligned for a pair. */
	expect_true(model->ops->free(model, 8, 3, 0));
	expect_true(model->ops->free(model, 32, 2, 0));
	for (uint64_t pfn = 51; pfn < 54; pfn++)
		expect_true(model->ops->free(model, pfn, 0, 0));
	expect_u64_eq(take(model, 1), 52);
	expect_u64_eq(take(model, 0), 51);
	expect_u64_eq(take(model, 1), 32);
	expect_u64_eq(take(model, 3), 8);
	expect_u64_eq(take(model, 1), 34);
	expect_i64_eq(
	    model->ops->alloc(model, &(struct page_request){0}, &(uint64_t){0}),
	    ERR_NOMEM);
	model_check(model);
	page_model_destroy(model);
}

static void bad_calls(void **state)
{
	struct page_model *model = NULL;
	struct page_request request = {.order = PAGE_ORDER_MAX + 1};
	uint64_t pfn;

	(void)state;
	expect_i64_eq(page_best_fit_create(&model, 0, memory_libc()),
		      ERR_USAGE);
	expect_i64_eq(page_best_fit_create(&model, SIZE_MAX, memory_libc()),
		      ERR_USAGE);
	model = model_make(FRAMES);
	expect_i64_eq(model->ops->alloc(model, &request, &pfn), ERR_USAGE);
	expect_true(!model->ops->free(model, 0, 0, 0));
	expect_u64_eq(take(model, 2), 0);
	expect_true(!model->ops->free(model, 0, 3, 0)); /* half is free */
	expect_true(!model->ops->free(model, FRAMES, 0, 0));
	expect_true(!model->ops->free(model, UINT64_MAX, 0, 0));
	expect_true(!model->ops->free(model, 0, 64, 0));
	expect_true(model->ops->free(model, 0, 2, 0));
	model_check(model);
	page_model_destroy(model);
}

static void counts_are_largest_blocks(void **state)
{
	struct page_model *model = model_make(FRAMES);
	struct page_counts counts;

	(void)state;
	expect_u64_eq(take(model, 0), 0);
	model->ops->counts(model, &counts);
	expect_u64_eq(counts.free_pages, FRAMES - 1);
	/* 1 + 2 + ... + 256 up to 512, then 256 + 128 + 64 + 32 + 8. */
	for (unsigned int order = 0; order < 11; order++)
		expect_u64_eq(counts.free_blocks[order],
			      (0x1ff >> order & 1) +
				  ((FRAMES - 512) >> order & 1));
	page_model_destroy(model);
}

/* SLUB takes its slabs from it and gives all of them back. */
static void slub_on_top(void **state)
{
	struct page_model *pages = model_make(FRAMES);
	struct slub_config config = {
	    .env = slub_env_default(VARIANT_6_12, 4096, 1),
	    .nodes = 1,
	    .pages = pages,
	    .memory = memory_libc(),
	    .cpu_partial = 0,
	    .min_partial = 0,
	    .debug = SLUB_UNSET,
	};
	struct slab_cache_spec spec = {.object_size = 512, .slab_size = 512};
	struct slab_request request = {.node = -1};
	static uint64_t handles[FRAMES * 8];
	struct slab_model *slub;
	struct page_counts counts;
	struct err err = {0};
	uint32_t count = 0;
	uint64_t none;

	(void)state;
	expect_i64_eq(slub_create(&slub, &config, &err), 0);
	expect_i64_eq(slub->ops->cache_add(slub, &spec, &request.cache), 0);
	while (count < FRAMES * 8 &&
	       !slub->ops->alloc(slub, &request, &handles[count]))
		count++;
	expect_u64_eq(count, FRAMES * 8); /* every page, none twice */
	expect_i64_eq(slub->ops->alloc(slub, &request, &none), ERR_NOMEM);
	model_check(pages);
	while (count--)
		slub->ops->free(slub, request.cache, handles[count], 0);
	pages->ops->counts(pages, &counts);
	expect_u64_eq(counts.free_pages + slub->pages, FRAMES);
	expect_true(slub->pages <= 8); /* the CPU's own slab */
	model_check(pages);
	slab_model_destroy(slub);
	page_model_destroy(pages);
}

/* The program text in the document is the file, line by line. */
static void document_quotes_the_file(void **state)
{
	FILE *doc = fopen("docs/allocators.md", "r");
	FILE *file = fopen("examples/page_best_fit.c", "r");
	char wanted[256], got[256];
	bool begun = false;

	(void)state;
	expect_true(doc && file);
	while (fgets(wanted, sizeof(wanted), file)) {
		do {
			if (!fgets(got, sizeof(got), doc))
				fail_msg("docs/allocators.md lacks: %s",
					 wanted);
		} while (!begun && strcmp(got, wanted) != 0);
		begun = true;
		expect_str_eq(got, wanted);
	}
	expect_true(fgets(got, sizeof(got), doc));
	expect_str_eq(got, "```\n");
	fclose(doc);
	fclose(file);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(shortest_run_that_fits),
	    cmocka_unit_test(bad_calls),
	    cmocka_unit_test(counts_are_largest_blocks),
	    cmocka_unit_test(slub_on_top),
	    cmocka_unit_test(document_quotes_the_file),
	};

	return test_exit(cmocka_run_group_tests(tests, NULL, NULL));
}
