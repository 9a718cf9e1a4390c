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
