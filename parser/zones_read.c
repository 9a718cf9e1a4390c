#include "parser/zones_read.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "core/capture_info.h"
#include "parser/file_read.h"
#include "parser/number_text.h"

enum {
	NODES_MAX = 1024,
	PCP_VALUE_MAX = 1 << 30,
	/* More pages than any machine has: sums stay far from overflow. */
	PAGE_COUNT_BITS = 48,
};

/* The zone, added if it is new; NULL with *ret and err set if it cannot be. */
static struct snapshot_zone *find_zone(struct snapshot *snapshot, uint32_t node,
				       const char *name, int *ret,
				       struct err *err)
{
	struct snapshot_zone *zone;

	for (uint32_t i = 0; i < snapshot->zone_count; i++) {
		zone = &snapshot->zones[i];
		if (zone->node == (int)node && !strcmp(zone->name, name))
			return zone;
	}
	if (snapshot->zone_count >= SNAPSHOT_ZONES_MAX) {
		*ret = err_set(err, ERR_LIMIT, "more than %d zones",
			       SNAPSHOT_ZONES_MAX);
		return NULL;
	}
	zone = realloc(snapshot->zones,
		       (snapshot->zone_count + 1) * sizeof(*zone));
	if (!zone) {
		*ret = err_set(err, ERR_NOMEM, "no memory for zones");
		return NULL;
	}
	snapshot->zones = zone;
	zone += snapshot->zone_count++;
	*zone = (struct snapshot_zone){.node = (int)node};
	strcpy(zone->name, name);
	return zone;
}

/* "Node 0, zone    DMA32", perhaps with a comma behind the name. */
static bool zone_line(const char **at, uint32_t *node, char name[16])
{
	const char *start = *at;
	size_t len;

	if (!text_skip(&start, "Node") ||
	    !number_next_u32(&start, NODES_MAX, node) ||
	    !text_skip(&start, ", zone") || !word_next(&start, name, 16))
		return false;
	len = strlen(name);
	if (len && name[len - 1] == ',')
		name[len - 1] = '\0';
	*at = start;
	return true;
}

static bool page_count(const char **at, uint64_t *value)
{
	uint64_t got;

	if (!number_next(at, &got) || got >> PAGE_COUNT_BITS)
		return false;
	*value = got;
	return true;
}

/* "protection: (0, 3019, 5451)" */
static bool read_protection(const char *at, struct snapshot_zone *zone)
{
	uint64_t value;

	if (!text_skip(&at, "("))
		return false;
	zone->protection_count = 0;
	while (page_count(&at, &value)) {
		if (zone->protection_count == 8)
			return false;
		zone->protection[zone->protection_count++] = value;
		text_skip(&at, ",");
	}
	return text_skip(&at, ")");
}

static int add_pcp(struct snapshot_zone *zone, uint32_t cpu)
{
	struct snapshot_pcp *pcps;

	pcps = realloc(zone->pcps, (zone->pcp_count + 1) * sizeof(*pcps));
	if (!pcps)
		return ERR_NOMEM;
	zone->pcps = pcps;
	pcps[zone->pcp_count++] = (struct snapshot_pcp){.cpu = cpu};
	return 0;
}

/* A line of "pagesets"; 6.7 on has high_min and high_max beside high. */
static int pcp_line(const char *line, struct snapshot_zone *zone)
{
	struct snapshot_pcp *pcp = NULL;
	uint32_t *place = NULL;
	uint32_t cpu;

	if (text_skip(&line, "cpu:")) {
		if (!number_next_u32(&line, CAPTURE_CPUS_MAX - 1, &cpu) ||
		    zone->pcp_count >= CAPTURE_CPUS_MAX)
			return ERR_FORMAT;
		return add_pcp(zone, cpu);
	}
	if (!zone->pcp_count)
		return 0;
	pcp = &zone->pcps[zone->pcp_count - 1];
	if (text_skip(&line, "count:"))
		place = &pcp->count;
	else if (text_skip(&line, "high_min:"))
		place = &pcp->high_min;
	else if (text_skip(&line, "high_max:"))
		place = &pcp->high_max;
	else if (text_skip(&line, "high:"))
		place = &pcp->high;
	else if (text_skip(&line, "batch:"))
		place = &pcp->batch;
	if (place && !number_next_u32(&line, PCP_VALUE_MAX, place))
		return ERR_FORMAT;
	return 0;
}

