#include "tests/replay/late_memory.h"

#include <stdio.h>
#include <string.h>

enum { RUNS_MAX = 64, ARM_INITRD_BYTES = 128 << 20 };

/* Runs of frames that are reserved, ascending. */
struct runs {
	struct frame_range at[RUNS_MAX];
	uint32_t count;
};

static FILE *file_of(const char *dir, const char *name)
{
	char path[512];

	snprintf(path, sizeof(path), "%s/%s", dir, name);
	return fopen(path, "r");
}

/* ---- What is reserved ---- */

static bool run_add(struct runs *runs, uint64_t first, uint64_t end)
{
	if (runs->count == RUNS_MAX)
		return false;
	runs->at[runs->count++] = (struct frame_range){first, end};
	return true;
}

static bool runs_of_text(FILE *file, struct runs *runs)
{
	unsigned long long first, end;

	while (fscanf(file, "%llx %llx", &first, &end) == 2) {
		if (!run_add(runs, first, end))
			return false;
	}
	return runs->count > 0;
}

/* An array of 64-bit flags, one for each frame, little-endian as this host. */
static bool runs_of_flags(FILE *file, struct runs *runs)
{
	const uint64_t reserved = UINT64_C(1) << 32;
	uint64_t flags[512], frame = 0, first = 0;
	bool inside = false;
	size_t got;

	while ((got = fread(flags, sizeof(flags[0]), 512, file)) > 0) {
		for (size_t i = 0; i < got; i++, frame++) {
			bool is = flags[i] & reserved;

			if (is && !inside)
				first = frame;
			if (!is && inside && !run_add(runs, first, frame))
				return false;
			inside = is;
		}
	}
	return (!inside || run_add(runs, first, frame)) && runs->count > 0;
}

static bool runs_read(const char *dir, struct runs *runs)
{
	FILE *file = file_of(dir, "reserved.txt");
	bool text = file, read;

	if (!file)
		file = file_of(dir, "before/kpageflags");
	if (!file)
		file = file_of(dir, "after/kpageflags");
	if (!file)
		return false;
	read = text ? runs_of_text(file, runs) : runs_of_flags(file, runs);
	fclose(file);
	return read;
}

static bool any_reserved(const struct runs *runs,
			 const struct frame_range *range)
{
	for (uint32_t i = 0; i < runs->count; i++) {
		if (runs->at[i].first < range->end &&
		    range->first < runs->at[i].end)
			return true;
	}
	return false;
}

/* ---- Where symbols lie ---- */

enum symbol {
	STEXT,
	ETEXT,
	START_RODATA,
	END_RODATA,
	SDATA,
	INIT_BEGIN,
	INIT_END,
	SINITTEXT,
	DECRYPTED_UNUSED,
	DECRYPTED_END,
	SYMBOLS
};

/* Bytes from _stext, which begins a page; those that do not exist are 0. */
static bool symbols_read(const char *dir, uint64_t symbols[SYMBOLS])
{
	static const char *const names[SYMBOLS] = {
	    "_stext",
	    "_etext",
	    "__start_rodata",
	    "__end_rodata",
	    "_sdata",
	    "__init_begin",
	    "__init_end",
	    "_sinittext",
	    "__start_bss_decrypted_unused",
	    "__end_bss_decrypted"};
	uint64_t found[SYMBOLS] = {0};
	FILE *file = file_of(dir, "kernel/kallsyms");
	char line[512];

	if (!file)
		return false;
	while (fgets(line, sizeof(line), file)) {
		unsigned long long address;
		char name[256];

		if (sscanf(line, "%llx %*c %255s", &address, name) != 2)
			continue;
		for (int i = 0; i < SYMBOLS; i++) {
			if (!strcmp(name, names[i]))
				found[i] = address;
		}
	}
	fclose(file);
	for (int i = 0; i < SYMBOLS; i++)
		symbols[i] = found[i] ? found[i] - found[STEXT] : 0;
	return found[STEXT] && found[ETEXT] && found[SINITTEXT];
}

/* ---- Both ---- */

/* Frames of so many bytes; the last may be in part only. */
static uint64_t frames_of(uint64_t bytes, uint64_t page_size)
{
	return (bytes + page_size - 1) / page_size;
}

static void late_add(struct late_memory *late, uint64_t first, uint64_t end)
{
	if (first < end)
		late->ranges[late->count++] = (struct frame_range){first, end};
}

