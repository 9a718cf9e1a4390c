#include "parser/format.h"

#include <assert.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <traceevent/event-parse.h>

#include "core/event.h"
#include "parser/format_text.h"

enum { FORMAT_TEXT_MAX = 1 << 20, RECORD_MAX = 1 << 16 };

struct field_spec {
	const char *name;
	enum format_slot slot;
	bool optional;
	int64_t absent; /* value where an optional field is absent */
};

struct event_spec {
	const char *system, *name;
	const char *text; /* field that becomes the name, or NULL */
	const struct field_spec *fields; /* ends with name NULL */
	uint32_t event_flags;
	uint8_t kind;
	bool text_optional;
};

static const struct field_spec alloc_fields[] = {
    {"call_site", SLOT_SITE, false, 0},
    {"ptr", SLOT_ADDR, false, 0},
    {"bytes_req", SLOT_REQ, false, 0},
    {"bytes_alloc", SLOT_ALLOC, false, 0},
    {"gfp_flags", SLOT_GFP, false, 0},
    {"node", SLOT_NODE, true, -1},
    {"accounted", SLOT_ACCOUNTED, true, 0},
    {NULL, 0, false, 0},
};

static const struct field_spec free_fields[] = {
    {"call_site", SLOT_SITE, false, 0},
    {"ptr", SLOT_ADDR, false, 0},
    {NULL, 0, false, 0},
};

static const struct field_spec page_alloc_fields[] = {
    {"pfn", SLOT_ADDR, false, 0},
    {"order", SLOT_ORDER, false, 0},
    {"gfp_flags", SLOT_GFP, false, 0},
    {"migratetype", SLOT_MIGRATETYPE, false, 0},
    {NULL, 0, false, 0},
};

static const struct field_spec page_free_fields[] = {
    {"pfn", SLOT_ADDR, false, 0},
    {"order", SLOT_ORDER, false, 0},
    {NULL, 0, false, 0},
};

static const struct field_spec batched_fields[] = {
    {"pfn", SLOT_ADDR, false, 0},
    {NULL, 0, false, 0},
};

static const struct field_spec zone_locked_fields[] = {
    {"pfn", SLOT_ADDR, false, 0},
    {"order", SLOT_ORDER, false, 0},
    {"migratetype", SLOT_MIGRATETYPE, false, 0},
    {"percpu_refill", SLOT_REFILL, true, 0},
    {NULL, 0, false, 0},
};

static const struct field_spec extfrag_fields[] = {
    {"pfn", SLOT_ADDR, false, 0},
    {"alloc_order", SLOT_ORDER, false, 0},
    {"fallback_order", SLOT_FALLBACK_ORDER, false, 0},
    {"alloc_migratetype", SLOT_MIGRATETYPE, false, 0},
    {"fallback_migratetype", SLOT_FALLBACK_TYPE, false, 0},
    {"change_ownership", SLOT_OWNERSHIP, true, 0},
    {NULL, 0, false, 0},
};

static const struct field_spec vmap_alloc_fields[] = {
    {"addr", SLOT_ADDR, false, 0},
    {"size", SLOT_REQ, false, 0},
    {"failed", SLOT_FAILED, false, 0},
    {NULL, 0, false, 0},
};

static const struct field_spec vmap_free_fields[] = {
    {"va_start", SLOT_ADDR, false, 0},
    {"nr_lazy", SLOT_REQ, false, 0},
    {"nr_lazy_max", SLOT_ALLOC, false, 0},
    {NULL, 0, false, 0},
};

static const struct field_spec vmap_purge_fields[] = {
    {"start", SLOT_ADDR, false, 0},
    {"end", SLOT_END, false, 0},
    {NULL, 0, false, 0},
};

static const struct field_spec fault_fields[] = {
    {"address", SLOT_ADDR, false, 0},
    {"error_code", SLOT_BITS, false, 0},
    {NULL, 0, false, 0},
};

