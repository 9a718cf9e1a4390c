/*
 * formats_read: all event formats below tracefs/events of a capture.
 */
#ifndef PARSER_FORMATS_READ_H
#define PARSER_FORMATS_READ_H

#include "core/capture_info.h"
#include "core/err.h"
#include "parser/format_list.h"

/*
 * Reads header_page and every SYSTEM/EVENT/format of the capture directory,
 * and the gfp bits of the print formats into info->gfp. An event's directory
 * without a format file is an error that names the file; so is a capture whose
 * events are none of the memory events.
 */
MUST_CHECK int formats_read(const char *dir, struct capture_info *info,
			    struct format_list *list, struct err *err);

/*
 * Calls take with every SYSTEM/EVENT/format of the capture directory, sorted
 * by system and event, until one fails. "where" is the file's name.
 */
typedef int formats_take(void *context, const char *system, const char *text,
			 size_t len, const char *where, struct err *err);
MUST_CHECK int formats_walk(const char *dir, formats_take *take, void *context,
			    struct err *err);

#endif
