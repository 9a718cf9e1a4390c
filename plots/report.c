/*
 * A page of semantic HTML; style and script are files beside this one, and the
 * policy in the head lets those two run by their hashes and nothing else.
 */
#include "plots/report.h"

#include <inttypes.h>
#include <string.h>

#include "plots/html.h"
#include "plots/html_table.h"
#include "plots/label.h"
#include "plots/report_files.h"
#include "plots/svg_inline.h"

/* RFC 4648 of a hash given in hexadecimal (64 digits). */
static void put_base64(FILE *file, const char *hex)
{
	static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
				     "abcdefghijklmnopqrstuvwxyz0123456789+/";
	static const char hex_digits[] = "0123456789abcdef";
	uint32_t bits = 0;
	unsigned int have = 0;
	size_t written = 0;

	for (; *hex; hex++) {
		bits = bits << 4 |
		       (uint32_t)(strchr(hex_digits, *hex) - hex_digits);
		for (have += 4; have >= 6; have -= 6, written++)
			fputc(digits[bits >> (have - 6) & 63], file);
	}
	if (have) {
		fputc(digits[bits << (6 - have) & 63], file);
		written++;
	}
	for (; written % 4; written++)
		fputc('=', file);
}

static const char *title_of(const struct report *report)
{
	const struct capture_info *info = &report->trace->info;

	return info->title[0]	  ? info->title
	       : info->command[0] ? info->command
				  : report->input;
}

static void put_head(const struct report *report, FILE *file)
{
	fputs("<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n"
	      "<meta charset=\"utf-8\">\n"
	      "<meta http-equiv=\"Content-Security-Policy\" content=\""
	      "default-src 'none'; img-src data:; base-uri 'none'; "
	      "form-action 'none'; style-src 'sha256-",
	      file);
	put_base64(file, report_style_sha256);
	fputs("'; script-src 'sha256-", file);
	put_base64(file, report_script_sha256);
	fputs("'\">\n<meta name=\"viewport\" "
	      "content=\"width=device-width, initial-scale=1\">\n<title>",
	      file);
	html_text(file, title_of(report));
	fputs(" \u2013 kmemscope</title>\n<style>", file);
	fputs(report_style, file);
	fputs("</style>\n</head>\n<body>\n", file);
}

static uint64_t decoded_events(const struct trace *trace)
{
	uint64_t events = 0;

	for (uint32_t i = 0; i < trace->info.cpu_count; i++)
		events += trace->info.cpus[i].decoded;
	return events;
}

static void put_recording(const struct report *report, FILE *file)
{
	const struct trace *trace = report->trace;
	const struct capture_info *info = &trace->info;
	char events[32];

	fputs("<header>\n<h1>", file);
	html_text(file, title_of(report));
	fputs("</h1>\n<p class=\"pale\">Linux ", file);
	html_text(file, info->release);
	fputc(' ', file);
	html_text(file, info->machine);
	fprintf(file,
		" \u00b7 %" PRIu32 " CPU%s \u00b7 pages of %" PRIu32
		" KiB \u00b7 %s events in %.2f s \u00b7 ",
		info->cpu_count, info->cpu_count == 1 ? "" : "s",
		info->page_size / 1024,
		label_count(decoded_events(trace), events, sizeof(events)),
		(double)(trace->last_ts_ns - trace->first_ts_ns) / 1e9);
	html_text(file, report->input);
	fputs("</p>\n", file);
}

static void put_status(FILE *file, bool good, const char *word,
		       const char *text)
{
	fprintf(file, "<p><span class=\"status %s\">%s", good ? "good" : "bad",
		word);
	html_text(file, text);
	fputs("</span></p>\n", file);
}

