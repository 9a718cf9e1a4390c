#include "replay/start_slabs.h"
#include <assert.h>

void start_slabs_init(struct start_slabs *starts, const struct memory *memory)
{
	*starts = (struct start_slabs){.memory = *memory};
}

void start_slabs_fini(struct start_slabs *starts)
{
	memory_free(&starts->memory, starts->slabs);
	memory_free(&starts->memory, starts->caches);
	starts->slabs = NULL;
	starts->caches = NULL;
}

static struct start_cache *cache_get(struct start_slabs *starts, uint32_t cache)
{
	struct start_cache *grown =
	    memory_grow(&starts->memory, starts->caches, sizeof(*grown),
			(size_t)cache + 1, &starts->cache_cap);

	if (!grown)
		return NULL;
	starts->caches = grown;
	return &grown[cache];
}

static int slab_add(struct start_slabs *starts, struct slab_model *model,
		    const struct slab_start *start)
{
	struct start_slab *grown =
	    memory_grow(&starts->memory, starts->slabs, sizeof(*grown),
			starts->count + 1, &starts->cap);
	struct start_slab *slab;
	int ret;

	if (!grown)
		return ERR_NOMEM;
	starts->slabs = grown;
	slab = &grown[starts->count];
	*slab = (struct start_slab){.left = start->inuse};
	ret = model->ops->start(model, start, &slab->handle);
	if (!ret)
		starts->count++;
	return ret;
}

static uint64_t least(uint64_t a, uint64_t b)
{
	return a < b ? a : b;
}

/*
 * Objects in use of the i-th of the node's partial slabs: as many in each, or
 * all but one in as many as there are objects for.
 */
static uint32_t partial_share(const struct start_counts *counts, uint64_t i)
{
	uint64_t total = counts->objects_partial, count = counts->node_partial;
	uint64_t most = counts->objs_per_slab;

	if (counts->rules.partial == START_PARTIAL_EVEN)
		return (uint32_t)(total * (i + 1) / count - total * i / count);
	if (total <= (most - 1) * count)
		most--;
	if (counts->rules.partial == START_PARTIAL_EMPTIEST)
		i = count - 1 - i;
	return (uint32_t)least(most, total > i * most ? total - i * most : 0);
}

/* Cuts the parts so that they add up to no more than all slabs. */
static struct start_counts counts_fit(struct start_counts counts, uint32_t cpus)
{
	uint64_t room = counts.slabs;

	counts.cpu_slabs = least(least(counts.cpu_slabs, cpus), room);
	room -= counts.cpu_slabs;
	counts.cpu_partial = least(counts.cpu_partial, room);
	room -= counts.cpu_partial;
	counts.node_partial = least(counts.node_partial, room);
	room -= counts.node_partial;
	counts.free_slabs = least(counts.free_slabs, room);
	counts.objects_partial = least(
	    counts.objects_partial, counts.node_partial * counts.objs_per_slab);
	return counts;
}

/* Slabs of which all objects are in use or in arrays. */
static uint64_t full_slabs(const struct start_counts *counts)
{
	return counts->slabs - counts->cpu_slabs - counts->cpu_partial -
	       counts->node_partial - counts->free_slabs;
}

/* The i-th slab: full, CPU partial, node partial, CPU slabs, free. */
static struct slab_start nth_slab(const struct start_counts *counts, uint64_t i,
				  uint32_t cpus, const uint16_t *cpu_node)
{
	uint64_t full = full_slabs(counts);
	struct slab_start start = {.inuse = counts->objs_per_slab,
				   .pfn = SLAB_PFN_UNKNOWN,
				   .place = SLAB_FULL};

	if (i < full)
		return start;
	i -= full;
	if (i < counts->cpu_partial) {
		start.place = SLAB_CPU_PARTIAL;
		start.cpu = (uint16_t)(i % cpus);
	} else if (i - counts->cpu_partial < counts->node_partial) {
		start.place = SLAB_NODE_PARTIAL;
		start.inuse = partial_share(counts, i - counts->cpu_partial);
		return start;
	} else if (i >= counts->slabs - full - counts->free_slabs) {
		start.place = SLAB_NODE_PARTIAL;
		start.inuse = 0;
		return start;
	} else {
		start.place = SLAB_CPU;
		start.cpu =
		    (uint16_t)(i - counts->cpu_partial - counts->node_partial);
	}
	start.inuse = start.place == SLAB_CPU ? start_cpu_slab_fill(counts)
					      : start_cpu_partial_fill(counts);
	start.node = cpu_node ? cpu_node[start.cpu] : 0;
	return start;
}

/*
 * Puts the objects that CPUs hold in arrays into the last full slabs and, if
 * these are too few, into partial ones, at most a CPU's share in each.
 */
static void cache_objects(const struct start_counts *counts, uint64_t i,
			  uint32_t cpus, const uint16_t *cpu_node,
			  uint64_t *dealt, struct slab_start *start)
{
	uint64_t share = (counts->cached + cpus - 1) / cpus, full, most, behind;

	if (!counts->cached || start->place == SLAB_CPU ||
	    start->place == SLAB_CPU_PARTIAL)
		return;
	full = full_slabs(counts);
	most = least(share, counts->objs_per_slab);
	behind = i < full ? (full - 1 - i) * most : 0;
	if (*dealt + behind >= counts->cached)
		return;
	start->cached = (uint32_t)least(least(most, start->inuse),
					counts->cached - *dealt - behind);
	start->inuse -= start->cached;
	start->cpu = (uint16_t)((*dealt) / share);
	*dealt += start->cached;
	start->node = cpu_node ? cpu_node[start->cpu] : 0;
}

