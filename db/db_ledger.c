#include "db/db_ledger.h"

#include <stdbool.h>
#include <stdlib.h>

static struct ledger_object *find(const struct ledger *ledger, uint64_t object)
{
	const uint64_t *at = object ? map_find(&ledger->index, object) : NULL;

	return at ? &ledger->objects[*at] : NULL;
}

static bool creates(const struct kmem_event *ev)
{
	return ev->object && event_creates(ev);
}

/* Parts of a page block name the block that they are freed from, too. */
static bool is_free(const struct kmem_event *ev)
{
	return ev->kind == EV_KFREE || ev->kind == EV_CACHE_FREE ||
	       ev->kind == EV_PAGE_FREE;
}

void ledger_foretell(const struct ledger *ledger, struct kmem_event *ev)
{
	const struct ledger_object *object = NULL;

	ev->alloc_ts_ns = 0;
	ev->alloc_site = 0;
	ev->alloc_cpu = 0;
	ev->slot = 0;
	if (creates(ev)) {
		ev->slot = ledger->slot_count
			       ? ledger->slots[ledger->slot_count - 1]
			       : ledger->slot_next;
		return;
	}
	if (is_free(ev))
		object = find(ledger, ev->object);
	if (object) {
		ev->alloc_ts_ns = object->ts_ns;
		ev->alloc_site = object->site;
		ev->alloc_cpu = object->cpu;
		ev->slot = object->slot;
	}
}

static int push(uint32_t **list, uint32_t *count, uint32_t *cap, uint32_t value)
{
	if (*count == *cap) {
		uint32_t bigger_cap = *cap ? *cap * 2 : 1024;
		uint32_t *bigger;

		if (bigger_cap < *cap)
			return ERR_LIMIT;
		bigger = realloc(*list, (size_t)bigger_cap * sizeof(*bigger));
		if (!bigger)
			return ERR_NOMEM;
		*list = bigger;
		*cap = bigger_cap;
	}
	(*list)[(*count)++] = value;
	return 0;
}

/* A place for one more object: a vacant one, else a new one. */
static int place_take(struct ledger *ledger, uint32_t *place)
{
	if (ledger->vacant_count) {
		*place = ledger->vacant[--ledger->vacant_count];
		return 0;
	}
	if (ledger->object_count == ledger->object_cap) {
		uint32_t cap =
		    ledger->object_cap ? ledger->object_cap * 2 : 1024;
		struct ledger_object *bigger;

		if (cap < ledger->object_cap)
			return ERR_LIMIT;
		bigger =
		    realloc(ledger->objects, (size_t)cap * sizeof(*bigger));
		if (!bigger)
			return ERR_NOMEM;
		ledger->objects = bigger;
		ledger->object_cap = cap;
	}
	*place = ledger->object_count++;
	return 0;
}

static int note_new(struct ledger *ledger, const struct kmem_event *ev)
{
	struct ledger_object *object = find(ledger, ev->object);

	if (ledger->slot_count &&
	    ledger->slots[ledger->slot_count - 1] == ev->slot)
		ledger->slot_count--;
	if (ev->slot >= ledger->slot_next)
		ledger->slot_next = ev->slot + 1;
	ledger->created++;
	if (!object) {
		uint32_t place;
		int ret = place_take(ledger, &place);

		if (!ret)
			ret = map_put(&ledger->index, ev->object, place);
		if (ret)
			return ret;
		object = &ledger->objects[place];
	}
	*object = (struct ledger_object){.ts_ns = ev->ts_ns,
					 .site = ev->call_site,
					 .slot = ev->slot,
					 .cpu = ev->cpu};
	return 0;
}

static int note_end(struct ledger *ledger, const struct kmem_event *ev)
{
	struct ledger_object *object = find(ledger, ev->object);
	uint64_t place = 0;
	int ret;

	if (!object)
		return 0;
	ret = push(&ledger->slots, &ledger->slot_count, &ledger->slot_cap,
		   object->slot);
	if (ret)
		return ret;
	map_remove(&ledger->index, ev->object, &place);
	return push(&ledger->vacant, &ledger->vacant_count, &ledger->vacant_cap,
		    (uint32_t)place);
}

int ledger_note(struct ledger *ledger, const struct kmem_event *ev)
{
	if (creates(ev))
		return note_new(ledger, ev);
	if (event_ends(ev) && ev->object)
		return note_end(ledger, ev);
	return 0;
}

uint32_t ledger_slot_max(const struct ledger *ledger)
{
	return ledger->created < UINT32_MAX - 1 ? (uint32_t)ledger->created + 1
						: UINT32_MAX - 1;
}

void ledger_fini(struct ledger *ledger)
{
	free(ledger->objects);
	free(ledger->vacant);
	free(ledger->slots);
	map_fini(&ledger->index);
	*ledger = (struct ledger){0};
}
