/*
 * unzstd: a zstd frame into memory that grows with what comes out, so that a
 * size that a file claims is never allocated.
 */
#ifndef PARSER_UNZSTD_H
#define PARSER_UNZSTD_H

#include <stdint.h>

#include "core/err.h"
#include "parser/file_read.h"

/*
 * len bytes that must unpack to exactly "want" bytes. "what" names them in
 * errors. Free with file_text_fini(). ERR_FORMAT, ERR_NOMEM.
 */
MUST_CHECK int unzstd(const void *packed, size_t len, uint64_t want,
		      const char *what, struct file_text *text,
		      struct err *err);

#endif
