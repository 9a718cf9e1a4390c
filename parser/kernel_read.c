#include "parser/kernel_read.h"

#include <assert.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "parser/file_read.h"
#include "parser/load.h"
#include "parser/text_scan.h"

enum {
	KALLSYMS_MAX = 256 << 20,
	CMDLINES_MAX = 64 << 20,
	SLAB_FILE_MAX = 16 << 20,
};

/* Functions that only one allocator has (mm/slub.c, slab.c, slob.c). */
static enum slab_kind kind_of_function(const char *name)
{
	static const struct {
		const char *name;
		enum slab_kind kind;
	} known[] = {
	    {"___slab_alloc", SLAB_KIND_SLUB},
	    {"__slab_free", SLAB_KIND_SLUB},
	    {"cache_alloc_refill", SLAB_KIND_SLAB},
	    {"cache_grow_begin", SLAB_KIND_SLAB},
	    {"slob_alloc", SLAB_KIND_SLOB},
	    {"slob_free", SLAB_KIND_SLOB},
	};

	for (size_t i = 0; i < sizeof(known) / sizeof(*known); i++)
		if (name[0] == known[i].name[0] && !strcmp(name, known[i].name))
			return known[i].kind;
	return SLAB_KIND_UNKNOWN;
}

/* Only functions can be call sites: text and weak symbols. */
static bool is_function(char type)
{
	return type == 't' || type == 'T' || type == 'w' || type == 'W';
}

/* Eight hexadecimal digits; false if one of the characters is none. */
static bool eight_digits(const char *at, uint64_t *value)
{
	const uint64_t ones = 0x0101010101010101;
	uint64_t text = load_u64((const uint8_t *)at, false);
	/* Letters are 0x41 and 0x61 on, digits 0x30 on. */
	uint64_t letters = text >> 6 & ones;
	uint64_t row = (text & 0xf0 * ones) | letters << 5;
	uint64_t digits = (text & 0x0f * ones) + letters * 9;

	/* A letter's digit is above 9, and only a letter's. */
	if (row != 0x30 * (ones + letters) || digits & 0x10 * ones ||
	    ((digits + 6 * ones) >> 4 & ones) != letters)
		return false;
	/* Pairs, then pairs of those; the first character is the highest. */
	digits = (digits << 4 | digits >> 8) & 0x00ff00ff00ff00ff;
	digits = (digits << 8 | digits >> 16) & 0x0000ffff0000ffff;
	*value = (digits << 16 | digits >> 32) & UINT32_MAX;
	return true;
}

/* As text_hex(); nearly all of them are 16 digits and a blank. */
static const char *parse_address(const char *line, const char *end,
				 uint64_t *addr)
{
	uint64_t high, low;

	if (end - line <= 16 || line[16] != ' ' || !eight_digits(line, &high) ||
	    !eight_digits(line + 8, &low))
		return text_hex(line, addr);
	*addr = high << 32 | low;
	return line + 16;
}

/*
 * "ffffffff81000000 T _text", or "... t func\t[module]"; end: behind it. A kernel
 * has 100,000 of them: they stay where they are in the file's text.
 */
static int add_symbol(struct trace *trace, char *line, const char *end)
{
	const char *at;
	uint64_t addr;
	char *name, *module;

	at = parse_address(line, end, &addr);
	if (!at || at[0] != ' ' || !is_function(at[1]) || at[2] != ' ')
		return 0;
	name = line + (at - line) + 3;
	if (trace->info.slab_kind == SLAB_KIND_UNKNOWN)
		trace->info.slab_kind = kind_of_function(name);
	if (!addr)
		return 0;
	module = memchr(name, '\t', (size_t)(end - name));
	if (module) {
		*module++ = '\0';
		if (*module == '[')
			module++;
		module[strcspn(module, "]")] = '\0';
	}
	return symbols_add_inside(&trace->symbols, addr, name, module);
}

int kernel_take_symbols(struct file_text *text, struct trace *trace,
			struct err *err)
{
	char *at = text->text, *line;
	int ret = 0;

	symbols_take_text(&trace->symbols, text->text, text->len);
	*text = (struct file_text){0};
	while (!ret && (line = file_line(&at)))
		ret = add_symbol(trace, line, at);
	if (ret)
		ret = err_set(err, ret, "no memory for the kernel's symbols");
	symbols_sort(&trace->symbols);
	return ret;
}

int kernel_read_symbols(const char *dir, struct trace *trace, struct err *err)
{
	struct file_text file;
	int ret;

	assert(dir && trace);
	ret = file_read(dir, "kernel/kallsyms", KALLSYMS_MAX, &file, err);
	if (ret == ERR_MISSING)
		return 0;
	return ret ? ret : kernel_take_symbols(&file, trace, err);
}

int kernel_add_comms(char *text, struct trace *trace, struct err *err)
{
	char *line;
	int ret = 0;

	while (!ret && (line = file_line(&text))) {
		char *comm;
		unsigned long pid = strtoul(line, &comm, 10);
		uint32_t name;

		if (comm == line || *comm != ' ' || pid > INT32_MAX)
			continue;
		comm++;
		ret = names_intern(&trace->names, comm, strlen(comm), &name);
		if (!ret)
			ret = map_put(&trace->comms, pid, name);
	}
	if (ret)
		ret = err_set(err, ret, "no memory for the names of tasks");
	return ret;
}

int kernel_read_comms(const char *dir, struct trace *trace, struct err *err)
{
	struct file_text file;
	int ret;

	assert(dir && trace);
	ret =
	    file_read(dir, "tracefs/saved_cmdlines", CMDLINES_MAX, &file, err);
	if (ret == ERR_MISSING)
		return 0;
	if (ret)
		return ret;
	ret = kernel_add_comms(file.text, trace, err);
	file_text_fini(&file);
	return ret;
}

/* True if a row of slabinfo has a limit of "least" or more. */
static bool has_limits(const char *text, unsigned int least)
{
	static const char tunables[] = ": tunables";
	unsigned int limit;

	while ((text = strstr(text, tunables))) {
		text += strlen(tunables);
		if (sscanf(text, "%9u", &limit) == 1 && limit >= least)
			return true;
	}
	return false;
}

enum slab_kind kernel_version_slab_kind(const struct capture_info *info)
{
	if (info->version_major > 6 ||
	    (info->version_major == 6 && info->version_minor >= 8))
		return SLAB_KIND_SLUB;
	return SLAB_KIND_UNKNOWN;
}

enum slab_kind kernel_slab_kind(const char *dir,
				const struct capture_info *info)
{
	static const char *const slabinfo[] = {"after/slabinfo",
					       "before/slabinfo"};
	struct file_text file;

	assert(dir && info);
	if (kernel_version_slab_kind(info) != SLAB_KIND_UNKNOWN)
		return kernel_version_slab_kind(info);
	for (int i = 0; i < 2; i++) {
		bool rows, limits;

		if (file_read(dir, slabinfo[i], SLAB_FILE_MAX, &file, NULL))
			continue;
		rows = has_limits(file.text, 0);
		limits = has_limits(file.text, 1);
		file_text_fini(&file);
		if (rows)
			return limits ? SLAB_KIND_SLAB : SLAB_KIND_SLUB;
	}
	return SLAB_KIND_UNKNOWN;
}