/* How many of the runs begin below that frame. */
static uint32_t runs_below(const struct runs *runs, uint64_t frame)
{
	uint32_t count = 0;

	while (count < runs->count && runs->at[count].first < frame)
		count++;
	return count;
}

static const char *late_of_x86(const uint64_t symbols[SYMBOLS],
			       uint64_t page_size, const struct runs *runs,
			       struct late_memory *late)
{
	static const enum symbol bounds[][2] = {
	    {ETEXT, START_RODATA},
	    {END_RODATA, SDATA},
	    {INIT_BEGIN, INIT_END},
	    {DECRYPTED_UNUSED, DECRYPTED_END}};
	const struct frame_range *text = NULL;
	uint32_t low;

	/* Wherever the image was put, the run of its text is that long. */
	for (uint32_t i = 0; i < runs->count; i++) {
		const struct frame_range *run = &runs->at[i];

		if (run->end - run->first ==
		    frames_of(symbols[ETEXT], page_size))
			text = run;
	}
	if (!text)
		return "no reserved run is as long as the text";
	for (size_t i = 0; i < sizeof(bounds) / sizeof(bounds[0]); i++)
		late_add(
		    late,
		    text->first + frames_of(symbols[bounds[i][0]], page_size),
		    text->first + frames_of(symbols[bounds[i][1]], page_size));
	if (late->count < 3)
		return "symbols are missing";
	low = runs_below(runs, UINT64_C(1) << 32 >> __builtin_ctzll(page_size));
	if (low < 2)
		return "nothing is reserved behind the initrd";
	late_add(late, runs->at[low - 2].end, runs->at[low - 1].first);
	return NULL;
}

static const char *late_of_arm(const uint64_t symbols[SYMBOLS],
			       uint64_t page_size, const struct runs *runs,
			       uint64_t ram_first, struct late_memory *late)
{
	uint64_t initrd = ram_first + ARM_INITRD_BYTES / page_size;
	uint32_t i = 0;

	/* Text and read-only data are one run; the data comes after init. */
	while (i < runs->count && runs->at[i].end - runs->at[i].first <
				      frames_of(symbols[ETEXT], page_size))
		i++;
	if (i + 1 >= runs->count)
		return "no reserved run is as long as the text";
	if (runs->at[i].end !=
	    runs->at[i].first + symbols[SINITTEXT] / page_size)
		return "the run of the text does not end where init begins";
	late_add(late, runs->at[i].end, runs->at[i + 1].first);
	while (i < runs->count && runs->at[i].first < initrd)
		i++;
	if (i == runs->count)
		return "nothing is reserved behind the initrd";
	late_add(late, initrd, runs->at[i].first);
	return NULL;
}

/* Runs that the kernel's own log told, two numbers a line. */
static bool late_of_text(const char *dir, struct late_memory *late)
{
	FILE *file = file_of(dir, "late.txt");
	unsigned long long first, end;

	if (!file)
		return false;
	while (late->count < LATE_MEMORY_RANGES &&
	       fscanf(file, "%llx %llx", &first, &end) == 2)
		late_add(late, first, end);
	fclose(file);
	return late->count > 0;
}

const char *late_memory_read(const char *dir, uint64_t page_size,
			     uint64_t ram_first, struct late_memory *late)
{
	uint64_t symbols[SYMBOLS];
	struct runs runs = {.count = 0};
	char name[256] = "";
	const char *wrong;
	FILE *file;

	*late = (struct late_memory){.count = 0};
	if (late_of_text(dir, late))
		return NULL;
	file = file_of(dir, "kernel/uname");
	if (!file || !fgets(name, sizeof(name), file))
		name[0] = '\0';
	if (file)
		fclose(file);
	if (!runs_read(dir, &runs) || runs.count < 2)
		return "which frames are reserved cannot be read";
	if (!symbols_read(dir, symbols))
		return "symbols cannot be read";
	if (strstr(name, "x86_64"))
		wrong = late_of_x86(symbols, page_size, &runs, late);
	else
		wrong = late_of_arm(symbols, page_size, &runs, ram_first, late);
	for (uint32_t i = 0; !wrong && i < late->count; i++) {
		if (any_reserved(&runs, &late->ranges[i]))
			wrong = "a frame that was given back is reserved";
	}
	return wrong;
}
