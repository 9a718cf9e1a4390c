/*
 * kmemscope: records, replays and explains Linux kernel allocations.
 */
#include <stdio.h>
#include <string.h>

#include "cli/commands.h"
#include "cli/help.h"
#include "cli/signals.h"

/* In the order in which they are used. */
static const struct command *const commands[] = {
    &command_doctor,
    &command_record,
    &command_import,
    &command_stat,
    &command_leaks,
    &command_fails,
    &command_diff,
    &command_replay,
    &command_verify,
    &command_blame,
    &command_waterfall,
    &command_advise,
    &command_plot,
    &command_report,
    &command_run,
    &command_export,
    NULL,
};

static const struct command *find_command(const char *name)
{
	const struct command *const *command = commands;

	while (*command && strcmp((*command)->name, name) != 0)
		command++;
	return *command;
}

static int no_command(const char *name)
{
	fprintf(stderr, "kmemscope: no command named '%s'; there are", name);
	for (const struct command *const *c = commands; *c; c++)
		fprintf(stderr, " %s", (*c)->name);
	fputs("\nTry 'kmemscope help'.\n", stderr);
	return EXIT_ERROR;
}

static bool asks_help(const char *word)
{
	return !strcmp(word, "--help") || !strcmp(word, "-h");
}

static int help(const char *name)
{
	const struct command *command = name ? find_command(name) : NULL;

	if (name && !command)
		return no_command(name);
	if (command)
		help_command(command);
	else
		help_all(commands);
	return EXIT_OK;
}

static int run(const struct command *command, int argc, char **argv)
{
	struct err err = {0};
	int ret;

	if (command->stops)
		signals_catch();
	ret = command->run(argc, argv, &err);
	if (ret >= 0)
		return ret;
	fprintf(stderr, "kmemscope: %s\n",
		err.text[0] ? err.text : err_code_text(ret));
	if (ret == ERR_USAGE)
		fprintf(stderr, "Try 'kmemscope help %s'.\n", command->name);
	return EXIT_ERROR;
}

int main(int argc, char **argv)
{
	const struct command *command;

	if (argc < 2) {
		help(NULL);
		return EXIT_ERROR;
	}
	if (!strcmp(argv[1], "help") || asks_help(argv[1]))
		return help(argc > 2 ? argv[2] : NULL);
	if (!strcmp(argv[1], "--version")) {
		puts("kmemscope " KMEM_VERSION);
		return EXIT_OK;
	}
	command = find_command(argv[1]);
	if (!command)
		return no_command(argv[1]);
	if (argc > 2 && asks_help(argv[2]))
		return help(argv[1]);
	return run(command, argc - 1, argv + 1);
}
