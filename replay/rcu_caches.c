#include "replay/rcu_caches.h"

#include <stddef.h>
#include <string.h>

static const char *const caches[] = {
    "anon_vma",
    "sighand_cache",
    "jbd2_journal_head",
    "p9_req_t",
    "nf_conntrack",
    "request_sock_subflow_v4",
    "request_sock_subflow_v6",
};

static const char *const protocols[] = {
    "TCP", "TCPv6", "DCCP", "DCCPv6", "LLC", "SMC", "SMC6", "MPTCP", "MPTCPv6",
};

bool rcu_cache_named(const char *name)
{
	static const char *const prefixes[] = {"request_sock_", "tw_sock_"};

	for (size_t i = 0; i < sizeof(caches) / sizeof(*caches); i++)
		if (strcmp(name, caches[i]) == 0)
			return true;
	for (size_t i = 0; i < sizeof(prefixes) / sizeof(*prefixes); i++)
		if (strncmp(name, prefixes[i], strlen(prefixes[i])) == 0)
			name += strlen(prefixes[i]);
	for (size_t i = 0; i < sizeof(protocols) / sizeof(*protocols); i++)
		if (strcmp(name, protocols[i]) == 0)
			return true;
	return false;
}

bool rcu_cache_freeptr_inside(const char *name, enum kernel_variant variant)
{
	static const struct {
		const char *name;
		enum kernel_variant since;
	} inside[] = {
	    {"filp", VARIANT_6_12},
	    {"bfilp", VARIANT_6_12},
	    {"io_kiocb", VARIANT_6_12},
	    {"vm_area_struct", VARIANT_6_12},
	    {"TCP", VARIANT_7_0},
	    {"TCPv6", VARIANT_7_0},
	    {"ext4_inode_cache", VARIANT_7_0},
	};

	for (size_t i = 0; i < sizeof(inside) / sizeof(*inside); i++)
		if (strcmp(name, inside[i].name) == 0)
			return variant >= inside[i].since;
	return false;
}

bool rcu_cache_frees_hidden(const char *name)
{
	return strcmp(name, "maple_node") == 0;
}