/* A line of a zone before "pagesets" or after it. */
static int zone_field(const char *line, struct snapshot_zone *zone)
{
	const struct {
		const char *key;
		uint64_t *place;
	} fields[] = {
	    {"pages free ", &zone->free},
	    {"boost ", &zone->boost},
	    {"min ", &zone->min},
	    {"low ", &zone->low},
	    {"high ", &zone->high},
	    {"spanned ", &zone->spanned},
	    {"present ", &zone->present},
	    {"managed ", &zone->managed},
	    {"start_pfn:", &zone->start_pfn},
	};

	if (text_skip(&line, "protection:"))
		return read_protection(line, zone) ? 0 : ERR_FORMAT;
	for (size_t i = 0; i < sizeof(fields) / sizeof(*fields); i++)
		if (text_skip(&line, fields[i].key))
			return page_count(&line, fields[i].place) ? 0
								  : ERR_FORMAT;
	return 0;
}

static int check_zone(const struct snapshot_zone *zone, struct err *err)
{
	if (zone->managed > zone->present || zone->present > zone->spanned)
		return err_set(err, ERR_FORMAT,
			       "zone %s of node %d has more pages than it "
			       "spans",
			       zone->name, zone->node);
	return 0;
}

int zones_read_zoneinfo(char *text, struct snapshot *snapshot, struct err *err)
{
	struct snapshot_zone *zone = NULL;
	bool in_pagesets = false;
	char name[16];
	char *line;
	int ret = 0;

	assert(text && snapshot);
	while (!ret && (line = file_line(&text))) {
		const char *at = line;
		uint32_t node;

		if (zone_line(&at, &node, name)) {
			zone = find_zone(snapshot, node, name, &ret, err);
			in_pagesets = false;
			continue;
		}
		if (!zone)
			continue;
		if (text_skip(&at, "pagesets"))
			in_pagesets = true;
		else if (text_skip(&at, "node_unreclaimable"))
			in_pagesets = false;
		else if (in_pagesets)
			ret = pcp_line(line, zone);
		else
			ret = zone_field(line, zone);
		if (ret)
			err_set(err, ret, "zone %s of node %d: \"%.60s\"",
				zone->name, zone->node, line);
	}
	for (uint32_t i = 0; i < snapshot->zone_count && !ret; i++)
		ret = check_zone(&snapshot->zones[i], err);
	if (!ret && !snapshot->zone_count)
		ret = err_set(err, ERR_FORMAT, "no zone in it");
	return ret;
}

/* Numbers to the end of the line; their count, 0 if there is anything else. */
static uint32_t number_row(const char *at, uint64_t *values, uint32_t most)
{
	uint32_t count = 0;

	for (;;) {
		/* pagetypeinfo stops counting at 100000 and says ">". */
		text_skip(&at, ">");
		if (count == most || !page_count(&at, &values[count]))
			break;
		count++;
	}
	return *at == '\0' || (*at == ' ' && at[1] == '\0') ? count : 0;
}

static int set_order_count(struct snapshot *snapshot, uint32_t count,
			   struct err *err)
{
	if (!count || (snapshot->order_count && snapshot->order_count != count))
		return err_set(err, ERR_FORMAT,
			       "a row with %u orders, expected %u", count,
			       snapshot->order_count);
	snapshot->order_count = count;
	return 0;
}

int zones_read_buddyinfo(char *text, struct snapshot *snapshot, struct err *err)
{
	struct snapshot_zone *zone = NULL;
	char name[16];
	char *line;

	assert(text && snapshot);
	while ((line = file_line(&text))) {
		uint64_t blocks[SNAPSHOT_ORDERS_MAX] = {0};
		const char *at = line;
		uint32_t node;
		int ret;

		if (!zone_line(&at, &node, name))
			continue;
		ret = set_order_count(
		    snapshot, number_row(at, blocks, SNAPSHOT_ORDERS_MAX), err);
		if (ret)
			return ret;
		zone = find_zone(snapshot, node, name, &ret, err);
		if (!zone)
			return ret;
		memcpy(zone->free_blocks, blocks, sizeof(blocks));
	}
	return zone ? 0 : err_set(err, ERR_FORMAT, "no zone in it");
}

