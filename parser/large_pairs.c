#include "parser/large_pairs.h"

#include <stdlib.h>

#include "parser/link_rules.h"

struct large_last {
	uint64_t addr; /* 0: none, or freed since */
	uint64_t bytes_req, bytes_alloc, call_site;
};

void large_pairs_fini(struct large_pairs *pairs)
{
	free(pairs->last);
	map_fini(&pairs->live);
	map_fini(&pairs->sites);
	*pairs = (struct large_pairs){0};
}

static int add_to_site(struct large_pairs *pairs, uint64_t call_site,
		       uint64_t what)
{
	uint64_t *count;

	if (call_site == UINT64_MAX) /* the map's reserved key */
		return 0;
	count = map_find(&pairs->sites, call_site);
	return map_put(&pairs->sites, call_site, (count ? *count : 0) + what);
}

static bool is_pair(const struct large_last *last, const struct kmem_event *ev)
{
	return last->addr == ev->addr && last->bytes_req == ev->bytes_req &&
	       last->bytes_alloc == ev->bytes_alloc &&
	       last->call_site != ev->call_site;
}

int large_pairs_alloc(struct large_pairs *pairs, const struct kmem_event *ev)
{
	struct large_last *last;
	int ret;

	if (ev->cpu >= LINK_CPU_LIMIT)
		return 0;
	if (!pairs->last)
		pairs->last = calloc(LINK_CPU_LIMIT, sizeof(*pairs->last));
	if (!pairs->last)
		return ERR_NOMEM;
	last = &pairs->last[ev->cpu];
	if (last->addr && is_pair(last, ev)) {
		ret = add_to_site(pairs, last->call_site, 1ull << 32);
		large_pairs_end(pairs, ev->addr);
		return ret ? ret : add_to_site(pairs, ev->call_site, 1);
	}
	if (last->addr)
		large_pairs_end(pairs, last->addr);
	large_pairs_end(pairs, ev->addr); /* another CPU's, freed unseen */
	*last = (struct large_last){.addr = ev->addr,
				    .bytes_req = ev->bytes_req,
				    .bytes_alloc = ev->bytes_alloc,
				    .call_site = ev->call_site};
	ret = add_to_site(pairs, ev->call_site, 1);
	return ret ? ret : map_put(&pairs->live, ev->addr, ev->cpu);
}

void large_pairs_end(struct large_pairs *pairs, uint64_t addr)
{
	uint64_t cpu;

	if (map_count(&pairs->live) && map_remove(&pairs->live, addr, &cpu))
		pairs->last[cpu].addr = 0;
}

bool large_pairs_is_first(const struct large_pairs *pairs, uint64_t call_site)
{
	const uint64_t *count = map_find(&pairs->sites, call_site);

	return count && *count >> 32 && *count >> 32 == (uint32_t)*count;
}
