/*
 * number_text: numbers in the kernel's text files, with overflow told.
 */
#ifndef PARSER_NUMBER_TEXT_H
#define PARSER_NUMBER_TEXT_H

#include <stdbool.h>
#include <stdint.h>

/*
 * Skips blanks, reads decimal digits and moves *at behind them. False, with
 * *at where it was, if there is no digit or more than 64 bits.
 */
bool number_next(const char **at, uint64_t *value);

/* The same for numbers that must not exceed "most". */
bool number_next_u32(const char **at, uint32_t most, uint32_t *value);

/*
 * The next word (anything but blanks) into text, cut at size. False if there
 * is none or it is cut.
 */
bool word_next(const char **at, char *text, uint32_t size);

/* Skips blanks and then the given text; false if that is not what follows. */
bool text_skip(const char **at, const char *expected);

#endif
