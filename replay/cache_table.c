#include "replay/cache_table.h"

#include <assert.h>
#include <stdio.h>
#include <string.h>

#include "core/rare.h"
#include "replay/rcu_caches.h"
#include "replay/slab_merge.h"
#include "replay/slob.h"
#include "replay/slub_size.h"

void cache_table_init(struct cache_table *table, struct trace *trace,
		      const struct snapshot *snapshot,
		      const struct kmalloc_rules *kmalloc,
		      struct slab_model *model, const struct memory *memory)
{
	*table = (struct cache_table){.trace = trace,
				      .snapshot = snapshot,
				      .kmalloc = *kmalloc,
				      .model = model,
				      .memory = *memory};
}

void cache_table_fini(struct cache_table *table)
{
	memory_free(&table->memory, table->entries);
	memory_free(&table->memory, table->by_name);
	memory_free(&table->memory, table->roots);
	map_fini(&table->by_size);
	table->entries = NULL;
	table->by_name = NULL;
	table->roots = NULL;
}

int cache_table_merge(struct cache_table *table, uint32_t debug)
{
	const struct snapshot *snapshot = table->snapshot;

	assert(!table->count && !table->roots);
	if (!snapshot || !snapshot->cache_count)
		return 0;
	table->roots = memory_new(&table->memory, snapshot->cache_count,
				  sizeof(*table->roots));
	if (!table->roots)
		return ERR_NOMEM;
	slab_merge_roots(snapshot, &table->trace->info, debug, table->roots);
	return 0;
}

const struct snapshot_cache *
cache_table_root(const struct cache_table *table,
		 const struct snapshot_cache *captured)
{
	const struct snapshot *snapshot = table->snapshot;

	if (!table->roots)
		return captured;
	assert(captured >= snapshot->caches &&
	       captured < snapshot->caches + snapshot->cache_count);
	return &snapshot->caches[table->roots[captured - snapshot->caches]];
}

static int by_name_set(struct cache_table *table, uint32_t name, uint32_t entry)
{
	uint32_t *grown =
	    memory_grow(&table->memory, table->by_name, sizeof(*grown),
			(size_t)name + 1, &table->by_name_cap);

	if (!grown)
		return ERR_NOMEM;
	table->by_name = grown;
	table->by_name[name] = entry + 1;
	return 0;
}

/* A new entry; its name must not be in the table. */
static int entry_add(struct cache_table *table, uint32_t name,
		     const struct slab_cache_spec *spec,
		     const struct snapshot_cache *captured, uint32_t *entry)
{
	struct cache_entry *grown =
	    memory_grow(&table->memory, table->entries, sizeof(*grown),
			table->count + 1, &table->cap);
	struct slab_counts made = {.slab_size = spec->slab_size};
	uint32_t model = 0;
	int ret;

	if (!grown)
		return ERR_NOMEM;
	table->entries = grown;
	if (table->model) {
		ret = table->model->ops->cache_add(table->model, spec, &model);
		if (ret)
			return ret;
		table->model->ops->counts(table->model, model, &made);
	}
	grown[table->count] = (struct cache_entry){
	    .name = name, .model = model, .captured = captured, .spec = *spec};
	grown[table->count].spec.slab_size = made.slab_size;
	grown[table->count].class_bytes = captured ? spec->object_size : 0;
	/* Objects of kmalloc have no padding. */
	if (!grown[table->count].class_bytes && spec->kmalloc)
		grown[table->count].class_bytes = made.slab_size;
	*entry = (uint32_t)table->count++;
	return by_name_set(table, name, *entry);
}

static int name_intern(struct cache_table *table, const char *text,
		       uint32_t *name)
{
	return names_intern(&table->trace->names, text, strlen(text), name);
}

/*
 * The alignment that SLOB gives to a cache's objects. Caches of SLUB that were
 * merged with a kmalloc cache show its natural alignment, which is the size;
 * none of them asked for more than a cache line.
 */
static uint32_t slob_align(const struct snapshot_cache *captured)
{
	const uint32_t line = 64;

	if (captured->align > line && captured->align == captured->slab_size)
		return line;
	return captured->align;
}

/* The debug options of a recorded cache. */
static uint32_t debug_of(const struct snapshot_cache *captured)
{
	return (captured->sanity_checks ? SLUB_DEBUG_CHECKS : 0) |
	       (captured->red_zone ? SLUB_DEBUG_RED_ZONE : 0) |
	       (captured->poison ? SLUB_DEBUG_POISON : 0) |
	       (captured->store_user ? SLUB_DEBUG_USER : 0);
}

