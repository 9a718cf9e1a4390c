/*
 * numbers: the numbers of records in one array. Those of records that went are
 * given out again, so that the array is as long as there were records at once.
 *
 * The list of unused numbers runs through the records that are not used.
 */
#ifndef REPLAY_NUMBERS_H
#define REPLAY_NUMBERS_H

#include <stddef.h>
#include <stdint.h>

#include "replay/memory.h"

#define NUMBER_NONE UINT32_MAX

struct numbers {
	size_t count; /* all given out so far are below */
	/* Private */
	size_t cap, element, link;
	uint32_t unused;
};

/* link: where in a record of so many bytes a uint32_t is that may be written. */
void numbers_init(struct numbers *numbers, size_t element, size_t link);

/*
 * array: where the pointer to the records is (NULL at first), which moves. What
 * is in a record that was used before stays. NUMBER_NONE: no memory for one
 * more, or no number; the array is then as it was. The caller frees it.
 */
uint32_t numbers_take(struct numbers *numbers, void *array,
		      const struct memory *memory);

/* Ends the record of that number in records, the array itself. */
void numbers_release(struct numbers *numbers, void *records, uint32_t number);

#endif
