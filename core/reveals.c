#include "core/reveals.h"

#include <stdlib.h>

void reveals_fini(struct reveals *reveals)
{
	free(reveals->pages);
	free(reveals->listed);
	block_reveals_fini(&reveals->blocks);
	*reveals = (struct reveals){0};
}
