/*
 * The file: the beginning, compression "NAME\0VERSION\0", the place of the
 * first section of options. An option tells the place of each other section;
 * the last option of a section of options that of the next, 0: none.
 */
#include "parser/dat_sections.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "parser/trace_head.h"
#include "parser/unzstd.h"

enum {
	SECTION_COMPRESSED = 1,
	SECTION_MAX = 256 << 20,
	OPTION_SECTIONS_MAX = 1024,
	CLOCK_TEXT_MAX = 256,
	SECTION_IDS = DAT_SECTION_COMMS + 1,
};

struct section {
	uint16_t id, flags;
	uint64_t size;
	/* What is in it: of the file, or of plain. */
	struct byte_reader reader;
	struct file_text plain;
};

static int read_header(struct byte_reader *file, uint64_t offset,
		       struct section *section, struct err *err)
{
	uint32_t description;

	if (!byte_reader_seek(file, offset) ||
	    !byte_reader_u16(file, &section->id) ||
	    !byte_reader_u16(file, &section->flags) ||
	    !byte_reader_u32(file, &description) ||
	    !byte_reader_u64(file, &section->size))
		return byte_reader_cut(file, err);
	return 0;
}

static int unpack(struct byte_reader *file, struct section *section,
		  struct err *err)
{
	struct file_text packed;
	uint32_t packed_bytes, plain_bytes;
	int ret;

	if (!byte_reader_u32(file, &packed_bytes) ||
	    !byte_reader_u32(file, &plain_bytes))
		return byte_reader_cut(file, err);
	if (plain_bytes > SECTION_MAX)
		return err_set(err, ERR_LIMIT,
			       "%s: a %s of %u bytes is more than there can be",
			       file->name, file->what, plain_bytes);
	ret = byte_reader_text(file, packed_bytes, SECTION_MAX, &packed, err);
	if (ret)
		return ret;
	ret = unzstd(packed.text, packed.len, plain_bytes, file->what,
		     &section->plain, err);
	if (ret)
		err_prefix(err, "%s", file->name);
	file_text_fini(&packed);
	return ret;
}

/* Opens the section at offset, which must have that id. */
static int section_open(struct byte_reader *file, uint64_t offset, uint16_t id,
			const char *what, struct section *section,
			struct err *err)
{
	int ret;

	section->plain = (struct file_text){0};
	file->what = what;
	ret = read_header(file, offset, section, err);
	if (ret)
		return ret;
	if (section->id != id)
		return err_set(err, ERR_FORMAT,
			       "%s: no %s at byte %" PRIu64
			       " where one should be: the file is damaged",
			       file->name, what, offset);
	if (section->flags & SECTION_COMPRESSED) {
		ret = unpack(file, section, err);
		if (ret)
			return ret;
		byte_reader_memory(&section->reader, section->plain.text,
				   section->plain.len, file->name);
	} else {
		if (section->size > byte_reader_left(file))
			return byte_reader_cut(file, err);
		byte_reader_file(&section->reader, file->fd,
				 file->at + section->size, file->name);
		section->reader.memory = file->memory;
		section->reader.at = file->at;
	}
	section->reader.big_endian = file->big_endian;
	section->reader.what = what;
	return 0;
}

static void section_close(struct section *section)
{
	file_text_fini(&section->plain);
}

static int read_cpus(struct byte_reader *reader, struct dat_buffer *buffer,
		     struct err *err)
{
	for (uint32_t i = 0; i < buffer->cpu_count; i++) {
		struct dat_cpu *cpu = &buffer->cpus[i];

		if (!byte_reader_u32(reader, &cpu->cpu) ||
		    !byte_reader_u64(reader, &cpu->offset) ||
		    !byte_reader_u64(reader, &cpu->size))
			return byte_reader_cut(reader, err);
		if (cpu->cpu >= CAPTURE_CPUS_MAX)
			return err_set(
			    err, ERR_LIMIT, "%s: CPU %u; below %d are possible",
			    reader->name, cpu->cpu, CAPTURE_CPUS_MAX);
	}
	return 0;
}

static int add_buffer(struct byte_reader *reader, struct dat_file *dat,
		      struct err *err)
{
	char name[DAT_NAME_MAX], clock[CLOCK_TEXT_MAX];
	struct dat_buffer *buffer;
	uint32_t page_bytes, cpus;
	uint64_t offset;
	int ret;

	reader->what = "buffer";
	if (!byte_reader_u64(reader, &offset) ||
	    !byte_reader_string(reader, name, sizeof(name)) ||
	    !byte_reader_string(reader, clock, sizeof(clock)) ||
	    !byte_reader_u32(reader, &page_bytes) ||
	    !byte_reader_u32(reader, &cpus))
		return byte_reader_cut(reader, err);
	/* A buffer that nothing was recorded in names no CPU. */
	ret = dat_check_cpus(reader, cpus ? cpus : 1, err);
	if (ret)
		return ret;
	buffer = dat_file_buffer(dat, name);
	if (!buffer || buffer->cpus)
		return err_set(err, ERR_FORMAT,
			       "%s: too many buffers, or \"%.40s\" twice",
			       reader->name, name);
	buffer->cpus = calloc(cpus ? cpus : 1, sizeof(*buffer->cpus));
	if (!buffer->cpus)
		return err_set(err, ERR_NOMEM, "no memory for %u CPUs", cpus);
	buffer->cpu_count = cpus;
	buffer->offset = offset;
	buffer->page_bytes = page_bytes;
	dat_clock(clock, buffer->clock);
	return read_cpus(reader, buffer, err);
}

