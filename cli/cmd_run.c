/*
 * kmemscope run: record, import, replay, plot, report and a summary, in one.
 */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include "cli/signals.h"
#include "cli/command_line.h"
#include "cli/commands.h"
#include "cli/pictures.h"
#include "cli/record_defaults.h"
#include "cli/report_file.h"
#include "cli/steps.h"
#include "cli/summary.h"
#include "cli/words.h"
#include "core/new_file.h"
#include "plots/plots.h"

enum { PATH_LONGEST = 4096 };

struct arguments {
	const char *name; /* -o */
	const char *from; /* --from, or NULL */
	char **command;	  /* or NULL */
};

struct paths {
	char capture[PATH_LONGEST], database[PATH_LONGEST], plots[PATH_LONGEST];
	char report[PATH_LONGEST];
};

enum { OPTION_FROM = OPTION_OWN };

static const struct command_option known_options[] = {
    {'o', "output", "NAME",
     "of all that is made, none of which may exist; default: kmemscope"},
    {OPTION_FROM, "from", "DIR",
     "take that capture instead of recording a COMMAND"},
    {0},
};

static int take_option(int option, const char *value, void *context,
		       struct err *err)
{
	struct arguments *arguments = context;

	(void)err;
	if (option == 'o')
		arguments->name = value;
	else
		arguments->from = value;
	return 0;
}

static int parse_arguments(int argc, char **argv, struct arguments *arguments,
			   struct err *err)
{
	int ret;

	*arguments = (struct arguments){.name = "kmemscope"};
	ret = command_line_options(&command_run, argc, argv, take_option,
				   arguments, err);
	if (ret)
		return ret;
	if (optind < argc)
		arguments->command = argv + optind;
	if (!arguments->command == !arguments->from)
		return err_set(err, ERR_USAGE,
			       "run: give a COMMAND to record, or --from DIR, "
			       "a capture that there is already");
	if (!*arguments->name)
		return err_set(err, ERR_USAGE, "run: -o needs a name");
	return 0;
}

static int make_path(char path[PATH_LONGEST], const char *name,
		     const char *suffix, bool must_not_exist, struct err *err)
{
	struct stat st;

	if (strlen(name) + strlen(suffix) >= PATH_LONGEST)
		return err_set(err, ERR_LIMIT, "run: the name is too long");
	snprintf(path, PATH_LONGEST, "%s%s", name, suffix);
	if (must_not_exist && lstat(path, &st) == 0)
		return err_set(err, ERR_EXISTS,
			       "%s exists: remove it, or give another name "
			       "with -o",
			       path);
	return 0;
}

/* All names, before anything is recorded. */
static int make_paths(const struct arguments *arguments, struct paths *paths,
		      struct err *err)
{
	const char *name = arguments->name;
	int rc;

	if (arguments->from)
		rc = make_path(paths->capture, arguments->from, "", false, err);
	else
		rc = make_path(paths->capture, name, ".kmem", true, err);
	if (!rc)
		rc = make_path(paths->database, name, ".db", true, err);
	if (!rc)
		rc = make_path(paths->plots, name, ".plots", true, err);
	if (!rc)
		rc = make_path(paths->report, name, ".html", true, err);
	return rc;
}

/* *status is the command's. */
static int record(const struct arguments *arguments, const struct paths *paths,
		  int *status, struct err *err)
{
	struct record_config config = record_defaults(paths->capture);
	struct record_result result = {0};
	int rc;

	config.command = arguments->command;
	fprintf(stderr, "kmemscope: recording %s\n", arguments->command[0]);
	rc = record_run(&config, &result, err);
	if (rc)
		return rc;
	*status = result.command_status;
	if (result.lost)
		fprintf(stderr,
			"kmemscope: %" PRIu64 " events were lost in buffers of "
			"%" PRIu64 " KiB per CPU; 'kmemscope record -b %" PRIu64
			"' has room for more\n",
			result.lost, result.buffer_kib, result.buffer_kib * 4);
	record_result_fini(&result);
	/* A signal that ended the recording does not end what follows. */
	signals_forget();
	return 0;
}

static int write_report(const struct paths *paths, struct results *results,
			struct summary_files *files, struct err *err)
{
	struct report_input input = {.database = paths->database,
				     .results = results,
				     .svg_dir = paths->plots};
	struct new_file file;
	uint64_t bytes;
	int rc = new_file_open(&file, paths->report, false, err);

	if (!rc) {
		rc = report_file_write(&input, paths->database, file.file, err);
		rc = new_file_finish(&file, rc, &bytes, err);
	}
	if (!rc)
		files->report = paths->report;
	return rc;
}

/*
 * Pictures, report and summary. The summary comes even where the others failed:
 * the work before was done.
 */
static int show(const struct paths *paths, bool *complete, struct err *err)
{
	struct summary_files files = {.capture = paths->capture,
				      .database = paths->database,
				      .plots = paths->plots};
	struct results results = {0};
	int rc = results_load(paths->database, &results, err);

	if (rc) {
		results_fini(&results);
		return rc;
	}
	fprintf(stderr, "kmemscope: drawing\n");
	rc = pictures_draw(&results, paths->plots, PLOT_SVG_AND_PNG, NULL,
			   &files.pictures, err);
	if (files.pictures == 0)
		files.plots = NULL;
	if (!rc)
		rc = write_report(paths, &results, &files, err);
	summary_print(stdout, &results, &files);
	*complete = files.pictures == PLOT_COUNT && !results.trace.info.partial;
	results_fini(&results);
	return rc;
}

static int run(int argc, char **argv, struct err *err)
{
	struct arguments arguments;
	struct paths paths;
	bool complete = false;
	int status = -1, rc = parse_arguments(argc, argv, &arguments, err);

	if (!rc)
		rc = make_paths(&arguments, &paths, err);
	if (!rc && arguments.command)
		rc = record(&arguments, &paths, &status, err);
	if (!rc)
		rc = steps_import(paths.capture, paths.database, err);
	if (!rc)
		rc = steps_replay(paths.database, err);
	if (!rc)
		rc = show(&paths, &complete, err);
	if (rc)
		return rc;
	if (status >= 0)
		return status;
	return complete ? EXIT_OK : EXIT_NO;
}

const struct command command_run = {
    .name = "run",
    .arguments = "[-o NAME] (-- COMMAND ... | --from DIR)",
    .summary = "record, import, replay, plot, report: the main job in one",
    .options = known_options,
    .takes_command = true,
    .stops = true,
    .run = run,
};
