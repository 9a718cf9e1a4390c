#include "plots/draw.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include "core/event.h"
#include "plots/label.h"

enum { CLASS_BARS = 16, CLASS_BARS_MAX = 20, CACHE_BARS = 14, SITE_BARS = 20 };

/* One bar: what was asked for and what rounding added. */
struct bar {
	uint64_t key; /* size, name id or address of the call site */
	uint64_t req, alloc;
	uint64_t live_waste; /* call sites: of what was never freed */
};

static uint64_t bar_waste(const struct bar *bar)
{
	return bar->alloc > bar->req ? bar->alloc - bar->req : 0;
}

static int compare_key(const void *a, const void *b)
{
	const struct bar *x = a, *y = b;

	return (x->key > y->key) - (x->key < y->key);
}

/* The most waste first; equal waste: the most memory, so never by chance. */
static int compare_waste(const void *a, const void *b)
{
	const struct bar *x = a, *y = b;
	uint64_t wx = bar_waste(x), wy = bar_waste(y);

	if (wx != wy)
		return wx < wy ? 1 : -1;
	if (x->alloc != y->alloc)
		return x->alloc < y->alloc ? 1 : -1;
	return compare_key(a, b);
}

/* How many of the bars, sorted by waste, waste anything; at most limit. */
static size_t bars_wasting(const struct bar *bars, size_t count, size_t limit)
{
	size_t n = 0;

	while (n < count && n < limit && bar_waste(&bars[n]) > 0)
		n++;
	return n;
}

/* Joins neighbours of one key in a sorted array. Returns how many are left. */
static size_t bars_join(struct bar *bars, size_t count)
{
	size_t out = 0;

	for (size_t i = 0; i < count; i++) {
		if (out > 0 && bars[out - 1].key == bars[i].key) {
			bars[out - 1].req += bars[i].req;
			bars[out - 1].alloc += bars[i].alloc;
			bars[out - 1].live_waste += bars[i].live_waste;
		} else {
			bars[out++] = bars[i];
		}
	}
	return out;
}

/*
 * The bars of one kind: kmalloc by size with the large ones in one bar of key
 * UINT64_MAX, caches by name.
 */
static size_t bars_of_kind(const struct plot_input *input, uint8_t kind,
			   struct bar *bars)
{
	size_t count = 0;

	for (size_t i = 0; i < input->site_count; i++) {
		const struct site_summary *s = &input->sites[i];

		if (s->kind != kind || !draw_site_counts(s))
			continue;
		bars[count++] = (struct bar){
		    .key = kind == EV_CACHE_ALLOC ? s->name
			   : s->large		  ? UINT64_MAX
						  : s->bytes_each,
		    .req = s->bytes_req,
		    .alloc = s->bytes_alloc,
		};
	}
	qsort(bars, count, sizeof(*bars), compare_key);
	return bars_join(bars, count);
}

/* "11.3 MiB, of which 1.4 MiB (12.2 %) is rounding", over all bars. */
static void class_sum(struct figure *fig, const char *variable,
		      const struct bar *bars, size_t count)
{
	double req = 0, alloc = 0;
	char label[96], a[32], b[32];

	for (size_t i = 0; i < count; i++) {
		req += (double)bars[i].req;
		alloc += (double)bars[i].alloc;
	}
	snprintf(label, sizeof(label), "%s, of which %s (%.1f %%) is rounding",
		 label_bytes(alloc, a, sizeof(a)),
		 label_bytes(alloc - req, b, sizeof(b)),
		 alloc > 0 ? 100 * (alloc - req) / alloc : 0.0);
	figure_text(fig, variable, 0, label, 90);
}

static void class_table(struct figure *fig, unsigned int panel,
			const struct bar *bars, size_t count)
{
	struct unit unit, waste_unit;
	double most = 0, most_waste = 0;
	char label[96];

	for (size_t i = 0; i < count; i++) {
		double waste = (double)bar_waste(&bars[i]);

		most = fmax(most, (double)bars[i].req + waste);
		most_waste = fmax(most_waste, waste);
	}
	unit = label_byte_unit(most);
	waste_unit = label_byte_unit(most_waste);
	figure_table(fig, "bars", panel);
	for (size_t i = 0; i < count; i++) {
		double waste = (double)bar_waste(&bars[i]);
		double sum = (double)bars[i].req + waste;
		double row[] = {(double)i + 1, (double)bars[i].req / unit.size,
				sum / unit.size,
				sum > 0 ? 100 * waste / sum : 0,
				waste / waste_unit.size};

		figure_row(fig, row, 5);
	}
	snprintf(label, sizeof(label), "Allocated (%s)", unit.name);
	figure_text(fig, "y_label", panel, label, 60);
	snprintf(label, sizeof(label), "Rounding (%s)", waste_unit.name);
	figure_text(fig, "waste_label", panel, label, 60);
	figure_number(fig, "most_waste", panel, most_waste / waste_unit.size);
	figure_number(fig, panel == 1 ? "n_classes" : "n_caches", 0,
		      (double)count);
}

