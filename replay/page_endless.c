/*
 * Each node's pages are numbered upward from its own start, so that the node
 * can be read off the pfn; no number is used twice.
 */
#include "replay/page_endless.h"

enum { NODE_SHIFT = 44 };

struct page_endless {
	struct page_model model;
	struct page_endless_config config;
	uint64_t in_use;
	uint64_t next[]; /* per node */
};

static struct page_endless *endless_of(struct page_model *model)
{
	return (struct page_endless *)model;
}

static int endless_alloc(struct page_model *model,
			 const struct page_request *request, uint64_t *pfn)
{
	struct page_endless *endless = endless_of(model);
	uint64_t pages = 1ull << request->order;
	uint64_t limit = endless->config.limit_pages;
	uint32_t node = 0;

	if (limit && (limit < pages || endless->in_use > limit - pages))
		return ERR_NOMEM;
	if (request->node >= 0)
		node = (uint32_t)request->node;
	else if (endless->config.cpu_node)
		node = endless->config.cpu_node[request->cpu];
	if (node >= endless->config.nodes)
		node = 0;
	endless->next[node] = (endless->next[node] + pages - 1) & ~(pages - 1);
	*pfn = ((uint64_t)node << NODE_SHIFT) + endless->next[node];
	endless->next[node] += pages;
	endless->in_use += pages;
	return 0;
}

/* Only pages that were handed out exist; they are not told apart. */
static bool endless_free(struct page_model *model, uint64_t pfn,
			 unsigned int order, unsigned int cpu)
{
	struct page_endless *endless = endless_of(model);
	uint64_t node = pfn >> NODE_SHIFT;

	(void)cpu;
	if (node >= endless->config.nodes ||
	    (pfn & ((1ull << NODE_SHIFT) - 1)) >= endless->next[node] ||
	    endless->in_use < 1ull << order)
		return false;
	endless->in_use -= 1ull << order;
	return true;
}

static unsigned int endless_node(const struct page_model *model, uint64_t pfn)
{
	(void)model;
	return (unsigned int)(pfn >> NODE_SHIFT);
}

static void endless_counts(const struct page_model *model,
			   struct page_counts *counts)
{
	(void)model;
	*counts = (struct page_counts){.order_count = 0};
}

static int endless_check(const struct page_model *model, struct err *err)
{
	const struct page_endless *endless = (const struct page_endless *)model;
	uint64_t given = 0;

	for (uint32_t n = 0; n < endless->config.nodes; n++)
		given += endless->next[n];
	if (endless->in_use > given)
		return err_set(err, ERR_FORMAT, "more pages in use than given");
	return 0;
}

static void endless_destroy(struct page_model *model)
{
	struct memory memory = endless_of(model)->config.memory;

	memory_free(&memory, model);
}

static const struct page_model_ops endless_ops = {
    .name = "endless",
    .alloc = endless_alloc,
    .free = endless_free,
    .node = endless_node,
    .counts = endless_counts,
    .check = endless_check,
    .destroy = endless_destroy,
};

int page_endless_create(struct page_model **model,
			const struct page_endless_config *config)
{
	uint32_t nodes = config->nodes ? config->nodes : 1;
	struct page_endless *endless =
	    memory_new(&config->memory, 1,
		       sizeof(*endless) + nodes * sizeof(*endless->next));

	if (!endless)
		return ERR_NOMEM;
	endless->model.ops = &endless_ops;
	endless->config = *config;
	endless->config.nodes = nodes;
	*model = &endless->model;
	return 0;
}

uint64_t page_endless_in_use(const struct page_model *model)
{
	return ((const struct page_endless *)model)->in_use;
}
