#include "collector/live_snapshot.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <zstd.h>

#include "collector/live_slab.h"

#define DEBUGFS_DIR "/sys/kernel/debug"

/* fs/fsopen.c; glibc has names for these only since 2.36. */
enum { FSCONFIG_CMD_CREATE_ = 6, FSOPEN_CLOEXEC_ = 1, FSMOUNT_CLOEXEC_ = 1 };

enum { SPARE_BYTES = 256 << 10, COMPRESSION_LEVEL = 3 };

/* In the order in which they are read. Relative: inside debugfs. */
static const struct {
	const char *name, *path;
} sources_table[LIVE_FILE_COUNT] = {
    [LIVE_SLABINFO] = {"slabinfo", "/proc/slabinfo"},
    [LIVE_VMSTAT] = {"vmstat", "/proc/vmstat"},
    [LIVE_BUDDYINFO] = {"buddyinfo", "/proc/buddyinfo"},
    [LIVE_PAGETYPEINFO] = {"pagetypeinfo", "/proc/pagetypeinfo"},
    [LIVE_ZONEINFO] = {"zoneinfo", "/proc/zoneinfo"},
    [LIVE_KPAGEFLAGS] = {"kpageflags", "/proc/kpageflags"},
    [LIVE_MEMINFO] = {"meminfo", "/proc/meminfo"},
    [LIVE_UNUSABLE_INDEX] = {"unusable_index", "extfrag/unusable_index"},
    [LIVE_EXTFRAG_INDEX] = {"extfrag_index", "extfrag/extfrag_index"},
    [LIVE_SLAB_TSV] = {"slab.tsv", LIVE_SLAB_DIR},
};

/* A debugfs of our own, mounted nowhere: it is gone when the fd is closed. */
static int mount_debugfs_unseen(void)
{
	int saved, mount = -1;
	int context = (int)syscall(SYS_fsopen, "debugfs", FSOPEN_CLOEXEC_);

	if (context < 0)
		return -1;
	if (!syscall(SYS_fsconfig, context, FSCONFIG_CMD_CREATE_, NULL, NULL,
		     0))
		mount = (int)syscall(SYS_fsmount, context, FSMOUNT_CLOEXEC_, 0);
	saved = errno;
	close(context);
	errno = saved;
	return mount;
}

