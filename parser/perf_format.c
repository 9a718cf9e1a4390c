#include "parser/perf_format.h"

#include <assert.h>

#include "parser/load.h"

/* Bits of sample_type, in the order of a sample's fields where they have it. */
enum {
	SAMPLE_IP = 1 << 0,
	SAMPLE_TID = 1 << 1,
	SAMPLE_TIME = 1 << 2,
	SAMPLE_ADDR = 1 << 3,
	SAMPLE_READ = 1 << 4,
	SAMPLE_CALLCHAIN = 1 << 5,
	SAMPLE_ID = 1 << 6,
	SAMPLE_CPU = 1 << 7,
	SAMPLE_PERIOD = 1 << 8,
	SAMPLE_STREAM_ID = 1 << 9,
	SAMPLE_RAW = 1 << 10,
	SAMPLE_IDENTIFIER = 1 << 16,
};

/* Bits of read_format. */
enum {
	READ_TIME_ENABLED = 1 << 0,
	READ_TIME_RUNNING = 1 << 1,
	READ_ID = 1 << 2,
	READ_GROUP = 1 << 3,
	READ_LOST = 1 << 4,
};

/* Places in struct perf_event_attr, and bits of its flags. */
enum {
	ATTR_TYPE = 0,
	ATTR_CONFIG = 8,
	ATTR_PERIOD = 16,
	ATTR_SAMPLE_TYPE = 24,
	ATTR_READ_FORMAT = 32,
	ATTR_FLAGS = 40,
	ATTR_CLOCKID = 92,
	FLAG_FREQ = 10,
	FLAG_ENABLE_ON_EXEC = 12,
	FLAG_SAMPLE_ID_ALL = 18,
	FLAG_USE_CLOCKID = 25,
};

/* Bit fields begin at the low bit on little-endian machines, else at the top.
 */
static bool flag(const uint8_t *bytes, unsigned int bit, bool big_endian)
{
	unsigned int byte = bytes[ATTR_FLAGS + bit / 8];

	return byte >> (big_endian ? 7 - bit % 8 : bit % 8) & 1;
}

void perf_attr_read(const uint8_t *bytes, size_t len, bool big_endian,
		    struct perf_attr *attr)
{
	assert(len >= PERF_ATTR_BYTES_MIN);
	*attr = (struct perf_attr){
	    .type = load_u32(bytes + ATTR_TYPE, big_endian),
	    .config = load_u64(bytes + ATTR_CONFIG, big_endian),
	    .period = load_u64(bytes + ATTR_PERIOD, big_endian),
	    .sample_type = load_u64(bytes + ATTR_SAMPLE_TYPE, big_endian),
	    .read_format = load_u64(bytes + ATTR_READ_FORMAT, big_endian),
	    .freq = flag(bytes, FLAG_FREQ, big_endian),
	    .sample_id_all = flag(bytes, FLAG_SAMPLE_ID_ALL, big_endian),
	    .enable_on_exec = flag(bytes, FLAG_ENABLE_ON_EXEC, big_endian),
	    .clockid = -1,
	};
	if (flag(bytes, FLAG_USE_CLOCKID, big_endian) &&
	    len >= ATTR_CLOCKID + 4)
		attr->clockid =
		    (int32_t)load_u32(bytes + ATTR_CLOCKID, big_endian);
}

/* A walk over the words of a record. */
struct walk {
	const uint8_t *at;
	size_t left;
	bool big_endian;
};

static bool skip(struct walk *walk, uint64_t len)
{
	if (len > walk->left)
		return false;
	walk->at += len;
	walk->left -= (size_t)len;
	return true;
}

static bool word(struct walk *walk, uint64_t *value)
{
	if (walk->left < 8)
		return false;
	*value = load_u64(walk->at, walk->big_endian);
	return skip(walk, 8);
}

/* Two 32-bit numbers: the one at place "second" or 0. */
static bool half_word(struct walk *walk, unsigned int second, uint32_t *value)
{
	if (walk->left < 8)
		return false;
	*value = load_u32(walk->at + second * 4, walk->big_endian);
	return skip(walk, 8);
}

static bool skip_words(struct walk *walk, uint64_t count)
{
	return count <= walk->left / 8 && skip(walk, count * 8);
}

static uint64_t has(uint64_t format, uint64_t bit)
{
	return format & bit ? 1 : 0;
}

