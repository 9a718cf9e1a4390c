#include "parser/info_read.h"

#include <assert.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cjson/cJSON.h>

enum { FORMAT_VERSION = 1, SELF_PIDS_MAX = 65536 };

/* A whole number from 0 to most; doubles hold those up to 2^53 exactly. */
static int get_number(const cJSON *object, const char *name, bool required,
		      uint64_t most, uint64_t *value, struct err *err)
{
	const cJSON *item = cJSON_GetObjectItemCaseSensitive(object, name);

	if (!item && !required)
		return 0;
	if (!item)
		return err_set(err, ERR_FORMAT, "'%s' is missing", name);
	if (!cJSON_IsNumber(item) || !(item->valuedouble >= 0) ||
	    item->valuedouble > (double)most ||
	    item->valuedouble != floor(item->valuedouble))
		return err_set(err, ERR_FORMAT,
			       "'%s' is not a whole number up to %llu", name,
			       (unsigned long long)most);
	*value = (uint64_t)item->valuedouble;
	return 0;
}

static int get_text(const cJSON *object, const char *name, bool required,
		    char *text, size_t size, struct err *err)
{
	const cJSON *item = cJSON_GetObjectItemCaseSensitive(object, name);

	if (!item && !required)
		return 0;
	if (!item || !cJSON_IsString(item))
		return err_set(err, ERR_FORMAT, "'%s' is %s", name,
			       item ? "not a string" : "missing");
	snprintf(text, size, "%s", item->valuestring);
	return 0;
}

static bool is_power_of_two(uint64_t value)
{
	return value && !(value & (value - 1));
}

static int get_machine(const cJSON *root, struct capture_info *info,
		       struct err *err)
{
	uint64_t page_size = 0, long_size = 0;
	char endian[16] = "";
	int ret;

	ret = get_text(root, "release", true, info->release,
		       sizeof(info->release), err);
	if (!ret)
		ret = get_text(root, "machine", true, info->machine,
			       sizeof(info->machine), err);
	if (!ret)
		ret =
		    get_text(root, "endian", true, endian, sizeof(endian), err);
	if (!ret)
		ret = get_number(root, "page_size", true, 1 << 20, &page_size,
				 err);
	if (!ret)
		ret = get_number(root, "long_size", true, 8, &long_size, err);
	if (ret)
		return ret;
	if (page_size < 1024 || !is_power_of_two(page_size))
		return err_set(err, ERR_FORMAT, "'page_size' of %u is no page",
			       (unsigned int)page_size);
	if (long_size != 4 && long_size != 8)
		return err_set(err, ERR_FORMAT, "'long_size' is not 4 or 8");
	if (strcmp(endian, "little") != 0 && strcmp(endian, "big") != 0)
		return err_set(err, ERR_FORMAT,
			       "'endian' is not \"little\" or \"big\"");
	info->page_size = (uint32_t)page_size;
	info->long_size = (uint8_t)long_size;
	info->big_endian = !strcmp(endian, "big");
	if (sscanf(info->release, "%3d.%3d", &info->version_major,
		   &info->version_minor) != 2)
		return err_set(err, ERR_FORMAT,
			       "'release' \"%.60s\" is no kernel release",
			       info->release);
	return 0;
}

static int get_cpu_loss(const cJSON *item, struct capture_info *info,
			struct err *err)
{
	struct cpu_loss *loss;
	char *end;
	unsigned long cpu = strtoul(item->string, &end, 10);
	uint64_t most = 1ull << 53;
	int ret;

	if (*end || end == item->string || cpu >= info->cpu_count)
		return err_set(err, ERR_FORMAT,
			       "'loss' names CPU \"%.20s\" of %u", item->string,
			       info->cpu_count);
	loss = &info->cpus[cpu];
	ret = get_number(item, "entries", true, most, &loss->entries, err);
	if (!ret)
		ret = get_number(item, "overrun", true, most, &loss->overrun,
				 err);
	if (!ret)
		ret = get_number(item, "commit_overrun", false, most,
				 &loss->commit_overrun, err);
	if (!ret)
		ret = get_number(item, "dropped_events", false, most,
				 &loss->dropped_events, err);
	return ret ? err_prefix(err, "'loss' of CPU %lu", cpu) : 0;
}

