/*
 * perf_pages PERF.DATA OUT: the tracepoint samples of a perf.data file as
 * ring-buffer pages OUT/N.raw, one file per CPU, so that perf and kmemscope can
 * be timed on the very same events. Prints "CPU EVENTS" lines.
 *
 * Reads what "perf kmem record" writes: file layout as in
 * tools/perf/Documentation/perf.data-file-format.txt, samples as in perf_event_open(2),
 * one sample_type for all tracepoints. Pages are 4096 bytes with a 64-bit
 * commit word (kernel/trace/ring_buffer.c).
 */
#include <inttypes.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <linux/perf_event.h>

enum { PAGE = 4096, HEADER = 16, CPUS_MAX = 1024, SHORT_MAX = 112 };

struct sample {
	uint64_t ts_ns;
	const uint8_t *raw;
	uint32_t size;
};

struct cpu_samples {
	struct sample *list;
	size_t count, cap;
};

struct input {
	uint8_t *bytes;
	size_t size;
	uint64_t sample_type;
	uint64_t data_at, data_size;
	struct cpu_samples cpus[CPUS_MAX];
};

struct page {
	FILE *file;
	uint8_t bytes[PAGE];
	size_t used; /* bytes of events */
	uint64_t first_ns, last_ns;
};

static void die(const char *what)
{
	fprintf(stderr, "perf_pages: %s\n", what);
	exit(2);
}

static uint64_t get64(const struct input *in, uint64_t at)
{
	uint64_t value;

	if (at > in->size || in->size - at < sizeof(value))
		die("perf.data ends too early");
	memcpy(&value, in->bytes + at, sizeof(value));
	return value;
}

static uint32_t get32(const struct input *in, uint64_t at)
{
	return (uint32_t)get64(in, at);
}

static void read_file(struct input *in, const char *path)
{
	FILE *file = fopen(path, "rb");
	long size = -1;

	if (!file || fseek(file, 0, SEEK_END) || (size = ftell(file)) < 0 ||
	    fseek(file, 0, SEEK_SET))
		die("cannot read perf.data");
	in->size = (size_t)size;
	in->bytes = malloc(in->size + 1);
	if (!in->bytes || fread(in->bytes, 1, in->size, file) != in->size)
		die("cannot read perf.data");
	fclose(file);
}

/* The file header and the attributes: magic, sizes, {offset, size} pairs. */
static void read_header(struct input *in)
{
	uint64_t attr_size, attrs_at, attrs_size;

	if (in->size < 104 || memcmp(in->bytes, "PERFILE2", 8) != 0)
		die("not a perf.data file of this byte order");
	attr_size = get64(in, 16);
	attrs_at = get64(in, 24);
	attrs_size = get64(in, 32);
	in->data_at = get64(in, 40);
	in->data_size = get64(in, 48);
	if (!attr_size || attrs_size > in->size)
		die("bad attributes");
	for (uint64_t at = attrs_at; at < attrs_at + attrs_size;
	     at += attr_size) {
		if (get32(in, at) != PERF_TYPE_TRACEPOINT)
			continue;
		if (in->sample_type && in->sample_type != get64(in, at + 24))
			die("events differ in sample_type");
		in->sample_type = get64(in, at + 24);
	}
	if (!(in->sample_type & PERF_SAMPLE_RAW) ||
	    !(in->sample_type & PERF_SAMPLE_TIME) ||
	    !(in->sample_type & PERF_SAMPLE_CPU) ||
	    (in->sample_type & PERF_SAMPLE_READ))
		die("samples without time, CPU or raw data");
}

static void add_sample(struct input *in, uint32_t cpu, struct sample sample)
{
	struct cpu_samples *samples;

	if (cpu >= CPUS_MAX)
		die("CPU number too large");
	samples = &in->cpus[cpu];
	if (samples->count == samples->cap) {
		samples->cap = samples->cap ? samples->cap * 2 : 4096;
		samples->list =
		    realloc(samples->list, samples->cap * sizeof(sample));
		if (!samples->list)
			die("out of memory");
	}
	samples->list[samples->count++] = sample;
}

