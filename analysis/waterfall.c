#include "analysis/waterfall.h"

#include <assert.h>
#include <stddef.h>
#include <string.h>

enum { NO_MEMBER = 0 }; /* moment, which is no step, is at 0 */

/* A row: a step, or a sum of those above it. */
static const struct step {
	const char *name, *text;
	size_t at; /* in struct replay_waterfall, NO_MEMBER: a sum */
} steps[] = {
#define STEP(member, text)                                                     \
	{                                                                      \
#member, text, offsetof(struct replay_waterfall, member)       \
	}
    STEP(requested, "requested, objects in slabs"),
    STEP(rounding, "rounding to the size class"),
    STEP(padding, "padding, metadata of objects"),
    STEP(old_objects, "old objects, requested not known"),
    STEP(free_slots, "free slots"),
    STEP(slab_tail, "slab tails, own structures"),
    STEP(unknown, "slabs of unknown content"),
    {"slabs", "= pages of slabs", NO_MEMBER},
    STEP(large_requested, "requested, large kmallocs"),
    STEP(large_rounding, "rounding of these to pages"),
    STEP(area_requested, "requested, vmalloc instead"),
    STEP(area_rounding, "rounding of these to pages"),
    STEP(per_cpu, "free on per-CPU lists"),
    {"held", "= held", NO_MEMBER},
#undef STEP
};

_Static_assert(offsetof(struct replay_waterfall, moment) == NO_MEMBER &&
		   sizeof(int64_t) == sizeof(uint64_t),
	       "members are read by their offset");

static int64_t member(const struct replay_waterfall *w, size_t at)
{
	int64_t value;

	memcpy(&value, (const char *)w + at, sizeof(value));
	return value;
}

/* Sums of a column up to a row; sums above are no steps. */
static int64_t sum_above(const struct replay_waterfall *w, size_t row)
{
	int64_t sum = 0;

	for (size_t i = 0; i < row; i++)
		if (steps[i].at != NO_MEMBER)
			sum += member(w, steps[i].at);
	return sum;
}

static void columns_make(struct waterfall_tables *out,
			 const struct waterfall_column *columns,
			 unsigned int count)
{
	out->columns[0] = (struct table_column){
	    "step", "Step", "Name of a step", UNIT_TEXT, TABLE_NO_TEXT};
	out->columns[1] = (struct table_column){
	    "meaning", "Bytes", "What the bytes are held for", UNIT_TEXT, 0};
	for (unsigned int i = 0; i < count; i++)
		out->columns[WATERFALL_FIRST + i] = (struct table_column){
		    columns[i].model, columns[i].model, "Bytes in this replay",
		    UNIT_BYTES, 0};
}

static void notes_make(struct table *table,
		       const struct waterfall_column *columns,
		       unsigned int count, int moment)
{
	for (unsigned int i = 0; i < count; i++) {
		uint64_t ts_ns = columns[i].moments[moment].ts_ns;

		table_note(table, "%s at %llu.%06llu, start %s",
			   columns[i].model,
			   (unsigned long long)(ts_ns / 1000000000),
			   (unsigned long long)(ts_ns % 1000000000 / 1000),
			   columns[i].start);
	}
}

static void table_make(struct waterfall_tables *out,
		       const struct waterfall_column *columns,
		       unsigned int count, int moment)
{
	static const char *const names[] = {"peak", "end"};
	static const char *const titles[] = {
	    "Where held memory goes, at its peak",
	    "Where held memory goes, at the end"};
	struct table *table = &out->tables[moment];

	table_init(table, names[moment], out->columns, WATERFALL_FIRST + count,
		   "%s", titles[moment]);
	for (size_t row = 0; row < sizeof(steps) / sizeof(*steps); row++) {
		table_text(table, steps[row].name);
		table_text(table, steps[row].text);
		for (unsigned int i = 0; i < count; i++) {
			const struct replay_waterfall *w =
			    &columns[i].moments[moment];

			table_int(table, steps[row].at == NO_MEMBER
					     ? sum_above(w, row)
					     : member(w, steps[row].at));
		}
	}
	notes_make(table, columns, count, moment);
}

int waterfall_tables_make(struct waterfall_tables *out,
			  const struct waterfall_column *columns,
			  unsigned int count, struct err *err)
{
	int ret = 0;

	assert(count <= WATERFALL_COLUMNS_MAX);
	*out = (struct waterfall_tables){0};
	columns_make(out, columns, count);
	for (int i = 0; i < WATERFALL_MOMENTS && !ret; i++) {
		table_make(out, columns, count, i);
		ret = table_status(&out->tables[i], err);
	}
	return ret;
}

void waterfall_tables_fini(struct waterfall_tables *tables)
{
	for (int i = 0; i < WATERFALL_MOMENTS; i++)
		table_fini(&tables->tables[i]);
}
