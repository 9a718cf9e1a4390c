/*
 * Really records this kernel, with the program itself. Exits 77, saying why,
 * where that is not possible.
 */
#include "collector/record.h"

#include <dirent.h>
#include <fcntl.h>
#include <mntent.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cjson/cJSON.h>

#include "collector/bytes.h"
#include "collector/capture_dir.h"
#include "collector/doctor.h"
#include "collector/trace_instance.h"
#include "tests/support/test.h"

enum { SKIPPED = 77, ARGS_MAX = 16 };

static char top[64], capture[128], messages[128];

static int set_up(void **state)
{
	(void)state;
	strcpy(top, "/tmp/kmemscope-live-XXXXXX");
	snprintf(capture, sizeof(capture), "%s/a.kmem",
		 mkdtemp(top) ? top : "");
	snprintf(messages, sizeof(messages), "%s/messages", top);
	return chmod(top, 0777);
}

static int tear_down(void **state)
{
	(void)state;
	capture_dir_remove(top);
	return 0;
}

/* Starts "kmemscope record -o CAPTURE ARGS", its talk in the file messages. */
static pid_t start(const char *const *args)
{
	const char *argv[ARGS_MAX] = {KMEMSCOPE, "record", "-o", capture};
	unsigned int argc = 4;
	pid_t pid;

	while (*args && argc < ARGS_MAX - 1)
		argv[argc++] = *args++;
	pid = fork();
	if (pid == 0) {
		int fd = open(messages, O_WRONLY | O_CREAT | O_TRUNC, 0666);

		dup2(fd, STDERR_FILENO);
		execv(KMEMSCOPE, (char **)argv);
		_exit(126);
	}
	assert_true(pid > 0);
	return pid;
}

