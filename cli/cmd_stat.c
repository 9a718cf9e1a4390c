/*
 * kmemscope stat: what perf kmem stat prints, and waste.
 */
#include <getopt.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "analysis/stat.h"
#include "analysis/stat_view.h"
#include "cli/cli.h"
#include "cli/commands.h"
#include "cli/stat_report.h"
#include "db/query.h"

struct arguments {
	const char *input, *sort;
	bool caller, alloc, cache, page, order, self, windowed;
	uint64_t from_ns, to_ns;
	size_t lines;
	enum cli_format format;
};

/* Seconds with up to nine decimals, to the nanosecond; end is after them. */
static int parse_seconds(const char *text, uint64_t *ns, const char **end)
{
	uint64_t value = 0, scale = 1000000000;
	bool any = false;

	for (; *text >= '0' && *text <= '9'; text++, any = true) {
		if (value > UINT64_MAX / 10 / 1000000000 - 1)
			return ERR_USAGE;
		value = value * 10 + (uint64_t)(*text - '0');
	}
	value *= scale;
	if (*text == '.')
		for (text++; *text >= '0' && *text <= '9'; text++, any = true) {
			scale /= 10;
			value += scale * (uint64_t)(*text - '0');
		}
	*end = text;
	*ns = value;
	return any ? 0 : ERR_USAGE;
}

/* "A,B", "A,", ",B" or "A". */
static int parse_window(const char *text, struct arguments *arguments)
{
	const char *at = text;

	arguments->from_ns = 0;
	arguments->to_ns = UINT64_MAX;
	arguments->windowed = true;
	if (*at != ',' && parse_seconds(at, &arguments->from_ns, &at))
		return ERR_USAGE;
	if (*at == ',')
		at++;
	if (*at && parse_seconds(at, &arguments->to_ns, &at))
		return ERR_USAGE;
	if (*at || at == text || !strcmp(text, ",") ||
	    arguments->from_ns > arguments->to_ns)
		return ERR_USAGE;
	return 0;
}

static int parse_lines(const char *text, size_t *lines)
{
	char *end;
	unsigned long value;

	if (*text < '0' || *text > '9')
		return ERR_USAGE;
	value = strtoul(text, &end, 10);
	if (*end)
		return ERR_USAGE;
	*lines = value;
	return 0;
}

static int parse_option(int option, const char *value,
			struct arguments *arguments, struct err *err)
{
	switch (option) {
	case 'c':
		arguments->caller = true;
		return 0;
	case 'a':
		arguments->alloc = true;
		return 0;
	case 'k':
		arguments->cache = true;
		return 0;
	case 'p':
		arguments->page = true;
		return 0;
	case 'o':
		arguments->order = true;
		return 0;
	case 'x':
		arguments->self = true;
		return 0;
	case 's':
		arguments->sort = value;
		return 0;
	case 'l':
		if (!parse_lines(value, &arguments->lines))
			return 0;
		return err_set(err, ERR_USAGE, "-l %.40s: not a number of rows",
			       value);
	case 't':
		if (!parse_window(value, arguments))
			return 0;
		return err_set(err, ERR_USAGE,
			       "--time %.40s: give START,STOP in seconds, as "
			       "timestamps show them; one may be left out",
			       value);
	case 'f':
		if (!cli_format_parse(value, &arguments->format))
			return 0;
		return err_set(err, ERR_USAGE,
			       "--format %.40s: there are text, json and csv",
			       value);
	default:
		return err_set(
		    err, ERR_USAGE,
		    "stat: unknown option, or one without its value");
	}
}

static int parse_arguments(int argc, char **argv, struct arguments *arguments,
			   struct err *err)
{
	static const struct option options[] = {
	    {"caller", no_argument, NULL, 'c'},
	    {"alloc", no_argument, NULL, 'a'},
	    {"cache", no_argument, NULL, 'k'},
	    {"page", no_argument, NULL, 'p'},
	    {"order", no_argument, NULL, 'o'},
	    {"self", no_argument, NULL, 'x'},
	    {"sort", required_argument, NULL, 's'},
	    {"line", required_argument, NULL, 'l'},
	    {"time", required_argument, NULL, 't'},
	    {"format", required_argument, NULL, 'f'},
	    {NULL, 0, NULL, 0},
	};
	int option, ret;

