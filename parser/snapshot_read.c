#include "parser/snapshot_read.h"

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include <cjson/cJSON.h>

#include "parser/file_read.h"
#include "parser/number_text.h"
#include "parser/pageflags_read.h"
#include "parser/slab_read.h"
#include "parser/zones_read.h"

enum {
	TEXT_FILE_MAX = 64 << 20,
	JSON_FILE_MAX = 16 << 20,
	/* Orders 0 to 10: what a kernel has where no file tells. */
	ORDERS_DEFAULT = 11,
};

struct reading {
	const char *dir, *when;
	const struct capture_info *info;
	struct snapshot *snapshot;
	cJSON *json; /* capture.json, for its "unread"; may be NULL */
};

/* "pagetypeinfo: permission denied; ..." */
static void note_missing(struct reading *reading, const char *what,
			 const char *why)
{
	char *text = reading->snapshot->why_missing;
	size_t size = sizeof(reading->snapshot->why_missing);
	size_t used = strlen(text);

	snprintf(text + used, size - used, "%s%s: %s", used ? "; " : "", what,
		 why);
}

static const char *reason_in_json(const struct reading *reading,
				  const char *path)
{
	const cJSON *unread =
	    cJSON_GetObjectItemCaseSensitive(reading->json, "unread");
	const cJSON *why = cJSON_GetObjectItemCaseSensitive(unread, path);

	return cJSON_IsString(why) ? why->valuestring : NULL;
}

static void note_error(struct reading *reading, const char *folder,
		       const char *what, const struct err *err)
{
	const char *why = NULL;
	char path[64];

	snprintf(path, sizeof(path), "%s/%s", folder, what);
	if (err->code == ERR_MISSING) {
		why = reason_in_json(reading, path);
		if (!why)
			why = "not in the capture";
	}
	note_missing(reading, what, why ? why : err->text);
}

/* A file's text, or NULL after noting why it is not there. */
static char *get_text(struct reading *reading, const char *folder,
		      const char *name, struct file_text *file)
{
	struct err err = {0};
	char path[64];

	snprintf(path, sizeof(path), "%s/%s", folder, name);
	if (file_read(reading->dir, path, TEXT_FILE_MAX, file, &err)) {
		note_error(reading, folder, name, &err);
		return NULL;
	}
	return file->text;
}

/* What a zone file left behind before it turned out to make no sense. */
static void forget_zones(struct snapshot *snapshot)
{
	for (uint32_t i = 0; i < snapshot->zone_count; i++)
		free(snapshot->zones[i].pcps);
	free(snapshot->zones);
	snapshot->zones = NULL;
	snapshot->zone_count = 0;
}

static void forget_free_blocks(struct snapshot *snapshot)
{
	snapshot->order_count = 0;
	for (uint32_t i = 0; i < snapshot->zone_count; i++)
		memset(snapshot->zones[i].free_blocks, 0,
		       sizeof(snapshot->zones[i].free_blocks));
}

static void forget_types(struct snapshot *snapshot)
{
	snapshot->migratetype_count = 0;
	snapshot->pageblock_order = 0;
	for (uint32_t i = 0; i < snapshot->zone_count; i++) {
		struct snapshot_zone *zone = &snapshot->zones[i];

		memset(zone->free_by_type, 0, sizeof(zone->free_by_type));
		memset(zone->blocks_by_type, 0, sizeof(zone->blocks_by_type));
	}
}

static void read_zones(struct reading *reading)
{
	static const struct {
		const char *name;
		uint32_t part;
		int (*read)(char *text, struct snapshot *snapshot,
			    struct err *err);
		void (*forget)(struct snapshot *snapshot);
	} files[] = {
	    {"zoneinfo", SNAPSHOT_ZONEINFO, zones_read_zoneinfo, forget_zones},
	    {"buddyinfo", SNAPSHOT_BUDDYINFO, zones_read_buddyinfo,
	     forget_free_blocks},
	    {"pagetypeinfo", SNAPSHOT_PAGETYPEINFO, zones_read_pagetypeinfo,
	     forget_types},
	};

	for (size_t i = 0; i < sizeof(files) / sizeof(*files); i++) {
		struct file_text file = {0};
		struct err err = {0};
		char *text =
		    get_text(reading, reading->when, files[i].name, &file);

		if (text && !files[i].read(text, reading->snapshot, &err)) {
			reading->snapshot->parts |= files[i].part;
		} else if (text) {
			files[i].forget(reading->snapshot);
			note_error(reading, reading->when, files[i].name, &err);
		}
		file_text_fini(&file);
	}
}

