/*
 * db_sites: the call sites of a database by number, and their table.
 */
#ifndef DB_DB_SITES_H
#define DB_DB_SITES_H

#include <stdint.h>

#include <sqlite3.h>

#include "core/err.h"
#include "core/map.h"
#include "core/symbols.h"

/* Call sites by number, in order of appearance; 0 is none. */
struct site_list {
	uint64_t *addresses; /* addresses[id - 1] */
	uint32_t count, cap;
	struct map ids;	   /* address -> id */
	uint32_t all_ones; /* id of UINT64_MAX, which the map cannot hold */
};

/* Frees what it holds; a zeroed one is empty. */
void site_list_fini(struct site_list *sites);

/* The id of an address, given now if it is new; 0 for address 0. ERR_NOMEM. */
MUST_CHECK int site_list_id(struct site_list *sites, uint64_t address,
			    uint32_t *id);

/*
 * Writes table call_site, each address with its symbol if it has one. Errors
 * of row_put().
 */
MUST_CHECK int db_sites_store(sqlite3 *sql, const struct site_list *sites,
			      const struct symbols *symbols, struct err *err);

/*
 * Reads it again into two empty lists; symbols are to be sorted then.
 * ERR_FORMAT: the file is damaged.
 */
MUST_CHECK int db_sites_load(sqlite3 *sql, struct site_list *sites,
			     struct symbols *symbols, struct err *err);

#endif
