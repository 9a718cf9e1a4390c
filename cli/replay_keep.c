#include "cli/replay_keep.h"

#include "db/db.h"

int replay_keep(const struct replay_runs *runs, const struct names *names,
		const char *path, struct err *err)
{
	struct db *db;
	int rc = db_open(path, true, &db, err);

	if (rc)
		return rc;
	for (size_t i = 0; i < runs->count && !rc; i++) {
		const struct replay_run *run = &runs->runs[i];
		struct db_run row = {
		    .names = names,
		    .result = &run->result,
		    .samples = run->samples,
		    .sample_count = run->sample_count,
		    .cache_samples = run->cache_samples,
		    .cache_sample_count = run->cache_sample_count,
		    .caches = run->caches,
		    .cache_count = run->cache_count,
		    .waterfall = run->waterfall,
		};

		rc = db_put_run(db, &row, err);
	}
	db_close(db);
	return rc;
}
