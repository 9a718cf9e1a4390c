#include "parser/unzstd.h"

#include <assert.h>
#include <stdlib.h>

#include <zstd.h>

enum { FIRST_BYTES = 64 * 1024 };

static int unpack(ZSTD_DStream *stream, ZSTD_inBuffer *in, uint64_t want,
		  struct file_text *text)
{
	size_t cap = 0;

	for (;;) {
		ZSTD_outBuffer out;
		size_t left;

		if (text->len == cap) {
			char *bigger;

			if (cap > want)
				return ERR_FORMAT;
			cap = cap ? cap * 2 : FIRST_BYTES;
			bigger = realloc(text->text, cap + 1);
			if (!bigger)
				return ERR_NOMEM;
			text->text = bigger;
		}
		out = (ZSTD_outBuffer){text->text, cap, text->len};
		left = ZSTD_decompressStream(stream, &out, in);
		if (ZSTD_isError(left))
			return ERR_FORMAT;
		text->len = out.pos;
		if (!left)
			break;
		if (in->pos == in->size && out.pos < out.size)
			return ERR_FORMAT;
	}
	text->text[text->len] = '\0';
	return text->len == want ? 0 : ERR_FORMAT;
}

int unzstd(const void *packed, size_t len, uint64_t want, const char *what,
	   struct file_text *text, struct err *err)
{
	ZSTD_inBuffer in = {packed, len, 0};
	ZSTD_DStream *stream = ZSTD_createDStream();
	struct file_text got = {0};
	int ret = ERR_NOMEM;

	assert(packed && what && text);
	if (stream)
		ret = unpack(stream, &in, want, &got);
	ZSTD_freeDStream(stream);
	if (ret == ERR_NOMEM)
		err_set(err, ret, "no memory for %s", what);
	else if (ret)
		err_set(err, ret, "%s cannot be unpacked: the file is damaged",
			what);
	if (ret)
		file_text_fini(&got);
	else
		*text = got;
	return ret;
}