static int finish(pid_t pid)
{
	int status;

	assert_int_equal(waitpid(pid, &status, 0), pid);
	return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

#define record(...) finish(start((const char *const[]){__VA_ARGS__, NULL}))

static void expect_said(const char *words)
{
	struct bytes text = {0};

	assert_int_equal(bytes_read_file(&text, AT_FDCWD, messages), 0);
	assert_int_equal(bytes_append(&text, "", 1), 0);
	if (!strstr(text.data, words)) {
		print_error("wanted \"%s\" in: %s\n", words, text.data);
		fail();
	}
	bytes_fini(&text);
}

static void instance_path(pid_t pid, char *path, size_t size)
{
	const char *tracefs;

	assert_int_equal(tracefs_find(&tracefs, NULL), 0);
	snprintf(path, size, "%s/instances/kmemscope-%d", tracefs, (int)pid);
}

/* Half a minute: a machine may be slow. */
enum { PATIENCE = 3000, STEP_US = 10000 };

/* Until path is there, or is not there. */
static void wait_for(const char *path, bool there)
{
	for (int i = 0; i < PATIENCE; i++) {
		if (!access(path, F_OK) == there)
			return;
		usleep(STEP_US);
	}
	print_error("%s %s\n", path, there ? "did not come" : "is still there");
	fail();
}

/* A file beside the messages; "" if there is none. */
static void find_left(char *name, size_t size)
{
	DIR *dir = opendir(top);
	struct dirent *entry;

	assert_non_null(dir);
	name[0] = '\0';
	while ((entry = readdir(dir)))
		if (entry->d_name[0] != '.' &&
		    strcmp(entry->d_name, "messages") != 0)
			snprintf(name, size, "%s", entry->d_name);
	closedir(dir);
}

/*
 * Nothing of it is left: no instance, no file beside the messages. The guardian
 * of a recorder that was killed takes its time, and removes the files last.
 */
static void expect_nothing_left(pid_t pid)
{
	char path[256], name[256];

	instance_path(pid, path, sizeof(path));
	wait_for(path, false);
	find_left(name, sizeof(name));
	for (int i = 0; i < PATIENCE && name[0]; i++) {
		usleep(STEP_US);
		find_left(name, sizeof(name));
	}
	if (name[0]) {
		print_error("%s is left\n", name);
		fail();
	}
}

static cJSON *read_json(void)
{
	struct bytes text = {0};
	char path[256];
	cJSON *root;

	snprintf(path, sizeof(path), "%s/capture.json", capture);
	assert_int_equal(bytes_read_file(&text, AT_FDCWD, path), 0);
	root = cJSON_ParseWithLength(text.data, text.len);
	assert_non_null(root);
	bytes_fini(&text);
	return root;
}

static uint64_t sum_loss(const cJSON *root, const char *name)
{
	const cJSON *cpu;
	uint64_t sum = 0;

	cJSON_ArrayForEach(cpu, cJSON_GetObjectItemCaseSensitive(root, "loss"))
	    sum +=
	    (uint64_t)cJSON_GetObjectItemCaseSensitive(cpu, name)->valuedouble;
	return sum;
}

/* Runs a shell command and reads the number that it prints. */
static uint64_t shell_number(const char *command)
{
	unsigned long long number = 0;
	FILE *in = popen(command, "r");

	assert_non_null(in);
	assert_int_equal(fscanf(in, "%llu", &number), 1);
	pclose(in);
	return number;
}

static void expect_file(const char *name, bool with_content)
{
	char path[256];
	struct stat st;

	snprintf(path, sizeof(path), "%s/%s", capture, name);
	if (stat(path, &st)) {
		print_error("%s is not in the capture\n", name);
		fail();
	}
	expect_u64_eq(st.st_mode & 07777, S_ISDIR(st.st_mode) ? 0700 : 0600);
	expect_true(!with_content || st.st_size > 0);
}

/* A sanitizer would see nothing of trace-cmd, and it takes its time. */
static bool has_trace_cmd(void)
{
#ifdef __SANITIZE_ADDRESS__
	return false;
#endif
	if (!system("command -v trace-cmd >/dev/null"))
		return true;
	print_message("no trace-cmd here: events are not recounted\n");
	return false;
}

/* What trace-cmd makes of the same pages, counted by a shell pipe. */
static uint64_t recount(const char *pipe)
{
	char command[1024];

	snprintf(command, sizeof(command),
		 "t=$(mktemp -d) && cd %s && "
		 "trace-cmd restore -c -t tracefs -k kernel/kallsyms "
		 "-o $t/head >/dev/null 2>&1 && "
		 "trace-cmd restore -o $t/dat -i $t/head cpu/*.raw "
		 ">/dev/null 2>&1 && trace-cmd report $t/dat 2>/dev/null | %s;"
		 "rm -rf $t",
		 capture, pipe);
	return shell_number(command);
}

static void expect_same_count(const cJSON *root)
{
	if (has_trace_cmd())
		expect_u64_eq(recount("grep -vcE '^cpus=|EVENTS DROPPED'"),
			      sum_loss(root, "entries"));
}

static void test_duration(void **state)
{
	cJSON *root;
	pid_t pid;

	(void)state;
	pid = start((const char *const[]){"-d", "0.3", NULL});
	expect_i64_eq(finish(pid), 0);
	expect_said("events in");
	root = read_json();
	expect_true(sum_loss(root, "entries") > 1000);
	expect_same_count(root);
	expect_file("", false);
	expect_file("capture.json", true);
	expect_file("cpu", false);
	expect_file("tracefs/events/header_page", true);
	expect_file("tracefs/events/header_event", true);
	expect_file("tracefs/events/ftrace/print/format", true);
	expect_file("tracefs/events/kmem/kmalloc/format", true);
	expect_file("tracefs/events/task/task_newtask/format", true);
	expect_file("before/zoneinfo", true);
	expect_file("before/slabinfo", true);
	expect_file("after/buddyinfo", true);
	expect_file("kernel/uname", true);
	cJSON_Delete(root);
	capture_dir_remove(capture);
	expect_nothing_left(pid);
}

/* Every marker is there, in order: one dry run, then before and after. */
static void test_markers(void **state)
{
	char command[1024];

	(void)state;
	expect_i64_eq(record("-d", "0.1"), 0);
	snprintf(command, sizeof(command),
		 "cat %s/cpu/*.raw | grep -aoE '(warm|before|after):(begin|end"
		 "|slabinfo|vmstat|buddyinfo|pagetypeinfo|zoneinfo|kpageflags"
		 "|meminfo|unusable_index|extfrag_index|slab.tsv)' | sort -u | "
		 "wc -l",
		 capture);
	expect_u64_eq(shell_number(command), 36);
}

static void test_command(void **state)
{
	const cJSON *item;
	cJSON *root;

	(void)state;
	expect_i64_eq(record("--", "sh", "-c", "exit 3"), 3);
	root = read_json();
	item = cJSON_GetObjectItemCaseSensitive(root, "command");
	expect_str_eq(item->valuestring, "sh -c 'exit 3'");
	item = cJSON_GetObjectItemCaseSensitive(root, "command_status");
	expect_i64_eq(item->valueint, 3);
	item = cJSON_GetObjectItemCaseSensitive(root, "self_pids");
	/* The recorder, its guardian, a reader at least. */
	expect_true(cJSON_GetArraySize(item) >= 3);
	cJSON_Delete(root);
}

/* Tasks from before the recording have names: this test, the recorder. */
static void test_names_of_tasks(void **state)
{
	char command[1024];

	(void)state;
	expect_i64_eq(record("-d", "0.1"), 0);
	snprintf(command, sizeof(command),
		 "grep -cE '^(%d test_record|[0-9]+ kmemscope)$' "
		 "%s/tracefs/saved_cmdlines",
		 (int)getpid(), capture);
	/* The recorder has a thread for each CPU at least. */
	expect_true(shell_number(command) >= 3);
}

/* The recorded command keeps no file of the instance open. */
static void test_command_that_goes_on(void **state)
{
	pid_t pid;
	char path[256];

	(void)state;
	pid = start((const char *const[]){
	    "--", "sh", "-c", "sleep 3 >/dev/null 2>&1 & exit 0", NULL});
	expect_i64_eq(finish(pid), 0);
	instance_path(pid, path, sizeof(path));
	expect_true(access(path, F_OK));
}

static void test_command_not_found(void **state)
{
	pid_t pid = start((const char *const[]){"--", "/nonexistent/x", NULL});

	(void)state;
	expect_i64_eq(finish(pid), 2);
	expect_said("/nonexistent/x: cannot be run");
	expect_nothing_left(pid);
}

static bool is_tracing(const char *instance)
{
	struct bytes text = {0};
	char path[300];
	bool is;

	snprintf(path, sizeof(path), "%s/tracing_on", instance);
	is = !bytes_read_file(&text, AT_FDCWD, path) && text.len &&
	     text.data[0] == '1';
	bytes_fini(&text);
	return is;
}

/* Sends a signal once tracing has begun. */
static pid_t start_and_signal(int sig, const char *const *args)
{
	pid_t pid = start(args);
	char path[256];

	instance_path(pid, path, sizeof(path));
	for (int i = 0; i < PATIENCE && !is_tracing(path); i++)
		usleep(STEP_US);
	expect_true(is_tracing(path));
	kill(pid, sig);
	return pid;
}

static void ends_properly(int sig)
{
	pid_t pid = start_and_signal(sig, (const char *const[]){NULL});
	char path[256];
	cJSON *root;

	expect_i64_eq(finish(pid), 0);
	instance_path(pid, path, sizeof(path));
	expect_true(access(path, F_OK));
	root = read_json();
	expect_true(sum_loss(root, "entries") > 0);
	cJSON_Delete(root);
}

static void test_sigint(void **state)
{
	(void)state;
	ends_properly(SIGINT);
}

static void test_sigterm(void **state)
{
	(void)state;
	ends_properly(SIGTERM);
}

static void test_sigint_ends_command(void **state)
{
	char ran[128], script[256];
	pid_t pid;

	(void)state;
	snprintf(ran, sizeof(ran), "%s/ran", top);
	snprintf(script, sizeof(script), "touch %s; exec sleep 30", ran);
	pid = start((const char *const[]){"--", "sh", "-c", script, NULL});
	wait_for(ran, true);
	kill(pid, SIGINT);
	expect_i64_eq(finish(pid), 128 + SIGTERM);
	expect_file("capture.json", true);
}

static void test_sigkill(void **state)
{
	pid_t pid = start_and_signal(SIGKILL, (const char *const[]){NULL});

	(void)state;
	expect_i64_eq(finish(pid), 128 + SIGKILL);
	expect_nothing_left(pid);
}

static void test_crash(void **state)
{
	pid_t pid = start_and_signal(SIGBUS, (const char *const[]){NULL});

	(void)state;
	expect_true(finish(pid) != 0);
	expect_nothing_left(pid);
}

static void test_output_exists(void **state)
{
	(void)state;
	assert_int_equal(mkdir(capture, 0755), 0);
	expect_i64_eq(record("-d", "0.1"), 2);
	expect_said("already exists");
	assert_int_equal(rmdir(capture), 0);
}

static void test_bad_filter(void **state)
{
	pid_t pid = start((const char *const[]){
	    "--filter", "kmalloc:no_such_field>1", "-d", "1", NULL});

	(void)state;
	expect_i64_eq(finish(pid), 2);
	expect_said("Field not found");
	expect_nothing_left(pid);
}

static void test_filter(void **state)
{
	cJSON *root;

	(void)state;
	expect_i64_eq(
	    record("--filter", "kmalloc:bytes_req>=4096", "-d", "0.1"), 0);
	expect_said("filtered");
	root = read_json();
	expect_true(
	    cJSON_IsTrue(cJSON_GetObjectItemCaseSensitive(root, "filtered")));
	cJSON_Delete(root);
	if (!has_trace_cmd())
		return;
	/* No small kmalloc, and kfree of whatever. */
	expect_u64_eq(recount("awk '/ kmalloc: .* bytes_req=[0-9]?[0-9]?[0-9] /"
			      " { n++ } / kfree: / { k = 1 }"
			      " END { print n + !k }'"),
		      0);
}

/* The kernel would silently keep the last one only. */
static void test_two_filters_on_one_event(void **state)
{
	(void)state;
	expect_i64_eq(record("--filter", "kfree:ptr!=0", "--filter",
			     "kfree:ptr!=1", "-d", "1"),
		      2);
	expect_said("two filters on kfree");
}

static void test_buffer_too_large(void **state)
{
	pid_t pid =
	    start((const char *const[]){"-b", "1000000000", "-d", "1", NULL});

	(void)state;
	expect_i64_eq(finish(pid), 2);
	expect_said("-b");
	expect_nothing_left(pid);
}

/* In a mount namespace of its own: a disk of 2 MiB. */
static int record_on_tiny_disk(void)
{
	if (unshare(CLONE_NEWNS) ||
	    mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL))
		return SKIPPED;
	if (mkdir(capture, 0700) ||
	    mount("none", capture, "tmpfs", 0, "size=2m"))
		return SKIPPED;
	strcat(capture, "/b.kmem");
	/* Only a full disk ends it. */
	if (record("--", "sh", "-c",
		   "while :; do ls -l /usr/include; done >/dev/null 2>&1") != 2)
		return 1;
	expect_said("no space left");
	capture[strlen(capture) - strlen("/b.kmem")] = '\0';
	return 0;
}

