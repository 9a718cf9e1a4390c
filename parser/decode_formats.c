/*
 * The formats of a decoder: found by id, and each with its row of counts in the
 * trace. How records are decoded is in decode.c.
 */
#include "parser/decode.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

/* There is room for a row of every format. */
static int add_tracepoint(struct decoder *decoder, struct event_format *format)
{
	struct trace *trace = decoder->trace;
	int ret = names_intern(&trace->names, format->name,
			       strlen(format->name), &format->tracepoint_name);

	if (ret)
		return ret;
	format->seen = &trace->tracepoints[trace->tracepoint_count].count;
	if (format->account_by_gfp)
		format->account_gfp = trace->info.gfp.account;
	format->blank = (struct kmem_event){
	    .flags = format->event_flags,
	    .node = -1,
	    .kind = format->kind,
	    .name = format->kind == EV_OTHER ? format->tracepoint_name : 0,
	};
	trace->tracepoints[trace->tracepoint_count++] =
	    (struct tracepoint_count){.name = format->tracepoint_name};
	return 0;
}

static int add_tracepoints(struct decoder *decoder, struct err *err)
{
	struct trace *trace = decoder->trace;
	uint32_t count = decoder->format_count;
	struct tracepoint_count *rows = calloc(count + 1u, sizeof(*rows));

	if (!rows)
		return err_set(err, ERR_NOMEM, "no memory for event formats");
	free(trace->tracepoints);
	trace->tracepoints = rows;
	trace->tracepoint_count = 0;
	for (uint32_t i = 0; i < count; i++) {
		struct event_format *format = &decoder->formats[i];

		if (!format->skimmed && add_tracepoint(decoder, format))
			return err_set(err, ERR_NOMEM, "no memory for names");
	}
	return 0;
}

static int add_id(struct decoder *decoder, uint32_t index, struct err *err)
{
	struct event_format *format = &decoder->formats[index];
	struct event_format **slot = &decoder->by_id[format->id];
	const struct event_format *other = *slot;

	if (format->skimmed && !decoder->skimmed_by_id) {
		decoder->skimmed_by_id =
		    calloc(UINT16_MAX + 1u, sizeof(struct event_format *));
		if (!decoder->skimmed_by_id)
			return err_set(err, ERR_NOMEM,
				       "no memory for event formats");
	}
	if (!other && decoder->skimmed_by_id)
		other = decoder->skimmed_by_id[format->id];
	if (other)
		return err_set(err, ERR_FORMAT,
			       "events %s and %s have the same id %u",
			       other->name, format->name, format->id);
	if (format->type_offset != decoder->type_offset)
		return err_set(err, ERR_FORMAT,
			       "event %s: common_type is elsewhere "
			       "than in the other events",
			       format->name);
	if (format->skimmed)
		slot = &decoder->skimmed_by_id[format->id];
	*slot = format;
	return 0;
}

int decoder_init(struct decoder *decoder, struct trace *trace,
		 struct event_format *formats, uint32_t count, struct err *err)
{
	assert(decoder && trace && formats && count);
	*decoder = (struct decoder){.formats = formats,
				    .format_count = count,
				    .big_endian = trace->info.big_endian,
				    .trace = trace,
				    .last_pid = -1,
				    .type_offset = formats[0].type_offset};
	decoder->all_named = true;
	decoder->last_self = trace_is_self(trace, -1) ? EVF_SELF : 0;
	decoder->by_id = calloc(UINT16_MAX + 1u, sizeof(struct event_format *));
	if (!decoder->by_id)
		return err_set(err, ERR_NOMEM, "no memory for event formats");
	if (count >= UINT16_MAX)
		return err_set(err, ERR_LIMIT, "too many event formats");
	for (uint32_t i = 0; i < count; i++) {
		int ret = add_id(decoder, i, err);

		if (ret)
			return ret;
		if (formats[i].kind == EV_CACHE_ALLOC && !formats[i].text_form)
			decoder->all_named = false;
	}
	return add_tracepoints(decoder, err);
}

void decoder_fini(struct decoder *decoder)
{
	free(decoder->formats);
	free(decoder->by_id);
	free(decoder->skimmed_by_id);
	*decoder = (struct decoder){0};
}

void decoder_skim(struct decoder *decoder, enum source_detail detail,
		  uint64_t large_from)
{
	bool large = detail == SOURCE_LARGE && decoder->all_named;

	decoder->light = detail != SOURCE_ALL;
	decoder->skim_from = large ? large_from : 0;
}

void decoder_rewind(struct decoder *decoder)
{
	struct trace *trace = decoder->trace;

	decoder->anomalies = (struct anomalies){0};
	for (uint32_t i = 0; i < trace->tracepoint_count; i++)
		trace->tracepoints[i].count = 0;
}

struct event_format *decoder_wake(struct decoder *decoder, uint16_t id)
{
	struct event_format *format = NULL;

	if (decoder->skimmed_by_id)
		format = decoder->skimmed_by_id[id];
	if (!format || add_tracepoint(decoder, format))
		return NULL;
	decoder->skimmed_by_id[id] = NULL;
	decoder->by_id[id] = format;
	return format;
}
