#include "parser/dat_file.h"

#include <assert.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "parser/dat_sections.h"
#include "parser/trace_head.h"

enum { TAG_BYTES = 10, TEXT_MAX = 4096 };

static const char tag_options[TAG_BYTES] = "options  ";
static const char tag_latency[TAG_BYTES] = "latency  ";
static const char tag_records[TAG_BYTES] = "flyrecord";

bool dat_file_is(const char *path)
{
	char start[TRACE_HEAD_MAGIC_BYTES];
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	bool is = fd >= 0 && read(fd, start, sizeof(start)) == sizeof(start) &&
		  !memcmp(start, trace_head_magic, sizeof(start));

	if (fd >= 0)
		close(fd);
	return is;
}

struct dat_buffer *dat_file_buffer(struct dat_file *dat, const char *name)
{
	struct dat_buffer *buffer;

	for (uint32_t i = 0; i < dat->buffer_count; i++)
		if (!strcmp(dat->buffers[i].name, name))
			return &dat->buffers[i];
	if (dat->buffer_count == DAT_BUFFERS_MAX)
		return NULL;
	buffer = &dat->buffers[dat->buffer_count++];
	snprintf(buffer->name, sizeof(buffer->name), "%s", name);
	return buffer;
}

/* "[local] global mono": the one in brackets; without any, the first word. */
void dat_clock(const char *text, char clock[16])
{
	const char *start = strchr(text, '[');
	size_t len;

	start = start ? start + 1 : text;
	len = strcspn(start, "] \n");
	if (len > 15)
		len = 15;
	memcpy(clock, start, len);
	clock[len] = '\0';
}

static uint64_t stat_of(const char *text, const char *name)
{
	const char *at = strstr(text, name);
	unsigned long long value = 0;

	if (at && (at == text || at[-1] == '\n'))
		sscanf(at + strlen(name), " %20llu", &value);
	return value;
}

/*
 * per_cpu/cpuN/stats of a CPU; before an instance's, "Buffer: NAME" alone.
 * Sources: trace-cmd 3.1.6, add_buffer_stat(); kernel/trace/trace.c,
 * tracing_stats_read().
 */
static int add_stats(struct dat_file *dat, const char *text, struct err *err)
{
	const char *at = strstr(text, "Buffer: ");
	struct dat_buffer *buffer;
	char name[DAT_NAME_MAX];
	unsigned long long cpu;

	if (at && sscanf(at, "Buffer: %127[^\n]", name) == 1) {
		buffer = dat_file_buffer(dat, name);
		if (buffer)
			dat->loss_of = (uint32_t)(buffer - dat->buffers);
	}
	at = strstr(text, "CPU: ");
	if (!at || sscanf(at, "CPU: %5llu", &cpu) != 1 ||
	    cpu >= CAPTURE_CPUS_MAX)
		return 0;
	buffer = &dat->buffers[dat->loss_of];
	if (cpu >= buffer->loss_count) {
		struct cpu_loss *loss =
		    realloc(buffer->loss, (cpu + 1) * sizeof(*loss));

		if (!loss)
			return err_set(err, ERR_NOMEM, "no memory for CPUs");
		memset(loss + buffer->loss_count, 0,
		       (cpu + 1 - buffer->loss_count) * sizeof(*loss));
		buffer->loss = loss;
		buffer->loss_count = (uint32_t)cpu + 1;
	}
	buffer->loss[cpu] = (struct cpu_loss){
	    .entries =
		stat_of(text, "entries:") + stat_of(text, "read events:"),
	    .overrun = stat_of(text, "overrun:"),
	    .commit_overrun = stat_of(text, "commit overrun:"),
	    .dropped_events = stat_of(text, "dropped events:"),
	};
	return 0;
}

