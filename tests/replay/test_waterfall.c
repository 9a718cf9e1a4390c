/*
 * Where held bytes go: steps against a recount from the events, and against
 * pages, on recorded captures and on traces made by hand.
 */
#include <stdio.h>
#include <string.h>

#include "core/map.h"
#include "tests/replay/replay_bed.h"

struct outcome {
	struct replay_result result;
	struct replay_waterfall moments[WATERFALL_MOMENTS];
	uint64_t pages_most; /* of samples, without per-CPU lists */
	unsigned int seen;
};

static int take_waterfall(void *context,
			  const struct replay_waterfall *waterfall)
{
	struct outcome *outcome = context;

	outcome->moments[waterfall->moment] = *waterfall;
	outcome->seen |= 1u << waterfall->moment;
	return 0;
}

static int take_sample(void *context, const struct replay_sample *sample)
{
	struct outcome *outcome = context;
	uint64_t pages = sample->slab_pages + sample->vmalloc_pages;

	if (pages > outcome->pages_most)
		outcome->pages_most = pages;
	return 0;
}

/* ---- The recount: live objects of the window, from the events alone. ---- */

struct recount {
	uint32_t begin, end; /* markers */
	bool open, closed;
	struct map objects; /* number -> bytes_req */
	uint64_t requested;
	unsigned int batches;
};

static void recount_event(struct recount *recount, const struct kmem_event *ev)
{
	uint64_t bytes;

	if (ev->kind == EV_MARKER && ev->name && ev->name == recount->begin)
		recount->open = true;
	if (ev->kind == EV_MARKER && ev->name && ev->name == recount->end)
		recount->closed = true;
	if (!recount->open || recount->closed || !event_is_object(ev) ||
	    !ev->object)
		return;
	if (event_creates(ev)) {
		assert_int_equal(
		    map_put(&recount->objects, ev->object, ev->bytes_req), 0);
		recount->requested += ev->bytes_req;
	} else if (event_ends(ev) &&
		   map_remove(&recount->objects, ev->object, &bytes)) {
		recount->requested -= bytes;
	}
}

static void recount_init(struct recount *recount, const struct trace *trace)
{
	const char *file =
	    trace->info.slab_kind == SLAB_KIND_SLOB ? "kpageflags" : "slabinfo";
	char text[64];

	*recount = (struct recount){0};
	snprintf(text, sizeof(text), "before:%s", file);
	recount->begin = names_find(&trace->names, text);
	snprintf(text, sizeof(text), "after:%s", file);
	recount->end = names_find(&trace->names, text);
}

static uint64_t requested_all(const struct replay_waterfall *w)
{
	return w->requested + w->large_requested + w->area_requested;
}

static void look(void *context, const struct replay *replay,
		 const struct kmem_event *events, size_t count)
{
	struct recount *recount = context;
	struct err err = {0};

	for (size_t i = 0; i < count; i++)
		recount_event(recount, &events[i]);
	if (++recount->batches % 100 == 0)
		must(replay_check(replay, &err), &err);
}

static void play(const char *name, const char *model, const char *setting,
		 struct outcome *outcome, uint64_t *requested)
{
	struct replay_sink sink = {.waterfall = take_waterfall,
				   .sample = take_sample,
				   .context = outcome};
	struct replay_config config;
	struct capture_bed bed;
	struct recount recount;
	struct replay *replay;
	struct err err = {0};

	*outcome = (struct outcome){0};
	capture_bed_open(&bed, test_capture(name), TRACE_AFTER_PAGES);
	config = bed_config(&bed.trace, model, setting, 200);
	/* As the events have it. */
	config.rules.silent_until_shown = true;
	must(replay_create(&replay, &config, &err), &err);
	recount_init(&recount, &bed.trace);
	bed_feed(replay, bed.source, look, &recount);
	bed_finish(replay, &sink, &outcome->result);
	*requested = recount.requested;
	map_fini(&recount.objects);
	replay_destroy(replay);
	capture_bed_close(&bed);
}

static const struct {
	const char *capture, *model, *setting;
	bool content_known;
} runs[] = {
    {"mixed-slub", "recorded", NULL, true},
    {"mixed-slub", "slub", NULL, true},
    {"mixed-slub", "slab", NULL, true},
    {"mixed-slub", "slob", NULL, true},
    {"mixed-slub", "slub", "vmalloc.above_kib=4", true},
    {"mixed-slab", "recorded", NULL, true},
    {"mixed-slab", "slab", NULL, true},
    {"mixed-slob", "recorded", NULL, false},
    {"mixed-slob", "slob", NULL, false},
    {"files-slub", "recorded", NULL, true},
    {"files-slub", "slub", "slub.debug=FZPU", true},
    {"mixed-arm64-64k", "recorded", NULL, true},
};

