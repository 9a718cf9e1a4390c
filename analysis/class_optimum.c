/*
 * Points are the places where a class may end: every existing class, and every
 * size that occurs, rounded up. Point j serves all that lies above the class
 * before it, point i, which costs
 *
 *   waste(i, j) = size(j) * objects(i+1 .. j) - bytes(i+1 .. j)
 *
 * least[m][j] is the least waste of all up to point j if j is a class and m of
 * the classes up to it are new:
 *
 *   least[m][j] = min over i < j of least[m - new(j)][i] + waste(i, j)
 *
 * where no existing class lies between i and j. Point 0 is size 0.
 */
#include "analysis/class_optimum.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

struct point {
	uint32_t size;
	bool old;	  /* an existing class */
	uint64_t objects; /* of this point and all below, after sums() */
	uint64_t bytes;	  /* what these asked for */
};

struct choice {
	uint64_t waste; /* UINT64_MAX: cannot be */
	uint32_t before;
};

struct search {
	struct point *points;
	size_t count;
	unsigned int k;
	struct choice *choices; /* k + 1 rows of count */
};

static int by_size(const void *left, const void *right)
{
	const struct point *a = left, *b = right;

	return (a->size > b->size) - (a->size < b->size);
}

/* Sorts, makes one point of those with the same size, and adds up. */
static void sums(struct search *search)
{
	struct point *points = search->points;
	size_t kept = 0;

	qsort(points, search->count, sizeof(*points), by_size);
	for (size_t i = 1; i < search->count; i++) {
		if (points[i].size != points[kept].size) {
			points[++kept] = points[i];
			continue;
		}
		points[kept].old |= points[i].old;
		points[kept].objects += points[i].objects;
		points[kept].bytes += points[i].bytes;
	}
	search->count = kept + 1;
	for (size_t i = 1; i < search->count; i++) {
		points[i].objects += points[i - 1].objects;
		points[i].bytes += points[i - 1].bytes;
	}
}

/* Where a class would end for these bytes: an existing one may end before. */
static uint32_t size_of(uint32_t bytes, const uint32_t *classes, size_t count,
			uint32_t align)
{
	uint32_t size = (bytes + align - 1) & ~(align - 1);

	while (count > 1 && classes[count - 2] >= bytes)
		count--;
	return size < classes[0] || size > classes[count - 1]
		   ? classes[count - 1]
		   : size;
}

static int points_make(struct search *search, const struct class_demand *demand,
		       size_t count, const uint32_t *classes,
		       size_t class_count, uint32_t align)
{
	uint32_t largest = classes[class_count - 1];
	size_t used = 1;

	search->points =
	    calloc(count + class_count + 1, sizeof(*search->points));
	if (!search->points)
		return ERR_NOMEM;
	for (size_t i = 0; i < class_count; i++)
		search->points[used++] =
		    (struct point){.size = classes[i], .old = true};
	for (size_t i = 0; i < count; i++) {
		uint32_t bytes = demand[i].bytes, size;

		if (!bytes || bytes > largest || !demand[i].objects)
			continue;
		size = size_of(bytes, classes, class_count, align);
		search->points[used++] =
		    (struct point){.size = size,
				   .objects = demand[i].objects,
				   .bytes = bytes * demand[i].objects};
	}
	search->count = used;
	sums(search);
	return 0;
}

static struct choice *choice_at(const struct search *search, unsigned int m,
				size_t point)
{
	return &search->choices[m * search->count + point];
}

static void point_solve(struct search *search, unsigned int m, size_t j)
{
	const struct point *points = search->points, *end = &points[j];
	struct choice *choice = choice_at(search, m, j);
	unsigned int before = m - !end->old;

	*choice = (struct choice){.waste = UINT64_MAX};
	if (!end->old && !m)
		return;
	for (size_t i = j; i-- > 0;) {
		const struct choice *last = choice_at(search, before, i);
		uint64_t waste =
		    end->size * (end->objects - points[i].objects) -
		    (end->bytes - points[i].bytes);

		if (last->waste != UINT64_MAX &&
		    last->waste + waste < choice->waste)
			*choice =
			    (struct choice){last->waste + waste, (uint32_t)i};
		if (points[i].old)
			break;
	}
}

static int solve(struct search *search)
{
	search->choices =
	    calloc((search->k + 1) * search->count, sizeof(*search->choices));
	if (!search->choices)
		return ERR_NOMEM;
	for (unsigned int m = 0; m <= search->k; m++) {
		choice_at(search, m, 0)->waste = m ? UINT64_MAX : 0;
		for (size_t j = 1; j < search->count; j++)
			point_solve(search, m, j);
	}
	return 0;
}

/* The new classes on the way that led to the least waste, from the end. */
static void collect(const struct search *search, struct class_optimum *best)
{
	size_t at = search->count - 1;
	unsigned int m = 0;

	best->waste_before = choice_at(search, 0, at)->waste;
	for (unsigned int i = 1; i <= search->k; i++)
		if (choice_at(search, i, at)->waste <
		    choice_at(search, m, at)->waste)
			m = i;
	best->waste = choice_at(search, m, at)->waste;
	best->count = m;
	while (at) {
		const struct choice *choice = choice_at(search, m, at);

		if (!search->points[at].old)
			best->sizes[--m] = search->points[at].size;
		at = choice->before;
	}
}

int class_optimum(const struct class_demand *demand, size_t count,
		  const uint32_t *classes, size_t class_count, uint32_t align,
		  unsigned int k, struct class_optimum *best)
{
	struct search search = {.k = k};
	int ret;

	if (!class_count || !classes[0] || !align || align & (align - 1) ||
	    k > CLASS_OPTIMUM_MAX)
		return ERR_USAGE;
	ret = points_make(&search, demand, count, classes, class_count, align);
	if (!ret)
		ret = solve(&search);
	if (!ret) {
		*best = (struct class_optimum){0};
		collect(&search, best);
	}
	free(search.points);
	free(search.choices);
	return ret;
}