/* "192", "4Ki", "large"; a bar of several sizes: "≤192". */
static const char *class_label(uint64_t size, bool several, char *text,
			       size_t cap)
{
	const char *sign = several ? "\u2264" : "";

	if (size == UINT64_MAX)
		snprintf(text, cap, "large");
	else if (size < 1024)
		snprintf(text, cap, "%s%u", sign, (unsigned int)size);
	else if (size < 1048576)
		snprintf(text, cap, "%s%.4gKi", sign, (double)size / 1024);
	else
		snprintf(text, cap, "%s%.4gMi", sign, (double)size / 1048576);
	return text;
}

static const char *cache_label(const struct names *names, uint64_t id)
{
	const char *name = names_get(names, (uint32_t)id);

	return name[0] ? name : "(not known)";
}

/* The two panels of one kind: all that was allocated, and rounding alone. */
static void class_hover(struct figure *fig, const struct bar *bars,
			size_t count, const struct names *names, bool several)
{
	struct hover *hover = figure_hover(fig);
	char text[32];

	for (int panel = 0; panel < 2 && count; panel++) {
		hover_panel(hover, 'x', "");
		hover_value(hover, "requested", "bytes");
		hover_value(hover, "rounding", "bytes");
		for (size_t i = 0; i < count; i++)
			hover_name(hover,
				   names ? cache_label(names, bars[i].key)
					 : class_label(bars[i].key, several,
						       text, sizeof(text)));
		for (size_t i = 0; i < count; i++)
			hover_row(hover,
				  (double[]){(double)i + 1, (double)bars[i].req,
					     (double)bar_waste(&bars[i])},
				  3);
	}
}

/* The left panel: kmalloc by class size. */
static void draw_kmalloc(struct figure *fig, struct bar *bars, size_t count)
{
	bool several = count > CLASS_BARS;
	char label[32];

	class_sum(fig, "kmalloc_sum", bars, count);
	/* SLOB has no classes: its sizes are joined by powers of two. */
	if (several) {
		for (size_t i = 0; i < count; i++) {
			uint64_t power = 8;

			while (power < bars[i].key && power < 1ull << 62)
				power <<= 1;
			if (bars[i].key != UINT64_MAX)
				bars[i].key = power;
		}
		count = bars_join(bars, count);
	}
	count = count < CLASS_BARS_MAX ? count : CLASS_BARS_MAX;
	for (size_t i = 0; i < count; i++)
		figure_tick(
		    fig, "class", (unsigned int)i + 1,
		    class_label(bars[i].key, several, label, sizeof(label)),
		    24);
	class_table(fig, 1, bars, count);
	class_hover(fig, bars, count, NULL, several);
}

/* The right panel: the caches that waste most. */
static void draw_caches(struct figure *fig, const struct plot_input *input,
			struct bar *bars, size_t count)
{
	class_sum(fig, "cache_sum", bars, count);
	qsort(bars, count, sizeof(*bars), compare_waste);
	count = bars_wasting(bars, count, CACHE_BARS);
	for (size_t i = 0; i < count; i++)
		figure_tick(fig, "cache", (unsigned int)i + 1,
			    cache_label(&input->trace->names, bars[i].key), 22);
	class_table(fig, 2, bars, count);
	class_hover(fig, bars, count, &input->trace->names, false);
}

int draw_waste_classes(struct figure *fig, const struct plot_input *input)
{
	struct bar *bars = calloc(input->site_count, sizeof(*bars));

	if (!bars)
		return ERR_NOMEM;
	figure_text(fig, "title", 0, "Waste by size class", 60);
	figure_text(
	    fig, "subtitle", 0,
	    "Sums over all allocations of the trace. Below: the rounding "
	    "alone, and its share of what was allocated",
	    150);
	draw_kmalloc(fig, bars, bars_of_kind(input, EV_KMALLOC, bars));
	draw_caches(fig, input, bars,
		    bars_of_kind(input, EV_CACHE_ALLOC, bars));
	free(bars);
	return 0;
}

