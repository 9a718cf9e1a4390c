#include "analysis/stat_table.h"

#include "analysis/stat_columns.h"
#include "analysis/stat_key.h"

static const char *table_word(enum stat_table table)
{
	static const char *const words[] = {
	    [STAT_CALLER] = "caller", [STAT_PLACE] = "place",
	    [STAT_ALLOC] = "alloc",   [STAT_CACHE] = "cache",
	    [STAT_CLASS] = "class",   [STAT_PAGE] = "page",
	    [STAT_PFN] = "pfn",	      [STAT_ORDER] = "order",
	    [STAT_TASK] = "task",     [STAT_CPU] = "cpu",
	    [STAT_CGROUP] = "cgroup",
	};

	return words[table];
}

static const char *table_heading(enum stat_table table)
{
	static const char *const headings[] = {
	    [STAT_CALLER] = "Slab objects by call site",
	    [STAT_PLACE] = "Slab objects by ",
	    [STAT_ALLOC] = "Slab objects by pointer",
	    [STAT_CACHE] = "Slab objects by cache, kmallocs by size class",
	    [STAT_CLASS] = "Kmallocs by size class",
	    [STAT_PAGE] = "Pages by order, type, flags and use",
	    [STAT_PFN] = "Pages by page frame",
	    [STAT_ORDER] = "Pages by order and migratetype",
	    [STAT_TASK] = "Slab objects and other pages by task",
	    [STAT_CPU] = "Slab objects and other pages by CPU",
	    [STAT_CGROUP] = "Slab objects and other pages by control group",
	};

	return headings[table];
}

static void notes(const struct stat_shown *shown, struct table *table)
{
	const struct stat_meter *total = shown->total;

	if (shown->shown < shown->row_count)
		table_note(table, "%zu of %zu rows are shown.", shown->shown,
			   shown->row_count);
	if (shown->table >= STAT_TASK && !shown->trace->info.linked)
		table_note(table, "Linking is off: pages of slabs are among "
				  "Pages, and so counted twice.");
	if (shown->table == STAT_CGROUP && !map_count(&shown->trace->cgroups))
		table_note(table, "The recording does not say which control "
				  "group a task was in.");
	if (shown->detail && stat_table_objects(shown->table) &&
	    total->waste_max)
		table_note(table,
			   "The waste of all rows together was largest at "
			   "%llu.%06llu: %lld bytes.",
			   (unsigned long long)total->waste_max_ns / 1000000000,
			   (unsigned long long)total->waste_max_ns %
			       1000000000 / 1000,
			   (long long)total->waste_max);
}

void stat_table_make(const struct stat_shown *shown,
		     struct table_column columns[STAT_COLUMNS_MAX],
		     struct table *table)
{
	stat_put puts[STAT_COLUMNS_MAX];
	unsigned int count = stat_columns(shown, columns, puts);

	table_init(table, table_word(shown->table), columns, count, "%s%s",
		   table_heading(shown->table),
		   shown->table == STAT_PLACE ? shown->by : "");
	for (size_t row = 0; row < shown->shown; row++)
		for (unsigned int i = 0; i < count; i++)
			puts[i](shown, &shown->rows[row], table);
	notes(shown, table);
}
