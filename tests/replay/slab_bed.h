/*
 * slab_bed: what tests of all slab models share: a model on pages without end,
 * the objects that live in it, and chance.
 */
#ifndef TESTS_REPLAY_SLAB_BED_H
#define TESTS_REPLAY_SLAB_BED_H

#include <stddef.h>
#include <stdint.h>

#include "replay/page_endless.h"
#include "replay/slab_model.h"
#include "tests/support/test.h"

enum { SLAB_BED_LIVE = 8000, SLAB_BED_CPUS = 4, SLAB_BED_NODES = 2 };

/* Of machines of more than one node */
extern const uint16_t slab_bed_cpu_node[SLAB_BED_CPUS];

struct slab_bed_object {
	uint64_t handle;
	uint32_t cache;
};

struct slab_bed {
	struct page_model *pages;
	struct slab_model *slab; /* made by the test, destroyed by the bed */
	uint64_t seed;
	uint64_t now; /* ns */
	struct slab_bed_object live[SLAB_BED_LIVE];
	size_t count;
};

/* Without a model, at the first second. limit: pages there are, 0: no limit. */
struct slab_bed *slab_bed_new(uint32_t cpus, uint32_t nodes, uint64_t limit);
void slab_bed_end(struct slab_bed *bed);

/* A number below; equal seeds, equal numbers. */
uint32_t slab_bed_draw(struct slab_bed *bed, uint32_t below);

uint32_t slab_bed_cache(struct slab_bed *bed,
			const struct slab_cache_spec *spec);

/* So much time goes by: the model's tick(). */
void slab_bed_wait(struct slab_bed *bed, uint64_t ns);

/* The model's check() passes, and it holds all pages that are in use. */
void slab_bed_check(const struct slab_bed *bed);

/* What the model says; the object is the last one of live. */
int slab_bed_alloc(struct slab_bed *bed, uint32_t cache, uint32_t bytes,
		   uint16_t cpu, int16_t node);

/* Frees the i-th, whose place the last one takes. */
void slab_bed_free(struct slab_bed *bed, size_t i, uint16_t cpu);

/*
 * A wrong value of an lvalue is found by its check, which fails on nothing else:
 * ERR_FORMAT, then 0 again. In wrong the right value is called right.
 */
#define expect_found(check, lvalue, wrong)                                     \
	do {                                                                   \
		__typeof__(lvalue) right = (lvalue);                           \
		expect_i64_eq(check, 0);                                       \
		(lvalue) = (__typeof__(lvalue))(wrong);                        \
		expect_i64_eq(check, ERR_FORMAT);                              \
		(lvalue) = right;                                              \
	} while (0)

/* The model's check(), whose error says something. */
int slab_check_of(const struct slab_model *slab);

#endif
