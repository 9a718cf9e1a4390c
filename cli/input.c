#include "cli/cli.h"

#include <errno.h>
#include <string.h>
#include <sys/stat.h>

#include "db/db.h"
#include "parser/capture.h"
#include "parser/link.h"
#include "parser/text_trace.h"

int cli_input_open(const char *path, struct trace *trace,
		   struct source **source, struct err *err)
{
	struct source *raw;
	struct stat st;
	int ret;

	if (stat(path, &st))
		return err_set(err, ERR_MISSING, "cannot open %s: %s", path,
			       strerror(errno));
	if (S_ISREG(st.st_mode) && db_is_database(path))
		return db_source_open(path, trace, source, err);
	if (S_ISDIR(st.st_mode))
		ret = capture_open(path, trace, &raw, err);
	else if (text_trace_is(path))
		ret = text_trace_open(path, trace, &raw, err);
	else
		ret =
		    err_set(err, ERR_FORMAT,
			    "%s is neither a capture directory, nor a trace "
			    "as text, nor a database made by kmemscope import",
			    path);
	return ret ? ret : link_open(raw, trace, source, err);
}
