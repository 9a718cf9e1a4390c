/*
 * made_capture: small capture directories made by a test.
 */
#ifndef TESTS_PARSER_MADE_CAPTURE_H
#define TESTS_PARSER_MADE_CAPTURE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "parser/format.h"
#include "tests/parser/page_builder.h"

struct made_capture {
	char dir[64];
	uint32_t long_size;
	bool big_endian;
};

/*
 * A capture of one CPU with header_page and the formats of kmalloc, kfree,
 * kmem_cache_free, mm_page_alloc, mm_page_free, print and task_rename, with
 * fields as a 6.1 kernel of that long size lays them out, of task_newtask and
 * x86's page faults, and of 6.12's vmalloc events. No pages yet.
 */
void made_capture_init(struct made_capture *capture, uint32_t long_size,
		       bool big_endian, uint32_t cpus);
void made_capture_fini(struct made_capture *capture);

/* Writes dir/name, with the directories above it. */
void made_capture_file(const struct made_capture *capture, const char *name,
		       const void *bytes, size_t len);
void made_capture_text(const struct made_capture *capture, const char *name,
		       const char *text);

/* Removes dir/name, a file or a whole directory. */
void made_capture_remove(const struct made_capture *capture, const char *name);

/* Ids of the formats. */
enum {
	MADE_KMALLOC = 101,
	MADE_KFREE,
	MADE_CACHE_FREE,
	MADE_PAGE_ALLOC,
	MADE_PAGE_FREE,
	MADE_PRINT,
	MADE_TASK_RENAME,
	MADE_VMAP_ALLOC,
	MADE_VMAP_FREE,
	MADE_VMAP_PURGE,
	MADE_FAULT_USER,
	MADE_FAULT_KERNEL,
	MADE_TASK_NEW,
	MADE_UNKNOWN
};

/* Records for page_put_record(); each returns its length. */
struct made_record {
	uint8_t bytes[128];
	uint32_t len;
};
struct made_record made_kmalloc(const struct made_capture *capture, int pid,
				uint64_t call_site, uint64_t ptr, uint64_t req,
				uint64_t alloc);
struct made_record made_kfree(const struct made_capture *capture, int pid,
			      uint64_t ptr);
struct made_record made_cache_free(const struct made_capture *capture, int pid,
				   uint64_t ptr, const char *name);
struct made_record made_page_alloc(const struct made_capture *capture,
				   uint64_t pfn, uint32_t order);
struct made_record made_vmap_alloc(const struct made_capture *capture,
				   uint64_t addr, uint64_t size, int failed);
struct made_record made_vmap_free(const struct made_capture *capture,
				  uint64_t addr, uint64_t lazy,
				  uint64_t lazy_max);
struct made_record made_vmap_purge(const struct made_capture *capture,
				   uint64_t addr, uint64_t end);
/* id: MADE_FAULT_USER or MADE_FAULT_KERNEL. */
struct made_record made_fault(const struct made_capture *capture, int id,
			      uint64_t address, uint64_t error_code);
struct made_record made_task_new(const struct made_capture *capture, int pid,
				 const char *comm, uint64_t clone_flags);
struct made_record made_print(const struct made_capture *capture,
			      const char *text);
struct made_record made_rename(const struct made_capture *capture, int pid,
			       const char *comm);

/* The same with common_flags (TRACE_FLAG_SOFTIRQ is 0x10). */
void made_record_flags(struct made_record *record, uint8_t flags);

#endif
