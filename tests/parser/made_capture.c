#include "tests/parser/made_capture.h"

#include <assert.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

/* Makes the directories above the last part of a path. */
static void make_parents(char *path)
{
	for (char *at = path + 1; (at = strchr(at, '/')); at++) {
		*at = '\0';
		if (mkdir(path, 0700) && errno != EEXIST)
			abort();
		*at = '/';
	}
}

void made_capture_file(const struct made_capture *capture, const char *name,
		       const void *bytes, size_t len)
{
	char path[256];
	FILE *file;

	snprintf(path, sizeof(path), "%s/%s", capture->dir, name);
	make_parents(path);
	file = fopen(path, "wb");
	if (!file || fwrite(bytes, 1, len, file) != len || fclose(file))
		abort();
}

void made_capture_text(const struct made_capture *capture, const char *name,
		       const char *text)
{
	made_capture_file(capture, name, text, strlen(text));
}

void made_capture_remove(const struct made_capture *capture, const char *name)
{
	char command[256];

	snprintf(command, sizeof(command), "rm -r %s/%s", capture->dir, name);
	if (system(command))
		abort();
}

static const char common[] =
    "\tfield:unsigned short common_type;\toffset:0;\tsize:2;\tsigned:0;\n"
    "\tfield:unsigned char common_flags;\toffset:2;\tsize:1;\tsigned:0;\n"
    "\tfield:unsigned char common_preempt_count;\toffset:3;\tsize:1;"
    "\tsigned:0;\n"
    "\tfield:int common_pid;\toffset:4;\tsize:4;\tsigned:1;\n\n";

/* Fields are laid out one after the other; size 0 stands for a long. */
struct made_field {
	const char *declaration;
	uint32_t size;
	bool is_signed;
};

static void write_format(const struct made_capture *capture, const char *event,
			 int id, const struct made_field *fields)
{
	char text[4096], path[128];
	const char *name = strchr(event, '/') + 1;
	uint32_t offset = 8;
	int used = snprintf(text, sizeof(text), "name: %s\nID: %d\nformat:\n%s",
			    name, id, common);

	for (; fields->declaration; fields++) {
		uint32_t size =
		    fields->size ? fields->size : capture->long_size;

		if (!strcmp(fields->declaration, "char buf[]"))
			size = 0;
		used += snprintf(text + used, sizeof(text) - (size_t)used,
				 "\tfield:%s;\toffset:%u;\tsize:%u;\t"
				 "signed:%d;\n",
				 fields->declaration, offset, size,
				 fields->is_signed);
		offset += size;
	}
	snprintf(text + used, sizeof(text) - (size_t)used,
		 "\nprint fmt: \"%%s\", (REC->gfp_flags) ? "
		 "__print_flags(REC->gfp_flags, \"|\", "
		 "{( unsigned long)(( gfp_t)0x01u), \"GFP_DMA\"}, "
		 "{( unsigned long)(( gfp_t)0x400000u), \"__GFP_ACCOUNT\"} ) "
		 ": \"none\"\n");
	snprintf(path, sizeof(path), "tracefs/events/%s/format", event);
	made_capture_text(capture, path, text);
}

static void write_vmap_formats(const struct made_capture *capture)
{
	static const struct made_field vmap_alloc[] = {
	    {"unsigned long addr", 0, false},
	    {"unsigned long size", 0, false},
	    {"unsigned long align", 0, false},
	    {"unsigned long vstart", 0, false},
	    {"unsigned long vend", 0, false},
	    {"int failed", 4, true},
	    {NULL, 0, false}};
	static const struct made_field vmap_free[] = {
	    {"unsigned long va_start", 0, false},
	    {"unsigned long nr_lazy", 0, false},
	    {"unsigned long nr_lazy_max", 0, false},
	    {NULL, 0, false}};
	static const struct made_field vmap_purge[] = {
	    {"unsigned long start", 0, false},
	    {"unsigned long end", 0, false},
	    {"unsigned int npurged", 4, false},
	    {NULL, 0, false}};

	write_format(capture, "vmalloc/alloc_vmap_area", MADE_VMAP_ALLOC,
		     vmap_alloc);
	write_format(capture, "vmalloc/free_vmap_area_noflush", MADE_VMAP_FREE,
		     vmap_free);
	write_format(capture, "vmalloc/purge_vmap_area_lazy", MADE_VMAP_PURGE,
		     vmap_purge);
}

static void write_process_formats(const struct made_capture *capture)
{
	static const struct made_field fault[] = {
	    {"unsigned long address", 0, false},
	    {"unsigned long ip", 0, false},
	    {"unsigned long error_code", 0, false},
	    {NULL, 0, false}};
	static const struct made_field task_new[] = {
	    {"pid_t pid", 4, true},
	    {"char comm[16]", 16, false},
	    {"unsigned long clone_flags", 0, false},
	    {"short oom_score_adj", 2, true},
	    {NULL, 0, false}};

	write_format(capture, "exceptions/page_fault_user", MADE_FAULT_USER,
		     fault);
	write_format(capture, "exceptions/page_fault_kernel", MADE_FAULT_KERNEL,
		     fault);
	write_format(capture, "task/task_newtask", MADE_TASK_NEW, task_new);
}

