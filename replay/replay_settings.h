/*
 * replay_settings: what "--set KEY=VALUE" may change about a model.
 */
#ifndef REPLAY_REPLAY_SETTINGS_H
#define REPLAY_REPLAY_SETTINGS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "core/err.h"

enum replay_setting_kind {
	SETTING_NUMBER,
	SETTING_POSITIVE,  /* a number, not 0 */
	SETTING_PAGE_SIZE, /* bytes, given as 4K, 8K, ... */
	SETTING_DEBUG,	   /* letters of slub_debug_parse() */
};

/* Key, field, kind, largest value accepted, what it is. */
#define REPLAY_SETTING_TABLE(X)                                                \
	X("slub.max_order", slub_max_order, SETTING_NUMBER, 15,                \
	  "largest order of a slab (boot parameter slub_max_order)")           \
	X("slub.min_objects", slub_min_objects, SETTING_NUMBER, 32767,         \
	  "objects a slab should hold (boot parameter slub_min_objects)")      \
	X("slub.cpu_partial", slub_cpu_partial, SETTING_NUMBER, 1000000,       \
	  "free objects a CPU keeps in partial slabs (sysfs cpu_partial)")     \
	X("slub.min_partial", slub_min_partial, SETTING_NUMBER, 1000000,       \
	  "partial slabs a node keeps when empty (sysfs min_partial)")         \
	X("slub.merge", slub_merge, SETTING_NUMBER, 1,                         \
	  "1: caches are merged, 0: they are not (slab_nomerge)")              \
	X("slub.debug", slub_debug, SETTING_DEBUG, 0,                          \
	  "debug options of all caches (boot parameter slub_debug)")           \
	X("pcp.high", pcp_high, SETTING_NUMBER, 1 << 24,                       \
	  "pages a CPU keeps of a zone (sysctl "                               \
	  "percpu_pagelist_high_fraction)")                                    \
	X("pcp.batch", pcp_batch, SETTING_POSITIVE, 1 << 20,                   \
	  "pages that a CPU takes or gives back at once")                      \
	X("pages.group", pages_group, SETTING_NUMBER, 1,                       \
	  "0: pageblocks are not grouped by mobility, as on small machines")   \
	X("page_size", page_size, SETTING_PAGE_SIZE, 65536,                    \
	  "the kernel's pages: 4K, 8K, 16K, 32K or 64K")                       \
	X("vmalloc.above_kib", vmalloc_above_kib, SETTING_NUMBER, 4194303,     \
	  "kmallocs of more KiB take vmalloc areas, if they may sleep")

#define REPLAY_UNSET UINT32_MAX

enum { REPLAY_CLASSES_MAX = 8, REPLAY_SITES_MAX = 8 };

/* A kmalloc that is to have a cache of its own. */
struct replay_site {
	const char *text; /* SITE:BYTES, as it was given */
	size_t site_len;  /* of SITE in it */
	uint32_t bytes;
};

struct replay_settings {
#define X(key, field, kind, largest, text) uint32_t field;
	REPLAY_SETTING_TABLE(X)
#undef X
	/* kmalloc.classes=BYTES,BYTES: more classes, in every type of kmalloc. */
	uint32_t classes[REPLAY_CLASSES_MAX];
	uint32_t class_count;
	/*
	 * cache.at=SITE:BYTES, as often as wanted: requests of exactly BYTES at
	 * SITE, which is FUNCTION+0xOFFSET, FUNCTION or 0xADDRESS.
	 */
	struct replay_site sites[REPLAY_SITES_MAX];
	uint32_t site_count;
};

/* Nothing set. */
struct replay_settings replay_settings_none(void);

/*
 * Takes "KEY=VALUE", which must live as long as the settings. ERR_USAGE, naming
 * the keys there are, or the range.
 */
MUST_CHECK int replay_settings_parse(struct replay_settings *settings,
				     const char *assignment, struct err *err);

/* Writes "key=value key=value", "" if nothing is set. Returns text. */
char *replay_settings_format(const struct replay_settings *settings, char *text,
			     size_t size);

#endif
