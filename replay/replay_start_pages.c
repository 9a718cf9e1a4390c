#include "replay/replay_start_pages.h"

#include "replay/page_endless.h"
#include "replay/replay_state.h"

/* A CPU whose node is not known shares one with its neighbours. */
static int cpu_nodes_make(struct replay *replay, struct err *err)
{
	const struct topology *topology = &replay->trace->topology;

	replay->cpu_node = memory_new(&replay->memory, replay->cpus,
				      sizeof(*replay->cpu_node));
	if (!replay->cpu_node)
		return err_set(err, ERR_NOMEM, "replay: out of memory");
	for (uint32_t i = 0; i < replay->cpus; i++) {
		int node = topology_node(topology, i);

		if (node < 0 || (uint32_t)node >= replay->nodes)
			node =
			    (int)((uint64_t)i * replay->nodes / replay->cpus);
		replay->cpu_node[i] = (uint16_t)node;
	}
	return 0;
}

static int endless_make(struct replay *replay, struct err *err)
{
	struct page_endless_config config = {.memory = replay->memory,
					     .nodes = replay->nodes,
					     .cpus = replay->cpus,
					     .cpu_node = replay->cpu_node};
	int ret;

	if (replay->recorded)
		return 0;
	ret = page_endless_create(&replay->pages, &config);
	return ret ? err_set(err, ret, "replay: out of memory") : 0;
}

static struct page_tuning tuning_of(const struct replay *replay)
{
	const struct replay_settings *settings = &replay->config.settings;

	if (replay->recorded)
		return (struct page_tuning){0};
	return (struct page_tuning){
	    .has_high = settings->pcp_high != REPLAY_UNSET,
	    .high = settings->pcp_high,
	    .has_batch = settings->pcp_batch != REPLAY_UNSET,
	    .batch = settings->pcp_batch,
	    .has_group = settings->pages_group != REPLAY_UNSET,
	    .group = settings->pages_group == 1,
	};
}

/*
 * The zones come from before, else from after. A machine that cannot be built
 * from them (zones that overlap) is no reason to give up: then pages are only
 * counted.
 */
int replay_start_pages(struct replay *replay, const char **cold,
		       struct err *err)
{
	const struct trace *trace = replay->trace;
	bool warm =
	    replay_before_has(replay, SNAPSHOT_ZONEINFO | SNAPSHOT_KPAGEFLAGS);
	struct page_machine_config config = {
	    .info = &trace->info,
	    .snapshot = replay_before_has(replay, SNAPSHOT_ZONEINFO)
			    ? &trace->before
			    : &trace->after,
	    .start = warm ? PAGE_START_WARM : PAGE_START_COLD,
	    .tuning = tuning_of(replay),
	    .cpus = replay->cpus,
	    .rules = replay->config.rules,
	    .memory = replay->memory,
	};
	struct err why = {0};
	int ret;

	replay->page_window = replay_window_of(trace, "kpageflags", warm);
	replay->nodes = page_zoneinfo_nodes(config.snapshot);
	ret = cpu_nodes_make(replay, err);
	if (ret)
		return ret;
	config.cpu_node = replay->cpu_node;
	if (replay->model_page_shift != replay->page_shift) {
		*cold = "another page size, pages only counted";
		return endless_make(replay, err);
	}
	if (warm && !replay->recorded && !replay->config.snapshot_only &&
	    trace->reveals.blocks.touched)
		config.reveals = &trace->reveals.blocks;
	*cold = warm			? NULL
		: replay->contradiction ? "before/ contradicts itself"
					: "no free blocks in before/";
	ret = page_machine_create(&replay->machine, &config, &why);
	if (ret == ERR_NOMEM)
		return err_set(err, ret, "%s", why.text);
	if (ret) {
		if (!replay->contradiction)
			*cold = "zones unknown, pages only counted";
		return endless_make(replay, err);
	}
	replay->pages = page_machine_model(replay->machine);
	moves_runs_init(&replay->runs, page_machine_alloc(replay->machine),
			trace);
	if (!replay->recorded)
		return 0;
	page_books_init(&replay->books, replay->pages,
			page_machine_alloc(replay->machine),
			warm ? page_machine_pcp_start(replay->machine) : 0,
			variant_of(trace->info.version_major,
				   trace->info.version_minor) >= VARIANT_6_12,
			&replay->memory);
	ret = page_predict_init(&replay->predict,
				page_machine_alloc(replay->machine),
				replay->cpus, &replay->memory);
	return ret ? err_set(err, ret, "replay: out of memory") : 0;
}

int replay_start_pcp(struct replay *replay, struct err *err)
{
	const struct reveals *reveals =
	    replay->config.snapshot_only ? NULL : &replay->trace->reveals;
	int ret;

	if (replay->recorded || !replay->machine ||
	    !replay_before_has(replay, SNAPSHOT_ZONEINFO | SNAPSHOT_KPAGEFLAGS))
		return 0;
	replay->notes.pcp_pages = page_machine_pcp_start(replay->machine);
	ret = page_machine_fill_pcp(replay->machine, &replay->trace->before,
				    reveals ? reveals->listed : NULL,
				    reveals ? reveals->listed_count : 0,
				    &replay->notes.pcp_pages_revealed);
	return ret ? err_set(err, ret, "per-CPU lists of the start: %s",
			     err_code_text(ret))
		   : 0;
}
