#include "parser/live_symbols.h"

#include <assert.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <sys/utsname.h>

#include "parser/file_read.h"
#include "parser/kernel_read.h"

enum { KALLSYMS_MAX = 256 << 20, LINE_MAX_BYTES = 128 };

/* "ffffffff81000000 T _text" stands in the text, whatever its type letter. */
static bool has_symbol(const char *text, const char *symbol, uint64_t address)
{
	static const char types[] = "TtDdAa";
	char line[LINE_MAX_BYTES];

	for (const char *type = types; *type; type++) {
		const char *at;

		snprintf(line, sizeof(line), "%016" PRIx64 " %c %s\n", address,
			 *type, symbol);
		at = strstr(text, line);
		if (at && (at == text || at[-1] == '\n'))
			return true;
	}
	return false;
}

int live_symbols_read(struct trace *trace, const char *symbol, uint64_t address,
		      struct err *err)
{
	struct file_text text;
	struct utsname name;

	assert(trace && symbol);
	if (!address || !symbol[0] || uname(&name) ||
	    strcmp(name.release, trace->info.release) != 0)
		return 0;
	if (file_read("/proc", "kallsyms", KALLSYMS_MAX, &text, NULL))
		return 0;
	if (!has_symbol(text.text, symbol, address)) {
		file_text_fini(&text);
		return 0;
	}
	return kernel_take_symbols(&text, trace, err);
}
