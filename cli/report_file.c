#include "cli/report_file.h"

#include "cli/new_file.h"

static int write_new(const struct report *report, const char *path,
		     bool overwrite, long *bytes, struct err *err)
{
	struct new_file file;
	int rc = new_file_open(&file, path, overwrite, err);

	if (rc)
		return rc;
	rc = report_write(report, file.file, err);
	return new_file_finish(&file, rc, bytes, err);
}

int report_file_write(const struct report_input *input, const char *name,
		      const char *path, bool overwrite, long *bytes,
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

		rc = write_new(&report, path, overwrite, bytes, err);
	}
	report_parts_fini(&parts);
	return rc;
}