static void test_captures(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(runs) / sizeof(*runs); i++) {
		const struct replay_waterfall *end, *peak;
		struct outcome outcome;
		uint64_t requested, page_size;

		print_message("%s as %s\n", runs[i].capture, runs[i].model);
		play(runs[i].capture, runs[i].model, runs[i].setting, &outcome,
		     &requested);
		peak = &outcome.moments[WATERFALL_PEAK];
		end = &outcome.moments[WATERFALL_END];
		page_size =
		    strcmp(runs[i].capture, "mixed-arm64-64k") ? 4096 : 65536;
		expect_u64_eq(outcome.seen, 3);
		expect_u64_eq(outcome.result.failed, 0);
		expect_u64_eq(requested_all(end), requested);
		expect_u64_eq(end->slab_pages, outcome.result.slab_pages_end);
		expect_true(peak->slab_pages + peak->large_pages +
				peak->area_pages >=
			    outcome.pages_most);
		for (int m = 0; m < WATERFALL_MOMENTS; m++) {
			const struct replay_waterfall *w = &outcome.moments[m];

			expect_i64_eq(
			    waterfall_steps(w),
			    (int64_t)(waterfall_pages(w) * page_size));
			expect_true((w->unknown == 0) == runs[i].content_known);
			expect_true(w->unknown >= 0);
		}
		expect_true(
		    peak->slab_pages + peak->large_pages + peak->area_pages >=
		    end->slab_pages + end->large_pages + end->area_pages);
	}
}

/* ---- Made by hand ---- */

static void play_events(const char *model, const char *setting,
			const struct kmem_event *events, size_t count,
			struct outcome *outcome)
{
	struct replay_sink sink = {.waterfall = take_waterfall,
				   .context = outcome};
	struct replay_config config;
	struct trace trace;

	*outcome = (struct outcome){0};
	small_trace(&trace);
	config = bed_config(&trace, model, setting, 10);
	bed_play(&config, events, count, &sink, &outcome->result);
	trace_fini(&trace);
}

/* Ten times 50 bytes in one slab of 64, and one of 9000 in pages. */
static void test_steps(void **state)
{
	struct kmem_event events[12];
	const struct replay_waterfall *w;
	struct outcome outcome;

	(void)state;
	for (uint32_t i = 0; i < 10; i++)
		events[i] = object_event(EV_KMALLOC, i + 1, i, 50, 64);
	events[10] = object_event(EV_KMALLOC, 11, 10, 9000, 16384);
	events[10].flags = EVF_LARGE;
	events[11] = events[10];
	events[11].kind = EV_KFREE;
	events[11].ts_ns++;
	play_events("slub", NULL, events, 12, &outcome);
	w = &outcome.moments[WATERFALL_PEAK];
	expect_u64_eq(w->ts_ns, events[10].ts_ns);
	expect_u64_eq(w->requested, 500);
	expect_u64_eq(w->rounding, 140);
	expect_u64_eq(w->padding, 0);
	expect_u64_eq(w->old_objects, 0);
	expect_u64_eq(w->free_slots, 54 * 64);
	expect_u64_eq(w->slab_tail, 0);
	expect_u64_eq(w->large_requested, 9000);
	expect_u64_eq(w->large_rounding, 7384);
	expect_u64_eq(waterfall_pages(w), 5);
	w = &outcome.moments[WATERFALL_END];
	expect_u64_eq(w->large_requested + w->large_rounding, 0);
	expect_u64_eq(waterfall_pages(w), 1);
	/* In an area: three pages of their own. */
	play_events("slub", "vmalloc.above_kib=8", events, 12, &outcome);
	w = &outcome.moments[WATERFALL_PEAK];
	expect_u64_eq(w->area_requested, 9000);
	expect_u64_eq(w->area_rounding, 3 * 4096 - 9000);
	/* SLOB has no classes, but a header, and one page for all. */
	play_events("slob", NULL, events, 10, &outcome);
	w = &outcome.moments[WATERFALL_END];
	expect_u64_eq(w->requested, 500);
	expect_u64_eq(w->rounding, 0);
	expect_u64_eq(w->padding, 80);
	expect_u64_eq(w->free_slots, 4096 - 580);
}

/* A slot given away while its object lives: the object is forgotten. */
static void test_slot_taken(void **state)
{
	static const char *const models[] = {"recorded", "slub", "slab"};
	struct kmem_event events[3];
	struct outcome outcome;

	(void)state;
	events[0] = object_event(EV_KMALLOC, 1, 0, 50, 64);
	events[1] = object_event(EV_KMALLOC, 1, 0, 20, 32);
	events[2] = object_event(EV_KFREE, 1, 0, 20, 32);
	for (size_t i = 0; i < sizeof(models) / sizeof(*models); i++) {
		play_events(models[i], NULL, events, 2, &outcome);
		expect_u64_eq(outcome.moments[WATERFALL_END].requested, 20);
		play_events(models[i], NULL, events, 3, &outcome);
		expect_u64_eq(outcome.moments[WATERFALL_END].requested, 0);
		expect_u64_eq(outcome.result.bytes_alloc_live, 0);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_captures),
	    cmocka_unit_test(test_steps),
	    cmocka_unit_test(test_slot_taken),
	};

	return test_exit(cmocka_run_group_tests(tests, NULL, NULL));
}