static void read_sample(struct input *in, uint64_t at)
{
	static const uint64_t words[] = {PERF_SAMPLE_ADDR, PERF_SAMPLE_ID,
					 PERF_SAMPLE_STREAM_ID};
	uint64_t type = in->sample_type;
	struct sample sample;
	uint32_t cpu;

	if (type & PERF_SAMPLE_IDENTIFIER)
		at += 8;
	if (type & PERF_SAMPLE_IP)
		at += 8;
	if (type & PERF_SAMPLE_TID)
		at += 8;
	sample.ts_ns = get64(in, at);
	at += 8;
	for (unsigned int i = 0; i < 3; i++)
		if (type & words[i])
			at += 8;
	cpu = get32(in, at);
	at += 8;
	if (type & PERF_SAMPLE_PERIOD)
		at += 8;
	if (type & PERF_SAMPLE_CALLCHAIN)
		at += 8 + 8 * (get64(in, at) & 0xffff);
	sample.size = get32(in, at);
	sample.raw = in->bytes + at + 4;
	if (sample.size > 1024 || at + 4 + sample.size > in->size)
		die("a sample's raw data is too long");
	add_sample(in, cpu, sample);
}

static void read_samples(struct input *in)
{
	uint64_t at = in->data_at, end = in->data_at + in->data_size;

	while (at < end) {
		/* struct perf_event_header: type, misc, size */
		uint32_t type = get32(in, at);
		uint64_t size = get32(in, at + 4) >> 16;

		if (size < 8)
			die("a record without a size");
		if (type == PERF_RECORD_SAMPLE)
			read_sample(in, at + 8);
		at += size;
	}
}

static void flush_page(struct page *page)
{
	uint64_t used = page->used;

	if (!used)
		return;
	memcpy(page->bytes, &page->first_ns, 8);
	memcpy(page->bytes + 8, &used, 8);
	memset(page->bytes + HEADER + used, 0, PAGE - HEADER - used);
	if (fwrite(page->bytes, PAGE, 1, page->file) != 1)
		die("cannot write");
	page->used = 0;
}

static void put32(struct page *page, uint32_t value)
{
	memcpy(page->bytes + HEADER + page->used, &value, 4);
	page->used += 4;
}

/* type_len in 5 bits, time since the event before in 27; longer times first. */
static void put_event(struct page *page, const struct sample *sample)
{
	uint32_t size = (sample->size + 3) & ~3u;
	uint64_t delta;

	if (HEADER + page->used + size + 16 > PAGE)
		flush_page(page);
	if (!page->used)
		page->first_ns = page->last_ns = sample->ts_ns;
	delta = sample->ts_ns - page->last_ns;
	page->last_ns = sample->ts_ns;
	if (delta >> 27) {
		put32(page, 30 | (uint32_t)(delta << 5));
		put32(page, (uint32_t)(delta >> 27));
		delta = 0;
	}
	if (size <= SHORT_MAX) {
		put32(page, size / 4 | (uint32_t)delta << 5);
	} else {
		put32(page, (uint32_t)delta << 5);
		put32(page, size + 4);
	}
	memset(page->bytes + HEADER + page->used, 0, size);
	memcpy(page->bytes + HEADER + page->used, sample->raw, sample->size);
	page->used += size;
}

static int by_time(const void *a, const void *b)
{
	const struct sample *x = a, *y = b;

	return x->ts_ns < y->ts_ns ? -1 : x->ts_ns > y->ts_ns;
}

static void write_cpu(struct cpu_samples *samples, unsigned int cpu,
		      const char *dir)
{
	static struct page page;
	char path[4096];

	snprintf(path, sizeof(path), "%s/%u.raw", dir, cpu);
	page = (struct page){.file = fopen(path, "wb")};
	if (!page.file)
		die("cannot create the output");
	if (samples->count)
		qsort(samples->list, samples->count, sizeof(*samples->list),
		      by_time);
	for (size_t i = 0; i < samples->count; i++)
		put_event(&page, &samples->list[i]);
	flush_page(&page);
	if (fclose(page.file))
		die("cannot write");
	printf("%u %zu\n", cpu, samples->count);
}

int main(int argc, char **argv)
{
	static struct input in;
	unsigned int cpus = CPUS_MAX;

	if (argc != 3)
		die("give PERF.DATA and an output directory");
	read_file(&in, argv[1]);
	read_header(&in);
	read_samples(&in);
	while (cpus && !in.cpus[cpus - 1].count)
		cpus--;
	for (unsigned int cpu = 0; cpu < cpus; cpu++) {
		write_cpu(&in.cpus[cpu], cpu, argv[2]);
		free(in.cpus[cpu].list);
	}
	free(in.bytes);
	return 0;
}
