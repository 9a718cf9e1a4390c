#include "parser/text_slub.h"

#include <string.h>

#include "parser/text_scan.h"

#define LENGTH(array) (sizeof(array) / sizeof(*(array)))

/* "kmalloc-96", "kmalloc-rnd-07-1k", "dma-kmalloc-2M": its bytes, else 0. */
static uint64_t kmalloc_bytes(const char *name, const char *end)
{
	const char *at = text_find(name, end, "kmalloc-"), *dash;
	uint64_t bytes;

	if (!at)
		return 0;
	dash = memrchr(at, '-', (size_t)(end - at));
	at = text_decimal(dash + 1, &bytes);
	if (!at || bytes > 1 << 20)
		return 0;
	if (*at == 'k')
		bytes <<= 10;
	else if (*at == 'M')
		bytes <<= 20;
	else
		at--;
	return at + 1 == end ? bytes : 0;
}

/* The last "[   12.345678]" before "end". */
static bool parse_time(const char *start, const char *end, uint64_t *ts_ns)
{
	const char *at = start;
	bool found = false;

	while ((at = memchr(at, '[', (size_t)(end - at)))) {
		const char *dot, *close;
		uint64_t seconds, us;

		dot = text_decimal(text_blanks(++at), &seconds);
		if (!dot || *dot != '.' || seconds > UINT32_MAX)
			continue;
		close = text_decimal(dot + 1, &us);
		if (!close || *close != ']' || close - dot != 7)
			continue;
		*ts_ns = seconds * 1000000000 + us * 1000;
		found = true;
	}
	return found;
}

/* "TRACE NAME alloc 0xPOINTER"; false if the line is no such thing. */
static bool parse_trace(const char *at, const char *end, const char **name_end,
			bool *alloc, uint64_t *pointer, long *digits)
{
	const char *word = text_find(at, end, " alloc 0x");
	const char *after;

	*alloc = word != NULL;
	if (!word)
		word = text_find(at, end, " free 0x");
	if (!word || word == at)
		return false;
	*name_end = word;
	word += *alloc ? 9 : 8;
	after = text_hex(word, pointer);
	if (!after || *after != ' ')
		return false;
	*digits = after - word;
	return true;
}

static int start(struct text_slub *slub, struct text_events *events,
		 const char *name, const char *name_end, bool alloc)
{
	struct kmem_event *ev = &slub->event;
	uint64_t bytes = kmalloc_bytes(name, name_end);
	const char *word;
	uint32_t unused;
	int ret;

	if (bytes)
		ev->kind = alloc ? EV_KMALLOC : EV_KFREE;
	else
		ev->kind = alloc ? EV_CACHE_ALLOC : EV_CACHE_FREE;
	if (alloc) {
		ev->bytes_req = ev->bytes_alloc = bytes;
		events->anomalies.count[ANOMALY_UNKNOWN_SIZE]++;
	}
	word = event_kind_word(ev->kind);
	ret = text_events_count(events, word, (uint32_t)strlen(word), &unused);
	/* Kmallocs stand together by their class: see core/event.h. */
	if (!ret && !bytes)
		ret = names_intern(&events->trace->names, name,
				   (size_t)(name_end - name), &ev->name);
	return ret;
}

/* A word of the form "function+0x1a/0x1c20", and " [module]" behind it. */
static const char *find_frame(const char *start, const char *end,
			      const char **word_end)
{
	const char *plus = text_find(start, end, "+0x"), *at = plus;

	if (!plus)
		return NULL;
	while (at > start && (unsigned char)at[-1] > ' ')
		at--;
	*word_end = text_word_end(plus);
	/* "? function": left on the stack by somebody else. */
	if (at == plus || (at - start >= 2 && at[-2] == '?'))
		return NULL;
	return at;
}

static bool strip(const char *start, const char **end, const char *suffix)
{
	size_t len = strlen(suffix);

	if ((size_t)(*end - start) <= len || memcmp(*end - len, suffix, len))
		return false;
	*end -= len;
	return true;
}

