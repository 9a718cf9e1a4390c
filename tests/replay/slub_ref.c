/*
 * The rules of 5.15 to 6.18 (without sheaves), every list an array, every object a byte.
 */
#include "tests/replay/slub_ref.h"

#include <stdlib.h>
#include <string.h>

#include "tests/support/test.h"

enum { REF_SLABS = SLUB_REF_SLABS, REF_OBJECTS = 64, REF_LIST = 4096 };

struct ref_cpu {
	int current;
	int list[REF_LIST], count; /* last one is the newest */
	int guess[REF_LIST];	   /* free objects when it was put there */
};

/* What is free of a CPU's slab and the CPU's own has OWN + its number. */
enum { FREE, LIVE, OWN };

struct plain_ref {
	enum kernel_variant variant;
	uint32_t objects, min_partial, cpu_slabs_max, cpu_objects_max;
	bool used[REF_SLABS];
	char state[REF_SLABS][REF_OBJECTS];
	struct ref_cpu cpus[SLUB_REF_CPUS];
	int node_list[REF_LIST], node_count; /* first one is the head */
	int slabs;
};

static int ref_tally(const struct plain_ref *ref, int slab, char what)
{
	int n = 0;

	for (uint32_t i = 0; i < ref->objects; i++)
		n += ref->state[slab][i] == what;
	return n;
}

static bool ref_empty(const struct plain_ref *ref, int slab)
{
	return ref_tally(ref, slab, LIVE) == 0;
}

static void ref_discard(struct plain_ref *ref, int slab)
{
	ref->used[slab] = false;
	ref->slabs--;
}

static void ref_node_remove(struct plain_ref *ref, int at)
{
	memmove(&ref->node_list[at], &ref->node_list[at + 1],
		(size_t)(ref->node_count - at - 1) * sizeof(int));
	ref->node_count--;
}

/* 5.15 counts objects, and never looks at them again; later kernels slabs. */
static bool ref_cpu_full(const struct plain_ref *ref, const struct ref_cpu *cpu)
{
	int guess = 0;

	if (ref->variant != VARIANT_5_15)
		return cpu->count >= (int)ref->cpu_slabs_max;
	for (int i = 0; i < cpu->count; i++)
		guess += cpu->guess[i];
	return guess > (int)ref->cpu_objects_max;
}

static void ref_put(struct plain_ref *ref, struct ref_cpu *cpu, int slab,
		    bool drain)
{
	if (drain && ref_cpu_full(ref, cpu)) {
		int gone[REF_LIST], count = 0;

		/* Newest first, at the node's tail. */
		while (cpu->count) {
			int s = cpu->list[--cpu->count];

			if (ref_empty(ref, s) &&
			    ref->node_count >= (int)ref->min_partial)
				gone[count++] = s;
			else
				ref->node_list[ref->node_count++] = s;
		}
		while (count)
			ref_discard(ref, gone[--count]);
	}
	cpu->guess[cpu->count] = ref_tally(ref, slab, FREE);
	cpu->list[cpu->count++] = slab;
}

/* True if enough of the node's slabs are the CPU's now. */
static bool ref_has_enough(const struct plain_ref *ref, int slabs, int objects)
{
	if (ref->variant == VARIANT_5_15)
		return objects > (int)ref->cpu_objects_max / 2;
	return slabs > (int)ref->cpu_slabs_max / 2;
}

static void ref_own(struct plain_ref *ref, struct ref_cpu *cpu, int slab)
{
	char own = (char)(OWN + (cpu - ref->cpus));

	cpu->current = slab;
	for (uint32_t i = 0; i < ref->objects; i++)
		if (ref->state[slab][i] == FREE)
			ref->state[slab][i] = own;
}

static int ref_next_slab(struct plain_ref *ref, struct ref_cpu *cpu)
{
	int slab = 0;

	if (cpu->count)
		return cpu->list[--cpu->count];
	if (ref->node_count) {
		int slabs = 0, objects;

		slab = ref->node_list[0];
		ref_node_remove(ref, 0);
		objects = ref_tally(ref, slab, FREE);
		while (ref->node_count &&
		       !ref_has_enough(ref, slabs, objects)) {
			int s = ref->node_list[0];

			ref_node_remove(ref, 0);
			ref_put(ref, cpu, s, false);
			objects += ref_tally(ref, s, FREE);
			slabs++;
		}
		return slab;
	}
	while (ref->used[slab])
		slab++;
	ref->used[slab] = true;
	ref->slabs++;
	memset(ref->state[slab], 0, sizeof(ref->state[slab]));
	return slab;
}

