/*
 * Areas of address space: those that the trace tells of, and those that a model
 * makes in the place of large kmallocs.
 *
 * They are kept apart. Of the recorded ones nothing says which have pages, so
 * they are books of space only, purged when the trace says so; where they
 * have pages, those are in the trace as pages. The model's own have pages, and
 * purge by the kernel's rule.
 */
#include "replay/replay_vmalloc.h"

#include "core/rare.h"
#include "replay/replay_model_pages.h"
#include "replay/replay_state.h"

enum { KIB = 1024 };

int replay_vmalloc_make(struct replay *replay, struct err *err)
{
	const struct capture_info *info = &replay->trace->info;
	struct vmalloc_config config = {.page_size = info->page_size,
					.lazy_max_pages = VMALLOC_NO_LIMIT,
					.memory = replay->memory};
	int ret = vmalloc_create(&replay->vmap, &config);

	if (!ret && !replay->recorded) {
		config.pages = replay->pages;
		config.page_size = 1u << replay->model_page_shift;
		config.lazy_max_pages =
		    vmalloc_lazy_max(replay->cpus, config.page_size);
		ret = vmalloc_create(&replay->vmalloc, &config);
	}
	return ret ? err_set(err, ret, "vmalloc areas: %s", err_code_text(ret))
		   : 0;
}

void replay_vmalloc_free(struct replay *replay)
{
	vmalloc_destroy(replay->vmap);
	vmalloc_destroy(replay->vmalloc);
	map_fini(&replay->vmap_areas);
}

/* ---- The recorded areas ---- */

static int area_begin(struct replay *replay, const struct kmem_event *ev)
{
	uint64_t *old = map_find(&replay->vmap_areas, ev->addr);
	uint32_t area;
	int ret;

	if (ev->flags & EVF_FAILED || !ev->bytes_req || ev->addr == UINT64_MAX)
		return 0;
	/* Its end was lost. */
	if (old)
		vmalloc_free(replay->vmap, (uint32_t)*old, ev->cpu);
	ret = vmalloc_map(replay->vmap, ev->bytes_req, &area);
	return ret ? ret : map_put(&replay->vmap_areas, ev->addr, area);
}

/* What the kernel counts as lazy has the areas from before the trace, too. */
static void area_end(struct replay *replay, const struct kmem_event *ev)
{
	uint64_t area;

	vmalloc_set_lazy(replay->vmap, 0);
	if (map_remove(&replay->vmap_areas, ev->addr, &area))
		vmalloc_free(replay->vmap, (uint32_t)area, ev->cpu);
	vmalloc_set_lazy(replay->vmap,
			 ev->bytes_req / replay->trace->info.page_size);
}

int replay_vmap_event(struct replay *replay, const struct kmem_event *ev)
{
	switch (ev->kind) {
	case EV_VMAP_ALLOC:
		return area_begin(replay, ev);
	case EV_VMAP_FREE:
		area_end(replay, ev);
		return 0;
	default:
		vmalloc_purge(replay->vmap);
		return 0;
	}
}

/* ---- The model's areas ---- */

static uint64_t bytes_of(const struct replay *replay, uint64_t bytes_req)
{
	uint64_t mask = (1ull << replay->model_page_shift) - 1;

	return (bytes_req + mask) & ~mask;
}

/*
 * __vmalloc_node_range() must be allowed to sleep, and takes its pages from
 * high memory unless a zone is asked for.
 */
static RARE bool area_alloc(struct replay *replay, const struct kmem_event *ev,
			    struct live *live)
{
	const struct gfp_bits *bits = &replay->trace->info.gfp;
	struct page_request request;
	struct kmem_event high = *ev;
	uint32_t area;

	if (!(ev->gfp_flags & bits->direct_reclaim))
		return false;
	if (kmalloc_is_kv(&replay->rules, ev->call_site))
		high.gfp_flags = kvmalloc_caller_gfp(
		    &replay->rules, ev->bytes_req, ev->gfp_flags);
	if (!(ev->gfp_flags & (bits->dma | bits->dma32)))
		high.gfp_flags |= bits->highmem;
	replay_page_request(replay, &high, 0, &request);
	if (vmalloc_alloc(replay->vmalloc, ev->bytes_req, &request, &area))
		return false;
	*live = (struct live){.kind = LIVE_VMALLOC,
			      .handle = area,
			      .bytes_req = (uint32_t)ev->bytes_req,
			      .bytes_alloc =
				  (uint32_t)bytes_of(replay, ev->bytes_req)};
	replay_live_add(replay, live, NULL);
	return true;
}

bool replay_vmalloc_alloc(struct replay *replay, const struct kmem_event *ev,
			  const struct kmalloc_choice *choice,
			  struct live *live)
{
	uint32_t above_kib = replay->config.settings.vmalloc_above_kib;

	if (above_kib == REPLAY_UNSET || ev->kind != EV_KMALLOC ||
	    !choice->bytes_alloc ||
	    ev->bytes_req <= (uint64_t)above_kib * KIB ||
	    !area_alloc(replay, ev, live))
		return false;
	replay->result.vmalloc_allocs++;
	return true;
}

bool replay_vmalloc_fallback(struct replay *replay, const struct kmem_event *ev,
			     const struct kmalloc_choice *choice,
			     struct live *live)
{
	/* The model's pages may be of another size. */
	if (ev->kind != EV_KMALLOC || !choice->bytes_alloc ||
	    !kvmalloc_falls_back(&replay->caches.kmalloc, ev->bytes_req,
				 ev->gfp_flags) ||
	    !kmalloc_is_kv(&replay->rules, ev->call_site) ||
	    !area_alloc(replay, ev, live))
		return false;
	replay->result.kvmalloc_fallbacks++;
	return true;
}

void replay_vmalloc_end(struct replay *replay, const struct kmem_event *ev,
			const struct live *live)
{
	replay_live_remove(replay, live, NULL);
	vmalloc_free(replay->vmalloc, (uint32_t)live->handle, ev->cpu);
}

/* ---- Results ---- */

void replay_vmalloc_sample(const struct replay *replay,
			   struct replay_sample *sample)
{
	struct vmalloc_counts counts;

	vmalloc_counts(replay->vmap, &counts);
	sample->vmap_pages = counts.space;
	if (!replay->vmalloc)
		return;
	vmalloc_counts(replay->vmalloc, &counts);
	sample->vmalloc_pages = replay_recorded_pages(replay, counts.pages);
}

void replay_vmalloc_result(const struct replay *replay,
			   struct replay_result *result)
{
	struct vmalloc_counts counts;

	vmalloc_counts(replay->vmap, &counts);
	result->vmap_areas = counts.areas;
	result->vmap_areas_peak = counts.areas_peak;
	result->vmap_pages = counts.space;
	result->vmap_pages_peak = counts.space_peak;
	result->vmap_lazy_peak = counts.lazy_peak;
	result->vmap_purges = counts.purges;
	if (!replay->vmalloc)
		return;
	vmalloc_counts(replay->vmalloc, &counts);
	result->vmalloc_pages = replay_recorded_pages(replay, counts.pages);
	result->vmalloc_pages_peak =
	    replay_recorded_pages(replay, counts.pages_peak);
	result->vmalloc_lazy_peak =
	    replay_recorded_pages(replay, counts.lazy_peak);
	result->vmalloc_purges = counts.purges;
}

int replay_vmalloc_check(const struct replay *replay, struct err *err)
{
	int ret = vmalloc_check(replay->vmap, err);

	if (!ret && replay->vmalloc)
		ret = vmalloc_check(replay->vmalloc, err);
	return ret;
}