/* The functions by which the kernel asks for objects and gives them back. */
static bool is_entry(const char *name, const char *end)
{
	static const char *const suffixes[] = {
	    "_node", "_noprof", "_lru", "_caller", "_track", "_trace", "_bulk"};
	static const char *const names[] = {"kmalloc",	     "kmalloc_cache",
					    "kmalloc_large", "kmem_cache_alloc",
					    "kfree",	     "kmem_cache_free"};
	const char *dot = memchr(name, '.', (size_t)(end - name));
	bool stripped = true;

	if (dot)
		end = dot;
	while (name < end && *name == '_')
		name++;
	while (stripped) {
		stripped = false;
		for (size_t i = 0; i < LENGTH(suffixes); i++)
			stripped |= strip(name, &end, suffixes[i]);
	}
	for (size_t i = 0; i < LENGTH(names); i++)
		if (strlen(names[i]) == (size_t)(end - name) &&
		    !memcmp(names[i], name, (size_t)(end - name)))
			return true;
	return false;
}

/*
 * A line of the call trace, innermost first: the caller of the last of those
 * functions is the call site, and with it the event is complete. Who calls a
 * "_track_caller" (kmemdup(), krealloc()) allocates for its own caller.
 */
static int parse_frame(struct text_slub *slub, struct text_events *events,
		       const char *line, const char *end, bool *complete)
{
	const char *word_end, *word = find_frame(line, end, &word_end);
	const char *module, *close = NULL;

	if (!word)
		return 0;
	if (is_entry(word, memchr(word, '+', (size_t)(end - word)))) {
		slub->entered = true;
		slub->passed_on = text_find(word, word_end, "_track_caller");
		return 0;
	}
	if (!slub->entered)
		return 0;
	if (slub->passed_on) {
		slub->passed_on = false;
		return 0;
	}
	module = word_end;
	if (text_accept(&module, end, " ["))
		close = memchr(module, ']', (size_t)(end - module));
	*complete = true;
	return text_sites_address(&events->sites, &events->trace->symbols, word,
				  (size_t)(word_end - word), module,
				  close ? (size_t)(close - module) : 0,
				  &slub->event.call_site);
}

/* "CPU: 0 UID: 0 PID: 1 Comm: swapper/0 Not tainted ..." */
static int parse_task(struct text_slub *slub, struct text_events *events,
		      const char *at, const char *end)
{
	const char *pid = text_find(at, end, " PID: ");
	const char *comm = text_find(at, end, " Comm: ");
	const char *comm_end;
	uint64_t cpu, number;

	if (!pid || !comm || !text_decimal(at, &cpu) ||
	    !text_decimal(pid + 6, &number) || cpu >= CAPTURE_CPUS_MAX ||
	    number > INT32_MAX)
		return 0;
	slub->event.cpu = (uint16_t)cpu;
	slub->event.pid = (int32_t)number;
	comm += 7;
	comm_end = text_find(comm, end, " Not tainted");
	if (!comm_end)
		comm_end = text_find(comm, end, " Tainted:");
	return comm_end ? text_events_comm(events, slub->event.pid, comm,
					   (uint32_t)(comm_end - comm))
			: 0;
}

const char *text_slub_release(const char *start, const char *end)
{
	static const char *const before[] = {"Not tainted ", "Linux version "};

	for (int i = 0; i < 2; i++) {
		const char *at = text_find(start, end, before[i]);

		if (at && text_is_digit(at[strlen(before[i])]))
			return at + strlen(before[i]);
	}
	return NULL;
}

int text_slub_line(struct text_slub *slub, struct text_events *events,
		   const char *start_, const char *end, struct kmem_event *ev,
		   bool *given)
{
	const char *at = text_find(start_, end, "TRACE "), *name_end;
	uint64_t pointer;
	bool alloc;
	long digits;
	int ret;

	*given = false;
	if (at &&
	    parse_trace(at + 6, end, &name_end, &alloc, &pointer, &digits)) {
		*given = text_slub_end(slub, ev);
		slub->event = (struct kmem_event){.addr = pointer, .node = -1};
		slub->waiting = true;
		slub->entered = false;
		events->memory_seen = true;
		text_events_pointer(events, pointer, digits);
		slub->count++;
		if (parse_time(start_, at, &slub->event.ts_ns))
			slub->timed = true;
		else
			slub->event.ts_ns = slub->timed ? 0 : slub->count;
		return start(slub, events, at + 6, name_end, alloc);
	}
	if (!slub->waiting)
		return 0;
	at = text_find(start_, end, "CPU: ");
	if (at)
		return parse_task(slub, events, at + 5, end);
	ret = parse_frame(slub, events, start_, end, given);
	if (!ret && *given)
		text_slub_end(slub, ev);
	return ret;
}

bool text_slub_end(struct text_slub *slub, struct kmem_event *ev)
{
	if (!slub->waiting)
		return false;
	*ev = slub->event;
	slub->waiting = false;
	return true;
}
