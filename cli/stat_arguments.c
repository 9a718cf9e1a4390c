#include "cli/stat_arguments.h"

#include <string.h>

#include "analysis/stat_key.h"
#include "cli/command_line.h"
#include "cli/commands.h"

enum {
	OPTION_DETAIL = OPTION_OWN,
	OPTION_VMLINUX,
	/* Which table is asked for, from here on. */
	OPTION_BY,
	OPTION_CALLER,
	OPTION_ALLOC,
	OPTION_CACHE,
	OPTION_CLASS,
	OPTION_PAGE,
	OPTION_ORDER,
	OPTION_TASK,
	OPTION_CPU,
	OPTION_CGROUP,
};

/* The bit of such an option. */
#define TABLE(option) (1u << ((option)-OPTION_BY))

const struct command_option stat_options[] = {
    {OPTION_CALLER, "caller", NULL, "slab objects by call site"},
    {OPTION_BY, "by", "function|module|file",
     "slab objects by the function, module or source file of their call site"},
    {OPTION_VMLINUX, "vmlinux", "FILE",
     "with --by file: the vmlinux of the recorded kernel"},
    {OPTION_ALLOC, "alloc", NULL,
     "slab objects by pointer; with --page: pages by page frame"},
    {OPTION_CACHE, "cache", NULL, "slab objects by cache"},
    {OPTION_CLASS, "class", NULL, "kmallocs by size class"},
    {OPTION_PAGE, "page", NULL, "pages by order, migratetype, gfp and use"},
    {OPTION_ORDER, "order", NULL, "pages by order and migratetype"},
    {OPTION_TASK, "task", NULL, "slab objects and other pages by task"},
    {OPTION_CPU, "cpu", NULL, "slab objects and other pages by CPU"},
    {OPTION_CGROUP, "cgroup", NULL,
     "slab objects and other pages by control group"},
    {OPTION_DETAIL, "detail", NULL,
     "peaks, the waste at its worst, lifetimes and rates of each row"},
    {'s', "sort", "KEYS",
     "sort keys, the first first; a wrong one names those of the table"},
    WORDS_LINES("print N rows only; default: all"),
    {OPTION_TIME, "time", "A,B",
     "count only events between these timestamps, in seconds; one may be left "
     "out"},
    WORDS_SELF,
    WORDS_FORMAT,
    {0},
};

/* What was given, before it is made sense of. */
struct given {
	struct stat_arguments *arguments;
	unsigned int tables; /* bits of TABLE() */
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

static int take_option(int option, const char *value, void *context,
		       struct err *err)
{
	struct given *given = context;
	struct stat_arguments *arguments = given->arguments;

	if (option >= OPTION_BY) {
		given->tables |= TABLE(option);
		return option == OPTION_BY
			   ? parse_by(value, &arguments->by, err)
			   : 0;
	}
	switch (option) {
	case OPTION_VMLINUX:
		arguments->vmlinux = value;
		return 0;
	case OPTION_DETAIL:
		arguments->detail = true;
		return 0;
	case OPTION_SELF:
		arguments->self = true;
		return 0;
	case 's':
		given->sort = value;
		return 0;
	case 'l':
		return words_lines(value, &arguments->lines, err);
	case OPTION_TIME:
		arguments->windowed = true;
		return words_window(value, &arguments->window, err);
	default: /* --format */
		return words_format(value, &arguments->format, err);
	}
}

/* --page goes with --alloc, --caller with --by; all else is alone. */
static int table_of(unsigned int asked, enum stat_table *table, struct err *err)
{
	static const struct {
		unsigned int asked;
		enum stat_table table;
	} tables[] = {
	    {0, STAT_NO_TABLE},
	    {TABLE(OPTION_CALLER), STAT_CALLER},
	    {TABLE(OPTION_BY), STAT_PLACE},
	    {TABLE(OPTION_CALLER) | TABLE(OPTION_BY), STAT_PLACE},
	    {TABLE(OPTION_ALLOC), STAT_ALLOC},
	    {TABLE(OPTION_CACHE), STAT_CACHE},
	    {TABLE(OPTION_CLASS), STAT_CLASS},
	    {TABLE(OPTION_PAGE), STAT_PAGE},
	    {TABLE(OPTION_PAGE) | TABLE(OPTION_ALLOC), STAT_PFN},
	    /* perf: by call site, which pages have none of. */
	    {TABLE(OPTION_PAGE) | TABLE(OPTION_CALLER), STAT_PAGE},
	    {TABLE(OPTION_ORDER), STAT_ORDER},
	    {TABLE(OPTION_TASK), STAT_TASK},
	    {TABLE(OPTION_CPU), STAT_CPU},
	    {TABLE(OPTION_CGROUP), STAT_CGROUP},
	};

	for (size_t i = 0; i < sizeof(tables) / sizeof(*tables); i++)
		if (tables[i].asked == asked) {
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
	int ret = table_of(given->tables, table, err);

	if (ret)
		return ret;
	if (arguments->detail && by_address(*table))
		return err_set(err, ERR_USAGE,
			       "--detail goes with a table other than "
			       "--alloc");
	/* Tasks, CPUs and groups are shown by what they hold over time. */
	arguments->detail |= stat_table_context(*table) && *table != STAT_PLACE;
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
	struct given given = {.arguments = arguments};
	int ret;

	*arguments =
	    (struct stat_arguments){.window = WINDOW_ALL, .lines = SIZE_MAX};
	ret = command_line_parse(&command_stat, argc, argv, take_option, &given,
				 &arguments->input, err);
	return ret ? ret : make_sense(arguments, &given, err);
}