static int add_tsc(struct byte_reader *reader, struct dat_file *dat,
		   struct err *err)
{
	if (!byte_reader_u32(reader, &dat->mult) ||
	    !byte_reader_u32(reader, &dat->shift))
		return byte_reader_cut(reader, err);
	if (dat->shift > 63)
		return err_set(err, ERR_FORMAT,
			       "%s: a clock's shift of %u bits is impossible",
			       reader->name, dat->shift);
	return 0;
}

int dat_option(struct byte_reader *reader, uint16_t id, uint32_t size,
	       struct dat_file *dat, struct capture_info *info, struct err *err)
{
	char text[TEXT_MAX];
	size_t len = size < sizeof(text) - 1 ? size : sizeof(text) - 1;

	switch (id) {
	case DAT_OPTION_CPUSTAT:
	case DAT_OPTION_TRACECLOCK:
	case DAT_OPTION_UNAME:
		if (!byte_reader_get(reader, text, len))
			return byte_reader_cut(reader, err);
		text[len] = '\0';
		if (id == DAT_OPTION_CPUSTAT)
			return add_stats(dat, text, err);
		if (id == DAT_OPTION_TRACECLOCK)
			dat_clock(text, dat->clock);
		else
			trace_head_uname(text, info);
		return 0;
	case DAT_OPTION_CPUCOUNT:
		return byte_reader_u32(reader, &dat->cpu_count)
			   ? 0
			   : byte_reader_cut(reader, err);
	case DAT_OPTION_TSC2NSEC:
		return add_tsc(reader, dat, err);
	default:
		return 0;
	}
}

/* Version 6: where the instance's list of CPUs lies, and its name. */
static int add_buffer(struct byte_reader *reader, uint32_t size,
		      struct dat_file *dat, struct err *err)
{
	char name[DAT_NAME_MAX];
	struct dat_buffer *buffer;
	uint64_t offset;

	if (size < 9 || size > 8 + sizeof(name) ||
	    !byte_reader_u64(reader, &offset) ||
	    !byte_reader_string(reader, name, size - 8))
		return byte_reader_cut(reader, err);
	buffer = dat_file_buffer(dat, name);
	if (!buffer)
		return err_set(err, ERR_LIMIT, "%s: more than %d instances",
			       reader->name, DAT_BUFFERS_MAX);
	buffer->offset = offset;
	return 0;
}

static int read_options(struct byte_reader *reader, struct dat_file *dat,
			struct capture_info *info, struct err *err)
{
	for (;;) {
		uint64_t next;
		uint32_t size;
		uint16_t id;
		int ret;

		reader->what = "option";
		if (!byte_reader_u16(reader, &id))
			return byte_reader_cut(reader, err);
		if (!id)
			return 0;
		if (!byte_reader_u32(reader, &size) ||
		    size > byte_reader_left(reader))
			return byte_reader_cut(reader, err);
		next = reader->at + size;
		ret = id == DAT_OPTION_BUFFER
			  ? add_buffer(reader, size, dat, err)
			  : dat_option(reader, id, size, dat, info, err);
		if (ret)
			return ret;
		if (!byte_reader_seek(reader, next))
			return byte_reader_cut(reader, err);
	}
}

int dat_check_cpus(const struct byte_reader *reader, uint64_t count,
		   struct err *err)
{
	if (count && count <= CAPTURE_CPUS_MAX)
		return 0;
	return err_set(err, ERR_LIMIT,
		       "%s: %" PRIu64 " CPUs; 1 to %d are possible",
		       reader->name, count, CAPTURE_CPUS_MAX);
}

static int read_cpus(struct byte_reader *reader, uint32_t count,
		     struct dat_buffer *buffer, struct err *err)
{
	reader->what = "list of CPUs";
	if (buffer->cpus)
		return byte_reader_cut(reader, err);
	buffer->cpus = calloc(count, sizeof(*buffer->cpus));
	if (!buffer->cpus)
		return err_set(err, ERR_NOMEM, "no memory for %u CPUs", count);
	buffer->cpu_count = count;
	for (uint32_t i = 0; i < count; i++) {
		buffer->cpus[i].cpu = i;
		if (!byte_reader_u64(reader, &buffer->cpus[i].offset) ||
		    !byte_reader_u64(reader, &buffer->cpus[i].size))
			return byte_reader_cut(reader, err);
	}
	return 0;
}

