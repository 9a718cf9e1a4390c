#include "parser/trace_dat.h"

#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "parser/cpu_stream.h"
#include "parser/dat_file.h"
#include "parser/load.h"
#include "parser/page_source.h"
#include "parser/reading.h"

enum {
	CHUNK_MAX = 64 << 20,
	CHUNKS_FIRST = 64,
	PAGE_BYTES_MAX = 1 << 20,
	IDS = UINT16_MAX + 1,
};

/* A file that is being opened. */
struct opening {
	const char *path, *instance;
	struct trace *trace;
	struct byte_reader reader;
	struct dat_file dat;
};

static bool is_wanted(const struct opening *opening,
		      const struct dat_buffer *buffer)
{
	return !opening->instance || !strcmp(opening->instance, buffer->name);
}

/* In words: the top instance has no name. */
static const char *buffer_name(const struct dat_buffer *buffer)
{
	return buffer->name[0] ? buffer->name : "the top instance";
}

static bool has_pages(const struct dat_buffer *buffer)
{
	for (uint32_t i = 0; i < buffer->cpu_count; i++)
		if (buffer->cpus[i].size)
			return true;
	return false;
}

static void cut_cpu(struct opening *opening, const struct dat_cpu *cpu)
{
	char reason[96];

	snprintf(reason, sizeof(reason),
		 "the file ends before the pages of CPU %u do", cpu->cpu);
	reading_partial(&opening->trace->info, reason);
}

/*
 * The places of a CPU's chunks: u32 count, then of each u32 packed, u32 plain
 * and the packed bytes. What the file does not have any more is left out.
 */
static int read_chunks(struct opening *opening, const struct dat_cpu *cpu,
		       struct page_chunk **list, uint32_t *count,
		       struct err *err)
{
	struct byte_reader *reader = &opening->reader;
	struct page_chunk *chunks = NULL;
	uint32_t told = 0, cap = 0, got = 0;
	uint64_t plain_at = 0;
	bool whole;

	whole = byte_reader_seek(reader, cpu->offset) &&
		byte_reader_u32(reader, &told);
	while (whole && got < told) {
		struct page_chunk chunk = {.plain_at = plain_at};

		whole = byte_reader_u32(reader, &chunk.packed_bytes) &&
			byte_reader_u32(reader, &chunk.plain_bytes);
		chunk.file_at = reader->at;
		if (!whole || !byte_reader_skip(reader, chunk.packed_bytes)) {
			whole = false;
			break;
		}
		if (chunk.packed_bytes > CHUNK_MAX ||
		    chunk.plain_bytes > CHUNK_MAX || !chunk.plain_bytes) {
			free(chunks);
			return err_set(err, ERR_LIMIT,
				       "%s: %u bytes of compressed pages at "
				       "byte %" PRIu64
				       " are impossible: the file is damaged",
				       opening->path, chunk.plain_bytes,
				       chunk.file_at);
		}
		if (got == cap) {
			struct page_chunk *bigger;

			cap = cap ? cap * 2 : CHUNKS_FIRST;
			bigger = realloc(chunks, cap * sizeof(*chunks));
			if (!bigger) {
				free(chunks);
				return err_set(err, ERR_NOMEM,
					       "no memory for chunks");
			}
			chunks = bigger;
		}
		plain_at += chunk.plain_bytes;
		chunks[got++] = chunk;
	}
	if (!whole)
		cut_cpu(opening, cpu);
	*list = chunks;
	*count = got;
	return 0;
}

/* Opens the pages of one CPU; *there is false if it has none. */
static int open_pages(struct opening *opening, const struct dat_buffer *buffer,
		      const struct dat_cpu *cpu, struct page_file *file,
		      bool *there, struct err *err)
{
	struct page_chunk *chunks = NULL;
	uint32_t count = 0;
	int ret;

	*there = false;
	if (!cpu->size)
		return 0;
	if (!buffer->compressed) {
		ret = page_file_open_part(file, opening->path, cpu->offset,
					  cpu->size, err);
		if (!ret && file->size_bytes < cpu->size)
			cut_cpu(opening, cpu);
		*there = true;
		return ret;
	}
	ret = read_chunks(opening, cpu, &chunks, &count, err);
	if (ret || !count) {
		*there = false;
		return ret;
	}
	*there = true;
	return page_file_open_chunks(file, opening->path, chunks, count, err);
}

/*
 * A sub-buffer may be larger than a page (from 6.8 on): the option tells. But
 * trace-cmd restore writes its own machine's page size there.
 */
static struct page_layout layout_of(const struct opening *opening,
				    const struct dat_buffer *buffer)
{
	struct page_layout layout = opening->dat.list.layout;

	if (buffer->page_bytes > layout.page_bytes &&
	    buffer->page_bytes <= PAGE_BYTES_MAX)
		layout.page_bytes = buffer->page_bytes;
	return layout;
}

