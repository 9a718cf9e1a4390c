#include "analysis/stat_addresses.h"

#include <stdlib.h>

#include "analysis/stat_rows.h"

/* Objects: one row per address; page blocks: one per kind of block. */
static bool address_equal(const struct stat_row *row, uint64_t addr,
			  const struct site_summary *made)
{
	const struct site_summary *sum = &row->sum;

	if (row->addr != addr || sum->self != made->self)
		return false;
	if (made->kind != EV_PAGE_ALLOC)
		return sum->kind != EV_PAGE_ALLOC;
	return sum->kind == EV_PAGE_ALLOC && sum->order == made->order &&
	       sum->migratetype == made->migratetype &&
	       sum->gfp_flags == made->gfp_flags &&
	       sum->backing == made->backing;
}

int stat_addresses_find(struct stat_addresses *addresses, uint64_t addr,
			const struct site_summary *made, uint32_t *number)
{
	uint64_t hash = number_hash(addr, made->kind == EV_PAGE_ALLOC);
	size_t at = SIZE_MAX;
	int ret;

	for (;;) {
		*number = number_index_next(&addresses->index, hash, &at);
		if (*number == NUMBER_NONE)
			break;
		if (address_equal(&addresses->rows[*number], addr, made))
			return 0;
	}
	ret = stat_reserve((void **)&addresses->rows, &addresses->cap,
			   addresses->count, sizeof(*addresses->rows));
	if (!ret)
		ret = number_index_reserve(&addresses->index);
	if (ret)
		return ret;
	*number = (uint32_t)addresses->count++;
	addresses->rows[*number] =
	    (struct stat_row){.addr = addr, .sum = *made};
	number_index_add(&addresses->index, hash, *number);
	return 0;
}

void stat_addresses_fini(struct stat_addresses *addresses)
{
	number_index_fini(&addresses->index);
	free(addresses->rows);
	*addresses = (struct stat_addresses){0};
}
