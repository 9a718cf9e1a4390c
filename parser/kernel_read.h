/*
 * kernel_read: what the capture's other text files say about the kernel and
 * its tasks: symbols, comms, and which slab allocator it has.
 */
#ifndef PARSER_KERNEL_READ_H
#define PARSER_KERNEL_READ_H

#include "core/err.h"
#include "core/trace.h"
#include "parser/file_read.h"

/*
 * The functions of kernel/kallsyms into trace->symbols. No file, or one whose
 * addresses are all 0 (kptr_restrict), is no error: the table stays empty. A
 * function that only one slab allocator has tells info.slab_kind, if it is not
 * known yet.
 */
MUST_CHECK int kernel_read_symbols(const char *dir, struct trace *trace,
				   struct err *err);

/* The same of a text that was read already; takes it over. */
MUST_CHECK int kernel_take_symbols(struct file_text *text, struct trace *trace,
				   struct err *err);

/* tracefs/saved_cmdlines into trace->comms; no file is no error. */
MUST_CHECK int kernel_read_comms(const char *dir, struct trace *trace,
				 struct err *err);

/* The same of a text ("PID COMM" lines), which is changed. */
MUST_CHECK int kernel_add_comms(char *text, struct trace *trace,
				struct err *err);

/*
 * Which slab allocator, as far as it can be told without kallsyms: 6.8 and
 * later have only SLUB; SLAB's slabinfo has limits under "tunables", SLUB's has
 * only zeros there (mm/slab_common.c, cache_show()). SLOB's has no rows, which
 * proves nothing.
 */
enum slab_kind kernel_slab_kind(const char *dir,
				const struct capture_info *info);

#endif
