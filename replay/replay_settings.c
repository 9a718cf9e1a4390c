#include "replay/replay_settings.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "replay/slub_size.h"

struct replay_settings replay_settings_none(void)
{
	return (struct replay_settings){
#define X(key, field, kind, largest, text) .field = REPLAY_UNSET,
	    REPLAY_SETTING_TABLE(X)
#undef X
	};
}

static int page_size_parse(const char *assignment, const char *text,
			   uint32_t largest, uint32_t *value, struct err *err)
{
	for (uint32_t bytes = 4096; bytes <= largest; bytes *= 2) {
		char word[16];

		snprintf(word, sizeof(word), "%" PRIu32 "K", bytes / 1024);
		if (strcmp(text, word) != 0)
			continue;
		*value = bytes;
		return 0;
	}
	return err_set(err, ERR_USAGE,
		       "setting '%s': a page size is 4K, 8K, 16K, 32K or 64K",
		       assignment);
}

static int value_parse(const char *assignment, const char *text,
		       enum replay_setting_kind kind, uint32_t largest,
		       uint32_t *value, struct err *err)
{
	uint32_t least = kind == SETTING_POSITIVE;
	char *end;
	unsigned long number;

	if (kind == SETTING_DEBUG)
		return *text && slub_debug_parse(text, value)
			   ? 0
			   : err_set(err, ERR_USAGE,
				     "setting '%s': the value must be letters "
				     "of FZPUO, or - for none",
				     assignment);
	if (kind == SETTING_PAGE_SIZE)
		return page_size_parse(assignment, text, largest, value, err);
	errno = 0;
	number = strtoul(text, &end, 10);
	if (*text < '0' || *text > '9' || *end || errno || number > largest ||
	    number < least)
		return err_set(err, ERR_USAGE,
			       "setting '%s': the value must be a number from "
			       "%" PRIu32 " to %" PRIu32,
			       assignment, least, largest);
	*value = (uint32_t)number;
	return 0;
}

static bool key_is(const char *assignment, size_t key_len, const char *key)
{
	return strlen(key) == key_len && !strncmp(assignment, key, key_len);
}

static int classes_parse(struct replay_settings *settings,
			 const char *assignment, const char *text,
			 struct err *err)
{
	const unsigned long most = 1ul << 24;
	uint32_t count = 0;

	for (;; text++) {
		char *end;
		unsigned long bytes = strtoul(text, &end, 10);

		if (*text < '0' || *text > '9' || !bytes || bytes > most ||
		    (*end && *end != ',') || count == REPLAY_CLASSES_MAX)
			return err_set(err, ERR_USAGE,
				       "setting '%s': the value must be 1 to "
				       "%d sizes in bytes, with commas between",
				       assignment, REPLAY_CLASSES_MAX);
		settings->classes[count++] = (uint32_t)bytes;
		text = end;
		if (!*text)
			break;
	}
	settings->class_count = count;
	return 0;
}

static int site_parse(struct replay_settings *settings, const char *assignment,
		      const char *text, struct err *err)
{
	const char *colon = strrchr(text, ':');
	const unsigned long most = 1ul << 22;
	unsigned long bytes = 0;
	char *end;

	if (settings->site_count == REPLAY_SITES_MAX)
		return err_set(err, ERR_USAGE,
			       "setting '%s': at most %d call sites",
			       assignment, REPLAY_SITES_MAX);
	if (colon && colon[1] >= '0' && colon[1] <= '9') {
		bytes = strtoul(colon + 1, &end, 10);
		bytes = *end ? 0 : bytes;
	}
	if (!colon || colon == text || !bytes || bytes > most)
		return err_set(err, ERR_USAGE,
			       "setting '%s': the value must be SITE:BYTES, "
			       "for example kernfs_fop_open+0x4c:152",
			       assignment);
	settings->sites[settings->site_count++] =
	    (struct replay_site){.text = text,
				 .site_len = (size_t)(colon - text),
				 .bytes = (uint32_t)bytes};
	return 0;
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
	if (key_is(assignment, len, "kmalloc.classes"))
		return classes_parse(settings, assignment, equals + 1, err);
	if (key_is(assignment, len, "cache.at"))
		return site_parse(settings, assignment, equals + 1, err);
#define X(key, field, kind, largest, text)                                     \
	if (key_is(assignment, len, key))                                      \
		return value_parse(assignment, assignment + len + 1, kind,     \
				   largest, &settings->field, err);
	REPLAY_SETTING_TABLE(X)
#undef X
	return err_set(err, ERR_USAGE,
		       "no setting named '%.*s'; there are kmalloc.classes "
		       "cache.at"
#define X(key, field, kind, largest, text) " " key
		       REPLAY_SETTING_TABLE(X)
#undef X
			   ,
		       (int)len, assignment);
}

/* Returns what snprintf() does. */
static int value_format(char *text, size_t size, const char *separator,
			const char *key, enum replay_setting_kind kind,
			uint32_t value)
{
	char letters[SLUB_DEBUG_TEXT];

	if (kind == SETTING_DEBUG)
		return snprintf(text, size, "%s%s=%s", separator, key,
				slub_debug_format(value, letters));
	if (kind == SETTING_PAGE_SIZE)
		return snprintf(text, size, "%s%s=%" PRIu32 "K", separator, key,
				value / 1024);
	return snprintf(text, size, "%s%s=%" PRIu32, separator, key, value);
}

/* The settings that are lists. */
static void lists_format(const struct replay_settings *settings, char *text,
			 size_t size, size_t used)
{
	for (uint32_t i = 0; i < settings->class_count && used < size; i++)
		used += (size_t)snprintf(text + used, size - used, "%s%" PRIu32,
					 i	? ","
					 : used ? " kmalloc.classes="
						: "kmalloc.classes=",
					 settings->classes[i]);
	for (uint32_t i = 0; i < settings->site_count && used < size; i++)
		used +=
		    (size_t)snprintf(text + used, size - used, "%scache.at=%s",
				     used ? " " : "", settings->sites[i].text);
}

char *replay_settings_format(const struct replay_settings *settings, char *text,
			     size_t size)
{
	size_t used = 0;

	text[0] = 0;
#define X(key, field, kind, largest, about)                                    \
	if (settings->field != REPLAY_UNSET && used < size)                    \
		used += (size_t)value_format(text + used, size - used,         \
					     used ? " " : "", key, kind,       \
					     settings->field);
	REPLAY_SETTING_TABLE(X)
#undef X
	lists_format(settings, text, size, used);
	return text;
}