/* Marks the ids that are in the pages of one CPU. */
static int mark_ids(struct cpu_stream *stream, uint32_t type_offset,
		    bool big_endian, uint8_t ids[IDS], struct err *err)
{
	while (!stream->done) {
		const struct page_record *record = &stream->record;
		int ret;

		if (record->len >= type_offset + 2)
			ids[load_u16(record->data + type_offset, big_endian)] =
			    1;
		ret = cpu_stream_next(stream, err);
		if (ret)
			return ret;
	}
	return 0;
}

static int scan_buffer(struct opening *opening, const struct dat_buffer *buffer,
		       uint8_t ids[IDS], struct err *err)
{
	struct page_layout layout = layout_of(opening, buffer);
	struct anomalies ignored = {.count = {0}};
	int ret = 0;

	for (uint32_t i = 0; i < buffer->cpu_count && !ret; i++) {
		struct page_file file = {.fd = -1};
		struct cpu_stream stream = {.file.fd = -1};
		bool there;

		ret = open_pages(opening, buffer, &buffer->cpus[i], &file,
				 &there, err);
		if (!ret && there)
			ret = cpu_stream_start(&stream, &file, 0, &layout,
					       &ignored, err);
		if (!ret && there)
			ret = mark_ids(
			    &stream, opening->dat.list.formats[0].type_offset,
			    opening->trace->info.big_endian, ids, err);
		cpu_stream_close(&stream);
		page_file_close(&file);
	}
	return ret;
}

/* owner: of each id, the number + 1 of the buffer that has it. */
static int claim_ids(struct opening *opening, uint32_t number,
		     const uint8_t ids[IDS], uint8_t owner[IDS],
		     struct err *err)
{
	const struct dat_buffer *buffers = opening->dat.buffers;
	const struct format_list *list = &opening->dat.list;

	for (uint32_t i = 0; i < list->count; i++) {
		uint32_t id = list->formats[i].id;

		if (!ids[id] || !format_is_memory(&list->formats[i]))
			continue;
		if (owner[id])
			return err_set(
			    err, ERR_USAGE,
			    "%s: %s and %s both hold %s events, which would "
			    "count twice: import it with --instance NAME "
			    "(\"\" is the top one)",
			    opening->path, buffer_name(&buffers[owner[id] - 1]),
			    buffer_name(&buffers[number]),
			    list->formats[i].name);
		owner[id] = (uint8_t)(number + 1);
	}
	return 0;
}

/* The same memory event in two instances would count twice. */
static int check_instances(struct opening *opening, struct err *err)
{
	const struct dat_file *dat = &opening->dat;
	uint8_t *ids, *owner;
	uint32_t used = 0;
	int ret = 0;

	for (uint32_t i = 0; i < dat->buffer_count; i++)
		used += has_pages(&dat->buffers[i]) &&
			is_wanted(opening, &dat->buffers[i]);
	if (used < 2)
		return 0;
	ids = malloc(IDS);
	owner = calloc(1, IDS);
	if (!ids || !owner)
		ret = err_set(err, ERR_NOMEM, "no memory for event ids");
	for (uint32_t i = 0; i < dat->buffer_count && !ret; i++) {
		if (!has_pages(&dat->buffers[i]) ||
		    !is_wanted(opening, &dat->buffers[i]))
			continue;
		memset(ids, 0, IDS);
		ret = scan_buffer(opening, &dat->buffers[i], ids, err);
		if (!ret)
			ret = claim_ids(opening, i, ids, owner, err);
	}
	free(ids);
	free(owner);
	return ret;
}

static int check_wanted(const struct opening *opening, struct err *err)
{
	const struct dat_file *dat = &opening->dat;
	char names[256] = "";
	size_t used = 0;

	for (uint32_t i = 0; i < dat->buffer_count; i++) {
		if (is_wanted(opening, &dat->buffers[i]))
			return 0;
		if (used < sizeof(names) - 1)
			used += (size_t)snprintf(
			    names + used, sizeof(names) - used, "%s%s",
			    i ? ", " : "", buffer_name(&dat->buffers[i]));
	}
	return err_set(err, ERR_MISSING,
		       "%s has no instance \"%.60s\"; it has %s", opening->path,
		       opening->instance, names);
}

