/*
 * The seekable form:
 *
 *   magic, sizes, {offset, size} of the attributes and of the records
 *   attributes, each with {offset, size} of its ids
 *   records
 *   a {offset, size} for each bit that is set in the header's feature bits
 */
#include "parser/perf_file.h"

#include <assert.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "parser/load.h"
#include "parser/perf_features.h"
#include "parser/perf_records.h"
#include "parser/trace_head.h"

enum {
	MAGIC_BYTES = 8,
	HEADER_BYTES = 104,
	PIPE_HEADER_BYTES = 16,
	FEATURE_BITS = 256,
	ATTR_BYTES_MAX = 4096,
	IDS_MAX = 1 << 20,
	HEAD_RECORDS_MAX = 1 << 20,
	SAMPLE_ID_BIT = 1 << 6,
	SAMPLE_IDENTIFIER_BIT = 1 << 16,
	/* Time, CPU and raw data: without them there is no event. */
	SAMPLE_NEEDED = 1 << 2 | 1 << 7 | 1 << 10,
};

static const char magic_little[] = "PERFILE2";
static const char magic_big[] = "2ELIFREP";

static bool is_magic(const char bytes[MAGIC_BYTES], bool *big_endian)
{
	*big_endian = !memcmp(bytes, magic_big, MAGIC_BYTES);
	return *big_endian || !memcmp(bytes, magic_little, MAGIC_BYTES);
}

bool perf_file_is(const char *path)
{
	char start[MAGIC_BYTES];
	bool big_endian;
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	bool is = fd >= 0 && read(fd, start, sizeof(start)) == sizeof(start) &&
		  is_magic(start, &big_endian);

	if (fd >= 0)
		close(fd);
	return is;
}

static int add_attr(struct perf_file *file, const uint8_t *bytes, size_t len,
		    bool big_endian, struct err *err)
{
	uint32_t count = file->attr_count;

	if (count == PERF_ATTRS_MAX)
		return err_set(err, ERR_LIMIT, "more than %d events",
			       PERF_ATTRS_MAX);
	/* Powers of two: full when the count reaches one. */
	if (!(count & (count - 1))) {
		uint32_t cap = count ? count * 2 : 1;
		struct perf_attr *bigger =
		    realloc(file->attrs, cap * sizeof(*bigger));

		if (!bigger)
			return err_set(err, ERR_NOMEM, "no memory for events");
		file->attrs = bigger;
	}
	perf_attr_read(bytes, len, big_endian, &file->attrs[count]);
	file->attr_count++;
	return 0;
}

static int add_id(struct perf_file *file, uint64_t id, struct err *err)
{
	if (id == UINT64_MAX)
		return 0;
	if (map_count(&file->ids) >= IDS_MAX)
		return err_set(err, ERR_LIMIT, "more than %d ids of events",
			       IDS_MAX);
	if (map_put(&file->ids, id, file->attr_count - 1))
		return err_set(err, ERR_NOMEM, "no memory for ids");
	return 0;
}

static int read_ids(struct perf_file *file, struct byte_reader *reader,
		    uint64_t at, uint64_t size, struct err *err)
{
	uint64_t back = reader->at, id;

	reader->what = "list of ids";
	if (!byte_reader_seek(reader, at) || size > byte_reader_left(reader))
		return byte_reader_cut(reader, err);
	for (uint64_t i = 0; i < size / 8; i++) {
		int ret;

		if (!byte_reader_u64(reader, &id))
			return byte_reader_cut(reader, err);
		ret = add_id(file, id, err);
		if (ret)
			return ret;
	}
	return byte_reader_seek(reader, back) ? 0
					      : byte_reader_cut(reader, err);
}

static int read_attrs(struct perf_file *file, struct byte_reader *reader,
		      uint64_t each, uint64_t at, uint64_t size,
		      struct err *err)
{
	uint8_t bytes[ATTR_BYTES_MAX];

