/* Canary: the layering gate must refuse printing outside cli/. */
#include <stdio.h>

void print(void)
{
	printf("hello\n");
}
