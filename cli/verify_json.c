#include <inttypes.h>
#include <stdio.h>

#include "cli/cli_escape.h"
#include "cli/replay_json.h"
#include "cli/verify_report.h"

/* A number that is there, or null. */
static void number(const char *name, bool known, int64_t value)
{
	printf(",\n  \"%s\": ", name);
	if (known)
		printf("%" PRId64, value);
	else
		fputs("null", stdout);
}

static void ratio(const char *name, bool known, double value)
{
	printf(",\n  \"%s\": ", name);
	if (known)
		printf("%.6f", value);
	else
		fputs("null", stdout);
}

/* A JSON string: names of caches and zones are hostile. */
static void string(const char *text)
{
	char clean[1024];

	putchar('"');
	for (const char *c = escape_visible(text, clean, sizeof(clean)); *c;
	     c++) {
		if (*c == '"' || *c == '\\')
			putchar('\\');
		putchar(*c);
	}
	putchar('"');
}

static void caches(const struct fidelity *f)
{
	const char *comma = "";

	fputs(",\n  \"caches\": [", stdout);
	for (size_t i = 0; i < f->cache_count; i++) {
		const struct fidelity_cache *c = &f->caches[i];

		if (!c->touched && c->objects_kernel == c->objects_replay)
			continue;
		printf("%s\n   {\"cache\": ", comma);
		string(c->name);
		printf(", \"slabs_recorded_delta\": %" PRId64
		       ", \"slabs_delta\": %" PRId64
		       ", \"objects_recorded_delta\": %" PRId64
		       ", \"objects_delta\": %" PRId64
		       ", \"pages_error\": %" PRId64 "}",
		       c->slabs_kernel, c->slabs_replay, c->objects_kernel,
		       c->objects_replay, c->pages_error);
		comma = ",";
	}
	fputs("]", stdout);
}

static void orders(const struct fidelity *f)
{
	fputs(",\n  \"orders\": [", stdout);
	for (uint32_t o = 0; f->has_free && o < f->order_count; o++) {
		const struct fidelity_order *order = &f->orders[o];

		printf("%s\n   {\"order\": %u, \"free_blocks_before\": %" PRIu64
		       ", \"free_blocks_recorded\": %" PRIu64
		       ", \"free_blocks\": %" PRIu64
		       ", \"unusable_index_recorded\": %.3f"
		       ", \"unusable_index\": %.3f}",
		       o ? "," : "", o, order->before, order->kernel,
		       order->replay, order->unusable_kernel / 1000.0,
		       order->unusable_replay / 1000.0);
	}
	fputs("]", stdout);
}

static void zones(const struct fidelity *f)
{
	fputs(",\n  \"zones\": [", stdout);
	for (size_t i = 0; i < f->zone_count; i++) {
		const struct fidelity_zone *zone = &f->zones[i];

		printf("%s\n   {\"node\": %d, \"zone\": ", i ? "," : "",
		       zone->node);
		string(zone->name);
		printf(", \"free_pages_before\": %" PRIu64
		       ", \"free_pages_recorded\": %" PRIu64
		       ", \"free_pages\": %" PRIu64 "}",
		       zone->before, zone->kernel, zone->replay);
	}
	fputs("]", stdout);
}

static void types(const struct fidelity *f)
{
	fputs(",\n  \"migratetypes\": [", stdout);
	for (size_t i = 0; f->has_types && i < f->type_count; i++) {
		const struct fidelity_type *type = &f->types[i];

		printf("%s\n   {\"migratetype\": ", i ? "," : "");
		string(type->name);
		printf(", \"free_pages_before\": %" PRIu64
		       ", \"free_pages_recorded\": %" PRIu64
		       ", \"free_pages\": %" PRIu64 "}",
		       type->before, type->kernel, type->replay);
	}
	fputs("]", stdout);
}

void verify_json(const struct verify_report *report)
{
	const struct fidelity *f = report->fidelity;
	const struct start_shares *shares = &report->run->notes.start;
	bool own = f->has_caches && replay_is_own(report->run, report->trace);

	replay_json_fields(report->run, report->trace);
	number("slab_pages_recorded_delta", f->has_slabs,
	       f->slab_pages_recorded_delta);
	number("slab_pages_delta", true, f->slab_pages_delta);
	number("caches_touched", own, (int64_t)f->caches_touched);
	number("caches_exact", own, (int64_t)f->caches_exact);
	number("caches_pages_error", own, (int64_t)f->caches_error);
	ratio("unusable_index_max_error", f->has_free,
	      f->unusable_index_max_error);
	ratio("unusable_index_max_unchanged", f->has_free,
	      f->unusable_index_max_unchanged);
	ratio("free_blocks_error", f->has_free, f->free_blocks_error);
	ratio("free_blocks_unchanged", f->has_free, f->free_blocks_unchanged);
	number("free_pages_recorded", f->has_free, (int64_t)f->free_kernel);
	number("free_pages", f->has_free, (int64_t)f->free_replay);
	ratio("free_pages_error", f->has_free, f->free_pages_error);
	ratio("coverage", true, f->coverage);
	ratio("unknown_frees", true, f->unknown_frees);
	ratio("hidden_allocs", true, f->hidden_allocs);
	ratio("implicit_frees", true, f->implicit_frees);
	number("duplicates", true, (int64_t)f->duplicates);
	number("start_slabs", true, (int64_t)shares->slabs);
	number("start_slabs_revealed", true, (int64_t)shares->slabs_known);
	number("start_slots_revealed", true, (int64_t)shares->slots_revealed);
	number("start_slots_counted", true, (int64_t)shares->slots_counted);
	number("start_slots_guessed", true, (int64_t)shares->slots_guessed);
	number("start_pcp_pages", true, (int64_t)report->run->notes.pcp_pages);
	number("start_pcp_pages_revealed", true,
	       (int64_t)report->run->notes.pcp_pages_revealed);
	printf(",\n  \"missing\": ");
	string(f->missing);
	caches(f);
	orders(f);
	zones(f);
	types(f);
}