static const struct field_spec print_fields[] = {
    {"ip", SLOT_SITE, true, 0},
    {NULL, 0, false, 0},
};

/* task_rename lost its pid in 6.14: it is the task's own event anyway. */
static const struct field_spec task_fields[] = {
    {"pid", SLOT_ADDR, true, 0},
    {"clone_flags", SLOT_BITS, true, 0},
    {NULL, 0, false, 0},
};

static const struct event_spec event_specs[] = {
    {"kmem", "kmalloc", NULL, alloc_fields, 0, EV_KMALLOC, false},
    {"kmem", "kmalloc_node", NULL, alloc_fields, EVF_NODE_VARIANT, EV_KMALLOC,
     false},
    {"kmem", "kfree", NULL, free_fields, 0, EV_KFREE, false},
    {"kmem", "kmem_cache_alloc", "name", alloc_fields, 0, EV_CACHE_ALLOC, true},
    {"kmem", "kmem_cache_alloc_node", "name", alloc_fields, EVF_NODE_VARIANT,
     EV_CACHE_ALLOC, true},
    {"kmem", "kmem_cache_free", "name", free_fields, 0, EV_CACHE_FREE, true},
    {"kmem", "mm_page_alloc", NULL, page_alloc_fields, 0, EV_PAGE_ALLOC, false},
    {"kmem", "mm_page_free", NULL, page_free_fields, 0, EV_PAGE_FREE, false},
    {"kmem", "mm_page_free_batched", NULL, batched_fields, 0,
     EV_PAGE_FREE_BATCHED, false},
    {"kmem", "mm_page_alloc_zone_locked", NULL, zone_locked_fields, 0,
     EV_ZONE_LOCKED, false},
    {"kmem", "mm_page_pcpu_drain", NULL, zone_locked_fields, 0, EV_PCPU_DRAIN,
     false},
    {"kmem", "mm_page_alloc_extfrag", NULL, extfrag_fields, 0, EV_EXTFRAG,
     false},
    {"vmalloc", "alloc_vmap_area", NULL, vmap_alloc_fields, 0, EV_VMAP_ALLOC,
     false},
    {"vmalloc", "free_vmap_area_noflush", NULL, vmap_free_fields, 0,
     EV_VMAP_FREE, false},
    {"vmalloc", "purge_vmap_area_lazy", NULL, vmap_purge_fields, 0,
     EV_VMAP_PURGE, false},
    {"exceptions", "page_fault_user", NULL, fault_fields, 0, EV_FAULT_USER,
     false},
    {"exceptions", "page_fault_kernel", NULL, fault_fields, 0, EV_FAULT_KERNEL,
     false},
    {"ftrace", "print", "buf", print_fields, 0, EV_MARKER, false},
    {"task", "task_newtask", "comm", task_fields, 0, EV_TASK_NEW, false},
    {"task", "task_rename", "newcomm", task_fields, 0, EV_TASK_RENAME, false},
    {"sched", "sched_process_exec", "filename", task_fields, 0, EV_TASK_EXEC,
     false},
};

static const struct event_spec *find_spec(const char *system, const char *name)
{
	size_t count = sizeof(event_specs) / sizeof(*event_specs);

	for (size_t i = 0; i < count; i++)
		if (!strcmp(event_specs[i].name, name) &&
		    !strcmp(event_specs[i].system, system))
			return &event_specs[i];
	return NULL;
}

