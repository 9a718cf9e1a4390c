/*
 * From the "before" snapshot where it has what is needed, part by part; else from
 * nothing.
 */
#include "replay/replay_start.h"

#include <stdio.h>

#include "replay/replay_start_pages.h"
#include "replay/replay_start_slabs.h"
#include "replay/replay_state.h"
#include "replay/snapshot_check.h"

static void start_text(struct replay_result *result, const char *cold_pages,
		       const char *cold_slabs)
{
	if (!cold_pages && !cold_slabs)
		snprintf(result->start, sizeof(result->start), "warm");
	else if (cold_pages && cold_slabs)
		snprintf(result->start, sizeof(result->start), "cold: %s",
			 cold_pages);
	else if (cold_pages)
		snprintf(result->start, sizeof(result->start),
			 "warm slabs, cold pages: %s", cold_pages);
	else
		snprintf(result->start, sizeof(result->start),
			 "warm pages, cold slabs: %s", cold_slabs);
}

int replay_start(struct replay *replay, struct err *err)
{
	const struct trace *trace = replay->trace;
	const uint32_t lists =
	    SNAPSHOT_SLABINFO | SNAPSHOT_SLAB_TSV | SNAPSHOT_SLAB_PARAMETERS;
	const char *cold_pages = NULL, *cold_slabs = NULL;
	char why[SNAPSHOT_WHY_MAX];
	int ret;

	silent_ends_init(&replay->silent, &replay->memory);
	/* Which of its files is wrong cannot be known: none is believed. */
	if (snapshot_agrees(&trace->before, why))
		replay->before_parts = trace->before.parts;
	else
		replay->contradiction = true;
	if (replay->before_parts & lists)
		replay->snapshot = &trace->before;
	else if (trace->after.parts & lists)
		replay->snapshot = &trace->after;
	ret = replay_start_pages(replay, &cold_pages, err);
	moments_init(&replay->moments, trace, replay->machine, &replay->memory);
	if (!ret)
		ret = replay_start_slabs(replay, &cold_slabs, err);
	replay->slab_pages_count =
	    replay->slab ? &replay->slab->pages : &replay->slab_pages_now;
	if (!ret)
		ret = replay_start_pcp(replay, err);
	if (ret)
		return ret;
	start_text(&replay->result, cold_pages, cold_slabs);
	return 0;
}
