/*
 * Each placed page knows its large page of every size, and each large page which
 * of its parts live. A memory's maps lead from a range to the large page that
 * takes its next part; one that fork() left behind is in no map any more and
 * ends with its last part.
 */
#include "analysis/user_pages.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "core/array.h"

/* A bit for each part; no kernel has pages of less than 2 KiB. */
enum { NUMBERS_MAX = UINT32_MAX - 1, PARTS_MAX = 32 };

static const char begin_marker[] = "before:kpageflags";
static const char end_marker[] = "after:kpageflags";

void user_pages_init(struct user_pages *pages, const struct trace *trace)
{
	assert(pages && trace && trace->info.page_size);
	*pages = (struct user_pages){.trace = trace};
	for (unsigned int i = 0; i < USER_PAGES_SIZES; i++) {
		uint32_t size = UINT32_C(16384) << 2 * i;
		uint32_t parts = size / trace->info.page_size;

		pages->sizes[i] = parts > 1 && parts <= PARTS_MAX ? size : 0;
	}
}

/* Small pages in a large one. */
static uint32_t ratio(const struct user_pages *pages, unsigned int size)
{
	return pages->sizes[size] / pages->trace->info.page_size;
}

/* ---- Lists that grow; freed places are used again ---- */

/* Room for one element more. */
static int room(void *list, size_t *cap, size_t count, size_t element)
{
	return count < NUMBERS_MAX
		   ? array_reserve(list, cap, count + 1, element)
		   : ERR_NOMEM;
}

static int large_new(struct user_pages *pages, uint32_t *number)
{
	if (pages->pool_free) {
		*number = pages->pool_free - 1;
		pages->pool_free = pages->pool[*number].next;
	} else {
		if (room(&pages->pool, &pages->pool_cap, pages->pool_count,
			 sizeof(*pages->pool)))
			return ERR_NOMEM;
		*number = (uint32_t)pages->pool_count++;
	}
	pages->pool[*number] = (struct user_large_page){0};
	return 0;
}

static void large_end(struct user_pages *pages, uint32_t number)
{
	pages->pool[number].next = pages->pool_free;
	pages->pool_free = number + 1;
}

static int placed_new(struct user_pages *pages, uint32_t *number)
{
	if (pages->placed_free) {
		*number = pages->placed_free - 1;
		pages->placed_free = pages->placed[*number].next;
		return 0;
	}
	if (room(&pages->placed, &pages->placed_cap, pages->placed_count,
		 sizeof(*pages->placed)))
		return ERR_NOMEM;
	*number = (uint32_t)pages->placed_count++;
	return 0;
}

static void placed_end(struct user_pages *pages, uint32_t number)
{
	pages->placed[number].next = pages->placed_free;
	pages->placed_free = number + 1;
}

/* ---- Who has which memory ---- */

static int memory_renew(struct user_pages *pages, uint64_t pid)
{
	return map_put(&pages->memory_of, pid, pages->memory_ids++);
}

static int memory_id(struct user_pages *pages, uint64_t pid, uint64_t *id)
{
	const uint64_t *found = map_find(&pages->memory_of, pid);
	int ret = 0;

	*id = found ? *found : pages->memory_ids;
	if (!found)
		ret = memory_renew(pages, pid);
	return ret;
}

/*
 * An exec has its new memory from the event on that renames the task; its own
 * event comes when the loader has written to it. So the rename gives a memory,
 * and what only a renamed task does takes it back.
 */
static int task_rename(struct user_pages *pages, const struct kmem_event *ev)
{
	uint64_t id, pid = (uint32_t)ev->pid;
	int ret;

	if (ev->addr != pid || map_find(&pages->renamed, pid))
		return 0;
	ret = memory_id(pages, pid, &id);
	if (!ret)
		ret = map_put(&pages->renamed, pid, id);
	return ret ? ret : memory_renew(pages, pid);
}

static int task_exec(struct user_pages *pages, const struct kmem_event *ev)
{
	uint64_t pid = (uint32_t)ev->pid;

	return map_remove(&pages->renamed, pid, NULL)
		   ? 0
		   : memory_renew(pages, pid);
}

static int not_in_exec(struct user_pages *pages, int32_t pid)
{
	uint64_t id;

	return map_remove(&pages->renamed, (uint32_t)pid, &id)
		   ? map_put(&pages->memory_of, (uint32_t)pid, id)
		   : 0;
}

static int task_new(struct user_pages *pages, const struct kmem_event *ev)
{
	uint32_t task = (uint32_t)ev->addr;
	uint64_t id;
	int ret = not_in_exec(pages, ev->pid);

	map_remove(&pages->pending, task, NULL);
	map_remove(&pages->renamed, task, NULL);
	if (!ret && !(ev->flags & EVF_SHARES_MEMORY))
		return memory_renew(pages, task);
	if (!ret)
		ret = memory_id(pages, (uint32_t)ev->pid, &id);
	return ret ? ret : map_put(&pages->memory_of, task, id);
}

