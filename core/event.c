#include "core/event.h"

#include <stddef.h>

const char *event_kind_word(unsigned int kind)
{
	static const char *const words[EV_KIND_COUNT] = {
#define X(kind, word) [kind] = word,
	    EVENT_KIND_TABLE(X)
#undef X
	};

	return kind < EV_KIND_COUNT ? words[kind] : words[EV_NONE];
}
