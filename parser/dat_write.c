/*
 * The file: the head (parser/trace_head.h), number of CPUs, options, and of
 * each CPU the offset and size of its pages; the clock; then the pages, each
 * CPU's from a multiple of the page size on.
 */
#include "parser/dat_write.h"

#include <assert.h>
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/new_file.h"
#include "parser/capture.h"
#include "parser/dat_sections.h"
#include "parser/formats_read.h"
#include "parser/load.h"
#include "parser/trace_head.h"

enum {
	PATH_TEXT_MAX = 4096,
	TEXT_MAX = 16 << 20,
	SYMBOLS_MAX = 256 << 20,
	COPY_BYTES = 1 << 18,
	TAG_BYTES = 10,
};

/* A file that is being written. */
struct writing {
	const char *dir;
	FILE *out;
	struct trace trace;
	struct page_layout layout;
	uint64_t table_at; /* of the list of CPUs */
};

/* Whether writing went well is asked of the stream, at the end. */
static void put(struct writing *writing, const void *bytes, size_t len)
{
	fwrite(bytes, 1, len, writing->out);
}

static void put_u16(struct writing *writing, uint16_t value)
{
	value =
	    load_u16((const uint8_t *)&value, writing->trace.info.big_endian);
	put(writing, &value, sizeof(value));
}

static void put_u32(struct writing *writing, uint32_t value)
{
	value =
	    load_u32((const uint8_t *)&value, writing->trace.info.big_endian);
	put(writing, &value, sizeof(value));
}

static void put_u64(struct writing *writing, uint64_t value)
{
	value =
	    load_u64((const uint8_t *)&value, writing->trace.info.big_endian);
	put(writing, &value, sizeof(value));
}

/* A file of the capture; an empty text if it has none. */
static int read_text(const struct writing *writing, const char *name,
		     size_t most, struct file_text *text, struct err *err)
{
	int ret = file_read(writing->dir, name, most, text, err);

	*text = ret ? (struct file_text){0} : *text;
	return ret == ERR_MISSING ? 0 : ret;
}

static int put_header(struct writing *writing, const char *name,
		      struct err *err)
{
	char path[64];
	struct file_text text;
	int ret;

	snprintf(path, sizeof(path), "tracefs/events/%s", name);
	ret = read_text(writing, path, TEXT_MAX, &text, err);
	if (ret)
		return ret;
	put(writing, name, strlen(name) + 1);
	put_u64(writing, text.len);
	put(writing, text.text, text.len);
	if (!strcmp(name, "header_page"))
		ret = page_layout_parse(text.text, text.len,
					writing->trace.info.big_endian,
					&writing->layout, err);
	file_text_fini(&text);
	return ret;
}

/* A format that was read, and the system that it belongs to. */
struct kept_format {
	char system[64];
	struct file_text text;
};

struct kept_formats {
	struct kept_format *list;
	uint32_t count;
};

static int keep_format(void *context, const char *system, const char *text,
		       size_t len, const char *where, struct err *err)
{
	struct kept_formats *kept = context;
	struct kept_format *bigger;

	bigger = realloc(kept->list, (kept->count + 1) * sizeof(*bigger));
	if (!bigger)
		return err_set(err, ERR_NOMEM, "no memory for %s", where);
	kept->list = bigger;
	bigger = &kept->list[kept->count];
	snprintf(bigger->system, sizeof(bigger->system), "%s", system);
	bigger->text = (struct file_text){strndup(text, len), len};
	if (!bigger->text.text)
		return err_set(err, ERR_NOMEM, "no memory for %s", where);
	kept->count++;
	return 0;
}

/* All formats of one system: their number, then each with its size. */
static void put_system(struct writing *writing, const struct kept_formats *kept,
		       const char *system)
{
	uint32_t count = 0;

	for (uint32_t i = 0; i < kept->count; i++)
		count += !strcmp(kept->list[i].system, system);
	put_u32(writing, count);
	for (uint32_t i = 0; i < kept->count; i++) {
		const struct kept_format *format = &kept->list[i];

		if (strcmp(format->system, system) != 0)
			continue;
		put_u64(writing, format->text.len);
		put(writing, format->text.text, format->text.len);
	}
}

/* Formats are sorted: the first of a system follows one of another. */
static bool begins_system(const struct kept_formats *kept, uint32_t i)
{
	return strcmp(kept->list[i].system, "ftrace") != 0 &&
	       (!i ||
		strcmp(kept->list[i].system, kept->list[i - 1].system) != 0);
}

