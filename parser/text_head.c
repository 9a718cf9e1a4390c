#include "parser/text_head.h"

#include <string.h>

#include "parser/gfp_parse.h"
#include "parser/text_scan.h"
#include "parser/text_slub.h"

static void set_word(char *to, size_t size, const char *at, const char *end)
{
	const char *stop = text_word_end(at);
	size_t len;

	if (stop > end)
		stop = end;
	len = (size_t)(stop - at);
	if (*to || !len)
		return;
	if (len >= size)
		len = size - 1;
	memcpy(to, at, len);
	to[len] = '\0';
}

/* The first release told is the kernel's. */
static void set_release(struct capture_info *info, const char *at,
			const char *end)
{
	uint64_t major, minor;

	if (info->release[0])
		return;
	set_word(info->release, sizeof(info->release), at, end);
	at = text_decimal(at, &major);
	if (!at || *at != '.' || !text_decimal(at + 1, &minor) || major > 999 ||
	    minor > 999) {
		info->release[0] = '\0';
		return;
	}
	info->version_major = (int)major;
	info->version_minor = (int)minor;
	gfp_of_version((int)major, (int)minor, &info->gfp);
}

static void set_cpus(struct text_head *head, const char *at)
{
	uint64_t cpus;

	if (text_decimal(text_blanks(at), &cpus) && cpus <= CAPTURE_CPUS_MAX &&
	    cpus > head->cpus)
		head->cpus = (uint32_t)cpus;
}

/* "192033/192033   #P:1" */
static void set_entries(struct text_head *head, const char *at, const char *end)
{
	const char *cpus = text_find(at, end, "#P:");
	uint64_t in_buffer, written;

	at = text_decimal(at, &in_buffer);
	if (!at || *at != '/' || !text_decimal(at + 1, &written))
		return;
	if (in_buffer > INT64_MAX || written > INT64_MAX)
		return;
	head->in_buffer += in_buffer;
	head->written += written > in_buffer ? written : in_buffer;
	if (cpus)
		set_cpus(head, cpus + 3);
}

void text_head_line(struct text_head *head, struct capture_info *info,
		    const char *start, const char *end)
{
	const char *at = start, *found;

	if (text_accept(&at, end, "cpus=")) {
		set_cpus(head, at);
		return;
	}
	if (*at != '#') {
		found = info->release[0] ? NULL : text_slub_release(at, end);
		if (found)
			set_release(info, found, end);
		return;
	}
	at = text_blanks(at + 1);
	if (text_accept(&at, end, "entries-in-buffer/entries-written: "))
		set_entries(head, at, end);
	else if (text_accept(&at, end, "os release : "))
		set_release(info, at, end);
	else if (text_accept(&at, end, "arch : "))
		set_word(info->machine, sizeof(info->machine), at, end);
	else if (text_accept(&at, end, "nrcpus online : "))
		set_cpus(head, at);
	else if ((found = text_find(at, end, " latency trace v")) &&
		 (found = text_find(found, end, " on ")))
		set_release(info, found + 4, end);
}

bool text_head_has_4k_pages(const char *machine)
{
	return !strcmp(machine, "x86_64") || !strcmp(machine, "s390x") ||
	       (machine[0] == 'i' && !strcmp(machine + 2, "86")) ||
	       !strncmp(machine, "armv", 4);
}