	reader->what = "list of events";
	if (each < PERF_ATTR_BYTES_MIN + 16 || each > sizeof(bytes) ||
	    size % each || size / each > PERF_ATTRS_MAX ||
	    !byte_reader_seek(reader, at))
		return byte_reader_cut(reader, err);
	for (uint64_t i = 0; i < size / each; i++) {
		const uint8_t *ids = bytes + each - 16;
		int ret;

		reader->what = "event";
		if (!byte_reader_get(reader, bytes, (size_t)each))
			return byte_reader_cut(reader, err);
		ret = add_attr(file, bytes, (size_t)each - 16,
			       reader->big_endian, err);
		if (!ret)
			ret = read_ids(
			    file, reader, load_u64(ids, reader->big_endian),
			    load_u64(ids + 8, reader->big_endian), err);
		if (ret)
			return ret;
	}
	return 0;
}

static int read_features(struct perf_file *file, struct byte_reader *reader,
			 const uint8_t *bits, struct trace *trace,
			 struct err *err)
{
	uint64_t table = file->data_end;

	for (unsigned int feature = 0; feature < FEATURE_BITS; feature++) {
		/* An array of u64 in the file's byte order. */
		uint64_t set =
		    load_u64(bits + feature / 64 * 8, reader->big_endian);
		uint64_t at, size;
		int ret;

		if (!(set >> feature % 64 & 1))
			continue;
		reader->what = "table of its features";
		if (!byte_reader_seek(reader, table) ||
		    !byte_reader_u64(reader, &at) ||
		    !byte_reader_u64(reader, &size))
			return byte_reader_cut(reader, err);
		table += 16;
		ret = perf_feature_read(file, reader, feature, at, size, trace,
					err);
		if (ret)
			return ret;
	}
	return 0;
}

static int read_seekable(struct perf_file *file, struct byte_reader *reader,
			 struct trace *trace, struct err *err)
{
	uint64_t attr_size, attrs_at, attrs_size, size, types[2];
	uint8_t bits[FEATURE_BITS / 8];
	int ret;

	if (!byte_reader_u64(reader, &attr_size) ||
	    !byte_reader_u64(reader, &attrs_at) ||
	    !byte_reader_u64(reader, &attrs_size) ||
	    !byte_reader_u64(reader, &file->data_at) ||
	    !byte_reader_u64(reader, &size) ||
	    !byte_reader_u64(reader, &types[0]) ||
	    !byte_reader_u64(reader, &types[1]) ||
	    !byte_reader_get(reader, bits, sizeof(bits)))
		return byte_reader_cut(reader, err);
	if (!size)
		return err_set(err, ERR_FORMAT,
			       "%s was not finished: perf record did not end "
			       "and left the formats of its events out",
			       reader->name);
	if (file->data_at > reader->end || size > reader->end - file->data_at)
		return err_set(err, ERR_FORMAT,
			       "%s: cut short: it ends at byte %" PRIu64
			       ", before its samples and the formats behind "
			       "them do (%" PRIu64 " bytes from %" PRIu64 ")",
			       reader->name, reader->end, size, file->data_at);
	file->data_end = file->data_at + size;
	ret = read_attrs(file, reader, attr_size, attrs_at, attrs_size, err);
	return ret ? ret : read_features(file, reader, bits, trace, err);
}

/* A record in front of a pipe's samples: an event and its ids. */
static int pipe_attr(struct perf_file *file, const struct perf_record *record,
		     bool big_endian, struct err *err)
{
	size_t len = 0;
	int ret;

	if (record->len >= 8)
		len = load_u32(record->body + 4, big_endian);
	if (len < PERF_ATTR_BYTES_MIN || len > record->len)
		return err_set(err, ERR_FORMAT,
			       "an event's description of %zu bytes at byte "
			       "%" PRIu64 " is damaged",
			       len, record->at);
	ret = add_attr(file, record->body, len, big_endian, err);
	for (size_t at = len; at + 8 <= record->len && !ret; at += 8)
		ret =
		    add_id(file, load_u64(record->body + at, big_endian), err);
	return ret;
}

