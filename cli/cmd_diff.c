/*
 * kmemscope diff: what changed from one recording to another.
 */
#include <stdlib.h>
#include <string.h>

#include "analysis/diff.h"
#include "cli/answer.h"
#include "cli/command_line.h"
#include "cli/commands.h"
#include "cli/site_rows.h"
#include "cli/words.h"
#include "db/query.h"

enum { PERCENT_DEFAULT = 10, TABLES = DIFF_KINDS + 1 };

struct arguments {
	const char *inputs[2];
	double percent;
	enum answer_format format;
};

/* Both inputs, and what is made of them. */
struct comparison {
	struct site_rows sides[2];
	struct db_run_row *runs[2];
	size_t run_counts[2];
	struct diff_runs *pairs;
	size_t pair_count;
	struct diff_result result;
	struct table tables[TABLES];
	size_t runs_changed;
};

static int parse_percent(const char *text, double *percent, struct err *err)
{
	char *end;
	double value = strtod(text, &end);

	if (*end == '%')
		end++;
	if (*text < '0' || *text > '9' || *end || value > 1e6)
		return err_set(err, ERR_USAGE,
			       "--threshold %.40s: not a percentage", text);
	*percent = value;
	return 0;
}

enum { OPTION_THRESHOLD = OPTION_OWN };

static const struct command_option known_options[] = {
    {OPTION_THRESHOLD, "threshold", "PERCENT",
     "how much of the value of A is noise; default: 10"},
    WORDS_FORMAT,
    {0},
};

static int take_option(int option, const char *value, void *context,
		       struct err *err)
{
	struct arguments *arguments = context;

	if (option == OPTION_THRESHOLD)
		return parse_percent(value, &arguments->percent, err);
	return words_format(value, &arguments->format, err);
}

/* Replays that a database keeps; a capture has none. */
static int load_runs(const char *path, struct db_run_row **runs, size_t *count,
		     struct err *err)
{
	struct db *db = NULL;
	int ret;

	if (!db_is_database(path))
		return 0;
	ret = db_open(path, false, &db, err);
	if (!ret)
		ret = db_query_runs(db, runs, count, err);
	db_close(db);
	return ret;
}

static bool same_replay(const struct replay_result *a,
			const struct replay_result *b)
{
	return !strcmp(a->model, b->model) && !strcmp(a->settings, b->settings);
}

static int pair_runs(struct comparison *comparison, struct err *err)
{
	size_t most = comparison->run_counts[0];

	comparison->pairs = calloc(most + 1, sizeof(*comparison->pairs));
	if (!comparison->pairs)
		return err_set(err, ERR_NOMEM, "diff: out of memory");
	for (size_t i = 0; i < most; i++)
		for (size_t j = 0; j < comparison->run_counts[1]; j++) {
			struct replay_result *a =
			    &comparison->runs[0][i].result;
			struct replay_result *b =
			    &comparison->runs[1][j].result;

			if (same_replay(a, b))
				comparison->pairs[comparison->pair_count++] =
				    (struct diff_runs){a, b};
		}
	return 0;
}

/* What was compared, and what it is worth, below the first table. */
static void put_notes(const struct comparison *comparison,
		      const struct arguments *arguments)
{
	static const char *const sides = "AB";
	const struct diff_result *result = &comparison->result;
	struct table *table = (struct table *)&comparison->tables[0];

	table_note(table,
		   "A is %s (%.3f s), B is %s (%.3f s); more than %g %% and "
		   "three standard deviations is a change",
		   arguments->inputs[0], result->seconds_a,
		   arguments->inputs[1], result->seconds_b, arguments->percent);
	if (result->scale != 1)
		table_note(table,
			   "the recordings are not of the same command: "
			   "counts and bytes of A are compared times %.3f, "
			   "for its length",
			   result->scale);
	if (!result->by_offset)
		table_note(table, "%s",
			   "the kernels differ: call sites are matched by "
			   "function, all sites of a function together");
	for (int i = 0; i < 2; i++) {
		const struct trace *trace = &comparison->sides[i].trace;
		uint64_t lost = trace->anomalies.count[ANOMALY_LOST_EVENTS];

		if (lost)
			table_note(table,
				   "%c lost %llu events: its sums are "
				   "too low",
				   sides[i], (unsigned long long)lost);
		if (trace->info.filtered)
			table_note(table, "%c was recorded with a filter",
				   sides[i]);
	}
}

static int compare(const struct arguments *arguments,
		   struct comparison *comparison, struct err *err)
{
	struct diff_side sides[2];
	int ret = 0;

	for (int i = 0; i < 2 && !ret; i++) {
		ret = site_rows_load(arguments->inputs[i],
				     &comparison->sides[i], err);
		if (!ret)
			ret = load_runs(arguments->inputs[i],
					&comparison->runs[i],
					&comparison->run_counts[i], err);
		sides[i] = (struct diff_side){&comparison->sides[i].trace,
					      comparison->sides[i].sites,
					      comparison->sides[i].count};
	}
	if (!ret)
		ret = pair_runs(comparison, err);
	if (!ret)
		ret = diff_make(&comparison->result, &sides[0], &sides[1],
				arguments->percent, err);
	if (ret)
		return ret;
	for (int kind = 0; kind < DIFF_KINDS; kind++)
		diff_table(&comparison->result, (enum diff_kind)kind,
			   &comparison->tables[kind]);
	diff_runs_table(comparison->pairs, comparison->pair_count,
			arguments->percent, &comparison->tables[DIFF_KINDS],
			&comparison->runs_changed);
	put_notes(comparison, arguments);
	return 0;
}

static void comparison_fini(struct comparison *comparison)
{
	for (int i = 0; i < TABLES; i++)
		table_fini(&comparison->tables[i]);
	for (int i = 0; i < 2; i++) {
		site_rows_fini(&comparison->sides[i]);
		free(comparison->runs[i]);
	}
	free(comparison->pairs);
	diff_fini(&comparison->result);
}

static int diff(const struct arguments *arguments, struct err *err)
{
	struct comparison comparison = {0};
	int ret = compare(arguments, &comparison, err);

	if (!ret) {
		struct answer answer = {
		    .input = arguments->inputs[0],
		    .trace = &comparison.sides[0].trace,
		    .tables = comparison.tables,
		    .table_count = comparison.pair_count ? TABLES : DIFF_KINDS,
		    .other_input = arguments->inputs[1],
		    .other = &comparison.sides[1].trace,
		};

		ret = answer_print(&answer, arguments->format, err);
	}
	if (!ret &&
	    (comparison.result.changed_count || comparison.runs_changed))
		ret = EXIT_NO;
	comparison_fini(&comparison);
	return ret;
}

static int run(int argc, char **argv, struct err *err)
{
	struct arguments arguments = {.percent = PERCENT_DEFAULT};
	int ret = command_line_options(&command_diff, argc, argv, take_option,
				       &arguments, err);

	if (ret)
		return ret;
	if (optind + 2 != argc)
		return err_set(err, ERR_USAGE,
			       "diff: give two databases or captures");
	arguments.inputs[0] = argv[optind];
	arguments.inputs[1] = argv[optind + 1];
	return diff(&arguments, err);
}

const struct command command_diff = {
    .name = "diff",
    .arguments = "A B [--threshold PERCENT]",
    .summary = "what changed from one recording to another; for CI",
    .options = known_options,
    .stops = true,
    .run = run,
};
