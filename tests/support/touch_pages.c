/*
 * touch_pages MIB STEP_KIB: writes to one byte in each STEP_KIB of a map of MIB
 * megabytes, without huge pages. For recordings of known page faults.
 */
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>

int main(int argc, char **argv)
{
	size_t size = argc == 3 ? (size_t)atoi(argv[1]) << 20 : 0;
	size_t step = argc == 3 ? (size_t)atoi(argv[2]) << 10 : 0;
	volatile char *map;

	if (!size || !step) {
		fputs("usage: touch_pages MIB STEP_KIB\n", stderr);
		return 2;
	}
	map = mmap(NULL, size, PROT_READ | PROT_WRITE,
		   MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	if (map == MAP_FAILED) {
		perror("mmap");
		return 1;
	}
	/* A kernel without huge pages does not know the advice. */
	(void)madvise((void *)map, size, MADV_NOHUGEPAGE);
	for (size_t at = 0; at < size; at += step)
		map[at] = 1;
	return 0;
}
