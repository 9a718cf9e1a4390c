#include "replay/replay_window.h"

#include <stdio.h>

#include "replay/replay_orders.h"
#include "replay/replay_samples.h"
#include "replay/replay_state.h"
#include "replay/replay_waterfall.h"

/* A name id of a marker that the trace has, 0 if it has not. */
static uint32_t marker(const struct trace *trace, const char *when,
		       const char *file)
{
	char text[64];

	snprintf(text, sizeof(text), "%s:%s", when, file);
	return names_find(&trace->names, text);
}

struct window replay_window_of(const struct trace *trace, const char *file,
			       bool warm)
{
	struct window window = {.end = marker(trace, "after", file)};

	if (warm)
		window.begin = marker(trace, "before", file);
	window.open = !window.begin;
	return window;
}

static void window_close(struct replay *replay, struct window *window)
{
	window->open = false;
	window->closed = true;
	if (window == &replay->page_window) {
		replay->result.free_pages_end = replay_free_pages(replay);
		replay_orders_end(replay);
		replay->costs.user_pages_end = replay->user_pages;
		return;
	}
	replay->result.slab_pages_end = replay_slab_pages(replay);
	replay->costs.held_pages_end = replay_held_pages(replay);
	replay_waterfall_take(replay, WATERFALL_END, replay->last_ts_ns);
}

int replay_window_marker(struct replay *replay, uint32_t name)
{
	struct window *windows[] = {&replay->page_window, &replay->slab_window};
	int ret = 0;

	if (replay->page_window.open)
		ret = moments_marker(&replay->moments, name);
	for (int i = 0; i < 2; i++) {
		struct window *window = windows[i];

		if (!name || window->closed)
			continue;
		if (name == window->begin && !window->open)
			window->open = true;
		else if (name == window->end && window->open)
			window_close(replay, window);
	}
	return ret;
}

void replay_window_end(struct replay *replay)
{
	if (!replay->slab_window.closed)
		window_close(replay, &replay->slab_window);
	if (!replay->page_window.closed)
		window_close(replay, &replay->page_window);
}
