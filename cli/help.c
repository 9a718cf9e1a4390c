#include "cli/help.h"

#include <stdio.h>

#include "cli/wrap.h"

enum {
	ARGUMENTS = 20, /* the column before a command's arguments */
	MEANING = 25,	/* the column of what an option means */
};

void help_all(const struct command *const *commands)
{
	puts("kmemscope: what the kernel allocates, wastes and fragments\n");
	for (; *commands; commands++) {
		int column = printf("  kmemscope %-8s", (*commands)->name);

		wrap_print(stdout, (*commands)->arguments, column, ARGUMENTS);
		printf("%*s", ARGUMENTS, "");
		wrap_print(stdout, (*commands)->summary, ARGUMENTS, ARGUMENTS);
	}
	puts("\nINPUT is a capture directory, a trace.dat of trace-cmd, a "
	     "perf.data, a trace as\ntext or a database. 'kmemscope help "
	     "COMMAND' tells a command's options; more is\nin kmemscope(1).");
}

static void print_option(const struct command_option *option)
{
	int column = printf("  ");

	if (option->id <= 127)
		column += printf("-%c, ", option->id);
	column += printf("--%s", option->name);
	if (option->value)
		column += printf(" %s", option->value);
	/* Two blanks at least: the completion finds the meaning by them. */
	if (column >= MEANING) {
		putchar('\n');
		column = 0;
	}
	printf("%*s", MEANING - column, "");
	wrap_print(stdout, option->meaning, MEANING, MEANING);
}

void help_command(const struct command *command)
{
	int column = printf("kmemscope %s", command->name);

	wrap_print(stdout, command->arguments, column, column);
	printf("\n%s\n\n", command->summary);
	for (const struct command_option *o = command->options; o->name; o++)
		print_option(o);
}