/* The row of the memory that a task has, made if it is the first page's. */
static int memory_row(struct user_pages *pages, int32_t pid, uint32_t *number)
{
	const uint64_t *found;
	uint64_t id;
	int ret = memory_id(pages, (uint32_t)pid, &id);

	if (ret)
		return ret;
	found = map_find(&pages->rows, id);
	if (found) {
		*number = (uint32_t)*found;
		return 0;
	}
	if (room(&pages->memories, &pages->memory_cap, pages->memory_count,
		 sizeof(*pages->memories)) ||
	    map_put(&pages->rows, id, pages->memory_count))
		return ERR_NOMEM;
	*number = (uint32_t)pages->memory_count++;
	pages->memories[*number] = (struct user_memory){.pid = pid};
	return 0;
}

/* ---- Pages ---- */

static void count_one(struct user_pages_count *all,
		      struct user_pages_count *one)
{
	struct user_pages_count *const counts[] = {all, one};

	for (int i = 0; i < 2; i++)
		if (++counts[i]->live > counts[i]->peak)
			counts[i]->peak = counts[i]->live;
}

/* Puts a placed page into its large page of one size. */
static int part_add(struct user_pages *pages, struct user_placed *placed,
		    unsigned int size)
{
	struct user_memory *memory = &pages->memories[placed->memory];
	uint64_t range = placed->page / ratio(pages, size);
	uint32_t part = 1u << placed->page % ratio(pages, size), number;
	const uint64_t *found = map_find(&memory->ranges[size], range);

	if (found && !(pages->pool[*found].parts & part)) {
		number = (uint32_t)*found;
	} else {
		if (large_new(pages, &number))
			return ERR_NOMEM;
		if (map_put(&memory->ranges[size], range, number)) {
			large_end(pages, number);
			return ERR_NOMEM;
		}
		count_one(&pages->large[size], &memory->large[size]);
	}
	pages->pool[number].parts |= part;
	placed->large[size] = number;
	return 0;
}

static void part_remove(struct user_pages *pages,
			const struct user_placed *placed, unsigned int size)
{
	struct user_memory *memory = &pages->memories[placed->memory];
	uint64_t range = placed->page / ratio(pages, size);
	uint32_t number = placed->large[size];
	const uint64_t *current;

	pages->pool[number].parts &= ~(1u << placed->page % ratio(pages, size));
	if (pages->pool[number].parts)
		return;
	current = map_find(&memory->ranges[size], range);
	if (current && *current == number)
		map_remove(&memory->ranges[size], range, NULL);
	large_end(pages, number);
	pages->large[size].live--;
	memory->large[size].live--;
}

static int place(struct user_pages *pages, const struct kmem_event *ev,
		 uint64_t page)
{
	struct user_placed placed = {.page = page};
	uint32_t number;
	int ret = memory_row(pages, ev->pid, &placed.memory);

	if (!ret)
		ret = placed_new(pages, &number);
	if (!ret)
		ret = map_put(&pages->placed_of, ev->object, number);
	if (ret)
		return ret;
	for (unsigned int i = 0; i < USER_PAGES_SIZES && !ret; i++)
		if (pages->sizes[i])
			ret = part_add(pages, &placed, i);
	pages->placed[number] = placed;
	count_one(&pages->small, &pages->memories[placed.memory].small);
	return ret;
}

static int page_alloc(struct user_pages *pages, const struct kmem_event *ev)
{
	const struct gfp_bits *gfp = &pages->trace->info.gfp;
	const uint32_t not_ours = EVF_FAILED | EVF_HARDIRQ | EVF_SOFTIRQ |
				  EVF_BACKS_SLAB | EVF_BACKS_LARGE;
	uint64_t page;

	if (ev->flags & not_ours || !(ev->gfp_flags & gfp->movable) ||
	    (!ev->order && ev->gfp_flags & gfp->noretry))
		return 0;
	if (!map_remove(&pages->pending, (uint32_t)ev->pid, &page))
		return 0;
	return ev->order || !ev->object ? 0 : place(pages, ev, page);
}

