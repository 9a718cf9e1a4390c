/*
 * Strings lie end to end in one growing buffer; a power-of-two hash table with
 * linear probing, at most half full, finds them (FNV-1a).
 */
#include "core/names.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

static uint32_t hash_bytes(const char *text, size_t len)
{
	uint32_t hash = 2166136261u;

	for (size_t i = 0; i < len; i++)
		hash = (hash ^ (uint8_t)text[i]) * 16777619u;
	return hash;
}

/* The slot that holds the string, or the free one where it belongs. */
static uint32_t find_slot(const struct names *names, const char *text,
			  size_t len)
{
	uint32_t mask = names->hash_cap - 1;
	uint32_t slot = hash_bytes(text, len) & mask;

	while (names->hash[slot]) {
		const char *have =
		    names->text + names->offset[names->hash[slot] - 1];

		if (!strncmp(have, text, len) && have[len] == '\0')
			break;
		slot = (slot + 1) & mask;
	}
	return slot;
}

static int grow_hash(struct names *names)
{
	uint32_t cap = names->hash_cap ? names->hash_cap * 2 : 256;
	uint32_t *hash = calloc(cap, sizeof(*hash));

	if (!hash)
		return ERR_NOMEM;
	free(names->hash);
	names->hash = hash;
	names->hash_cap = cap;
	for (uint32_t id = 0; id < names->count; id++) {
		const char *text = names->text + names->offset[id];

		names->hash[find_slot(names, text, strlen(text))] = id + 1;
	}
	return 0;
}

static int reserve(struct names *names, size_t len)
{
	if (names->text_len + len + 1 > names->text_cap) {
		size_t cap = (names->text_len + len + 1) * 2 + 4096;
		char *text;

		if (cap > UINT32_MAX)
			return ERR_LIMIT;
		text = realloc(names->text, cap);
		if (!text)
			return ERR_NOMEM;
		names->text = text;
		names->text_cap = cap;
	}
	if (names->count == names->cap) {
		uint32_t cap = names->cap ? names->cap * 2 : 128;
		uint32_t *offset =
		    realloc(names->offset, cap * sizeof(*offset));

		if (!offset)
			return ERR_NOMEM;
		names->offset = offset;
		names->cap = cap;
	}
	if ((names->count + 1) * 2 > names->hash_cap)
		return grow_hash(names);
	return 0;
}

static int intern(struct names *names, const char *text, size_t len,
		  uint32_t *id)
{
	uint32_t slot;
	int ret = reserve(names, len);

	if (ret)
		return ret;
	slot = find_slot(names, text, len);
	if (!names->hash[slot]) {
		names->offset[names->count] = (uint32_t)names->text_len;
		memcpy(names->text + names->text_len, text, len);
		names->text_len += len;
		names->text[names->text_len++] = '\0';
		names->hash[slot] = ++names->count;
	}
	*id = names->hash[slot] - 1;
	return 0;
}

int names_intern(struct names *names, const char *text, size_t len,
		 uint32_t *id)
{
	uint32_t none;
	int ret;

	assert(names && text && id);
	if (!names->count) {
		ret = intern(names, "", 0, &none);
		if (ret)
			return ret;
	}
	/* A string ends at its first NUL, whatever the field's length says. */
	return intern(names, text, strnlen(text, len), id);
}

const char *names_get(const struct names *names, uint32_t id)
{
	return id < names->count ? names->text + names->offset[id] : "";
}

uint32_t names_find(const struct names *names, const char *text)
{
	uint32_t slot;

	if (!names->count)
		return 0;
	slot = find_slot(names, text, strlen(text));
	return names->hash[slot] ? names->hash[slot] - 1 : 0;
}

uint32_t names_count(const struct names *names)
{
	return names->count;
}

void names_fini(struct names *names)
{
	free(names->text);
	free(names->offset);
	free(names->hash);
	*names = (struct names){0};
}
