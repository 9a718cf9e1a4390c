/*
 * kmemscope stat: what perf kmem stat prints, and more.
 */
#include <stdlib.h>
#include <string.h>

#include "analysis/stat_key.h"
#include "analysis/stat_table.h"
#include "analysis/stat_view.h"
#include "cli/answer.h"
#include "cli/input.h"
#include "cli/commands.h"
#include "cli/feed.h"
#include "cli/stat_arguments.h"
#include "cli/stat_report.h"
#include "db/query.h"

/* What is counted, and by what. */
struct counting {
	struct stat_sink *sink;	      /* NULL: the rows of a database */
	struct stat_context *context; /* of tables by context */
	const struct site_summary *sites;
	size_t site_count;
};

static int take(void *argument, const struct kmem_event *events, size_t count,
		struct err *err)
{
	struct counting *counting = argument;

	if (counting->context)
		stat_context_see(counting->context, events, count);
	return stat_feed(counting->sink, events, count, err);
}

/* Rows of the table, sorted, into the report. */
static int make_rows(const struct stat_arguments *arguments,
		     const struct counting *counting,
		     struct stat_report *report, struct err *err)
{
	enum stat_table table = arguments->table;
	const struct stat_row *addresses;
	size_t address_count;
	int ret;

	if (table == STAT_NO_TABLE)
		return 0;
	if (table == STAT_ALLOC || table == STAT_PFN) {
		addresses = stat_addresses(counting->sink, &address_count);
		ret =
		    stat_pick(addresses, address_count, table, arguments->self,
			      &report->rows, &report->row_count);
	} else {
		ret = stat_fold(counting->sites, counting->site_count, table,
				arguments->self, &report->rows,
				&report->row_count);
	}
	if (ret)
		return err_set(err, ret, "stat: %s", err_code_text(ret));
	if (arguments->detail)
		stat_attach(counting->sink, report->rows, report->row_count);
	stat_sort_rows(report->rows, report->row_count, &arguments->sort);
	report->shown = report->row_count < arguments->lines ? report->row_count
							     : arguments->lines;
	return 0;
}

/* The time that was counted: of the trace, and of the window. */
static double seconds_of(const struct stat_arguments *arguments,
			 const struct trace *trace)
{
	uint64_t from = trace->first_ts_ns, to = trace->last_ts_ns;

	if (arguments->window.from_ns > from)
		from = arguments->window.from_ns;
	if (arguments->window.to_ns < to)
		to = arguments->window.to_ns;
	return to > from ? (double)(to - from) * 1e-9 : 0;
}

static void summary(const void *report, FILE *file)
{
	stat_report_text(report, file);
	fputc('\n', file);
}

/*
 * Text: the table and the summary. JSON: the table and all sums. CSV: one of
 * them.
 */
static int print(const struct stat_arguments *arguments,
		 const struct stat_report *report, const struct table *tables,
		 struct err *err)
{
	bool listed = report->table != STAT_NO_TABLE;
	struct answer answer = {
	    .input = arguments->input,
	    .trace = report->trace,
	    .tables = listed ? tables : tables + 1,
	    .table_count = arguments->format == ANSWER_JSON
			       ? (size_t)listed + STAT_REPORT_TABLES
			   : arguments->format == ANSWER_CSV ? 1
							     : listed,
	    .more = summary,
	    .argument = report,
	};

	return answer_print(&answer, arguments->format, err);
}

/* What both kinds of input end in. */
static int finish(const struct stat_arguments *arguments,
		  const struct counting *counting, struct stat_report *report,
		  struct err *err)
{
	struct table_column columns[STAT_COLUMNS_MAX];
	struct table tables[1 + STAT_REPORT_TABLES] = {{0}};
	struct stat_shown shown = {.trace = report->trace,
				   .table = arguments->table,
				   .detail = arguments->detail,
				   .context = counting->context,
				   .by = place_by_word(arguments->by),
				   .seconds =
				       seconds_of(arguments, report->trace)};
	int ret;

	stat_totals_make(&report->totals, counting->sites, counting->site_count,
			 arguments->self, report->trace->info.page_size);
	ret = make_rows(arguments, counting, report, err);
	if (!ret) {
		shown.rows = report->rows;
		shown.row_count = report->row_count;
		shown.shown = report->shown;
		if (counting->sink)
			shown.total = stat_total(counting->sink);
		if (report->table != STAT_NO_TABLE)
			stat_table_make(&shown, columns, &tables[0]);
		stat_report_tables(report, &tables[1]);
		ret = print(arguments, report, tables, err);
	}
	for (size_t i = 0; i < 1 + STAT_REPORT_TABLES; i++)
		table_fini(&tables[i]);
	free(report->rows);
	return ret;
}

