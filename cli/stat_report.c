#include "cli/stat_report.h"

#include "analysis/cache_text.h"
#include "analysis/migratetype_text.h"

bool report_has_slab(const struct stat_report *report)
{
	return report->table == STAT_NO_TABLE ||
	       stat_table_objects(report->table);
}

bool report_has_pages(const struct stat_report *report)
{
	return report->table == STAT_NO_TABLE ||
	       stat_table_pages(report->table);
}

const char *report_row_name(const struct stat_report *report,
			    const struct stat_row *row,
			    char text[REPORT_NAME_MAX])
{
	const struct site_summary *sum = &row->sum;
	struct cache_key key = {sum->name, sum->kind, sum->large,
				sum->bytes_each};

	if (report->table == STAT_CALLER)
		return symbols_format(&report->trace->symbols, sum->call_site,
				      text);
	return cache_text(report->trace, &key, text);
}

const char *report_migratetype(const struct trace *trace, int migratetype,
			       char text[REPORT_NAME_MAX])
{
	return migratetype_text(trace, migratetype, text);
}
