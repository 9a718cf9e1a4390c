/*
 * Every list is an array with its head first, every object a number.
 */
#include "tests/replay/slab_ref.h"

#include <stdlib.h>
#include <string.h>

#include "tests/support/test.h"

enum { REF_LIST = 8192, REF_CPUS = 4, REF_NODES = 2 };

struct ref_list {
	int at[REF_LIST];
	int count;
};

struct ref_node {
	struct ref_list partial, empty;	  /* slabs */
	struct ref_list shared;		  /* objects, the oldest first */
	struct ref_list alien[REF_NODES]; /* the same, of other nodes */
	bool shared_touched, empty_touched;
	int free_limit;
};

struct slab_ref {
	int num, batch, cpus, nodes;
	struct ref_node node[REF_NODES];
	int node_of[REF_CPUS], reap_node[REF_CPUS];
	struct ref_list array[REF_CPUS]; /* objects, the oldest first */
	bool touched[REF_CPUS];
	int limit, shared_limit, alien_limit;
	struct ref_list inside[SLAB_REF_SLABS]; /* free objects of a slab */
	bool used[SLAB_REF_SLABS];
	int on_node[SLAB_REF_SLABS];
	int slabs, reaps;
};

static void ref_insert(struct ref_list *list, int at, int value)
{
	memmove(&list->at[at + 1], &list->at[at],
		(size_t)(list->count - at) * sizeof(int));
	list->at[at] = value;
	list->count++;
}

static void ref_delete(struct ref_list *list, int at)
{
	list->count--;
	memmove(&list->at[at], &list->at[at + 1],
		(size_t)(list->count - at) * sizeof(int));
}

static void ref_delete_value(struct ref_list *list, int value)
{
	for (int i = 0; i < list->count; i++) {
		if (list->at[i] == value) {
			ref_delete(list, i);
			return;
		}
	}
}

static int ref_free_objects(const struct slab_ref *ref,
			    const struct ref_node *n)
{
	int sum = n->empty.count * ref->num;

	for (int i = 0; i < n->partial.count; i++)
		sum += ref->inside[n->partial.at[i]].count;
	return sum;
}

static void ref_destroy_last(struct slab_ref *ref, struct ref_node *n)
{
	ref->used[n->empty.at[--n->empty.count]] = false;
	ref->slabs--;
}

/* The oldest objects of an array go back to their slabs, all of one node. */
static void ref_give_back(struct slab_ref *ref, struct ref_node *n,
			  struct ref_list *array, int count)
{
	while (count--) {
		int object = array->at[0], slab = object / SLAB_REF_NUM;

		ref_delete(array, 0);
		ref_delete_value(&n->partial, slab);
		ref_insert(&ref->inside[slab], ref->inside[slab].count, object);
		if (ref->inside[slab].count == ref->num)
			ref_insert(&n->empty, 0, slab);
		else
			ref_insert(&n->partial, n->partial.count, slab);
	}
	while (n->empty.count && ref_free_objects(ref, n) > n->free_limit)
		ref_destroy_last(ref, n);
}

/* Up to count of the newest objects of one array to another. */
static void ref_move(struct ref_list *to, struct ref_list *from, int count)
{
	int first = from->count > count ? from->count - count : 0;

	while (from->count > first) {
		ref_insert(to, to->count, from->at[first]);
		ref_delete(from, first);
	}
}

/* Takes up to count objects of the slab that is first; false: no slab. */
static bool ref_take(struct slab_ref *ref, struct ref_node *n,
		     struct ref_list *array, int *count)
{
	struct ref_list *from = &n->partial;
	int slab;

	if (!from->count) {
		n->empty_touched = true;
		from = &n->empty;
	}
	if (!from->count)
		return false;
	slab = from->at[0];
	ref_delete(from, 0);
	while (*count && ref->inside[slab].count) {
		ref_insert(array, array->count,
			   ref->inside[slab].at[--ref->inside[slab].count]);
		--*count;
	}
	if (ref->inside[slab].count)
		ref_insert(&n->partial, 0, slab);
	return true;
}

static void ref_grow(struct slab_ref *ref, int node)
{
	int slab = 0;

	while (ref->used[slab])
		slab++;
	assert_true(slab < SLAB_REF_SLABS);
	ref->used[slab] = true;
	ref->on_node[slab] = node;
	ref->slabs++;
	ref->inside[slab].count = ref->num;
	for (int i = 0; i < ref->num; i++)
		ref->inside[slab].at[i] = slab * SLAB_REF_NUM + i;
	ref_insert(&ref->node[node].partial, 0, slab);
}

/* An object of another node than the CPU's, past the arrays. */
static int ref_alloc_node(struct slab_ref *ref, int node)
{
	struct ref_list one = {.count = 0};
	int count = 1;

	if (!ref_take(ref, &ref->node[node], &one, &count)) {
		ref_grow(ref, node);
		ref_take(ref, &ref->node[node], &one, &count);
	}
	return one.at[0];
}

