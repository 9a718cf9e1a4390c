#include "cli/stat_report.h"

#include <inttypes.h>
#include <string.h>

bool report_has_slab(const struct stat_report *report)
{
	return report->table == STAT_NO_TABLE || report->table < STAT_PAGE;
}

bool report_has_pages(const struct stat_report *report)
{
	return report->table == STAT_NO_TABLE || report->table >= STAT_PAGE;
}

/* The kernel writes kmalloc-512, then kmalloc-1k (mm/slab_common.c). */
static void kmalloc_name(const struct site_summary *sum, enum slab_kind kind,
			 char text[REPORT_NAME_MAX])
{
	if (sum->large)
		snprintf(text, REPORT_NAME_MAX, "large kmalloc %" PRIu64,
			 sum->bytes_each);
	else if (kind == SLAB_KIND_SLOB)
		snprintf(text, REPORT_NAME_MAX, "kmalloc, %" PRIu64 " bytes",
			 sum->bytes_each);
	else if (sum->bytes_each >= 1024 && sum->bytes_each % 1024 == 0)
		snprintf(text, REPORT_NAME_MAX, "kmalloc-%" PRIu64 "k",
			 sum->bytes_each / 1024);
	else
		snprintf(text, REPORT_NAME_MAX, "kmalloc-%" PRIu64,
			 sum->bytes_each);
}

const char *report_cache_name(const struct trace *trace,
			      const struct site_summary *sum,
			      char text[REPORT_NAME_MAX])
{
	if (!sum->name && !sum->bytes_each) /* a line of several */
		text[0] = '\0';
	else if (sum->name)
		snprintf(text, REPORT_NAME_MAX, "%s",
			 names_get(&trace->names, sum->name));
	else if (sum->kind == EV_KMALLOC)
		kmalloc_name(sum, trace->info.slab_kind, text);
	else
		snprintf(text, REPORT_NAME_MAX, "unknown cache, %" PRIu64,
			 sum->bytes_each);
	return text;
}

const char *report_row_name(const struct stat_report *report,
			    const struct stat_row *row,
			    char text[REPORT_NAME_MAX])
{
	switch (report->table) {
	case STAT_CALLER:
		return symbols_format(&report->trace->symbols,
				      row->sum.call_site, text);
	case STAT_CACHE:
		return report_cache_name(report->trace, &row->sum, text);
	case STAT_ALLOC:
		snprintf(text, REPORT_NAME_MAX, "0x%" PRIx64, row->addr);
		break;
	case STAT_PFN:
		snprintf(text, REPORT_NAME_MAX, "%" PRIu64, row->addr);
		break;
	default:
		text[0] = '\0';
	}
	return text;
}

const char *report_migratetype(const struct trace *trace, int migratetype,
			       char text[REPORT_NAME_MAX])
{
	static const char *const kernel[] = {"Unmovable", "Movable",
					     "Reclaimable", "HighAtomic"};
	const struct snapshot *snapshot =
	    trace->before.migratetype_count ? &trace->before : &trace->after;
	const char *name = NULL;

	if (migratetype >= 0 &&
	    (uint32_t)migratetype < snapshot->migratetype_count)
		name = snapshot->migratetypes[migratetype];
	else if (migratetype >= 0 && migratetype < 4)
		name = kernel[migratetype];
	if (name)
		snprintf(text, REPORT_NAME_MAX, "%s", name);
	else
		snprintf(text, REPORT_NAME_MAX, "type %d", migratetype);
	return text;
}

const char *report_use(uint8_t backing)
{
	static const char *const words[] = {
	    [SITE_DIRECT] = "direct",
	    [SITE_BACKS_SLAB] = "slab",
	    [SITE_BACKS_LARGE] = "large",
	};

	return backing <= SITE_BACKS_LARGE ? words[backing] : "?";
}
