#include "replay/replay_slab_model.h"

#include "replay/replay_slob.h"
#include "replay/replay_state.h"

/* Rules of the allocator that is replayed, where it is not the recorded one. */
static int model_rules(struct replay *replay, struct kmalloc_rules *rules)
{
	struct capture_info info = replay->trace->info;
	int ret;

	if (replay->recorded ||
	    (replay->own_model &&
	     replay->model_page_shift == replay->page_shift)) {
		*rules = replay->rules;
		return 0;
	}
	info.slab_kind = replay->kind;
	info.page_size = 1u << replay->model_page_shift;
	ret = kmalloc_rules_init(rules, &info, NULL);
	if (!ret)
		kmalloc_rules_sites(rules, &replay->trace->symbols);
	if (replay->rules.captured)
		kmalloc_rules_limit(rules, &replay->rules);
	return ret;
}

static int slub_make(struct replay *replay, const struct kmalloc_rules *rules,
		     struct err *err)
{
	const struct capture_info *info = &replay->trace->info;
	const struct replay_settings *settings = &replay->config.settings;
	struct slub_config config = {
	    .env = slub_env_default(
		variant_of(info->version_major, info->version_minor),
		1u << replay->model_page_shift, replay->cpus),
	    .nodes = replay->nodes,
	    .cpu_node = replay->cpu_node,
	    .pages = replay->pages,
	    .memory = replay->memory,
	    .use_captured_order =
		replay->own_model &&
		replay->model_page_shift == replay->page_shift,
	    .cpu_partial = settings->slub_cpu_partial,
	    .min_partial = settings->slub_min_partial,
	    .debug = settings->slub_debug,
	};

	(void)rules;
	if (info->long_size)
		config.env.word_size = info->long_size;
	if (replay->snapshot && replay->snapshot->order_count)
		config.env.order_count = replay->snapshot->order_count;
	if (settings->slub_max_order != REPLAY_UNSET) {
		config.env.slub_max_order = settings->slub_max_order;
		config.use_captured_order = false;
	}
	if (settings->slub_min_objects != REPLAY_UNSET) {
		config.env.slub_min_objects = settings->slub_min_objects;
		config.use_captured_order = false;
	}
	return slub_create(&replay->slab, &config, err);
}

/* SLAB takes no order above 0 where there are at most 32 MiB of memory. */
static bool memory_small(const struct snapshot *snapshot, uint32_t page_size)
{
	uint64_t managed = 0;

	for (uint32_t i = 0; snapshot && i < snapshot->zone_count; i++)
		managed += snapshot->zones[i].managed;
	return managed && managed <= (32u << 20) / page_size;
}

static int slab_make(struct replay *replay, const struct kmalloc_rules *rules,
		     struct err *err)
{
	const struct capture_info *info = &replay->trace->info;
	struct slab_config config = {
	    .env = slab_layout_env_default(
		variant_of(info->version_major, info->version_minor),
		1u << replay->model_page_shift, replay->cpus),
	    .nodes = replay->nodes,
	    .cpu_node = replay->cpu_node,
	    .pages = replay->pages,
	    .memory = replay->memory,
	    .use_captured = replay->own_model,
	    .freelists_given = replay->own_model,
	};

	if (info->long_size)
		config.env.word_size = info->long_size;
	if (memory_small(replay->snapshot, info->page_size))
		config.env.slab_max_order = 0;
	config.env.kmalloc_min = rules->classes[KMALLOC_NORMAL][0].bytes;
	if (replay->snapshot && replay->snapshot->order_count)
		config.env.order_count = replay->snapshot->order_count;
	return slab_create(&replay->slab, &config, err);
}

static int model_make(struct replay *replay, const struct kmalloc_rules *rules,
		      struct err *err)
{
	switch (replay->kind) {
#define X(name, kind, make)                                                    \
	case kind:                                                             \
		return make(replay, rules, err);
		SLAB_MODEL_TABLE(X)
#undef X
	default:
		return err_set(err, ERR_USAGE, "no model named '%s'",
			       replay->config.model);
	}
}

int replay_slab_model_make(struct replay *replay, struct kmalloc_rules *rules,
			   struct err *err)
{
	const struct trace *trace = replay->trace;
	int ret =
	    kmalloc_rules_init(&replay->rules, &trace->info, replay->snapshot);

	if (!ret) {
		kmalloc_rules_sites(&replay->rules, &trace->symbols);
		ret = model_rules(replay, rules);
	}
	if (ret)
		return err_set(err, ret, "no kmalloc classes for page size %u",
			       trace->info.page_size);
	if (replay->recorded)
		return 0;
	ret = replay_own_classes(replay, rules, err);
	return ret ? ret : model_make(replay, rules, err);
}