static void test_full_disk(void **state)
{
	pid_t pid = fork();
	int status;

	(void)state;
	if (pid == 0) {
		char command[256];

		status = record_on_tiny_disk();
		snprintf(command, sizeof(command), "test -z \"$(ls -A %s)\"",
			 capture);
		if (!status && system(command))
			status = 3;
		_exit(status);
	}
	status = finish(pid);
	if (status == SKIPPED) {
		print_message("no mount allowed: full disk not tested\n");
		skip();
	}
	expect_i64_eq(status, 0);
}

static void test_not_root(void **state)
{
	pid_t pid = fork();
	int status;

	(void)state;
	if (pid == 0) {
		if (setgid(65534) || setuid(65534) || access(KMEMSCOPE, X_OK))
			_exit(SKIPPED);
		_exit(record("-d", "0.1") == 2 ? 0 : 1);
	}
	status = finish(pid);
	if (status == SKIPPED) {
		print_message("nobody cannot reach the program: not tested\n");
		skip();
	}
	expect_i64_eq(status, 0);
	expect_said("root");
	expect_true(access(capture, F_OK));
}

/* debugfs, too: looking into its folder tracing mounts tracefs again. */
static int unmount_one_tracefs(void)
{
	FILE *mounts = setmntent("/proc/self/mounts", "r");
	const struct mntent *entry;
	int unmounted = 0;

	if (!mounts)
		return -1;
	while (!unmounted && (entry = getmntent(mounts))) {
		if (!strcmp(entry->mnt_type, "tracefs") ||
		    !strcmp(entry->mnt_type, "debugfs"))
			unmounted =
			    umount2(entry->mnt_dir, MNT_DETACH) ? -1 : 1;
	}
	endmntent(mounts);
	return unmounted;
}