static void write_formats(const struct made_capture *capture)
{
	static const struct made_field kmalloc[] = {
	    {"unsigned long call_site", 0, false},
	    {"const void * ptr", 0, false},
	    {"size_t bytes_req", 0, false},
	    {"size_t bytes_alloc", 0, false},
	    {"unsigned long gfp_flags", 0, false},
	    {"int node", 4, true},
	    {NULL, 0, false}};
	static const struct made_field kfree[] = {
	    {"unsigned long call_site", 0, false},
	    {"const void * ptr", 0, false},
	    {NULL, 0, false}};
	static const struct made_field cache_free[] = {
	    {"unsigned long call_site", 0, false},
	    {"const void * ptr", 0, false},
	    {"__data_loc char[] name", 4, true},
	    {NULL, 0, false}};
	static const struct made_field page_alloc[] = {
	    {"unsigned long pfn", 0, false},
	    {"unsigned int order", 4, false},
	    {"int migratetype", 4, true},
	    {"unsigned long gfp_flags", 0, false},
	    {NULL, 0, false}};
	static const struct made_field page_free[] = {
	    {"unsigned long pfn", 0, false},
	    {"unsigned int order", 4, false},
	    {NULL, 0, false}};
	static const struct made_field print[] = {
	    {"unsigned long ip", 0, false},
	    {"char buf[]", 0, true},
	    {NULL, 0, false}};
	static const struct made_field task_rename[] = {
	    {"pid_t pid", 4, true},
	    {"char oldcomm[16]", 16, false},
	    {"char newcomm[16]", 16, false},
	    {NULL, 0, false}};

	write_format(capture, "kmem/kmalloc", MADE_KMALLOC, kmalloc);
	write_format(capture, "kmem/kfree", MADE_KFREE, kfree);
	write_format(capture, "kmem/kmem_cache_free", MADE_CACHE_FREE,
		     cache_free);
	write_format(capture, "kmem/mm_page_alloc", MADE_PAGE_ALLOC,
		     page_alloc);
	write_format(capture, "kmem/mm_page_free", MADE_PAGE_FREE, page_free);
	write_format(capture, "ftrace/print", MADE_PRINT, print);
	write_format(capture, "task/task_rename", MADE_TASK_RENAME,
		     task_rename);
}

void made_capture_init(struct made_capture *capture, uint32_t long_size,
		       bool big_endian, uint32_t cpus)
{
	char text[1024];
	int used;

	*capture = (struct made_capture){.dir = "/tmp/kmemscope-made-XXXXXX",
					 .long_size = long_size,
					 .big_endian = big_endian};
	if (!mkdtemp(capture->dir))
		abort();
	used = snprintf(text, sizeof(text),
			"{\"format\": 1, \"release\": \"6.1.1\", \"machine\": "
			"\"made\", \"page_size\": 4096, \"long_size\": %u, "
			"\"endian\": \"%s\", \"cpus\": %u, \"clock\": "
			"\"mono\", \"self_pids\": [77], \"loss\": {",
			long_size, big_endian ? "big" : "little", cpus);
	for (uint32_t cpu = 0; cpu < cpus; cpu++)
		used += snprintf(text + used, sizeof(text) - (size_t)used,
				 "%s\"%u\": {\"entries\": 0, \"overrun\": 0}",
				 cpu ? ", " : "", cpu);
	snprintf(text + used, sizeof(text) - (size_t)used, "}}\n");
	made_capture_text(capture, "capture.json", text);
	snprintf(text, sizeof(text),
		 "\tfield: u64 timestamp;\toffset:0;\tsize:8;\tsigned:0;\n"
		 "\tfield: local_t commit;\toffset:8;\tsize:%u;\tsigned:1;\n"
		 "\tfield: int overwrite;\toffset:8;\tsize:1;\tsigned:1;\n"
		 "\tfield: char data;\toffset:%u;\tsize:%u;\tsigned:1;\n",
		 long_size, 8 + long_size, PAGE_BUILDER_BYTES - 8 - long_size);
	made_capture_text(capture, "tracefs/events/header_page", text);
	write_formats(capture);
	write_vmap_formats(capture);
	write_process_formats(capture);
}

void made_capture_fini(struct made_capture *capture)
{
	made_capture_remove(capture, "");
}

static void put(struct made_record *record, const struct made_capture *capture,
		uint64_t value, uint32_t size)
{
	for (uint32_t i = 0; i < size; i++) {
		uint32_t at = capture->big_endian ? size - 1 - i : i;

		record->bytes[record->len + at] = (uint8_t)(value >> (8 * i));
	}
	record->len += size;
	assert(record->len <= sizeof(record->bytes));
}

