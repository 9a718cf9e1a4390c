#include "core/trace.h"

#include <stdlib.h>

void trace_fini(struct trace *trace)
{
	free(trace->info.cpus);
	names_fini(&trace->names);
	symbols_fini(&trace->symbols);
	map_fini(&trace->comms);
	map_fini(&trace->self_pids);
	map_fini(&trace->cgroups);
	snapshot_fini(&trace->before);
	snapshot_fini(&trace->after);
	topology_fini(&trace->topology);
	free(trace->tracepoints);
	*trace = (struct trace){0};
}

const char *trace_comm(const struct trace *trace, int32_t pid)
{
	const uint64_t *name = map_find(&trace->comms, (uint32_t)pid);

	return name ? names_get(&trace->names, (uint32_t)*name) : "";
}

bool trace_is_self(const struct trace *trace, int32_t pid)
{
	return map_find(&trace->self_pids, (uint32_t)pid) != NULL;
}