static int find_type(struct snapshot *snapshot, const char *name,
		     uint32_t *type, struct err *err)
{
	for (*type = 0; *type < snapshot->migratetype_count; ++*type)
		if (!strcmp(snapshot->migratetypes[*type], name))
			return 0;
	if (*type == SNAPSHOT_MIGRATETYPES_MAX)
		return err_set(err, ERR_LIMIT, "more than %d migratetypes",
			       SNAPSHOT_MIGRATETYPES_MAX);
	strcpy(snapshot->migratetypes[snapshot->migratetype_count++], name);
	return 0;
}

/* "Node    0, zone    DMA32, type    Unmovable      1      0 ..." */
static int type_row(const char *at, struct snapshot_zone *zone,
		    struct snapshot *snapshot, struct err *err)
{
	uint64_t blocks[SNAPSHOT_ORDERS_MAX] = {0};
	char name[16];
	uint32_t type;
	int ret;

	if (!word_next(&at, name, sizeof(name)))
		return err_set(err, ERR_FORMAT, "a row without a type");
	ret = find_type(snapshot, name, &type, err);
	if (!ret)
		ret = set_order_count(
		    snapshot, number_row(at, blocks, SNAPSHOT_ORDERS_MAX), err);
	if (!ret)
		memcpy(zone->free_by_type[type], blocks, sizeof(blocks));
	return ret;
}

/* "Number of blocks type     Unmovable      Movable ...": their columns. */
static int type_columns(const char *at, struct snapshot *snapshot,
			uint32_t columns[SNAPSHOT_MIGRATETYPES_MAX],
			uint32_t *count, struct err *err)
{
	char name[16];

	*count = 0;
	while (*count < SNAPSHOT_MIGRATETYPES_MAX &&
	       word_next(&at, name, sizeof(name))) {
		int ret = find_type(snapshot, name, &columns[*count], err);

		if (ret)
			return ret;
		++*count;
	}
	return 0;
}

static int block_row(const char *at, struct snapshot_zone *zone,
		     const uint32_t *columns, uint32_t count, struct err *err)
{
	uint64_t blocks[SNAPSHOT_MIGRATETYPES_MAX] = {0};

	if (number_row(at, blocks, SNAPSHOT_MIGRATETYPES_MAX) != count)
		return err_set(err, ERR_FORMAT,
			       "a row of blocks without %u types", count);
	for (uint32_t i = 0; i < count; i++)
		zone->blocks_by_type[columns[i]] = blocks[i];
	return 0;
}

int zones_read_pagetypeinfo(char *text, struct snapshot *snapshot,
			    struct err *err)
{
	uint32_t columns[SNAPSHOT_MIGRATETYPES_MAX];
	uint32_t column_count = 0;
	char *line;
	int ret = 0;

	assert(text && snapshot);
	snapshot->migratetype_count = 0;
	while (!ret && (line = file_line(&text))) {
		struct snapshot_zone *zone;
		const char *at = line;
		char name[16];
		uint32_t node;

		if (text_skip(&at, "Page block order:")) {
			if (!number_next_u32(&at, SNAPSHOT_ORDERS_MAX,
					     &snapshot->pageblock_order))
				return err_set(err, ERR_FORMAT, "\"%.60s\"",
					       line);
		} else if (text_skip(&at, "Number of blocks type")) {
			ret = type_columns(at, snapshot, columns, &column_count,
					   err);
		} else if (zone_line(&at, &node, name)) {
			bool by_type = text_skip(&at, "type");

			if (!by_type && !column_count)
				continue; /* page_owner's mixed blocks */
			zone = find_zone(snapshot, node, name, &ret, err);
			if (zone && by_type)
				ret = type_row(at, zone, snapshot, err);
			else if (zone)
				ret = block_row(at, zone, columns, column_count,
						err);
		}
	}
	if (!ret && !snapshot->migratetype_count)
		ret = err_set(err, ERR_FORMAT, "no migratetype in it");
	return ret;
}