void live_sources_open(struct live_sources *sources)
{
	*sources = (struct live_sources){.debugfs_fd = -1};
	if (!access(DEBUGFS_DIR "/extfrag", F_OK))
		sources->debugfs_fd =
		    open(DEBUGFS_DIR, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	else
		sources->debugfs_fd = mount_debugfs_unseen();
	if (sources->debugfs_fd < 0)
		snprintf(sources->debugfs_why, sizeof(sources->debugfs_why),
			 "debugfs cannot be mounted: %s", strerror(errno));
}

void live_sources_close(struct live_sources *sources)
{
	if (sources->debugfs_fd >= 0)
		close(sources->debugfs_fd);
	sources->debugfs_fd = -1;
}

const char *live_file_source(unsigned int file)
{
	return sources_table[file].path;
}

int live_file_read(const struct live_sources *sources, unsigned int file,
		   struct live_file *out)
{
	const char *path = sources_table[file].path;
	int rc;

	out->content.len = 0;
	out->error = 0;
	if (*path != '/' && sources->debugfs_fd < 0) {
		out->error = ENOENT;
		return 0;
	}
	if (file == LIVE_SLAB_TSV)
		rc = live_slab_tsv(path, &out->content);
	else
		rc = bytes_read_file(&out->content, sources->debugfs_fd, path);
	if (rc == ERR_NOMEM)
		return rc;
	if (rc)
		out->error = errno ? errno : EIO;
	return 0;
}

void live_refresh_counters(void)
{
	char text[64];

	/* Reading it does the work; it holds nothing (mm/vmstat.c). */
	if (file_read_line(AT_FDCWD, "/proc/sys/vm/stat_refresh", text,
			   sizeof(text)))
		return;
}

static void mark(int marker_fd, const char *prefix, const char *what)
{
	char text[64];
	int len = snprintf(text, sizeof(text), "%s:%s", prefix, what);

	/* A marker that is lost shows as one that is not there. */
	if (marker_fd >= 0 && write(marker_fd, text, (size_t)len) != len)
		return;
}

int live_snapshot_take(struct live_snapshot *snapshot,
		       const struct live_sources *sources, int marker_fd,
		       const char *prefix, struct err *err)
{
	mark(marker_fd, prefix, "begin");
	for (unsigned int i = 0; i < LIVE_FILE_COUNT; i++) {
		mark(marker_fd, prefix, sources_table[i].name);
		if (live_file_read(sources, i, &snapshot->files[i]))
			return err_set(err, ERR_NOMEM,
				       "no memory for a snapshot of %s",
				       sources_table[i].path);
	}
	mark(marker_fd, prefix, "end");
	return 0;
}

int live_snapshot_prepare(struct live_snapshot *snapshot,
			  const struct live_snapshot *like, struct err *err)
{
	for (unsigned int i = 0; i < LIVE_FILE_COUNT; i++) {
		size_t want = like->files[i].content.len;

		if (bytes_reserve(&snapshot->files[i].content,
				  want + want / 16 + SPARE_BYTES))
			return err_set(err, ERR_NOMEM,
				       "no memory for a snapshot of %s",
				       sources_table[i].path);
	}
	return 0;
}

static int write_compressed(struct capture_dir *dir, const char *name,
			    const struct bytes *content, struct err *err)
{
	size_t cap = ZSTD_compressBound(content->len), len;
	void *packed = malloc(cap);
	int rc;

	if (!packed)
		return err_set(err, ERR_NOMEM, "out of memory");
	len = ZSTD_compress(packed, cap, content->data, content->len,
			    COMPRESSION_LEVEL);
	if (ZSTD_isError(len))
		rc = err_set(err, ERR_IO, "%s: %s", name,
			     ZSTD_getErrorName(len));
	else
		rc = capture_dir_write(dir, name, packed, len, err);
	free(packed);
	return rc;
}

static int note_unread(const struct live_sources *sources, unsigned int file,
		       int error, const char *name, struct unread *unread)
{
	const char *path = sources_table[file].path;

	if (*path == '/')
		return unread_add(unread, name, "%s: %s", path,
				  strerror(error));
	if (sources->debugfs_fd < 0)
		return unread_add(unread, name, "%s", sources->debugfs_why);
	return unread_add(unread, name, "debugfs %s: %s", path,
			  strerror(error));
}

int live_snapshot_write(const struct live_snapshot *snapshot,
			const struct live_sources *sources,
			struct capture_dir *dir, const char *folder,
			struct unread *unread, struct err *err)
{
	for (unsigned int i = 0; i < LIVE_FILE_COUNT; i++) {
		const struct live_file *file = &snapshot->files[i];
		char name[64];
		int rc;

		snprintf(name, sizeof(name), "%s/%s%s", folder,
			 sources_table[i].name,
			 i == LIVE_KPAGEFLAGS && !file->error ? ".zst" : "");
		if (file->error)
			rc = note_unread(sources, i, file->error, name, unread);
		else if (i == LIVE_KPAGEFLAGS)
			rc = write_compressed(dir, name, &file->content, err);
		else
			rc = capture_dir_write(dir, name, file->content.data,
					       file->content.len, err);
		if (rc)
			return err && err->code
				   ? rc
				   : err_set(err, rc, "%s: %s", name,
					     err_code_text(rc));
	}
	return 0;
}

void live_snapshot_fini(struct live_snapshot *snapshot)
{
	for (unsigned int i = 0; i < LIVE_FILE_COUNT; i++)
		bytes_fini(&snapshot->files[i].content);
}
