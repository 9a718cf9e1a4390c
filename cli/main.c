/*
 * kmemscope: records, replays and explains Linux kernel allocations.
 */
#include <stdio.h>
#include <string.h>

#include "cli/cli.h"
#include "cli/commands.h"

static const struct command commands[] = {
    {"doctor", "[--format text|json|csv]",
     "what this machine can record, what is missing, how to get it",
     cmd_doctor},
    {"record",
     "[-o DIR] [--boot | [-d SECONDS] [-b KiB] [--filter EVENT:EXPR] "
     "[-- COMMAND ...]]",
     "record this kernel's allocations into a capture directory", cmd_record},
    {"import", "CAPTURE [-o FILE.db] [-f]",
     "a capture directory into a database", cmd_import},
    {"stat", "INPUT [--caller|--alloc|--cache|--page|--order] [-s KEYS] [-l N]",
     "sums by call site, pointer, cache or page, as perf kmem stat", cmd_stat},
    {"replay", "INPUT [--model recorded,slub,slab,slob] [--set KEY=VALUE ...]",
     "the trace once more, as it was and through models", cmd_replay},
    {"plot", "FILE.db [-o DIR]", "pictures of waste and fragmentation",
     cmd_plot},
    {"run", "[-o NAME] (-- COMMAND ... | --from DIR)",
     "record, import, replay, plot: the main job in one", cmd_run},
    {NULL, NULL, NULL, NULL},
};

static int help(void)
{
	puts("kmemscope: what the kernel allocates, wastes and fragments\n");
	for (const struct command *c = commands; c->name; c++)
		printf("  kmemscope %-8s %s\n%21s%s\n", c->name, c->arguments,
		       "", c->summary);
	puts("\nINPUT is a capture directory or a database. See kmemscope(1).");
	return EXIT_OK;
}

int main(int argc, char **argv)
{
	if (argc < 2) {
		help();
		return EXIT_ERROR;
	}
	if (!strcmp(argv[1], "help") || !strcmp(argv[1], "--help") ||
	    !strcmp(argv[1], "-h"))
		return help();
	if (!strcmp(argv[1], "--version")) {
		puts("kmemscope " KMEM_VERSION);
		return EXIT_OK;
	}
	for (const struct command *c = commands; c->name; c++)
		if (!strcmp(argv[1], c->name))
			return c->run(argc - 1, argv + 1);
	return cli_usage("no command named '%s'", argv[1]);
}
