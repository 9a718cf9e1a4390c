#include "analysis/cache_text.h"

#include <inttypes.h>
#include <stdio.h>

static void kmalloc_text(const struct cache_key *key, enum slab_kind kind,
			 char text[CACHE_TEXT_MAX])
{
	if (!key->bytes_each)
		snprintf(text, CACHE_TEXT_MAX, "%s",
			 key->large ? "large kmalloc" : "kmalloc");
	else if (key->large)
		snprintf(text, CACHE_TEXT_MAX, "large kmalloc %" PRIu64,
			 key->bytes_each);
	else if (kind == SLAB_KIND_SLOB)
		snprintf(text, CACHE_TEXT_MAX, "kmalloc, %" PRIu64 " bytes",
			 key->bytes_each);
	else if (key->bytes_each >= 1024 && key->bytes_each % 1024 == 0)
		snprintf(text, CACHE_TEXT_MAX, "kmalloc-%" PRIu64 "k",
			 key->bytes_each / 1024);
	else
		snprintf(text, CACHE_TEXT_MAX, "kmalloc-%" PRIu64,
			 key->bytes_each);
}

const char *cache_text(const struct trace *trace, const struct cache_key *key,
		       char text[CACHE_TEXT_MAX])
{
	if (key->name)
		snprintf(text, CACHE_TEXT_MAX, "%s",
			 names_get(&trace->names, key->name));
	else if (key->kind == EV_KMALLOC)
		kmalloc_text(key, trace->info.slab_kind, text);
	else if (key->bytes_each)
		snprintf(text, CACHE_TEXT_MAX, "unknown cache, %" PRIu64,
			 key->bytes_each);
	else
		snprintf(text, CACHE_TEXT_MAX, "unknown cache");
	return text;
}