/*
 * What was requested of a kmalloc cache is not known: usually the middle of
 * the upper half, since a class is at most twice the one below.
 */
static uint32_t old_request(const struct cache_table *table,
			    const struct snapshot_cache *captured)
{
	static const uint32_t quarters[] = {
	    [START_REQUEST_MIDDLE] = 3,
	    [START_REQUEST_LEAST] = 2,
	    [START_REQUEST_MOST] = 4,
	};

	return captured->slab_size / 4 * quarters[table->old_requests];
}

static struct slab_cache_spec spec_of(const struct cache_table *table,
				      const struct snapshot_cache *captured)
{
	bool for_slob = table->kmalloc.header > 0;
	bool kmalloc = kmalloc_is_flagged(captured->name);

	return (struct slab_cache_spec){
	    .object_size = for_slob && kmalloc ? old_request(table, captured)
					       : captured->object_size,
	    .slab_size = captured->slab_size,
	    .align = for_slob ? slob_align(captured) : captured->align,
	    .reclaimable = captured->reclaim_account,
	    .dma = captured->cache_dma,
	    .ctor = captured->ctor,
	    .destroy_by_rcu = captured->destroy_by_rcu ||
			      (for_slob && !captured->has_parameters &&
			       rcu_cache_named(captured->name)),
	    .freeptr_inside = captured->destroy_by_rcu &&
			      rcu_cache_freeptr_inside(captured->name),
	    .kmalloc = kmalloc,
	    .debug = debug_of(captured),
	    /* Where the trace counts what a sheaf holds, a model must not. */
	    .sheaf_capacity = rcu_cache_frees_hidden(captured->name)
				  ? 0
				  : captured->sheaf_capacity,
	    .has_order = captured->objs_per_slab > 0,
	    .has_cpu_partial = captured->has_parameters,
	    .has_min_partial = captured->has_parameters,
	    .has_arrays = captured->limit > 0,
	    .order = captured->order,
	    .objs_per_slab = captured->objs_per_slab,
	    .cpu_partial = captured->cpu_partial,
	    .min_partial = captured->min_partial,
	    .limit = captured->limit,
	    .batchcount = captured->batchcount,
	    .shared = captured->sharedfactor,
	};
}

/* The snapshot's cache of a name, NULL if there is none. */
static const struct snapshot_cache *
captured_find(const struct cache_table *table, const char *name)
{
	return table->snapshot ? snapshot_cache_find(table->snapshot, name)
			       : NULL;
}

/* The entry of a cache of the snapshot, or of the one it is merged into. */
static int captured_add(struct cache_table *table,
			const struct snapshot_cache *member, uint32_t *entry)
{
	const struct snapshot_cache *captured = cache_table_root(table, member);
	struct slab_cache_spec spec = spec_of(table, captured);
	uint32_t name;
	int ret = name_intern(table, captured->name, &name);

	if (ret)
		return ret;
	*entry = cache_table_known(table, name);
	if (*entry != CACHE_NONE || !spec.slab_size)
		return 0;
	return entry_add(table, name, &spec, captured, entry);
}

/* The same by any name, which leads there from now on. */
static int captured_named(struct cache_table *table, uint32_t name,
			  uint32_t *entry)
{
	const struct snapshot_cache *captured =
	    captured_find(table, names_get(&table->trace->names, name));
	int ret;

	*entry = CACHE_NONE;
	if (!captured)
		return 0;
	ret = captured_add(table, captured, entry);
	if (ret || *entry == CACHE_NONE)
		return ret;
	return by_name_set(table, name, *entry);
}

RARE int cache_table_class(struct cache_table *table,
			   const struct kmalloc_choice *choice, uint32_t *entry)
{
	const struct kmalloc_class *class =
	    &table->kmalloc.classes[choice->type][choice->index];
	struct slab_cache_spec spec = {
	    .object_size = class->bytes,
	    .slab_size = class->slab_size,
	    .reclaimable = choice->type == KMALLOC_RECLAIM,
	    .dma = choice->type == KMALLOC_DMA,
	    .kmalloc = table->kmalloc.header || kmalloc_is_flagged(class->name),
	};
	uint32_t name;
	int ret = name_intern(table, class->name, &name);

	if (ret)
		return ret;
	*entry = cache_table_known(table, name);
	if (*entry == CACHE_NONE && table->kmalloc.captured)
		ret = captured_named(table, name, entry);
	if (!ret && *entry == CACHE_NONE)
		ret = entry_add(table, name, &spec, NULL, entry);
	if (!ret)
		table->by_class[choice->type][choice->index] = *entry + 1;
	return ret;
}

