#include "parser/perf_data.h"

#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "parser/decode.h"
#include "parser/kernel_read.h"
#include "parser/live_symbols.h"
#include "parser/load.h"
#include "parser/perf_file.h"
#include "parser/perf_queue.h"
#include "parser/perf_records.h"
#include "parser/reading.h"

struct perf_data {
	struct source source;
	struct reading reading;
	struct decoder decoder;
	struct perf_file file;
	struct perf_records records;
	struct perf_queue queue;
	uint64_t late; /* of the queue's, counted already */
	uint64_t lost, lost_samples;
	bool *lost_before; /* of each CPU: to be told with its next event */
	/* A pipe's last record is that of a round's end: else it was cut. */
	bool round_open;
	bool ended; /* all records were read */
	bool done;  /* and all events were given */
	char *path;
	int fd;
};

static struct capture_info *info_of(struct perf_data *data)
{
	return &data->reading.trace->info;
}

static bool big_endian(const struct perf_data *data)
{
	return data->records.big_endian;
}

static int drop(struct perf_data *data, enum anomaly anomaly)
{
	data->decoder.anomalies.count[anomaly]++;
	return 0;
}

static int add_sample(struct perf_data *data, const struct perf_record *record,
		      struct err *err)
{
	const struct perf_attr *attr = perf_file_attr(
	    &data->file, record->body, record->len, big_endian(data));
	struct perf_fields fields;
	struct page_record raw;
	struct kmem_event ev;
	enum decode_status status;

	if (!attr)
		return drop(data, ANOMALY_UNKNOWN_EVENT);
	if (attr->type != PERF_TYPE_IS_TRACEPOINT)
		return 0;
	if (!perf_sample_read(attr, record->body, record->len, big_endian(data),
			      &fields))
		return drop(data, ANOMALY_SHORT_EVENT);
	if (fields.cpu >= info_of(data)->cpu_count)
		return drop(data, ANOMALY_BAD_VALUE);
	info_of(data)->cpus[fields.cpu].decoded++;
	raw = (struct page_record){fields.raw, fields.raw_len, fields.time};
	status = decoder_event(&data->decoder, &raw, (uint16_t)fields.cpu, &ev);
	if (status == DECODE_NOMEM)
		return err_set(err, ERR_NOMEM, "no memory for names");
	return status == DECODE_EVENT ? perf_queue_add(&data->queue, &ev, err)
				      : 0;
}

/* Where events were lost: between two of a CPU, or only how many. */
static int add_lost(struct perf_data *data, const struct perf_record *record,
		    struct err *err)
{
	size_t at = record->type == PERF_LOST ? 8 : 0;
	struct perf_fields fields;
	uint64_t count;

	if (record->type == PERF_LOST_SAMPLES &&
	    record->misc & PERF_MISC_LOST_BY_FILTER)
		return 0;
	if (record->len < at + 8)
		return 0;
	count = load_u64(record->body + at, big_endian(data));
	if (record->type == PERF_LOST_SAMPLES) {
		data->lost_samples += count;
		return 0;
	}
	data->lost += count;
	data->decoder.anomalies.count[ANOMALY_LOST_EVENTS] += count;
	data->decoder.anomalies.count[ANOMALY_GAP]++;
	if (!perf_sample_id_read(&data->file.attrs[0], record->body,
				 record->len, big_endian(data), &fields) ||
	    !fields.has_time || !fields.has_cpu ||
	    fields.cpu >= info_of(data)->cpu_count)
		return 0;
	info_of(data)->cpus[fields.cpu].overrun += count;
	return perf_queue_add(&data->queue,
			      &(struct kmem_event){.ts_ns = fields.time,
						   .addr = count,
						   .cpu = (uint16_t)fields.cpu,
						   .kind = EV_LOST,
						   .node = -1},
			      err);
}

/* pid, tid, comm */
static int add_comm(struct perf_data *data, const struct perf_record *record,
		    struct err *err)
{
	struct trace *trace = data->reading.trace;
	const char *comm = (const char *)record->body + 8;
	uint32_t tid, name;

	if (record->len < 9)
		return 0;
	tid = load_u32(record->body + 4, big_endian(data));
	if (names_intern(&trace->names, comm, strnlen(comm, record->len - 8),
			 &name) ||
	    map_put(&trace->comms, tid, name))
		return err_set(err, ERR_NOMEM, "no memory for tasks");
	return 0;
}

/* pid, parent's pid, tid, parent's tid: a child has its parent's name. */
static int add_fork(struct perf_data *data, const struct perf_record *record,
		    struct err *err)
{
	struct map *comms = &data->reading.trace->comms;
	uint64_t *parent;
	uint32_t tid;