static void read_pageflags(struct reading *reading)
{
	struct snapshot *snapshot = reading->snapshot;
	struct err err = {0};
	char path[4096];

	snprintf(path, sizeof(path), "%s/%s", reading->dir, reading->when);
	if (!snapshot->order_count)
		snapshot->order_count = ORDERS_DEFAULT;
	if (!pageflags_read(path, reading->info->big_endian, snapshot, &err))
		snapshot->parts |= SNAPSHOT_KPAGEFLAGS;
	else
		note_error(reading, reading->when, "kpageflags", &err);
}

static void read_vmstat(struct reading *reading)
{
	struct snapshot *snapshot = reading->snapshot;
	struct file_text file = {0};
	char *text = get_text(reading, reading->when, "vmstat", &file);
	bool thp = false;
	int found = 0;
	char *line;

	while (text && (line = file_line(&text))) {
		const char *at = line;
		uint64_t *place = NULL;

		if (text_skip(&at, "nr_slab_reclaimable "))
			place = &snapshot->nr_slab_reclaimable;
		else if (text_skip(&at, "nr_slab_unreclaimable "))
			place = &snapshot->nr_slab_unreclaimable;
		else if (text_skip(&at, "thp_fault_alloc "))
			thp = true;
		if (place && number_next(&at, place))
			found++;
	}
	if (found == 2) {
		snapshot->parts |= SNAPSHOT_VMSTAT;
		snapshot->has_thp = thp;
	} else if (file.text)
		note_missing(reading, "vmstat", "has no nr_slab_ rows");
	file_text_fini(&file);
}

static int read_caches(struct reading *reading, struct err *err)
{
	struct file_text slabinfo = {0}, tsv = {0}, parameters = {0};
	struct file_text aliases = {0};
	struct slab_texts texts = {0};
	struct slab_errors errors;
	int ret;

	texts.slabinfo =
	    get_text(reading, reading->when, "slabinfo", &slabinfo);
	texts.slab_tsv = get_text(reading, reading->when, "slab.tsv", &tsv);
	texts.parameters =
	    get_text(reading, "slab", "parameters.txt", &parameters);
	/* A kernel that merges nothing has no aliases. */
	if (!file_read(reading->dir, "slab/aliases.txt", TEXT_FILE_MAX,
		       &aliases, NULL))
		texts.aliases = aliases.text;
	ret = slab_read(&texts, reading->snapshot, &errors, err);
	if (errors.slabinfo.code)
		note_missing(reading, "slabinfo", errors.slabinfo.text);
	if (errors.slab_tsv.code)
		note_missing(reading, "slab.tsv", errors.slab_tsv.text);
	if (errors.parameters.code)
		note_missing(reading, "parameters.txt", errors.parameters.text);
	file_text_fini(&slabinfo);
	file_text_fini(&tsv);
	file_text_fini(&parameters);
	file_text_fini(&aliases);
	return ret;
}

static cJSON *load_json(const char *dir)
{
	struct file_text file;
	cJSON *json;

	if (file_read(dir, "capture.json", JSON_FILE_MAX, &file, NULL))
		return NULL;
	json = cJSON_ParseWithLength(file.text, file.len);
	file_text_fini(&file);
	return json;
}

int snapshot_read(const char *dir, const char *when, bool pageflags,
		  const struct capture_info *info, struct snapshot *snapshot,
		  struct err *err)
{
	struct reading reading = {
	    .dir = dir, .when = when, .info = info, .snapshot = snapshot};
	char path[4096];
	struct stat st;
	int ret;

	assert(dir && when && info && snapshot);
	snprintf(path, sizeof(path), "%s/%s", dir, when);
	if (stat(path, &st) || !S_ISDIR(st.st_mode)) {
		note_missing(&reading, when, "not in the capture");
		return 0;
	}
	reading.json = load_json(dir);
	read_zones(&reading);
	if (pageflags)
		read_pageflags(&reading);
	read_vmstat(&reading);
	ret = read_caches(&reading, err);
	cJSON_Delete(reading.json);
	return ret;
}
