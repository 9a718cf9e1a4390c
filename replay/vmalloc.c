/*
 * Areas stand in an array; free places in it form a list through "space". The
 * pages of an area are an array of their own, as in struct vm_struct.
 */
#include "replay/vmalloc.h"

#include <assert.h>

struct area {
	uint64_t *pages; /* handles of the page model; NULL: has none */
	uint64_t count;	 /* of them */
	uint64_t space;	 /* pages with the guard; a free place: the next + 1 */
	bool live;
};

struct vmalloc {
	struct vmalloc_config config;
	struct area *areas;
	size_t cap, used;   /* elements; used ones are live or in the list */
	uint64_t free_list; /* place + 1, 0: none */
	struct vmalloc_counts counts;
};

uint64_t vmalloc_lazy_max(uint32_t online_cpus, uint32_t page_size)
{
	unsigned int digits =
	    online_cpus ? 32 - (unsigned int)__builtin_clz(online_cpus) : 0;

	return page_size ? digits * ((32ull << 20) / page_size) : 0;
}

int vmalloc_create(struct vmalloc **out, const struct vmalloc_config *config)
{
	struct vmalloc *vmalloc;

	assert(out && config);
	if (!config->page_size || config->page_size & (config->page_size - 1))
		return ERR_USAGE;
	vmalloc = memory_new(&config->memory, 1, sizeof(*vmalloc));
	if (!vmalloc)
		return ERR_NOMEM;
	vmalloc->config = *config;
	*out = vmalloc;
	return 0;
}

void vmalloc_destroy(struct vmalloc *vmalloc)
{
	struct memory memory;

	if (!vmalloc)
		return;
	memory = vmalloc->config.memory;
	for (size_t i = 0; i < vmalloc->used; i++)
		memory_free(&memory, vmalloc->areas[i].pages);
	memory_free(&memory, vmalloc->areas);
	memory_free(&memory, vmalloc);
}

static void raise_peak(uint64_t *peak, uint64_t now)
{
	if (now > *peak)
		*peak = now;
}

static uint64_t pages_of(const struct vmalloc *vmalloc, uint64_t bytes)
{
	return bytes / vmalloc->config.page_size +
	       (bytes % vmalloc->config.page_size != 0);
}

/* A place for one more area, not yet taken. */
static int place_find(struct vmalloc *vmalloc, uint32_t *place)
{
	struct area *grown;

	if (vmalloc->free_list) {
		*place = (uint32_t)(vmalloc->free_list - 1);
		return 0;
	}
	if (vmalloc->used >= UINT32_MAX)
		return ERR_NOMEM;
	grown = memory_grow(&vmalloc->config.memory, vmalloc->areas,
			    sizeof(*grown), vmalloc->used + 1, &vmalloc->cap);
	if (!grown)
		return ERR_NOMEM;
	vmalloc->areas = grown;
	*place = (uint32_t)vmalloc->used;
	return 0;
}

static void area_begin(struct vmalloc *vmalloc, uint32_t place,
		       struct area area)
{
	struct vmalloc_counts *counts = &vmalloc->counts;

	if (vmalloc->free_list == place + 1ull)
		vmalloc->free_list = vmalloc->areas[place].space;
	else
		vmalloc->used++;
	area.live = true;
	vmalloc->areas[place] = area;
	counts->areas++;
	counts->space += area.space;
	counts->pages += area.count;
	raise_peak(&counts->areas_peak, counts->areas);
	raise_peak(&counts->space_peak, counts->space);
	raise_peak(&counts->pages_peak, counts->pages);
}

static void pages_free(struct vmalloc *vmalloc, const uint64_t *pages,
		       uint64_t count, unsigned int cpu)
{
	struct page_model *model = vmalloc->config.pages;

	for (uint64_t i = 0; i < count; i++)
		model->ops->free(model, pages[i], 0, cpu);
}

