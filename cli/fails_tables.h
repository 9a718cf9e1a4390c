/*
 * fails_tables: the watch of orders (replay/order_watch.h) as tables.
 */
#ifndef CLI_FAILS_TABLES_H
#define CLI_FAILS_TABLES_H

#include "cli/replay_run.h"
#include "core/table.h"

enum { FAILS_TABLES = 5, FAILS_ROOMS = 16, FAILS_ALL_ORDERS = -1 };

/*
 * orders: one row per order. requests: what was allocated at its moment. space:
 * what all memory was used for when it failed. holders: who held most of it then,
 * for one order: the one asked for, else the lowest that failed after the
 * start, else the lowest that failed.
 *
 * rooms: free blocks of a huge page's size against what compaction and perfect
 * packing would free, at FAILS_ROOMS moments at most.
 *
 * order: the only one to show, or FAILS_ALL_ORDERS. Each table is
 * table_fini()ed by the caller.
 */
void fails_tables(const struct replay_run *run, const struct trace *trace,
		  int order, struct table tables[FAILS_TABLES]);

#endif
