/*
 * kmemscope plot: the pictures of a database.
 */
#include <stdio.h>
#include <sys/stat.h>

#include "cli/command_line.h"
#include "cli/commands.h"
#include "cli/output_name.h"
#include "cli/pictures.h"
#include "plots/plots.h"

static const struct output_kind kind = {"plot", "directory", ".plots"};

struct arguments {
	const char *input, *dir; /* dir: NULL without -o */
};

static const struct command_option known_options[] = {
    {'o', "output", "DIR",
     "where to, made if it is not there; default: the database's name, with "
     ".plots for .db"},
    {0},
};

static int take_option(int option, const char *value, void *context,
		       struct err *err)
{
	struct arguments *arguments = context;

	(void)option;
	(void)err;
	arguments->dir = value;
	return 0;
}

static int check_input(const char *input, struct err *err)
{
	struct stat st;

	if (stat(input, &st) || !S_ISDIR(st.st_mode))
		return 0;
	return err_set(err, ERR_USAGE,
		       "%s is a directory, plot needs a database: make one "
		       "with 'kmemscope import %s'",
		       input, input);
}

static int run(int argc, char **argv, struct err *err)
{
	struct arguments arguments = {0};
	struct results results = {0};
	char dir[OUTPUT_NAME_MAX];
	unsigned int drawn = 0;
	int ret = command_line_parse(&command_plot, argc, argv, take_option,
				     &arguments, &arguments.input, err);

	if (!ret)
		ret = output_name(&kind, arguments.input, arguments.dir, dir,
				  err);
	if (!ret)
		ret = check_input(arguments.input, err);
	if (!ret)
		ret = results_load(arguments.input, &results, err);
	if (!ret)
		ret = pictures_draw(&results, dir, PLOT_SVG_AND_PNG, stdout,
				    &drawn, err);
	if (!ret && results.run_count < 2)
		fprintf(stderr,
			"kmemscope: 'kmemscope replay %s' adds what the other "
			"pictures need\n",
			arguments.input);
	results_fini(&results);
	if (ret)
		return ret;
	return drawn == PLOT_COUNT ? EXIT_OK : EXIT_NO;
}

const struct command command_plot = {
    .name = "plot",
    .arguments = "FILE.db [-o DIR]",
    .summary = "pictures of waste and fragmentation",
    .input = "database",
    .options = known_options,
    .stops = true,
    .run = run,
};
