/*
 * pictures: all that can be drawn of a database's results.
 */
#ifndef CLI_PICTURES_H
#define CLI_PICTURES_H

#include <stdbool.h>
#include <stdio.h>

#include "cli/results.h"
#include "plots/plots.h"

/*
 * Draws into dir, which is made if it is not there, and is not left empty. Names of files go to list
 * (NULL: nowhere), what could not be drawn and why to stderr. *drawn counts
 * pictures; fewer than PLOT_COUNT means that something is missing.
 */
MUST_CHECK int pictures_draw(const struct results *results, const char *dir,
			     enum plot_files files, FILE *list,
			     unsigned int *drawn, struct err *err);

#endif
