#include "cli/cli.h"

#include "parser/capture.h"
#include "parser/link.h"

int cli_input_open(const char *path, struct trace *trace,
		   struct source **source, struct err *err)
{
	struct source *raw;
	int ret = capture_open(path, trace, &raw, err);

	return ret ? ret : link_open(raw, trace, source, err);
}