/* In a mount namespace of its own: tracefs is mounted nowhere. */
static int record_without_tracefs(bool as_root)
{
	int unmounted;

	if (unshare(CLONE_NEWNS) ||
	    mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL))
		return SKIPPED;
	do {
		unmounted = unmount_one_tracefs();
	} while (unmounted > 0);
	if (unmounted < 0)
		return SKIPPED;
	if (!as_root && (setgid(65534) || setuid(65534)))
		return SKIPPED;
	return record("-d", "0.1");
}

static int run_without_tracefs(bool as_root)
{
	pid_t pid = fork();
	int status;

	if (pid == 0)
		_exit(record_without_tracefs(as_root));
	status = finish(pid);
	if (status == SKIPPED) {
		print_message("no mount allowed: not tested\n");
		skip();
	}
	return status;
}

static void test_mounts_tracefs(void **state)
{
	(void)state;
	expect_i64_eq(run_without_tracefs(true), 0);
	expect_file("capture.json", true);
}

static void test_no_tracefs(void **state)
{
	(void)state;
	expect_i64_eq(run_without_tracefs(false), 2);
	expect_said("tracefs is not mounted");
	expect_true(access(capture, F_OK));
}

/* The default buffer loses nothing under a compile job and a tar. */
static void test_nothing_lost(void **state)
{
	static const char load[] =
	    "tar c /usr/include 2>/dev/null | cat >/dev/null & "
	    "for f in core/*.c; do "
	    "cc -D_GNU_SOURCE -I. -O1 -c $f -o /dev/null 2>/dev/null; "
	    "done; wait";
	cJSON *root;

	(void)state;
	expect_i64_eq(record("--", "sh", "-c", load), 0);
	expect_said("nothing was lost");
	root = read_json();
	expect_u64_eq(sum_loss(root, "overrun"), 0);
	expect_u64_eq(sum_loss(root, "commit_overrun"), 0);
	expect_u64_eq(sum_loss(root, "dropped_events"), 0);
	expect_true(sum_loss(root, "entries") > 100000);
	expect_same_count(root);
	cJSON_Delete(root);
}

