#include "cli/command_line.h"

#include <assert.h>
#include <stdio.h>
#include <string.h>

enum { OPTIONS_MAX = 24, LIST_MAX = 256 };

/* What getopt_long(3) wants to know of the options. */
static void describe(const struct command *command,
		     struct option options[OPTIONS_MAX + 1],
		     char letters[2 * OPTIONS_MAX + 3])
{
	char *letter = letters;
	int count = 0;

	if (command->takes_command)
		*letter++ = '+';
	*letter++ = ':'; /* tell a missing value from an unknown option */
	for (const struct command_option *o = command->options; o->name; o++) {
		assert(count < OPTIONS_MAX);
		options[count++] = (struct option){
		    o->name, o->value ? required_argument : no_argument, NULL,
		    o->id};
		if (o->id > 127)
			continue;
		*letter++ = (char)o->id;
		if (o->value)
			*letter++ = ':';
	}
	options[count] = (struct option){0};
	*letter = '\0';
}

static int unknown(const struct command *command, const char *word,
		   struct err *err)
{
	char list[LIST_MAX] = "", given[] = {'-', (char)optopt, '\0'};
	size_t len = 0;

	for (const struct command_option *o = command->options; o->name; o++) {
		if (o->id <= 127)
			len += (size_t)snprintf(list + len, sizeof(list) - len,
						" -%c", o->id);
		else
			len += (size_t)snprintf(list + len, sizeof(list) - len,
						" --%s", o->name);
		assert(len < sizeof(list));
	}
	return err_set(err, ERR_USAGE, "%s: unknown option %.40s; there are%s",
		       command->name, optopt ? given : word, list);
}

static int without_value(const struct command *command, struct err *err)
{
	const struct command_option *o = command->options;

	while (o->name && o->id != optopt)
		o++;
	return err_set(err, ERR_USAGE, "%s: --%s needs its value, %s",
		       command->name, o->name, o->value);
}

int command_line_options(const struct command *command, int argc, char **argv,
			 command_line_take take, void *arguments,
			 struct err *err)
{
	struct option options[OPTIONS_MAX + 1];
	char letters[2 * OPTIONS_MAX + 3];
	int option, ret = 0;

	describe(command, options, letters);
	opterr = 0;
	optind = 1;
	while (!ret && (option = getopt_long(argc, argv, letters, options,
					     NULL)) != -1) {
		if (option == '?')
			ret = unknown(command, argv[optind - 1], err);
		else if (option == ':')
			ret = without_value(command, err);
		else
			ret = take(option, optarg, arguments, err);
	}
	return ret;
}

int command_line_parse(const struct command *command, int argc, char **argv,
		       command_line_take take, void *arguments,
		       const char **input, struct err *err)
{
	int ret =
	    command_line_options(command, argc, argv, take, arguments, err);

	if (ret)
		return ret;
	if (optind + 1 != argc || !*argv[optind])
		return err_set(err, ERR_USAGE, "%s: give one %s", command->name,
			       command->input);
	*input = argv[optind];
	return 0;
}
