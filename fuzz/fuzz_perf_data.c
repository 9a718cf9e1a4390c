/* perf.data: files, pipes, compressed records. */
#include "fuzz/fuzz_source.h"
#include "fuzz/fuzz_target.h"
#include "parser/perf_data.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	fuzz_source(data, size, perf_data_open);
	return 0;
}
