# What perf kmem stat would print for a trace, by its own rules
# (tools/perf/builtin-kmem.c, kernel 6.1): docs/stat.md compares them with ours.
#
#   awk -f perf_rules.awk report.txt
#
# Input: the text of trace-cmd report -R or of perf script. Every allocation
# event counts, failed and doubled ones too; the free of an address gives back
# the size last allocated there, as often as it is freed.

function field(name,    i)
{
	for (i = 1; i <= NF; i++)
		if (index($i, name "=") == 1)
			return substr($i, length(name) + 2)
	return ""
}

/[ :](kmalloc|kmalloc_node|kmem_cache_alloc|kmem_cache_alloc_node): / {
	ptr = field("ptr")
	allocs++
	req += field("bytes_req")
	given += field("bytes_alloc")
	last[ptr] = field("bytes_alloc")
}
/[ :](kfree|kmem_cache_free): / {
	ptr = field("ptr")
	if (ptr in last)
		freed += last[ptr]
}
/[ :]mm_page_alloc: / {
	page_allocs++
	live[field("pfn")] = 1
}
/[ :]mm_page_free: / {
	page_frees++
	pfn = field("pfn")
	if (pfn in live)
		delete live[pfn]
	else
		nomatch++
}
END {
	printf "requested %.0f\n", req
	printf "allocated %.0f\n", given
	printf "freed %.0f\n", freed
	printf "allocs %.0f\n", allocs
	if (!page_allocs)
		exit
	printf "page_allocs %.0f\n", page_allocs
	printf "page_frees %.0f\n", page_frees
	printf "page_alloc_freed %.0f\n", page_frees - nomatch
	printf "page_alloc_only %.0f\n", page_allocs - (page_frees - nomatch)
	printf "page_free_only %.0f\n", nomatch
}
