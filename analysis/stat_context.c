#include "analysis/stat_context.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "core/array.h"

/* Keys of numbers: a pid, a CPU, a name id, or none of them. */
#define IN_INTERRUPT (UINT64_MAX - 1)

struct stat_context {
	enum stat_table table;
	struct trace *trace;
	stat_place place;
	void *argument;
	struct names places; /* STAT_PLACE: their texts */
	struct map place_of; /* call site -> name id in places */
	struct map numbers;  /* key -> number */
	struct map born;     /* pid -> cgroup, of tasks that are gone */
	uint64_t *keys;	     /* by number */
	size_t count, cap;
	uint64_t last_key; /* memo: most events have the key of the last */
	uint32_t last_number;
	int failed;
};

int stat_context_open(struct stat_context **context, enum stat_table table,
		      struct trace *trace, stat_place place, void *argument,
		      struct err *err)
{
	struct stat_context *opened = calloc(1, sizeof(*opened));

	if (!opened)
		return err_set(err, ERR_NOMEM, "out of memory");
	opened->table = table;
	opened->trace = trace;
	opened->place = place;
	opened->argument = argument;
	opened->last_key = UINT64_MAX;
	*context = opened;
	return 0;
}

void stat_context_close(struct stat_context *context)
{
	if (!context)
		return;
	names_fini(&context->places);
	map_fini(&context->place_of);
	map_fini(&context->numbers);
	map_fini(&context->born);
	free(context->keys);
	free(context);
}

/* The control group of a task, 0: not known. */
static uint32_t cgroup_of(const struct stat_context *context, uint32_t pid)
{
	const uint64_t *name = map_find(&context->trace->cgroups, pid);

	if (!name)
		name = map_find(&context->born, pid);
	return name ? (uint32_t)*name : 0;
}

void stat_context_see(struct stat_context *context,
		      const struct kmem_event *events, size_t count)
{
	if (context->table != STAT_CGROUP)
		return;
	for (size_t i = 0; i < count; i++) {
		uint32_t group;

		if (events[i].kind != EV_TASK_NEW)
			continue;
		group = cgroup_of(context, (uint32_t)events[i].pid);
		if (group && map_put(&context->born, events[i].addr, group))
			context->failed = ERR_NOMEM;
	}
}

static uint64_t place_key(struct stat_context *context, uint64_t call_site)
{
	const uint64_t *known = map_find(&context->place_of, call_site);
	char text[STAT_PLACE_MAX];
	uint32_t id;

	if (known)
		return *known;
	if (call_site == UINT64_MAX) /* the map's reserved key */
		return 0;
	context->place(context->argument, call_site, text, sizeof(text));
	if (names_intern(&context->places, text, strlen(text), &id) ||
	    map_put(&context->place_of, call_site, id)) {
		context->failed = ERR_NOMEM;
		return 0;
	}
	return id;
}

static uint64_t key_of(struct stat_context *context,
		       const struct kmem_event *ev)
{
	if (context->table == STAT_CPU)
		return ev->cpu;
	if (context->table == STAT_PLACE)
		return event_is_object(ev) ? place_key(context, ev->call_site)
					   : 0;
	if (ev->flags & (EVF_HARDIRQ | EVF_SOFTIRQ))
		return IN_INTERRUPT;
	return context->table == STAT_TASK
		   ? (uint32_t)ev->pid
		   : cgroup_of(context, (uint32_t)ev->pid);
}

static int add_number(struct stat_context *context, uint64_t key)
{
	if (context->count > STAT_CONTEXT_MAX)
		return ERR_LIMIT;
	if (array_reserve(&context->keys, &context->cap, context->count + 1,
			  sizeof(*context->keys)))
		return ERR_NOMEM;
	context->keys[context->count] = key;
	return map_put(&context->numbers, key, context->count++);
}

uint32_t stat_context_of(void *argument, const struct kmem_event *ev)
{
	struct stat_context *context = argument;
	uint64_t key = key_of(context, ev);
	const uint64_t *number;

	if (key == context->last_key)
		return context->last_number;
	number = map_find(&context->numbers, key);
	if (!number) {
		int ret = add_number(context, key);

		if (ret) {
			context->failed = ret;
			return 0;
		}
		number = map_find(&context->numbers, key);
	}
	context->last_key = key;
	context->last_number = (uint32_t)*number;
	return context->last_number;
}

int stat_context_status(const struct stat_context *context, struct err *err)
{
	if (!context->failed)
		return 0;
	return err_set(err, context->failed, "statistics: %s",
		       err_code_text(context->failed));
}

struct stat_who stat_context_who(const struct stat_context *context,
				 uint32_t number)
{
	struct stat_who who = {.id = -1, .text = ""};
	uint64_t key;

	assert(number < context->count);
	key = context->keys[number];
	if (key == IN_INTERRUPT)
		who.interrupt = true;
	else if (context->table == STAT_PLACE)
		who.text = names_get(&context->places, (uint32_t)key);
	else if (context->table == STAT_CGROUP)
		who.text = names_get(&context->trace->names, (uint32_t)key);
	else
		who.id = (int64_t)key;
	if (context->table == STAT_TASK && !who.interrupt)
		who.text = trace_comm(context->trace, (int32_t)key);
	return who;
}