/* One bar per call site, joined over the caches that it uses. */
static size_t site_bars(const struct plot_input *input, struct bar *bars)
{
	size_t count = 0;

	for (size_t i = 0; i < input->site_count; i++) {
		const struct site_summary *s = &input->sites[i];
		uint64_t live_req = s->bytes_req - s->bytes_req_freed;
		uint64_t live_alloc = s->bytes_alloc - s->bytes_alloc_freed;

		if (!draw_site_counts(s))
			continue;
		bars[count++] = (struct bar){
		    .key = s->call_site,
		    .req = s->bytes_req,
		    .alloc = s->bytes_alloc,
		    .live_waste =
			live_alloc > live_req ? live_alloc - live_req : 0,
		};
	}
	qsort(bars, count, sizeof(*bars), compare_key);
	count = bars_join(bars, count);
	qsort(bars, count, sizeof(*bars), compare_waste);
	return count;
}

static void site_row(struct figure *fig, const struct plot_input *input,
		     const struct bar *bar, unsigned int i, double unit)
{
	double waste = (double)bar_waste(bar);
	double live = (double)bar->live_waste;
	double row[] = {i, (live < waste ? live : waste) / unit, waste / unit};
	char text[SYMBOL_TEXT_MAX], n[32];

	figure_row(fig, row, 3);
	symbols_format(&input->trace->symbols, bar->key, text);
	figure_tick(fig, "site", i, text, 42);
	label_bytes(waste, n, sizeof(n));
	snprintf(text, sizeof(text), "%s, %.0f %% of what it got", n,
		 bar->alloc > 0 ? 100 * waste / (double)bar->alloc : 0.0);
	figure_text(fig, "amount", i, text, 60);
}

static void site_hover(struct figure *fig, const struct plot_input *input,
		       const struct bar *bars, size_t count)
{
	struct hover *hover = figure_hover(fig);
	char text[SYMBOL_TEXT_MAX];

	if (!count)
		return;
	hover_panel(hover, 'y', "");
	hover_value(hover, "waste", "bytes");
	hover_value(hover, "of it never freed", "bytes");
	hover_value(hover, "allocated", "bytes");
	for (size_t i = 0; i < count; i++)
		hover_name(hover, symbols_format(&input->trace->symbols,
						 bars[i].key, text));
	for (size_t i = 0; i < count; i++)
		hover_row(hover,
			  (double[]){(double)i + 1, (double)bar_waste(&bars[i]),
				     (double)bars[i].live_waste,
				     (double)bars[i].alloc},
			  4);
}

int draw_waste_sites(struct figure *fig, const struct plot_input *input)
{
	struct bar *bars = calloc(input->site_count, sizeof(*bars));
	size_t all, count;
	uint64_t total = 0, shown = 0;
	double most;
	struct unit unit;
	char text[192], a[32], b[32];

	if (!bars)
		return ERR_NOMEM;
	all = site_bars(input, bars);
	count = bars_wasting(bars, all, SITE_BARS);
	most = all > 0 ? (double)bar_waste(&bars[0]) : 0;
	unit = label_byte_unit(most);
	figure_number(fig, "most", 0, most / unit.size);
	figure_table(fig, "sites", 1);
	for (size_t i = 0; i < all; i++) {
		total += bar_waste(&bars[i]);
		if (i >= count)
			continue;
		shown += bar_waste(&bars[i]);
		site_row(fig, input, &bars[i], (unsigned int)i + 1, unit.size);
	}
	site_hover(fig, input, bars, count);
	free(bars);
	figure_number(fig, "n_sites", 0, (double)count);
	figure_text(fig, "title", 0, "Waste by call site", 60);
	snprintf(text, sizeof(text),
		 "The %zu of %zu call sites that waste most: %s of the %s that "
		 "rounding wastes in the whole trace",
		 count, all, label_bytes((double)shown, a, sizeof(a)),
		 label_bytes((double)total, b, sizeof(b)));
	figure_text(fig, "subtitle", 0, text, 150);
	snprintf(text, sizeof(text), "Waste, allocated minus requested (%s)",
		 unit.name);
	figure_text(fig, "x_label", 0, text, 60);
	return 0;
}
