/*
 * kmemscope plot: the pictures of a database.
 */
#include <stdio.h>
#include <string.h>
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
		if (option != 'o')
			return err_set(err, ERR_USAGE,
				       "plot: unknown option, or -o without "
				       "its directory");
		dir = optarg;
	}
	if (optind + 1 != argc)
		return err_set(err, ERR_USAGE, "plot: give one database");
	arguments->input = argv[optind];
	if (!dir)
		return default_dir(arguments, err);
	if (!*dir || strlen(dir) >= PATH_LONGEST)
		return err_set(err, ERR_USAGE, "plot: -o needs a directory");
	strcpy(arguments->dir, dir);
	return 0;
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
	rc = results_load(arguments.input, &results, &err);
	if (!rc)
		rc = pictures_draw(&results, arguments.dir, stdout, &drawn,
				   &err);
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
