/*
 * touch_pages MIB STEP_KIB: writes to one byte in each STEP_KIB of a map of MIB
 * megabytes, without huge pages, then prints what the kernel says of its
 * anonymous memory: how many pages of 4, 16 and 64 KiB have any. For recordings
 * of known page faults.
 *
 * Sources: Documentation/admin-guide/mm/pagemap.rst (bit 63 present, bit 61 a
 * page of a file or shared).
 */
#include <fcntl.h>
#include <inttypes.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

enum { PAGE = 4096, SIZES = 3 };

/* Distinct pages of 4, 16 and 64 KiB: addresses come in ascending order. */
struct counts {
	uint64_t count[SIZES], last[SIZES];
};

static void count_page(struct counts *counts, uint64_t page)
{
	for (int i = 0; i < SIZES; i++) {
		uint64_t number = (page >> 2 * i) + 1;

		counts->count[i] += counts->last[i] != number;
		counts->last[i] = number;
	}
}

static bool is_anonymous(int pagemap, uint64_t page)
{
	uint64_t entry = 0;

	return pread(pagemap, &entry, sizeof(entry),
		     (off_t)(page * sizeof(entry))) == sizeof(entry) &&
	       entry >> 63 & !(entry >> 61 & 1);
}

static int print_memory(void)
{
	int pagemap = open("/proc/self/pagemap", O_RDONLY);
	FILE *maps = fopen("/proc/self/maps", "r");
	struct counts counts = {{0}, {0}};
	uint64_t start, end;

	if (pagemap < 0 || !maps) {
		perror("/proc/self/pagemap");
		return 1;
	}
	while (fscanf(maps, "%" SCNx64 "-%" SCNx64 "%*[^\n]", &start, &end) ==
	       2)
		for (uint64_t at = start; at < end && !(at >> 63); at += PAGE)
			if (is_anonymous(pagemap, at / PAGE))
				count_page(&counts, at / PAGE);
	printf("%" PRIu64 " %" PRIu64 " %" PRIu64 "\n", counts.count[0],
	       counts.count[1], counts.count[2]);
	fclose(maps);
	close(pagemap);
	return 0;
}

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
	return print_memory();
}