static void put_loss(const struct trace *trace, FILE *file)
{
	const struct capture_info *info = &trace->info;
	const uint64_t *count = trace->anomalies.count;
	uint64_t missing =
	    count[ANOMALY_LOST_EVENTS] + count[ANOMALY_UNREAD_EVENTS];
	char text[128], a[32], b[32];

	if (missing) {
		snprintf(
		    text, sizeof(text),
		    "%s of %s events are missing; sums are too low",
		    label_count(missing, a, sizeof(a)),
		    label_count(missing + decoded_events(trace), b, sizeof(b)));
		put_status(file, false, "PARTIAL: ", text);
	}
	if (info->partial)
		put_status(file, false, "PARTIAL: ", info->partial_reason);
	if (!missing && !info->partial)
		put_status(file, true, "Nothing lost.", "");
	if (info->filtered)
		put_status(file, false,
			   "FILTERED: ", "events were left out on purpose");
	if (!info->linked)
		put_status(file, false, "NOT LINKED: ", info->link_reason);
}

static void put_anomalies(const struct trace *trace, FILE *file)
{
	char number[32];
	bool any = false;

	for (unsigned int i = 0; i < ANOMALY_COUNT; i++) {
		if (!trace->anomalies.count[i])
			continue;
		if (!any)
			fputs("<p>In the trace, and not as it should be:</p>\n"
			      "<ul class=\"odd\">\n",
			      file);
		any = true;
		fprintf(file, "<li><b>%s</b> %s: ",
			label_count(trace->anomalies.count[i], number,
				    sizeof(number)),
			anomaly_word((enum anomaly)i));
		html_text(file, anomaly_text((enum anomaly)i));
		fputs("</li>\n", file);
	}
	fputs(any ? "</ul>\n" : "<p>No anomalies.</p>\n", file);
}

static void put_facts(const struct report *report, FILE *file)
{
	fputs("<div class=\"facts\">\n", file);
	for (size_t i = 0; i < report->fact_count; i++) {
		const struct report_fact *fact = &report->facts[i];

		fputs("<a", file);
		if (fact->section[0])
			fprintf(file, " href=\"#%s\"", fact->section);
		fputs("><small>", file);
		html_text(file, fact->label);
		fputs("</small><b>", file);
		html_text(file, fact->value);
		fputs("</b><small>", file);
		html_text(file, fact->detail);
		fputs("</small></a>\n", file);
	}
	fputs("</div>\n", file);
}

static void put_navigation(const struct report *report, FILE *file)
{
	fputs("</header>\n<nav>\n", file);
	for (size_t i = 0; i < report->section_count; i++) {
		fprintf(file, "<a href=\"#%s\">", report->sections[i].id);
		html_text(file, report->sections[i].title);
		fputs("</a>\n", file);
	}
	fputs("<input id=\"filter-all\" type=\"search\" hidden "
	      "placeholder=\"filter all tables\" "
	      "aria-label=\"Filter all tables\">\n</nav>\n<main>\n",
	      file);
}

static int put_section(const struct report_section *section, FILE *file,
		       struct err *err)
{
	int rc = 0;

	fprintf(file, "<section id=\"%s\">\n<h2>", section->id);
	html_text(file, section->title);
	fputs("</h2>\n<p>", file);
	html_text(file, section->about);
	fputs("</p>\n", file);
	if (section->missing) {
		fputs("<p class=\"pale\">", file);
		html_text(file, section->missing);
		fputs("</p>\n", file);
	}
	for (size_t i = 0; i < section->picture_count && !rc; i++) {
		const struct report_picture *picture = &section->pictures[i];

		fputs("<figure>", file);
		rc = svg_inline(picture->svg, picture->name, picture->title,
				file, err);
		fputs("</figure>\n", file);
	}
	for (size_t i = 0; i < section->table_count; i++)
		html_table(file, &section->tables[i]);
	fputs("</section>\n", file);
	return rc;
}

int report_write(const struct report *report, FILE *file, struct err *err)
{
	int rc = 0;

	put_head(report, file);
	put_recording(report, file);
	put_loss(report->trace, file);
	put_facts(report, file);
	put_anomalies(report->trace, file);
	put_navigation(report, file);
	for (size_t i = 0; i < report->section_count && !rc; i++)
		rc = put_section(&report->sections[i], file, err);
	fputs("</main>\n<footer>", file);
	html_text(file, report->tool);
	fputs("</footer>\n<script>", file);
	fputs(report_script, file);
	fputs("</script>\n</body>\n</html>\n", file);
	if (!rc && ferror(file))
		rc = err_set(err, ERR_IO, "the report cannot be written: %m");
	return rc;
}
