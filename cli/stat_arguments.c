#include "cli/stat_arguments.h"

#include <string.h>

#include "analysis/stat_key.h"
#include "cli/command_line.h"

/* Options without a value that say which table is asked for, as bits. */
enum table_word {
	WORD_CALLER = 1 << 0,
	WORD_ALLOC = 1 << 1,
	WORD_CACHE = 1 << 2,
	WORD_CLASS = 1 << 3,
	WORD_PAGE = 1 << 4,
	WORD_ORDER = 1 << 5,
	WORD_TASK = 1 << 6,
	WORD_CPU = 1 << 7,
	WORD_CGROUP = 1 << 8,
	WORD_BY = 1 << 9,
};

/* What was given, before it is made sense of. */
struct given {
	struct stat_arguments *arguments;
	unsigned int words;
	const char *sort;
};

static int parse_by(const char *value, enum place_by *by, struct err *err)
{
	if (!strcmp(value, "function"))
		*by = PLACE_FUNCTION;
	else if (!strcmp(value, "module"))
		*by = PLACE_MODULE;
	else if (!strcmp(value, "file"))
		*by = PLACE_FILE;
	else
		return err_set(err, ERR_USAGE,
			       "--by %.40s: there are function, module and "
			       "file",
			       value);
	return 0;
}

/* Letters of options; tables are numbers from 256 on. */
enum { OPTION_TABLE = 256 };

static int take_option(int option, const char *value, void *context,
		       struct err *err)
{
	struct given *given = context;
	struct stat_arguments *arguments = given->arguments;

	if (option >= OPTION_TABLE) {
		given->words |= 1u << (option - OPTION_TABLE);
		return 0;
	}
	switch (option) {
	case 'b':
		given->words |= WORD_BY;
		return parse_by(value, &arguments->by, err);
	case 'v':
		arguments->vmlinux = value;
		return 0;
	case 'd':
		arguments->detail = true;
		return 0;
	case 'x':
		arguments->self = true;
		return 0;
	case 's':
		given->sort = value;
		return 0;
	case 'l':
		return words_lines(value, &arguments->lines, err);
	case 't':
		arguments->windowed = true;
		return words_window(value, &arguments->window, err);
	default: /* --format */
		return words_format(value, &arguments->format, err);
	}
}

/* --page goes with --alloc, --caller with --by; all else is alone. */
static int table_of(unsigned int words, enum stat_table *table, struct err *err)
{
	static const struct {
		unsigned int words;
		enum stat_table table;
	} tables[] = {
	    {0, STAT_NO_TABLE},
	    {WORD_CALLER, STAT_CALLER},
	    {WORD_BY, STAT_PLACE},
	    {WORD_CALLER | WORD_BY, STAT_PLACE},
	    {WORD_ALLOC, STAT_ALLOC},
	    {WORD_CACHE, STAT_CACHE},
	    {WORD_CLASS, STAT_CLASS},
	    {WORD_PAGE, STAT_PAGE},
	    {WORD_PAGE | WORD_ALLOC, STAT_PFN},
	    /* perf: by call site, which pages have none of. */
	    {WORD_PAGE | WORD_CALLER, STAT_PAGE},
	    {WORD_ORDER, STAT_ORDER},
	    {WORD_TASK, STAT_TASK},
	    {WORD_CPU, STAT_CPU},
	    {WORD_CGROUP, STAT_CGROUP},
	};

	for (size_t i = 0; i < sizeof(tables) / sizeof(*tables); i++)
		if (tables[i].words == words) {
			*table = tables[i].table;
			return 0;
		}
	return err_set(err, ERR_USAGE,
		       "stat: these tables do not go together; take one of "
		       "--caller, --alloc, --cache, --class, --page, --order, "
		       "--task, --cpu, --cgroup (or --page --alloc: by page "
		       "frame)");
}

static bool by_address(enum stat_table table)
{
	return table == STAT_NO_TABLE || table == STAT_ALLOC ||
	       table == STAT_PFN;
}

static int make_sense(struct stat_arguments *arguments,
		      const struct given *given, struct err *err)
{
	enum stat_table *table = &arguments->table;
	int ret = table_of(given->words, table, err);

	if (ret)
		return ret;
	if (arguments->detail && by_address(*table))
		return err_set(err, ERR_USAGE,
			       "--detail goes with a table other than "
			       "--alloc");
	arguments->detail |= stat_table_context(*table);
	ret = stat_sort_parse(
	    given->sort ? given->sort
			: stat_sort_default(*table, arguments->detail),
	    *table, &arguments->sort, err);
	if (ret)
		return ret;
	arguments->detail |= stat_sort_details(&arguments->sort);
	if (arguments->vmlinux &&
	    (*table != STAT_PLACE || arguments->by != PLACE_FILE))
		return err_set(err, ERR_USAGE, "--vmlinux goes with --by file");
	return 0;
}

int stat_arguments_parse(int argc, char **argv,
			 struct stat_arguments *arguments, struct err *err)
{
	static const struct option options[] = {
	    {"caller", no_argument, NULL, OPTION_TABLE + 0},
	    {"alloc", no_argument, NULL, OPTION_TABLE + 1},
	    {"cache", no_argument, NULL, OPTION_TABLE + 2},
	    {"class", no_argument, NULL, OPTION_TABLE + 3},
	    {"page", no_argument, NULL, OPTION_TABLE + 4},
	    {"order", no_argument, NULL, OPTION_TABLE + 5},
	    {"task", no_argument, NULL, OPTION_TABLE + 6},
	    {"cpu", no_argument, NULL, OPTION_TABLE + 7},
	    {"cgroup", no_argument, NULL, OPTION_TABLE + 8},
	    {"by", required_argument, NULL, 'b'},
	    {"vmlinux", required_argument, NULL, 'v'},
	    {"detail", no_argument, NULL, 'd'},
	    {"self", no_argument, NULL, 'x'},
	    {"sort", required_argument, NULL, 's'},
	    {"line", required_argument, NULL, 'l'},
	    {"time", required_argument, NULL, 't'},
	    {"format", required_argument, NULL, 'f'},
	    {NULL, 0, NULL, 0},
	};
	struct given given = {.arguments = arguments};
	int ret;

	*arguments =
	    (struct stat_arguments){.window = WINDOW_ALL, .lines = SIZE_MAX};
	ret = command_line_options(argc, argv, "s:l:", options, take_option,
				   &given, err);
	if (!ret)
		ret = command_line_input(argc, argv, &arguments->input, err);
	return ret ? ret : make_sense(arguments, &given, err);
}
