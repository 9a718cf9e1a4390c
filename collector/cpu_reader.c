/*
 * trace_pipe_raw --splice--> pipe --splice--> cpu/N.raw
 *
 * The same as tracefs_cpu_write() and tracefs_cpu_flush_write() of libtracefs,
 * whose 1.6 opens the file without close-on-exec (the recorded command would
 * keep the instance alive), leaves the size of the pipe to chance, and drops
 * what a short write left in it.
 *
 * A reader wakes when buffer_percent of its buffer is full, and drains it. No
 * feedback: a page holds some eighty events, moving it makes fewer than ten.
 * Kernels before 6.1 report data before a page is full; then nothing is moved
 * and the reader rests, so that it does not spin.
 */
#include "collector/cpu_reader.h"

#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/resource.h>
#include <unistd.h>

enum {
	PIPE_BYTES = 1 << 20,
	STACK_BYTES = 256 << 10,
	POLL_MS = 250, /* a wake-up that the kernel lost costs no more */
	REST_MS = 20,
	READER_NICE = -10,
};

static int write_all(struct cpu_reader *reader, const char *data, size_t len)
{
	while (len) {
		ssize_t put = write(reader->out_fd, data, len);

		if (put < 0 && errno == EINTR)
			continue;
		if (put <= 0)
			return ERR_IO;
		data += put;
		len -= (size_t)put;
		reader->bytes += (uint64_t)put;
	}
	return 0;
}

/* For file systems that take no splice. */
static int copy_from_pipe(struct cpu_reader *reader, size_t len)
{
	char chunk[16384];

	while (len) {
		ssize_t got = read(reader->pipe[0], chunk,
				   len < sizeof(chunk) ? len : sizeof(chunk));

		if (got < 0 && errno == EINTR)
			continue;
		if (got <= 0 || write_all(reader, chunk, (size_t)got))
			return ERR_IO;
		len -= (size_t)got;
	}
	return 0;
}

static int pipe_to_file(struct cpu_reader *reader, size_t len)
{
	while (len) {
		ssize_t put;

		if (reader->splice_refused)
			return copy_from_pipe(reader, len);
		put = splice(reader->pipe[0], NULL, reader->out_fd, NULL, len,
			     SPLICE_F_MOVE);
		if (put > 0) {
			len -= (size_t)put;
			reader->bytes += (uint64_t)put;
		} else if (put < 0 && errno == EINVAL) {
			reader->splice_refused = true;
		} else if (put == 0 || errno != EINTR) {
			return ERR_IO;
		}
	}
	return 0;
}

/* Moves every full page that is there. errno is set on ERR_IO. */
static int move_pages(struct cpu_reader *reader)
{
	for (;;) {
		ssize_t got =
		    splice(reader->raw_fd, NULL, reader->pipe[1], NULL,
			   PIPE_BYTES, SPLICE_F_MOVE | SPLICE_F_NONBLOCK);

		if (got == 0 || (got < 0 && errno == EAGAIN))
			return 0;
		if (got < 0 && errno == EINTR)
			continue;
		if (got < 0 || pipe_to_file(reader, (size_t)got))
			return ERR_IO;
	}
}

/* What splice leaves: the page that the kernel was still writing to. */
static int move_last_page(struct cpu_reader *reader)
{
	char *page = malloc(reader->page_size);
	int rc = page ? 0 : ERR_NOMEM;

	while (!rc) {
		ssize_t got = read(reader->raw_fd, page, reader->page_size);

		if (got == 0 || (got < 0 && errno == EAGAIN))
			break;
		if (got < 0 && errno == EINTR)
			continue;
		if (got < 0)
			rc = ERR_IO;
		else
			rc = write_all(reader, page, (size_t)got);
	}
	free(page);
	return rc;
}

