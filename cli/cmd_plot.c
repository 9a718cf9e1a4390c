/*
 * kmemscope plot: the pictures of a database.
 */
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "cli/cli.h"
#include "cli/commands.h"
#include "cli/pictures.h"
#include "plots/plots.h"

enum { PATH_LONGEST = 4096 };

struct arguments {
	const char *input;
	char dir[PATH_LONGEST];
};

/* NAME.db gives NAME.plots, beside it. */
static int default_dir(struct arguments *arguments, struct err *err)
{
	size_t len = strlen(arguments->input);

	if (len > 3 && !strcmp(arguments->input + len - 3, ".db"))
		len -= 3;
	if (len + sizeof(".plots") > PATH_LONGEST)
		return err_set(err, ERR_LIMIT, "plot: the name is too long");
	snprintf(arguments->dir, PATH_LONGEST, "%.*s.plots", (int)len,
		 arguments->input);
	return 0;
}

static int parse_arguments(int argc, char **argv, struct arguments *arguments,
			   struct err *err)
{
	const char *dir = NULL;
	int option;

	opterr = 0;
	optind = 1;
	while ((option = getopt(argc, argv, "o:")) != -1) {
		if (option != 'o') {
			err_set(err, ERR_USAGE,
				"plot: unknown option, or -o without its "
				"directory");
			return ERR_USAGE;
		}
		dir = optarg;
	}
	if (optind + 1 != argc) {
		err_set(err, ERR_USAGE, "plot: give one database");
		return ERR_USAGE;
	}
	arguments->input = argv[optind];
	if (!dir)
		return default_dir(arguments, err);
	if (!*dir || strlen(dir) >= PATH_LONGEST)
		return err_set(err, ERR_USAGE, "plot: -o needs a directory");
	strcpy(arguments->dir, dir);
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

int cmd_plot(int argc, char **argv)
{
	struct arguments arguments = {0};
	struct results results = {0};
	struct err err = {0};
	unsigned int drawn = 0;
	int rc;

	if (parse_arguments(argc, argv, &arguments, &err))
		return cli_usage("%s", err.text);
	cli_catch_signals();
	rc = check_input(arguments.input, &err);
	if (!rc)
		rc = results_load(arguments.input, &results, &err);
	if (!rc)
		rc = pictures_draw(&results, arguments.dir, PLOT_SVG_AND_PNG,
				   stdout, &drawn, &err);
	if (!rc && results.run_count < 2)
		fprintf(stderr,
			"kmemscope: 'kmemscope replay %s' adds what the other "
			"pictures need\n",
			arguments.input);
	results_fini(&results);
	if (rc)
		return cli_fail(&err);
	return drawn == PLOT_COUNT ? EXIT_OK : EXIT_NO;
}
