#include "cli/replay_spread.h"

int replay_spread_create(struct replay_spread *spread,
			 const struct replay_config *config, struct err *err)
{
	const struct snapshot *before = &config->trace->before;
	bool pages = before->parts & SNAPSHOT_KPAGEFLAGS &&
		     before->parts & SNAPSHOT_ZONEINFO;
	enum slab_kind kind = replay_model_kind(config->model);
	struct replay_config varied = *config;
	int ret = 0;

	for (size_t i = 0; i < START_VARIANTS && !ret; i++) {
		const struct start_variant *variant = &start_variants[i];
		struct spread_run *run = &spread->runs[spread->count];

		if (kind == SLAB_KIND_UNKNOWN || !before->parts ||
		    !start_variant_matters(
			variant, kind, config->trace->info.slab_kind, pages))
			continue;
		varied.rules = variant->rules;
		run->variant = variant;
		ret = replay_create(&run->replay, &varied, err);
		spread->count += !ret;
	}
	return ret;
}

int replay_spread_feed(struct replay_spread *spread,
		       const struct kmem_event *events, size_t count,
		       struct err *err)
{
	int ret = 0;

	for (size_t i = 0; i < spread->count && !ret; i++)
		ret = replay_feed(spread->runs[i].replay, events, count, err);
	return ret;
}

static int keep_last(void *context, const struct replay_sample *sample)
{
	struct spread_run *run = context;

	run->last = *sample;
	run->sampled = true;
	return 0;
}

int replay_spread_finish(struct replay_spread *spread,
			 const struct start_end *usual,
			 struct start_spread *bar, struct err *err)
{
	int ret = 0;

	if (spread->count)
		start_spread_add(bar, usual);
	for (size_t i = 0; i < spread->count && !ret; i++) {
		struct spread_run *run = &spread->runs[i];
		struct replay_sink sink = {.sample = keep_last, .context = run};
		struct replay_result result;
		struct start_end end;

		ret = replay_finish(run->replay, &sink, &result, err);
		if (ret)
			break;
		end = start_end_of(run->variant, &result,
				   run->sampled ? &run->last : NULL);
		start_spread_add(bar, &end);
	}
	return ret;
}

void replay_spread_fini(struct replay_spread *spread)
{
	for (size_t i = 0; i < spread->count; i++)
		replay_destroy(spread->runs[i].replay);
	*spread = (struct replay_spread){0};
}
