/*
 * name_memo: ids of names that were met lately, found without hashing them.
 *
 * Cache names repeat: a name is told from the others by its first and last 8
 * bytes, and what lies between is compared.
 */
#ifndef PARSER_NAME_MEMO_H
#define PARSER_NAME_MEMO_H

#include <stdint.h>
#include <string.h>

#include "core/err.h"
#include "core/names.h"
#include "parser/load.h"

enum { NAME_MEMO_BITS = 8, NAME_MEMO_TEXT = 40 };

/* Private: one name. */
struct name_memo_entry {
	uint64_t first, last; /* 8 bytes each; of fewer: all of them, and 0 */
	uint32_t len;	      /* 0: empty */
	uint32_t id;
	char text[NAME_MEMO_TEXT];
};

_Static_assert(sizeof(struct name_memo_entry) == 64, "one cache line");

/* A zeroed struct is a valid empty memo, of one table of names. */
struct name_memo {
	/* Private */
	struct name_memo_entry entries[1 << NAME_MEMO_BITS];
};

/* Private: the id from the table, and into the memo if it fits. */
MUST_CHECK int name_memo_add(struct name_memo_entry *entry,
			     const struct name_memo_entry *wanted,
			     struct names *names, const char *text,
			     uint32_t *id);

/* names_intern(); 8 bytes behind the text must be readable. */
MUST_CHECK static inline int name_memo_intern(struct name_memo *memo,
					      struct names *names,
					      const char *text, uint32_t len,
					      uint32_t *id)
{
	struct name_memo_entry wanted, *entry;
	const uint8_t *bytes = (const uint8_t *)text;
	uint64_t hash;

	wanted.len = len;
	wanted.first = load_u64(bytes, false);
	wanted.last = 0;
	/* What lies behind a text shorter than that is kept out. */
	if (len >= 8)
		wanted.last = load_u64(bytes + len - 8, false);
	else
		wanted.first &= (1ull << len * 8) - 1;
	hash = (wanted.first ^ (wanted.last << 7 | wanted.last >> 57)) + len;
	hash *= 0x9E3779B97F4A7C15ull;
	entry = &memo->entries[hash >> (64 - NAME_MEMO_BITS)];
	if (((entry->first ^ wanted.first) | (entry->last ^ wanted.last) |
	     (entry->len ^ len)) == 0 &&
	    (len <= 16 || !memcmp(entry->text + 8, text + 8, len - 16))) {
		*id = entry->id;
		return 0;
	}
	return name_memo_add(entry, &wanted, names, text, id);
}

#endif
