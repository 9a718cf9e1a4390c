/*
 * The names are those of include/trace/events/{kmem,vmalloc,vmscan,compaction,
 * oom,task,sched}.h from 5.15 to 6.18. kmalloc_node and kmem_cache_alloc_node
 * are gone since 6.1. mm_page_free_batched is left out: it repeats
 * mm_page_free.
 */
#include "collector/recorded_events.h"

#include <string.h>

static const struct recorded_event events[] = {
    {"kmem", "kmalloc", true, "kmalloc requests"},
    {"kmem", "kmalloc_node", false, "kmalloc requests of a node"},
    {"kmem", "kfree", true, "ends of kmallocs"},
    {"kmem", "kmem_cache_alloc", true, "cache objects"},
    {"kmem", "kmem_cache_alloc_node", false, "cache objects of a node"},
    {"kmem", "kmem_cache_free", true, "ends of cache objects"},
    {"kmem", "mm_page_alloc", true, "page blocks"},
    {"kmem", "mm_page_free", true, "ends of page blocks"},
    {"kmem", "mm_page_alloc_zone_locked", false, "blocks leaving the buddy"},
    {"kmem", "mm_page_pcpu_drain", false, "blocks returning to the buddy"},
    {"kmem", "mm_page_alloc_extfrag", false, "fallbacks between types"},
    {"kmem", "mm_setup_per_zone_wmarks", false, "changes of watermarks"},
    {"vmalloc", "alloc_vmap_area", false, "vmalloc areas"},
    {"vmalloc", "purge_vmap_area_lazy", false, "vmalloc purges"},
    {"vmalloc", "free_vmap_area_noflush", false, "ends of vmalloc areas"},
    {"vmscan", "mm_vmscan_direct_reclaim_begin", false, "reclaim"},
    {"vmscan", "mm_vmscan_direct_reclaim_end", false, "reclaim"},
    {"vmscan", "mm_vmscan_kswapd_wake", false, "kswapd"},
    {"vmscan", "mm_vmscan_kswapd_sleep", false, "kswapd"},
    {"vmscan", "mm_vmscan_wakeup_kswapd", false, "kswapd"},
    {"compaction", "mm_compaction_begin", false, "compaction"},
    {"compaction", "mm_compaction_end", false, "compaction"},
    {"oom", "mark_victim", false, "out-of-memory kills"},
    {"task", "task_newtask", false, "names and parents of tasks"},
    {"task", "task_rename", false, "names of tasks"},
    {"sched", "sched_process_exec", false, "programs run"},
    {NULL, NULL, false, NULL},
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