static void put_text(struct made_record *record, const char *text, size_t size)
{
	assert(record->len + size <= sizeof(record->bytes));
	memcpy(record->bytes + record->len, text,
	       strlen(text) < size ? strlen(text) : size);
	record->len += (uint32_t)size;
}

static struct made_record start(const struct made_capture *capture, int id,
				int pid)
{
	struct made_record record = {.len = 0};

	put(&record, capture, (uint64_t)id, 2);
	put(&record, capture, 0, 2);
	put(&record, capture, (uint32_t)pid, 4);
	return record;
}

struct made_record made_kmalloc(const struct made_capture *capture, int pid,
				uint64_t call_site, uint64_t ptr, uint64_t req,
				uint64_t alloc)
{
	struct made_record record = start(capture, MADE_KMALLOC, pid);
	uint32_t size = capture->long_size;

	put(&record, capture, call_site, size);
	put(&record, capture, ptr, size);
	put(&record, capture, req, size);
	put(&record, capture, alloc, size);
	put(&record, capture, 0xcc0, size);
	put(&record, capture, UINT32_MAX, 4);
	return record;
}

struct made_record made_kfree(const struct made_capture *capture, int pid,
			      uint64_t ptr)
{
	struct made_record record = start(capture, MADE_KFREE, pid);

	put(&record, capture, 0xc00a1198, capture->long_size);
	put(&record, capture, ptr, capture->long_size);
	return record;
}

struct made_record made_cache_free(const struct made_capture *capture, int pid,
				   uint64_t ptr, const char *name)
{
	struct made_record record = start(capture, MADE_CACHE_FREE, pid);
	uint32_t len = (uint32_t)strlen(name) + 1;

	put(&record, capture, 0xc00a1198, capture->long_size);
	put(&record, capture, ptr, capture->long_size);
	put(&record, capture, len << 16 | (record.len + 4), 4);
	put_text(&record, name, len);
	return record;
}

struct made_record made_page_alloc(const struct made_capture *capture,
				   uint64_t pfn, uint32_t order)
{
	struct made_record record = start(capture, MADE_PAGE_ALLOC, 1);

	put(&record, capture, pfn, capture->long_size);
	put(&record, capture, order, 4);
	put(&record, capture, 1, 4);
	put(&record, capture, 0xcc0, capture->long_size);
	return record;
}

struct made_record made_vmap_alloc(const struct made_capture *capture,
				   uint64_t addr, uint64_t size, int failed)
{
	struct made_record record = start(capture, MADE_VMAP_ALLOC, 1);

	put(&record, capture, addr, capture->long_size);
	put(&record, capture, size, capture->long_size);
	put(&record, capture, 1, capture->long_size);
	put(&record, capture, 0xc0000000, capture->long_size);
	put(&record, capture, 0xffffffff, capture->long_size);
	put(&record, capture, (uint32_t)failed, 4);
	return record;
}

struct made_record made_vmap_free(const struct made_capture *capture,
				  uint64_t addr, uint64_t lazy,
				  uint64_t lazy_max)
{
	struct made_record record = start(capture, MADE_VMAP_FREE, 1);

	put(&record, capture, addr, capture->long_size);
	put(&record, capture, lazy, capture->long_size);
	put(&record, capture, lazy_max, capture->long_size);
	return record;
}

struct made_record made_vmap_purge(const struct made_capture *capture,
				   uint64_t addr, uint64_t end)
{
	struct made_record record = start(capture, MADE_VMAP_PURGE, 1);

	put(&record, capture, addr, capture->long_size);
	put(&record, capture, end, capture->long_size);
	put(&record, capture, 3, 4);
	return record;
}

struct made_record made_fault(const struct made_capture *capture, int id,
			      uint64_t address, uint64_t error_code)
{
	struct made_record record = start(capture, id, 1);

	put(&record, capture, address, capture->long_size);
	put(&record, capture, 0x401000, capture->long_size);
	put(&record, capture, error_code, capture->long_size);
	return record;
}

struct made_record made_task_new(const struct made_capture *capture, int pid,
				 const char *comm, uint64_t clone_flags)
{
	struct made_record record = start(capture, MADE_TASK_NEW, 1);

	put(&record, capture, (uint32_t)pid, 4);
	put_text(&record, comm, 16);
	put(&record, capture, clone_flags, capture->long_size);
	put(&record, capture, 0, 2);
	return record;
}

struct made_record made_print(const struct made_capture *capture,
			      const char *text)
{
	struct made_record record = start(capture, MADE_PRINT, 1);

	put(&record, capture, 0, capture->long_size);
	put_text(&record, text, strlen(text) + 1);
	return record;
}

struct made_record made_rename(const struct made_capture *capture, int pid,
			       const char *comm)
{
	struct made_record record = start(capture, MADE_TASK_RENAME, pid);

	put(&record, capture, (uint32_t)pid, 4);
	put_text(&record, "old", 16);
	put_text(&record, comm, 16);
	return record;
}

void made_record_flags(struct made_record *record, uint8_t flags)
{
	record->bytes[2] = flags;
}
