/*
 * driver: replays a corpus through a fuzz target without libFuzzer, so that
 * what was found once is tested by every compiler. Arguments are files and
 * directories; no input at all is a failure.
 */
#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>

#include "fuzz/fuzz_target.h"

enum { INPUT_MAX = 1 << 20 };

/* One file; false if it cannot be read. */
static int replay_file(const char *path)
{
	FILE *file = fopen(path, "rb");
	uint8_t *whole = malloc(INPUT_MAX), *exact;
	size_t len = 0;

	if (file && whole)
		len = fread(whole, 1, INPUT_MAX, file);
	if (!file || !whole || ferror(file)) {
		fprintf(stderr, "cannot read %s\n", path);
		exit(1);
	}
	fclose(file);
	/* realloc to the exact size, so that ASan sees a read behind it. */
	exact = realloc(whole, len ? len : 1);
	LLVMFuzzerTestOneInput(exact, len);
	free(exact);
	return 1;
}

static int replay_dir(const char *path)
{
	DIR *dir = opendir(path);
	struct dirent *entry;
	int count = 0;

	while (dir && (entry = readdir(dir))) {
		char name[4096];

		if (entry->d_name[0] == '.')
			continue;
		snprintf(name, sizeof(name), "%s/%s", path, entry->d_name);
		count += replay_file(name);
	}
	if (dir)
		closedir(dir);
	return count;
}

int main(int argc, char **argv)
{
	int count = 0;

	for (int i = 1; i < argc; i++) {
		struct stat st;

		if (!stat(argv[i], &st) && S_ISDIR(st.st_mode))
			count += replay_dir(argv[i]);
		else
			count += replay_file(argv[i]);
	}
	printf("%d inputs replayed\n", count);
	return count == 0;
}