/* Counters' values, as read() of the event gives them. */
static bool skip_read(struct walk *walk, uint64_t format)
{
	uint64_t times =
	    has(format, READ_TIME_ENABLED) + has(format, READ_TIME_RUNNING);
	uint64_t each = 1 + has(format, READ_ID) + has(format, READ_LOST);
	uint64_t count = 1;

	if (format & READ_GROUP && !word(walk, &count))
		return false;
	return skip_words(walk, times) && count <= walk->left / 8 / each &&
	       skip_words(walk, count * each);
}

/* The fields up to the period; a sample has them in this order. */
static bool read_fixed(const struct perf_attr *attr, struct walk *walk,
		       struct perf_fields *fields)
{
	uint64_t type = attr->sample_type, ignored;

	if (type & SAMPLE_IDENTIFIER) {
		if (!word(walk, &fields->id))
			return false;
		fields->has_id = true;
	}
	if (type & SAMPLE_IP && !word(walk, &ignored))
		return false;
	if (type & SAMPLE_TID && !half_word(walk, 1, &fields->tid))
		return false;
	if (type & SAMPLE_TIME && !word(walk, &fields->time))
		return false;
	fields->has_time = type & SAMPLE_TIME;
	if (type & SAMPLE_ADDR && !word(walk, &ignored))
		return false;
	if (type & SAMPLE_ID) {
		if (!word(walk, &fields->id))
			return false;
		fields->has_id = true;
	}
	if (type & SAMPLE_STREAM_ID && !word(walk, &ignored))
		return false;
	if (type & SAMPLE_CPU && !half_word(walk, 0, &fields->cpu))
		return false;
	fields->has_cpu = type & SAMPLE_CPU;
	return !(type & SAMPLE_PERIOD) || word(walk, &ignored);
}

bool perf_sample_read(const struct perf_attr *attr, const uint8_t *bytes,
		      size_t len, bool big_endian, struct perf_fields *fields)
{
	struct walk walk = {bytes, len, big_endian};
	uint64_t count;

	*fields = (struct perf_fields){0};
	if (!read_fixed(attr, &walk, fields))
		return false;
	if (attr->sample_type & SAMPLE_READ &&
	    !skip_read(&walk, attr->read_format))
		return false;
	if (attr->sample_type & SAMPLE_CALLCHAIN &&
	    (!word(&walk, &count) || !skip_words(&walk, count)))
		return false;
	if (!(attr->sample_type & SAMPLE_RAW))
		return true;
	if (walk.left < 4)
		return false;
	fields->raw_len = load_u32(walk.at, big_endian);
	fields->raw = walk.at + 4;
	return fields->raw_len <= walk.left - 4;
}

bool perf_sample_id_read(const struct perf_attr *attr, const uint8_t *bytes,
			 size_t len, bool big_endian,
			 struct perf_fields *fields)
{
	static const uint64_t parts[] = {SAMPLE_TID, SAMPLE_TIME,
					 SAMPLE_ID,  SAMPLE_STREAM_ID,
					 SAMPLE_CPU, SAMPLE_IDENTIFIER};
	uint64_t type = attr->sample_type, ignored;
	struct walk walk = {bytes, len, big_endian};
	size_t want = 0;

	*fields = (struct perf_fields){0};
	if (!attr->sample_id_all)
		return true;
	for (size_t i = 0; i < sizeof(parts) / sizeof(*parts); i++)
		want += type & parts[i] ? 8 : 0;
	if (want > len)
		return false;
	skip(&walk, len - want);
	fields->has_time = type & SAMPLE_TIME;
	fields->has_cpu = type & SAMPLE_CPU;
	fields->has_id = type & (SAMPLE_ID | SAMPLE_IDENTIFIER);
	return (!(type & SAMPLE_TID) || half_word(&walk, 1, &fields->tid)) &&
	       (!(type & SAMPLE_TIME) || word(&walk, &fields->time)) &&
	       (!(type & SAMPLE_ID) || word(&walk, &fields->id)) &&
	       (!(type & SAMPLE_STREAM_ID) || word(&walk, &ignored)) &&
	       (!(type & SAMPLE_CPU) || half_word(&walk, 0, &fields->cpu)) &&
	       (!(type & SAMPLE_IDENTIFIER) || word(&walk, &fields->id));
}
