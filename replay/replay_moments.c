#include "replay/replay_moments.h"

#include <stdio.h>
#include <string.h>

static const struct {
	const char *file;
	uint32_t part;
} moment_files[MOMENTS] = {
    {"buddyinfo", SNAPSHOT_BUDDYINFO},
    {"pagetypeinfo", SNAPSHOT_PAGETYPEINFO},
    {"zoneinfo", SNAPSHOT_ZONEINFO},
    {"kpageflags", SNAPSHOT_KPAGEFLAGS},
};

/*
 * The first four migratetypes have the same numbers everywhere; CMA is there
 * in some kernels only, and Isolate comes after it.
 */
static void types_map(struct moments *moments, const struct snapshot *snapshot)
{
	for (uint32_t t = 0; t < snapshot->migratetype_count; t++) {
		const char *name = snapshot->migratetypes[t];

		if (!strcmp(name, "CMA"))
			moments->types[t] = PAGE_CMA;
		else if (!strcmp(name, "Isolate"))
			moments->types[t] = PAGE_ISOLATE;
		else
			moments->types[t] = (uint8_t)t;
		moments->type_count = t + 1;
	}
	if (moments->type_count)
		return;
	moments->type_count = PAGE_MIGRATETYPES;
	for (uint32_t t = 0; t < PAGE_MIGRATETYPES; t++)
		moments->types[t] = (uint8_t)t;
}

void moments_init(struct moments *moments, const struct trace *trace,
		  const struct page_machine *machine,
		  const struct memory *memory)
{
	*moments = (struct moments){.machine = machine, .memory = *memory};
	if (!machine)
		return;
	moments->zone_count = page_zone_count(page_machine_alloc(machine));
	types_map(moments, &trace->after);
	for (int i = 0; i < MOMENTS; i++) {
		char text[64];

		snprintf(text, sizeof(text), "after:%s", moment_files[i].file);
		moments->markers[i] = names_find(&trace->names, text);
	}
}

void moments_fini(struct moments *moments)
{
	for (int i = 0; i < MOMENTS; i++)
		memory_free(&moments->memory, moments->zones[i]);
}

static void zone_take(const struct moments *moments, uint32_t zone,
		      struct replay_zone *out)
{
	struct page_zone_info info;

	if (page_zone_info(page_machine_alloc(moments->machine), zone, &info))
		return;
	out->node = (int)info.node;
	snprintf(out->name, sizeof(out->name), "%s", page_zone_name(info.kind));
	for (uint32_t t = 0; t < moments->type_count; t++)
		if (moments->types[t] < PAGE_MIGRATETYPES)
			memcpy(out->free_blocks[t],
			       info.free_blocks[moments->types[t]],
			       info.order_count * sizeof(uint64_t));
}

static int moment_take(struct moments *moments, int i)
{
	struct replay_zone *zones;

	if (moments->zones[i] || !moments->zone_count)
		return 0;
	zones =
	    memory_new(&moments->memory, moments->zone_count, sizeof(*zones));
	if (!zones)
		return ERR_NOMEM;
	moments->zones[i] = zones;
	for (uint32_t z = 0; z < moments->zone_count; z++) {
		zones[z].part = moment_files[i].part;
		zone_take(moments, z, &zones[z]);
	}
	return 0;
}

int moments_marker(struct moments *moments, uint32_t name)
{
	int ret = 0;

	for (int i = 0; i < MOMENTS && name && !ret; i++)
		if (moments->markers[i] == name)
			ret = moment_take(moments, i);
	return ret;
}

int moments_end(struct moments *moments)
{
	int ret = 0;

	for (int i = 0; i < MOMENTS && !ret; i++)
		ret = moment_take(moments, i);
	return ret;
}

int moments_emit(const struct moments *moments, const struct replay_sink *sink)
{
	int ret = 0;

	for (int i = 0; i < MOMENTS; i++)
		for (uint32_t z = 0; z < moments->zone_count && !ret; z++)
			ret = sink->zone(sink->context, &moments->zones[i][z]);
	return ret;
}
