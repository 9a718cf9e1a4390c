#include "tests/parser/cut_file.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "tests/support/test.h"

void cut_file_init(struct cut_file *file, const char *name, cut_open *open)
{
	FILE *in = fopen(name, "rb");

	assert_non_null(in);
	file->len = fread(file->bytes, 1, sizeof(file->bytes), in);
	assert_true(file->len > 0 && file->len < sizeof(file->bytes));
	fclose(in);
	file->open = open;
	file->fd = memfd_create("cut", MFD_CLOEXEC);
	assert_true(file->fd >= 0);
	snprintf(file->path, sizeof(file->path), "/proc/self/fd/%d", file->fd);
}

void cut_file_fini(struct cut_file *file)
{
	close(file->fd);
}

static int read_all(struct source *source, uint64_t *events, struct err *err)
{
	struct kmem_event batch[64];
	size_t count = 1;
	int ret = 0;

	*events = 0;
	while (!ret && count) {
		ret = source_read(source, batch, 64, &count, err);
		*events += ret ? 0 : count;
	}
	return ret;
}

void cut_file_read(const struct cut_file *file, size_t len,
		   struct cut_result *result)
{
	struct trace trace = {0};
	struct source *source = NULL;
	struct err err = {0};
	uint64_t again;

	assert_int_equal(ftruncate(file->fd, 0), 0);
	assert_int_equal(pwrite(file->fd, file->bytes, len, 0), len);
	*result = (struct cut_result){0};
	result->code = file->open(file->path, &trace, &source, &err);
	if (!result->code)
		result->code = read_all(source, &result->events, &err);
	if (!result->code) {
		expect_i64_eq(source_rewind(source, &err), 0);
		expect_i64_eq(read_all(source, &again, &err), 0);
		expect_u64_eq(again, result->events);
	}
	result->partial = trace.info.partial;
	snprintf(result->text, sizeof(result->text), "%s", err.text);
	source_close(source);
	trace_fini(&trace);
}

size_t cut_file_everywhere(const struct cut_file *file, const void *end,
			   size_t end_len)
{
	struct cut_result whole, cut;
	size_t partial = 0;

	cut_file_read(file, file->len, &whole);
	expect_i64_eq(whole.code, 0);
	expect_true(!whole.partial && whole.events > 10);
	for (size_t len = 0; len < file->len; len++) {
		cut_file_read(file, len, &cut);
		if (cut.code)
			expect_true(strstr(cut.text, file->path) != NULL);
		else if (!cut.partial &&
			 !(end_len &&
			   !memcmp(file->bytes + len - end_len, end, end_len)))
			expect_u64_eq(cut.events, whole.events);
		partial += !cut.code && cut.partial;
	}
	return partial;
}

size_t cut_file_find(const struct cut_file *file, const void *text, size_t len)
{
	const uint8_t *at = memmem(file->bytes, file->len, text, len);

	assert_non_null(at);
	return (size_t)(at - file->bytes) + len;
}
