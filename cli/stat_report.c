#include "cli/stat_report.h"

#include <inttypes.h>
#include <string.h>

#include "analysis/cache_text.h"
#include "analysis/migratetype_text.h"

bool report_has_slab(const struct stat_report *report)
{
	return report->table == STAT_NO_TABLE || report->table < STAT_PAGE;
}

bool report_has_pages(const struct stat_report *report)
{
	return report->table == STAT_NO_TABLE || report->table >= STAT_PAGE;
}

const char *report_cache_name(const struct trace *trace,
			      const struct site_summary *sum,
			      char text[REPORT_NAME_MAX])
{
	struct cache_key key = {.name = sum->name,
				.kind = sum->kind,
				.large = sum->large,
				.bytes_each = sum->bytes_each};

	if (!sum->name && !sum->bytes_each) /* a line of several */
		text[0] = '\0';
	else
		cache_text(trace, &key, text);
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
	return migratetype_text(trace, migratetype, text);
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
