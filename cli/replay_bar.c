#include "cli/replay_bar.h"

#include <inttypes.h>
#include <stdio.h>

#include "cli/cli_escape.h"

static void end_json(const struct start_end *end)
{
	printf("{\"rule\": \"%s\", \"slab_pages_delta\": %" PRId64
	       ", \"free_pages_end\": %" PRIu64 ", \"unusable_index\": [",
	       end->variant ? end->variant->name : "usual",
	       end->slab_pages_delta, end->free_pages_end);
	for (uint32_t o = 0; o < end->order_count; o++)
		printf("%s%.3f", o ? ", " : "", end->unusable[o] / 1000.0);
	fputs("]}", stdout);
}

void replay_bar_json(const struct start_spread *bar)
{
	if (!bar->count) {
		fputs(",\n  \"spread\": null", stdout);
		return;
	}
	printf(",\n  \"spread\": {\n"
	       "   \"slab_pages_delta\": [%" PRId64 ", %" PRId64 "],\n"
	       "   \"free_pages_end\": [%" PRIu64 ", %" PRIu64 "],\n"
	       "   \"unusable_order\": %u, "
	       "\"unusable_index\": [%.3f, %.3f],\n   \"rules\": [",
	       bar->slab_pages_delta_min, bar->slab_pages_delta_max,
	       bar->free_pages_end_min, bar->free_pages_end_max,
	       bar->unusable_order, bar->unusable_min / 1000.0,
	       bar->unusable_max / 1000.0);
	for (uint32_t i = 0; i < bar->count; i++) {
		printf("%s\n    ", i ? "," : "");
		end_json(&bar->ends[i]);
	}
	fputs("]}", stdout);
}

static void range(const char *what, int64_t min, int64_t max)
{
	char a[NUMBER_TEXT_MAX], b[NUMBER_TEXT_MAX];

	printf("  %-30s %12s .. %s\n", what, number_text(min, a),
	       number_text(max, b));
}

void replay_bar_text(const struct start_spread *bar)
{
	char what[32];

	if (!bar->count)
		return;
	printf("\n  error bar: the end under %u other rules for what nothing "
	       "tells of the start\n",
	       bar->count - 1);
	range("slabs, growth", bar->slab_pages_delta_min,
	      bar->slab_pages_delta_max);
	range("free pages", (int64_t)bar->free_pages_end_min,
	      (int64_t)bar->free_pages_end_max);
	snprintf(what, sizeof(what), "unusable index, order %u",
		 bar->unusable_order);
	printf("  %-30s %12.3f .. %.3f\n", what, bar->unusable_min / 1000.0,
	       bar->unusable_max / 1000.0);
}
