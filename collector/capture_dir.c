#include "collector/capture_dir.h"

#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { DIR_MODE = 0700, FILE_MODE = 0600, OPEN_DIRS = 16 };

/* The absolute path of a name whose last part need not exist. */
static int absolute_path(const char *path, char *out, struct err *err)
{
	char copy[PATH_MAX], parent[PATH_MAX];
	size_t len = strlen(path);
	char *slash;
	const char *name;

	while (len > 1 && path[len - 1] == '/')
		len--;
	if (len == 0 || len >= sizeof(copy))
		return err_set(err, ERR_USAGE, "'%s' is no name for a capture",
			       path);
	memcpy(copy, path, len);
	copy[len] = '\0';
	slash = strrchr(copy, '/');
	name = slash ? slash + 1 : copy;
	if (!*name || !strcmp(name, ".") || !strcmp(name, ".."))
		return err_set(err, ERR_EXISTS,
			       "%s: already exists: choose another with -o",
			       path);
	if (slash)
		*slash = '\0';
	if (!realpath(!slash ? "." : *copy ? copy : "/", parent))
		return err_set(err, ERR_MISSING,
			       "%s: %s: its folder must be there first", path,
			       strerror(errno));
	if (snprintf(out, PATH_MAX, "%s/%s", strcmp(parent, "/") ? parent : "",
		     name) >= PATH_MAX - 32)
		return err_set(err, ERR_USAGE, "%s: too long a name", path);
	return 0;
}

static int exists_error(const struct capture_dir *dir, struct err *err)
{
	return err_set(err, ERR_EXISTS,
		       "%s: already exists: remove it or choose another name "
		       "with -o",
		       dir->path);
}

int capture_dir_plan(struct capture_dir *dir, const char *path, struct err *err)
{
	struct stat st;
	int rc;

	dir->fd = -1;
	rc = absolute_path(path, dir->path, err);
	if (rc)
		return rc;
	if (!lstat(dir->path, &st))
		return exists_error(dir, err);
	if (snprintf(dir->partial, sizeof(dir->partial), "%s.partial-%d",
		     dir->path, (int)getpid()) >= (int)sizeof(dir->partial))
		return err_set(err, ERR_USAGE, "%s: too long a name", path);
	return 0;
}

int capture_dir_create(struct capture_dir *dir, struct err *err)
{
	if (mkdir(dir->partial, DIR_MODE))
		return err_set(err, errno == EACCES ? ERR_PERM : ERR_IO,
			       "%s: cannot be made: %s", dir->partial,
			       strerror(errno));
	dir->fd = open(dir->partial, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (dir->fd < 0)
		return err_set(err, ERR_IO, "%s: %s", dir->partial,
			       strerror(errno));
	return 0;
}

static int make_folders(struct capture_dir *dir, const char *name)
{
	char path[PATH_MAX];

	for (const char *slash = strchr(name, '/'); slash;
	     slash = strchr(slash + 1, '/')) {
		snprintf(path, sizeof(path), "%.*s", (int)(slash - name), name);
		if (mkdirat(dir->fd, path, DIR_MODE) && errno != EEXIST)
			return ERR_IO;
	}
	return 0;
}

static int write_error(const char *name, struct err *err)
{
	return err_set(err, ERR_IO, "%s: %s%s", name, strerror(errno),
		       errno == ENOSPC
			   ? " of the capture: free some or use another with -o"
			   : "");
}

int capture_dir_open(struct capture_dir *dir, const char *name, int *fd,
		     struct err *err)
{
	int got;

	assert(dir->fd >= 0);
	if (make_folders(dir, name))
		return write_error(name, err);
	got = openat(dir->fd, name, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC,
		     FILE_MODE);
	if (got < 0)
		return write_error(name, err);
	*fd = got;
	return 0;
}

int capture_dir_write(struct capture_dir *dir, const char *name,
		      const void *data, size_t len, struct err *err)
{
	const char *at = data;
	int fd = -1, rc;

	rc = capture_dir_open(dir, name, &fd, err);
	if (rc)
		return rc;
	while (len && !rc) {
		ssize_t put = write(fd, at, len);

		if (put > 0) {
			at += put;
			len -= (size_t)put;
		} else if (put == 0 || errno != EINTR) {
			rc = write_error(name, err);
		}
	}
	if (close(fd) && !rc)
		rc = write_error(name, err);
	return rc;
}

int capture_dir_commit(struct capture_dir *dir, struct err *err)
{
	struct stat st;
	int rc = renameat2(AT_FDCWD, dir->partial, AT_FDCWD, dir->path,
			   RENAME_NOREPLACE);

	/* Some file systems know no flags; then the check is a moment old. */
	if (rc && errno == EINVAL) {
		if (!lstat(dir->path, &st))
			return exists_error(dir, err);
		rc = rename(dir->partial, dir->path);
	}
	if (rc && (errno == EEXIST || errno == ENOTEMPTY))
		return exists_error(dir, err);
	if (rc)
		return err_set(err, ERR_IO, "%s: cannot be renamed: %s",
			       dir->partial, strerror(errno));
	close(dir->fd);
	dir->fd = -1;
	return 0;
}

void capture_dir_discard(struct capture_dir *dir)
{
	if (dir->fd < 0)
		return;
	close(dir->fd);
	dir->fd = -1;
	capture_dir_remove(dir->partial);
}

static int remove_one(const char *path, const struct stat *st, int type,
		      struct FTW *at)
{
	(void)st;
	(void)type;
	(void)at;
	remove(path);
	return 0;
}

void capture_dir_remove(const char *path)
{
	nftw(path, remove_one, OPEN_DIRS, FTW_DEPTH | FTW_PHYS);
}
