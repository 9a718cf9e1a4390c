/*
 * stat_place: call sites as places: function, module, or file of the source.
 *
 * A file is what addr2line (binutils) finds in a vmlinux with debugging
 * information; it runs as a child that is asked address by address. The kernel
 * may have been moved when it booted (KASLR): by the difference of _text in the
 * recorded symbols and the first loaded segment of the vmlinux.
 */
#ifndef CLI_STAT_PLACE_H
#define CLI_STAT_PLACE_H

#include <stdint.h>
#include <stdio.h>
#include <sys/types.h>

#include "core/err.h"
#include "core/symbols.h"

enum place_by { PLACE_FUNCTION, PLACE_MODULE, PLACE_FILE };

/* Private but for stat_place_text(). */
struct place_finder {
	enum place_by by;
	const struct symbols *symbols;
	uint64_t moved; /* recorded address - address in the vmlinux */
	pid_t child;	/* 0: none */
	FILE *ask, *answer;
	bool broken; /* the child ended before its time */
};

/*
 * vmlinux: for PLACE_FILE; NULL: the installed one of that release. Fails where
 * there is none, no addr2line, or the symbols do not say where the kernel lay.
 */
MUST_CHECK int place_finder_open(struct place_finder *finder, enum place_by by,
				 const struct symbols *symbols,
				 const char *vmlinux, const char *release,
				 struct err *err);
/* ERR_IO if addr2line failed on the way. A zeroed finder is allowed. */
MUST_CHECK int place_finder_close(struct place_finder *finder, struct err *err);

/* A stat_place (analysis/stat_context.h); argument is the finder. */
void place_finder_text(void *argument, uint64_t call_site, char *text,
		       size_t size);

const char *place_by_word(enum place_by by);

#endif
