#include "cli/import.h"

#include "analysis/stat.h"
#include "db/db.h"

static void count_events(const struct kmem_event *events, size_t count,
			 struct import_counts *counts)
{
	for (size_t i = 0; i < count; i++) {
		const struct kmem_event *ev = &events[i];
		bool backs = ev->flags & (EVF_BACKS_SLAB | EVF_BACKS_LARGE);

		if (ev->flags & EVF_SYNTHETIC)
			counts->synthetic++;
		else
			counts->events++;
		counts->objects += event_creates(ev) && !backs;
	}
}

/* Each batch goes to the database, whose thread inserts it, and is counted. */
static int take_all(struct source *source, struct db_writer *writer,
		    struct stat_sink *sink,
		    const struct import_options *options,
		    struct import_counts *counts, struct err *err)
{
	struct kmem_event events[SOURCE_BATCH];
	size_t count = 1;
	int ret = 0;

	while (!ret && count) {
		ret = source_read(source, events, SOURCE_BATCH, &count, err);
		if (!ret)
			ret = db_write_events(writer, events, count, err);
		if (!ret)
			ret = stat_feed(sink, events, count, err);
		if (ret)
			break;
		count_events(events, count, counts);
		if (options->go_on &&
		    !options->go_on(options->context, source_position(source),
				    counts->events))
			ret = err_set(err, ERR_INTERRUPTED,
				      "interrupted: nothing is left behind");
	}
	return ret;
}

int import_source(struct source *source, struct trace *trace,
		  const char *output, const struct import_options *options,
		  struct import_counts *counts, struct err *err)
{
	struct db_writer *writer = NULL;
	struct stat_sink *sink = NULL;
	const struct site_summary *sites;
	size_t site_count;
	int ret;

	*counts = (struct import_counts){0};
	ret =
	    stat_open(&sink,
		      &(struct stat_options){.page_size = trace->info.page_size,
					     .to_ns = UINT64_MAX,
					     .topology = &trace->topology},
		      err);
	if (!ret)
		ret = db_create(output, options->overwrite, &writer, err);
	if (!ret)
		ret = take_all(source, writer, sink, options, counts, err);
	if (!ret) {
		sites = stat_sites(sink, &site_count);
		ret = db_write_sites(writer, sites, site_count, err);
	}
	if (ret) {
		db_abort(writer);
	} else {
		ret = db_commit(writer, trace, err);
	}
	stat_close(sink);
	return ret;
}
