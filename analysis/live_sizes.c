/*
 * A row's number at the peak is put right only when a new peak is reached, and
 * only of the rows that changed since: each event marks one row at most, so all
 * of this together takes no more steps than there are events.
 */
#include "analysis/live_sizes.h"

#include <stdlib.h>

#include "core/array.h"

static int row_add(struct live_sizes *sizes, uint64_t call_site,
		   const struct kmem_event *ev, uint64_t key, size_t *row)
{
	if (array_reserve(&sizes->rows, &sizes->cap, sizes->count + 1,
			  sizeof(*sizes->rows)))
		return ERR_NOMEM;
	*row = sizes->count++;
	sizes->rows[*row] =
	    (struct live_size){.call_site = call_site,
			       .bytes_req = (uint32_t)ev->bytes_req,
			       .bytes_alloc = (uint32_t)ev->bytes_alloc};
	return map_put(&sizes->by_key, key, *row);
}

static int row_of(struct live_sizes *sizes, uint64_t call_site,
		  const struct kmem_event *ev, size_t *row)
{
	/* The map's reserved key is no address of a caller. */
	uint64_t site = call_site == UINT64_MAX ? 0 : call_site;
	const uint64_t *found = map_find(&sizes->sites, site);
	uint64_t number = found ? *found : map_count(&sizes->sites);
	uint64_t key = number << 32 | ev->bytes_req;
	int ret = found ? 0 : map_put(&sizes->sites, site, number);

	if (ret)
		return ret;
	found = map_find(&sizes->by_key, key);
	if (!found)
		return row_add(sizes, site, ev, key, row);
	*row = (size_t)*found;
	return 0;
}

static int mark(struct live_sizes *sizes, size_t row)
{
	if (sizes->rows[row].changed)
		return 0;
	if (array_reserve(&sizes->changed, &sizes->changed_cap,
			  sizes->changed_count + 1, sizeof(*sizes->changed)))
		return ERR_NOMEM;
	sizes->changed[sizes->changed_count++] = (uint32_t)row;
	sizes->rows[row].changed = true;
	return 0;
}

static void peak_take(struct live_sizes *sizes)
{
	for (size_t i = 0; i < sizes->changed_count; i++) {
		struct live_size *row = &sizes->rows[sizes->changed[i]];

		row->objects = row->live;
		row->changed = false;
	}
	sizes->changed_count = 0;
	sizes->bytes_peak = sizes->bytes;
}

static int take(struct live_sizes *sizes, const struct kmem_event *ev)
{
	bool creates = ev->kind == EV_KMALLOC && event_creates(ev);
	bool ends = ev->kind == EV_KFREE && event_ends(ev);
	struct live_size *found;
	size_t row;
	int ret;

	if ((!creates && !ends) || !ev->object || ev->flags & EVF_LARGE ||
	    ev->bytes_req >= UINT32_MAX || ev->bytes_alloc > UINT32_MAX)
		return 0;
	ret = row_of(sizes, creates ? ev->call_site : ev->alloc_site, ev, &row);
	if (!ret)
		ret = mark(sizes, row);
	if (ret)
		return ret;
	found = &sizes->rows[row];
	if (creates) {
		found->live++;
		sizes->bytes += found->bytes_alloc;
	} else if (found->live) {
		found->live--;
		sizes->bytes -= found->bytes_alloc;
	}
	if (sizes->bytes > sizes->bytes_peak)
		peak_take(sizes);
	return 0;
}

int live_sizes_feed(struct live_sizes *sizes, const struct kmem_event *events,
		    size_t count, struct err *err)
{
	for (size_t i = 0; i < count; i++) {
		int ret = take(sizes, &events[i]);

		if (ret)
			return err_set(err, ret, "sizes of kmallocs: %s",
				       err_code_text(ret));
	}
	return 0;
}

void live_sizes_fini(struct live_sizes *sizes)
{
	free(sizes->rows);
	free(sizes->changed);
	map_fini(&sizes->sites);
	map_fini(&sizes->by_key);
	*sizes = (struct live_sizes){0};
}
