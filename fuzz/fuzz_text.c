/* Traces as text, of every kernel and tool; console logs. */
#include "fuzz/fuzz_source.h"
#include "fuzz/fuzz_target.h"
#include "parser/text_trace.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	fuzz_source(data, size, text_trace_open);
	return 0;
}
