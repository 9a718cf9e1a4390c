#include "core/new_file.h"

#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static int exists(const char *path, struct err *err)
{
	return err_set(err, ERR_EXISTS,
		       "%s already exists: remove it, give another name or "
		       "overwrite it with -f",
		       path);
}

static int cannot_make(const char *path, struct err *err)
{
	if (errno == ENOENT)
		return err_set(err, ERR_MISSING,
			       "cannot make %s: No such file or directory: its "
			       "folder must be there first",
			       path);
	return err_set(
	    err, errno == EACCES || errno == EPERM ? ERR_PERM : ERR_IO,
	    "cannot make %s: %s: give another name", path, strerror(errno));
}

int new_file_make(struct new_file *new_file, const char *path, bool overwrite,
		  struct err *err)
{
	struct stat st;
	int fd;

	*new_file = (struct new_file){.path = path, .overwrite = overwrite};
	if (!lstat(path, &st)) {
		if (S_ISDIR(st.st_mode))
			return err_set(err, ERR_EXISTS,
				       "%s is a directory: give the name of a "
				       "file",
				       path);
		if (!overwrite)
			return exists(path, err);
	}
	if (strlen(path) >= NEW_FILE_PATH_MAX)
		return err_set(err, ERR_LIMIT, "%.40s...: the name is too long",
			       path);
	snprintf(new_file->partial, sizeof(new_file->partial),
		 "%s.partial-XXXXXX", path);
	/* Mode 0600. */
	fd = mkostemp(new_file->partial, O_CLOEXEC);
	if (fd >= 0) {
		close(fd);
		return 0;
	}
	new_file->partial[0] = '\0';
	return cannot_make(path, err);
}

/* The directory holds the name, so it must be durable, too. */
static int sync_directory(const char *path)
{
	const char *slash = strrchr(path, '/');
	char *dir = slash ? strndup(path, (size_t)(slash - path) + 1) : NULL;
	int fd, ret = 0;

	if (slash && !dir)
		return ENOMEM;
	fd = open(dir ? dir : ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	free(dir);
	/* One that may be written but not read. */
	if (fd < 0)
		return errno == EACCES ? 0 : errno;
	if (fsync(fd))
		ret = errno;
	close(fd);
	return ret;
}

static int sync_file(const char *path)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC), ret = 0;

	if (fd < 0 || fsync(fd))
		ret = errno;
	if (fd >= 0)
		close(fd);
	return ret;
}

/* Never over another file that was not meant. */
static int rename_partial(const struct new_file *new_file)
{
	unsigned int how = new_file->overwrite ? 0 : RENAME_NOREPLACE;
	int ret = renameat2(AT_FDCWD, new_file->partial, AT_FDCWD,
			    new_file->path, how);

	/* Not every file system knows how to rename without replacing. */
	if (ret && how && errno == EINVAL)
		ret = rename(new_file->partial, new_file->path);
	return ret ? errno : 0;
}

int new_file_place(struct new_file *new_file, struct err *err)
{
	int error;

	assert(new_file->partial[0]);
	error = sync_file(new_file->partial);
	if (!error)
		error = rename_partial(new_file);
	if (error) {
		new_file_drop(new_file);
	} else {
		new_file->partial[0] = '\0';
		error = sync_directory(new_file->path);
	}
	if (error == EEXIST)
		return exists(new_file->path, err);
	return error ? err_set(err, ERR_IO, "cannot write %s: %s",
			       new_file->path, strerror(error))
		     : 0;
}

void new_file_drop(struct new_file *new_file)
{
	if (new_file->partial[0])
		unlink(new_file->partial);
	new_file->partial[0] = '\0';
}

int new_file_open(struct new_file *new_file, const char *path, bool overwrite,
		  struct err *err)
{
	int ret = new_file_make(new_file, path, overwrite, err);

	if (ret)
		return ret;
	new_file->file = fopen(new_file->partial, "we");
	if (new_file->file)
		return 0;
	ret = cannot_make(path, err);
	new_file_drop(new_file);
	return ret;
}

int new_file_finish(struct new_file *new_file, int rc, uint64_t *bytes,
		    struct err *err)
{
	FILE *file = new_file->file;
	bool good = !fflush(file) && !ferror(file);
	int error = errno;

	*bytes = (uint64_t)ftell(file);
	new_file->file = NULL;
	if (fclose(file) && good) {
		good = false;
		error = errno;
	}
	if (!rc && !good)
		rc = err_set(err, ERR_IO, "cannot write %s: %s", new_file->path,
			     strerror(error));
	if (!rc)
		return new_file_place(new_file, err);
	new_file_drop(new_file);
	return rc;
}