int slab_ref_alloc(struct slab_ref *ref, int cpu, int node)
{
	struct ref_list *array = &ref->array[cpu];
	int count = !ref->touched[cpu] && ref->batch > 16 ? 16 : ref->batch;
	int local = ref->node_of[cpu];
	struct ref_node *n = &ref->node[local];

	if (node >= 0 && node != local)
		return ref_alloc_node(ref, node);
	if (!array->count && n->shared.count) {
		ref_move(array, &n->shared, count);
		n->shared_touched = true;
	} else if (!array->count) {
		if (ref_free_objects(ref, n))
			while (count && ref_take(ref, n, array, &count))
				;
		if (!array->count) {
			ref_grow(ref, local);
			ref_take(ref, n, array, &count);
		}
	}
	ref->touched[cpu] = true;
	return array->at[--array->count];
}

static void ref_drain_alien(struct slab_ref *ref, int node, int of)
{
	struct ref_list *alien = &ref->node[node].alien[of];
	struct ref_node *home = &ref->node[of];

	ref_move(&home->shared, alien, ref->shared_limit - home->shared.count);
	ref_give_back(ref, home, alien, alien->count);
}

void slab_ref_free(struct slab_ref *ref, int object, int cpu)
{
	struct ref_list *array = &ref->array[cpu];
	int local = ref->node_of[cpu], of = ref->on_node[object / SLAB_REF_NUM];
	struct ref_node *n = &ref->node[local];

	if (of != local) {
		array = &n->alien[of];
		if (array->count == ref->alien_limit)
			ref_drain_alien(ref, local, of);
	} else if (array->count == ref->limit) {
		int room = ref->shared_limit - n->shared.count;
		int count = room && room < ref->batch ? room : ref->batch;

		if (!room)
			ref_give_back(ref, n, array, count);
		else
			while (count--) {
				ref_insert(&n->shared, n->shared.count,
					   array->at[0]);
				ref_delete(array, 0);
			}
	}
	ref_insert(array, array->count, object);
}

static void ref_reap_array(struct slab_ref *ref, struct ref_node *n,
			   struct ref_list *array, int limit, bool *touched)
{
	int count = (limit + 4) / 5;

	if (!array->count)
		return;
	if (*touched) {
		*touched = false;
		return;
	}
	if (count > array->count)
		count = (array->count + 1) / 2;
	ref_give_back(ref, n, array, count);
}

static void ref_reap_node(struct slab_ref *ref, struct ref_node *n)
{
	int most = (n->free_limit + 5 * ref->num - 1) / (5 * ref->num);

	ref_reap_array(ref, n, &n->shared, ref->shared_limit,
		       &n->shared_touched);
	if (n->empty_touched)
		n->empty_touched = false;
	else
		while (most-- && n->empty.count)
			ref_destroy_last(ref, n);
}

void slab_ref_reap(struct slab_ref *ref)
{
	for (int cpu = 0; cpu < ref->cpus; cpu++) {
		int node = ref->node_of[cpu], of = ref->reap_node[cpu];
		bool first = !cpu || ref->node_of[cpu - 1] != node;

		if (of != node)
			ref_drain_alien(ref, node, of);
		ref->reap_node[cpu] = (of + 1) % ref->nodes;
		ref_reap_array(ref, &ref->node[node], &ref->array[cpu],
			       ref->limit, &ref->touched[cpu]);
		if (first && ref->reaps % 2 == 0)
			ref_reap_node(ref, &ref->node[node]);
	}
	ref->reaps++;
}

struct slab_ref *slab_ref_make(const struct slab_layout *layout, uint32_t cpus,
			       uint32_t nodes, const uint16_t *cpu_node)
{
	struct slab_ref *ref = calloc(1, sizeof(*ref));

	if (!ref || cpus > REF_CPUS || !nodes || nodes > REF_NODES)
		abort();
	ref->num = (int)layout->objs_per_slab;
	ref->batch = (int)layout->batchcount;
	ref->limit = (int)layout->limit;
	ref->shared_limit = (int)(layout->shared * layout->batchcount);
	ref->alien_limit = ref->limit > 1 ? 12 : ref->limit;
	ref->cpus = (int)cpus;
	ref->nodes = (int)nodes;
	for (uint32_t node = 0; node < nodes; node++)
		ref->node[node].free_limit = ref->batch + ref->num;
	for (uint32_t cpu = 0; cpu < cpus; cpu++) {
		int node = nodes > 1 ? cpu_node[cpu] : 0;

		ref->node_of[cpu] = node;
		ref->reap_node[cpu] = (node + 1) % ref->nodes;
		ref->node[node].free_limit += ref->batch;
	}
	assert_true(ref->num < SLAB_REF_NUM);
	return ref;
}

uint32_t slab_ref_slabs(const struct slab_ref *ref)
{
	return (uint32_t)ref->slabs;
}