static int add_field(struct event_format *format, struct tep_event *event,
		     const struct field_spec *spec, struct err *err)
{
	struct tep_format_field *found = tep_find_any_field(event, spec->name);
	struct format_field *field = &format->fields[spec->slot];
	uint32_t end;

	if (!found && spec->optional) {
		*field = format_absent(spec->absent);
		return 0;
	}
	if (!found)
		return err_set(err, ERR_FORMAT,
			       "event %s has no field '%s': this kernel's "
			       "events are not known",
			       format->name, spec->name);
	if (found->offset < 0 || found->offset >= RECORD_MAX - 8 ||
	    found->size < 1 || found->size > 8 ||
	    (found->size & (found->size - 1)))
		return err_set(err, ERR_FORMAT,
			       "event %s: field '%s' of %d bytes at offset %d "
			       "is no number",
			       format->name, spec->name, found->size,
			       found->offset);
	end = (uint32_t)(found->offset + found->size);
	if (end > format->min_len)
		format->min_len = end;
	*field = format_number((uint16_t)found->offset, (uint32_t)found->size,
			       found->flags & TEP_FIELD_IS_SIGNED);
	return 0;
}

static int add_text(struct event_format *format, struct tep_event *event,
		    const struct event_spec *spec, struct err *err)
{
	struct tep_format_field *found = tep_find_any_field(event, spec->text);
	uint32_t end;

	/* A pointer to a name, as very old kernels have, says nothing. */
	if (found && spec->text_optional &&
	    !(found->flags & (TEP_FIELD_IS_ARRAY | TEP_FIELD_IS_DYNAMIC)))
		found = NULL;
	if (!found && spec->text_optional)
		return 0;
	if (!found)
		return err_set(err, ERR_FORMAT, "event %s has no field '%s'",
			       format->name, spec->text);
	if (found->offset < 0 || found->size < 0 ||
	    found->offset + found->size >= RECORD_MAX - 8)
		return err_set(err, ERR_FORMAT,
			       "event %s: field '%s' lies outside a record",
			       format->name, spec->text);
	format->text_offset = (uint16_t)found->offset;
	format->text_bytes = (uint16_t)found->size;
	format->text_form = TEXT_ARRAY;
	if (found->flags & TEP_FIELD_IS_RELATIVE)
		format->text_form = TEXT_REL_LOC;
	else if (found->flags & TEP_FIELD_IS_DYNAMIC)
		format->text_form = TEXT_DATA_LOC;
	else if (found->size == 0)
		format->text_form = TEXT_REST;
	if (format->text_form >= TEXT_DATA_LOC && found->size != 4)
		return err_set(err, ERR_FORMAT,
			       "event %s: the place of '%s' has %d bytes",
			       format->name, spec->text, found->size);
	end = (uint32_t)(found->offset + found->size);
	if (end > format->min_len)
		format->min_len = end;
	return 0;
}

static int add_common(struct event_format *format, struct tep_event *event,
		      struct err *err)
{
	static const struct field_spec flags = {"common_flags", SLOT_FLAGS,
						true, 0};
	static const struct field_spec pid = {"common_pid", SLOT_PID, false, 0};
	struct tep_format_field *type;
	int ret;

	type = tep_find_any_field(event, "common_type");
	if (!type || type->size != 2 || type->offset < 0 || type->offset > 6)
		return err_set(err, ERR_FORMAT,
			       "event %s has no field 'common_type' of 2 bytes "
			       "among its first 8",
			       format->name);
	format->type_offset = (uint32_t)type->offset;
	format->min_len = format->type_offset + 2;
	ret = add_field(format, event, &flags, err);
	return ret ? ret : add_field(format, event, &pid, err);
}

static int compile(struct event_format *format, struct tep_event *event,
		   bool never_accounted, struct err *err)
{
	const struct event_spec *spec;
	int ret;

	if (event->id < 0 || event->id > UINT16_MAX)
		return err_set(err, ERR_FORMAT, "event %s: id %d is impossible",
			       event->name, event->id);
	snprintf(format->name, sizeof(format->name), "%s", event->name);
	format->id = (uint32_t)event->id;
	format->kind = EV_OTHER;
	ret = add_common(format, event, err);
	spec = find_spec(format->system, format->name);
	if (ret || !spec)
		return ret;
	format->kind = spec->kind;
	format->event_flags = spec->event_flags;
	for (const struct field_spec *f = spec->fields; f->name; f++) {
		ret = add_field(format, event, f, err);
		if (ret)
			return ret;
	}
	if (spec->text)
		ret = add_text(format, event, spec, err);
	format->account_by_gfp = spec->fields == alloc_fields &&
				 !format->fields[SLOT_ACCOUNTED].mask &&
				 !never_accounted;
	format->refill_by_order =
	    spec->kind == EV_ZONE_LOCKED && !format->fields[SLOT_REFILL].mask;
	format->text_is_path = spec->kind == EV_TASK_EXEC;
	return ret;
}