static int get_cpus(const cJSON *root, struct trace *trace, struct err *err)
{
	struct capture_info *info = &trace->info;
	const cJSON *loss = cJSON_GetObjectItemCaseSensitive(root, "loss");
	const cJSON *item;
	uint64_t cpus = 0;
	int ret;

	ret = get_number(root, "cpus", true, CAPTURE_CPUS_MAX, &cpus, err);
	if (ret)
		return ret;
	if (!cpus)
		return err_set(err, ERR_FORMAT, "'cpus' is 0");
	info->cpus = calloc(cpus, sizeof(*info->cpus));
	if (!info->cpus)
		return err_set(err, ERR_NOMEM, "no memory for %u CPUs",
			       (unsigned int)cpus);
	info->cpu_count = (uint32_t)cpus;
	if (!cJSON_IsObject(loss))
		return err_set(err, ERR_FORMAT, "'loss' is missing");
	cJSON_ArrayForEach(item, loss)
	{
		ret = get_cpu_loss(item, info, err);
		if (ret)
			return ret;
	}
	for (uint32_t i = 0; i < info->cpu_count; i++)
		trace->anomalies.count[ANOMALY_LOST_EVENTS] +=
		    info->cpus[i].overrun + info->cpus[i].commit_overrun +
		    info->cpus[i].dropped_events;
	return 0;
}

/* The command: one string, or its words in an array. */
static void get_command(const cJSON *root, struct capture_info *info)
{
	const cJSON *item = cJSON_GetObjectItemCaseSensitive(root, "command");
	const cJSON *word;
	size_t used = 0;

	if (cJSON_IsString(item))
		snprintf(info->command, sizeof(info->command), "%s",
			 item->valuestring);
	if (!cJSON_IsArray(item))
		return;
	cJSON_ArrayForEach(word, item)
	{
		if (!cJSON_IsString(word) || used >= sizeof(info->command) - 1)
			continue;
		used += (size_t)snprintf(info->command + used,
					 sizeof(info->command) - used, "%s%s",
					 used ? " " : "", word->valuestring);
	}
}

static int get_self_pids(const cJSON *root, struct trace *trace,
			 struct err *err)
{
	const cJSON *list = cJSON_GetObjectItemCaseSensitive(root, "self_pids");
	const cJSON *item;

	if (!list)
		return 0;
	if (!cJSON_IsArray(list) || cJSON_GetArraySize(list) > SELF_PIDS_MAX)
		return err_set(err, ERR_FORMAT,
			       "'self_pids' is not a list of pids");
	cJSON_ArrayForEach(item, list)
	{
		if (!cJSON_IsNumber(item) || !(item->valuedouble > 0) ||
		    item->valuedouble > INT32_MAX)
			return err_set(err, ERR_FORMAT,
				       "'self_pids' has something that is no "
				       "pid");
		if (map_put(&trace->self_pids, (uint32_t)item->valuedouble, 1))
			return err_set(err, ERR_NOMEM, "no memory for pids");
	}
	return 0;
}

/* "filters" names them; "filtered" alone says that there were some. */
static void get_filters(const cJSON *root, struct trace *trace)
{
	const cJSON *filters =
	    cJSON_GetObjectItemCaseSensitive(root, "filters");
	const cJSON *filtered =
	    cJSON_GetObjectItemCaseSensitive(root, "filtered");
	const cJSON *filter;
	uint64_t count = 0;

	cJSON_ArrayForEach(filter, filters)
	{
		count++;
	}
	if (!count && cJSON_IsTrue(filtered))
		count = 1;
	trace->info.filtered = count > 0;
	trace->anomalies.count[ANOMALY_FILTERED] += count;
}

static int get_all(const cJSON *root, struct trace *trace, struct err *err)
{
	struct capture_info *info = &trace->info;
	const cJSON *markers, *status;
	uint64_t format = 0;
	int ret;

	if (!cJSON_IsObject(root))
		return err_set(err, ERR_FORMAT, "not a JSON object");
	ret = get_number(root, "format", true, 1 << 20, &format, err);
	if (ret)
		return ret;
	if (format != FORMAT_VERSION)
		return err_set(err, ERR_UNSUPPORTED,
			       "format %u, this program reads format %d",
			       (unsigned int)format, FORMAT_VERSION);
	ret = get_machine(root, info, err);
	if (!ret)
		ret = get_text(root, "clock", true, info->clock,
			       sizeof(info->clock), err);
	if (!ret)
		ret = get_text(root, "title", false, info->title,
			       sizeof(info->title), err);
	if (!ret)
		ret = get_cpus(root, trace, err);
	if (!ret)
		ret = get_self_pids(root, trace, err);
	if (ret)
		return ret;
	get_command(root, info);
	markers = cJSON_GetObjectItemCaseSensitive(root, "markers");
	info->markers = cJSON_IsTrue(markers);
	get_filters(root, trace);
	status = cJSON_GetObjectItemCaseSensitive(root, "command_status");
	info->command_status = cJSON_IsNumber(status) ? status->valueint : -1;
	return 0;
}

int info_parse(const char *text, size_t len, struct trace *trace,
	       struct err *err)
{
	cJSON *root;
	int ret;

	assert(text && trace);
	root = cJSON_ParseWithLength(text, len);
	if (!root)
		return err_set(err, ERR_FORMAT, "not valid JSON");
	ret = get_all(root, trace, err);
	cJSON_Delete(root);
	return ret;
}
