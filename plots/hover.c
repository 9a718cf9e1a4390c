#include "plots/hover.h"

#include <assert.h>
#include <errno.h>
#include <math.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "plots/figure.h"
#include "plots/html.h"
#include "plots/label.h"

enum { NAME_CHARS = 80, ROW_TEXT = 1024, PANELS_MAX = 64 };

/* What was written last, so that the next thing knows what to close. */
enum hover_state { NOTHING, VALUES, NAMES, ROWS };

struct hover {
	FILE *stream;
	char *text;
	size_t len;
	enum hover_state state;
	bool some;  /* the list that is open has an element */
	bool names; /* the panel has names */
	char axes[PANELS_MAX];
	unsigned int panels;
	char last[ROW_TEXT]; /* values of the last row */
};

struct hover *hover_open(void)
{
	struct hover *hover = calloc(1, sizeof(*hover));

	if (!hover)
		return NULL;
	hover->stream = open_memstream(&hover->text, &hover->len);
	if (!hover->stream) {
		free(hover);
		return NULL;
	}
	fputs("{\"panels\":[", hover->stream);
	return hover;
}

void hover_close(struct hover *hover)
{
	if (!hover)
		return;
	fclose(hover->stream);
	free(hover->text);
	free(hover);
}

/* Opens the list that state stands for, and closes those before. */
static void go_to(struct hover *hover, enum hover_state state)
{
	static const char *const opens[] = {
	    [VALUES] = "", [NAMES] = ",\"names\":[", [ROWS] = ",\"rows\":["};

	if (hover->state == state)
		return;
	assert(hover->state < state);
	fprintf(hover->stream, "]%s", opens[state]);
	hover->state = state;
	hover->some = false;
}

static void end_panel(struct hover *hover)
{
	if (hover->state == NOTHING)
		return;
	go_to(hover, ROWS);
	fputs("]}", hover->stream);
	hover->state = NOTHING;
}

static void comma(struct hover *hover)
{
	if (hover->some)
		fputc(',', hover->stream);
	hover->some = true;
}

/* A string of JSON inside text of XML. label_clean() leaves no '"'. */
static void put_string(struct hover *hover, const char *text)
{
	char clean[NAME_CHARS * 4 + 8];

	label_clean(text, NAME_CHARS, clean, sizeof(clean));
	fputc('"', hover->stream);
	for (const char *c = clean; *c; c++) {
		if (*c == '\\')
			fputs("\\\\", hover->stream);
		else if (*c == '<' || *c == '&')
			html_text(hover->stream, (char[]){*c, '\0'});
		else
			fputc(*c, hover->stream);
	}
	fputc('"', hover->stream);
}

void hover_panel(struct hover *hover, char axis, const char *unit)
{
	assert((axis == 'x' || axis == 'y') && hover->panels < PANELS_MAX);
	end_panel(hover);
	fprintf(hover->stream,
		"%s{\"axis\":\"%c\",\"unit\":", hover->panels ? "," : "", axis);
	put_string(hover, unit);
	fputs(",\"values\":[", hover->stream);
	hover->axes[hover->panels++] = axis;
	hover->state = VALUES;
	hover->some = false;
	hover->names = false;
	hover->last[0] = '\0';
}

void hover_value(struct hover *hover, const char *name, const char *unit)
{
	assert(hover->state == VALUES);
	comma(hover);
	fputc('[', hover->stream);
	put_string(hover, name);
	fputc(',', hover->stream);
	put_string(hover, unit);
	fputc(']', hover->stream);
}

void hover_name(struct hover *hover, const char *name)
{
	go_to(hover, NAMES);
	hover->names = true;
	comma(hover);
	put_string(hover, name);
}

void hover_row(struct hover *hover, const double *row, size_t count)
{
	char text[ROW_TEXT];
	size_t at = 0;

	go_to(hover, ROWS);
	text[0] = '\0';
	for (size_t i = 1; i < count && at < sizeof(text); i++)
		at += (size_t)(isnan(row[i])
				   ? snprintf(text + at, sizeof(text) - at,
					      ",null")
				   : snprintf(text + at, sizeof(text) - at,
					      ",%.10g", row[i]));
	assert(at < sizeof(text));
	if (!hover->names && hover->some && !strcmp(text, hover->last))
		return;
	memcpy(hover->last, text, at + 1);
	comma(hover);
	fprintf(hover->stream, "[%.7g%s]", row[0], text);
}

/* One line of "mark": the edges in pixels from below, then both axes. */
static int put_place(struct hover *hover, unsigned int panel, FILE *panels)
{
	double left, right, bottom, top, x_from, x_to, y_from, y_to;
	bool is_x = hover->axes[panel] == 'x';

	if (fscanf(panels, "%lf %lf %lf %lf %lf %lf %lf %lf", &left, &right,
		   &bottom, &top, &x_from, &x_to, &y_from, &y_to) != 8)
		return ERR_FORMAT;
	fprintf(hover->stream, "%s[%.2f,%.2f,%.2f,%.2f,%.10g,%.10g]",
		panel ? "," : "", left, FIGURE_HEIGHT - top, right - left,
		top - bottom, is_x ? x_from : y_to, is_x ? x_to : y_from);
	return 0;
}

/* Writes text in the place of the end tag, and that behind it. */
static int put_at_end(FILE *svg, const char *text, size_t len)
{
	static const char end[] = "</svg>";
	char tail[64] = "";
	const char *tag;
	size_t got;

	if (fseek(svg, -(long)(sizeof(tail) - 1), SEEK_END))
		return ERR_IO;
	got = fread(tail, 1, sizeof(tail) - 1, svg);
	tag = strstr(tail, end);
	if (!tag || fseek(svg, tag - tail - (long)got, SEEK_END))
		return ERR_FORMAT;
	fputs("<metadata>", svg);
	fwrite(text, 1, len, svg);
	fprintf(svg, "</metadata>\n%s\n", end);
	return 0;
}

int hover_attach(struct hover *hover, const char *svg, const char *panels,
		 struct err *err)
{
	FILE *places, *file;
	int rc = 0;

	if (!hover->panels)
		return 0;
	end_panel(hover);
	places = fopen(panels, "re");
	file = fopen(svg, "r+e");
	if (!places || !file)
		rc = ERR_IO;
	fputs("],\"at\":[", hover->stream);
	for (unsigned int i = 0; i < hover->panels && !rc; i++)
		rc = put_place(hover, i, places);
	fputs("]}", hover->stream);
	if (!rc && (fflush(hover->stream) || ferror(hover->stream)))
		rc = ERR_NOMEM;
	if (!rc)
		rc = put_at_end(file, hover->text, hover->len);
	if (places)
		fclose(places);
	if (file && fclose(file) && !rc)
		rc = ERR_IO;
	if (rc)
		return err_set(err, rc, "the values of a picture: %s",
			       err_code_text(rc));
	return 0;
}
