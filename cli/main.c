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
    {"import", "INPUT [-o FILE.db] [-f] [--instance NAME]",
     "a capture directory, trace.dat or perf.data into a database", cmd_import},
    {"stat", "INPUT [--caller|--cache|--page|--task|...] [-s KEYS] [-l N]",
     "sums by call site, pointer, cache or page, as perf kmem stat", cmd_stat},
    {"leaks", "INPUT [-l N] [--time A,B]",
     "what was never freed, the likeliest leak first", cmd_leaks},
    {"fails", "INPUT [--order N] [--model recorded|slub|slab|slob]",
     "when a block of each order could not be had, and who held the memory",
     cmd_fails},
    {"diff", "A B [--threshold PERCENT]",
     "what changed from one recording to another; for CI", cmd_diff},
    {"replay", "INPUT [--model recorded,slub,slab,slob] [--set KEY=VALUE ...]",
     "the trace once more, as it was and through models", cmd_replay},
    {"verify", "INPUT [--model recorded,slub,slab,slob] [--set KEY=VALUE ...]",
     "how far replays end from what the kernel's own files say", cmd_verify},
    {"blame", "INPUT [--at SECONDS|worst] [-l N] [--format text|json|csv]",
     "which call sites and caches pin slab pages and pageblocks", cmd_blame},
    {"waterfall", "INPUT [--model LIST] [--set KEY=VALUE ...]",
     "where each held byte goes, as it was and in models", cmd_waterfall},
    {"advise", "INPUT [-l N] [--format text|json|csv]",
     "what-ifs, each one replayed, ranked by the pages they save", cmd_advise},
    {"plot", "FILE.db [-o DIR]", "pictures of waste and fragmentation",
     cmd_plot},
    {"report", "INPUT [-o FILE.html] [-f]",
     "all answers about one recording in one HTML file", cmd_report},
    {"run", "[-o NAME] (-- COMMAND ... | --from DIR)",
     "record, import, replay, plot, report: the main job in one", cmd_run},
    {"export", "CAPTURE --trace-dat FILE [-f]",
     "a capture directory for trace-cmd and KernelShark", cmd_export},
    {NULL, NULL, NULL, NULL},
};

static int help(void)
{
	puts("kmemscope: what the kernel allocates, wastes and fragments\n");
	for (const struct command *c = commands; c->name; c++)
		printf("  kmemscope %-8s %s\n%21s%s\n", c->name, c->arguments,
		       "", c->summary);
	puts("\nINPUT is a capture directory, a trace.dat of trace-cmd, a "
	     "perf.data or a\ndatabase. See kmemscope(1).");
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