/* The CPUs, and what was lost in the buffers that are read. */
static int set_cpus(struct opening *opening, struct err *err)
{
	struct capture_info *info = &opening->trace->info;
	const struct dat_file *dat = &opening->dat;
	uint32_t count = dat->cpu_count;

	if (count > CAPTURE_CPUS_MAX)
		count = 0;
	for (uint32_t b = 0; b < dat->buffer_count; b++) {
		const struct dat_buffer *buffer = &dat->buffers[b];

		for (uint32_t i = 0; i < buffer->cpu_count; i++)
			if (buffer->cpus[i].cpu >= count)
				count = buffer->cpus[i].cpu + 1;
		if (buffer->loss_count > count)
			count = buffer->loss_count;
	}
	info->cpus = calloc(count ? count : 1, sizeof(*info->cpus));
	if (!info->cpus)
		return err_set(err, ERR_NOMEM, "no memory for %u CPUs", count);
	info->cpu_count = count ? count : 1;
	for (uint32_t b = 0; b < dat->buffer_count; b++) {
		const struct dat_buffer *buffer = &dat->buffers[b];

		if (!is_wanted(opening, buffer))
			continue;
		for (uint32_t i = 0; i < buffer->loss_count; i++) {
			const struct cpu_loss *loss = &buffer->loss[i];

			info->cpus[i].entries += loss->entries;
			info->cpus[i].overrun += loss->overrun;
			info->cpus[i].commit_overrun += loss->commit_overrun;
			info->cpus[i].dropped_events += loss->dropped_events;
			opening->trace->anomalies.count[ANOMALY_LOST_EVENTS] +=
			    loss->overrun + loss->commit_overrun +
			    loss->dropped_events;
		}
	}
	return 0;
}

/* All buffers of a file have one clock, but only version 7 says which each. */
static void set_clock(struct opening *opening, struct page_source *pages)
{
	const struct dat_file *dat = &opening->dat;
	const char *clock = dat->clock;

	for (uint32_t i = 0; i < dat->buffer_count; i++)
		if (is_wanted(opening, &dat->buffers[i]) &&
		    has_pages(&dat->buffers[i]) && dat->buffers[i].clock[0])
			clock = dat->buffers[i].clock;
	snprintf(opening->trace->info.clock, sizeof(dat->clock), "%s", clock);
	if (dat->mult && !strcmp(clock, "x86-tsc"))
		page_source_scale(pages, dat->mult, dat->shift);
}

static int add_streams(struct opening *opening, struct page_source *pages,
		       struct err *err)
{
	const struct dat_file *dat = &opening->dat;

	for (uint32_t b = 0; b < dat->buffer_count; b++) {
		const struct dat_buffer *buffer = &dat->buffers[b];
		struct page_layout layout = layout_of(opening, buffer);

		if (!is_wanted(opening, buffer))
			continue;
		for (uint32_t i = 0; i < buffer->cpu_count; i++) {
			struct page_file file = {.fd = -1};
			bool there;
			int ret = open_pages(opening, buffer, &buffer->cpus[i],
					     &file, &there, err);

			if (!ret && there)
				ret = page_source_add(pages, &file,
						      buffer->cpus[i].cpu,
						      &layout, err);
			page_file_close(&file);
			if (ret)
				return ret;
		}
	}
	return 0;
}

static uint32_t count_streams(const struct dat_file *dat)
{
	uint32_t count = 1;

	for (uint32_t i = 0; i < dat->buffer_count; i++)
		count += dat->buffers[i].cpu_count;
	return count;
}

static int open_all(struct opening *opening, struct page_source **pages,
		    struct err *err)
{
	struct capture_info *info = &opening->trace->info;
	struct dat_file *dat = &opening->dat;
	const char *slash = strrchr(opening->path, '/');
	int ret = dat_file_read(&opening->reader, dat, opening->trace, err);

	if (ret)
		return ret;
	snprintf(info->title, sizeof(info->title), "%s",
		 slash ? slash + 1 : opening->path);
	info->command_status = -1;
	ret = format_list_end(&dat->list, info, opening->path, err);
	if (!ret)
		ret = check_wanted(opening, err);
	if (!ret)
		ret = set_cpus(opening, err);
	if (!ret)
		ret = check_instances(opening, err);
	if (!ret)
		ret = page_source_create(opening->trace, &dat->list,
					 count_streams(dat), pages, err);
	if (!ret)
		ret = add_streams(opening, *pages, err);
	if (!ret)
		set_clock(opening, *pages);
	return ret;
}

int trace_dat_open(const char *path, const char *instance, struct trace *trace,
		   struct source **source, struct err *err)
{
	struct page_source *pages = NULL;
	struct opening *opening;
	struct stat st;
	int fd, ret;

	assert(path && trace && source);
	opening = calloc(1, sizeof(*opening));
	if (!opening)
		return err_set(err, ERR_NOMEM, "no memory to open %s", path);
	opening->path = path;
	opening->instance = instance;
	opening->trace = trace;
	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0 || fstat(fd, &st)) {
		ret = err_set(err, ERR_IO, "%s: %s", path, strerror(errno));
	} else {
		byte_reader_file(&opening->reader, fd, (uint64_t)st.st_size,
				 path);
		ret = open_all(opening, &pages, err);
	}
	if (ret)
		page_source_destroy(pages);
	else
		*source = page_source_start(pages);
	if (fd >= 0)
		close(fd);
	dat_file_fini(&opening->dat);
	free(opening);
	return ret;
}