/* Reads all events into the sink. */
static int count_events(const struct stat_arguments *arguments,
			struct trace *trace, struct source *source,
			struct counting *counting, struct err *err)
{
	struct stat_options options = {
	    .page_size = trace->info.page_size,
	    .topology = &trace->topology,
	    .from_ns = arguments->window.from_ns,
	    .to_ns = arguments->window.to_ns,
	    .objects = arguments->table == STAT_ALLOC,
	    .pages = arguments->table == STAT_PFN,
	    .detail = arguments->detail,
	    .self = arguments->self,
	    .table = arguments->table,
	};
	struct place_finder finder = {0};
	struct err ending = {0};
	int ret = 0, closed;

	if (arguments->table == STAT_PLACE)
		ret = place_finder_open(&finder, arguments->by, &trace->symbols,
					arguments->vmlinux, trace->info.release,
					err);
	if (!ret && stat_table_context(arguments->table)) {
		ret = stat_context_open(&counting->context, arguments->table,
					trace, place_finder_text, &finder, err);
		options.context = stat_context_of;
		options.argument = counting->context;
	}
	if (!ret)
		ret = stat_open(&counting->sink, &options, err);
	if (!ret)
		ret = feed_all(source, "stat", take, counting, err);
	if (!ret && counting->context)
		ret = stat_context_status(counting->context, err);
	closed = place_finder_close(&finder, ret ? &ending : err);
	return ret ? ret : closed;
}

/* Every event of a capture or a database is read and counted. */
static int stat_events(const struct stat_arguments *arguments,
		       struct stat_report *report, struct err *err)
{
	struct trace trace = {0};
	struct source *source = NULL;
	struct counting counting = {0};
	int ret;

	trace.unwanted = TRACE_AFTER_PAGES | TRACE_REVEALS;
	if (!stat_table_objects(arguments->table))
		trace.unwanted |= TRACE_SYMBOLS;
	report->trace = &trace;
	ret = input_open(arguments->input, &trace, &source, err);
	if (!ret)
		ret = count_events(arguments, &trace, source, &counting, err);
	if (!ret) {
		report->skipped = stat_skipped(counting.sink);
		counting.sites =
		    stat_sites(counting.sink, &counting.site_count);
		ret = finish(arguments, &counting, report, err);
	}
	stat_close(counting.sink);
	stat_context_close(counting.context);
	source_close(source);
	report->trace = NULL;
	trace_fini(&trace);
	report->trace = NULL;
	return ret;
}

/* The rows that import kept: no event is read. */
static int stat_summary(const struct stat_arguments *arguments,
			struct stat_report *report, struct err *err)
{
	struct trace trace = {0};
	struct db *db = NULL;
	struct site_summary *sites = NULL;
	struct counting counting = {0};
	int ret;

	report->trace = &trace;
	ret = db_open(arguments->input, false, &db, err);
	if (!ret)
		ret = db_query_trace(db, &trace, err);
	if (!ret)
		ret = db_query_sites(db, &trace.names, DB_SITES_AS_STORED, 0,
				     &sites, &counting.site_count, err);
	counting.sites = sites;
	if (!ret)
		ret = finish(arguments, &counting, report, err);
	free(sites);
	db_close(db);
	report->trace = NULL;
	trace_fini(&trace);
	report->trace = NULL;
	return ret;
}

/* The summary knows neither addresses nor times, nor who ran. */
static bool needs_events(const struct stat_arguments *arguments)
{
	return arguments->windowed || arguments->detail ||
	       stat_table_context(arguments->table) ||
	       arguments->table == STAT_ALLOC || arguments->table == STAT_PFN ||
	       !db_is_database(arguments->input);
}

static int run(int argc, char **argv, struct err *err)
{
	struct stat_arguments arguments;
	struct stat_report report = {0};
	int ret = stat_arguments_parse(argc, argv, &arguments, err);

	if (ret)
		return ret;
	report.table = arguments.table;
	report.windowed = arguments.windowed;
	return needs_events(&arguments)
		   ? stat_events(&arguments, &report, err)
		   : stat_summary(&arguments, &report, err);
}

const struct command command_stat = {
    .name = "stat",
    .arguments = "INPUT [--caller|--cache|--page|--task|...] [-s KEYS] [-l N]",
    .summary = "sums by call site, pointer, cache or page, as perf kmem stat",
    .input = "capture directory or database",
    .options = stat_options,
    .stops = true,
    .run = run,
};
