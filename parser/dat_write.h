/*
 * dat_write: a capture directory as a trace.dat of version 6, for trace-cmd
 * and KernelShark. libtracecmd has no public writer; the format is that of
 * trace-cmd.dat.v6.5(5), and the clock behind the list of CPUs, which that page
 * does not mention, as trace-cmd 3.1.6 writes it.
 */
#ifndef PARSER_DAT_WRITE_H
#define PARSER_DAT_WRITE_H

#include <stdbool.h>
#include <stdint.h>

#include "core/err.h"

/*
 * Writes the capture in dir to the file at path, whole or not at all, readable
 * by its owner alone because it holds kernel addresses. Where the capture has
 * no saved_cmdlines, the names of tasks are those that its events tell.
 * *bytes is the size of the file.
 *
 * ERR_EXISTS: the file exists, and overwrite is false. ERR_LIMIT: more than
 * the format's 32-bit sizes hold. Else as capture_open(), and ERR_IO.
 */
MUST_CHECK int dat_write(const char *dir, const char *path, bool overwrite,
			 uint64_t *bytes, struct err *err);

#endif
