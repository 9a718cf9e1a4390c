/*
 * live_slab: /sys/kernel/slab as tables (docs: the capture directory).
 *
 * Only SLUB has that directory. A merged cache stands there once, under a name
 * that begins with ':', and its names are symbolic links to it.
 */
#ifndef COLLECTOR_LIVE_SLAB_H
#define COLLECTOR_LIVE_SLAB_H

#include "collector/bytes.h"

#define LIVE_SLAB_DIR "/sys/kernel/slab"

/*
 * Each appends one table; dir is LIVE_SLAB_DIR or a likeness of it. A column
 * stands in a table if the kernel has the file for any cache. Rows are in
 * order of name. ERR_IO with errno if dir or its files cannot be read,
 * ERR_NOMEM.
 *
 * tsv:        one row per cache, tabs: its present counts
 * parameters: one row per name that does not begin with ':', spaces; the last
 *             column, ctor, may be empty
 * aliases:    NAME TARGET for each link
 */
MUST_CHECK int live_slab_tsv(const char *dir, struct bytes *out);
MUST_CHECK int live_slab_parameters(const char *dir, struct bytes *out);
MUST_CHECK int live_slab_aliases(const char *dir, struct bytes *out);

#endif
