#include "replay/replay_settings.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct replay_settings replay_settings_none(void)
{
	return (struct replay_settings){
#define X(key, field, largest, text) .field = REPLAY_UNSET,
	    REPLAY_SETTING_TABLE(X)
#undef X
	};
}

static int value_parse(const char *assignment, size_t key_len, uint32_t largest,
		       uint32_t *value, struct err *err)
{
	const char *text = assignment + key_len + 1;
	char *end;
	unsigned long number;

	errno = 0;
	number = strtoul(text, &end, 10);
	if (*text < '0' || *text > '9' || *end || errno || number > largest)
		return err_set(err, ERR_USAGE,
			       "setting '%s': the value must be a number from "
			       "0 to %" PRIu32,
			       assignment, largest);
	*value = (uint32_t)number;
	return 0;
}

static bool key_is(const char *assignment, size_t key_len, const char *key)
{
	return strlen(key) == key_len && !strncmp(assignment, key, key_len);
}

int replay_settings_parse(struct replay_settings *settings,
			  const char *assignment, struct err *err)
{
	const char *equals = strchr(assignment, '=');
	size_t len;

	if (!equals)
		return err_set(err, ERR_USAGE,
			       "setting '%s' is not of the form KEY=VALUE",
			       assignment);
	len = (size_t)(equals - assignment);
#define X(key, field, largest, text)                                           \
	if (key_is(assignment, len, key))                                      \
		return value_parse(assignment, len, largest, &settings->field, \
				   err);
	REPLAY_SETTING_TABLE(X)
#undef X
	return err_set(err, ERR_USAGE,
		       "no setting named '%.*s'; there are"
#define X(key, field, largest, text) " " key
		       REPLAY_SETTING_TABLE(X)
#undef X
			   ,
		       (int)len, assignment);
}

char *replay_settings_format(const struct replay_settings *settings, char *text,
			     size_t size)
{
	size_t used = 0;

	text[0] = 0;
#define X(key, field, largest, about)                                          \
	if (settings->field != REPLAY_UNSET && used < size)                    \
		used += (size_t)snprintf(text + used, size - used,             \
					 "%s%s=%" PRIu32, used ? " " : "",     \
					 key, settings->field);
	REPLAY_SETTING_TABLE(X)
#undef X
	return text;
}
