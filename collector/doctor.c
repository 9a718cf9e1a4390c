#include "collector/doctor.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <limits.h>
#include <signal.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include "collector/bytes.h"
#include "collector/kernel_files.h"
#include "collector/live_snapshot.h"
#include "collector/record.h"
#include "collector/recorded_events.h"
#include "collector/trace_instance.h"

enum {
	PROBE_BUFFER_KIB = 64,
	DISK_LEAST_MIB = 1024, /* half a minute of a busy two-core machine */
	MEMORY_SHARE_MOST = 4,
	CHECKS_LEAST = 64,
};

static const char as_root[] = "run kmemscope as root: sudo kmemscope record";

/* The next check, zeroed; doctor_run() made room for all. */
static struct doctor_check *add(struct doctor *doctor, const char *name,
				bool important)
{
	struct doctor_check *check = &doctor->checks[doctor->count++];

	snprintf(check->name, sizeof(check->name), "%s", name);
	check->important = important;
	return check;
}

static void found(struct doctor_check *check, enum doctor_state state,
		  const char *fmt, ...) __attribute__((format(printf, 3, 4)));

static void found(struct doctor_check *check, enum doctor_state state,
		  const char *fmt, ...)
{
	va_list ap;

	check->state = state;
	va_start(ap, fmt);
	vsnprintf(check->finding, sizeof(check->finding), fmt, ap);
	va_end(ap);
}

static void remedy(struct doctor_check *check, const char *text)
{
	snprintf(check->remedy, sizeof(check->remedy), "%s", text);
}

static void check_root(struct doctor *doctor)
{
	struct doctor_check *check = add(doctor, "root", false);

	if (geteuid() == 0) {
		found(check, DOCTOR_OK, "yes");
		return;
	}
	found(check, DOCTOR_MISSING, "no: user id %u", (unsigned int)geteuid());
	remedy(check, as_root);
}

/* Kernel lockdown in its strict mode closes tracefs even to root. */
static void check_lockdown(struct doctor *doctor)
{
	struct doctor_check *check = add(doctor, "lockdown", true);
	char text[128];

	if (file_read_line(AT_FDCWD, "/sys/kernel/security/lockdown", text,
			   sizeof(text))) {
		found(check, DOCTOR_OK, "not in use");
	} else if (strstr(text, "[confidentiality]")) {
		found(check, DOCTOR_MISSING, "%s", text);
		remedy(check, "boot with lockdown=integrity or less");
	} else {
		found(check, DOCTOR_OK, "%s", text);
	}
}

static const char *check_tracefs(struct doctor *doctor)
{
	struct doctor_check *check = add(doctor, "tracefs", true);
	struct err err = {0};
	const char *dir;

	if (!tracefs_find(&dir, &err)) {
		found(check, DOCTOR_OK, "%s", dir);
		return dir;
	}
	found(check, DOCTOR_MISSING, "not usable");
	remedy(check, err.text);
	return NULL;
}

static void check_clock(struct doctor *doctor, const char *tracefs)
{
	struct doctor_check *check = add(doctor, "clock mono", true);
	char path[PATH_MAX], text[512];

	snprintf(path, sizeof(path), "%s/trace_clock", tracefs);
	if (file_read_line(AT_FDCWD, path, text, sizeof(text))) {
		found(check, DOCTOR_MISSING, "%s: %s", path, strerror(errno));
		remedy(check, as_root);
	} else if (!strstr(text, "mono")) {
		found(check, DOCTOR_MISSING, "not among: %s", text);
		remedy(check, "a kernel from 3.17 on");
	} else {
		found(check, DOCTOR_OK, "there");
	}
}

static void check_instance(struct doctor *doctor)
{
	struct doctor_check *check = add(doctor, "private instance", true);
	struct trace_instance *instance;
	struct err err = {0};
	char name[64];

	snprintf(name, sizeof(name), "kmemscope-%d", (int)getpid());
	if (trace_instance_create(name, PROBE_BUFFER_KIB, &instance, &err) ||
	    trace_instance_destroy(instance, &err)) {
		found(check, DOCTOR_MISSING, "%s", err.text);
		remedy(check, as_root);
		return;
	}
	found(check, DOCTOR_OK, "can be made and removed");
}