/* Waits until pages are there; true if it is time to stop. */
static bool wait_for_pages(struct cpu_reader *reader, bool rest)
{
	struct pollfd fds[2] = {
	    {.fd = reader->stop_fd, .events = POLLIN},
	    {.fd = reader->raw_fd, .events = POLLIN},
	};

	if (rest)
		poll(fds, 1, REST_MS);
	else
		poll(fds, 2, POLL_MS);
	return fds[0].revents & POLLIN;
}

static int read_until_stopped(struct cpu_reader *reader)
{
	bool stop = false, rest = false;
	int rc = 0;

	while (!stop && !rc) {
		uint64_t before = reader->bytes;

		stop = wait_for_pages(reader, rest);
		rc = move_pages(reader);
		rest = reader->bytes == before && !rest;
	}
	if (!rc)
		rc = move_last_page(reader);
	return rc;
}

static void *reader_main(void *data)
{
	struct cpu_reader *reader = data;
	uint64_t one = 1;
	int rc;

	reader->tid = gettid();
	/* Ahead of the load it watches; without the right, as it is. */
	setpriority(PRIO_PROCESS, (id_t)reader->tid, READER_NICE);
	rc = read_until_stopped(reader);
	if (rc) {
		err_set(&reader->err, rc, "cpu/%d.raw: %s", reader->cpu,
			errno == ENOSPC ? "no space left on the disk of the "
					  "capture: free some or use another "
					  "with -o"
					: strerror(errno));
		while (write(reader->alarm_fd, &one, sizeof(one)) < 0 &&
		       errno == EINTR)
			;
	}
	return NULL;
}

static void close_all(struct cpu_reader *reader)
{
	close(reader->raw_fd);
	if (reader->pipe[0] >= 0)
		close(reader->pipe[0]);
	if (reader->pipe[1] >= 0)
		close(reader->pipe[1]);
	reader->running = false;
}

/* Signals are the main thread's business: the reader takes none. */
static int start_thread(struct cpu_reader *reader)
{
	sigset_t all, old;
	pthread_attr_t attr;
	int rc;

	sigfillset(&all);
	rc = pthread_attr_init(&attr);
	if (rc)
		return rc;
	pthread_attr_setstacksize(&attr, STACK_BYTES);
	pthread_sigmask(SIG_SETMASK, &all, &old);
	rc = pthread_create(&reader->thread, &attr, reader_main, reader);
	pthread_sigmask(SIG_SETMASK, &old, NULL);
	pthread_attr_destroy(&attr);
	return rc;
}

int cpu_reader_start(struct cpu_reader *reader, int cpu, int raw_fd, int out_fd,
		     uint32_t page_size, int stop_fd, int alarm_fd,
		     struct err *err)
{
	int rc;

	assert(raw_fd >= 0 && out_fd >= 0 && page_size);
	*reader = (struct cpu_reader){
	    .cpu = cpu,
	    .raw_fd = raw_fd,
	    .out_fd = out_fd,
	    .stop_fd = stop_fd,
	    .alarm_fd = alarm_fd,
	    .pipe = {-1, -1},
	    .page_size = page_size,
	};
	rc = pipe2(reader->pipe, O_CLOEXEC) ? errno : 0;
	/* A smaller pipe than asked for only means more calls. */
	if (!rc)
		fcntl(reader->pipe[0], F_SETPIPE_SZ, PIPE_BYTES);
	if (!rc)
		rc = start_thread(reader);
	if (rc) {
		close(out_fd);
		close_all(reader);
		return err_set(err, ERR_IO,
			       "cannot start a reader of CPU %d: %s", cpu,
			       strerror(rc));
	}
	reader->started = reader->running = true;
	return 0;
}

int cpu_reader_join(struct cpu_reader *reader, struct err *err)
{
	if (!reader->running)
		return 0;
	pthread_join(reader->thread, NULL);
	/* Some file systems only tell at close that a write failed. */
	if (close(reader->out_fd) && !reader->err.code)
		err_set(&reader->err, ERR_IO, "cpu/%d.raw: %s", reader->cpu,
			strerror(errno));
	close_all(reader);
	if (reader->err.code && err && !err->code)
		*err = reader->err;
	return reader->err.code;
}
