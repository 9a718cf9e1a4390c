/*
 * label: numbers and names as they stand in a picture.
 */
#ifndef PLOTS_LABEL_H
#define PLOTS_LABEL_H

#include <stddef.h>
#include <stdint.h>

/* A unit and how many of the base unit (bytes, ns) it holds. */
struct unit {
	double size;
	const char *name;
};

/* The binary unit in which bytes reads best: B, KiB, MiB, GiB, TiB. */
struct unit label_byte_unit(double bytes);

/* The unit of time in which a span reads best: ns, µs, ms, s. */
struct unit label_time_unit(uint64_t span_ns);

/* "12.3 MiB", "4 KiB". Returns text. */
const char *label_bytes(double bytes, char *text, size_t cap);

/* "1,234,567". Returns text. */
const char *label_count(uint64_t count, char *text, size_t cap);

/*
 * Length in bytes of the character at text if it is valid UTF-8 (RFC 3629) that
 * shows itself and leaves its neighbours alone, else 0: control, direction and
 * other invisible characters, bytes that are no UTF-8.
 */
size_t label_visible(const char *text);

/*
 * Makes a name that came from a trace fit for display: valid UTF-8 without
 * control, direction and other invisible characters (each becomes '?'), at most
 * max_chars characters, the last of them an ellipsis where it was cut. Double
 * quotes become typographic ones, because gnuplot's data files know no way to
 * escape them. cap is in bytes and at least 8. Returns text.
 */
const char *label_clean(const char *name, size_t max_chars, char *text,
			size_t cap);

#endif
