#include "replay/numbers.h"

#include <string.h>

void numbers_init(struct numbers *numbers, size_t element, size_t link)
{
	*numbers = (struct numbers){
	    .element = element, .link = link, .unused = NUMBER_NONE};
}

uint32_t numbers_take(struct numbers *numbers, void *array,
		      const struct memory *memory)
{
	uint32_t number = numbers->unused;
	char *records, *grown;

	memcpy(&records, array, sizeof(records));
	if (number != NUMBER_NONE) {
		memcpy(&numbers->unused,
		       records + number * numbers->element + numbers->link,
		       sizeof(numbers->unused));
		return number;
	}
	if (numbers->count >= NUMBER_NONE)
		return NUMBER_NONE;
	grown = memory_grow(memory, records, numbers->element,
			    numbers->count + 1, &numbers->cap);
	if (!grown)
		return NUMBER_NONE;
	memcpy(array, &grown, sizeof(grown));
	return (uint32_t)numbers->count++;
}

void numbers_release(struct numbers *numbers, void *records, uint32_t number)
{
	char *record = (char *)records + number * numbers->element;

	memcpy(record + numbers->link, &numbers->unused,
	       sizeof(numbers->unused));
	numbers->unused = number;
}