int vmalloc_alloc(struct vmalloc *vmalloc, uint64_t bytes,
		  const struct page_request *request, uint32_t *area)
{
	struct page_model *model = vmalloc->config.pages;
	struct page_request one = *request;
	uint64_t count = pages_of(vmalloc, bytes), got = 0;
	uint64_t *pages;
	uint32_t place;
	int ret;

	assert(model);
	if (!bytes)
		return ERR_USAGE;
	if (bytes > INT32_MAX) {
		vmalloc->counts.failed++;
		return ERR_NOMEM;
	}
	ret = place_find(vmalloc, &place);
	pages = ret ? NULL
		    : memory_new(&vmalloc->config.memory, (size_t)count,
				 sizeof(*pages));
	if (!pages)
		return ERR_NOMEM;
	one.order = 0;
	while (got < count && !model->ops->alloc(model, &one, &pages[got]))
		got++;
	if (got < count) {
		pages_free(vmalloc, pages, got, request->cpu);
		memory_free(&vmalloc->config.memory, pages);
		vmalloc->counts.failed++;
		return ERR_NOMEM;
	}
	area_begin(
	    vmalloc, place,
	    (struct area){.pages = pages, .count = count, .space = count + 1});
	*area = place;
	return 0;
}

int vmalloc_map(struct vmalloc *vmalloc, uint64_t space_bytes, uint32_t *area)
{
	uint32_t place;
	int ret;

	if (!space_bytes)
		return ERR_USAGE;
	ret = place_find(vmalloc, &place);
	if (ret)
		return ret;
	area_begin(vmalloc, place,
		   (struct area){.space = pages_of(vmalloc, space_bytes)});
	*area = place;
	return 0;
}

void vmalloc_set_lazy(struct vmalloc *vmalloc, uint64_t pages)
{
	vmalloc->counts.lazy = pages;
	raise_peak(&vmalloc->counts.lazy_peak, pages);
	if (pages > vmalloc->config.lazy_max_pages)
		vmalloc_purge(vmalloc);
}

bool vmalloc_free(struct vmalloc *vmalloc, uint32_t place, unsigned int cpu)
{
	struct vmalloc_counts *counts = &vmalloc->counts;
	struct area area;

	if (place >= vmalloc->used || !vmalloc->areas[place].live)
		return false;
	area = vmalloc->areas[place];
	vmalloc->areas[place] = (struct area){.space = vmalloc->free_list};
	vmalloc->free_list = place + 1ull;
	pages_free(vmalloc, area.pages, area.count, cpu);
	memory_free(&vmalloc->config.memory, area.pages);
	counts->areas--;
	counts->space -= area.space;
	counts->pages -= area.count;
	vmalloc_set_lazy(vmalloc, counts->lazy + area.space);
	return true;
}

void vmalloc_purge(struct vmalloc *vmalloc)
{
	vmalloc->counts.purges += vmalloc->counts.lazy > 0;
	vmalloc->counts.lazy = 0;
}

void vmalloc_counts(const struct vmalloc *vmalloc,
		    struct vmalloc_counts *counts)
{
	*counts = vmalloc->counts;
}

int vmalloc_check(const struct vmalloc *vmalloc, struct err *err)
{
	const struct vmalloc_counts *counts = &vmalloc->counts;
	uint64_t areas = 0, space = 0, pages = 0, listed = 0;

	for (size_t i = 0; i < vmalloc->used; i++) {
		const struct area *area = &vmalloc->areas[i];

		areas += area->live;
		space += area->live ? area->space : 0;
		pages += area->count;
	}
	for (uint64_t at = vmalloc->free_list; at && listed <= vmalloc->used;
	     at = vmalloc->areas[at - 1].space)
		listed++;
	if (areas != counts->areas || areas + listed != vmalloc->used)
		return err_set(err, ERR_FORMAT,
			       "vmalloc: %llu areas, %llu counted, %llu places "
			       "free of %zu",
			       (unsigned long long)areas,
			       (unsigned long long)counts->areas,
			       (unsigned long long)listed, vmalloc->used);
	if (space != counts->space || pages != counts->pages)
		return err_set(err, ERR_FORMAT,
			       "vmalloc: %llu pages of space, %llu counted; "
			       "%llu pages, %llu counted",
			       (unsigned long long)space,
			       (unsigned long long)counts->space,
			       (unsigned long long)pages,
			       (unsigned long long)counts->pages);
	return 0;
}
