/*
 * figure: one picture in the making: its data files, its gnuplot, its result.
 *
 * A figure works in a temporary directory inside the output directory. What
 * differs between pictures is given to gnuplot in three ways, none of which can
 * become program text: numbers as assignments, strings through a data file that
 * fills an array, rows through data files. gnuplot runs there as a child
 * without a shell, and finished pictures are renamed into place.
 *
 * The filling functions return nothing: the first failure is remembered and
 * figure_draw() returns it. Variable names are ours, never a trace's.
 */
#ifndef PLOTS_FIGURE_H
#define PLOTS_FIGURE_H

#include <stddef.h>

#include "core/err.h"
#include "plots/hover.h"
#include "plots/plots.h"

struct figure;

/* Size of every picture, in pixels (PNG) or user units (SVG). */
enum { FIGURE_WIDTH = 1200, FIGURE_HEIGHT = 700 };

/* dir must exist. The figure is freed by figure_close(). */
MUST_CHECK int figure_open(const char *dir, struct figure **fig,
			   struct err *err);

/* Removes the temporary directory. NULL is allowed. */
void figure_close(struct figure *fig);

/* variable = value, or with index > 0 variableINDEX = value. */
void figure_number(struct figure *fig, const char *variable, unsigned int index,
		   double value);

/*
 * The string variable, or with index > 0 variableINDEX, as label_clean() makes
 * it of text, cut to max_chars.
 */
void figure_text(struct figure *fig, const char *variable, unsigned int index,
		 const char *text, size_t max_chars);

/* The same for text that becomes a tick's label, which gnuplot formats. */
void figure_tick(struct figure *fig, const char *variable, unsigned int index,
		 const char *text, size_t max_chars);

/* Starts the data file nameINDEX.tsv; the rows that follow go there. */
void figure_table(struct figure *fig, const char *name, unsigned int index);
void figure_row(struct figure *fig, const double *values, size_t count);

/* Where the values under the pointer are told (hover.h). The figure's. */
struct hover *figure_hover(struct figure *fig);

/*
 * Runs gnuplot on the program and leaves dir/name.svg and, if asked for,
 * dir/name.png. What gnuplot printed although it succeeded is written to
 * warnings (cut, "" for nothing).
 */
MUST_CHECK int figure_draw(struct figure *fig, const char *program,
			   const char *name, enum plot_files files,
			   char *warnings, size_t cap, struct err *err);

#endif