static int pipe_feature(struct perf_file *file,
			const struct perf_record *record,
			const struct byte_reader *whole, struct trace *trace,
			struct err *err)
{
	struct byte_reader reader;
	uint64_t feature;

	if (record->len < 8)
		return 0;
	feature = load_u64(record->body, whole->big_endian);
	if (feature >= FEATURE_BITS)
		return 0;
	byte_reader_memory(&reader, record->body, record->len, whole->name);
	reader.big_endian = whole->big_endian;
	return perf_feature_read(file, &reader, (unsigned int)feature, 8,
				 record->len - 8, trace, err);
}

static int pipe_record(struct perf_file *file, struct byte_reader *whole,
		       const struct perf_record *record, struct trace *trace,
		       struct err *err)
{
	uint64_t data = record->at + PERF_RECORD_HEADER_BYTES + record->len;
	uint64_t size;

	switch (record->type) {
	case PERF_HEADER_ATTR:
		return pipe_attr(file, record, whole->big_endian, err);
	case PERF_HEADER_FEATURE:
		return pipe_feature(file, record, whole, trace, err);
	case PERF_HEADER_TRACING_DATA:
		if (record->len < 4)
			return 0;
		size = load_u32(record->body, whole->big_endian);
		return perf_feature_read(file, whole, PERF_FEATURE_TRACING,
					 data, size, trace, err);
	default:
		return 0;
	}
}

/*
 * The kernel's mapping is called after a symbol in it, whose address stands
 * where a file's has its place: perf_event__synthesize_kernel_mmap().
 */
static void note_text_base(struct perf_file *file,
			   const struct perf_record *record, bool big_endian)
{
	static const char prefix[] = "[kernel.kallsyms]";
	/* pid, tid, address, length, place; MMAP2: inode or build id */
	size_t head = record->type == PERF_MMAP2 ? 64 : 32;
	size_t len = sizeof(prefix) - 1, left, used;
	const char *name = (const char *)record->body + head;

	if (file->text_base || record->len < head + len ||
	    memcmp(name, prefix, len) != 0)
		return;
	name += len;
	left = record->len - head - len;
	used = strnlen(name, left);
	if (used == left || used >= sizeof(file->text_symbol))
		return;
	snprintf(file->text_symbol, sizeof(file->text_symbol), "%s", name);
	file->text_base = load_u64(record->body + 24, big_endian);
}

/*
 * The records before the first sample: where the kernel's text lies, and, of
 * the pipe form, all that the other has in its header.
 */
static int read_first_records(struct perf_file *file, int fd,
			      struct byte_reader *reader, struct trace *trace,
			      struct err *err)
{
	enum perf_records_status status = PERF_RECORDS_ONE;
	struct perf_records records;
	struct perf_record record;
	int ret =
	    perf_records_open(&records, fd, reader->name, reader->big_endian,
			      file->data_at, file->data_end, err);

	for (int i = 0; i < HEAD_RECORDS_MAX && !ret; i++) {
		ret = perf_records_next(&records, &status, &record, err);
		if (ret || status == PERF_RECORDS_END ||
		    record.type == PERF_SAMPLE)
			break;
		if (record.type == PERF_MMAP || record.type == PERF_MMAP2)
			note_text_base(file, &record, reader->big_endian);
		if (file->pipe)
			ret = pipe_record(file, reader, &record, trace, err);
	}
	if (!ret && file->pipe && !file->has_formats &&
	    (records.cut || records.damaged)) {
		reader->what = "record";
		reader->at = records.at;
		ret = byte_reader_cut(reader, err);
	}
	perf_records_close(&records);
	return ret;
}

