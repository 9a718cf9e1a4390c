/*
 * The longest compound that is contained in the flags is named first, then
 * what remains, flag by flag, as the kernel's print format does it.
 */
#include "analysis/gfp_text.h"

#include <inttypes.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#define FIELD(name) offsetof(struct gfp_bits, name)

enum { PARTS_MAX = 10 };

struct gfp_word {
	const char *name, *brief;
	unsigned int part_count;
	size_t parts[PARTS_MAX]; /* fields of struct gfp_bits */
};

#define RECLAIM FIELD(direct_reclaim), FIELD(kswapd_reclaim)
#define KERNEL RECLAIM, FIELD(io), FIELD(fs)
#define USER KERNEL, FIELD(hardwall)
#define THP_LIGHT FIELD(movable), FIELD(comp), FIELD(nomemalloc), FIELD(nowarn)

/* Compounds, the longest first; GFP_ATOMIC lost a bit in 6.3. */
static const struct gfp_word compounds[] = {
    {"GFP_TRANSHUGE",
     "THP",
     10,
     {FIELD(io), FIELD(fs), FIELD(hardwall), FIELD(highmem), THP_LIGHT,
      FIELD(direct_reclaim)}},
    {"GFP_TRANSHUGE_LIGHT",
     "THL",
     8,
     {FIELD(io), FIELD(fs), FIELD(hardwall), FIELD(highmem), THP_LIGHT}},
    {"GFP_HIGHUSER_MOVABLE", "HUM", 7, {USER, FIELD(highmem), FIELD(movable)}},
    {"GFP_HIGHUSER", "HU", 6, {USER, FIELD(highmem)}},
    {"GFP_USER", "U", 5, {USER}},
    {"GFP_KERNEL_ACCOUNT", "KAC", 5, {KERNEL, FIELD(account)}},
    {"GFP_KERNEL", "K", 4, {KERNEL}},
    {"GFP_NOFS", "NFS", 3, {RECLAIM, FIELD(io)}},
    {"GFP_ATOMIC", "A", 3, {FIELD(high), FIELD(atomic), FIELD(kswapd_reclaim)}},
    {"GFP_NOIO", "NI", 2, {RECLAIM}},
    {"GFP_NOWAIT", "NW", 1, {FIELD(nowait)}},
};

static const struct {
	size_t field;
	const char *name;
} singles[] = {
#define X(field, name, value) {FIELD(field), name},
    GFP_TABLE(X)
#undef X
};

static const struct {
	size_t field;
	const char *brief;
} briefs[] = {
    {FIELD(dma), "D"},
    {FIELD(highmem), "HM"},
    {FIELD(dma32), "D32"},
    {FIELD(movable), "M"},
    {FIELD(reclaimable), "RC"},
    {FIELD(high), "H"},
    {FIELD(io), "I"},
    {FIELD(fs), "F"},
    {FIELD(zero), "Z"},
    {FIELD(atomic), "_A"},
    {FIELD(direct_reclaim), "DR"},
    {FIELD(kswapd_reclaim), "KR"},
    {FIELD(write), "WR"},
    {FIELD(nowarn), "NWR"},
    {FIELD(retry_mayfail), "RMF"},
    {FIELD(nofail), "NFL"},
    {FIELD(noretry), "NR"},
    {FIELD(memalloc), "MA"},
    {FIELD(comp), "C"},
    {FIELD(nomemalloc), "NMA"},
    {FIELD(hardwall), "HW"},
    {FIELD(thisnode), "TN"},
    {FIELD(account), "AC"},
    {FIELD(no_obj_ext), "NOE"},
};

#define LENGTH(array) (sizeof(array) / sizeof((array)[0]))

_Static_assert(LENGTH(briefs) == LENGTH(singles), "every flag has both names");

static uint32_t mask_of(const struct gfp_bits *bits, size_t field)
{
	uint32_t mask;

	memcpy(&mask, (const char *)bits + field, sizeof(mask));
	return mask;
}

/* The bits of a compound, 0 where this kernel lacks one of them. */
static uint32_t compound_mask(const struct gfp_bits *bits,
			      const struct gfp_word *word)
{
	uint32_t whole = 0;

	for (unsigned int i = 0; i < word->part_count; i++) {
		uint32_t mask = mask_of(bits, word->parts[i]);

		if (!mask && word->parts[i] != FIELD(atomic))
			return 0;
		whole |= mask;
	}
	return whole;
}

static const char *brief_of(size_t field)
{
	size_t i = 0;

	while (briefs[i].field != field)
		i++;
	return briefs[i].brief;
}

static void add_word(char text[GFP_TEXT_MAX], const char *word)
{
	size_t len = strlen(text);

	snprintf(text + len, GFP_TEXT_MAX - len, "%s%s", len ? "|" : "", word);
}

static const char *format(const struct gfp_bits *bits, uint32_t flags,
			  bool brief, char text[GFP_TEXT_MAX])
{
	char rest[16];

	text[0] = '\0';
	for (size_t i = 0; i < LENGTH(compounds); i++) {
		uint32_t mask = compound_mask(bits, &compounds[i]);

		if (!mask || (flags & mask) != mask)
			continue;
		add_word(text, brief ? compounds[i].brief : compounds[i].name);
		flags &= ~mask;
		break;
	}
	for (size_t i = 0; i < LENGTH(singles); i++) {
		uint32_t mask = mask_of(bits, singles[i].field);

		if (!mask || (flags & mask) != mask)
			continue;
		add_word(text,
			 brief ? brief_of(singles[i].field) : singles[i].name);
		flags &= ~mask;
	}
	if (flags || !text[0]) {
		snprintf(rest, sizeof(rest), "%#" PRIx32, flags);
		add_word(text, rest);
	}
	return text;
}

const char *gfp_format(const struct gfp_bits *bits, uint32_t flags,
		       char text[GFP_TEXT_MAX])
{
	return format(bits, flags, false, text);
}

const char *gfp_format_short(const struct gfp_bits *bits, uint32_t flags,
			     char text[GFP_TEXT_MAX])
{
	return format(bits, flags, true, text);
}
