#include "cli/report_parts.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "cli/report_facts.h"
#include "cli/report_fails.h"
#include "cli/report_tables.h"

#define NO_REPLAY                                                              \
	"There is no replay in the database; 'kmemscope replay' adds what "    \
	"belongs here."

/* How a section is made; the order here is that of the report. */
static const struct recipe {
	const char *id, *title, *about;
	struct {
		enum plot plot;
		const char *title;
	} pictures[REPORT_PICTURES_MAX];
	unsigned int picture_count;
	const char *missing; /* why there is neither picture nor table */
	int (*tables)(const struct report_input *input,
		      struct report_part *part, struct err *err);
} recipes[] = {
    {"waste",
     "Waste",
     "Bytes that were handed out and that nobody asked for: allocated minus "
     "requested, summed over all allocations of the trace.",
     {{PLOT_WASTE_TIME, "Requested, rounding and held memory over time"},
      {PLOT_WASTE_SITES, "Waste by call site"},
      {PLOT_WASTE_CLASSES, "Waste by size class and cache"}},
     3,
     NULL,
     report_waste},
    {"who",
     "Who",
     "Slab objects and the pages that hold none, by the task that allocated "
     "them; allocations in an interrupt belong to no task.",
     {{0}},
     0,
     NULL,
     report_who},
    {"waterfall",
     "Where held memory goes",
     "Every byte of the pages that slabs, large kmallocs and per-CPU lists "
     "hold, by what it is held for. The steps add up to the pages.",
     {{PLOT_WATERFALL, "Held memory by what it is held for"}},
     1,
     NO_REPLAY,
     report_waterfall},
    {"slabs",
     "Slabs",
     "Pages that slab caches hold. A cache that grows and does not shrink "
     "again holds free slots or objects that nobody frees.",
     {{PLOT_SLAB_CACHES, "Slab pages by cache over time"}},
     1,
     NO_REPLAY,
     report_caches},
    {"pages",
     "Pages and fragmentation",
     "The unusable free space index of an order is the share of free memory "
     "that lies in blocks too small for it: 0 is fine, 1 means that no such "
     "block is free.",
     {{PLOT_UNUSABLE_INDEX, "Unusable free space index by order over time"},
      {PLOT_FREE_BLOCKS, "Free blocks by order over time"}},
     2,
     NULL,
     report_pages},
    {"fails",
     "When would an allocation fail?",
     "For each order the first moment at which no free block could have served "
     "it, what was allocated then, and who held the memory. No kernel was made "
     "to fail for this: the recorded one is replayed and asked.",
     {{0}},
     0,
     "The recording does not tell what memory the machine has.",
     report_fails},
    {"leaks",
     "Never freed",
     "Allocations that were not freed within the trace and are older than the "
     "99th percentile of their kind, the likeliest leak first. A cache that "
     "grows looks the same.",
     {{0}},
     0,
     NULL,
     report_leaks},
    {"models",
     "Models compared",
     "The recorded sequence once more: recorded is the kernel as it was, "
     "every other row is a model that decides for itself.",
     {{PLOT_COMPARE, "Each replay against the recorded one"}},
     1,
     NO_REPLAY,
     report_replays},
};

enum { RECIPES = sizeof(recipes) / sizeof(recipes[0]) };

/* The file as a string; *text stays NULL where there is none. */
static int read_svg(const char *dir, const char *name, char **text,
		    struct err *err)
{
	char *path = NULL;
	size_t size = 0;
	FILE *file;
	int rc = 0;

	if (asprintf(&path, "%s/%s.svg", dir, name) < 0)
		return err_set(err, ERR_NOMEM, "%s", err_code_text(ERR_NOMEM));
	file = fopen(path, "re");
	if (file && getdelim(text, &size, '\0', file) < 0)
		rc = err_set(err, ERR_IO, "%s cannot be read", path);
	else if (!file && errno != ENOENT)
		rc = err_set(err, ERR_IO, "%s: %s", path, strerror(errno));
	if (file)
		fclose(file);
	free(path);
	return rc;
}

static int add_pictures(const struct report_input *input,
			const struct recipe *recipe, struct report_part *part,
			struct err *err)
{
	size_t *count = &part->section.picture_count;

	for (unsigned int i = 0; i < recipe->picture_count; i++) {
		const char *name = plot_name(recipe->pictures[i].plot);
		int rc =
		    read_svg(input->svg_dir, name, &part->svgs[*count], err);

		if (rc)
			return rc;
		if (!part->svgs[*count])
			continue;
		part->pictures[*count] = (struct report_picture){
		    name, recipe->pictures[i].title, part->svgs[*count]};
		++*count;
	}
	return 0;
}

static int make_part(const struct report_input *input,
		     const struct recipe *recipe, struct report_part *part,
		     struct err *err)
{
	int rc;

	part->section = (struct report_section){.id = recipe->id,
						.title = recipe->title,
						.about = recipe->about,
						.pictures = part->pictures,
						.tables = part->tables};
	rc = add_pictures(input, recipe, part, err);
	if (!rc)
		rc = recipe->tables(input, part, err);
	for (size_t i = 0; i < part->section.table_count && !rc; i++) {
		table_cut(&part->tables[i], REPORT_ROWS_MAX);
		rc = table_status(&part->tables[i], err);
	}
	if (!part->section.picture_count && !part->section.table_count)
		part->section.missing = recipe->missing;
	return rc;
}

int report_parts_make(struct report_input *input, struct report_parts *parts,
		      struct err *err)
{
	int rc;

	input->events = &parts->events;
	rc = report_events_read(input->database, REPORT_ROWS_MAX,
				&parts->events, err);
	if (rc)
		return rc;
	parts->parts = calloc(RECIPES, sizeof(*parts->parts));
	parts->sections = calloc(RECIPES, sizeof(*parts->sections));
	if (!parts->parts || !parts->sections)
		return err_set(err, ERR_NOMEM, "%s", err_code_text(ERR_NOMEM));
	for (size_t i = 0; i < RECIPES && !rc; i++) {
		rc = make_part(input, &recipes[i], &parts->parts[i], err);
		parts->sections[i] = parts->parts[i].section;
		parts->count++;
	}
	if (!rc)
		rc = report_facts(input->results, parts->facts,
				  REPORT_FACTS_MAX, &parts->fact_count, err);
	return rc;
}

void report_parts_fini(struct report_parts *parts)
{
	for (size_t i = 0; parts->parts && i < RECIPES; i++) {
		struct report_part *part = &parts->parts[i];

		for (size_t k = 0; k < REPORT_TABLES_MAX; k++)
			table_fini(&part->tables[k]);
		waterfall_tables_fini(&part->waterfall);
		for (size_t k = 0; k < REPORT_PICTURES_MAX; k++)
			free(part->svgs[k]);
	}
	free(parts->parts);
	free(parts->sections);
	report_events_fini(&parts->events);
	*parts = (struct report_parts){0};
}
