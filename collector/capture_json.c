#include "collector/capture_json.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cjson/cJSON.h>

enum { COMMAND_LINE_MAX = 1024 };

/* Length of the UTF-8 sequence at text, 0 if it is none. */
static size_t utf8_length(const unsigned char *text)
{
	size_t len = text[0] < 0x80			 ? 1
		     : text[0] >= 0xc2 && text[0] < 0xe0 ? 2
		     : text[0] >= 0xe0 && text[0] < 0xf0 ? 3
		     : text[0] >= 0xf0 && text[0] < 0xf5 ? 4
							 : 0;

	for (size_t i = 1; i < len; i++)
		if ((text[i] & 0xc0) != 0x80)
			return 0;
	return len;
}

static void make_utf8(char *text)
{
	while (*text) {
		size_t len = utf8_length((unsigned char *)text);

		if (!len)
			*text = '?';
		text += len ? len : 1;
	}
}

struct line {
	char *text;
	size_t len, size;
};

static void line_add(struct line *line, char c)
{
	if (line->len + 1 < line->size)
		line->text[line->len++] = c;
}

static void line_add_word(struct line *line, const char *word)
{
	static const char plain[] = "abcdefghijklmnopqrstuvwxyz"
				    "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
				    "0123456789_@%+=:,./-";
	bool quote = !*word || word[strspn(word, plain)];

	if (quote)
		line_add(line, '\'');
	for (; *word; word++) {
		if (*word == '\'')
			for (const char *c = "'\\'"; *c; c++)
				line_add(line, *c);
		line_add(line, *word);
	}
	if (quote)
		line_add(line, '\'');
}

void command_line_join(char *const *command, char *text, size_t size)
{
	struct line line = {text, 0, size};

	for (char *const *word = command; *word; word++) {
		if (word != command)
			line_add(&line, ' ');
		line_add_word(&line, *word);
	}
	text[line.len] = '\0';
	make_utf8(text);
}

/* cJSON's numbers are doubles: 64-bit counts go in as text. */
static bool add_u64(cJSON *object, const char *name, uint64_t value)
{
	char text[24];

	snprintf(text, sizeof(text), "%" PRIu64, value);
	return cJSON_AddRawToObject(object, name, text);
}

static bool add_time(cJSON *object, const char *name,
		     const struct timespec *when)
{
	char text[64];
	struct tm tm;

	if (!gmtime_r(&when->tv_sec, &tm) ||
	    !strftime(text, sizeof(text), "%Y-%m-%dT%H:%M:%SZ", &tm))
		return false;
	return cJSON_AddStringToObject(object, name, text);
}

static bool add_loss(cJSON *root, const struct capture_json *info)
{
	cJSON *all = cJSON_AddObjectToObject(root, "loss");
	bool ok = all;

	for (size_t i = 0; ok && i < info->cpu_count; i++) {
		const struct cpu_loss *loss = &info->cpus[i].loss;
		char name[16];
		cJSON *one;

		snprintf(name, sizeof(name), "%d", info->cpus[i].cpu);
		one = cJSON_AddObjectToObject(all, name);
		ok = one && add_u64(one, "entries", loss->entries) &&
		     add_u64(one, "overrun", loss->overrun) &&
		     add_u64(one, "commit_overrun", loss->commit_overrun) &&
		     add_u64(one, "dropped_events", loss->dropped_events);
	}
	return ok;
}

static bool add_events(cJSON *root, const struct capture_json *info)
{
	cJSON *list = cJSON_AddArrayToObject(root, "events");
	bool ok = list;

	for (size_t i = 0; ok && i < info->event_count; i++) {
		char name[96];
		cJSON *item;

		snprintf(name, sizeof(name), "%s/%s", info->events[i]->system,
			 info->events[i]->name);
		item = cJSON_CreateString(name);
		ok = item && cJSON_AddItemToArray(list, item);
	}
	return ok;
}

