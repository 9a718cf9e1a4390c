/* capture.json. */
#include "core/trace.h"
#include "fuzz/fuzz_target.h"
#include "parser/info_read.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct trace trace = {0};
	struct err err = {0};

	if (info_parse((const char *)data, size, &trace, &err))
		trace.info.cpu_count = 0;
	trace_fini(&trace);
	return 0;
}
