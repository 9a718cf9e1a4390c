#include "cli/replay_arguments.h"

#include <string.h>

static int parse_start(const char *word, enum replay_start_from *start,
		       struct err *err)
{
	if (!strcmp(word, "trace"))
		*start = REPLAY_START_TRACE;
	else if (!strcmp(word, "snapshot"))
		*start = REPLAY_START_SNAPSHOT;
	else
		return err_set(err, ERR_USAGE,
			       "--start is trace or snapshot, not '%.40s'",
			       word);
	return 0;
}

int replay_arguments_take(int option, const char *value, void *context,
			  struct err *err)
{
	struct replay_arguments *arguments = context;

	switch (option) {
	case OPTION_MODEL:
		arguments->request.models = value;
		return 0;
	case OPTION_SET:
		return replay_settings_parse(&arguments->request.settings,
					     value, err);
	case OPTION_START:
		return parse_start(value, &arguments->request.start, err);
	case OPTION_FORMAT_NO_CSV:
		if (!strcmp(value, "csv"))
			return err_set(err, ERR_USAGE,
				       "--format is text or json here, not "
				       "csv");
		return words_format(value, &arguments->format, err);
	default: /* --format */
		return words_format(value, &arguments->format, err);
	}
}
