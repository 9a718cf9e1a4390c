#include "cli/feed.h"

#include "cli/progress.h"
#include "cli/signals.h"

int feed_all(struct source *source, const char *what, feed_sink take,
	     void *sink, struct err *err)
{
	struct kmem_event events[SOURCE_BATCH];
	struct progress progress;
	uint64_t total = 0;
	size_t count = 1;
	int ret = 0;

	progress_start(&progress, what);
	while (!ret && count) {
		ret = source_read(source, events, SOURCE_BATCH, &count, err);
		if (!ret && count)
			ret = take(sink, events, count, err);
		total += count;
		progress_draw(&progress, source_position(source), total);
		if (!ret && signals_seen())
			ret = err_set(err, ERR_INTERRUPTED,
				      "interrupted; nothing was counted");
	}
	progress_end(&progress);
	return ret;
}