static int put_formats(struct writing *writing, struct err *err)
{
	struct kept_formats kept = {0};
	uint32_t systems = 0;
	int ret = formats_walk(writing->dir, keep_format, &kept, err);

	if (!ret) {
		put_system(writing, &kept, "ftrace");
		for (uint32_t i = 0; i < kept.count; i++)
			systems += begins_system(&kept, i);
		put_u32(writing, systems);
	}
	for (uint32_t i = 0; i < kept.count && !ret; i++) {
		if (!begins_system(&kept, i))
			continue;
		put(writing, kept.list[i].system,
		    strlen(kept.list[i].system) + 1);
		put_system(writing, &kept, kept.list[i].system);
	}
	for (uint32_t i = 0; i < kept.count; i++)
		file_text_fini(&kept.list[i].text);
	free(kept.list);
	return ret;
}

static int put_symbols(struct writing *writing, struct err *err)
{
	struct file_text text;
	int ret =
	    read_text(writing, "kernel/kallsyms", SYMBOLS_MAX, &text, err);

	if (ret)
		return ret;
	put_u32(writing, (uint32_t)text.len);
	put(writing, text.text, text.len);
	file_text_fini(&text);
	put_u32(writing, 0); /* printk formats */
	return 0;
}

/* "PID COMM" lines of the tasks that the events named. */
static int make_comms(const struct trace *trace, struct file_text *text)
{
	const struct map_entry *entry;
	FILE *out = open_memstream(&text->text, &text->len);
	size_t at = 0;

	if (!out)
		return ERR_NOMEM;
	while ((entry = map_next(&trace->comms, &at)))
		fprintf(out, "%" PRIu64 " %s\n", entry->key,
			names_get(&trace->names, (uint32_t)entry->value));
	return fclose(out) ? ERR_NOMEM : 0;
}

static int put_comms(struct writing *writing, struct err *err)
{
	struct file_text text;
	int ret =
	    read_text(writing, "tracefs/saved_cmdlines", TEXT_MAX, &text, err);

	if (!ret && !text.len) {
		file_text_fini(&text);
		ret = make_comms(&writing->trace, &text);
		if (ret)
			ret = err_set(err, ret, "no memory for tasks");
	}
	if (!ret) {
		put_u64(writing, text.len);
		put(writing, text.text, text.len);
	}
	file_text_fini(&text);
	return ret;
}

static void put_option(struct writing *writing, uint16_t id, const char *text)
{
	size_t len = strlen(text) + 1;

	put_u16(writing, id);
	put_u32(writing, (uint32_t)len);
	put(writing, text, len);
}

static int put_options(struct writing *writing, struct err *err)
{
	const struct capture_info *info = &writing->trace.info;
	char text[512], host[65] = "localhost";
	struct file_text uname;
	int ret = read_text(writing, "kernel/uname", TEXT_MAX, &uname, err);

	if (ret)
		return ret;
	if (uname.text)
		sscanf(uname.text, "%*s %64s", host);
	file_text_fini(&uname);
	put(writing, "options  ", TAG_BYTES);
	snprintf(text, sizeof(text), "[%s]", info->clock);
	put_option(writing, DAT_OPTION_TRACECLOCK, text);
	snprintf(text, sizeof(text), "Linux %s %s %s", host, info->release,
		 info->machine);
	put_option(writing, DAT_OPTION_UNAME, text);
	for (uint32_t cpu = 0; cpu < info->cpu_count; cpu++) {
		const struct cpu_loss *loss = &info->cpus[cpu];

		snprintf(text, sizeof(text),
			 "CPU: %u\nentries: %" PRIu64 "\noverrun: %" PRIu64
			 "\ncommit overrun: %" PRIu64
			 "\ndropped events: %" PRIu64 "\n",
			 cpu, loss->entries, loss->overrun,
			 loss->commit_overrun, loss->dropped_events);
		put_option(writing, DAT_OPTION_CPUSTAT, text);
	}
	put_u16(writing, DAT_OPTION_DONE);
	return 0;
}