/* An instance of a recorder that is no more: its guardian was killed too. */
static void check_leftovers(struct doctor *doctor, const char *tracefs)
{
	struct doctor_check *check = add(doctor, "leftover instances", false);
	char path[PATH_MAX];
	struct dirent *entry;
	DIR *dir;

	snprintf(path, sizeof(path), "%s/instances", tracefs);
	dir = opendir(path);
	found(check, DOCTOR_OK, "none");
	while (dir && (entry = readdir(dir))) {
		int pid;

		if (sscanf(entry->d_name, "kmemscope-%d", &pid) != 1 ||
		    pid == (int)getpid() || !kill(pid, 0) || errno != ESRCH)
			continue;
		found(check, DOCTOR_MISSING, "%s holds memory for nobody",
		      entry->d_name);
		snprintf(check->remedy, sizeof(check->remedy),
			 "rmdir %.100s/%.64s", path, entry->d_name);
	}
	if (dir)
		closedir(dir);
}

static void check_events(struct doctor *doctor, const char *tracefs)
{
	for (const struct recorded_event *e = recorded_events(); e->name; e++) {
		struct doctor_check *check;
		char name[48], path[PATH_MAX];

		snprintf(name, sizeof(name), "%s/%s", e->system, e->name);
		check = add(doctor, name, e->when == EVENT_REQUIRED);
		snprintf(path, sizeof(path), "%s/events/%s/enable", tracefs,
			 name);
		if (!access(path, W_OK)) {
			found(check, DOCTOR_OK, "%s", e->gives);
		} else if (errno != ENOENT) {
			found(check, DOCTOR_MISSING, "%s", strerror(errno));
			remedy(check, as_root);
		} else if (e->when == EVENT_REQUIRED) {
			found(check, DOCTOR_MISSING, "not in this kernel");
			remedy(check, "a kernel with CONFIG_EVENT_TRACING");
		} else {
			found(check, DOCTOR_NONE, "not in this kernel");
		}
	}
}

static const char *file_remedy(unsigned int file, int error)
{
	if (error == EACCES || error == EPERM || geteuid())
		return as_root;
	switch (file) {
	case LIVE_KPAGEFLAGS:
		return "a kernel with CONFIG_PROC_PAGE_MONITOR; without it a "
		       "replay starts cold";
	case LIVE_UNUSABLE_INDEX:
	case LIVE_EXTFRAG_INDEX:
		return "mount -t debugfs nodev /sys/kernel/debug; the kernel "
		       "needs CONFIG_COMPACTION and CONFIG_DEBUG_FS";
	case LIVE_SLAB_TSV:
		return "a kernel with SLUB and CONFIG_SLUB_DEBUG";
	default:
		return "a kernel with CONFIG_PROC_FS that has the file";
	}
}

static void check_snapshot(struct doctor *doctor)
{
	struct live_sources sources;

	live_sources_open(&sources);
	for (unsigned int i = 0; i < LIVE_FILE_COUNT; i++) {
		const char *path = live_file_source(i);
		bool absolute = *path == '/';
		struct live_file file = {0};
		struct doctor_check *check;
		char name[48];

		snprintf(name, sizeof(name), "%s%s", absolute ? "" : "debugfs ",
			 path);
		check = add(doctor, name, false);
		if (live_file_read(&sources, i, &file)) {
			found(check, DOCTOR_MISSING, "no memory to read it");
			remedy(check, "free some memory");
		} else if (file.error) {
			found(check, DOCTOR_MISSING, "%s",
			      !absolute && sources.debugfs_fd < 0
				  ? sources.debugfs_why
				  : strerror(file.error));
			remedy(check, file_remedy(i, file.error));
		} else {
			found(check, DOCTOR_OK, "%zu bytes", file.content.len);
		}
		bytes_fini(&file.content);
	}
	live_sources_close(&sources);
}

static void check_kallsyms(struct doctor *doctor)
{
	struct doctor_check *check = add(doctor, "/proc/kallsyms", false);
	struct bytes text = {0};

	if (bytes_read_file(&text, AT_FDCWD, "/proc/kallsyms")) {
		found(check, DOCTOR_MISSING, "%s", strerror(errno));
		remedy(check, "a kernel with CONFIG_KALLSYMS; without it call "
			      "sites are bare addresses");
	} else if (!kallsyms_has_addresses(text.data, text.len)) {
		found(check, DOCTOR_MISSING, "addresses are hidden");
		remedy(check, geteuid()
				  ? as_root
				  : "sysctl kernel.kptr_restrict=1; without "
				    "it call sites are bare addresses");
	} else {
		found(check, DOCTOR_OK, "with real addresses");
	}
	bytes_fini(&text);
}

static void check_config(struct doctor *doctor)
{
	struct doctor_check *check = add(doctor, "kernel config", false);
	char path[256];
	const char *config = kernel_config_path(path, sizeof(path));

	if (config) {
		found(check, DOCTOR_OK, "%s", config);
		return;
	}
	found(check, DOCTOR_MISSING, "neither /proc/config.gz nor /boot");
	remedy(check, "modprobe configs, or copy it to /boot/config-RELEASE");
}

