#include "cli/jobs.h"

#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "cli/progress.h"
#include "cli/signals.h"

/* What a child writes, and nobody else until it has ended. */
struct slot {
	struct err err;
	_Alignas(max_align_t) unsigned char result[];
};

struct pool {
	const struct jobs *jobs;
	unsigned char *slots;
	size_t slot_size, slots_size;
	pid_t *children; /* by job; 0: not running */
	size_t started, running, done;
};

static struct slot *slot_of(const struct pool *pool, size_t number)
{
	return (struct slot *)(pool->slots + number * pool->slot_size);
}

static int pool_init(struct pool *pool, const struct jobs *jobs)
{
	size_t size = sizeof(struct slot) + jobs->result_size;

	*pool = (struct pool){.jobs = jobs};
	pool->slot_size =
	    (size + _Alignof(struct slot) - 1) & ~(_Alignof(struct slot) - 1);
	pool->slots_size = pool->slot_size * jobs->count;
	pool->children = calloc(jobs->count, sizeof(*pool->children));
	pool->slots = mmap(NULL, pool->slots_size, PROT_READ | PROT_WRITE,
			   MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	if (pool->slots == MAP_FAILED)
		pool->slots = NULL;
	return pool->children && pool->slots ? 0 : ERR_NOMEM;
}

static void pool_fini(struct pool *pool)
{
	if (pool->slots)
		munmap(pool->slots, pool->slots_size);
	free(pool->children);
}

/* Its talk would mix with that of the others: the parent talks for all. */
static void child_main(const struct pool *pool, size_t number, pid_t parent)
{
	struct slot *slot = slot_of(pool, number);
	struct err err = {0};
	int null = open("/dev/null", O_RDWR | O_CLOEXEC);
	int ret;

	prctl(PR_SET_PDEATHSIG, SIGKILL);
	if (getppid() != parent || null < 0 || dup2(null, STDOUT_FILENO) < 0 ||
	    dup2(null, STDERR_FILENO) < 0)
		_exit(1);
	ret = pool->jobs->work(pool->jobs->context, number, slot->result, &err);
	if (ret)
		slot->err = err;
	if (ret && !err.code)
		err_set(&slot->err, ret, "%s", err_code_text(ret));
	_exit(0);
}

static int child_start(struct pool *pool, struct err *err)
{
	size_t number = pool->started;
	pid_t parent = getpid(), child;

	child = fork();
	if (child < 0)
		return err_set(err, ERR_CHILD, "cannot start a process: %s",
			       strerror(errno));
	if (!child)
		child_main(pool, number, parent);
	pool->children[number] = child;
	pool->started++;
	pool->running++;
	return 0;
}

static void child_ended(struct pool *pool, pid_t child, int status)
{
	for (size_t i = 0; i < pool->started; i++) {
		if (pool->children[i] != child)
			continue;
		pool->children[i] = 0;
		pool->running--;
		pool->done++;
		if (WIFSIGNALED(status))
			err_set(&slot_of(pool, i)->err, ERR_CHILD,
				"its process was ended by signal %d (%s)",
				WTERMSIG(status), strsignal(WTERMSIG(status)));
		else if (WEXITSTATUS(status))
			err_set(&slot_of(pool, i)->err, ERR_CHILD,
				"its process could not begin");
		return;
	}
}

/* Waits for an end, for a tenth of a second at most. */
static void pool_wait(struct pool *pool)
{
	static const struct timespec pause = {.tv_nsec = 10000000};
	int status;

	for (int i = 0; i < 10 && !signals_seen(); i++) {
		pid_t child = 0;

		for (size_t n = 0; n < pool->started && child <= 0; n++)
			if (pool->children[n])
				child = waitpid(pool->children[n], &status,
						WNOHANG);
		if (child > 0) {
			child_ended(pool, child, status);
			return;
		}
		nanosleep(&pause, NULL);
	}
}

static void pool_kill(struct pool *pool)
{
	for (size_t i = 0; i < pool->started; i++) {
		if (!pool->children[i])
			continue;
		kill(pool->children[i], SIGKILL);
		while (waitpid(pool->children[i], NULL, 0) < 0 &&
		       errno == EINTR)
			;
		pool->children[i] = 0;
	}
	pool->running = 0;
}

static int pool_work(struct pool *pool, struct err *err)
{
	const struct jobs *jobs = pool->jobs;
	struct progress progress;
	int ret = 0;

	progress_start(&progress, jobs->what);
	while (!ret && pool->done < jobs->count) {
		while (!ret && pool->running < jobs->at_once &&
		       pool->started < jobs->count)
			ret = child_start(pool, err);
		if (!ret)
			pool_wait(pool);
		progress_draw(&progress,
			      (double)pool->done / (double)jobs->count,
			      pool->done * jobs->events);
		if (!ret && signals_seen())
			ret = err_set(err, ERR_INTERRUPTED, "interrupted");
	}
	progress_end(&progress);
	pool_kill(pool);
	return ret;
}

int jobs_run(const struct jobs *jobs, void *results, struct err *errs,
	     struct err *err)
{
	struct pool pool;
	int ret = 0;

	if (!jobs->count)
		return 0;
	if (pool_init(&pool, jobs))
		ret = err_set(err, ERR_NOMEM, "%s: out of memory", jobs->what);
	if (!ret)
		ret = pool_work(&pool, err);
	for (size_t i = 0; i < jobs->count && !ret; i++) {
		memcpy((char *)results + i * jobs->result_size,
		       slot_of(&pool, i)->result, jobs->result_size);
		errs[i] = slot_of(&pool, i)->err;
	}
	pool_fini(&pool);
	return ret;
}

/* MemAvailable of /proc/meminfo in bytes; UINT64_MAX if it cannot be read. */
static uint64_t memory_available(void)
{
	FILE *file = fopen("/proc/meminfo", "re");
	unsigned long long kib = 0;
	uint64_t found = UINT64_MAX;
	char line[128];

	while (file && fgets(line, sizeof(line), file))
		if (sscanf(line, "MemAvailable: %llu kB", &kib) == 1)
			found = kib * 1024;
	if (file)
		fclose(file);
	return found;
}

size_t jobs_at_once(uint64_t bytes_each)
{
	uint64_t room = memory_available() / 2;
	size_t cpus = 1;
	cpu_set_t set;

	if (!sched_getaffinity(0, sizeof(set), &set))
		cpus = (size_t)CPU_COUNT(&set);
	if (bytes_each && room / bytes_each < cpus)
		cpus = (size_t)(room / bytes_each);
	return cpus ? cpus : 1;
}
