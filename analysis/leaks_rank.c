/*
 * From counts to confidence: ages of the live objects, the line through the
 * live bytes, and the factors of analysis/leaks.h.
 *
 * Ages are sorted group by group: live objects are first put beside those of
 * their group, as in a counting sort.
 */
#include "analysis/leaks_state.h"

#include <math.h>
#include <stdlib.h>

enum {
	EDGE_PARTS = 20, /* the edge is one of so many parts of the trace */
	FEW_OBJECTS = 10,
};

static int by_value(const void *a, const void *b)
{
	const uint64_t *x = a, *y = b;

	return *x < *y ? -1 : *x > *y;
}

/* What the events of the trace that are missing are to those it has. */
static double lost_share(const struct leaks_sink *sink)
{
	const uint64_t *count = sink->options.trace->anomalies.count;
	uint64_t lost =
	    count[ANOMALY_LOST_EVENTS] + count[ANOMALY_UNREAD_EVENTS];

	/* A gap of unknown size lost one event at least. */
	if (lost < count[ANOMALY_GAP])
		lost = count[ANOMALY_GAP];
	return lost ? (double)lost / ((double)lost + (double)sink->events) : 0;
}

/* True if the kernel can have it back without its owner. */
static bool gives_back(const struct trace *trace, const struct leak_row *row)
{
	const struct gfp_bits *gfp = &trace->info.gfp;
	const struct snapshot_cache *cache = NULL;
	const char *name = names_get(&trace->names, row->name);

	if (row->pages)
		return row->gfp_flags & (gfp->movable | gfp->reclaimable);
	if (row->kind == EV_KMALLOC)
		return row->gfp_flags & gfp->reclaimable;
	if (row->name)
		cache = snapshot_cache_find(&trace->after, name);
	if (row->name && (!cache || !cache->has_parameters))
		cache = snapshot_cache_find(&trace->before, name);
	return cache && cache->reclaim_account;
}

/*
 * Least squares through (0, 0) and the ends of the steps; the last one ends
 * with the window.
 */
static void fit_line(const struct leaks_sink *sink, struct leak_group *group)
{
	double n = 1, st = 0, sy = 0, stt = 0, syy = 0, sty = 0;
	double ups = 0, last = 0, vt, vy, cov;
	uint64_t window = sink->window_ns - sink->start_ns;

	for (uint32_t i = 0; i < group->settled; i++) {
		uint64_t end = (i + 1) * sink->step_ns;
		double t = (double)(end < window ? end : window) / 1e9;
		double y = (double)group->steps[i];

		n++;
		st += t;
		sy += y;
		stt += t * t;
		syy += y * y;
		sty += t * y;
		ups += fabs(y - last);
		last = y;
	}
	vt = stt - st * st / n;
	vy = syy - sy * sy / n;
	cov = sty - st * sy / n;
	group->row.monotone = ups > 0 ? last / ups : 0;
	if (vt <= 0 || vy <= 0)
		return;
	group->row.bytes_per_s = cov / vt;
	group->row.factors.steady = cov > 0 ? cov * cov / (vt * vy) : 0;
	if (group->row.factors.steady > 1)
		group->row.factors.steady = 1;
}

static void factors(const struct leaks_sink *sink, struct leak_row *row)
{
	const struct trace *trace = sink->options.trace;
	struct leak_factors *f = &row->factors;
	double kept = (double)(row->live_bytes - row->edge_bytes);

	f->edge = row->live_bytes ? kept / (double)row->live_bytes *
					EDGE_PARTS / (EDGE_PARTS - 1)
				  : 0;
	f->edge = f->edge < 1 ? f->edge : 1;
	f->loss = 0;
	if (row->old)
		f->loss = 1 - lost_share(sink) * (double)row->allocs /
				  (double)row->old;
	f->loss = f->loss > 0 ? f->loss : 0;
	f->linked = trace->info.linked ? 1 : 0.5;
	f->traced = row->frees
			? 1 - (double)row->implicit_frees / (double)row->frees
			: 1;
	f->samples = (double)row->old / ((double)row->old + FEW_OBJECTS);
	f->kept = gives_back(trace, row) ? 0.1 : 1;
	row->confidence = f->steady * f->edge * f->loss * f->linked *
			  f->traced * f->samples * f->kept;
	row->score = (double)row->old_bytes * row->confidence;
}

static uint64_t age_of(const struct leaks_sink *sink,
		       const struct leak_object *object)
{
	return sink->last_ns > object->ts_ns ? sink->last_ns - object->ts_ns
					     : 0;
}

/* Enters a live object into its group; ages holds those of the group. */
static void object_count(const struct leaks_sink *sink,
			 struct leak_group *group,
			 const struct leak_object *object)
{
	struct leak_row *row = &group->row;
	uint64_t age = age_of(sink, object);
	uint64_t edge = (sink->last_ns - sink->start_ns) / EDGE_PARTS;

	if (age < edge)
		row->edge_bytes += object->bytes;
	if (!row->frees || age > row->lifetime_p99_ns) {
		row->old++;
		row->old_bytes += object->bytes;
	}
}

/* ages: those of the group's live objects. */
static void ages_count(struct leak_row *row, uint64_t *ages)
{
	if (!row->live)
		return;
	qsort(ages, row->live, sizeof(*ages), by_value);
	row->age_oldest_ns = ages[row->live - 1];
	row->age_median_ns = ages[row->live / 2];
}

int leaks_rank(struct leaks_sink *sink)
{
	size_t live = 0, groups = sink->group_count;
	uint32_t steps = leaks_steps(sink);
	uint64_t *ages, **next;

	for (size_t i = 0; i < groups; i++)
		live += sink->groups[i].row.live;
	ages = calloc(live + 1, sizeof(*ages));
	next = calloc(groups + 1, sizeof(*next));
	if (!ages || !next) {
		free(ages);
		free(next);
		return ERR_NOMEM;
	}
	next[0] = ages;
	for (size_t i = 0; i < groups; i++) {
		struct leak_group *group = &sink->groups[i];

		next[i + 1] = next[i] + group->row.live;
		group->row.lifetime_p99_ns =
		    lifetimes_quantile(&group->lifetimes, 99);
	}
	for (size_t i = 0; i < sink->live_cap; i++) {
		const struct leak_object *object = &sink->live[i];

		if (object->group == LEAK_NONE)
			continue;
		object_count(sink, &sink->groups[object->group], object);
		*next[object->group]++ = age_of(sink, object);
	}
	for (size_t i = 0; i < groups; i++) {
		struct leak_group *group = &sink->groups[i];

		ages_count(&group->row, next[i] - group->row.live);
		leaks_settle(group, steps);
		fit_line(sink, group);
		factors(sink, &group->row);
	}
	free(next);
	free(ages);
	return 0;
}
