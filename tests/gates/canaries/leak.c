/* Canary: LeakSanitizer must see the lost block. */
#include <stdlib.h>

int main(void)
{
	volatile char *lost = malloc(16);

	lost[0] = 1;
	lost = NULL;
	return 0;
}
