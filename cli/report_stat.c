#include "cli/report_stat.h"

#include <stdlib.h>

#include "analysis/stat_key.h"
#include "analysis/stat_sort.h"
#include "analysis/stat_view.h"

int report_stat_open(struct report_stat *stat, enum stat_table table,
		     struct trace *trace, struct err *err)
{
	struct stat_options options = {.page_size = trace->info.page_size,
				       .topology = &trace->topology,
				       .to_ns = UINT64_MAX,
				       .detail = true,
				       .table = table};
	int rc = 0;

	stat->table = table;
	stat->trace = trace;
	if (stat_table_context(table)) {
		rc = stat_context_open(&stat->context, table, trace, NULL, NULL,
				       err);
		options.context = stat_context_of;
		options.argument = stat->context;
	}
	return rc ? rc : stat_open(&stat->sink, &options, err);
}

int report_stat_feed(struct report_stat *stat, const struct kmem_event *events,
		     size_t count, struct err *err)
{
	if (!stat->sink)
		return 0;
	if (stat->context)
		stat_context_see(stat->context, events, count);
	return stat_feed(stat->sink, events, count, err);
}

static int make_rows(struct report_stat *stat, struct stat_row **rows,
		     size_t *count, struct err *err)
{
	const struct site_summary *sites;
	struct stat_sort sort;
	size_t site_count;
	/* As the pictures and the figures above have it, and stat. */
	int rc = stat_sort_parse(stat_sort_default(stat->table, false),
				 stat->table, &sort, err);

	if (rc)
		return rc;
	sites = stat_sites(stat->sink, &site_count);
	if (stat_fold(sites, site_count, stat->table, false, rows, count))
		return err_set(err, ERR_NOMEM, "%s", err_code_text(ERR_NOMEM));
	stat_attach(stat->sink, *rows, *count);
	stat_sort_rows(*rows, *count, &sort);
	return 0;
}

int report_stat_make(struct report_stat *stat, size_t lines, struct err *err)
{
	const struct trace *trace = stat->trace;
	struct stat_shown shown = {.trace = trace,
				   .table = stat->table,
				   .detail = true,
				   .wide = true,
				   .context = stat->context};
	struct stat_row *rows = NULL;
	size_t count = 0;
	int rc = stat->context ? stat_context_status(stat->context, err) : 0;

	if (!stat->sink)
		return 0;
	if (!rc)
		rc = make_rows(stat, &rows, &count, err);
	if (!rc) {
		shown.total = stat_total(stat->sink);
		shown.rows = rows;
		shown.row_count = count;
		shown.shown = count < lines ? count : lines;
		shown.seconds =
		    (double)(trace->last_ts_ns - trace->first_ts_ns) * 1e-9;
		stat_table_make(&shown, stat->columns, &stat->made);
	}
	free(rows);
	return rc;
}

void report_stat_fini(struct report_stat *stat)
{
	table_fini(&stat->made);
	stat_close(stat->sink);
	stat_context_close(stat->context);
	*stat = (struct report_stat){0};
}