static bool program_exists(const char *name)
{
	const char *path = getenv("PATH");

	while (path && *path) {
		size_t len = strcspn(path, ":");
		char file[PATH_MAX];

		snprintf(file, sizeof(file), "%.*s/%s", (int)len, path, name);
		if (!access(file, X_OK))
			return true;
		path += len + (path[len] == ':');
	}
	return false;
}

static void check_program(struct doctor *doctor, const char *name,
			  const char *get)
{
	struct doctor_check *check = add(doctor, name, false);

	if (program_exists(name)) {
		found(check, DOCTOR_OK, "there");
		return;
	}
	found(check, DOCTOR_MISSING, "not in PATH");
	remedy(check, get);
}

static void check_disk(struct doctor *doctor, const char *dir)
{
	struct doctor_check *check = add(doctor, "free disk", false);
	struct statvfs fs;
	uint64_t mib;

	if (statvfs(dir, &fs)) {
		found(check, DOCTOR_MISSING, "%s: %s", dir, strerror(errno));
		remedy(check, "choose another place with -o");
		return;
	}
	mib = (uint64_t)fs.f_bavail * fs.f_frsize >> 20;
	if (mib >= DISK_LEAST_MIB) {
		found(check, DOCTOR_OK, "%" PRIu64 " MiB in %s", mib, dir);
		return;
	}
	found(check, DOCTOR_MISSING,
	      "%" PRIu64 " MiB in %s, a busy machine "
	      "fills 50 MiB a second",
	      mib, dir);
	remedy(check, "choose another place with -o");
}

/* MemAvailable of /proc/meminfo in KiB, 0 if it cannot be told. */
static uint64_t available_kib(void)
{
	struct bytes text = {0};
	uint64_t kib = 0;
	const char *line;

	if (!bytes_read_file(&text, AT_FDCWD, "/proc/meminfo") &&
	    !bytes_append(&text, "", 1)) {
		line = strstr(text.data, "MemAvailable:");
		if (line && sscanf(line, "MemAvailable: %" SCNu64, &kib) != 1)
			kib = 0;
	}
	bytes_fini(&text);
	return kib;
}

static void check_memory(struct doctor *doctor)
{
	struct doctor_check *check = add(doctor, "buffer memory", false);
	uint64_t each = record_default_buffer_kib();
	long cpus = sysconf(_SC_NPROCESSORS_ONLN);
	uint64_t all = each * (uint64_t)(cpus > 0 ? cpus : 1);
	uint64_t have = available_kib();

	found(check, DOCTOR_OK,
	      "%" PRIu64 " MiB per CPU, %" PRIu64 " in all, of %" PRIu64
	      " available",
	      each >> 10, all >> 10, have >> 10);
	if (have && all > have / MEMORY_SHARE_MOST) {
		check->state = DOCTOR_MISSING;
		remedy(check, "ask for a smaller buffer: record -b 1024");
	}
}

int doctor_run(const char *dir, struct doctor *doctor)
{
	const char *tracefs;
	size_t events = 0;

	while (recorded_events()[events].name)
		events++;
	*doctor = (struct doctor){0};
	doctor->checks = calloc(CHECKS_LEAST + events, sizeof(*doctor->checks));
	if (!doctor->checks)
		return ERR_NOMEM;
	check_root(doctor);
	check_lockdown(doctor);
	tracefs = check_tracefs(doctor);
	if (tracefs) {
		check_instance(doctor);
		check_clock(doctor, tracefs);
		check_leftovers(doctor, tracefs);
		check_events(doctor, tracefs);
	}
	check_snapshot(doctor);
	check_kallsyms(doctor);
	check_config(doctor);
	check_memory(doctor);
	check_disk(doctor, dir);
	check_program(doctor, "gnuplot",
		      "for pictures: apt-get install gnuplot-nox, or dnf "
		      "install gnuplot");
	check_program(doctor, "sqlite3",
		      "to query a database by hand: apt-get install sqlite3, "
		      "or dnf install sqlite");
	return 0;
}

bool doctor_can_record(const struct doctor *doctor)
{
	for (size_t i = 0; i < doctor->count; i++)
		if (doctor->checks[i].important &&
		    doctor->checks[i].state == DOCTOR_MISSING)
			return false;
	return true;
}

const char *doctor_state_word(enum doctor_state state)
{
	return state == DOCTOR_OK     ? "ok"
	       : state == DOCTOR_NONE ? "none"
				      : "missing";
}

void doctor_fini(struct doctor *doctor)
{
	free(doctor->checks);
	*doctor = (struct doctor){0};
}
