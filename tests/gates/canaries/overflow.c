/* Canary: UBSan must see the signed overflow. */
#include <limits.h>

int main(int argc, char **argv)
{
	int number = INT_MAX;

	(void)argv;
	return number + argc > 0;
}
