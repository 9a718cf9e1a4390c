/*
 * kmemscope report: all answers about one recording in one HTML file.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "cli/command_line.h"
#include "cli/commands.h"
#include "cli/output_name.h"
#include "cli/pictures.h"
#include "cli/report_file.h"
#include "cli/steps.h"
#include "cli/words.h"
#include "core/new_file.h"
#include "core/work_dir.h"
#include "db/db.h"

struct arguments {
	const char *input, *asked; /* asked: -o */
	char output[OUTPUT_NAME_MAX];
	bool force;
};

static const struct output_kind kind = {"report", "file", ".html"};

static const struct command_option known_options[] = {
    {'o', "output", "FILE.html",
     "default: the input's name, with .html for its suffix"},
    WORDS_FORCE,
    {0},
};

static int take_option(int option, const char *value, void *context,
		       struct err *err)
{
	struct arguments *arguments = context;

	(void)err;
	if (option == 'o')
		arguments->asked = value;
	else
		arguments->force = true;
	return 0;
}

/* Where a capture's database and the pictures are while the report is made. */
static int make_workshop(char path[NEW_FILE_PATH_MAX], struct err *err)
{
	const char *base = getenv("TMPDIR");

	if (!base || !*base)
		base = "/tmp";
	if (snprintf(path, NEW_FILE_PATH_MAX, "%s/kmemscope-report-XXXXXX",
		     base) >= NEW_FILE_PATH_MAX)
		return err_set(err, ERR_LIMIT, "TMPDIR: the name is too long");
	if (mkdtemp(path))
		return 0;
	return err_set(err, errno == EACCES ? ERR_PERM : ERR_IO,
		       "cannot make a directory in %s: %s; name another one "
		       "in TMPDIR",
		       base, strerror(errno));
}

/* What is no database yet becomes one, with its replays. */
static int make_database(const struct arguments *arguments,
			 const char *workshop, char path[], struct err *err)
{
	int rc;

	if (snprintf(path, NEW_FILE_PATH_MAX, "%s/trace.db", workshop) >=
	    NEW_FILE_PATH_MAX)
		return err_set(err, ERR_LIMIT, "TMPDIR: the name is too long");
	rc = steps_import(arguments->input, path, err);
	return rc ? rc : steps_replay(path, err);
}

static int report(const struct arguments *arguments, const char *workshop,
		  struct results *results, FILE *file, struct err *err)
{
	char made[NEW_FILE_PATH_MAX];
	struct report_input input = {.database = arguments->input,
				     .results = results,
				     .svg_dir = workshop};
	unsigned int drawn;
	int rc = 0;

	if (!db_is_database(arguments->input)) {
		rc = make_database(arguments, workshop, made, err);
		input.database = made;
	}
	if (!rc)
		rc = results_load(input.database, results, err);
	if (!rc)
		rc = pictures_draw(results, workshop, PLOT_SVG_ONLY, NULL,
				   &drawn, err);
	if (!rc)
		rc = report_file_write(&input, arguments->input, file, err);
	return rc;
}

/* The file is begun first: what forbids it is found before any work. */
static int report_to_file(const struct arguments *arguments, bool *partial,
			  struct err *err)
{
	char workshop[NEW_FILE_PATH_MAX];
	struct results results = {0};
	struct new_file file;
	uint64_t bytes;
	int rc = new_file_open(&file, arguments->output, arguments->force, err);

	if (rc)
		return rc;
	rc = make_workshop(workshop, err);
	if (!rc) {
		rc = report(arguments, workshop, &results, file.file, err);
		work_dir_remove(workshop);
	}
	rc = new_file_finish(&file, rc, &bytes, err);
	if (!rc)
		fprintf(stderr,
			"%s: %.1f MB; readable by you alone, it holds kernel "
			"addresses\n",
			arguments->output, (double)bytes / 1e6);
	*partial = results.trace.info.partial;
	results_fini(&results);
	return rc;
}

static int run(int argc, char **argv, struct err *err)
{
	struct arguments arguments = {0};
	bool partial = false;
	int ret = command_line_parse(&command_report, argc, argv, take_option,
				     &arguments, &arguments.input, err);

	if (!ret)
		ret = output_name(&kind, arguments.input, arguments.asked,
				  arguments.output, err);
	if (!ret)
		ret = report_to_file(&arguments, &partial, err);
	if (ret)
		return ret;
	return partial ? EXIT_NO : EXIT_OK;
}

const struct command command_report = {
    .name = "report",
    .arguments = "INPUT [-o FILE.html] [-f]",
    .summary = "all answers about one recording in one HTML file",
    .input = "database or capture",
    .options = known_options,
    .stops = true,
    .run = run,
};
