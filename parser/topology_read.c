#include "parser/topology_read.h"

#include <assert.h>

#include "parser/file_read.h"
#include "parser/text_scan.h"

enum { NODES_FILE_MAX = 1 << 20 };

static int put_range(struct topology *topology, uint64_t node, uint64_t first,
		     uint64_t last)
{
	int ret = 0;

	if (first > last)
		return ERR_FORMAT;
	if (last >= CAPTURE_CPUS_MAX || node >= TOPOLOGY_NODES_MAX)
		return ERR_LIMIT;
	for (uint64_t cpu = first; cpu <= last && !ret; cpu++)
		ret = topology_put(topology, (uint32_t)cpu, (int)node);
	return ret;
}

int topology_put_list(struct topology *topology, uint64_t node,
		      const char *list)
{
	uint64_t first, last;

	while (*list) {
		int ret;

		list = text_decimal(list, &first);
		if (!list)
			return ERR_FORMAT;
		last = first;
		if (*list == '-') {
			list = text_decimal(list + 1, &last);
			if (!list)
				return ERR_FORMAT;
		}
		if (*list == ',' && text_is_digit(list[1]))
			list++;
		else if (*list)
			return ERR_FORMAT;
		ret = put_range(topology, node, first, last);
		if (ret)
			return ret;
	}
	return 0;
}

/* "1 4-7", a node and its CPUs; a node without CPUs has none. */
static int read_line(struct topology *topology, const char *line)
{
	uint64_t node;

	line = text_decimal(line, &node);
	if (!line || (*line && *line != ' '))
		return ERR_FORMAT;
	return topology_put_list(topology, node, text_blanks(line));
}

static int read_nodes(char *text, struct trace *trace, struct err *err)
{
	unsigned int number = 0;
	char *line;

	while ((line = file_line(&text))) {
		int ret = read_line(&trace->topology, line);

		number++;
		if (ret)
			return err_set(err, ret,
				       "kernel/nodes: line %u is no node and "
				       "its CPUs (\"1 4-7\"): %s",
				       number, err_code_text(ret));
	}
	if (trace->topology.cpu_count)
		trace->topology.from = TOPOLOGY_RECORDED;
	return 0;
}

/* All CPUs of a machine with one node are on it. */
static int read_zones(struct trace *trace, struct err *err)
{
	const struct snapshot *snapshot =
	    trace->before.zone_count ? &trace->before : &trace->after;
	int ret = 0;

	for (uint32_t i = 0; i < snapshot->zone_count; i++)
		if (snapshot->zones[i].node != snapshot->zones[0].node)
			return 0;
	if (!snapshot->zone_count)
		return 0;
	for (uint32_t cpu = 0; cpu < trace->info.cpu_count && !ret; cpu++)
		ret = topology_put(&trace->topology, cpu,
				   snapshot->zones[0].node);
	trace->topology.from = TOPOLOGY_RECORDED;
	return ret ? err_set(err, ret, "the nodes of CPUs: %s",
			     err_code_text(ret))
		   : 0;
}

int topology_read(const char *dir, struct trace *trace, struct err *err)
{
	struct file_text file;
	int ret;

	assert(dir && trace);
	ret = file_read(dir, "kernel/nodes", NODES_FILE_MAX, &file, err);
	if (ret == ERR_MISSING)
		return read_zones(trace, err);
	if (ret)
		return ret;
	ret = read_nodes(file.text, trace, err);
	file_text_fini(&file);
	return ret ? err_prefix(err, "%s", dir) : 0;
}
