/*
 * topology_read: which node each CPU of a capture is on.
 */
#ifndef PARSER_TOPOLOGY_READ_H
#define PARSER_TOPOLOGY_READ_H

#include "core/err.h"
#include "core/trace.h"

/*
 * kernel/nodes into trace->topology. Without that file a machine whose zones
 * are all of one node has all its CPUs there; else nothing is known. Wants
 * trace->info and the snapshots.
 */
MUST_CHECK int topology_read(const char *dir, struct trace *trace,
			     struct err *err);

/*
 * Puts the CPUs of a list as the kernel prints it ("0-3,8"; "": none) on a
 * node. ERR_FORMAT for what is no such list, else as topology_put().
 */
MUST_CHECK int topology_put_list(struct topology *topology, uint64_t node,
				 const char *list);

#endif
