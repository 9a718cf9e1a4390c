/*
 * Each CPU remembers its last page blocks. An object is tried against each of
 * them, a block votes at most once for a candidate and leaves when it is
 * full of tries. Candidates are few (an arbitrary one passes the alignment test
 * once in 512 times at worst), so that a short list is enough; a candidate that
 * finds the list full is counted and cannot win.
 */
#include "parser/link_base.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

enum {
	BLOCKS = 4,	   /* page blocks remembered per CPU */
	TRIES = 16,	   /* objects a block is tried against */
	CANDIDATES = 1024, /* different bases remembered */
	VOTES_MIN = 4,
	LEAD_MIN = 4,
	VOTES_SETTLED = 64,
	LEAD_SETTLED = 16,
	/*
	 * Slabs are small. Of a larger block only the first page is tried,
	 * where a large kmalloc starts.
	 */
	SLAB_ORDER_MAX = 5,
};

struct block {
	uint64_t pfn;
	uint8_t order;
	uint8_t tries_left;
};

struct cpu_blocks {
	struct block blocks[BLOCKS];
	unsigned int next;
};

struct candidate {
	uint64_t base;
	uint64_t votes;
};

struct link_base {
	const struct link_rules *rules;
	struct candidate candidates[CANDIDATES];
	size_t count;
	size_t leader, second; /* indexes of the two with most votes */
	uint64_t objects, blocks, dropped;
	struct cpu_blocks cpus[LINK_CPU_LIMIT];
};

int link_base_create(const struct link_rules *rules, struct link_base **vote)
{
	struct link_base *made = calloc(1, sizeof(*made));

	if (!made)
		return ERR_NOMEM;
	made->rules = rules;
	*vote = made;
	return 0;
}

void link_base_free(struct link_base *vote)
{
	free(vote);
}

static void rank(struct link_base *vote, size_t at)
{
	const struct candidate *list = vote->candidates;

	if (at == vote->leader)
		return;
	if (list[at].votes > list[vote->leader].votes) {
		vote->second = vote->leader;
		vote->leader = at;
	} else if (vote->second == vote->leader ||
		   list[at].votes > list[vote->second].votes) {
		vote->second = at;
	}
}

static void cast(struct link_base *vote, uint64_t base)
{
	size_t at = 0;

	while (at < vote->count && vote->candidates[at].base != base)
		at++;
	if (at == vote->count) {
		if (vote->count == CANDIDATES) {
			vote->dropped++;
			return;
		}
		vote->candidates[vote->count++] = (struct candidate){base, 0};
	}
	vote->candidates[at].votes++;
	rank(vote, at);
}

/* True if an aligned base puts the object into the block; votes for it. */
static bool try_block(struct link_base *vote, const struct block *block,
		      uint64_t addr)
{
	const struct link_rules *rules = vote->rules;
	uint64_t page = addr >> rules->page_shift << rules->page_shift;
	uint64_t pages =
	    block->order > SLAB_ORDER_MAX ? 1 : 1ull << block->order;

	for (uint64_t i = 0; i < pages; i++) {
		uint64_t base =
		    (page - ((block->pfn + i) << rules->page_shift)) &
		    rules->address_mask;

		if (base & (rules->base_align - 1))
			continue;
		cast(vote, base);
		return true;
	}
	return false;
}

void link_base_see(struct link_base *vote, const struct kmem_event *ev)
{
	struct cpu_blocks *cpu;

	if (ev->cpu >= LINK_CPU_LIMIT || ev->flags & EVF_FAILED)
		return;
	cpu = &vote->cpus[ev->cpu];
	if (ev->kind == EV_PAGE_ALLOC && link_page_event_ok(ev)) {
		vote->blocks++;
		cpu->blocks[cpu->next] =
		    (struct block){ev->addr, ev->order, TRIES};
		cpu->next = (cpu->next + 1) % BLOCKS;
	} else if (ev->kind == EV_KMALLOC || ev->kind == EV_CACHE_ALLOC) {
		vote->objects++;
		for (unsigned int i = 0; i < BLOCKS; i++) {
			struct block *block = &cpu->blocks[i];

			if (!block->tries_left)
				continue;
			block->tries_left--;
			if (try_block(vote, block, ev->addr))
				block->tries_left = 0;
		}
	}
}

static uint64_t second_votes(const struct link_base *vote)
{
	return vote->second == vote->leader
		   ? 0
		   : vote->candidates[vote->second].votes;
}

static bool ahead(const struct link_base *vote, uint64_t votes_min,
		  uint64_t lead_min)
{
	uint64_t votes = vote->candidates[vote->leader].votes;

	return votes >= votes_min && votes / lead_min >= second_votes(vote) &&
	       votes > vote->dropped;
}

bool link_base_settled(const struct link_base *vote)
{
	return ahead(vote, VOTES_SETTLED, LEAD_SETTLED);
}

bool link_base_winner(const struct link_base *vote, uint64_t *base,
		      char *reason, size_t reason_size)
{
	const struct candidate *first = &vote->candidates[vote->leader];

	if (!vote->blocks || !vote->objects) {
		snprintf(reason, reason_size,
			 "the trace has no %s, so addresses cannot be turned "
			 "into page frames: record mm_page_alloc with kmalloc "
			 "and kmem_cache_alloc",
			 vote->blocks ? "object allocations"
				      : "page allocations");
		return false;
	}
	if (!ahead(vote, VOTES_MIN, LEAD_MIN)) {
		snprintf(reason, reason_size,
			 "no direct-map base: the best of %zu candidates has "
			 "%" PRIu64 " votes, the next %" PRIu64
			 " (pointers hashed by the kernel, or few slabs were "
			 "born: record raw pages, and longer)",
			 vote->count, first->votes, second_votes(vote));
		return false;
	}
	*base = first->base;
	snprintf(reason, reason_size,
		 "direct-map base 0x%" PRIx64 " by vote: %" PRIu64
		 " slabs for it, %" PRIu64 " for the next",
		 first->base, first->votes, second_votes(vote));
	return true;
}
