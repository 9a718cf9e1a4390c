/* Canary: AddressSanitizer must see the read of freed memory. */
#include <stdlib.h>

int main(void)
{
	volatile char *block = malloc(16);

	free((void *)block);
	return block[0];
}
