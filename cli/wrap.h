/*
 * wrap: a sentence of any length in 80 columns.
 */
#ifndef CLI_WRAP_H
#define CLI_WRAP_H

#include <stdio.h>

/*
 * Prints each word of text behind a blank, and a line break. The line is at
 * column so far; further ones begin with so many blanks.
 */
void wrap_print(FILE *file, const char *text, int column, int indent);

#endif
