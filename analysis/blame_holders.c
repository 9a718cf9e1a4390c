#include "analysis/blame_holders.h"

#include "core/array.h"

static bool same_holder(const struct blame_row *a, const struct blame_row *b)
{
	return a->kind == b->kind && a->call_site == b->call_site &&
	       a->name == b->name && a->event == b->event &&
	       a->bytes_each == b->bytes_each && a->comm == b->comm &&
	       a->gfp_flags == b->gfp_flags && a->order == b->order &&
	       a->migratetype == b->migratetype;
}

static int holder_find(struct blame_sink *sink, const struct blame_row *key,
		       uint32_t *number)
{
	uint64_t hash = number_hash(
	    number_hash(key->call_site, (uint64_t)key->name << 32 | key->comm),
	    number_hash(key->bytes_each, (uint64_t)key->gfp_flags << 24 |
					     (uint64_t)key->kind << 16 |
					     (uint64_t)key->order << 8 |
					     (uint8_t)key->migratetype));
	size_t at = SIZE_MAX;

	while ((*number = number_index_next(&sink->index, hash, &at)) !=
	       NUMBER_NONE)
		if (same_holder(&sink->holders[*number], key))
			return 0;
	if (sink->holder_count >= PAGEBLOCK_ID_MAX)
		return ERR_LIMIT;
	if (array_reserve(&sink->holders, &sink->holder_cap,
			  sink->holder_count + 1, sizeof(*sink->holders)) ||
	    number_index_reserve(&sink->index))
		return ERR_NOMEM;
	*number = (uint32_t)sink->holder_count++;
	sink->holders[*number] = *key;
	number_index_add(&sink->index, hash, *number);
	return 0;
}

int blame_holder_site(struct blame_sink *sink, const struct kmem_event *ev,
		      bool large, uint32_t *number)
{
	struct blame_row key = {.kind = large ? BLAME_LARGE : BLAME_SITE,
				.call_site = ev->call_site};

	if (!large) {
		key.name = ev->name;
		key.event = ev->kind;
		/* The size is the cache's name, where it has no other. */
		key.bytes_each = ev->name ? 0 : ev->bytes_alloc;
	}
	return holder_find(sink, &key, number);
}

int blame_holder_pages(struct blame_sink *sink, const struct kmem_event *ev,
		       uint32_t *number)
{
	const uint64_t *comm =
	    map_find(&sink->options.trace->comms, (uint32_t)ev->pid);
	struct blame_row key = {.kind = BLAME_PAGES,
				.order = ev->order,
				.migratetype = ev->migratetype,
				.gfp_flags = ev->gfp_flags,
				.pid = ev->pid,
				.comm = comm ? (uint32_t)*comm : 0};

	return holder_find(sink, &key, number);
}
