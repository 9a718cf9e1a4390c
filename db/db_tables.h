/*
 * db_tables: which column of db/schema.sql holds which member of which struct.
 */
#ifndef DB_DB_TABLES_H
#define DB_DB_TABLES_H

#include "db/db_row.h"

/* More page frames than any machine has: the file is damaged. */
#define DB_PFN_MAX ((uint64_t)1 << 40)

extern const struct row_table table_capture;	  /* struct trace */
extern const struct row_table table_cpu_loss;	  /* cpu: struct cpu_loss */
extern const struct row_table table_snapshot;	  /* moment: struct snapshot */
extern const struct row_table table_zone;	  /* snapshot_zone */
extern const struct row_table table_pcp;	  /* snapshot_pcp */
extern const struct row_table table_block;	  /* snapshot_block */
extern const struct row_table table_cache;	  /* snapshot_cache */
extern const struct row_table table_alias;	  /* snapshot_alias */
extern const struct row_table table_start_page;	  /* reveal_page */
extern const struct row_table table_start_list;	  /* reveal_listed */
extern const struct row_table table_site_summary; /* site_summary */
extern const struct row_table table_timeline;	  /* timeline_step */
extern const struct row_table table_run;	  /* run: replay_result */
extern const struct row_table table_sample;	  /* replay_sample */
extern const struct row_table table_sample_cache; /* replay_cache_sample */
extern const struct row_table table_cache_result; /* replay_cache_result */
extern const struct row_table table_waterfall;	  /* replay_waterfall */

#endif