int format_parse(const char *text, size_t len, const char *system,
		 uint8_t long_size, bool big_endian,
		 struct event_format *format, struct err *err)
{
	/* How a kernel without CONFIG_MEMCG prints "accounted". */
	static const char no_memcg[] = "(0 && (REC->gfp_flags";
	struct event_format result = {0};
	struct tep_event *event = NULL;
	struct tep_handle *tep;
	size_t used;
	char *copy;
	int ret;

	assert(text && system && format);
	if (len > FORMAT_TEXT_MAX)
		return err_set(err, ERR_LIMIT, "an event format is too long");
	tep = tep_alloc();
	copy = malloc(len + FORMAT_TEXT_ROOM);
	if (!tep || !copy) {
		ret = err_set(err, ERR_NOMEM, "no memory for event formats");
		goto out;
	}
	tep_set_loglevel(TEP_LOG_NONE);
	tep_set_long_size(tep, long_size);
	tep_set_file_bigendian(tep,
			       big_endian ? TEP_BIG_ENDIAN : TEP_LITTLE_ENDIAN);
	used = format_text_clean(text, len, copy);
	snprintf(result.system, sizeof(result.system), "%s", system);
	if (!used || tep_parse_format(tep, &event, copy, used, system) ||
	    !event || !event->name) {
		ret = err_set(err, ERR_FORMAT,
			      "not a tracefs event format (truncated?)");
		goto out;
	}
	ret =
	    compile(&result, event,
		    memmem(text, len, no_memcg, strlen(no_memcg)) != NULL, err);
	if (!ret)
		*format = result;
out:
	free(copy);
	tep_free(tep);
	return ret;
}

/* The rest of the line that begins with key, cut at size; false if none. */
static bool skim_line(const char *text, size_t len, const char *key, char *to,
		      size_t size)
{
	const char *at = memmem(text, len, key, strlen(key)), *end;

	if (!at || (at != text && at[-1] != '\n'))
		return false;
	at += strlen(key);
	end = memchr(at, '\n', len - (size_t)(at - text));
	if (!end || end == at || (size_t)(end - at) >= size)
		return false;
	memcpy(to, at, (size_t)(end - at));
	to[end - at] = '\0';
	return true;
}

bool format_skim(const char *text, size_t len, const char *system,
		 struct event_format *format)
{
	struct event_format found = {.kind = EV_OTHER, .skimmed = true};
	char id[8], *end;

	assert(text && system && format);
	if (!skim_line(text, len, "name: ", found.name, sizeof(found.name)) ||
	    !skim_line(text, len, "ID: ", id, sizeof(id)))
		return false;
	found.id = (uint32_t)strtoul(id, &end, 10);
	if (*end || found.id > UINT16_MAX)
		return false;
	snprintf(found.system, sizeof(found.system), "%s", system);
	*format = found;
	return true;
}

void format_share_common(struct event_format *format,
			 const struct event_format *parsed)
{
	format->fields[SLOT_FLAGS] = parsed->fields[SLOT_FLAGS];
	format->fields[SLOT_PID] = parsed->fields[SLOT_PID];
	format->type_offset = parsed->type_offset;
	format->min_len = parsed->fields[SLOT_PID].offset + sizeof(uint32_t);
}

bool format_is_known(const struct event_format *format)
{
	return find_spec(format->system, format->name) != NULL;
}

bool format_is_memory(const struct event_format *format)
{
	return format->kind >= EV_KMALLOC && format->kind <= EV_EXTFRAG;
}