static int put_head(struct writing *writing, struct err *err)
{
	const struct capture_info *info = &writing->trace.info;
	uint8_t facts[2] = {info->big_endian, info->long_size};
	long page_size_at;
	int ret;

	put(writing, trace_head_magic, TRACE_HEAD_MAGIC_BYTES);
	put(writing, "6", 2);
	put(writing, facts, sizeof(facts));
	page_size_at = ftell(writing->out);
	put_u32(writing, info->page_size);
	ret = put_header(writing, "header_page", err);
	if (!ret)
		ret = put_header(writing, "header_event", err);
	if (ret)
		return ret;
	/* trace-cmd takes it for the size of a ring-buffer page. */
	fseek(writing->out, page_size_at, SEEK_SET);
	put_u32(writing, writing->layout.page_bytes);
	fseek(writing->out, 0, SEEK_END);
	ret = put_formats(writing, err);
	if (!ret)
		ret = put_symbols(writing, err);
	if (!ret)
		ret = put_comms(writing, err);
	if (!ret) {
		put_u32(writing, info->cpu_count);
		ret = put_options(writing, err);
	}
	return ret;
}

/* The list of CPUs, filled in later, and the clock. */
static void put_table(struct writing *writing)
{
	const struct capture_info *info = &writing->trace.info;
	char clock[32];
	size_t len;

	put(writing, "flyrecord", TAG_BYTES);
	writing->table_at = (uint64_t)ftell(writing->out);
	for (uint32_t cpu = 0; cpu < info->cpu_count; cpu++) {
		put_u64(writing, 0);
		put_u64(writing, 0);
	}
	len = (size_t)snprintf(clock, sizeof(clock), "[%s]", info->clock);
	put_u64(writing, len);
	put(writing, clock, len);
}

static void pad(struct writing *writing)
{
	static const char zeros[4096];
	uint64_t page = writing->layout.page_bytes;
	uint64_t left = (uint64_t)ftell(writing->out) % page;

	for (left = left ? page - left : 0; left;) {
		size_t part = left < sizeof(zeros) ? left : sizeof(zeros);

		put(writing, zeros, part);
		left -= part;
	}
}

/* Copies cpu/N.raw; a CPU without events may have no file. */
static int put_cpu(struct writing *writing, uint32_t cpu, uint8_t *buffer,
		   struct err *err)
{
	uint64_t at, size = 0;
	char path[PATH_TEXT_MAX];
	size_t got;
	FILE *in;

	snprintf(path, sizeof(path), "%s/cpu/%u.raw", writing->dir, cpu);
	in = fopen(path, "rbe");
	if (!in && errno != ENOENT)
		return err_set(err, ERR_IO, "%s: %s", path, strerror(errno));
	pad(writing);
	at = (uint64_t)ftell(writing->out);
	while (in && (got = fread(buffer, 1, COPY_BYTES, in)) > 0) {
		put(writing, buffer, got);
		size += got;
	}
	if (in && ferror(in)) {
		fclose(in);
		return err_set(err, ERR_IO, "%s: %s", path, strerror(errno));
	}
	if (in)
		fclose(in);
	fseek(writing->out, (long)(writing->table_at + cpu * 16ull), SEEK_SET);
	put_u64(writing, at);
	put_u64(writing, size);
	fseek(writing->out, 0, SEEK_END);
	return 0;
}

static int put_cpus(struct writing *writing, struct err *err)
{
	uint8_t *buffer = malloc(COPY_BYTES);
	int ret = 0;

	if (!buffer)
		return err_set(err, ERR_NOMEM, "no memory to copy pages");
	put_table(writing);
	for (uint32_t cpu = 0; cpu < writing->trace.info.cpu_count && !ret;
	     cpu++)
		ret = put_cpu(writing, cpu, buffer, err);
	free(buffer);
	pad(writing);
	return ret;
}

/* The capture must be one; reading it all tells the names of tasks. */
static int read_capture(struct writing *writing, struct err *err)
{
	struct kmem_event events[SOURCE_BATCH];
	struct source *source = NULL;
	size_t count = 1;
	int ret = capture_open(writing->dir, &writing->trace, &source, err);

	while (!ret && count)
		ret = source_read(source, events, SOURCE_BATCH, &count, err);
	source_close(source);
	return ret;
}

int dat_write(const char *dir, const char *path, bool overwrite,
	      uint64_t *bytes, struct err *err)
{
	struct writing writing = {.dir = dir};
	struct new_file file;
	int ret;

	assert(dir && path && bytes);
	ret = read_capture(&writing, err);
	if (!ret)
		ret = new_file_open(&file, path, overwrite, err);
	if (!ret) {
		writing.out = file.file;
		ret = put_head(&writing, err);
		if (!ret)
			ret = put_cpus(&writing, err);
		ret = new_file_finish(&file, ret, bytes, err);
	}
	trace_fini(&writing.trace);
	return ret;
}
