#include "parser/reading.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

void reading_give(struct reading *reading, const struct anomalies *now)
{
	for (int i = 0; i < ANOMALY_COUNT; i++) {
		reading->trace->anomalies.count[i] +=
		    now->count[i] - reading->given.count[i];
		reading->given.count[i] = now->count[i];
	}
}

void reading_times(struct reading *reading, const struct kmem_event *events,
		   size_t count)
{
	struct trace *trace = reading->trace;

	if (!count)
		return;
	if (!reading->begun)
		trace->first_ts_ns = events[0].ts_ns;
	reading->begun = true;
	trace->last_ts_ns = events[count - 1].ts_ns;
}

void reading_rewind(struct reading *reading)
{
	reading->begun = false;
}

void reading_partial(struct capture_info *info, const char *reason)
{
	size_t used = strlen(info->partial_reason);

	info->partial = true;
	if (strstr(info->partial_reason, reason))
		return;
	snprintf(info->partial_reason + used,
		 sizeof(info->partial_reason) - used, "%s%s", used ? "; " : "",
		 reason);
}

const char *reading_digits(uint64_t value, char text[32])
{
	char digits[24];
	int len = snprintf(digits, sizeof(digits), "%" PRIu64, value);
	char *to = text;

	for (int i = 0; i < len; i++) {
		if (i && (len - i) % 3 == 0)
			*to++ = ',';
		*to++ = digits[i];
	}
	*to = '\0';
	return text;
}

void reading_damage(struct capture_info *info,
		    const struct anomalies *anomalies)
{
	static const enum anomaly damage[] = {
	    ANOMALY_CORRUPT_PAGE, ANOMALY_TRUNCATED_PAGE, ANOMALY_UNKNOWN_EVENT,
	    ANOMALY_SHORT_EVENT, ANOMALY_BAD_VALUE};

	for (size_t i = 0; i < sizeof(damage) / sizeof(*damage); i++) {
		char reason[160], number[32];
		uint64_t count = anomalies->count[damage[i]];

		if (!count)
			continue;
		snprintf(reason, sizeof(reason), "%s: %s",
			 anomaly_text(damage[i]),
			 reading_digits(count, number));
		reading_partial(info, reason);
	}
}
