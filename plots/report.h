/*
 * report: the answers about one recording as a single HTML file.
 *
 * The file needs nothing but itself: tables, pictures, style and script are in
 * it, and a content security policy forbids it to fetch or to run anything
 * else. Everything that comes from a trace is escaped; numbers that the script
 * sorts by stand in attributes, never in script.
 */
#ifndef PLOTS_REPORT_H
#define PLOTS_REPORT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

#include "core/err.h"
#include "core/table.h"
#include "core/trace.h"

/* One figure of the summary: "Waste", "1.3 MiB", "3.5 % of what was given". */
struct report_fact {
	char label[48], value[160], detail[256];
	char section[32]; /* id of the section that tells more, or "" */
};

/* A picture: an SVG that plots.h drew. */
struct report_picture {
	const char *name;  /* plain word, unique: prefix of its ids */
	const char *title; /* what it shows, in one line */
	const char *svg;   /* the file's text */
};

/* What one question is answered with. Borrowed, as all in here. */
struct report_section {
	const char *id; /* plain word, unique */
	const char *title;
	const char *about; /* how to read it; "" for nothing */
	const struct report_picture *pictures;
	size_t picture_count;
	const struct table *tables;
	size_t table_count;
	const char *missing; /* why it is empty, where it is */
};

struct report {
	const char *input; /* as the user named it */
	const char *tool;  /* "kmemscope 0.1.0" */
	const struct trace *trace;
	const struct report_fact *facts;
	size_t fact_count;
	const struct report_section *sections;
	size_t section_count;
};

/* Writes the whole file. ERR_FORMAT for a picture that is none of ours, ERR_IO. */
MUST_CHECK int report_write(const struct report *report, FILE *file,
			    struct err *err);

#endif
