/*
 * Where held bytes go. Sums of live objects are kept as objects come and go, so
 * that the steps of a moment cost constant time.
 *
 *   slab pages = requested + rounding + padding   objects of the trace
 *              + old objects + free slots + tail  a model knows them; of the
 *                                                 recorded kernel's caches the
 *                                                 shares below
 *              + unknown                          what is left
 */
#include "replay/replay_waterfall.h"

#include <string.h>

#include "core/rare.h"
#include "replay/replay_live.h"
#include "replay/slab_params.h"

static uint64_t min_u64(uint64_t a, uint64_t b)
{
	return a < b ? a : b;
}

/* ---- Caches of the recorded kernel ---- */

/*
 * Of the places that objects of the trace leave, as many are old objects as the
 * models' start has and as were not freed since.
 */
static struct cache_share share_of(const struct replay *replay,
				   const struct cache_entry *entry)
{
	uint64_t held = entry->pages << replay->model_page_shift;
	uint64_t room = min_u64(entry->room_bytes, held);
	uint64_t left = room - min_u64(entry->bytes_alloc_live, room);
	struct cache_share share = {.slab_tail = held - room};

	share.old_objects =
	    min_u64(entry->old_objects * entry->spec.slab_size, left);
	share.free_slots = left - share.old_objects;
	return share;
}

/* Moments need them, which are fewer than the objects that change them. */
void replay_share(struct replay *replay, struct cache_entry *entry)
{
	if (entry->share_stale)
		return;
	entry->share_stale = true;
	entry->stale_next = replay->waterfall.stale;
	replay->waterfall.stale =
	    (uint32_t)(entry - replay->caches.entries) + 1;
}

static void share_renew(struct replay *replay, struct cache_entry *entry)
{
	struct cache_share *sum = &replay->waterfall.shares;
	struct cache_share share = share_of(replay, entry);

	sum->old_objects += share.old_objects - entry->share.old_objects;
	sum->free_slots += share.free_slots - entry->share.free_slots;
	sum->slab_tail += share.slab_tail - entry->share.slab_tail;
	entry->share = share;
	entry->share_stale = false;
}

static void shares_renew(struct replay *replay)
{
	uint32_t next = replay->waterfall.stale;

	while (next) {
		struct cache_entry *entry = &replay->caches.entries[next - 1];

		share_renew(replay, entry);
		next = entry->stale_next;
	}
	replay->waterfall.stale = 0;
}

/* ---- Live objects ---- */

/* True if SLOB gives the object pages of its own. */
static bool slob_block(const struct replay *replay, const struct live *live)
{
	return replay->slob_sizes && live->kind == LIVE_SLAB &&
	       live->bytes_alloc >= 1u << replay->model_page_shift;
}

/* A slab object's. entry: its cache, NULL: none, or it rounds nothing up. */
static inline struct live_bytes slab_cost(const struct live *live,
					  const struct cache_entry *entry)
{
	uint64_t held = live->bytes_alloc;
	uint64_t requested = min_u64(live->bytes_req, held);
	uint64_t class = entry ? min_u64(entry->class_bytes, held) : 0;

	if (class < requested)
		class = requested;
	return (struct live_bytes){.requested = requested,
				   .rounding = class - requested,
				   .padding = held - class};
}

/* What has pages of its own, which nobody else can use, has no padding. */
static struct live_bytes pages_cost(const struct replay *replay,
				    const struct live *live)
{
	uint32_t page_size = 1u << replay->model_page_shift;
	uint64_t held = live->bytes_alloc, requested;

	if (live->kind != LIVE_VMALLOC)
		held = (uint64_t)page_size << page_order_of(held, page_size);
	requested = min_u64(live->bytes_req, held);
	return (struct live_bytes){.requested = requested,
				   .rounding = held - requested};
}

static inline void live_bytes_add(struct live_bytes *sums,
				  struct live_bytes cost, uint64_t sign)
{
	sums->requested += sign * cost.requested;
	sums->rounding += sign * cost.rounding;
	sums->padding += sign * cost.padding;
}

/* True if the object shares its pages with others. */
static inline bool in_slab(const struct replay *replay, const struct live *live)
{
	return live->kind == LIVE_SLAB &&
	       (!replay->slob_sizes || !slob_block(replay, live));
}

/* sign: 1, or -1 in the arithmetic of uint64_t. */
static RARE void pages_count(struct waterfall_books *books,
			     const struct replay *replay,
			     const struct live *live, uint64_t sign)
{
	live_bytes_add(live->kind == LIVE_VMALLOC ? &books->area
						  : &books->large,
		       pages_cost(replay, live), sign);
}

/* The same. entry: the object's cache, or NULL. */
static inline void books_count(struct waterfall_books *books,
			       const struct replay *replay,
			       const struct live *live,
			       const struct cache_entry *entry, uint64_t sign)
{
	if (in_slab(replay, live))
		live_bytes_add(
		    &books->slab,
		    slab_cost(live, replay->slob_sizes ? NULL : entry), sign);
	else
		pages_count(books, replay, live, sign);
}

/* The same. */
static inline void live_count(struct replay *replay, const struct live *live,
			      struct cache_entry *entry, uint64_t sign)
{
	books_count(&replay->waterfall, replay, live, entry, sign);
	replay->held_more |= live->kind != LIVE_SLAB || replay->slob_sizes;
	replay->bytes_req += sign * live->bytes_req;
	replay->bytes_alloc += sign * live->bytes_alloc;
	if (!entry)
		return;
	entry->bytes_req_live += sign * live->bytes_req;
	entry->bytes_alloc_live += sign * live->bytes_alloc;
	if (replay->recorded)
		replay_share(replay, entry);
}