	*arguments = (struct arguments){.to_ns = UINT64_MAX, .lines = SIZE_MAX};
	opterr = 0;
	optind = 1;
	while ((option = getopt_long(argc, argv, "s:l:", options, NULL)) !=
	       -1) {
		ret = parse_option(option, optarg, arguments, err);
		if (ret)
			return ret;
	}
	if (optind + 1 != argc)
		return err_set(err, ERR_USAGE,
			       "stat: give one capture directory or database");
	arguments->input = argv[optind];
	return 0;
}

/* --page goes with --caller and --alloc, as in perf; all else is alone. */
static int table_of(const struct arguments *arguments, enum stat_table *table,
		    struct err *err)
{
	int objects = arguments->caller + arguments->alloc + arguments->cache;

	if (objects > 1 || (arguments->order && (objects || arguments->page)) ||
	    (arguments->cache && arguments->page))
		return err_set(err, ERR_USAGE,
			       "stat: these tables do not go together; take "
			       "one of --caller, --alloc, --cache, --page, "
			       "--order (or --page --alloc: by page frame)");
	*table = arguments->order    ? STAT_ORDER
		 : arguments->page   ? (arguments->alloc ? STAT_PFN : STAT_PAGE)
		 : arguments->caller ? STAT_CALLER
		 : arguments->alloc  ? STAT_ALLOC
		 : arguments->cache  ? STAT_CACHE
				     : STAT_NO_TABLE;
	return 0;
}

static int feed_all(struct stat_sink *sink, struct source *source,
		    struct err *err)
{
	struct kmem_event events[SOURCE_BATCH];
	struct cli_progress progress;
	uint64_t total = 0;
	size_t count = 1;
	int ret = 0;

	cli_progress_start(&progress, "stat");
	while (!ret && count) {
		ret = source_read(source, events, SOURCE_BATCH, &count, err);
		if (!ret)
			ret = stat_feed(sink, events, count, err);
		total += count;
		cli_progress_draw(&progress, source_position(source), total);
		if (!ret && cli_interrupted())
			ret = err_set(err, ERR_INTERRUPTED,
				      "interrupted; nothing was counted");
	}
	cli_progress_end(&progress);
	return ret;
}

/* Rows of the table, sorted, into the report. */
static int make_rows(const struct arguments *arguments,
		     const struct site_summary *sites, size_t site_count,
		     const struct stat_sink *sink, struct stat_report *report,
		     struct err *err)
{
	const char *keys = arguments->sort ? arguments->sort
					   : stat_sort_default(report->table);
	const struct stat_row *addresses;
	struct stat_sort sort;
	size_t address_count;
	int ret;

	if (report->table == STAT_NO_TABLE)
		return 0;
	ret = stat_sort_parse(keys, report->table, &sort, err);
	if (ret)
		return ret;
	if (report->table == STAT_ALLOC || report->table == STAT_PFN) {
		addresses = stat_addresses(sink, &address_count);
		ret =
		    stat_pick(addresses, address_count, report->table,
			      report->self, &report->rows, &report->row_count);
	} else {
		ret = stat_fold(sites, site_count, report->table, report->self,
				&report->rows, &report->row_count);
	}
	if (ret)
		return err_set(err, ret, "stat: %s", err_code_text(ret));
	stat_sort_rows(report->rows, report->row_count, &sort);
	report->shown = report->row_count < arguments->lines ? report->row_count
							     : arguments->lines;
	return 0;
}

static int print_report(const struct stat_report *report,
			enum cli_format format, struct err *err)
{
	int ret = 0;

	if (format == CLI_JSON)
		ret = report_json(report, stdout, err);
	else if (format == CLI_CSV)
		report_csv(report, stdout);
	else
		report_text(report, stdout);
	if (!ret && (fflush(stdout) || ferror(stdout)))
		ret = err_set(err, ERR_IO, "stat: cannot write to stdout: %m");
	return ret;
}