static int read_option(struct byte_reader *reader, uint16_t id, uint32_t size,
		       struct dat_file *dat, uint64_t places[SECTION_IDS],
		       struct capture_info *info, struct err *err)
{
	if (id == DAT_OPTION_BUFFER)
		return add_buffer(reader, dat, err);
	if (id < DAT_SECTION_PAGES || id >= SECTION_IDS)
		return dat_option(reader, id, size, dat, info, err);
	return byte_reader_u64(reader, &places[id])
		   ? 0
		   : byte_reader_cut(reader, err);
}

/* One section of options; *next is where the next lies, 0: none. */
static int read_options(struct byte_reader *reader, struct dat_file *dat,
			uint64_t places[SECTION_IDS], struct capture_info *info,
			uint64_t *next, struct err *err)
{
	for (;;) {
		uint64_t end;
		uint32_t size;
		uint16_t id;
		int ret;

		reader->what = "option";
		if (!byte_reader_u16(reader, &id) ||
		    !byte_reader_u32(reader, &size) ||
		    size > byte_reader_left(reader))
			return byte_reader_cut(reader, err);
		end = reader->at + size;
		if (id == DAT_OPTION_DONE)
			return byte_reader_u64(reader, next)
				   ? 0
				   : byte_reader_cut(reader, err);
		ret = read_option(reader, id, size, dat, places, info, err);
		if (ret)
			return ret;
		if (!byte_reader_seek(reader, end))
			return byte_reader_cut(reader, err);
	}
}

static int read_all_options(struct byte_reader *file, uint64_t offset,
			    struct dat_file *dat, uint64_t places[SECTION_IDS],
			    struct capture_info *info, struct err *err)
{
	for (int i = 0; i < OPTION_SECTIONS_MAX; i++) {
		struct section section;
		int ret = section_open(file, offset, DAT_OPTION_DONE,
				       "section of options", &section, err);

		if (!ret)
			ret = read_options(&section.reader, dat, places, info,
					   &offset, err);
		section_close(&section);
		if (ret || !offset)
			return ret;
	}
	return err_set(err, ERR_LIMIT, "%s: more than %d sections of options",
		       file->name, OPTION_SECTIONS_MAX);
}

static int read_part(struct byte_reader *reader, uint16_t id,
		     struct dat_file *dat, struct trace *trace, struct err *err)
{
	switch (id) {
	case DAT_SECTION_PAGES:
		return trace_head_pages(reader, &trace->info, &dat->list, err);
	case DAT_SECTION_FTRACE:
		return trace_head_ftrace(reader, &trace->info, &dat->list, err);
	case DAT_SECTION_EVENTS:
		return trace_head_events(reader, &trace->info, &dat->list, err);
	case DAT_SECTION_SYMBOLS:
		return trace_head_symbols(reader, trace, err);
	case DAT_SECTION_COMMS:
		return trace_head_comms(reader, trace, err);
	default:
		return 0;
	}
}

/* In the order of their numbers: what comes first is needed by the rest. */
static int read_parts(struct byte_reader *file,
		      const uint64_t places[SECTION_IDS], struct dat_file *dat,
		      struct trace *trace, struct err *err)
{
	static const char *const what[SECTION_IDS] = {
	    [DAT_SECTION_PAGES] = "section of headers",
	    [DAT_SECTION_FTRACE] = "section of ftrace's formats",
	    [DAT_SECTION_EVENTS] = "section of event formats",
	    [DAT_SECTION_SYMBOLS] = "section of symbols",
	    [DAT_SECTION_PRINTK] = "section of printk formats",
	    [DAT_SECTION_COMMS] = "section of tasks",
	};

	for (uint16_t id = DAT_SECTION_PAGES; id < SECTION_IDS; id++) {
		struct section section;
		int ret;

		if (!places[id] && id > DAT_SECTION_EVENTS)
			continue;
		if (!places[id])
			return err_set(err, ERR_FORMAT,
				       "%s has no %s: the file is damaged",
				       file->name, what[id]);
		ret =
		    section_open(file, places[id], id, what[id], &section, err);
		if (!ret)
			ret = read_part(&section.reader, id, dat, trace, err);
		section_close(&section);
		if (ret)
			return ret;
	}
	return 0;
}

/* Whether the buffers' pages are compressed stands in their sections. */
static int look_at_buffers(struct byte_reader *file, struct dat_file *dat,
			   struct err *err)
{
	for (uint32_t i = 0; i < dat->buffer_count; i++) {
		struct dat_buffer *buffer = &dat->buffers[i];
		struct section section;
		int ret;

		if (!buffer->cpu_count)
			continue;
		file->what = "section of pages";
		ret = read_header(file, buffer->offset, &section, err);
		if (ret)
			return ret;
		buffer->compressed = section.flags & SECTION_COMPRESSED;
	}
	return 0;
}

int dat_read_sections(struct byte_reader *reader, struct dat_file *dat,
		      struct trace *trace, struct err *err)
{
	uint64_t places[SECTION_IDS] = {0}, options;
	char version[32];
	int ret;

	reader->what = "name of its compression";
	if (!byte_reader_string(reader, dat->compression,
				sizeof(dat->compression)) ||
	    !byte_reader_string(reader, version, sizeof(version)) ||
	    !byte_reader_u64(reader, &options))
		return byte_reader_cut(reader, err);
	if (strcmp(dat->compression, "none") != 0 &&
	    strcmp(dat->compression, "zstd") != 0)
		return err_set(
		    err, ERR_UNSUPPORTED,
		    "%s is compressed with %s; zstd is read: "
		    "trace-cmd convert --compression zstd changes it",
		    reader->name, dat->compression);
	ret = read_all_options(reader, options, dat, places, &trace->info, err);
	if (!ret)
		ret = read_parts(reader, places, dat, trace, err);
	return ret ? ret : look_at_buffers(reader, dat, err);
}