/*
 * A buffer far too small loses events and says so: nobody empties it while the
 * recorder, the command's parent, is stopped.
 */
static void test_loss_is_told(void **state)
{
	static const char script[] =
	    "kill -STOP $PPID; ls -lR /usr/include >/dev/null; "
	    "kill -CONT $PPID";
	cJSON *root;

	(void)state;
	expect_i64_eq(record("-b", "8", "--", "sh", "-c", script), 0);
	expect_said("sums are too low");
	root = read_json();
	expect_true(sum_loss(root, "overrun") > 0);
	expect_same_count(root);
	cJSON_Delete(root);
}

static bool can_record(void)
{
	struct doctor doctor;
	bool can;

	if (doctor_run("/tmp", &doctor))
		return false;
	can = doctor_can_record(&doctor);
	for (size_t i = 0; !can && i < doctor.count; i++)
		if (doctor.checks[i].important &&
		    doctor.checks[i].state == DOCTOR_MISSING)
			print_message("cannot record here: %s: %s\n",
				      doctor.checks[i].name,
				      doctor.checks[i].remedy);
	doctor_fini(&doctor);
	return can;
}

#define live_test(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
	    live_test(test_duration),
	    live_test(test_markers),
	    live_test(test_command),
	    live_test(test_names_of_tasks),
	    live_test(test_command_that_goes_on),
	    live_test(test_command_not_found),
	    live_test(test_sigint),
	    live_test(test_sigterm),
	    live_test(test_sigint_ends_command),
	    live_test(test_sigkill),
	    live_test(test_crash),
	    live_test(test_output_exists),
	    live_test(test_bad_filter),
	    live_test(test_filter),
	    live_test(test_two_filters_on_one_event),
	    live_test(test_buffer_too_large),
	    live_test(test_full_disk),
	    live_test(test_not_root),
	    live_test(test_mounts_tracefs),
	    live_test(test_no_tracefs),
	    live_test(test_nothing_lost),
	    live_test(test_loss_is_told),
	};

	if (!can_record())
		return SKIPPED;
	return test_exit(cmocka_run_group_tests(tests, NULL, NULL));
}
