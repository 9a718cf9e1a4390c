/*
 * The kernel keeps size_index[] for small sizes and takes the next power of
 * two above. "The smallest class that fits" is the same for every set of
 * classes that a kernel ever made, so one table over steps of 8 bytes does.
 */
#include "replay/kmalloc.h"

#include <assert.h>
#include <inttypes.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "replay/slab_params.h"
#include "replay/slob.h"

static const char *const prefixes[KMALLOC_TYPES] = {
    "kmalloc-",		  "dma-kmalloc-",    "kmalloc-rcl-",
    "kmalloc-cg-",	  "memdup_user-",    "msg_msg-",
    "kmalloc-no-objext-", "kmalloc-rnd-01-", "kmalloc-rnd-02-",
    "kmalloc-rnd-03-",	  "kmalloc-rnd-04-", "kmalloc-rnd-05-",
    "kmalloc-rnd-06-",	  "kmalloc-rnd-07-", "kmalloc-rnd-08-",
    "kmalloc-rnd-09-",	  "kmalloc-rnd-10-", "kmalloc-rnd-11-",
    "kmalloc-rnd-12-",	  "kmalloc-rnd-13-", "kmalloc-rnd-14-",
    "kmalloc-rnd-15-",
};

enum { SLAB_LINE = 64 }; /* cache line, bytes */

enum { PAGE_BYTES_MAX = 1 << 20 }; /* no machine has larger ones */

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

	if (bytes >= 1u << 20 && !(bytes & ((1u << 20) - 1))) {
		bytes >>= 20;
		unit = "M";
	} else if (bytes >= 1u << 10 && !(bytes & ((1u << 10) - 1))) {
		bytes >>= 10;
		unit = "k";
	}
	snprintf(name, KMALLOC_NAME_MAX, "%s%u%s", prefixes[type], bytes, unit);
}

/* Keeps the classes ascending; the same size twice counts once. */
static void class_add(struct kmalloc_rules *rules, enum kmalloc_type type,
		      uint32_t bytes, uint32_t slab_size, bool added)
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
	list[at] = (struct kmalloc_class){
	    .bytes = bytes, .slab_size = slab_size, .added = added};
	class_name(list[at].name, type, bytes);
	rules->count[type]++;
}

/* The type of a cache by its name, KMALLOC_TYPES if it is none of them. */
static enum kmalloc_type type_of_name(const char *name)
{
	int type = 0;

	for (; type < KMALLOC_TYPES; type++) {
		size_t len = strlen(prefixes[type]);

		if (strncmp(name, prefixes[type], len) == 0 &&
		    size_parse(name + len))
			break;
	}
	return (enum kmalloc_type)type;
}

bool kmalloc_is_flagged(const char *name)
{
	enum kmalloc_type type = type_of_name(name);

	return type != KMALLOC_TYPES && type != KMALLOC_MEMDUP &&
	       type != KMALLOC_MSG;
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
				  slab_size, false);
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

static bool machine_is(const struct capture_info *info, const char *prefix)
{
	return strncmp(info->machine, prefix, strlen(prefix)) == 0;
}

uint32_t kmalloc_minalign(const struct capture_info *info)
{
	int version = capture_version(info);

	if (machine_is(info, "aarch64"))
		return version < 6005 ? 128 : 8;
	if (machine_is(info, "riscv"))
		return version >= 6000 && version < 6006 ? 64 : 8;
	/* CONFIG_ARM_L1_CACHE_SHIFT: 6 from ARMv7 on, 5 before. */
	if (machine_is(info, "armv4") || machine_is(info, "armv5") ||
	    machine_is(info, "armv6"))
		return 32;
	return machine_is(info, "arm") ? 64 : 8;
}

/* KMALLOC_MIN_SIZE: SLAB has a floor of its own. */
static uint32_t least_class(const struct capture_info *info)
{
	uint32_t least = kmalloc_minalign(info);

	return info->slab_kind == SLAB_KIND_SLAB && least < 32 ? 32 : least;
}