/* A sample must tell which event it is of before anything else is known. */
static int check_attrs(struct perf_file *file, const char *path,
		       struct trace *trace, struct err *err)
{
	bool tracepoint = false, sampled = false, same = true, first = true;

	for (uint32_t i = 0; i < file->attr_count; i++) {
		const struct perf_attr *attr = &file->attrs[i];

		same &= attr->sample_type == file->attrs[0].sample_type &&
			attr->read_format == file->attrs[0].read_format;
		first &= !!(attr->sample_type & SAMPLE_IDENTIFIER_BIT);
		if (attr->type != PERF_TYPE_IS_TRACEPOINT)
			continue;
		tracepoint = true;
		if ((attr->sample_type & SAMPLE_NEEDED) != SAMPLE_NEEDED)
			return err_set(err, ERR_UNSUPPORTED,
				       "%s: samples were kept without their "
				       "time, CPU or raw data: record with "
				       "perf kmem record, or perf record -a -e "
				       "'kmem:*'",
				       path);
		sampled |= attr->freq || attr->period != 1;
		if (attr->clockid >= 0)
			snprintf(trace->info.clock, sizeof(trace->info.clock),
				 "%s", perf_clock_name(attr->clockid));
	}
	if (!tracepoint || !file->has_formats)
		return err_set(err, ERR_UNSUPPORTED,
			       "%s holds no tracepoint events, or their "
			       "formats are missing: record with perf kmem "
			       "record, or perf record -a -e 'kmem:*'",
			       path);
	if (!same && !first)
		return err_set(err, ERR_UNSUPPORTED,
			       "%s: its events have different fields, and "
			       "samples do not say which they are of",
			       path);
	file->id_first = first;
	if (sampled || file->has_filter) {
		trace->info.filtered = true;
		trace->anomalies.count[ANOMALY_FILTERED]++;
	}
	return 0;
}

const struct perf_attr *perf_file_attr(const struct perf_file *file,
				       const uint8_t *body, size_t len,
				       bool big_endian)
{
	const uint64_t *place;

	if (!file->id_first || file->attr_count == 1)
		return &file->attrs[0];
	if (len < 8)
		return NULL;
	place = map_find(&file->ids, load_u64(body, big_endian));
	return place ? &file->attrs[*place] : NULL;
}

int perf_file_read(struct perf_file *file, int fd, uint64_t size,
		   const char *path, struct trace *trace, struct err *err)
{
	struct byte_reader *reader = malloc(sizeof(*reader));
	struct capture_info *info = &trace->info;
	char magic[MAGIC_BYTES];
	uint64_t header;
	int ret;

	assert(file && path);
	*file = (struct perf_file){0};
	if (!reader)
		return err_set(err, ERR_NOMEM, "no memory to read %s", path);
	byte_reader_file(reader, fd, size, path);
	snprintf(info->clock, sizeof(info->clock), "perf");
	info->command_status = -1;
	if (!byte_reader_get(reader, magic, sizeof(magic)) ||
	    !is_magic(magic, &reader->big_endian) ||
	    !byte_reader_u64(reader, &header)) {
		ret = byte_reader_cut(reader, err);
	} else if (header == PIPE_HEADER_BYTES) {
		file->pipe = true;
		file->data_at = PIPE_HEADER_BYTES;
		file->data_end = size;
		ret = 0;
	} else {
		ret = read_seekable(file, reader, trace, err);
	}
	info->big_endian = reader->big_endian;
	if (!ret)
		ret = read_first_records(file, fd, reader, trace, err);
	free(reader);
	if (!ret)
		ret = check_attrs(file, path, trace, err);
	return ret ? ret
		   : format_list_end(&file->list, &trace->info, path, err);
}

void perf_file_fini(struct perf_file *file)
{
	free(file->attrs);
	map_fini(&file->ids);
	format_list_fini(&file->list);
	*file = (struct perf_file){0};
}
