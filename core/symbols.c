#include "core/symbols.h"

#include <assert.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* A symbol further below an address than this does not cover it. */
enum { SYMBOL_REACH = 16 * 1024 * 1024 };

static int add_text(struct symbols *symbols, const char *text, uint32_t *offset)
{
	size_t len = strlen(text) + 1;

	if (symbols->text_len + len > symbols->text_cap) {
		size_t cap = (symbols->text_len + len) * 2 + 65536;
		char *bigger;

		if (cap > UINT32_MAX)
			return ERR_LIMIT;
		bigger = realloc(symbols->text, cap);
		if (!bigger)
			return ERR_NOMEM;
		symbols->text = bigger;
		symbols->text_cap = cap;
	}
	*offset = (uint32_t)symbols->text_len;
	memcpy(symbols->text + symbols->text_len, text, len);
	symbols->text_len += len;
	return 0;
}

/* Symbols of one module come in a row, so the last one's text is reused. */
static int add_module(struct symbols *symbols, const char *module,
		      uint32_t *offset)
{
	if (symbols->count) {
		uint32_t last = symbols->list[symbols->count - 1].module;

		if (!strcmp(symbols->text + last, module)) {
			*offset = last;
			return 0;
		}
	}
	return add_text(symbols, module, offset);
}

static int add_symbol(struct symbols *symbols, struct symbol symbol)
{
	if (symbols->count == symbols->cap) {
		size_t cap = symbols->cap ? symbols->cap * 2 : 1024;
		struct symbol *list =
		    realloc(symbols->list, cap * sizeof(*list));

		if (!list)
			return ERR_NOMEM;
		symbols->list = list;
		symbols->cap = cap;
	}
	symbols->list[symbols->count++] = symbol;
	return 0;
}

int symbols_add(struct symbols *symbols, uint64_t addr, const char *name,
		const char *module)
{
	struct symbol symbol = {.addr = addr};
	int ret = add_module(symbols, module ? module : "", &symbol.module);

	if (!ret)
		ret = add_text(symbols, name, &symbol.name);
	return ret ? ret : add_symbol(symbols, symbol);
}

void symbols_take_text(struct symbols *symbols, char *text, size_t len)
{
	assert(!symbols->text && len < UINT32_MAX && text[len] == '\0');
	symbols->text = text;
	symbols->text_len = symbols->text_cap = len + 1;
}

int symbols_add_inside(struct symbols *symbols, uint64_t addr, const char *name,
		       const char *module)
{
	/* The NUL behind the text is an empty string, too. */
	const char *none = symbols->text + symbols->text_len - 1;

	return add_symbol(
	    symbols,
	    (struct symbol){
		.addr = addr,
		.name = (uint32_t)(name - symbols->text),
		.module = (uint32_t)((module ? module : none) - symbols->text),
	    });
}

static int compare(const void *left, const void *right)
{
	const struct symbol *a = left, *b = right;

	if (a->addr != b->addr)
		return a->addr < b->addr ? -1 : 1;
	/* Same address: the first one listed wins, as in perf. */
	return a->name < b->name ? -1 : a->name > b->name;
}

void symbols_sort(struct symbols *symbols)
{
	size_t i = 1;

	/* kallsyms is mostly in order already. */
	while (i < symbols->count &&
	       compare(&symbols->list[i - 1], &symbols->list[i]) <= 0)
		i++;
	if (i < symbols->count)
		qsort(symbols->list, symbols->count, sizeof(*symbols->list),
		      compare);
}

const char *symbols_find(const struct symbols *symbols, uint64_t addr,
			 uint64_t *offset, const char **module)
{
	size_t low = 0, high = symbols->count;
	const struct symbol *symbol;

	while (low < high) {
		size_t mid = low + (high - low) / 2;

		if (symbols->list[mid].addr <= addr)
			low = mid + 1;
		else
			high = mid;
	}
	if (!low)
		return NULL;
	/* Of several names at one address, the first. */
	while (low > 1 &&
	       symbols->list[low - 2].addr == symbols->list[low - 1].addr)
		low--;
	symbol = &symbols->list[low - 1];
	if (!symbol->addr || addr - symbol->addr > SYMBOL_REACH)
		return NULL;
	if (offset)
		*offset = addr - symbol->addr;
	if (module)
		*module = symbols->text[symbol->module]
			      ? symbols->text + symbol->module
			      : NULL;
	return symbols->text + symbol->name;
}

bool symbols_range(const struct symbols *symbols, const char *name,
		   uint64_t *start, uint64_t *end)
{
	const struct symbol *list = symbols->list;
	size_t at = 0, next;

	while (at < symbols->count &&
	       (symbols->text[list[at].name] != name[0] ||
		strcmp(symbols->text + list[at].name, name) != 0))
		at++;
	for (next = at; next < symbols->count; next++)
		if (list[next].addr != list[at].addr)
			break;
	if (at == symbols->count)
		return false;
	*start = list[at].addr;
	*end = *start + SYMBOL_REACH;
	if (next < symbols->count && list[next].addr < *end)
		*end = list[next].addr;
	return true;
}

const char *symbols_format(const struct symbols *symbols, uint64_t addr,
			   char text[SYMBOL_TEXT_MAX])
{
	uint64_t offset;
	const char *name = symbols_find(symbols, addr, &offset, NULL);

	if (!name)
		snprintf(text, SYMBOL_TEXT_MAX, "0x%" PRIx64, addr);
	else
		snprintf(text, SYMBOL_TEXT_MAX, "%.200s+0x%" PRIx64, name,
			 offset);
	return text;
}

void symbols_fini(struct symbols *symbols)
{
	free(symbols->list);
	free(symbols->text);
	*symbols = (struct symbols){0};
}
