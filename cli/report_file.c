#include "cli/report_file.h"

int report_file_write(struct report_input *input, const char *name, FILE *file,
		      struct err *err)
{
	struct report_parts parts = {0};
	int rc = report_parts_make(input, &parts, err);

	if (!rc) {
		struct report report = {.input = name,
					.tool = "kmemscope " KMEM_VERSION,
					.trace = &input->results->trace,
					.facts = parts.facts,
					.fact_count = parts.fact_count,
					.sections = parts.sections,
					.section_count = parts.count};

		rc = report_write(&report, file, err);
	}
	report_parts_fini(&parts);
	return rc;
}
