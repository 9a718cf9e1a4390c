#include "parser/cgroups_read.h"

#include <assert.h>

#include "parser/file_read.h"
#include "parser/text_scan.h"

enum {
	CGROUPS_FILE_MAX = 64 << 20,
	CGROUP_PATH_MAX = 4096, /* PATH_MAX: longer ones cannot be read */
};

static int add_line(const char *line, struct trace *trace)
{
	uint64_t tid;
	uint32_t name;
	size_t len;
	int ret;

	line = text_decimal(line, &tid);
	if (!line || *line != ' ' || tid > INT32_MAX)
		return ERR_FORMAT;
	len = strlen(++line);
	if (!len || len > CGROUP_PATH_MAX)
		return ERR_FORMAT;
	ret = names_intern(&trace->names, line, len, &name);
	return ret ? ret : map_put(&trace->cgroups, tid, name);
}

int cgroups_add(char *text, struct trace *trace, struct err *err)
{
	unsigned int number = 0;
	char *line;

	while ((line = file_line(&text))) {
		int ret = add_line(line, trace);

		number++;
		if (ret)
			return err_set(err, ret,
				       "kernel/cgroups: line %u is no task and "
				       "its group (\"1 /init.scope\"): %s",
				       number, err_code_text(ret));
	}
	return 0;
}

int cgroups_read(const char *dir, struct trace *trace, struct err *err)
{
	struct file_text file;
	int ret;

	assert(dir && trace);
	ret = file_read(dir, "kernel/cgroups", CGROUPS_FILE_MAX, &file, err);
	if (ret == ERR_MISSING)
		return 0;
	if (ret)
		return ret;
	ret = cgroups_add(file.text, trace, err);
	file_text_fini(&file);
	return ret ? err_prefix(err, "%s", dir) : 0;
}
