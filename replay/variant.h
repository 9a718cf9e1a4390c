/*
 * variant: whose rules an allocator follows, where kernels differ.
 */
#ifndef REPLAY_VARIANT_H
#define REPLAY_VARIANT_H

/* In order of age, so that rules compare with < and >=. */
enum kernel_variant {
	VARIANT_5_15,
	VARIANT_6_1,
	VARIANT_6_12,
	VARIANT_6_18,
};

/*
 * The nearest variant of a kernel version. Between the four kernels whose
 * sources were read the older rules stay until the version that changed
 * SLUB: 5.16 (per-CPU partial list counted in slabs), 6.7 (calculate_order).
 */
static inline enum kernel_variant variant_of(int major, int minor)
{
	int version = major * 1000 + minor;

	if (version < 5016)
		return VARIANT_5_15;
	if (version < 6007)
		return VARIANT_6_1;
	return version < 6018 ? VARIANT_6_12 : VARIANT_6_18;
}

#endif
