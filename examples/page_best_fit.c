#include "examples/page_best_fit.h"

#include <string.h>

struct best_fit {
	struct page_model model; /* first, so that a cast finds the rest */
	struct memory memory;
	uint64_t frames, free_pages;
	bool used[]; /* per frame */
};

/* Free frames from pfn on, up to the next one in use. */
static uint64_t run_length(const struct best_fit *fit, uint64_t pfn)
{
	const bool *start = fit->used + pfn;
	const bool *end = memchr(start, true, fit->frames - pfn);

	return end ? (uint64_t)(end - start) : fit->frames - pfn;
}

static int best_fit_alloc(struct page_model *model,
			  const struct page_request *request, uint64_t *pfn)
{
	struct best_fit *fit = (struct best_fit *)model;
	uint64_t size = 1ull << (request->order & 63), shortest = UINT64_MAX;

	if (request->order > PAGE_ORDER_MAX)
		return ERR_USAGE;
	for (uint64_t start = 0, run; start < fit->frames; start += run + 1) {
		uint64_t aligned = (start + size - 1) & ~(size - 1);

		run = run_length(fit, start);
		if (aligned + size <= start + run && run < shortest) {
			shortest = run;
			*pfn = aligned;
		}
	}
	if (shortest == UINT64_MAX)
		return ERR_NOMEM;
	memset(fit->used + *pfn, true, size);
	fit->free_pages -= size;
	return 0;
}

/* Nothing has to be merged: what lies side by side is one run. */
static bool best_fit_free(struct page_model *model, uint64_t pfn,
			  unsigned int order, unsigned int cpu)
{
	struct best_fit *fit = (struct best_fit *)model;
	uint64_t size = 1ull << (order & 63);

	(void)cpu;
	if (order > PAGE_ORDER_MAX || pfn >= fit->frames ||
	    size > fit->frames - pfn || memchr(fit->used + pfn, false, size))
		return false;
	memset(fit->used + pfn, false, size);
	fit->free_pages += size;
	return true;
}

static unsigned int best_fit_node(const struct page_model *model, uint64_t pfn)
{
	(void)model;
	(void)pfn;
	return 0;
}

/* The free frames, cut into the largest aligned blocks. */
static void best_fit_counts(const struct page_model *model,
			    struct page_counts *counts)
{
	const struct best_fit *fit = (const struct best_fit *)model;
	unsigned int order;

	*counts = (struct page_counts){.free_pages = fit->free_pages,
				       .order_count = 11};
	for (uint64_t pfn = 0; pfn < fit->frames; pfn += 1ull << order) {
		uint64_t run = run_length(fit, pfn);

		for (order = run ? counts->order_count - 1 : 0;
		     order && (pfn % (1u << order) || run < 1u << order);)
			order--;
		counts->free_blocks[order] += run > 0;
	}
}

static int best_fit_check(const struct page_model *model, struct err *err)
{
	const struct best_fit *fit = (const struct best_fit *)model;
	uint64_t sum = 0;

	for (uint64_t pfn = 0; pfn < fit->frames; pfn++)
		sum += !fit->used[pfn];
	return sum == fit->free_pages
		   ? 0
		   : err_set(err, ERR_FORMAT, "best fit: the map has %llu free",
			     (unsigned long long)sum);
}

static void best_fit_destroy(struct page_model *model)
{
	struct memory memory = ((struct best_fit *)model)->memory;

	memory_free(&memory, model);
}

static const struct page_model_ops best_fit_ops = {
    .name = "best-fit",
    .alloc = best_fit_alloc,
    .free = best_fit_free,
    .node = best_fit_node,
    .counts = best_fit_counts,
    .check = best_fit_check,
    .destroy = best_fit_destroy,
};

int page_best_fit_create(struct page_model **model, uint64_t frames,
			 struct memory memory)
{
	struct best_fit *fit;

	if (!frames || frames > SIZE_MAX - sizeof(*fit))
		return ERR_USAGE;
	fit = memory_new(&memory, 1, sizeof(*fit) + frames);
	if (!fit)
		return ERR_NOMEM;
	fit->model.ops = &best_fit_ops;
	fit->memory = memory;
	fit->frames = fit->free_pages = frames;
	*model = &fit->model;
	return 0;
}