static int read_tag(struct byte_reader *reader, char tag[TAG_BYTES],
		    struct err *err)
{
	reader->what = "part behind the header";
	if (!byte_reader_get(reader, tag, TAG_BYTES))
		return byte_reader_cut(reader, err);
	if (!memcmp(tag, tag_latency, TAG_BYTES))
		return err_set(err, ERR_UNSUPPORTED,
			       "%s holds the text of a latency tracer and no "
			       "events: record with trace-cmd record -e kmem",
			       reader->name);
	return 0;
}

static int read_records(struct byte_reader *reader, uint32_t cpus,
			struct dat_buffer *buffer, struct err *err)
{
	char tag[TAG_BYTES];
	int ret = read_tag(reader, tag, err);

	if (ret)
		return ret;
	if (memcmp(tag, tag_records, TAG_BYTES) != 0)
		return byte_reader_cut(reader, err);
	return read_cpus(reader, cpus, buffer, err);
}

static int read_version_6(struct byte_reader *reader, struct dat_file *dat,
			  struct trace *trace, struct err *err)
{
	char tag[TAG_BYTES];
	uint32_t cpus;
	int ret = trace_head_parts(reader, trace, "6", &dat->list, err);

	if (ret)
		return ret;
	reader->what = "number of CPUs";
	if (!byte_reader_u32(reader, &cpus))
		return byte_reader_cut(reader, err);
	ret = dat_check_cpus(reader, cpus, err);
	if (!ret)
		ret = read_tag(reader, tag, err);
	if (!ret && !memcmp(tag, tag_options, TAG_BYTES)) {
		ret = read_options(reader, dat, &trace->info, err);
	} else if (!ret) {
		reader->at -= TAG_BYTES;
	}
	if (!ret)
		ret = read_records(reader, cpus, &dat->buffers[0], err);
	for (uint32_t i = 1; i < dat->buffer_count && !ret; i++) {
		if (!dat->buffers[i].offset)
			continue;
		reader->what = "list of an instance's CPUs";
		if (!byte_reader_seek(reader, dat->buffers[i].offset))
			return byte_reader_cut(reader, err);
		ret = read_records(reader, cpus, &dat->buffers[i], err);
	}
	return ret;
}

int dat_file_read(struct byte_reader *reader, struct dat_file *dat,
		  struct trace *trace, struct err *err)
{
	char version[8];
	int ret;

	assert(reader && dat && trace);
	*dat = (struct dat_file){.compression = "none"};
	dat->buffers = calloc(DAT_BUFFERS_MAX, sizeof(*dat->buffers));
	if (!dat->buffers)
		return err_set(err, ERR_NOMEM, "no memory for buffers");
	dat->buffer_count = 1;
	ret = trace_head_begin(reader, &trace->info, version, err);
	if (ret)
		return ret;
	if (!strcmp(version, "6"))
		dat->version = 6;
	else if (!strcmp(version, "7"))
		dat->version = 7;
	else
		return err_set(err, ERR_UNSUPPORTED,
			       "%s: trace.dat of version \"%s\"; versions 6 "
			       "and 7 are read: see trace-cmd convert",
			       reader->name, version);
	return dat->version == 6 ? read_version_6(reader, dat, trace, err)
				 : dat_read_sections(reader, dat, trace, err);
}

void dat_file_fini(struct dat_file *dat)
{
	for (uint32_t i = 0; i < dat->buffer_count; i++) {
		free(dat->buffers[i].cpus);
		free(dat->buffers[i].loss);
	}
	free(dat->buffers);
	format_list_fini(&dat->list);
	*dat = (struct dat_file){0};
}
