#include "collector/boot_events.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "collector/bytes.h"

enum { FILTER_MAX = 4096 };

static bool has_format(const char *dir, const struct recorded_event *e)
{
	char path[PATH_MAX];

	return snprintf(path, sizeof(path), "%s/events/%s/%s/format", dir,
			e->system, e->name) < (int)sizeof(path) &&
	       !access(path, R_OK);
}

static const struct recorded_event *find(const char *system, const char *name)
{
	const struct recorded_event *e =
	    recorded_event_find(name, strlen(name));

	return e && !strcmp(e->system, system) ? e : NULL;
}

/* "none", or the expression; a refused one is followed by its complaint. */
static int read_filter(const char *dir, const struct recorded_event *e,
		       struct boot_events *events)
{
	char path[PATH_MAX], text[FILTER_MAX];
	char *expression;

	if (snprintf(path, sizeof(path), "%s/events/%s/%s/filter", dir,
		     e->system, e->name) >= (int)sizeof(path) ||
	    file_read_line(AT_FDCWD, path, text, sizeof(text)) ||
	    !strcmp(text, "none"))
		return 0;
	expression = strdup(text);
	if (!expression)
		return ERR_NOMEM;
	events->filters[events->filter_count++] =
	    (struct event_filter){e, expression};
	return 0;
}

/* One line of set_event, "system:event". */
static int add_line(const char *dir, char *line, struct boot_events *events)
{
	char *colon = strchr(line, ':');
	const struct recorded_event *e;

	if (!colon)
		return 0;
	*colon = '\0';
	e = find(line, colon + 1);
	if (!e) {
		struct recorded_event *other =
		    &events->others[events->other_count];

		*other = (struct recorded_event){
		    .system = line, .name = colon + 1, .gives = ""};
		if (!has_format(dir, other))
			return 0;
		events->other_count++;
		events->known[events->known_count++] = other;
		e = other;
	}
	events->enabled[events->enabled_count++] = e;
	return read_filter(dir, e, events);
}

static size_t count_lines(const char *text)
{
	size_t lines = 1;

	for (; *text; text++)
		lines += *text == '\n';
	return lines;
}

static int make_room(struct boot_events *events, size_t lines)
{
	size_t table = 0;

	while (recorded_events()[table].name)
		table++;
	events->enabled = calloc(lines, sizeof(const struct recorded_event *));
	events->known =
	    calloc(lines + table, sizeof(const struct recorded_event *));
	events->filters = calloc(lines, sizeof(*events->filters));
	events->others = calloc(lines, sizeof(*events->others));
	return events->enabled && events->known && events->filters &&
		       events->others
		   ? 0
		   : ERR_NOMEM;
}

int boot_events_read(const char *dir, struct boot_events *events,
		     struct err *err)
{
	struct bytes text = {0};
	char path[PATH_MAX], *rest, *line;
	int rc;

	*events = (struct boot_events){0};
	if (snprintf(path, sizeof(path), "%s/set_event", dir) >=
	    (int)sizeof(path))
		return err_set(err, ERR_LIMIT, "%s: path is too long", dir);
	rc = bytes_read_file(&text, AT_FDCWD, path);
	if (rc)
		err_set(err, rc, "%s: %s", path, strerror(errno));
	if (!rc)
		rc = bytes_append(&text, "", 1);
	events->text = text.data;
	if (!rc)
		rc = make_room(events, count_lines(text.data));
	for (const struct recorded_event *e = recorded_events(); !rc && e->name;
	     e++)
		if (has_format(dir, e))
			events->known[events->known_count++] = e;
	rest = events->text;
	while (!rc && (line = strsep(&rest, "\n")))
		rc = add_line(dir, line, events);
	if (rc) {
		boot_events_fini(events);
		if (err && !err->code)
			err_set(err, rc, "out of memory");
	}
	return rc;
}

void boot_events_fini(struct boot_events *events)
{
	for (size_t i = 0; i < events->filter_count; i++)
		free((char *)events->filters[i].expression);
	free(events->filters);
	free(events->enabled);
	free(events->known);
	free(events->others);
	free(events->text);
	*events = (struct boot_events){0};
}
