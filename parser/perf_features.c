#include "parser/perf_features.h"

#include <stdio.h>
#include <string.h>

#include "parser/topology_read.h"
#include "parser/trace_head.h"

/* A list of every other of 4096 CPUs has some 10,000 characters. */
enum { TEXT_MAX = 32768, WORDS_MAX = 4096 };

const char *perf_clock_name(int32_t clockid)
{
	switch (clockid) {
	case 0:
		return "realtime";
	case 1:
		return "mono";
	case 4:
		return "mono_raw";
	case 7:
		return "boot";
	case 11:
		return "tai";
	default:
		return "unknown";
	}
}

/* u32 length, then as many bytes with NULs at their end; cut at size. */
static bool read_text(struct byte_reader *reader, char *text, size_t size)
{
	uint32_t len, kept;

	if (!byte_reader_u32(reader, &len) || len > TEXT_MAX)
		return false;
	kept = len < size ? len : (uint32_t)size - 1;
	if (!byte_reader_get(reader, text, kept))
		return false;
	text[kept] = '\0';
	return byte_reader_skip(reader, len - kept);
}

/* The command that was recorded is among perf's own words: all of them. */
static bool read_command(struct byte_reader *reader, struct perf_file *file,
			 struct capture_info *info)
{
	char word[sizeof(info->command)];
	uint32_t count;
	size_t used = 0;

	if (!byte_reader_u32(reader, &count) || count > WORDS_MAX)
		return false;
	for (uint32_t i = 0; i < count; i++) {
		if (!read_text(reader, word, sizeof(word)))
			return false;
		file->has_filter |=
		    !strcmp(word, "--filter") || !strncmp(word, "--filter=", 9);
		if (used < sizeof(info->command) - 1)
			used += (size_t)snprintf(info->command + used,
						 sizeof(info->command) - used,
						 "%s%s", i ? " " : "", word);
	}
	return true;
}

static bool read_cpu_count(struct byte_reader *reader, struct perf_file *file)
{
	uint32_t possible, online;

	if (!byte_reader_u32(reader, &possible) ||
	    !byte_reader_u32(reader, &online))
		return false;
	file->cpu_count = possible > online ? possible : online;
	return file->cpu_count <= CAPTURE_CPUS_MAX;
}

/* Per node: u32 number, u64 KiB in all, u64 KiB free, text list of CPUs. */
static int read_nodes(struct byte_reader *reader, struct topology *topology,
		      struct err *err)
{
	char list[TEXT_MAX + 1];
	uint32_t count, node;
	int ret;

	if (!byte_reader_u32(reader, &count))
		return byte_reader_cut(reader, err);
	for (uint32_t i = 0; i < count; i++) {
		if (!byte_reader_u32(reader, &node) ||
		    !byte_reader_skip(reader, 2 * sizeof(uint64_t)) ||
		    !read_text(reader, list, sizeof(list)))
			return byte_reader_cut(reader, err);
		ret = topology_put_list(topology, node, list);
		if (ret)
			return err_set(err, ret,
				       "%s: the CPUs of node %u: %s: the file "
				       "is damaged",
				       reader->name, node, err_code_text(ret));
	}
	if (topology->cpu_count)
		topology->from = TOPOLOGY_RECORDED;
	return 0;
}

static int read_tracing(struct perf_file *file, struct byte_reader *reader,
			uint64_t at, struct trace *trace, struct err *err)
{
	char version[8];
	int ret;

	if (file->has_formats)
		return err_set(err, ERR_FORMAT,
			       "%s: the formats of its events are there twice: "
			       "the file is damaged",
			       reader->name);
	if (!byte_reader_seek(reader, at))
		return byte_reader_cut(reader, err);
	ret = trace_head_begin(reader, &trace->info, version, err);
	if (!ret)
		ret =
		    trace_head_parts(reader, trace, version, &file->list, err);
	file->has_formats = !ret;
	return ret;
}

int perf_feature_read(struct perf_file *file, struct byte_reader *reader,
		      unsigned int feature, uint64_t at, uint64_t size,
		      struct trace *trace, struct err *err)
{
	struct capture_info *info = &trace->info;
	char text[sizeof(info->release)];
	bool good = true;

	reader->what = "feature of its header";
	if (at > reader->end || size > reader->end - at ||
	    !byte_reader_seek(reader, at))
		return byte_reader_cut(reader, err);
	switch (feature) {
	case PERF_FEATURE_TRACING:
		return read_tracing(file, reader, at, trace, err);
	case PERF_FEATURE_DIR_FORMAT:
		return err_set(err, ERR_UNSUPPORTED,
			       "%s is one part of a directory (perf record "
			       "--threads): record without --threads",
			       reader->name);
	case PERF_FEATURE_OSRELEASE:
		good = read_text(reader, text, sizeof(text));
		if (good)
			trace_head_release(text, info);
		break;
	case PERF_FEATURE_ARCH:
		good = read_text(reader, info->machine, sizeof(info->machine));
		break;
	case PERF_FEATURE_NRCPUS:
		good = read_cpu_count(reader, file);
		break;
	case PERF_FEATURE_NUMA_TOPOLOGY:
		return read_nodes(reader, &trace->topology, err);
	case PERF_FEATURE_CMDLINE:
		good = read_command(reader, file, info);
		break;
	default:
		break;
	}
	return good ? 0 : byte_reader_cut(reader, err);
}
