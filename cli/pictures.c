#include "cli/pictures.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "cli/signals.h"
#include "plots/plots.h"

/* *made: it was not there before. */
static int make_dir(const char *dir, bool *made, struct err *err)
{
	struct stat st;

	*made = mkdir(dir, 0777) == 0;
	if (*made)
		return 0;
	if (errno != EEXIST)
		return err_set(err, errno == EACCES ? ERR_PERM : ERR_IO,
			       "%s: cannot make this directory: %s; give "
			       "another with -o",
			       dir, strerror(errno));
	if (stat(dir, &st) || !S_ISDIR(st.st_mode))
		return err_set(err, ERR_EXISTS,
			       "%s exists and is no directory; give another "
			       "with -o",
			       dir);
	return 0;
}

static int draw_one(const struct plot_input *input, enum plot plot,
		    const char *dir, enum plot_files files, FILE *list,
		    struct err *err)
{
	char warnings[2048];
	int rc =
	    plot_draw(input, plot, dir, files, warnings, sizeof(warnings), err);

	if (rc)
		return rc;
	if (warnings[0])
		fprintf(stderr, "kmemscope: %s: gnuplot says: %s\n",
			plot_name(plot), warnings);
	if (list)
		fprintf(list, "%s/%s.svg\n", dir, plot_name(plot));
	if (list && files == PLOT_SVG_AND_PNG)
		fprintf(list, "%s/%s.png\n", dir, plot_name(plot));
	if (list)
		fflush(list); /* each name as its picture is there */
	return 0;
}

static int draw_all(const struct plot_input *input, const char *dir,
		    enum plot_files files, FILE *list, unsigned int *drawn,
		    struct err *err)
{
	int rc = 0;

	for (int i = 0; i < PLOT_COUNT && !rc; i++) {
		const char *missing = plot_missing(input, (enum plot)i);

		if (missing) {
			fprintf(stderr, "kmemscope: %s is not drawn: %s\n",
				plot_name((enum plot)i), missing);
			continue;
		}
		rc = draw_one(input, (enum plot)i, dir, files, list, err);
		*drawn += !rc;
		if (!rc && signals_seen())
			rc = err_set(err, ERR_INTERRUPTED,
				     "interrupted; the pictures so far are in "
				     "%s",
				     dir);
	}
	return rc;
}

int pictures_draw(const struct results *results, const char *dir,
		  enum plot_files files, FILE *list, unsigned int *drawn,
		  struct err *err)
{
	struct plot_input input = {
	    .trace = &results->trace,
	    .sites = results->sites,
	    .site_count = results->site_count,
	    .map = &results->map,
	    .series_count = results->run_count,
	};
	struct plot_series *series =
	    calloc(results->run_count + 1, sizeof(*series));
	bool made = false;
	int rc;

	*drawn = 0;
	if (results->run_count > PLOT_SERIES_MAX)
		fprintf(stderr,
			"kmemscope: the first %d of %zu replays are drawn\n",
			PLOT_SERIES_MAX, results->run_count);
	if (!series)
		return err_set(err, ERR_NOMEM, "%s", err_code_text(ERR_NOMEM));
	for (size_t i = 0; i < results->run_count; i++) {
		const struct results_run *run = &results->runs[i];

		series[i] = (struct plot_series){
		    .result = &run->result,
		    .samples = run->samples,
		    .sample_count = run->sample_count,
		    .caches = run->caches,
		    .cache_count = run->cache_count,
		    .waterfall = run->waterfall,
		};
	}
	input.series = series;
	rc = make_dir(dir, &made, err);
	if (!rc)
		rc = draw_all(&input, dir, files, list, drawn, err);
	if (made && *drawn == 0)
		rmdir(dir);
	free(series);
	return rc;
}