/* The next known slab in its place, as far as the counts have one left. */
static struct slab_start known_slab(const struct start_known *known,
				    struct start_counts *left, bool *cpu_taken)
{
	struct slab_start start = {.inuse = known->inuse,
				   .pfn = known->pfn,
				   .cpu = known->cpu,
				   .node = known->node,
				   .place = SLAB_FULL};
	bool partial = known->inuse < left->objs_per_slab;

	if (partial && known->given && left->cpu_slabs && !*cpu_taken) {
		start.place = SLAB_CPU;
		*cpu_taken = true;
		left->cpu_slabs--;
	} else if (partial && known->given && left->cpu_partial) {
		start.place = SLAB_CPU_PARTIAL;
		left->cpu_partial--;
	} else if (partial && left->node_partial) {
		start.place = SLAB_NODE_PARTIAL;
		left->node_partial--;
		left->objects_partial -=
		    least(left->objects_partial, known->inuse);
	} else {
		start.inuse = left->objs_per_slab;
	}
	left->slabs--;
	return start;
}

/*
 * Places are given in the order of turns. CPU partial lists begin with the slab
 * that was put last, so those are made in reverse.
 */
static int known_add(struct start_slabs *starts, struct slab_model *model,
		     uint32_t cache, struct start_counts *left,
		     const struct start_layout *layout)
{
	size_t count = layout->known_count;
	struct slab_start *made =
	    memory_new(&starts->memory, count, sizeof(*made));
	bool *cpu_taken =
	    memory_new(&starts->memory, layout->cpus, sizeof(*cpu_taken));
	int ret = made && cpu_taken ? 0 : ERR_NOMEM;

	for (size_t i = 0; i < count && !ret; i++) {
		made[i] = known_slab(&layout->known[i], left,
				     &cpu_taken[layout->known[i].cpu]);
		made[i].cache = cache;
	}
	for (int reversed = 0; reversed < 2; reversed++)
		for (size_t n = 0; n < count && !ret; n++) {
			size_t i = reversed ? count - 1 - n : n;

			if ((made[i].place == SLAB_CPU_PARTIAL) != reversed)
				continue;
			layout->known[i].slab = (uint32_t)starts->count;
			starts->shares.slots_revealed +=
			    left->objs_per_slab - made[i].inuse;
			ret = slab_add(starts, model, &made[i]);
		}
	memory_free(&starts->memory, made);
	memory_free(&starts->memory, cpu_taken);
	return ret;
}

int start_slabs_add(struct start_slabs *starts, struct slab_model *model,
		    uint32_t cache, const struct start_counts *given,
		    const struct start_layout *layout)
{
	struct start_counts counts = counts_fit(*given, layout->cpus);
	struct start_cache *sc = cache_get(starts, cache);
	uint64_t dealt = 0;
	int ret;

	assert(layout->known_count <= counts.slabs);
	if (!sc)
		return ERR_NOMEM;
	sc->first = (uint32_t)starts->count;
	sc->known = (uint32_t)layout->known_count;
	if (sc->known) {
		ret = known_add(starts, model, cache, &counts, layout);
		if (ret)
			return ret;
	}
	if (layout->searched)
		counts.cpu_slabs = 0;
	counts = counts_fit(counts, layout->cpus);
	for (uint64_t i = 0; i < counts.slabs; i++) {
		struct slab_start start =
		    nth_slab(&counts, i, layout->cpus, layout->cpu_node);

		start.cache = cache;
		if (start.place == SLAB_FULL ||
		    start.place == SLAB_NODE_PARTIAL)
			start.node = (uint16_t)(i % layout->nodes);
		cache_objects(&counts, i, layout->cpus, layout->cpu_node,
			      &dealt, &start);
		if (start.place == SLAB_NODE_PARTIAL)
			starts->shares.slots_counted +=
			    counts.objs_per_slab - start.inuse;
		else
			starts->shares.slots_guessed +=
			    counts.objs_per_slab - start.inuse;
		ret = slab_add(starts, model, &start);
		if (ret)
			return ret;
	}
	starts->shares.slabs += sc->known + counts.slabs;
	starts->shares.slabs_known += sc->known;
	sc->front = sc->first + sc->known;
	sc->count = sc->known + (uint32_t)counts.slabs;
	sc->back = sc->first + sc->count;
	return 0;
}

uint32_t start_slabs_bind(struct start_slabs *starts, uint32_t cache,
			  bool for_free)
{
	struct start_cache *sc;

	if (cache >= starts->cache_cap)
		return START_SLAB_NONE;
	sc = &starts->caches[cache];
	if (sc->front == sc->back)
		return START_SLAB_NONE;
	return for_free ? sc->front++ : --sc->back;
}

bool start_slabs_take(struct start_slabs *starts, uint32_t cache, uint32_t slab,
		      uint64_t *handle)
{
	struct start_cache *sc;

	if (slab != START_SLAB_NONE && starts->slabs[slab].left) {
		starts->slabs[slab].left--;
		*handle = starts->slabs[slab].handle;
		return true;
	}
	if (cache >= starts->cache_cap)
		return false;
	sc = &starts->caches[cache];
	for (; sc->spent < sc->count; sc->spent++) {
		struct start_slab *spare =
		    &starts->slabs[sc->first +
				   (sc->known + sc->spent) % sc->count];

		if (!spare->left)
			continue;
		spare->left--;
		*handle = spare->handle;
		return true;
	}
	return false;
}

bool start_slabs_holds(const struct start_slabs *starts, uint32_t slab,
		       uint64_t *handle)
{
	assert(slab < starts->count);
	*handle = starts->slabs[slab].handle;
	return starts->slabs[slab].left > 0;
}
