#include "core/anomaly.h"

#include <assert.h>
#include <stddef.h>

static const struct {
	const char *word;
	const char *text;
} table[ANOMALY_COUNT] = {
#define X(id, word, text) [id] = {word, text},
    ANOMALY_TABLE(X)
#undef X
};

const char *anomaly_word(enum anomaly id)
{
	assert((unsigned int)id < ANOMALY_COUNT);
	return table[id].word;
}

const char *anomaly_text(enum anomaly id)
{
	assert((unsigned int)id < ANOMALY_COUNT);
	return table[id].text;
}
