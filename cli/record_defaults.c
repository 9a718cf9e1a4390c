#include "cli/record_defaults.h"

#include <stdio.h>

#include "cli/signals.h"

static bool stop_recording(void *data)
{
	(void)data;
	return signals_seen();
}

static void print_warning(void *data, const char *text)
{
	(void)data;
	fprintf(stderr, "kmemscope: warning: %s\n", text);
}

struct record_config record_defaults(const char *dir)
{
	return (struct record_config){.dir = dir,
				      .tool = "kmemscope " KMEM_VERSION,
				      .stop = stop_recording,
				      .warn = print_warning};
}
