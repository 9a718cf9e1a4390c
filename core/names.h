/*
 * names: each different string once, by a small number.
 *
 * Id 0 is the empty string and stands for "none". Ids are given in order of
 * first appearance, so the same trace gives the same ids.
 */
#ifndef CORE_NAMES_H
#define CORE_NAMES_H

#include <stddef.h>
#include <stdint.h>

#include "core/err.h"

struct names {
	/* Private */
	char *text; /* all strings, each with its NUL */
	size_t text_len, text_cap;
	uint32_t *offset; /* id -> place in text */
	uint32_t *hash;	  /* slot -> id + 1, open addressing */
	uint32_t count, cap, hash_cap;
};

/* A zeroed struct is a valid empty table. */
void names_fini(struct names *names);

/*
 * The id of the string of len bytes (no NUL needed), added if new. ERR_NOMEM.
 */
MUST_CHECK int names_intern(struct names *names, const char *text, size_t len,
			    uint32_t *id);

/* The string, until the next names_intern(); "" for an id never given. */
const char *names_get(const struct names *names, uint32_t id);

/* The id of a NUL-terminated string, 0 if it is not in the table. */
uint32_t names_find(const struct names *names, const char *text);

/* Ids run from 0 to names_count() - 1. */
uint32_t names_count(const struct names *names);

#endif
