#include "parser/pageflags_read.h"

#include <assert.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <zstd.h>

#include "core/bits.h"
#include "parser/load.h"

enum {
	CHUNK_BYTES = 1 << 18,
	GROUP = 8, /* words that are looked at together */
	MAP_FIRST_PAGES = 1 << 16,
};

/* 2^40 pages are 4 PiB: more than any machine has. */
#define PFN_MAX (1ull << 40)

static int add_block(struct pageflags *flags, uint64_t pfn, uint8_t order)
{
	struct snapshot *snapshot = flags->snapshot;

	if (snapshot->block_count == flags->block_cap) {
		size_t cap = flags->block_cap ? flags->block_cap * 2 : 1024;
		struct snapshot_block *blocks =
		    realloc(snapshot->blocks, cap * sizeof(*blocks));

		if (!blocks)
			return ERR_NOMEM;
		snapshot->blocks = blocks;
		flags->block_cap = cap;
	}
	snapshot->blocks[snapshot->block_count++] =
	    (struct snapshot_block){.pfn = pfn, .order = order};
	return 0;
}

/* Cuts the run at hand into the largest aligned blocks. */
static int end_run(struct pageflags *flags)
{
	uint32_t orders = flags->snapshot->order_count;

	while (flags->run_pages) {
		uint8_t order = 0;
		int ret;

		while (order + 1u < orders &&
		       !(flags->run & ((2ull << order) - 1)) &&
		       (2ull << order) <= flags->run_pages)
			order++;
		ret = add_block(flags, flags->run, order);
		if (ret)
			return ret;
		flags->run += 1ull << order;
		flags->run_pages -= 1ull << order;
	}
	return 0;
}

/* The first border of any zone above pfn: blocks never cross one. */
static uint64_t next_border(const struct snapshot *snapshot, uint64_t pfn)
{
	uint64_t border = UINT64_MAX;

	for (uint32_t i = 0; i < snapshot->zone_count; i++) {
		const struct snapshot_zone *zone = &snapshot->zones[i];
		uint64_t start = zone->start_pfn;
		uint64_t end = start + zone->spanned;

		if (!zone->spanned)
			continue;
		if (start > pfn && start < border)
			border = start;
		if (end > pfn && end < border)
			border = end;
	}
	return border;
}

/* Sets bits of a map that has so many of them, and grows. */
static int map_set(uint64_t **map, uint64_t *pages, uint64_t pfn,
		   uint64_t count)
{
	if (pfn + count > *pages) {
		uint64_t bigger = *pages ? *pages : MAP_FIRST_PAGES;
		uint64_t *grown;

		while (bigger < pfn + count)
			bigger *= 2;
		grown = realloc(*map, bigger / 8);
		if (!grown)
			return ERR_NOMEM;
		memset(grown + *pages / 64, 0, (bigger - *pages) / 8);
		*map = grown;
		*pages = bigger;
	}
	bits_add(*map, pfn, count);
	return 0;
}

/* What the pages are to the maps. */
static int add_to_maps(struct pageflags *flags, uint64_t word, uint64_t count)
{
	struct snapshot *snapshot = flags->snapshot;
	int ret = 0;

	if (word >> KPF_SLAB & 1) {
		ret = map_set(&snapshot->slab_map, &snapshot->slab_map_pages,
			      flags->pfn, count);
		snapshot->slab_pages += ret ? 0 : count;
	}
	if (!(word >> KPF_COMPOUND_TAIL & 1))
		flags->head_movable = word >> KPF_LRU & 1;
	if (!ret && flags->head_movable)
		ret = map_set(&snapshot->movable_map,
			      &snapshot->movable_map_pages, flags->pfn, count);
	return ret;
}

/* Free pages go on with the run at hand, as far as the next border. */
static int add_free(struct pageflags *flags, uint64_t count)
{
	uint64_t pfn = flags->pfn;
	int ret = 0;

	while (count && !ret) {
		uint64_t part = count;

		if (!flags->run_pages) {
			flags->run = pfn;
			flags->limit = next_border(flags->snapshot, pfn);
		}
		if (part > flags->limit - pfn)
			part = flags->limit - pfn;
		flags->run_pages += part;
		pfn += part;
		count -= part;
		if (pfn == flags->limit)
			ret = end_run(flags);
	}
	return ret;
}

int pageflags_add(struct pageflags *flags, uint64_t word, uint64_t count)
{
	int ret = count > PFN_MAX - flags->pfn
		      ? ERR_LIMIT
		      : add_to_maps(flags, word, count);

	if (!ret)
		ret = word >> KPF_BUDDY & 1 ? add_free(flags, count)
					    : end_run(flags);
	if (!ret)
		flags->pfn += count;
	return ret;
}

int pageflags_end(struct pageflags *flags)
{
	flags->snapshot->kpageflags_pages = flags->pfn;
	return end_run(flags);
}

static uint64_t word_raw(const uint8_t *bytes, size_t i)
{
	uint64_t word;

	memcpy(&word, bytes + i * 8, sizeof(word));
	return word;
}

/*
 * How many words from the first on are alike in the bits of mask, which is in
 * their byte order. Most are, so GROUP of them are looked at together.
 */
