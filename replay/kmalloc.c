/*
 * The kernel keeps size_index[] for small sizes and takes the next power of
 * two above. "The smallest class that fits" is the same for every set of
 * classes that a kernel ever made, so one table over steps of 8 bytes does.
 */
#include "replay/kmalloc.h"

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "replay/slab_params.h"
#include "replay/slob.h"

static const char *const prefixes[KMALLOC_TYPES] = {
    "kmalloc-", "dma-kmalloc-", "kmalloc-rcl-", "kmalloc-cg-"};

/* "96", "8k", "4M" -> bytes; 0 for anything else. */
static uint32_t size_parse(const char *text)
{
	char *end;
	unsigned long value;

	if (*text < '1' || *text > '9')
		return 0;
	value = strtoul(text, &end, 10);
	if (*end == 'k' && end[1] == 0 && value < 4096)
		return (uint32_t)value << 10;
	if (*end == 'M' && end[1] == 0 && value < 1024)
		return (uint32_t)value << 20;
	return *end || value > 1u << 30 ? 0 : (uint32_t)value;
}

static void class_name(char name[KMALLOC_NAME_MAX], enum kmalloc_type type,
		       uint32_t bytes)
{
	const char *unit = "";

	if (bytes >= 1u << 20) {
		bytes >>= 20;
		unit = "M";
	} else if (bytes >= 1u << 10) {
		bytes >>= 10;
		unit = "k";
	}
	snprintf(name, KMALLOC_NAME_MAX, "%s%u%s", prefixes[type], bytes, unit);
}

/* Keeps the classes ascending; the same size twice counts once. */
static void class_add(struct kmalloc_rules *rules, enum kmalloc_type type,
		      uint32_t bytes, uint32_t slab_size)
{
	struct kmalloc_class *list = rules->classes[type];
	uint32_t at = rules->count[type];

	if (at == KMALLOC_CLASSES_MAX)
		return;
	while (at && list[at - 1].bytes > bytes)
		at--;
	if (at && list[at - 1].bytes == bytes)
		return;
	memmove(&list[at + 1], &list[at],
		(rules->count[type] - at) * sizeof(*list));
	list[at] =
	    (struct kmalloc_class){.bytes = bytes, .slab_size = slab_size};
	class_name(list[at].name, type, bytes);
	rules->count[type]++;
}

bool kmalloc_is_class(const char *name)
{
	for (int type = 0; type < KMALLOC_TYPES; type++) {
		size_t len = strlen(prefixes[type]);

		if (strncmp(name, prefixes[type], len) == 0 &&
		    size_parse(name + len))
			return true;
	}
	return false;
}

static void class_from_name(struct kmalloc_rules *rules, const char *name,
			    uint32_t slab_size)
{
	for (int type = 0; type < KMALLOC_TYPES; type++) {
		size_t len = strlen(prefixes[type]);
		uint32_t bytes = strncmp(name, prefixes[type], len)
				     ? 0
				     : size_parse(name + len);

		if (bytes && slab_size >= bytes)
			class_add(rules, (enum kmalloc_type)type, bytes,
				  slab_size);
	}
}

static void classes_captured(struct kmalloc_rules *rules,
			     const struct snapshot *snapshot)
{
	for (uint32_t i = 0; i < snapshot->cache_count; i++)
		class_from_name(rules, snapshot->caches[i].name,
				snapshot->caches[i].slab_size);
	for (uint32_t i = 0; i < snapshot->alias_count; i++) {
		uint32_t cache = snapshot->aliases[i].cache;

		if (cache < snapshot->cache_count)
			class_from_name(rules, snapshot->aliases[i].name,
					snapshot->caches[cache].slab_size);
	}
}

/*
 * KMALLOC_MIN_SIZE by version and architecture: ARCH_DMA_MINALIGN where it is
 * set, until 6.5 made it a matter of the machine's cache alignment and 8.
 */
static uint32_t least_class(const struct capture_info *info)
{
	int version = info->version_major * 1000 + info->version_minor;
	uint32_t least = info->slab_kind == SLAB_KIND_SLAB ? 32 : 8;

	if (version < 6005 && !strcmp(info->machine, "aarch64"))
		least = 128;
	else if (!strncmp(info->machine, "arm", 3))
		least = 64;
	return least;
}

/* SLAB aligns its kmalloc caches to the cache line (kmalloc-96 takes 128). */
static uint32_t class_slab_size(const struct capture_info *info, uint32_t bytes)
{
	uint32_t line = 64;

	if (info->slab_kind != SLAB_KIND_SLAB)
		return bytes;
	while (line > 8 && bytes <= line / 2)
		line /= 2;
	return (bytes + line - 1) / line * line;
}

