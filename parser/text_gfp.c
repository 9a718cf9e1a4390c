#include "parser/text_gfp.h"

#include <string.h>

#include "parser/text_scan.h"

static uint32_t user_of(const struct gfp_bits *bits)
{
	return bits->direct_reclaim | bits->kswapd_reclaim | bits->io |
	       bits->fs | bits->hardwall;
}

static uint32_t compound_of(const char *word, size_t len,
			    const struct gfp_bits *bits)
{
	uint32_t reclaim = bits->direct_reclaim | bits->kswapd_reclaim;
	uint32_t kernel = reclaim | bits->io | bits->fs;
	uint32_t movable = user_of(bits) | bits->highmem | bits->movable;
	uint32_t huge =
	    (movable | bits->comp | bits->nomemalloc | bits->nowarn) & ~reclaim;
	const struct {
		const char *word;
		uint32_t mask;
	} compounds[] = {
	    {"GFP_KERNEL", kernel},
	    {"GFP_KERNEL_ACCOUNT", kernel | bits->account},
	    {"GFP_ATOMIC", bits->high | bits->atomic | bits->kswapd_reclaim},
	    {"GFP_NOWAIT", bits->nowait},
	    {"GFP_NOIO", reclaim},
	    {"GFP_NOFS", reclaim | bits->io},
	    {"GFP_USER", user_of(bits)},
	    {"GFP_HIGHUSER", user_of(bits) | bits->highmem},
	    {"GFP_HIGHUSER_MOVABLE", movable},
	    {"GFP_TRANSHUGE_LIGHT", huge},
	    {"GFP_TRANSHUGE", huge | bits->direct_reclaim},
	    {"__GFP_RECLAIM", reclaim},
	};

	for (size_t i = 0; i < sizeof(compounds) / sizeof(*compounds); i++)
		if (strlen(compounds[i].word) == len &&
		    !memcmp(compounds[i].word, word, len))
			return compounds[i].mask;
	return 0;
}

static uint32_t word_bits(const char *word, size_t len,
			  const struct gfp_bits *bits)
{
	uint64_t number;

#define X(field, name, value)                                                  \
	if (sizeof(name) - 1 == len && !memcmp(name, word, len))               \
		return bits->field;
	GFP_TABLE(X)
#undef X
	if (len && text_is_digit(*word)) {
		const char *end = text_number(word, &number);

		return end && end <= word + len ? (uint32_t)number : 0;
	}
	return compound_of(word, len, bits);
}

uint32_t text_gfp_parse(const char *text, size_t len,
			const struct gfp_bits *bits)
{
	const char *end = text + len;
	uint32_t flags = 0;

	while (text < end) {
		const char *bar = memchr(text, '|', (size_t)(end - text));
		const char *word_end = bar ? bar : end;

		flags |= word_bits(text, (size_t)(word_end - text), bits);
		text = word_end + 1;
	}
	return flags;
}
