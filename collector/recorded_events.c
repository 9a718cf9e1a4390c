/*
 * The names are those of include/trace/events/{kmem,vmalloc,vmscan,compaction,
 * oom,task,sched}.h from 5.15 to 6.18, and of x86's asm/trace/exceptions.h
 * (arm and arm64 have no such events). kmalloc_node and kmem_cache_alloc_node
 * are gone since 6.1. mm_page_free_batched is left out: it repeats
 * mm_page_free.
 */
#include "collector/recorded_events.h"

#include <string.h>

static const struct recorded_event events[] = {
    {"kmem", "kmalloc", EVENT_REQUIRED, "kmalloc requests"},
    {"kmem", "kmalloc_node", EVENT_WANTED, "kmalloc requests of a node"},
    {"kmem", "kfree", EVENT_REQUIRED, "ends of kmallocs"},
    {"kmem", "kmem_cache_alloc", EVENT_REQUIRED, "cache objects"},
    {"kmem", "kmem_cache_alloc_node", EVENT_WANTED, "cache objects of a node"},
    {"kmem", "kmem_cache_free", EVENT_REQUIRED, "ends of cache objects"},
    {"kmem", "mm_page_alloc", EVENT_REQUIRED, "page blocks"},
    {"kmem", "mm_page_free", EVENT_REQUIRED, "ends of page blocks"},
    {"kmem", "mm_page_alloc_zone_locked", EVENT_WANTED,
     "blocks leaving the buddy"},
    {"kmem", "mm_page_pcpu_drain", EVENT_WANTED,
     "blocks returning to the buddy"},
    {"kmem", "mm_page_alloc_extfrag", EVENT_WANTED, "fallbacks between types"},
    {"kmem", "mm_setup_per_zone_wmarks", EVENT_WANTED, "changes of watermarks"},
    {"vmalloc", "alloc_vmap_area", EVENT_WANTED, "vmalloc areas"},
    {"vmalloc", "purge_vmap_area_lazy", EVENT_WANTED, "vmalloc purges"},
    {"vmalloc", "free_vmap_area_noflush", EVENT_WANTED,
     "ends of vmalloc areas"},
    {"vmscan", "mm_vmscan_direct_reclaim_begin", EVENT_WANTED, "reclaim"},
    {"vmscan", "mm_vmscan_direct_reclaim_end", EVENT_WANTED, "reclaim"},
    {"vmscan", "mm_vmscan_kswapd_wake", EVENT_WANTED, "kswapd"},
    {"vmscan", "mm_vmscan_kswapd_sleep", EVENT_WANTED, "kswapd"},
    {"vmscan", "mm_vmscan_wakeup_kswapd", EVENT_WANTED, "kswapd"},
    {"compaction", "mm_compaction_begin", EVENT_WANTED, "compaction"},
    {"compaction", "mm_compaction_end", EVENT_WANTED, "compaction"},
    {"oom", "mark_victim", EVENT_WANTED, "out-of-memory kills"},
    {"task", "task_newtask", EVENT_WANTED, "names and parents of tasks"},
    {"task", "task_rename", EVENT_WANTED, "names of tasks"},
    {"sched", "sched_process_exec", EVENT_WANTED, "programs run"},
    {"exceptions", "page_fault_user", EVENT_ON_REQUEST,
     "addresses of user pages"},
    {"exceptions", "page_fault_kernel", EVENT_ON_REQUEST,
     "addresses of user pages"},
    {NULL, NULL, EVENT_WANTED, NULL},
};

const struct recorded_event *recorded_events(void)
{
	return events;
}

const struct recorded_event *recorded_event_find(const char *name, size_t len)
{
	for (const struct recorded_event *e = events; e->name; e++)
		if (!strncmp(e->name, name, len) && e->name[len] == '\0')
			return e;
	return NULL;
}

int event_filter_parse(const char *text, struct event_filter *filter,
		       struct err *err)
{
	const char *colon = strchr(text, ':');
	const struct recorded_event *event;
	const char *expression;

	if (!colon || colon == text)
		return err_set(err, ERR_USAGE,
			       "filter '%s' is not EVENT:EXPR, for example "
			       "kmalloc:'bytes_req>=4096'",
			       text);
	event = recorded_event_find(text, (size_t)(colon - text));
	if (!event)
		return err_set(err, ERR_USAGE,
			       "filter '%s': no event '%.*s' is recorded "
			       "(kmem events such as kmalloc or mm_page_alloc)",
			       text, (int)(colon - text), text);
	expression = colon + 1;
	if (!expression[strspn(expression, " \t\n")])
		return err_set(err, ERR_USAGE,
			       "filter '%s' has no expression after the colon",
			       text);
	*filter = (struct event_filter){event, expression};
	return 0;
}
