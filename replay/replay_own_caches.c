/*
 * Caches that the recorded kernel does not have: more kmalloc classes, and
 * caches for single call sites. Objects from before the window stay where the
 * kernel had them; which recorded page belongs to which cache is told by the
 * classes that it had.
 */
#include "replay/replay_own_caches.h"

#include <stdlib.h>
#include <string.h>

#include "replay/replay_state.h"

int replay_own_classes(const struct replay *replay, struct kmalloc_rules *rules,
		       struct err *err)
{
	const struct replay_settings *settings = &replay->config.settings;
	struct capture_info info = replay->trace->info;

	if (!settings->class_count)
		return 0;
	info.slab_kind = replay->kind;
	info.page_size = 1u << replay->model_page_shift;
	return kmalloc_rules_add(rules, &info, settings->classes,
				 settings->class_count, err);
}

/* "0xADDRESS": that one address. */
static bool site_address(const char *text, struct own_cache *own)
{
	char *end;

	if (strncmp(text, "0x", 2) != 0)
		return false;
	own->start = strtoull(text + 2, &end, 16);
	own->end = own->start + 1;
	return end != text + 2 && !*end && own->end;
}

/* "FUNCTION+0xOFFSET": one address; "FUNCTION": all of its call sites. */
static bool site_symbol(const struct symbols *symbols, char *text,
			struct own_cache *own)
{
	char *plus = strrchr(text, '+'), *end = NULL;
	uint64_t offset = 0;

	if (plus && !strncmp(plus, "+0x", 3)) {
		offset = strtoull(plus + 3, &end, 16);
		if (*end || end == plus + 3)
			return false;
		*plus = 0;
	}
	if (!symbols_range(symbols, text, &own->start, &own->end))
		return false;
	if (!end)
		return true;
	if (offset >= own->end - own->start)
		return false;
	own->start += offset;
	own->end = own->start + 1;
	return true;
}

static int own_add(struct replay *replay, const struct replay_site *site,
		   struct err *err)
{
	struct own_cache *own = &replay->own[replay->own_count];
	char *text = strndup(site->text, site->site_len);
	bool found;
	int ret;

	if (!text)
		return err_set(err, ERR_NOMEM, "cache.at: out of memory");
	found = site_address(text, own) ||
		site_symbol(&replay->trace->symbols, text, own);
	free(text);
	if (!found)
		return err_set(err, ERR_USAGE,
			       "cache.at=%s: the recording's symbols have no "
			       "such place; give FUNCTION+0xOFFSET as stat "
			       "shows it, FUNCTION or 0xADDRESS",
			       site->text);
	own->bytes = site->bytes;
	ret = cache_table_own(&replay->caches, site->text, site->bytes,
			      &own->entry);
	if (ret)
		return err_set(err, ret, "cache.at=%s: %s", site->text,
			       ret == ERR_USAGE ? "it was given twice"
						: err_code_text(ret));
	replay->own_count++;
	return 0;
}

int replay_own_make(struct replay *replay, struct err *err)
{
	const struct replay_settings *settings = &replay->config.settings;
	int ret = 0;

	for (uint32_t i = 0;
	     i < settings->site_count && !replay->recorded && !ret; i++)
		ret = own_add(replay, &settings->sites[i], err);
	return ret;
}

int replay_own_cache(struct replay *replay, const struct kmem_event *ev,
		     const struct kmalloc_choice *choice, uint32_t *cache)
{
	if (ev->kind != EV_KMALLOC)
		return 0;
	for (uint32_t i = 0; i < replay->own_count; i++) {
		const struct own_cache *own = &replay->own[i];

		if (ev->bytes_req == own->bytes &&
		    ev->call_site >= own->start && ev->call_site < own->end) {
			*cache = own->entry;
			return 0;
		}
	}
	if (!replay->caches.kmalloc.added)
		return 0;
	return cache_table_kmalloc(&replay->caches, choice, cache);
}
