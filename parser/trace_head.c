#include "parser/trace_head.h"

#include <assert.h>
#include <stdio.h>
#include <string.h>

#include "parser/kernel_read.h"

enum {
	HEADER_TEXT_MAX = 4096,
	FORMAT_TEXT_MAX = 1 << 20,
	SYMBOLS_MAX = 256 << 20,
	PRINTK_MAX = 256 << 20,
	COMMS_MAX = 64 << 20,
	SYSTEM_MAX = 64,
};

const char trace_head_magic[TRACE_HEAD_MAGIC_BYTES] = "\x17\x08\x44tracing";

int trace_head_begin(struct byte_reader *reader, struct capture_info *info,
		     char version[8], struct err *err)
{
	uint8_t facts[2];
	uint32_t page_size;

	reader->what = "tracing header";
	if (!byte_reader_expect(reader, trace_head_magic,
				TRACE_HEAD_MAGIC_BYTES) ||
	    !byte_reader_string(reader, version, 8) ||
	    !byte_reader_get(reader, facts, sizeof(facts)))
		return byte_reader_cut(reader, err);
	reader->big_endian = facts[0] == 1;
	if (facts[0] > 1 || (facts[1] != 4 && facts[1] != 8))
		return err_set(err, ERR_FORMAT,
			       "%s: byte order %u and a long of %u bytes are "
			       "no machine's: the file is damaged",
			       reader->name, facts[0], facts[1]);
	if (!byte_reader_u32(reader, &page_size))
		return byte_reader_cut(reader, err);
	if (page_size < 1024 || page_size > 1 << 20 ||
	    page_size & (page_size - 1))
		return err_set(err, ERR_FORMAT,
			       "%s: a page of %u bytes is none: the file is "
			       "damaged",
			       reader->name, page_size);
	info->page_size = page_size;
	info->big_endian = reader->big_endian;
	return 0;
}

static int read_header(struct byte_reader *reader, const char *name,
		       struct file_text *text, struct err *err)
{
	uint64_t size;

	reader->what = name;
	if (!byte_reader_expect(reader, name, strlen(name) + 1) ||
	    !byte_reader_u64(reader, &size))
		return byte_reader_cut(reader, err);
	return byte_reader_text(reader, size, HEADER_TEXT_MAX, text, err);
}

int trace_head_pages(struct byte_reader *reader, struct capture_info *info,
		     struct format_list *list, struct err *err)
{
	struct file_text text = {0};
	int ret = read_header(reader, "header_page", &text, err);

	if (ret)
		return ret;
	ret = page_layout_parse(text.text, text.len, info->big_endian,
				&list->layout, err);
	if (ret)
		err_prefix(err, "%s", reader->name);
	file_text_fini(&text);
	if (ret)
		return ret;
	info->long_size = (uint8_t)list->layout.commit_bytes;
	ret = read_header(reader, "header_event", &text, err);
	if (!ret)
		file_text_fini(&text);
	return ret;
}

static int read_format(struct byte_reader *reader, const char *system,
		       struct capture_info *info, struct format_list *list,
		       struct err *err)
{
	struct file_text text;
	uint64_t size;
	int ret;

	if (!byte_reader_u64(reader, &size))
		return byte_reader_cut(reader, err);
	ret = byte_reader_text(reader, size, FORMAT_TEXT_MAX, &text, err);
	if (ret)
		return ret;
	ret = format_list_add_maybe(list, info, system, text.text, text.len,
				    reader->name, err);
	file_text_fini(&text);
	return ret;
}

static int read_system(struct byte_reader *reader, const char *system,
		       struct capture_info *info, struct format_list *list,
		       struct err *err)
{
	uint32_t count;
	int ret = 0;

	reader->what = "event format";
	if (!byte_reader_u32(reader, &count))
		return byte_reader_cut(reader, err);
	for (uint32_t i = 0; i < count && !ret; i++)
		ret = read_format(reader, system, info, list, err);
	return ret;
}

int trace_head_ftrace(struct byte_reader *reader, struct capture_info *info,
		      struct format_list *list, struct err *err)
{
	return read_system(reader, "ftrace", info, list, err);
}

int trace_head_events(struct byte_reader *reader, struct capture_info *info,
		      struct format_list *list, struct err *err)
{
	char system[SYSTEM_MAX];
	uint32_t count;
	int ret = 0;

	reader->what = "event system";
	if (!byte_reader_u32(reader, &count))
		return byte_reader_cut(reader, err);
	for (uint32_t i = 0; i < count && !ret; i++) {
		reader->what = "event system";
		if (!byte_reader_string(reader, system, sizeof(system)))
			return byte_reader_cut(reader, err);
		ret = read_system(reader, system, info, list, err);
	}
	return ret;
}

int trace_head_symbols(struct byte_reader *reader, struct trace *trace,
		       struct err *err)
{
	struct file_text text;
	uint32_t size;
	int ret;

	reader->what = "list of symbols";
	if (!byte_reader_u32(reader, &size))
		return byte_reader_cut(reader, err);
	if (!size)
		return 0;
	ret = byte_reader_text(reader, size, SYMBOLS_MAX, &text, err);
	return ret ? ret : kernel_take_symbols(&text, trace, err);
}

int trace_head_printk(struct byte_reader *reader, struct err *err)
{
	uint32_t size;

	reader->what = "list of printk formats";
	if (!byte_reader_u32(reader, &size) || size > PRINTK_MAX ||
	    !byte_reader_skip(reader, size))
		return byte_reader_cut(reader, err);
	return 0;
}

int trace_head_comms(struct byte_reader *reader, struct trace *trace,
		     struct err *err)
{
	struct file_text text;
	uint64_t size;
	int ret;

	reader->what = "list of tasks";
	if (!byte_reader_u64(reader, &size))
		return byte_reader_cut(reader, err);
	ret = byte_reader_text(reader, size, COMMS_MAX, &text, err);
	if (ret)
		return ret;
	ret = kernel_add_comms(text.text, trace, err);
	file_text_fini(&text);
	return ret;
}

int trace_head_parts(struct byte_reader *reader, struct trace *trace,
		     const char *version, struct format_list *list,
		     struct err *err)
{
	struct capture_info *info = &trace->info;
	int ret = trace_head_pages(reader, info, list, err);

	if (!ret)
		ret = trace_head_ftrace(reader, info, list, err);
	if (!ret)
		ret = trace_head_events(reader, info, list, err);
	if (!ret)
		ret = trace_head_symbols(reader, trace, err);
	if (!ret)
		ret = trace_head_printk(reader, err);
	if (!ret && strcmp(version, "0.5") != 0)
		ret = trace_head_comms(reader, trace, err);
	return ret;
}

void trace_head_release(const char *release, struct capture_info *info)
{
	int major, minor;

	if (sscanf(release, "%3d.%3d", &major, &minor) != 2)
		return;
	info->version_major = major;
	info->version_minor = minor;
	snprintf(info->release, sizeof(info->release), "%s", release);
}

void trace_head_uname(const char *text, struct capture_info *info)
{
	char release[128], machine[32];

	if (sscanf(text, "%*s %*s %127s %31s", release, machine) != 2)
		return;
	trace_head_release(release, info);
	snprintf(info->machine, sizeof(info->machine), "%s", machine);
}
