#include "cli/input.h"

#include <errno.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "db/db.h"
#include "parser/capture.h"
#include "parser/dat_file.h"
#include "parser/link.h"
#include "parser/perf_data.h"
#include "parser/perf_file.h"
#include "parser/text_trace.h"
#include "parser/trace_dat.h"

/* Told apart by what is in it, never by its name. */
static int open_raw(const char *path, bool is_dir, const char *instance,
		    struct trace *trace, struct source **raw, struct err *err)
{
	if (is_dir)
		return capture_open(path, trace, raw, err);
	if (dat_file_is(path))
		return trace_dat_open(path, instance, trace, raw, err);
	if (perf_file_is(path))
		return perf_data_open(path, trace, raw, err);
	if (text_trace_is(path))
		return text_trace_open(path, trace, raw, err);
	return err_set(err, ERR_FORMAT,
		       "%s is neither a capture directory, nor a trace.dat of "
		       "trace-cmd, nor a perf.data, nor a trace as text, nor a "
		       "database made by kmemscope import",
		       path);
}

int input_open_instance(const char *path, const char *instance,
			struct trace *trace, struct source **source,
			struct err *err)
{
	struct source *raw = NULL;
	struct stat st;
	int ret;

	if (stat(path, &st))
		return err_set(err, ERR_MISSING,
			       "cannot open %s: %s: give a capture directory, "
			       "a database or what another tool recorded",
			       path, strerror(errno));
	if (access(path, R_OK))
		return err_set(err, ERR_PERM,
			       "cannot open %s: %s: recordings are their "
			       "owner's alone, who may be root",
			       path, strerror(errno));
	if (S_ISREG(st.st_mode) && !st.st_size)
		return err_set(err, ERR_FORMAT, "%s is empty", path);
	if (instance && (S_ISDIR(st.st_mode) || !dat_file_is(path)))
		return err_set(
		    err, ERR_USAGE,
		    "--instance: %s is no trace.dat, only those hold "
		    "several instances",
		    path);
	if (S_ISREG(st.st_mode) && db_is_database(path))
		return db_source_open(path, trace, source, err);
	ret = open_raw(path, S_ISDIR(st.st_mode), instance, trace, &raw, err);
	return ret ? ret : link_open(raw, trace, source, err);
}

int input_open(const char *path, struct trace *trace, struct source **source,
	       struct err *err)
{
	return input_open_instance(path, NULL, trace, source, err);
}