static bool add_filters(cJSON *root, const struct capture_json *info)
{
	cJSON *filters;
	bool ok =
	    cJSON_AddBoolToObject(root, "filtered", info->filter_count != 0);

	if (!ok || !info->filter_count)
		return ok;
	filters = cJSON_AddObjectToObject(root, "filters");
	ok = filters;
	for (size_t i = 0; ok && i < info->filter_count; i++) {
		const struct event_filter *filter = &info->filters[i];
		char name[96];
		char *text = strdup(filter->expression);

		snprintf(name, sizeof(name), "%s/%s", filter->event->system,
			 filter->event->name);
		if (text)
			make_utf8(text);
		ok = text && cJSON_AddStringToObject(filters, name, text);
		free(text);
	}
	return ok;
}

static bool add_command(cJSON *root, const struct capture_json *info)
{
	char line[COMMAND_LINE_MAX];

	if (!info->command)
		return true;
	command_line_join(info->command, line, sizeof(line));
	return cJSON_AddStringToObject(root, "command", line) &&
	       cJSON_AddNumberToObject(root, "command_status",
				       info->command_status);
}

static bool add_self_pids(cJSON *root, const struct capture_json *info)
{
	cJSON *list = cJSON_AddArrayToObject(root, "self_pids");
	bool ok = list;

	for (size_t i = 0; ok && i < info->self_count; i++) {
		cJSON *item = cJSON_CreateNumber(info->self_pids[i]);

		ok = item && cJSON_AddItemToArray(list, item);
	}
	return ok;
}

static bool add_unread(cJSON *root, const struct unread *unread)
{
	cJSON *object = cJSON_AddObjectToObject(root, "unread");
	bool ok = object;

	for (size_t i = 0; ok && i < unread->count; i++)
		ok = cJSON_AddStringToObject(object, unread->items[i].what,
					     unread->items[i].why);
	return ok;
}

/* CPUs are numbered below "cpus"; one that was never on line has no loss. */
static int cpu_limit(const struct capture_json *info)
{
	int limit = 0;

	for (size_t i = 0; i < info->cpu_count; i++)
		if (info->cpus[i].cpu >= limit)
			limit = info->cpus[i].cpu + 1;
	return limit;
}

static bool add_machine(cJSON *root, const struct capture_json *info)
{
	const uint16_t probe = 1;
	bool little = *(const uint8_t *)&probe == 1;

	return cJSON_AddNumberToObject(root, "format", 1) &&
	       cJSON_AddStringToObject(root, "tool", info->tool) &&
	       cJSON_AddStringToObject(root, "release", info->release) &&
	       cJSON_AddStringToObject(root, "machine", info->machine) &&
	       cJSON_AddNumberToObject(root, "page_size", info->page_size) &&
	       cJSON_AddNumberToObject(root, "long_size", info->long_size) &&
	       cJSON_AddStringToObject(root, "endian",
				       little ? "little" : "big") &&
	       cJSON_AddNumberToObject(root, "cpus", cpu_limit(info)) &&
	       cJSON_AddStringToObject(root, "clock", info->clock);
}

static bool add_recording(cJSON *root, const struct capture_json *info)
{
	return cJSON_AddBoolToObject(root, "markers", info->markers) &&
	       add_time(root, "start", &info->start) &&
	       add_time(root, "stop", &info->stop) &&
	       (!info->stop_ns || (add_u64(root, "start_ns", info->start_ns) &&
				   add_u64(root, "stop_ns", info->stop_ns))) &&
	       add_u64(root, "buffer_kib", info->buffer_kib);
}

char *capture_json_text(const struct capture_json *info)
{
	cJSON *root = cJSON_CreateObject();
	char *text = NULL;

	if (root && add_machine(root, info) && add_loss(root, info) &&
	    add_recording(root, info) && add_events(root, info) &&
	    add_filters(root, info) && add_command(root, info) &&
	    add_self_pids(root, info) && add_unread(root, info->unread))
		text = cJSON_Print(root);
	cJSON_Delete(root);
	return text;
}
