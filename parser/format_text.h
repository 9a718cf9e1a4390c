/*
 * format_text: makes the text of an event format safe for libtraceevent.
 *
 * libtraceevent 1.7's parser leaks memory on text that no kernel writes (found
 * by fuzz_format), and warns aloud about print formats that it does not
 * know. So it is handed only lines of the form that the kernel's
 * f_show() and __trace_define_field() produce (kernel/trace/trace_events.c):
 *
 *   name: EVENT
 *   ID: NUMBER
 *   format:
 *   <tab>field:DECLARATION;<tab>offset:N;<tab>size:N;[<tab>signed:N;]
 *
 * Other lines are left out: a field that is needed is then missing by name.
 */
#ifndef PARSER_FORMAT_TEXT_H
#define PARSER_FORMAT_TEXT_H

#include <stddef.h>

/*
 * Copies the good lines of text to clean, which must have room for
 * len + FORMAT_TEXT_ROOM bytes. Returns the length, without the final NUL; 0 if
 * name, ID or format are missing.
 */
enum { FORMAT_TEXT_ROOM = 64 };
size_t format_text_clean(const char *text, size_t len, char *clean);

#endif