int cache_table_own(struct cache_table *table, const char *name, uint32_t bytes,
		    uint32_t *entry)
{
	uint32_t word = table->trace->info.long_size == 4 ? 4 : 8, id;
	struct slab_cache_spec spec = {
	    .object_size = bytes,
	    .slab_size = (bytes + word - 1) & ~(word - 1),
	    .align = word,
	};
	int ret = name_intern(table, name, &id);

	if (!ret && cache_table_known(table, id) != CACHE_NONE)
		ret = ERR_USAGE;
	if (!ret)
		ret = entry_add(table, id, &spec, NULL, entry);
	if (!ret)
		table->entries[*entry].own = true;
	return ret;
}

/*
 * Where the classes are not those of the recorded kernel, a kmalloc cache of
 * the snapshot stands for the class of its name.
 */
static int captured_class(struct cache_table *table, const char *name,
			  uint32_t *entry)
{
	struct kmalloc_choice choice = {0};

	for (int type = 0; type < KMALLOC_TYPES; type++) {
		choice.type = (enum kmalloc_type)type;
		for (uint32_t i = 0; i < table->kmalloc.count[type]; i++) {
			choice.index = i;
			if (!strcmp(name, table->kmalloc.classes[type][i].name))
				return cache_table_kmalloc(table, &choice,
							   entry);
		}
	}
	return 0;
}

int cache_table_captured(struct cache_table *table,
			 const struct snapshot_cache *captured, uint32_t *entry)
{
	*entry = CACHE_NONE;
	if (!table->kmalloc.captured) {
		int ret = captured_class(table, captured->name, entry);

		if (ret || *entry != CACHE_NONE)
			return ret;
	}
	return captured_add(table, captured, entry);
}

/* The size that SLOB traces is with the footer of an RCU cache (slob.h). */
static void spec_footer(const struct cache_table *table, uint32_t name,
			struct slab_cache_spec *spec)
{
	const struct capture_info *info = &table->trace->info;
	uint32_t footer = slob_footer_bytes(info->long_size == 4 ? 4 : 8);

	if (!table->kmalloc.header ||
	    !rcu_cache_named(names_get(&table->trace->names, name)))
		return;
	spec->destroy_by_rcu = true;
	if (info->slab_kind == SLAB_KIND_SLOB && spec->object_size > footer)
		spec->object_size -= footer;
}

/* A name that the table does not have yet. */
static RARE int named_add(struct cache_table *table, uint32_t name,
			  uint32_t slab_size, uint32_t *entry)
{
	struct slab_cache_spec spec = {.object_size = slab_size,
				       .slab_size = slab_size};
	int ret = captured_named(table, name, entry);

	if (ret || *entry != CACHE_NONE || !slab_size)
		return ret;
	spec_footer(table, name, &spec);
	ret = entry_add(table, name, &spec, NULL, entry);
	/* A size from an event may be nonsense; that is no reason to stop. */
	return ret == ERR_LIMIT ? 0 : ret;
}

int cache_table_named(struct cache_table *table, uint32_t name,
		      uint32_t slab_size, uint32_t *entry)
{
	*entry = cache_table_known(table, name);
	if (*entry != CACHE_NONE)
		return 0;
	return named_add(table, name, slab_size, entry);
}

static RARE int sized_add(struct cache_table *table, uint32_t object_size,
			  uint32_t slab_size, uint32_t *entry)
{
	const struct snapshot_cache *found =
	    table->snapshot ? snapshot_cache_of_sizes(table->snapshot,
						      object_size, slab_size)
			    : NULL;
	char text[64];
	uint32_t name;
	int ret;

	if (found)
		return cache_table_captured(table, found, entry);
	snprintf(text, sizeof(text), "(unknown, %u bytes)", slab_size);
	ret = name_intern(table, text, &name);
	return ret ? ret : cache_table_named(table, name, slab_size, entry);
}

int cache_table_by_size(struct cache_table *table, uint32_t object_size,
			uint32_t slab_size, uint32_t *entry)
{
	uint64_t key = (uint64_t)object_size << 32 | slab_size;
	const uint64_t *known = map_find(&table->by_size, key);
	int ret;

	if (known) {
		*entry = (uint32_t)*known;
		return 0;
	}
	ret = sized_add(table, object_size, slab_size, entry);
	return ret || key == UINT64_MAX ? ret
					: map_put(&table->by_size, key, *entry);
}