/* Returns slab * REF_OBJECTS + object. */
static int plain_alloc(struct plain_ref *ref, struct ref_cpu *cpu)
{
	char own = (char)(OWN + (cpu - ref->cpus));

	for (;;) {
		int slab = cpu->current;

		for (uint32_t i = 0; slab >= 0 && i < ref->objects; i++) {
			if (ref->state[slab][i] == own) {
				ref->state[slab][i] = LIVE;
				return slab * REF_OBJECTS + (int)i;
			}
		}
		/* What others freed into it comes before another slab. */
		if (slab < 0 || !ref_tally(ref, slab, FREE))
			slab = ref_next_slab(ref, cpu);
		ref_own(ref, cpu, slab);
	}
}

static void plain_free(struct plain_ref *ref, struct ref_cpu *cpu, int object)
{
	int slab = object / REF_OBJECTS;
	bool full = ref_tally(ref, slab, LIVE) == (int)ref->objects;

	ref->state[slab][object % REF_OBJECTS] = FREE;
	for (int i = 0; i < SLUB_REF_CPUS; i++) {
		if (slab != ref->cpus[i].current)
			continue;
		if (cpu == &ref->cpus[i])
			ref->state[slab][object % REF_OBJECTS] =
			    (char)(OWN + i);
		return;
	}
	if (full) {
		ref_put(ref, cpu, slab, true);
		return;
	}
	if (!ref_empty(ref, slab) || ref->node_count < (int)ref->min_partial)
		return;
	for (int i = 0; i < ref->node_count; i++) {
		if (ref->node_list[i] == slab) {
			ref_node_remove(ref, i);
			ref_discard(ref, slab);
			return;
		}
	}
}

/*
 * Debug caches once more in the plainest way: the node's list is all there is.
 * Objects are numbered slab * REF_OBJECTS + n; only how many a slab has counts.
 */
struct debug_ref {
	uint32_t objects, min_partial;
	int inuse[REF_SLABS]; /* -1: no slab */
	int list[REF_LIST], count;
	int slabs;
};

static void debug_drop(struct debug_ref *ref, int slab)
{
	int at = 0;

	while (at < ref->count && ref->list[at] != slab)
		at++;
	if (at == ref->count)
		return;
	memmove(&ref->list[at], &ref->list[at + 1],
		(size_t)(ref->count - at - 1) * sizeof(int));
	ref->count--;
}

static int debug_alloc(struct debug_ref *ref)
{
	int slab = 0;

	if (ref->count) {
		slab = ref->list[0];
	} else {
		while (ref->inuse[slab] >= 0)
			slab++;
		ref->inuse[slab] = 0;
		ref->slabs++;
		ref->list[ref->count++] = slab;
	}
	if (++ref->inuse[slab] == (int)ref->objects)
		debug_drop(ref, slab);
	return slab;
}

static void debug_free(struct debug_ref *ref, int slab)
{
	bool full = ref->inuse[slab] == (int)ref->objects;

	ref->inuse[slab]--;
	if (!ref->inuse[slab] && ref->count >= (int)ref->min_partial) {
		debug_drop(ref, slab);
		ref->inuse[slab] = -1;
		ref->slabs--;
	} else if (full) {
		ref->list[ref->count++] = slab;
	}
}

struct slub_ref {
	bool is_debug;
	struct plain_ref plain;
	struct debug_ref debug;
};

struct slub_ref *slub_ref_make(const struct slub_params *params,
			       enum kernel_variant variant, bool debug)
{
	struct slub_ref *ref = calloc(1, sizeof(*ref));

	assert_non_null(ref);
	expect_true(params->objs_per_slab <= REF_OBJECTS);
	ref->is_debug = debug;
	ref->plain.objects = ref->debug.objects = params->objs_per_slab;
	ref->plain.min_partial = ref->debug.min_partial = params->min_partial;
	ref->plain.variant = variant;
	ref->plain.cpu_slabs_max = params->cpu_partial_slabs;
	ref->plain.cpu_objects_max = params->cpu_partial;
	for (int i = 0; i < SLUB_REF_CPUS; i++)
		ref->plain.cpus[i].current = -1;
	memset(ref->debug.inuse, -1, sizeof(ref->debug.inuse));
	return ref;
}

int slub_ref_alloc(struct slub_ref *ref, int cpu)
{
	return ref->is_debug ? debug_alloc(&ref->debug)
			     : plain_alloc(&ref->plain, &ref->plain.cpus[cpu]);
}

void slub_ref_free(struct slub_ref *ref, int object, int cpu)
{
	if (ref->is_debug)
		debug_free(&ref->debug, object);
	else
		plain_free(&ref->plain, &ref->plain.cpus[cpu], object);
}

int slub_ref_slabs(const struct slub_ref *ref)
{
	return ref->is_debug ? ref->debug.slabs : ref->plain.slabs;
}

int slub_ref_slab(const struct slub_ref *ref, int object)
{
	return ref->is_debug ? object : object / REF_OBJECTS;
}
