/*
 * kshark_entries FILE: how many events KernelShark's own library finds in a
 * trace.dat. Exit status 77: the library is not here.
 *
 * Declarations: libkshark.h of KernelShark 2.2. Opened at run time, so that
 * nothing has to be installed to build this.
 */
#include <dlfcn.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/types.h>

struct kshark_context;
struct kshark_entry;

struct kshark {
	bool (*instance)(struct kshark_context **context);
	int (*open)(struct kshark_context *context, const char *file);
	ssize_t (*load)(struct kshark_context *context, int stream,
			struct kshark_entry ***rows);
};

/* A function pointer from an object pointer, as POSIX has it. */
static bool find(void *library, const char *name, void *function)
{
	void *found = dlsym(library, name);

	memcpy(function, &found, sizeof(found));
	return found != NULL;
}

int main(int argc, char **argv)
{
	struct kshark_context *context = NULL;
	struct kshark_entry **rows = NULL;
	void *library = dlopen("libkshark.so.2", RTLD_NOW);
	struct kshark kshark;
	ssize_t count = -1;
	int stream;

	if (argc != 2)
		return 2;
	if (!library || !find(library, "kshark_instance", &kshark.instance) ||
	    !find(library, "kshark_open", &kshark.open) ||
	    !find(library, "kshark_load_entries", &kshark.load))
		return 77;
	if (!kshark.instance(&context))
		return 2;
	stream = kshark.open(context, argv[1]);
	if (stream >= 0)
		count = kshark.load(context, stream, &rows);
	printf("%zd\n", count);
	return count < 0;
}
