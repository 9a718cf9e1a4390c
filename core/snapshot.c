#include "core/snapshot.h"

#include <stdlib.h>
#include <string.h>

const struct snapshot_cache *
snapshot_cache_find(const struct snapshot *snapshot, const char *name)
{
	for (uint32_t i = 0; i < snapshot->cache_count; i++)
		if (!strcmp(snapshot->caches[i].name, name))
			return &snapshot->caches[i];
	for (uint32_t i = 0; i < snapshot->alias_count; i++)
		if (!strcmp(snapshot->aliases[i].name, name))
			return &snapshot->caches[snapshot->aliases[i].cache];
	return NULL;
}

const struct snapshot_cache *
snapshot_cache_of_sizes(const struct snapshot *snapshot, uint64_t object_size,
			uint64_t slab_size)
{
	const struct snapshot_cache *found = NULL;

	for (uint32_t i = 0; i < snapshot->cache_count; i++) {
		const struct snapshot_cache *c = &snapshot->caches[i];

		if (c->object_size != object_size || c->slab_size != slab_size)
			continue;
		if (found)
			return NULL;
		found = c;
	}
	return found;
}

const struct snapshot_block *snapshot_block_at(const struct snapshot *snapshot,
					       uint64_t pfn)
{
	size_t low = 0, high = snapshot->block_count;

	while (low < high) {
		size_t middle = low + (high - low) / 2;
		const struct snapshot_block *block = &snapshot->blocks[middle];

		if (pfn < block->pfn)
			high = middle;
		else if (pfn - block->pfn >= 1ull << block->order)
			low = middle + 1;
		else
			return block;
	}
	return NULL;
}

size_t snapshot_blocks_from(const struct snapshot *snapshot, uint64_t pfn)
{
	size_t low = 0, high = snapshot->block_count;

	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (snapshot->blocks[middle].pfn < pfn)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

void snapshot_fini(struct snapshot *snapshot)
{
	for (uint32_t i = 0; i < snapshot->zone_count; i++)
		free(snapshot->zones[i].pcps);
	free(snapshot->zones);
	free(snapshot->blocks);
	free(snapshot->slab_map);
	free(snapshot->movable_map);
	free(snapshot->caches);
	free(snapshot->aliases);
	*snapshot = (struct snapshot){0};
}
