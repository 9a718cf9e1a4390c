#include "cli/new_file.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static int exists(const char *path, struct err *err)
{
	return err_set(err, ERR_EXISTS,
		       "%s already exists: remove it, name another file "
		       "with -o or overwrite it with -f",
		       path);
}

int new_file_open(struct new_file *new_file, const char *path, bool overwrite,
		  struct err *err)
{
	struct stat st;
	int fd;

	*new_file = (struct new_file){.path = path, .overwrite = overwrite};
	if (!overwrite && !lstat(path, &st))
		return exists(path, err);
	if ((size_t)snprintf(new_file->partial, sizeof(new_file->partial),
			     "%s.partial-XXXXXX",
			     path) >= sizeof(new_file->partial))
		return err_set(err, ERR_LIMIT, "%s: the name is too long",
			       path);
	/* Mode 0600. */
	fd = mkostemp(new_file->partial, O_CLOEXEC);
	new_file->file = fd < 0 ? NULL : fdopen(fd, "w");
	if (new_file->file)
		return 0;
	err_set(err, errno == EACCES || errno == EPERM ? ERR_PERM : ERR_IO,
		"cannot make %s: %s", path, strerror(errno));
	if (fd >= 0) {
		close(fd);
		unlink(new_file->partial);
	}
	return err ? err->code : ERR_IO;
}

static int put_in_place(struct new_file *new_file, struct err *err)
{
	unsigned int how = new_file->overwrite ? 0 : RENAME_NOREPLACE;
	int ret = renameat2(AT_FDCWD, new_file->partial, AT_FDCWD,
			    new_file->path, how);

	/* Not every file system knows how to rename without replacing. */
	if (ret && how && errno == EINVAL)
		ret = rename(new_file->partial, new_file->path);
	if (ret && errno == EEXIST)
		return exists(new_file->path, err);
	if (ret)
		return err_set(err, ERR_IO, "cannot make %s: %s",
			       new_file->path, strerror(errno));
	return 0;
}

int new_file_finish(struct new_file *new_file, int rc, long *bytes,
		    struct err *err)
{
	FILE *file = new_file->file;
	bool good = !fflush(file) && !ferror(file) && !fsync(fileno(file));
	int error = errno;

	*bytes = ftell(file);
	if (fclose(file) && good) {
		good = false;
		error = errno;
	}
	if (!rc && !good)
		rc = err_set(err, ERR_IO, "cannot write %s: %s", new_file->path,
			     strerror(error));
	if (!rc)
		rc = put_in_place(new_file, err);
	if (rc)
		unlink(new_file->partial);
	return rc;
}
