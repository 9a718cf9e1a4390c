#include "analysis/stat_detail.h"

#include <stdlib.h>

void stat_meter_settle(const struct stat_meter *meter, struct stat_detail *line)
{
	if (line->worst_seen == meter->worst_count)
		return;
	line->worst_seen = meter->worst_count;
	line->waste_at_worst = line->waste;
}

void stat_meter_change(struct stat_meter *meter, struct stat_detail *line,
		       int64_t req, int64_t alloc, uint64_t ts_ns)
{
	stat_meter_settle(meter, line);
	line->waste += alloc - req;
	if (line->waste > line->waste_max) {
		line->waste_max = line->waste;
		line->waste_max_ns = ts_ns;
	}
	meter->waste += alloc - req;
	if (meter->waste > meter->waste_max) {
		meter->waste_max = meter->waste;
		meter->waste_max_ns = ts_ns;
		meter->worst_count++;
	}
	meter->live += alloc;
	if (meter->live > meter->live_peak) {
		meter->live_peak = meter->live;
		meter->live_peak_ns = ts_ns;
	}
}

int stat_detail_end(struct stat_detail *line, uint64_t span_ns)
{
	if (!line->lives)
		line->lives = calloc(1, sizeof(*line->lives));
	if (!line->lives)
		return ERR_NOMEM;
	lifetimes_add(line->lives, span_ns);
	line->ended++;
	line->short_lived += span_ns < STAT_SHORT_NS;
	return 0;
}
