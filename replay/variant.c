#include "replay/variant.h"

#include <stdio.h>

#include "replay/page_alloc.h"

/* Of which kernels the rules were read; both enums are in this order. */
static const struct kernel {
	int major, minor;
	const char *name;
} kernels[PAGE_VERSIONS] = {
    [PAGE_VERSION_5_15] = {5, 15, "5.15"},
    [PAGE_VERSION_6_1] = {6, 1, "6.1"},
    [PAGE_VERSION_6_12] = {6, 12, "6.12"},
    [PAGE_VERSION_6_18] = {6, 18, "6.18"},
};

bool variant_note(int major, int minor, char text[VARIANT_NOTE])
{
	enum kernel_variant slabs = variant_of(major, minor);
	const struct kernel *pages = &kernels[page_version_of(major, minor)];
	const char *slab_name =
	    kernels[slabs < VARIANT_7_0 ? slabs : VARIANT_6_18].name;

	text[0] = '\0';
	if (pages->major == major && pages->minor == minor)
		return false;
	if (major <= 0)
		snprintf(text, VARIANT_NOTE,
			 "%s's, because the recording does not say of which "
			 "kernel it is",
			 pages->name);
	else if (slab_name != pages->name)
		snprintf(text, VARIANT_NOTE,
			 "this kernel is %d.%d; its slabs follow the rules of "
			 "%s, its pages those of %s",
			 major, minor, slab_name, pages->name);
	else
		snprintf(text, VARIANT_NOTE,
			 "this kernel is %d.%d, the rules are those of %s%s",
			 major, minor, pages->name,
			 slabs < VARIANT_7_0
			     ? ""
			     : ". From 7.0 on no CPU keeps slabs and every "
			       "cache has sheaves: of that a model knows the "
			       "sizes, not the ways; 'kmemscope verify' says "
			       "how far off it is");
	return true;
}
