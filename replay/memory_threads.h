/*
 * memory_threads: the kernel's threads that free memory for others, which are
 * told by their names: kswapdN and kcompactdN of node N.
 *
 * Every free asks, so what a pid turned out to be is kept until the trace tells
 * of a new task or a new name.
 */
#ifndef REPLAY_MEMORY_THREADS_H
#define REPLAY_MEMORY_THREADS_H

#include <stdbool.h>
#include <stdint.h>

#include "core/event.h"
#include "core/trace.h"

enum { MEMORY_THREADS_KEPT = 256 }; /* a power of two */

struct memory_thread {
	int32_t pid;
	int32_t kswapd; /* its node, -1: it is none */
	bool kcompactd;
	bool known; /* private */
};

struct memory_threads {
	/* Private */
	const struct trace *trace;
	struct memory_thread kept[MEMORY_THREADS_KEPT];
};

/* trace outlives it. */
void memory_threads_init(struct memory_threads *threads,
			 const struct trace *trace);

/* memory_threads_get() of a pid that is not kept. */
void memory_threads_learn(struct memory_threads *threads, int32_t pid,
			  struct memory_thread *thread);

/* What that task is. Until the next call. */
static inline const struct memory_thread *
memory_threads_get(struct memory_threads *threads, int32_t pid)
{
	struct memory_thread *thread =
	    &threads->kept[(uint32_t)pid % MEMORY_THREADS_KEPT];

	if (thread->pid != pid || !thread->known)
		memory_threads_learn(threads, pid, thread);
	return thread;
}

/* Forgets the tasks of an EV_TASK_ event. */
void memory_threads_event(struct memory_threads *threads,
			  const struct kmem_event *ev);

#endif
