#include "core/reveals.h"

#include <stdlib.h>

void reveals_fini(struct reveals *reveals)
{
	free(reveals->pages);
	free(reveals->listed);
	*reveals = (struct reveals){0};
}