/* SLAB aligns its kmalloc caches to the cache line (kmalloc-96 takes 128). */
static uint32_t class_slab_size(const struct capture_info *info, uint32_t bytes)
{
	uint32_t line = SLAB_LINE;

	if (info->slab_kind != SLAB_KIND_SLAB)
		return bytes;
	while (line > 8 && bytes <= line / 2)
		line /= 2;
	return (bytes + line - 1) / line * line;
}

/* The largest block of the page allocator, MAX_ORDER's usual value if unsaid. */
static uint64_t block_limit(const struct capture_info *info,
			    const struct snapshot *snapshot)
{
	uint32_t order = 10;

	if (snapshot && snapshot->order_count)
		order = snapshot->order_count - 1;
	else if (machine_is(info, "aarch64") && info->page_size == 65536)
		order = 13;
	else if (machine_is(info, "aarch64") && info->page_size == 16384)
		order = 11;
	return (uint64_t)info->page_size << order;
}

/*
 * The types of every configuration; those of a few are told by a list only.
 * SLAB of 5.15 has classes up to 32 MiB and no large kmalloc: above that it
 * refuses.
 */
static void classes_by_version(struct kmalloc_rules *rules,
			       const struct capture_info *info)
{
	static const uint64_t slab_most = 32u << 20;
	uint32_t least = least_class(info);
	uint64_t biggest = 2 * info->page_size;
	int version = capture_version(info);

	if (info->slab_kind == SLAB_KIND_SLAB &&
	    variant_of(info->version_major, info->version_minor) ==
		VARIANT_5_15) {
		if (rules->large_limit > slab_most)
			rules->large_limit = slab_most;
		biggest = rules->large_limit;
	}
	for (int type = 0; type <= KMALLOC_CGROUP; type++) {
		enum kmalloc_type t = (enum kmalloc_type)type;

		if (t == KMALLOC_CGROUP && version < 5014)
			break;
		for (uint32_t bytes = least; bytes <= biggest; bytes *= 2)
			class_add(rules, t, bytes, class_slab_size(info, bytes),
				  false);
		if (least <= 32)
			class_add(rules, t, 96, class_slab_size(info, 96),
				  false);
		if (least <= 64)
			class_add(rules, t, 192, class_slab_size(info, 192),
				  false);
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

/*
 * KMALLOC_NOT_NORMAL_BITS: types that the kernel was not built with leave their
 * flags without effect, but reclaimable then still means normal, not a copy.
 */
static uint32_t not_normal(const struct kmalloc_rules *rules)
{
	return rules->gfp.reclaimable |
	       (rules->count[KMALLOC_DMA] ? rules->gfp.dma : 0) |
	       (rules->count[KMALLOC_CGROUP] ? rules->gfp.account : 0) |
	       (rules->count[KMALLOC_NO_OBJ_EXT] ? rules->gfp.no_obj_ext : 0);
}

int kmalloc_rules_init(struct kmalloc_rules *rules,
		       const struct capture_info *info,
		       const struct snapshot *snapshot)
{
	*rules = (struct kmalloc_rules){.page_size = info->page_size};
	if (!info->page_size || info->page_size > PAGE_BYTES_MAX)
		return ERR_FORMAT;
	/* KMALLOC_MAX_SIZE */
	rules->large_limit = block_limit(info, snapshot);
	if (snapshot)
		classes_captured(rules, snapshot);
	rules->captured = rules->count[KMALLOC_NORMAL] > 0;
	if (!rules->captured && info->slab_kind == SLAB_KIND_SLOB)
		heap_by_version(rules, info);
	else if (!rules->captured)
		classes_by_version(rules, info);
	/* Of SLAB the cache line: class_slab_size(). */
	rules->align =
	    info->slab_kind == SLAB_KIND_SLAB ? SLAB_LINE : least_class(info);
	rules->gfp = info->gfp;
	rules->variant = variant_of(info->version_major, info->version_minor);
	rules->gfp_not_normal = not_normal(rules);
	table_fill(rules);
	return 0;
}

void kmalloc_rules_limit(struct kmalloc_rules *rules,
			 const struct kmalloc_rules *recorded)
{
	for (int type = 0; type < KMALLOC_TYPES; type++)
		if (!recorded->count[type])
			rules->count[type] = 0;
	rules->gfp_not_normal = not_normal(rules);
}

static int size_check(const struct kmalloc_rules *rules, uint32_t bytes,
		      struct err *err)
{
	const struct kmalloc_class *list = rules->classes[KMALLOC_NORMAL];
	uint32_t count = rules->count[KMALLOC_NORMAL];

	if (bytes % rules->align || bytes <= list[0].bytes ||
	    bytes >= list[count - 1].bytes)
		return err_set(err, ERR_USAGE,
			       "a kmalloc class of %" PRIu32
			       " bytes: it must be a multiple of %" PRIu32
			       ", above %" PRIu32 " and below %" PRIu32,
			       bytes, rules->align, list[0].bytes,
			       list[count - 1].bytes);
	for (uint32_t i = 0; i < count; i++)
		if (list[i].bytes == bytes)
			return err_set(err, ERR_USAGE,
				       "there is a kmalloc class of %" PRIu32
				       " bytes already",
				       bytes);
	return 0;
}

int kmalloc_rules_add(struct kmalloc_rules *rules,
		      const struct capture_info *info, const uint32_t *sizes,
		      uint32_t count, struct err *err)
{
	if (rules->header || !rules->count[KMALLOC_NORMAL])
		return err_set(err, ERR_USAGE,
			       "SLOB has no kmalloc classes to add to");
	for (uint32_t i = 0; i < count; i++) {
		int ret = size_check(rules, sizes[i], err);

		if (ret)
			return ret;
		for (int type = 0; type < KMALLOC_TYPES; type++) {
			if (!rules->count[type])
				continue;
			class_add(rules, (enum kmalloc_type)type, sizes[i],
				  class_slab_size(info, sizes[i]), true);
		}
	}
	rules->added = count > 0;
	table_fill(rules);
	return 0;
}

void kmalloc_rules_sites(struct kmalloc_rules *rules,
			 const struct symbols *symbols)
{
	/* In 6.10 the functions of allocation profiling got new names. */
	static const char *const names[][2] = {
	    [KMALLOC_SITE_MEMDUP] = {"vmemdup_user", "vmemdup_user_noprof"},
	    [KMALLOC_SITE_MSG] = {"alloc_msg", "alloc_msg_noprof"},
	    [KMALLOC_SITE_KV] = {"kvmalloc_node", "__kvmalloc_node_noprof"},
	};

	for (int i = 0; i < KMALLOC_SITES; i++)
		for (int n = 0; n < 2 && !rules->sites[i].end; n++)
			symbols_range(symbols, names[i][n],
				      &rules->sites[i].start,
				      &rules->sites[i].end);
}

static bool from_site(const struct kmalloc_rules *rules, enum kmalloc_site site,
		      uint64_t call_site)
{
	return call_site - rules->sites[site].start <
	       rules->sites[site].end - rules->sites[site].start;
}

/* hash_64() of include/linux/hash.h with 4 bits: which copy a caller has. */
static enum kmalloc_type copy_of(const struct kmalloc_rules *rules,
				 uint64_t call_site)
{
	uint64_t copy = call_site * 0x61C8864680B583EBull >> 60;
	enum kmalloc_type type = KMALLOC_NORMAL;

	if (copy)
		type = (enum kmalloc_type)(KMALLOC_COPY + copy - 1);
	return rules->count[type] ? type : KMALLOC_NORMAL;
}

/*
 * A bucket is asked for by name, then what has no extensions (kmalloc_slab());
 * the rest is kmalloc_type(): DMA before reclaimable before accounted.
 */
static enum kmalloc_type type_of(const struct kmalloc_rules *rules,
				 uint32_t gfp_flags, uint64_t call_site)
{
	if (rules->count[KMALLOC_MSG] &&
	    from_site(rules, KMALLOC_SITE_MSG, call_site))
		return KMALLOC_MSG;
	if (rules->count[KMALLOC_MEMDUP] &&
	    from_site(rules, KMALLOC_SITE_MEMDUP, call_site))
		return KMALLOC_MEMDUP;
	gfp_flags &= rules->gfp_not_normal;
	if (!gfp_flags)
		return rules->count[KMALLOC_COPY] ? copy_of(rules, call_site)
						  : KMALLOC_NORMAL;
	if (gfp_flags & rules->gfp.no_obj_ext)
		return KMALLOC_NO_OBJ_EXT;
	if (gfp_flags & rules->gfp.dma)
		return KMALLOC_DMA;
	if (gfp_flags & rules->gfp.reclaimable)
		return rules->count[KMALLOC_RECLAIM] ? KMALLOC_RECLAIM
						     : KMALLOC_NORMAL;
	return KMALLOC_CGROUP;
}

bool kmalloc_is_kv(const struct kmalloc_rules *rules, uint64_t call_site)
{
	return from_site(rules, KMALLOC_SITE_KV, call_site);
}

struct kmalloc_choice kmalloc_choose(const struct kmalloc_rules *rules,
				     uint64_t bytes_req, uint32_t gfp_flags,
				     uint64_t call_site)
{
	struct kmalloc_choice choice = {
	    .type = type_of(rules, gfp_flags, call_site)};
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

struct kmalloc_choice kmalloc_without_added(const struct kmalloc_rules *rules,
					    struct kmalloc_choice choice)
{
	const struct kmalloc_class *classes = rules->classes[choice.type];

	if (!rules->added || choice.large || !choice.bytes_alloc)
		return choice;
	/* The largest class is none of the added ones. */
	while (classes[choice.index].added)
		choice.index++;
	choice.bytes_alloc = classes[choice.index].slab_size;
	return choice;
}

uint64_t kmalloc_room(const struct kmalloc_rules *rules,
		      struct kmalloc_choice choice)
{
	uint64_t unit = slob_unit_bytes(rules->page_size);

	if (!choice.bytes_alloc || choice.large)
		return choice.bytes_alloc;
	if (!rules->header)
		return rules->classes[choice.type][choice.index].bytes;
	return (choice.bytes_alloc - rules->header + unit - 1) & ~(unit - 1);
}

enum kmalloc_resize kmalloc_resize(const struct kmalloc_rules *rules,
				   struct kmalloc_choice choice,
				   uint64_t bytes_req)
{
	if (!bytes_req)
		return KMALLOC_RESIZE_FREE;
	return bytes_req <= kmalloc_room(rules, choice) ? KMALLOC_RESIZE_STAY
							: KMALLOC_RESIZE_MOVE;
}

/* 5.15's kvmalloc() is kmalloc() for who has less than all of GFP_KERNEL. */
static bool kvmalloc_is_kmalloc(const struct kmalloc_rules *rules,
				uint32_t gfp_flags)
{
	const struct gfp_bits *bits = &rules->gfp;
	uint32_t kernel =
	    bits->direct_reclaim | bits->kswapd_reclaim | bits->io | bits->fs;

	return rules->variant == VARIANT_5_15 && (gfp_flags & kernel) != kernel;
}

uint32_t kvmalloc_gfp(const struct kmalloc_rules *rules, uint64_t bytes_req,
		      uint32_t gfp_flags)
{
	const struct gfp_bits *bits = &rules->gfp;
	bool tries_hard = gfp_flags & bits->retry_mayfail;

	if (bytes_req <= rules->page_size ||
	    kvmalloc_is_kmalloc(rules, gfp_flags))
		return gfp_flags;
	gfp_flags |= bits->nowarn;
	if (!tries_hard && rules->variant < VARIANT_6_18)
		gfp_flags |= bits->noretry;
	else if (!tries_hard)
		gfp_flags &= ~bits->direct_reclaim;
	return rules->variant == VARIANT_5_15 ? gfp_flags
					      : gfp_flags & ~bits->nofail;
}

bool kvmalloc_falls_back(const struct kmalloc_rules *rules, uint64_t bytes_req,
			 uint32_t gfp_flags)
{
	return bytes_req > rules->page_size && bytes_req <= INT_MAX &&
	       gfp_flags & rules->gfp.direct_reclaim &&
	       !kvmalloc_is_kmalloc(rules, gfp_flags);
}

uint32_t kvmalloc_caller_gfp(const struct kmalloc_rules *rules,
			     uint64_t bytes_req, uint32_t traced)
{
	return bytes_req > rules->page_size ? traced & ~rules->gfp.noretry
					    : traced;
}
