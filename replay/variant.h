/*
 * variant: whose rules an allocator follows, where kernels differ.
 */
#ifndef REPLAY_VARIANT_H
#define REPLAY_VARIANT_H

#include <stdbool.h>

/* In order of age, so that rules compare with < and >=. */
enum kernel_variant {
	VARIANT_5_15,
	VARIANT_6_1,
	VARIANT_6_12,
	VARIANT_6_18,
	VARIANT_7_0, /* of it the sizes only: variant_note() */
};

/*
 * The nearest variant of a kernel version. Between the four kernels whose
 * sources were read the older rules stay until the version that changed
 * SLUB: 5.16 (per-CPU partial list counted in slabs), 6.7 (calculate_order), 7.0
 * (sheaves in all caches, and no slabs on CPUs).
 */
static inline enum kernel_variant variant_of(int major, int minor)
{
	int version = major * 1000 + minor;

	if (version < 5016)
		return VARIANT_5_15;
	if (version < 6007)
		return VARIANT_6_1;
	if (version < 6018)
		return VARIANT_6_12;
	return version < 7000 ? VARIANT_6_18 : VARIANT_7_0;
}

enum { VARIANT_NOTE = 320 };

/*
 * Whose rules a replay of that kernel follows, as a sentence for its user;
 * false, and an empty text, where they are those of just this kernel.
 */
bool variant_note(int major, int minor, char text[VARIANT_NOTE]);

#endif
