#include "cli/replay_arguments.h"

#include <getopt.h>
#include <string.h>

#include "cli/words.h"

static int start_parse(const char *word, enum replay_start_from *start,
		       struct err *err)
{
	if (!strcmp(word, "trace"))
		*start = REPLAY_START_TRACE;
	else if (!strcmp(word, "snapshot"))
		*start = REPLAY_START_SNAPSHOT;
	else
		return err_set(err, ERR_USAGE,
			       "--start is trace or snapshot, not '%s'", word);
	return 0;
}

static int option_take(int option, const char *value, const char *command,
		       struct replay_arguments *arguments, struct err *err)
{
	switch (option) {
	case 'm':
		arguments->request.models = value;
		return 0;
	case 's':
		return replay_settings_parse(&arguments->request.settings,
					     value, err);
	case 'a':
		return start_parse(value, &arguments->request.start, err);
	case 'e':
		arguments->request.spread = true;
		return 0;
	case 'f':
		return words_format(value, &arguments->format, err);
	default:
		return err_set(err, ERR_USAGE,
			       "%s: unknown option or missing value: %s",
			       command, value);
	}
}

int replay_arguments_parse(int argc, char **argv, const char *models,
			   bool tables, struct replay_arguments *arguments,
			   struct err *err)
{
	static const struct option options[] = {
	    {"model", required_argument, NULL, 'm'},
	    {"set", required_argument, NULL, 's'},
	    {"start", required_argument, NULL, 'a'},
	    {"spread", no_argument, NULL, 'e'},
	    {"format", required_argument, NULL, 'f'},
	    {NULL, 0, NULL, 0},
	};
	int option, ret;

	*arguments = (struct replay_arguments){
	    .request = {.models = models, .settings = replay_settings_none()}};
	opterr = 0;
	while ((option = getopt_long(argc, argv, "", options, NULL)) != -1) {
		ret = option_take(option,
				  option == '?' ? argv[optind - 1] : optarg,
				  argv[0], arguments, err);
		if (ret)
			return ret;
	}
	if (tables && arguments->request.spread)
		return err_set(err, ERR_USAGE, "%s has no --spread", argv[0]);
	if (arguments->format == CLI_CSV && !tables)
		return err_set(err, ERR_USAGE,
			       "%s: --format is text or json, not csv",
			       argv[0]);
	if (argc - optind != 1)
		return err_set(err, ERR_USAGE,
			       "%s needs one INPUT, a capture directory or a "
			       "database",
			       argv[0]);
	arguments->input = argv[optind];
	return 0;
}