static size_t count_alike(const uint8_t *bytes, size_t count, uint64_t mask)
{
	uint64_t first = word_raw(bytes, 0);
	size_t done = 1;

	for (; done + GROUP <= count; done += GROUP) {
		uint64_t other = 0;

		for (size_t i = 0; i < GROUP; i++)
			other |= word_raw(bytes, done + i) ^ first;
		if (other & mask)
			break;
	}
	while (done < count && !((word_raw(bytes, done) ^ first) & mask))
		done++;
	return done;
}

/* Whole words of the bytes; those of a cut word are left over. */
static int add_bytes(struct pageflags *flags, const uint8_t *bytes, size_t len,
		     bool big_endian)
{
	const uint64_t wanted = 1ull << KPF_SLAB | 1ull << KPF_BUDDY |
				1ull << KPF_LRU | 1ull << KPF_COMPOUND_TAIL;
	uint64_t mask = load_u64((const uint8_t *)&wanted, big_endian);
	size_t count = len / 8, alike;
	int ret = 0;

	for (; count && !ret; count -= alike) {
		alike = count_alike(bytes, count, mask);
		ret = pageflags_add(flags, load_u64(bytes, big_endian), alike);
		bytes += alike * 8;
	}
	return ret;
}

static int read_plain(FILE *file, struct pageflags *flags, bool big_endian)
{
	uint8_t *chunk = malloc(CHUNK_BYTES);
	size_t got;
	int ret = chunk ? 0 : ERR_NOMEM;

	while (!ret && (got = fread(chunk, 1, CHUNK_BYTES, file)) > 0) {
		ret = add_bytes(flags, chunk, got, big_endian);
		if (!ret && got % 8)
			ret = ERR_FORMAT;
	}
	if (!ret && ferror(file))
		ret = ERR_IO;
	free(chunk);
	return ret;
}

struct unpacking {
	ZSTD_DStream *stream;
	uint8_t *in, *out;
	size_t out_len; /* bytes of a cut word, kept at the start of out */
	size_t hint;	/* 0: a frame is complete */
};

static int unpack_chunk(struct unpacking *un, size_t got,
			struct pageflags *flags, bool big_endian)
{
	ZSTD_inBuffer in = {un->in, got, 0};
	ZSTD_outBuffer out;
	int ret = 0;

	do {
		out = (ZSTD_outBuffer){un->out, CHUNK_BYTES, un->out_len};
		un->hint = ZSTD_decompressStream(un->stream, &out, &in);
		if (ZSTD_isError(un->hint))
			return ERR_FORMAT;
		ret = add_bytes(flags, un->out, out.pos, big_endian);
		un->out_len = out.pos % 8;
		memmove(un->out, un->out + out.pos - un->out_len, un->out_len);
		/*
		 * A full output may hide more than the input shows, but not
		 * behind the end of a frame: asking then starts a new one.
		 */
	} while (!ret &&
		 (in.pos < in.size || (un->hint && out.pos == CHUNK_BYTES)));
	return ret;
}

static int read_zstd(FILE *file, struct pageflags *flags, bool big_endian)
{
	struct unpacking un = {.stream = ZSTD_createDStream(),
			       .in = malloc(CHUNK_BYTES),
			       .out = malloc(CHUNK_BYTES),
			       .hint = 1};
	size_t got;
	int ret = un.stream && un.in && un.out ? 0 : ERR_NOMEM;

	while (!ret && (got = fread(un.in, 1, CHUNK_BYTES, file)) > 0)
		ret = unpack_chunk(&un, got, flags, big_endian);
	if (!ret && ferror(file))
		ret = ERR_IO;
	if (!ret && (un.hint || un.out_len))
		ret = ERR_FORMAT;
	ZSTD_freeDStream(un.stream);
	free(un.in);
	free(un.out);
	return ret;
}

static void forget(struct snapshot *snapshot)
{
	free(snapshot->blocks);
	snapshot->blocks = NULL;
	free(snapshot->slab_map);
	snapshot->slab_map = NULL;
	snapshot->slab_map_pages = 0;
	free(snapshot->movable_map);
	snapshot->movable_map = NULL;
	snapshot->movable_map_pages = 0;
	snapshot->block_count = 0;
	snapshot->kpageflags_pages = 0;
	snapshot->slab_pages = 0;
}

int pageflags_read(const char *dir, bool big_endian, struct snapshot *snapshot,
		   struct err *err)
{
	struct pageflags flags = {.snapshot = snapshot};
	bool packed = false;
	char path[4096];
	FILE *file;
	int ret;

	assert(dir && snapshot && snapshot->order_count);
	snprintf(path, sizeof(path), "%s/kpageflags", dir);
	file = fopen(path, "rbe");
	if (!file && errno == ENOENT) {
		snprintf(path, sizeof(path), "%s/kpageflags.zst", dir);
		file = fopen(path, "rbe");
		packed = true;
	}
	if (!file)
		return err_set(err, errno == ENOENT ? ERR_MISSING : ERR_IO,
			       "%s: %s", path, strerror(errno));
	ret = packed ? read_zstd(file, &flags, big_endian)
		     : read_plain(file, &flags, big_endian);
	fclose(file);
	if (!ret)
		ret = pageflags_end(&flags);
	if (!ret && !snapshot->kpageflags_pages)
		ret = ERR_FORMAT;
	if (ret) {
		forget(snapshot);
		return err_set(err, ret, "%s: %s", path,
			       ret == ERR_FORMAT ? "damaged or cut short"
						 : err_code_text(ret));
	}
	return 0;
}