static void page_free(struct user_pages *pages, const struct kmem_event *ev)
{
	struct user_memory *memory;
	uint64_t number;

	if (!ev->object || !map_remove(&pages->placed_of, ev->object, &number))
		return;
	for (unsigned int i = 0; i < USER_PAGES_SIZES; i++)
		if (pages->sizes[i])
			part_remove(pages, &pages->placed[number], i);
	memory = &pages->memories[pages->placed[number].memory];
	pages->small.live--;
	/* Most processes end: their maps shall not stay. */
	if (!--memory->small.live)
		for (unsigned int i = 0; i < USER_PAGES_SIZES; i++)
			map_fini(&memory->ranges[i]);
	placed_end(pages, (uint32_t)number);
}

static int fault(struct user_pages *pages, const struct kmem_event *ev)
{
	uint64_t page = ev->addr / pages->trace->info.page_size;
	int ret = 0;

	pages->faults++;
	if (ev->kind == EV_FAULT_USER)
		ret = not_in_exec(pages, ev->pid);
	if (ret)
		return ret;
	if (ev->flags & EVF_WRITE_FAULT)
		return map_put(&pages->pending, (uint32_t)ev->pid, page);
	map_remove(&pages->pending, (uint32_t)ev->pid, NULL);
	return 0;
}

/* ---- From the first moment to the last ---- */

static void pages_forget(struct user_pages *pages)
{
	for (size_t i = 0; i < pages->memory_count; i++)
		for (unsigned int size = 0; size < USER_PAGES_SIZES; size++)
			map_fini(&pages->memories[i].ranges[size]);
	pages->memory_count = 0;
	pages->placed_count = pages->pool_count = 0;
	pages->placed_free = pages->pool_free = 0;
	map_fini(&pages->rows);
	map_fini(&pages->placed_of);
	pages->small = (struct user_pages_count){0};
	memset(pages->large, 0, sizeof(pages->large));
}

/* What grows most in the largest size first, then the larger, then by pid. */
static int by_growth(const void *left, const void *right)
{
	const struct user_memory *a = left, *b = right;

	if (a->growth != b->growth)
		return a->growth < b->growth ? 1 : -1;
	if (a->small.peak != b->small.peak)
		return a->small.peak < b->small.peak ? 1 : -1;
	return (a->pid > b->pid) - (a->pid < b->pid);
}

static void memory_finish(const struct user_pages *pages,
			  struct user_memory *memory)
{
	const unsigned int last = USER_PAGES_SIZES - 1;

	memory->small.end = memory->small.live;
	for (unsigned int i = 0; i < USER_PAGES_SIZES; i++)
		memory->large[i].end = memory->large[i].live;
	memory->growth =
	    (int64_t)(memory->large[last].peak * pages->sizes[last]) -
	    (int64_t)(memory->small.peak * pages->trace->info.page_size);
}

void user_pages_finish(struct user_pages *pages)
{
	if (pages->ended)
		return;
	pages->ended = true;
	pages->small.end = pages->small.live;
	for (unsigned int i = 0; i < USER_PAGES_SIZES; i++)
		pages->large[i].end = pages->large[i].live;
	for (size_t i = 0; i < pages->memory_count; i++)
		memory_finish(pages, &pages->memories[i]);
	if (pages->memory_count)
		qsort(pages->memories, pages->memory_count,
		      sizeof(*pages->memories), by_growth);
}

static void marker(struct user_pages *pages, const struct kmem_event *ev)
{
	const char *text = names_get(&pages->trace->names, ev->name);

	if (!strcmp(text, begin_marker))
		pages_forget(pages);
	else if (!strcmp(text, end_marker))
		user_pages_finish(pages);
}

static int take(struct user_pages *pages, const struct kmem_event *ev)
{
	switch (ev->kind) {
	case EV_MARKER:
		marker(pages, ev);
		return 0;
	case EV_TASK_NEW:
		return task_new(pages, ev);
	case EV_TASK_RENAME:
		return task_rename(pages, ev);
	case EV_TASK_EXEC:
		return task_exec(pages, ev);
	case EV_FAULT_USER:
	case EV_FAULT_KERNEL:
		return fault(pages, ev);
	case EV_PAGE_ALLOC:
		return page_alloc(pages, ev);
	case EV_PAGE_FREE:
		page_free(pages, ev);
		return 0;
	default:
		return 0;
	}
}

int user_pages_feed(struct user_pages *pages, const struct kmem_event *events,
		    size_t count, struct err *err)
{
	for (size_t i = 0; i < count && !pages->ended; i++) {
		int ret = take(pages, &events[i]);

		if (ret)
			return err_set(err, ret, "user pages: %s",
				       err_code_text(ret));
	}
	return 0;
}

void user_pages_fini(struct user_pages *pages)
{
	pages_forget(pages);
	map_fini(&pages->memory_of);
	map_fini(&pages->renamed);
	map_fini(&pages->pending);
	free(pages->memories);
	free(pages->placed);
	free(pages->pool);
	*pages = (struct user_pages){0};
}
