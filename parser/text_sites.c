#include "parser/text_sites.h"

#include <stdio.h>
#include <string.h>

#include "parser/text_scan.h"

/* Longer than any name of kallsyms (KSYM_NAME_LEN is 512) with its module. */
enum { NAME_MAX_BYTES = 512, MODULE_MAX_BYTES = 64 };

void text_sites_fini(struct text_sites *sites)
{
	names_fini(&sites->functions);
}

/* The first address of a function's stretch, by the number of its name. */
static uint64_t base_of(uint32_t id)
{
	return TEXT_SITES_BASE + ((uint64_t)id << TEXT_SITES_STRETCH_SHIFT);
}

/* A function that may be new: then it gets a symbol. */
static int function_base(struct text_sites *sites, struct symbols *symbols,
			 const char *name, size_t name_len, const char *module,
			 size_t module_len, uint64_t *base)
{
	char key[NAME_MAX_BYTES + MODULE_MAX_BYTES + 4];
	uint32_t before = names_count(&sites->functions), id;
	int ret;

	if (name_len > NAME_MAX_BYTES)
		name_len = NAME_MAX_BYTES;
	/* A NUL in a damaged text ends a name as it does everywhere. */
	module_len =
	    strnlen(module, module_len < MODULE_MAX_BYTES ? module_len
							  : MODULE_MAX_BYTES);
	if (module_len) {
		name_len = (size_t)snprintf(key, sizeof(key), "%.*s [%.*s]",
					    (int)name_len, name,
					    (int)module_len, module);
		name = key;
	}
	ret = names_intern(&sites->functions, name, name_len, &id);
	if (ret)
		return ret;
	*base = base_of(id);
	if (id < before || !id)
		return 0;
	snprintf(key, sizeof(key), "%s", names_get(&sites->functions, id));
	if (!module_len)
		return symbols_add(symbols, *base, key, NULL);
	key[name_len - 1] = '\0';
	key[name_len - module_len - 3] = '\0';
	return symbols_add(symbols, *base, key,
			   key + name_len - module_len - 1);
}

int text_sites_address(struct text_sites *sites, struct symbols *symbols,
		       const char *text, size_t len, const char *module,
		       size_t module_len, uint64_t *address)
{
	const char *plus = memchr(text, '+', len), *end = text + len;
	uint64_t offset = 0, base;
	int ret;

	if (!plus) {
		const char *at = text;

		text_accept(&at, end, "0x");
		at = text_hex(at, &offset);
		if (at == end) {
			*address = offset;
			return 0;
		}
		offset = 0;
		plus = end;
	} else {
		const char *at = plus + 1;

		/* An offset that no function has stays a part of the name. */
		if (!text_accept(&at, end, "0x") || !text_hex(at, &offset) ||
		    offset >> TEXT_SITES_STRETCH_SHIFT) {
			offset = 0;
			plus = end;
		}
	}
	ret = function_base(sites, symbols, text, (size_t)(plus - text), module,
			    module_len, &base);
	if (!ret)
		*address = base + offset;
	return ret;
}
