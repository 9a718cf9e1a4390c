#include "parser/capture.h"

#include <assert.h>
#include <stdio.h>
#include <sys/stat.h>

#include "parser/cgroups_read.h"
#include "parser/file_read.h"
#include "parser/formats_read.h"
#include "parser/info_read.h"
#include "parser/kernel_read.h"
#include "parser/page_source.h"
#include "parser/reading.h"
#include "parser/snapshot_read.h"
#include "parser/topology_read.h"

enum { JSON_MAX = 16 << 20 };

static int read_json(const char *dir, struct trace *trace, struct err *err)
{
	struct file_text file;
	struct stat st;
	int ret;

	if (stat(dir, &st))
		return err_set(err, ERR_MISSING, "%s: no such directory", dir);
	if (!S_ISDIR(st.st_mode))
		return err_set(err, ERR_FORMAT,
			       "%s is no capture: a capture is a directory",
			       dir);
	ret = file_read(dir, "capture.json", JSON_MAX, &file, err);
	if (ret == ERR_MISSING)
		return err_set(err, ret,
			       "%s is no capture: it has no capture.json; "
			       "name a directory that record made",
			       dir);
	if (ret)
		return ret;
	ret = info_parse(file.text, file.len, trace, err);
	if (ret)
		err_prefix(err, "%s/capture.json", dir);
	file_text_fini(&file);
	return ret;
}

/* Opens cpu/N.raw; a CPU without events may have no file. */
static int open_stream(struct page_source *pages, struct trace *trace,
		       const char *dir, uint32_t cpu,
		       const struct page_layout *layout, uint32_t *count,
		       struct err *err)
{
	char path[4096], reason[64];
	struct page_file file;
	struct stat st;
	int ret;

	if ((size_t)snprintf(path, sizeof(path), "%s/cpu/%u.raw", dir, cpu) >=
	    sizeof(path))
		return err_set(err, ERR_LIMIT, "%s: path is too long", dir);
	if (stat(path, &st)) {
		if (trace->info.cpus[cpu].entries) {
			snprintf(reason, sizeof(reason),
				 "cpu/%u.raw is missing", cpu);
			reading_partial(&trace->info, reason);
		}
		return 0;
	}
	ret = page_file_open(&file, path, err);
	if (ret) {
		page_file_close(&file);
		return ret;
	}
	++*count;
	return page_source_add(pages, &file, cpu, layout, err);
}

static int open_streams(struct page_source *pages, struct trace *trace,
			const char *dir, const struct page_layout *layout,
			struct err *err)
{
	uint32_t cpus = trace->info.cpu_count, count = 0;

	for (uint32_t cpu = 0; cpu < cpus; cpu++) {
		int ret =
		    open_stream(pages, trace, dir, cpu, layout, &count, err);

		if (ret)
			return ret;
	}
	if (!count)
		return err_set(err, ERR_MISSING,
			       "%s/cpu: no file of ring-buffer pages (0.raw to "
			       "%u.raw)",
			       dir, cpus - 1);
	return 0;
}

static int open_pages(const char *dir, struct trace *trace,
		      struct page_source **pages, struct err *err)
{
	struct format_list list;
	int ret = formats_read(dir, &trace->info, &list, err);

	if (ret)
		return ret;
	ret =
	    page_source_create(trace, &list, trace->info.cpu_count, pages, err);
	return ret ? ret : open_streams(*pages, trace, dir, &list.layout, err);
}

/* Which slab allocator it has is needed even where its symbols are not. */
static int read_kernel(const char *dir, struct trace *trace, struct err *err)
{
	struct capture_info *info = &trace->info;
	int ret = kernel_read_comms(dir, trace, err);

	if (info->slab_kind == SLAB_KIND_UNKNOWN)
		info->slab_kind = kernel_slab_kind(dir, info);
	if (!ret && (!(trace->unwanted & TRACE_SYMBOLS) ||
		     info->slab_kind == SLAB_KIND_UNKNOWN))
		ret = kernel_read_symbols(dir, trace, err);
	return ret;
}

static int open_all(const char *dir, struct trace *trace,
		    struct page_source **pages, struct err *err)
{
	int ret;

	ret = read_json(dir, trace, err);
	if (!ret)
		ret = open_pages(dir, trace, pages, err);
	if (!ret)
		ret = read_kernel(dir, trace, err);
	if (!ret)
		ret = snapshot_read(dir, "before", true, &trace->info,
				    &trace->before, err);
	if (!ret)
		ret = snapshot_read(dir, "after",
				    !(trace->unwanted & TRACE_AFTER_PAGES),
				    &trace->info, &trace->after, err);
	if (!ret)
		ret = topology_read(dir, trace, err);
	if (!ret)
		ret = cgroups_read(dir, trace, err);
	return ret;
}

int capture_open(const char *dir, struct trace *trace, struct source **source,
		 struct err *err)
{
	struct page_source *pages = NULL;
	int ret;

	assert(dir && trace && source);
	ret = open_all(dir, trace, &pages, err);
	if (ret)
		page_source_destroy(pages);
	else
		*source = page_source_start(pages);
	return ret;
}
