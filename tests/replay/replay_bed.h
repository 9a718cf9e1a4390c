/*
 * replay_bed: what tests of the engine share: captures and small traces, and
 * how they are played.
 */
#ifndef TESTS_REPLAY_REPLAY_BED_H
#define TESTS_REPLAY_REPLAY_BED_H

#include "core/source.h"
#include "core/trace.h"
#include "replay/replay.h"
#include "tests/support/test.h"

/* Ends the test with the error's text if ret is not 0. */
void must(int ret, const struct err *err);

/* A capture as a source of linked events; unwanted: of struct trace. */
struct capture_bed {
	struct trace trace;
	struct source *source;
};

void capture_bed_open(struct capture_bed *bed, const char *dir,
		      uint32_t unwanted);
void capture_bed_close(struct capture_bed *bed);

/* Free pages in the kernel's own snapshot after the recording. */
uint64_t capture_bed_free_after(const struct capture_bed *bed);

/* setting may be NULL. */
struct replay_config bed_config(struct trace *trace, const char *model,
				const char *setting, uint32_t samples);

/* What to do with each batch of events after the replay had it; may be NULL. */
typedef void bed_look(void *context, const struct replay *replay,
		      const struct kmem_event *events, size_t count);

/* All events of the source. */
void bed_feed(struct replay *replay, struct source *source, bed_look *look,
	      void *context);

/* Finishes and checks it; sink may be NULL. */
void bed_finish(struct replay *replay, const struct replay_sink *sink,
		struct replay_result *result);

/* One replay of these events from its beginning to its end, often checked. */
void bed_play(const struct replay_config *config,
	      const struct kmem_event *events, size_t count,
	      const struct replay_sink *sink, struct replay_result *result);

/* Two CPUs of x86-64 with Linux 6.1 and SLUB; without a snapshot. */
void small_trace(struct trace *trace);

/* The slot's object is one of small_trace(), behind no other. */
struct kmem_event object_event(enum event_kind kind, uint64_t ts_ns,
			       uint32_t slot, uint64_t bytes_req,
			       uint64_t bytes_alloc);

/* A small trace with a snapshot before it: one zone, three caches. */
struct small_machine {
	struct trace trace;
	struct snapshot_zone zone;
	struct snapshot_pcp pcp[2];
	struct snapshot_block blocks[4];
	struct snapshot_cache caches[3];
};

void small_machine_make(struct small_machine *machine);
void small_machine_end(struct small_machine *machine);

/* Pages that slabs took during the replay. */
int64_t slab_growth(const struct replay_result *result);

/* got differs from want by so many thousandths of it at most. */
void expect_within(int64_t got, int64_t want, int64_t per_mille);

#endif