	if (record->len < 16)
		return 0;
	tid = load_u32(record->body + 8, big_endian(data));
	parent = map_find(comms, load_u32(record->body + 12, big_endian(data)));
	if (!parent || map_find(comms, tid))
		return 0;
	return map_put(comms, tid, *parent)
		   ? err_set(err, ERR_NOMEM, "no memory for tasks")
		   : 0;
}

static int add_record(struct perf_data *data, const struct perf_record *record,
		      struct err *err)
{
	switch (record->type) {
	case PERF_SAMPLE:
		return add_sample(data, record, err);
	case PERF_LOST:
	case PERF_LOST_SAMPLES:
		return add_lost(data, record, err);
	case PERF_COMM:
		return add_comm(data, record, err);
	case PERF_FORK:
		return add_fork(data, record, err);
	default:
		return 0;
	}
}

/* Until a round has ended, or all have. */
static int read_round(struct perf_data *data, struct err *err)
{
	while (!perf_queue_full(&data->queue)) {
		enum perf_records_status status;
		struct perf_record record;
		int ret =
		    perf_records_next(&data->records, &status, &record, err);

		if (ret)
			return ret;
		if (status == PERF_RECORDS_END) {
			data->ended = true;
			perf_queue_end(&data->queue);
			return 0;
		}
		if (record.type == PERF_FINISHED_ROUND) {
			data->round_open = false;
			perf_queue_round(&data->queue);
			return 0;
		}
		data->round_open |= record.type == PERF_SAMPLE;
		ret = add_record(data, &record, err);
		if (ret)
			return ret;
	}
	return 0;
}

/* An event of a CPU that lost some is marked. */
static void mark_lost(struct perf_data *data, struct kmem_event *events,
		      size_t count)
{
	for (size_t i = 0; i < count; i++) {
		bool *lost = &data->lost_before[events[i].cpu];

		if (events[i].kind == EV_LOST) {
			*lost = true;
		} else if (*lost) {
			events[i].flags |= EVF_LOST_BEFORE;
			*lost = false;
		}
	}
}

static void finish(struct perf_data *data)
{
	struct anomalies *anomalies = &data->decoder.anomalies;
	struct capture_info *info = info_of(data);
	char reason[128];

	data->done = true;
	if (data->lost_samples > data->lost)
		anomalies->count[ANOMALY_LOST_EVENTS] +=
		    data->lost_samples - data->lost;
	for (uint32_t i = 0; i < info->cpu_count; i++)
		info->cpus[i].entries = info->cpus[i].decoded;
	if (data->records.cut)
		reading_partial(info, "the file ends inside a record");
	else if (data->file.pipe && data->round_open)
		reading_partial(info, "the file ends before perf's round does");
	if (data->records.damaged) {
		snprintf(reason, sizeof(reason),
			 "the records from byte %" PRIu64 " on are damaged",
			 data->records.at);
		reading_partial(info, reason);
	}
	reading_damage(info, anomalies);
}

static int perf_data_read(struct source *src, struct kmem_event *events,
			  size_t cap, size_t *count, struct err *err)
{
	struct perf_data *data = (struct perf_data *)src;
	size_t got = 0;
	int ret = 0;

	while (!ret && !data->done) {
		ret = perf_queue_take(&data->queue, events, cap, &got, err);
		if (ret || got)
			break;
		if (data->ended)
			finish(data);
		else
			ret = read_round(data, err);
	}
	if (ret)
		return ret;
	mark_lost(data, events, got);
	data->decoder.anomalies.count[ANOMALY_TIME_BACKWARDS] +=
	    data->queue.late - data->late;
	data->late = data->queue.late;
	reading_give(&data->reading, &data->decoder.anomalies);
	reading_times(&data->reading, events, got);
	*count = got;
	return 0;
}

static int perf_data_rewind(struct source *src, struct err *err)
{
	struct perf_data *data = (struct perf_data *)src;
	struct capture_info *info = info_of(data);

	(void)err;
	decoder_rewind(&data->decoder);
	reading_give(&data->reading, &data->decoder.anomalies);
	reading_rewind(&data->reading);
	perf_records_rewind(&data->records);
	perf_queue_clear(&data->queue);
	for (uint32_t i = 0; i < info->cpu_count; i++) {
		info->cpus[i] = (struct cpu_loss){0};
		data->lost_before[i] = false;
	}
	data->late = data->lost = data->lost_samples = 0;
	data->round_open = true;
	data->ended = data->done = false;
	return 0;
}

static double perf_data_position(const struct source *src)
{
	const struct perf_data *data = (const struct perf_data *)src;
	uint64_t size = data->file.data_end - data->file.data_at;
	uint64_t done = data->records.at - data->file.data_at;

	return size ? (double)done / (double)size : 1;
}

