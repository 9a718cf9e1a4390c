#include "replay/memory_threads.h"

#include <stdlib.h>
#include <string.h>

#include "core/rare.h"

void memory_threads_init(struct memory_threads *threads,
			 const struct trace *trace)
{
	*threads = (struct memory_threads){.trace = trace};
}

RARE void memory_threads_learn(struct memory_threads *threads, int32_t pid,
			       struct memory_thread *thread)
{
	const char kswapd[] = "kswapd", kcompactd[] = "kcompactd";
	const char *comm = trace_comm(threads->trace, pid);

	*thread =
	    (struct memory_thread){.pid = pid, .kswapd = -1, .known = true};
	if (!strncmp(comm, kswapd, sizeof(kswapd) - 1))
		thread->kswapd =
		    (int32_t)strtol(comm + sizeof(kswapd) - 1, NULL, 10);
	thread->kcompactd = !strncmp(comm, kcompactd, sizeof(kcompactd) - 1);
}

void memory_threads_event(struct memory_threads *threads,
			  const struct kmem_event *ev)
{
	threads->kept[(uint32_t)ev->pid % MEMORY_THREADS_KEPT].known = false;
	threads->kept[ev->addr % MEMORY_THREADS_KEPT].known = false;
}
