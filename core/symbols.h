/*
 * symbols: kernel addresses to function names, as in /proc/kallsyms.
 */
#ifndef CORE_SYMBOLS_H
#define CORE_SYMBOLS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "core/err.h"

struct symbol {
	uint64_t addr;
	uint32_t name;	 /* offset into text */
	uint32_t module; /* offset into text; the empty string: built in */
};

struct symbols {
	/* Private */
	struct symbol *list;
	size_t count, cap;
	char *text;
	size_t text_len, text_cap;
};

/* A zeroed struct is a valid empty table. */
void symbols_fini(struct symbols *symbols);

/*
 * Adds one; module may be NULL. Call symbols_sort() before any look-up.
 * ERR_NOMEM.
 */
MUST_CHECK int symbols_add(struct symbols *symbols, uint64_t addr,
			   const char *name, const char *module);
void symbols_sort(struct symbols *symbols);

/*
 * For long lists: an empty table takes over a malloc'd text of len bytes and a
 * NUL. symbols_add_inside() then adds strings of it, which the caller ends with
 * a NUL in place, without a copy; module may be NULL.
 */
void symbols_take_text(struct symbols *symbols, char *text, size_t len);
MUST_CHECK int symbols_add_inside(struct symbols *symbols, uint64_t addr,
				  const char *name, const char *module);

/*
 * The last symbol at or below addr, or NULL. name and module live as long as
 * the table; module is NULL for built-in code.
 */
const char *symbols_find(const struct symbols *symbols, uint64_t addr,
			 uint64_t *offset, const char **module);

/*
 * The addresses that symbols_find() takes for the first function of that name:
 * from *start to before *end. False, and nothing written, if there is none.
 * Looks at every symbol.
 */
bool symbols_range(const struct symbols *symbols, const char *name,
		   uint64_t *start, uint64_t *end);

enum { SYMBOL_TEXT_MAX = 256 };

/*
 * Writes "function+0x1f" (perf's and trace-cmd's form), or "0xffff..." where no
 * symbol covers addr. Returns text.
 */
const char *symbols_format(const struct symbols *symbols, uint64_t addr,
			   char text[SYMBOL_TEXT_MAX]);

#endif
