/*
 * hover: the values of a picture, for whoever shows them under a pointer.
 *
 * They become the <metadata> of the SVG, as JSON:
 *
 *   {"panels": [{"axis": "x", "unit": "s",
 *                "values": [["requested", "bytes"], ..],
 *                "names": ["kmalloc-64", ..],
 *                "rows": [[position, value, ..], ..]}, ..],
 *    "at": [[left, top, width, height, from, to], ..]}
 *
 * "at" says where gnuplot put each panel, in the SVG's units, and which
 * positions its axis spans; a y axis is told from the top. A row holds from its
 * position on until the next one; where there are names, rows are bars with
 * positions 1, 2, .. and the names are theirs.
 *
 * For each panel: hover_panel(), hover_value() for each column, hover_name() for
 * each bar, hover_row() for each row; panels in the order in which the gnuplot
 * program evaluates "mark" after its plot.
 */
#ifndef PLOTS_HOVER_H
#define PLOTS_HOVER_H

#include <stddef.h>

#include "core/err.h"

struct hover;

/* NULL where memory ends. */
struct hover *hover_open(void);

/* NULL is allowed. */
void hover_close(struct hover *hover);

/* axis: 'x' or 'y'. unit: of the positions, "" for bars. */
void hover_panel(struct hover *hover, char axis, const char *unit);

/* unit: "bytes", "pages", "" .. Names may come from a trace. */
void hover_value(struct hover *hover, const char *name, const char *unit);
void hover_name(struct hover *hover, const char *name);

/*
 * The position, then a number for each value. A row that says what the one
 * before it said is left out, unless rows are bars.
 */
void hover_row(struct hover *hover, const double *row, size_t count);

/*
 * Puts all that was said into the SVG file. panels: what "mark" printed. Nothing
 * is done if no panel was told.
 */
MUST_CHECK int hover_attach(struct hover *hover, const char *svg,
			    const char *panels, struct err *err);

#endif