static void perf_data_skim(struct source *src, enum source_detail detail,
			   uint64_t large_from)
{
	decoder_skim(&((struct perf_data *)src)->decoder, detail, large_from);
}

static void perf_data_close(struct source *src)
{
	struct perf_data *data = (struct perf_data *)src;

	perf_records_close(&data->records);
	perf_queue_fini(&data->queue);
	decoder_fini(&data->decoder);
	perf_file_fini(&data->file);
	if (data->fd >= 0)
		close(data->fd);
	free(data->lost_before);
	free(data->path);
	free(data);
}

static const struct source_ops perf_data_ops = {
    .read = perf_data_read,
    .rewind = perf_data_rewind,
    .position = perf_data_position,
    .skim = perf_data_skim,
    .close = perf_data_close,
};

/* Old pipes do not say how many CPUs there are: the samples do. */
static int count_cpus(struct perf_data *data, uint32_t *cpus, struct err *err)
{
	*cpus = data->file.cpu_count;
	if (*cpus)
		return 0;
	for (;;) {
		enum perf_records_status status;
		const struct perf_attr *attr;
		struct perf_record record;
		struct perf_fields fields;
		int ret =
		    perf_records_next(&data->records, &status, &record, err);

		if (ret || status == PERF_RECORDS_END)
			break;
		if (record.type != PERF_SAMPLE)
			continue;
		attr = perf_file_attr(&data->file, record.body, record.len,
				      big_endian(data));
		if (attr &&
		    perf_sample_read(attr, record.body, record.len,
				     big_endian(data), &fields) &&
		    fields.cpu >= *cpus && fields.cpu < CAPTURE_CPUS_MAX)
			*cpus = fields.cpu + 1;
	}
	perf_records_rewind(&data->records);
	*cpus += !*cpus;
	return 0;
}

static int open_cpus(struct perf_data *data, struct err *err)
{
	struct capture_info *info = info_of(data);
	uint32_t cpus;
	int ret = count_cpus(data, &cpus, err);

	if (ret)
		return ret;
	info->cpus = calloc(cpus, sizeof(*info->cpus));
	data->lost_before = calloc(cpus, sizeof(*data->lost_before));
	if (!info->cpus || !data->lost_before)
		return err_set(err, ERR_NOMEM, "no memory for %u CPUs", cpus);
	info->cpu_count = cpus;
	return perf_queue_init(&data->queue, cpus, err);
}

static int open_all(struct perf_data *data, struct trace *trace,
		    struct err *err)
{
	struct perf_file *file = &data->file;
	const char *slash = strrchr(data->path, '/');
	struct event_format *formats;
	struct stat st;
	int ret;

	data->fd = open(data->path, O_RDONLY | O_CLOEXEC);
	if (data->fd < 0 || fstat(data->fd, &st))
		return err_set(err, ERR_IO, "%s: %s", data->path,
			       strerror(errno));
	ret = perf_file_read(file, data->fd, (uint64_t)st.st_size, data->path,
			     trace, err);
	if (ret)
		return ret;
	snprintf(trace->info.title, sizeof(trace->info.title), "%s",
		 slash ? slash + 1 : data->path);
	formats = file->list.formats;
	file->list.formats = NULL;
	ret =
	    decoder_init(&data->decoder, trace, formats, file->list.count, err);
	if (!ret)
		ret = perf_records_open(&data->records, data->fd, data->path,
					trace->info.big_endian, file->data_at,
					file->data_end, err);
	if (!ret)
		ret = open_cpus(data, err);
	if (!ret && !(trace->unwanted & TRACE_SYMBOLS))
		ret = live_symbols_read(trace, file->text_symbol,
					file->text_base, err);
	if (trace->info.slab_kind == SLAB_KIND_UNKNOWN)
		trace->info.slab_kind = kernel_version_slab_kind(&trace->info);
	return ret;
}

int perf_data_open(const char *path, struct trace *trace,
		   struct source **source, struct err *err)
{
	struct perf_data *data;
	int ret;

	assert(path && trace && source);
	data = calloc(1, sizeof(*data));
	if (!data)
		return err_set(err, ERR_NOMEM, "no memory to open %s", path);
	data->source.ops = &perf_data_ops;
	data->reading.trace = trace;
	data->fd = -1;
	data->round_open = true;
	data->path = strdup(path);
	ret = data->path
		  ? open_all(data, trace, err)
		  : err_set(err, ERR_NOMEM, "no memory to open %s", path);
	if (ret)
		perf_data_close(&data->source);
	else
		*source = &data->source;
	return ret;
}
