/*
 * In the temporary directory:
 *
 *   text.tsv    one string per line, behind a '>' so that no line is empty
 *   *.tsv       rows of numbers
 *   common.gp, picture.gp   fixed programs
 *   panels.svg  where the panels are, for hover.h; panels.png likewise
 *   main.gp     reads text.tsv, assigns, and loads picture.gp once for each
 *               terminal, into out.svg and out.png
 *   messages    what gnuplot printed
 */
#include "plots/figure.h"

#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <math.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "core/work_dir.h"
#include "plots/gnuplot.h"
#include "plots/label.h"
#include "plots/programs.h"

enum { TEXT_MAX = 1024 };

struct figure {
	char *dir;    /* where the pictures go */
	char *work;   /* dir/.plot-XXXXXX */
	FILE *text;   /* text.tsv */
	FILE *table;  /* the data file being written, or NULL */
	char *assign; /* assignments for main.gp */
	size_t assign_len;
	FILE *assign_stream;
	struct hover *hover;
	unsigned int texts;
	int failed; /* errno of the first failure */
};

static void fail(struct figure *fig)
{
	if (!fig->failed)
		fig->failed = errno ? errno : EIO;
}

static FILE *create(struct figure *fig, const char *name)
{
	char path[64];
	FILE *file = NULL;
	int dir = open(fig->work, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	int fd = -1;

	snprintf(path, sizeof(path), "%s", name);
	if (dir >= 0)
		fd = openat(dir, path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC,
			    0600);
	if (fd >= 0)
		file = fdopen(fd, "w");
	if (!file) {
		fail(fig);
		if (fd >= 0)
			close(fd);
	}
	if (dir >= 0)
		close(dir);
	return file;
}

static void finish(struct figure *fig, FILE **file)
{
	if (!*file)
		return;
	if (ferror(*file))
		fail(fig);
	if (fclose(*file))
		fail(fig);
	*file = NULL;
}

int figure_open(const char *dir, struct figure **out, struct err *err)
{
	struct figure *fig = calloc(1, sizeof(*fig));

	if (!fig)
		return err_set(err, ERR_NOMEM, "%s", err_code_text(ERR_NOMEM));
	fig->dir = strdup(dir);
	if (asprintf(&fig->work, "%s/.plot-XXXXXX", dir) < 0)
		fig->work = NULL;
	fig->assign_stream = open_memstream(&fig->assign, &fig->assign_len);
	fig->hover = hover_open();
	if (!fig->dir || !fig->work || !fig->assign_stream || !fig->hover) {
		free(fig->work);
		fig->work = NULL;
		figure_close(fig);
		return err_set(err, ERR_NOMEM, "%s", err_code_text(ERR_NOMEM));
	}
	if (!mkdtemp(fig->work)) {
		err_set(err, errno == EACCES ? ERR_PERM : ERR_IO,
			"%s: cannot write there: %s; give another directory",
			dir, strerror(errno));
		free(fig->work);
		fig->work = NULL;
		figure_close(fig);
		return err ? err->code : ERR_IO;
	}
	fig->text = create(fig, "text.tsv");
	*out = fig;
	return 0;
}

void figure_close(struct figure *fig)
{
	if (!fig)
		return;
	finish(fig, &fig->text);
	finish(fig, &fig->table);
	if (fig->assign_stream)
		fclose(fig->assign_stream);
	hover_close(fig->hover);
	if (fig->work)
		work_dir_remove(fig->work);
	free(fig->assign);
	free(fig->work);
	free(fig->dir);
	free(fig);
}

/* gnuplot divides whole numbers as C does; a point makes them real. */
static void print_number(FILE *file, double value)
{
	if (isnan(value))
		fputs("NaN", file);
	else
		fprintf(file, "%.10g", value);
}

static void put_variable(struct figure *fig, const char *variable,
			 unsigned int index)
{
	fprintf(fig->assign_stream, "%s", variable);
	if (index > 0)
		fprintf(fig->assign_stream, "%u", index);
	fprintf(fig->assign_stream, " = ");
}

void figure_number(struct figure *fig, const char *variable, unsigned int index,
		   double value)
{
	put_variable(fig, variable, index);
	print_number(fig->assign_stream, value);
	fputc('\n', fig->assign_stream);
}

static void put_text(struct figure *fig, const char *variable,
		     unsigned int index, const char *clean, bool tick)
{
	put_variable(fig, variable, index);
	fprintf(fig->assign_stream, "TEXT[%u]\n", ++fig->texts);
	if (!fig->text)
		return;
	fputc('>', fig->text);
	for (const char *c = clean; *c; c++) {
		/* The data file reader knows C's escapes. */
		if (*c == '\\' || (tick && *c == '%'))
			fputc(*c, fig->text);
		fputc(*c, fig->text);
	}
	fputc('\n', fig->text);
}

void figure_text(struct figure *fig, const char *variable, unsigned int index,
		 const char *text, size_t max_chars)
{
	char clean[TEXT_MAX];

	put_text(fig, variable, index,
		 label_clean(text, max_chars, clean, sizeof(clean)), false);
}

void figure_tick(struct figure *fig, const char *variable, unsigned int index,
		 const char *text, size_t max_chars)
{
	char clean[TEXT_MAX];

	put_text(fig, variable, index,
		 label_clean(text, max_chars, clean, sizeof(clean)), true);
}

void figure_table(struct figure *fig, const char *name, unsigned int index)
{
	char file[64];

	finish(fig, &fig->table);
	snprintf(file, sizeof(file), "%s%u.tsv", name, index);
	fig->table = create(fig, file);
}

void figure_row(struct figure *fig, const double *values, size_t count)
{
	if (!fig->table)
		return;
	for (size_t i = 0; i < count; i++) {
		if (i > 0)
			fputc('\t', fig->table);
		print_number(fig->table, values[i]);
	}
	fputc('\n', fig->table);
}

struct hover *figure_hover(struct figure *fig)
{
	return fig->hover;
}

static void write_file(struct figure *fig, const char *name, const char *text)
{
	FILE *file = create(fig, name);

	if (file)
		fputs(text, file);
	finish(fig, &file);
}

/* Draws the picture on one terminal. Arial: wide-spread, or replaced well. */
static void write_terminal(FILE *file, const char *terminal, const char *font,
			   const char *scale, const char *suffix)
{
	fprintf(file,
		"font_scale = %s\n"
		"load 'common.gp'\n"
		"set terminal %s noenhanced size %d,%d font '%s' background "
		"'#ffffff'\n"
		"set output 'out.%s'\n"
		"set print 'panels.%s'\n"
		"load 'picture.gp'\n"
		"unset output\n"
		"unset print\n"
		"reset\n",
		scale, terminal, FIGURE_WIDTH, FIGURE_HEIGHT, font, suffix,
		suffix);
}

static void write_main(struct figure *fig, enum plot_files files)
{
	FILE *file = create(fig, "main.gp");

	if (!file)
		return;
	fprintf(file,
		"font_scale = 1\n"
		"load 'common.gp'\n"
		"array TEXT[%u]\n"
		"stats 'text.tsv' using (TEXT[int($0)+1] = strcol(1)[2:], 1)"
		" nooutput\n",
		fig->texts);
	fputs(fig->assign, file);
	write_terminal(file, "svg", "Arial,13", "1.3", "svg");
	if (files == PLOT_SVG_AND_PNG)
		write_terminal(file, "pngcairo", "Arial,10", "1.0", "png");
	finish(fig, &file);
}

/* An empty picture, or none, is a failure even where gnuplot says nothing. */
static int check_made(struct figure *fig, const char *file,
		      const char *messages, struct err *err)
{
	char *path = NULL;
	struct stat st;
	bool made;

	if (asprintf(&path, "%s/%s", fig->work, file) < 0)
		return err_set(err, ERR_NOMEM, "%s", err_code_text(ERR_NOMEM));
	made = stat(path, &st) == 0 && st.st_size > 0;
	free(path);
	if (made)
		return 0;
	return err_set(err, ERR_CHILD, "gnuplot made no %s: %s",
		       strrchr(file, '.') + 1, gnuplot_reason(messages));
}

/* Moves work/file to dir/name and its suffix. */
static int publish(struct figure *fig, const char *file, const char *name,
		   struct err *err)
{
	char *source = NULL, *target = NULL;
	int rc = 0;

	if (asprintf(&source, "%s/%s", fig->work, file) < 0)
		source = NULL;
	if (asprintf(&target, "%s/%s%s", fig->dir, name, strrchr(file, '.')) <
	    0)
		target = NULL;
	if (!source || !target)
		rc = err_set(err, ERR_NOMEM, "%s", err_code_text(ERR_NOMEM));
	else if (rename(source, target))
		rc = err_set(err, ERR_IO, "%s: %s", target, strerror(errno));
	free(source);
	free(target);
	return rc;
}

static int attach_values(struct figure *fig, struct err *err)
{
	char *svg = NULL, *panels = NULL;
	int rc;

	if (asprintf(&svg, "%s/out.svg", fig->work) < 0)
		svg = NULL;
	if (asprintf(&panels, "%s/panels.svg", fig->work) < 0)
		panels = NULL;
	if (svg && panels)
		rc = hover_attach(fig->hover, svg, panels, err);
	else
		rc = err_set(err, ERR_NOMEM, "%s", err_code_text(ERR_NOMEM));
	free(svg);
	free(panels);
	return rc;
}

int figure_draw(struct figure *fig, const char *program, const char *name,
		enum plot_files files, char *warnings, size_t cap,
		struct err *err)
{
	int rc;

	assert(cap > 0);
	finish(fig, &fig->text);
	finish(fig, &fig->table);
	if (fclose(fig->assign_stream))
		fail(fig);
	fig->assign_stream = NULL;
	write_file(fig, "common.gp", program_common);
	write_file(fig, "picture.gp", program);
	write_main(fig, files);
	if (fig->failed)
		return err_set(err, ERR_IO,
			       "%s: writing the data of %s failed: %s",
			       fig->dir, name, strerror(fig->failed));
	rc = gnuplot_run(fig->work, warnings, cap, err);
	/* All or none. */
	if (!rc)
		rc = check_made(fig, "out.svg", warnings, err);
	if (!rc && files == PLOT_SVG_AND_PNG)
		rc = check_made(fig, "out.png", warnings, err);
	if (!rc)
		rc = attach_values(fig, err);
	if (!rc)
		rc = publish(fig, "out.svg", name, err);
	if (!rc && files == PLOT_SVG_AND_PNG)
		rc = publish(fig, "out.png", name, err);
	return rc;
}