void replay_live_add(struct replay *replay, const struct live *live,
		     struct cache_entry *entry)
{
	live_count(replay, live, entry, 1);
}

void replay_live_remove(struct replay *replay, const struct live *live,
			struct cache_entry *entry)
{
	live_count(replay, live, entry, UINT64_MAX);
}

/* ---- Moments ---- */

static uint64_t pcp_pages(const struct replay *replay)
{
	if (replay->recorded)
		return replay->machine ? page_books_pcp(&replay->books) : 0;
	return replay->pages->ops->pcp_pages
		   ? replay->pages->ops->pcp_pages(replay->pages)
		   : 0;
}

/* What a model's slabs hold besides objects of the trace. */
static void model_fill(const struct replay *replay, struct replay_waterfall *w)
{
	uint64_t slab_bytes = w->slab_pages << replay->model_page_shift;
	struct slab_sums sums;

	replay->slab->ops->sums(replay->slab, &sums);
	w->old_objects = sums.used_bytes - live_sum(&replay->waterfall.slab);
	w->free_slots = sums.room_bytes - sums.used_bytes;
	w->slab_tail = slab_bytes - sums.room_bytes;
	/* SLOB's own pages of the start are full from end to end. */
	if (replay->own_model && replay->kind == SLAB_KIND_SLOB) {
		w->unknown = (int64_t)w->old_objects;
		w->old_objects = 0;
	}
	/* Old objects of SLOB with pages of their own. */
	w->old_objects += (w->large_pages << replay->model_page_shift) -
			  live_sum(&replay->waterfall.large);
}

static void recorded_fill(struct replay *replay, struct replay_waterfall *w)
{
	const struct cache_share *shares = &replay->waterfall.shares;

	shares_renew(replay);
	w->old_objects = shares->old_objects;
	w->free_slots = shares->free_slots;
	w->slab_tail = shares->slab_tail;
	w->unknown =
	    (int64_t)((w->slab_pages << replay->model_page_shift) -
		      live_sum(&replay->waterfall.slab) - shares->old_objects -
		      shares->free_slots - shares->slab_tail);
}

void replay_waterfall_take(struct replay *replay, enum waterfall_moment moment,
			   uint64_t ts_ns)
{
	const struct waterfall_books *books = &replay->waterfall;
	unsigned int shift = replay->model_page_shift;
	struct replay_waterfall w = {
	    .moment = (uint8_t)moment,
	    .ts_ns = ts_ns,
	    .requested = books->slab.requested,
	    .rounding = books->slab.rounding,
	    .padding = books->slab.padding,
	    .large_requested = books->large.requested,
	    .large_rounding = books->large.rounding,
	    .area_requested = books->area.requested,
	    .area_rounding = books->area.rounding,
	    .slab_pages = replay_slab_pages(replay),
	    .large_pages = replay_large_pages(replay),
	    .area_pages = live_sum(&books->area) >> shift,
	    .pcp_pages = pcp_pages(replay),
	};

	w.per_cpu = w.pcp_pages << shift;
	if (replay->slab)
		model_fill(replay, &w);
	else
		recorded_fill(replay, &w);
	replay->waterfall.moments[moment] = w;
}

/* ---- Checking ---- */

static bool live_differs(const struct live_bytes *a, const struct live_bytes *b)
{
	return a->requested != b->requested || a->rounding != b->rounding ||
	       a->padding != b->padding;
}

static void live_recount(const struct replay *replay,
			 struct waterfall_books *sums)
{
	for (size_t i = 0; i < replay->live_cap; i++) {
		const struct live *live = &replay->live[i];

		if (live_counts(live))
			books_count(sums, replay, live,
				    replay_entry(replay, live), 1);
	}
}

static bool shares_differ(const struct replay *replay)
{
	struct cache_share sum = {0};
	const struct cache_share *noted = &replay->waterfall.shares;

	for (size_t i = 0; i < replay->caches.count; i++) {
		const struct cache_entry *entry = &replay->caches.entries[i];
		struct cache_share share = share_of(replay, entry);

		if (!entry->share_stale &&
		    memcmp(&share, &entry->share, sizeof(share)) != 0)
			return true;
		sum.old_objects += entry->share.old_objects;
		sum.free_slots += entry->share.free_slots;
		sum.slab_tail += entry->share.slab_tail;
	}
	return sum.old_objects != noted->old_objects ||
	       sum.free_slots != noted->free_slots ||
	       sum.slab_tail != noted->slab_tail;
}

int replay_waterfall_check(const struct replay *replay, struct err *err)
{
	const struct window *window = &replay->slab_window;
	struct waterfall_books sums = {0};
	/* Behind its marker slots go to objects that do not count. */
	bool reused = window->closed && window->end;

	if (!reused)
		live_recount(replay, &sums);
	if (!reused && (live_differs(&sums.slab, &replay->waterfall.slab) ||
			live_differs(&sums.large, &replay->waterfall.large) ||
			live_differs(&sums.area, &replay->waterfall.area)))
		return err_set(err, ERR_FORMAT,
			       "sums of live objects and the objects disagree");
	if (replay->recorded && shares_differ(replay))
		return err_set(err, ERR_FORMAT,
			       "shares of caches and their sums disagree");
	for (int i = 0; i < WATERFALL_MOMENTS; i++) {
		const struct replay_waterfall *w =
		    &replay->waterfall.moments[i];

		if (waterfall_steps(w) !=
		    (int64_t)(waterfall_pages(w) << replay->model_page_shift))
			return err_set(err, ERR_FORMAT,
				       "the waterfall does not add up to the "
				       "pages held");
	}
	return 0;
}