static void classes_by_version(struct kmalloc_rules *rules,
			       const struct capture_info *info)
{
	uint32_t least = least_class(info);
	uint32_t biggest = 2 * info->page_size;
	bool slab_5_15 = info->slab_kind == SLAB_KIND_SLAB &&
			 variant_of(info->version_major, info->version_minor) ==
			     VARIANT_5_15;

	if (slab_5_15)
		biggest = 4u << 20;
	for (int type = 0; type < KMALLOC_TYPES; type++) {
		enum kmalloc_type t = (enum kmalloc_type)type;

		for (uint32_t bytes = least; bytes <= biggest; bytes *= 2)
			class_add(rules, t, bytes,
				  class_slab_size(info, bytes));
		if (least <= 32)
			class_add(rules, t, 96, class_slab_size(info, 96));
		if (least <= 64)
			class_add(rules, t, 192, class_slab_size(info, 192));
	}
}

/* What the heap of SLOB serves; accounting makes no difference to it. */
static void heap_by_version(struct kmalloc_rules *rules,
			    const struct capture_info *info)
{
	static const char *const names[] = {"kmalloc", "dma-kmalloc",
					    "kmalloc-rcl"};
	struct slob_env env = slob_env_of(info);

	rules->header = env.minalign;
	for (int type = KMALLOC_NORMAL; type <= KMALLOC_RECLAIM; type++) {
		struct kmalloc_class *class = rules->classes[type];

		class->bytes = info->page_size > env.minalign
				   ? info->page_size - env.minalign - 1
				   : 0;
		class->slab_size = info->page_size;
		snprintf(class->name, sizeof(class->name), "%s", names[type]);
		rules->count[type] = 1;
	}
}

static void table_fill(struct kmalloc_rules *rules)
{
	for (int type = 0; type < KMALLOC_TYPES; type++) {
		uint32_t class = 0;

		for (uint32_t i = 0; i < KMALLOC_TABLE; i++) {
			while (class < rules->count[type] &&
			       rules->classes[type][class].bytes <
				   i * KMALLOC_STEP)
				class ++;
			rules->table[type][i] = (uint8_t) class;
		}
	}
}

int kmalloc_rules_init(struct kmalloc_rules *rules,
		       const struct capture_info *info,
		       const struct snapshot *snapshot)
{
	*rules = (struct kmalloc_rules){.page_size = info->page_size};
	if (!info->page_size)
		return ERR_FORMAT;
	if (snapshot)
		classes_captured(rules, snapshot);
	rules->captured = rules->count[KMALLOC_NORMAL] > 0;
	if (!rules->captured && info->slab_kind == SLAB_KIND_SLOB)
		heap_by_version(rules, info);
	else if (!rules->captured)
		classes_by_version(rules, info);
	/* KMALLOC_MAX_SIZE: the largest block, at most 4 MiB of 4 KiB pages. */
	rules->large_limit = (uint64_t)info->page_size << 10;
	rules->gfp_dma = info->gfp.dma;
	rules->gfp_reclaimable = info->gfp.reclaimable;
	rules->gfp_account = info->gfp.account;
	table_fill(rules);
	return 0;
}

/* kmalloc_type(): DMA before reclaimable before accounted. */
static enum kmalloc_type type_of(const struct kmalloc_rules *rules,
				 uint32_t gfp_flags)
{
	enum kmalloc_type type = KMALLOC_NORMAL;

	if (gfp_flags & rules->gfp_dma)
		type = KMALLOC_DMA;
	else if (gfp_flags & rules->gfp_reclaimable)
		type = KMALLOC_RECLAIM;
	else if (gfp_flags & rules->gfp_account)
		type = KMALLOC_CGROUP;
	return rules->count[type] ? type : KMALLOC_NORMAL;
}

struct kmalloc_choice kmalloc_choose(const struct kmalloc_rules *rules,
				     uint64_t bytes_req, uint32_t gfp_flags)
{
	struct kmalloc_choice choice = {.type = type_of(rules, gfp_flags)};
	const struct kmalloc_class *classes = rules->classes[choice.type];
	uint32_t count = rules->count[choice.type], class;

	if (!bytes_req)
		return choice;
	if (rules->header) {
		class = bytes_req > classes->bytes;
	} else if (bytes_req <= (KMALLOC_TABLE - 1) * KMALLOC_STEP) {
		class =
		    rules->table[choice.type]
				[(bytes_req + KMALLOC_STEP - 1) / KMALLOC_STEP];
	} else {
		class = 0;
		while (class < count && classes[class].bytes < bytes_req)
			class ++;
	}
	if (class < count) {
		choice.index = class;
		choice.bytes_alloc = rules->header ? bytes_req + rules->header
						   : classes[class].slab_size;
		return choice;
	}
	choice.large = true;
	if (bytes_req > rules->large_limit)
		return choice;
	choice.order = (uint8_t)page_order_of(bytes_req, rules->page_size);
	choice.bytes_alloc = (uint64_t)rules->page_size << choice.order;
	return choice;
}
