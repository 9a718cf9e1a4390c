/* trace.dat, versions 6 and 7. */
#include "fuzz/fuzz_source.h"
#include "fuzz/fuzz_target.h"
#include "parser/trace_dat.h"

static int open_all(const char *path, struct trace *trace,
		    struct source **source, struct err *err)
{
	return trace_dat_open(path, NULL, trace, source, err);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	fuzz_source(data, size, open_all);
	return 0;
}
