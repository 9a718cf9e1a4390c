/*
 * stat_context: who an allocation belongs to, as small numbers (stat.h): the
 * task, its CPU, its control group, or a place in the source.
 *
 * An allocation in interrupt context belongs to no task: it happened to run on
 * top of one. A control group is that of the task when the recording ended; a
 * task that was gone by then has the group of the task that made it, because a
 * child begins in its parent's group (kernel/cgroup/cgroup.c, cgroup_fork()),
 * where task_newtask was recorded.
 */
#ifndef ANALYSIS_STAT_CONTEXT_H
#define ANALYSIS_STAT_CONTEXT_H

#include "analysis/stat.h"
#include "core/trace.h"

struct stat_context;

/*
 * The place of a call site: writes at most size bytes. Asked once for each.
 */
typedef void (*stat_place)(void *argument, uint64_t call_site, char *text,
			   size_t size);

enum { STAT_PLACE_MAX = 512 };

/*
 * For STAT_PLACE (place must be given), STAT_TASK, STAT_CPU and STAT_CGROUP.
 * The trace must outlive it. ERR_NOMEM.
 */
MUST_CHECK int stat_context_open(struct stat_context **context,
				 enum stat_table table, struct trace *trace,
				 stat_place place, void *argument,
				 struct err *err);
/* NULL is allowed. */
void stat_context_close(struct stat_context *context);

/* Learns of new tasks; before the events are counted. */
void stat_context_see(struct stat_context *context,
		      const struct kmem_event *events, size_t count);

/* For struct stat_options. Where memory ends: 0, see stat_context_status(). */
uint32_t stat_context_of(void *context, const struct kmem_event *ev);
MUST_CHECK int stat_context_status(const struct stat_context *context,
				   struct err *err);

/* What a number stands for. */
struct stat_who {
	bool interrupt;	  /* task and control group: of no task */
	int64_t id;	  /* pid, CPU; -1: none */
	const char *text; /* comm, group, place; "" not known; not escaped */
};

/* Valid until the next event. */
struct stat_who stat_context_who(const struct stat_context *context,
				 uint32_t number);

#endif
