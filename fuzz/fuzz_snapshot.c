/*
 * The text files of a snapshot. The first byte says which: 0 zoneinfo,
 * 1 buddyinfo, 2 pagetypeinfo, 3 the four slab tables one after the other with
 * a NUL between them, 4 words of kpageflags, 5 kernel/cgroups.
 */
#include <stdlib.h>
#include <string.h>

#include "fuzz/fuzz_target.h"
#include "parser/cgroups_read.h"
#include "parser/load.h"
#include "parser/pageflags_read.h"
#include "parser/slab_read.h"
#include "parser/zones_read.h"

static void read_slab(char *text, size_t size, struct snapshot *snapshot)
{
	char *tables[4] = {0}, *end = text + size;
	struct slab_errors errors;
	struct slab_texts texts;

	for (int i = 0; i < 4 && text < end; i++) {
		tables[i] = text;
		text += strlen(text) + 1;
	}
	texts = (struct slab_texts){tables[0], tables[1], tables[2], tables[3]};
	if (slab_read(&texts, snapshot, &errors, NULL))
		return;
	if (snapshot->cache_count &&
	    !snapshot_cache_find(snapshot, snapshot->caches[0].name))
		abort();
}

static void read_flags(const char *bytes, size_t size,
		       struct snapshot *snapshot)
{
	struct snapshot_zone zone = {.start_pfn = 3, .spanned = 100};
	struct pageflags flags = {.snapshot = snapshot};
	uint64_t pages = 0, free_pages = 0;

	snapshot->order_count = 5;
	snapshot->zones = &zone;
	snapshot->zone_count = 1;
	for (size_t i = 0; i + 8 <= size; i += 8) {
		uint64_t word = load_u64((const uint8_t *)bytes + i, false);

		free_pages += word >> KPF_BUDDY & 1;
		if (pageflags_add(&flags, word, 1))
			break;
	}
	if (pageflags_end(&flags))
		free_pages = 0;
	for (size_t i = 0; i < snapshot->block_count; i++)
		pages += 1ull << snapshot->blocks[i].order;
	if (pages != free_pages)
		abort();
	snapshot->zones = NULL;
	snapshot->zone_count = 0;
}

static int read_cgroups(char *text, struct err *err)
{
	struct trace trace = {0};
	int ret = cgroups_add(text, &trace, err);

	trace_fini(&trace);
	return ret;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct snapshot snapshot = {0};
	struct err err = {0};
	char *text;
	int ret = 0;

	if (!size)
		return 0;
	text = calloc(1, size);
	memcpy(text, data + 1, size - 1);
	switch (data[0] % 6) {
	case 0:
		ret = zones_read_zoneinfo(text, &snapshot, &err);
		break;
	case 1:
		ret = zones_read_buddyinfo(text, &snapshot, &err);
		break;
	case 2:
		ret = zones_read_pagetypeinfo(text, &snapshot, &err);
		break;
	case 3:
		read_slab(text, size - 1, &snapshot);
		break;
	case 5:
		ret = read_cgroups(text, &err);
		break;
	default:
		read_flags(text, size - 1, &snapshot);
		break;
	}
	if (ret && !err.text[0])
		abort();
	snapshot_fini(&snapshot);
	free(text);
	return 0;
}
