/*
 * The processes as a table: bytes as recorded and in larger pages, each count
 * at its own peak.
 */
#include "analysis/user_pages.h"

_Static_assert((int)USER_PAGES_SIZES == 2, "columns of 16K and 64K");

static const struct table_column columns[] = {
    {"pid", "Pid", "The task that took the first page", UNIT_ID, 0},
    {"comm", "Process", "Its last name; (all): all of them together", UNIT_TEXT,
     TABLE_GIVES_WAY},
    {"bytes_peak", "As recorded", "In pages of the recorded size, at most",
     UNIT_BYTES, 0},
    {"bytes_16k_peak", "In 16K pages", "In pages of 16 KiB, at most",
     UNIT_BYTES, 0},
    {"bytes_64k_peak", "In 64K pages", "In pages of 64 KiB, at most",
     UNIT_BYTES, 0},
    {"times_64k", "Times", "In pages of 64 KiB over as recorded", UNIT_REAL, 0},
    {"bytes_end", "End", "In pages of the recorded size, at the end",
     UNIT_BYTES, TABLE_NO_TEXT},
    {"bytes_16k_end", "End 16K", "In pages of 16 KiB, at the end", UNIT_BYTES,
     TABLE_NO_TEXT},
    {"bytes_64k_end", "End 64K", "In pages of 64 KiB, at the end", UNIT_BYTES,
     TABLE_NO_TEXT},
};

static int64_t bytes(uint64_t pages, uint32_t page_size)
{
	return (int64_t)(pages * page_size);
}

static void cell(struct table *table, uint64_t pages, uint32_t page_size)
{
	if (page_size)
		table_int(table, bytes(pages, page_size));
	else
		table_none(table);
}

static void counts(const struct user_pages *pages,
		   const struct user_pages_count *small,
		   const struct user_pages_count *large, struct table *table)
{
	const unsigned int last = USER_PAGES_SIZES - 1;
	uint32_t page_size = pages->trace->info.page_size;

	cell(table, small->peak, page_size);
	for (unsigned int i = 0; i < USER_PAGES_SIZES; i++)
		cell(table, large[i].peak, pages->sizes[i]);
	if (pages->sizes[last] && small->peak)
		table_real(table,
			   (double)bytes(large[last].peak, pages->sizes[last]) /
			       (double)bytes(small->peak, page_size));
	else
		table_none(table);
	cell(table, small->end, page_size);
	for (unsigned int i = 0; i < USER_PAGES_SIZES; i++)
		cell(table, large[i].end, pages->sizes[i]);
}

void user_pages_table(const struct user_pages *pages, struct table *table)
{
	table_init(table, "user_pages", columns,
		   sizeof(columns) / sizeof(*columns),
		   "Memory of processes in larger pages, at its peak, counted "
		   "from page faults");
	table_none(table);
	table_text(table, "(all)");
	counts(pages, &pages->small, pages->large, table);
	for (size_t i = 0; i < pages->memory_count; i++) {
		const struct user_memory *memory = &pages->memories[i];

		table_int(table, memory->pid);
		table_text(table, trace_comm(pages->trace, memory->pid));
		counts(pages, &memory->small, memory->large, table);
	}
	table_note(
	    table,
	    "exact for pages that a fault took, at the addresses as they "
	    "were; files' pages, huge pages and what the kernel filled "
	    "are not in it (docs/advise.md)");
}
