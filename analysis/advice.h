/*
 * advice: which changes are worth a replay, and what the replays gave, ranked.
 *
 * Knows nothing of replays: a what-if is the words that a user would give to
 * "kmemscope replay", an outcome the numbers that came back.
 *
 * Glossary
 *   baseline   the model of the recorded kernel's own allocator, as recorded,
 *              from the same start as every what-if: differences are between
 *              model and model
 *   held       pages of slabs, of large kmallocs and of areas
 *   saved      held by the baseline less held by the what-if
 */
#ifndef ANALYSIS_ADVICE_H
#define ANALYSIS_ADVICE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "analysis/live_sizes.h"
#include "analysis/user_pages.h"
#include "core/capture_info.h"
#include "core/err.h"
#include "core/snapshot.h"
#include "core/symbols.h"
#include "core/table.h"

enum advice_kind {
	ADVICE_CLASSES,	  /* more kmalloc classes */
	ADVICE_CACHE,	  /* a cache of its own for a call site */
	ADVICE_SLUB,	  /* a boot parameter or sysfs file of SLUB */
	ADVICE_ALLOCATOR, /* another slab allocator */
	ADVICE_CPU_LISTS, /* limits of per-CPU page lists */
	ADVICE_GROUPING,  /* pageblocks grouped by mobility, or not */
	ADVICE_PAGE_SIZE, /* pages of another size */
	ADVICE_KINDS
};

enum { ADVICE_CLASSES_MOST = 4, ADVICE_SITES = 5 };
enum { ADVICE_SETTING_MAX = 320, ADVICE_WHY_MAX = 512 };

struct what_if {
	enum advice_kind kind;
	char model[8];			  /* slub, slab or slob */
	char setting[ADVICE_SETTING_MAX]; /* KEY=VALUE, "" for none */
	uint32_t page_size;		  /* bytes; 0: as recorded */
};

/* What one replay gave. Pages are base pages of the recorded kernel. */
struct advice_outcome {
	char why_not[ADVICE_WHY_MAX]; /* "": the replay was made */
	uint64_t held_peak, held_end;
	uint64_t pcp_end, free_end; /* on per-CPU lists, in the free areas */
	bool has_free;		    /* free_end, pcp_end, unusable are known */
	uint16_t unusable; /* at the end, pageblock_order, thousandths */
	uint64_t slab_grows, slab_shrinks;
	uint64_t slow_allocs, slow_frees; /* SLUB; has_slow false: not known */
	bool has_slow;
	uint64_t failed, fallbacks, order_fallbacks;
	/*
	 * For user space at the end, of order 0. Under another page size at most
	 * (the worst case), but for those that advice_count_users() counted.
	 */
	uint64_t user_pages;
	uint64_t user_exact;  /* of these, what the counted ones take */
	uint64_t list_visits; /* of per-CPU lists to the free areas */
};

/* A what-if beside its outcome; saved is computed by advice_rank(). */
struct advice_row {
	struct what_if what;
	struct advice_outcome outcome;
	int64_t saved_peak, saved_end;
};

/* All what-ifs of one recording. A zeroed struct is a valid empty list. */
struct advice {
	struct advice_row *rows;
	size_t count, cap;
	struct advice_row baseline;
	/*
	 * How far the baseline's growth in slab pages is from the kernel's own:
	 * model less kernel, where has_error says that it is known.
	 */
	int64_t error;
	bool has_error;
	uint32_t page_size; /* bytes, of the recorded kernel */
	/* Of the baseline's user pages, those that were counted. */
	uint64_t user_pages_counted;
};

/* What is known of the recorded machine. */
struct advice_facts {
	const struct capture_info *info;
	const struct snapshot *snapshot; /* before, else after, or empty */
	bool merged;			 /* the recorded SLUB merged caches */
	/* Its kmalloc classes, ascending; none: SLOB, or not known. */
	const uint32_t *classes;
	size_t class_count;
	uint32_t class_align;
	const struct live_sizes *sizes;
	const struct symbols *symbols;
};

/*
 * Fills the list with what there is to try: the best one to ADVICE_CLASSES_MOST
 * new classes for the kmallocs that were live at the peak, caches for the
 * ADVICE_SITES call sites and sizes that wasted most then, and the settings of
 * the allocators. ERR_NOMEM.
 */
MUST_CHECK int advice_plan(struct advice *advice,
			   const struct advice_facts *facts, struct err *err);
void advice_fini(struct advice *advice);

/*
 * Takes the larger pages of those user pages whose addresses are known for what
 * they are, in place of the worst case. Once, after the replays; without
 * recorded page faults it changes nothing.
 */
void advice_count_users(struct advice *advice, const struct user_pages *pages);

/*
 * Computes what was saved and sorts: most pages saved at the peak first, then
 * at the end, then most free pages, then by setting; what could not be replayed
 * last.
 */
void advice_rank(struct advice *advice);

/* True if what a row saves at the end is no more than the baseline's error. */
bool advice_within_error(const struct advice *advice,
			 const struct advice_row *row);

/* What a kind of what-if takes for granted: one sentence. Static. */
const char *advice_assumes(enum advice_kind kind);

enum { ADVICE_COMMAND_MAX = ADVICE_SETTING_MAX + 32 };

/*
 * The arguments of "kmemscope replay" that repeat a row: "--set KEY=VALUE", and
 * --model where the own allocator is not among replay's usual ones. Returns text.
 */
const char *advice_command(const struct advice *advice,
			   const struct advice_row *row,
			   char text[ADVICE_COMMAND_MAX]);

/*
 * Two tables of a ranked list: the baseline, and the what-ifs. tables is of two
 * that are not yet initialised; table_fini() frees each.
 */
void advice_tables(const struct advice *advice, struct table tables[2]);

#endif