/* What both kinds of input end in. */
static int finish(const struct arguments *arguments, const struct trace *trace,
		  const struct site_summary *sites, size_t site_count,
		  const struct stat_sink *sink, struct stat_report *report,
		  struct err *err)
{
	int ret;

	report->trace = trace;
	stat_sum(sites, site_count, report->self, trace->info.page_size,
		 &report->totals);
	ret = make_rows(arguments, sites, site_count, sink, report, err);
	if (!ret)
		ret = print_report(report, arguments->format, err);
	free(report->rows);
	if (!ret && trace->info.partial)
		ret = EXIT_NO;
	return ret;
}

static bool shows_sites(enum stat_table table)
{
	return table != STAT_NO_TABLE && table != STAT_ORDER;
}

/* Every event of a capture or a database is read and counted. */
static int stat_events(const struct arguments *arguments,
		       struct stat_report *report, struct err *err)
{
	struct trace trace = {0};
	struct source *source = NULL;
	struct stat_sink *sink = NULL;
	const struct site_summary *sites;
	struct stat_options options = {
	    .from_ns = arguments->from_ns,
	    .to_ns = arguments->to_ns,
	    .objects = report->table == STAT_ALLOC,
	    .pages = report->table == STAT_PFN,
	};
	size_t site_count;
	int ret;

	trace.unwanted = TRACE_AFTER_PAGES | TRACE_REVEALS;
	if (!shows_sites(report->table))
		trace.unwanted |= TRACE_SYMBOLS;
	ret = cli_input_open(arguments->input, &trace, &source, err);
	options.page_size = trace.info.page_size;
	if (!ret)
		ret = stat_open(&sink, &options, err);
	if (!ret)
		ret = feed_all(sink, source, err);
	if (!ret) {
		report->skipped = stat_skipped(sink);
		sites = stat_sites(sink, &site_count);
		ret = finish(arguments, &trace, sites, site_count, sink, report,
			     err);
	}
	stat_close(sink);
	source_close(source);
	trace_fini(&trace);
	return ret;
}

/* The rows that import kept: no event is read. */
static int stat_summary(const struct arguments *arguments,
			struct stat_report *report, struct err *err)
{
	struct trace trace = {0};
	struct db *db = NULL;
	struct site_summary *sites = NULL;
	size_t site_count;
	int ret;

	ret = db_open(arguments->input, false, &db, err);
	if (!ret)
		ret = db_query_trace(db, &trace, err);
	if (!ret)
		ret = db_query_sites(db, &trace.names, DB_SITES_AS_STORED, 0,
				     &sites, &site_count, err);
	if (!ret)
		ret = finish(arguments, &trace, sites, site_count, NULL, report,
			     err);
	free(sites);
	db_close(db);
	trace_fini(&trace);
	return ret;
}

/* The summary knows neither addresses nor times. */
static bool needs_events(const struct arguments *arguments,
			 const struct stat_report *report)
{
	return arguments->windowed || report->table == STAT_ALLOC ||
	       report->table == STAT_PFN || !db_is_database(arguments->input);
}

int cmd_stat(int argc, char **argv)
{
	struct arguments arguments;
	struct stat_report report = {0};
	struct stat_sort sort;
	struct err err = {0};
	int ret = parse_arguments(argc, argv, &arguments, &err);

	if (!ret)
		ret = table_of(&arguments, &report.table, &err);
	if (!ret && arguments.sort)
		ret =
		    stat_sort_parse(arguments.sort, report.table, &sort, &err);
	if (ret)
		return cli_usage("%s", err.text);
	cli_catch_signals();
	report.input = arguments.input;
	report.self = arguments.self;
	report.windowed = arguments.windowed;
	report.from_ns = arguments.from_ns;
	report.to_ns = arguments.to_ns;
	ret = needs_events(&arguments, &report)
		  ? stat_events(&arguments, &report, &err)
		  : stat_summary(&arguments, &report, &err);
	return ret < 0 ? cli_fail(&err) : ret;
}
