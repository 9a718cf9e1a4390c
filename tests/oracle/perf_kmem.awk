# What perf kmem stat prints for a database's events, by perf's own rules
# (tools/perf/builtin-kmem.c, kernel 6.1), line by line: so that its every
# figure can be held against perf's output of the same perf.data.
#
#   sqlite3 -separator ' ' FILE.db QUERY | awk -v page_size=4096 -f perf_kmem.awk
#
# Input, in the order of time, synthetic events left out (perf_kmem.sql): KIND CPU
# SITE ADDR REQ ALLOC ORDER MIGRATETYPE FAILED, addresses as perf prints them.
# Output: "caller", "ptr", "slab", "page" and the line; rows in no order.

function frag(req, given) { return given ? 100 - 100 * req / given : 0 }

function row(word, name, given, req, hit, pingpong) {
	printf "%s  %-34s | %9.0f/%-5d | %9.0f/%-5d | %8d | %9d | %6.3f%%\n",
		word, name, given, int(given / hit), req, int(req / hit), hit,
		pingpong, frag(req, given)
}

function requests(label, count, bytes) {
	printf "page %-30s: %16d   [ %16.0f KB ]\n", label, count,
		int(bytes / 1024)
}

$1 == "kmalloc" || $1 == "kmem_cache_alloc" {
	given[$4] += $6; req[$4] += $5; hit[$4]++
	last[$4] = $6; site_of[$4] = $3; cpu_of[$4] = $2
	site_given[$3] += $6; site_req[$3] += $5; site_hit[$3]++
	total_given += $6; total_req += $5; allocs++
}

($1 == "kfree" || $1 == "kmem_cache_free") && ($4 in hit) {
	freed += last[$4]
	if ($2 != cpu_of[$4]) {
		pingpong[$4]++
		site_pingpong[site_of[$4]]++
	}
	cpu_of[$4] = -1
}

$1 == "mm_page_alloc" {
	bytes = page_size * 2 ^ $7
	page_allocs++; page_bytes += bytes
	if ($9) {
		failures++; failed_bytes += bytes
		next
	}
	by_order[$7, $8]++
	live[$4] = 1
}

$1 == "mm_page_free" {
	bytes = page_size * 2 ^ $7
	page_frees++; free_bytes += bytes
	if ($4 in live) {
		delete live[$4]
	} else {
		nomatch++
		nomatch_bytes += bytes
	}
}

END {
	for (s in site_hit)
		row("caller", s, site_given[s], site_req[s], site_hit[s],
			site_pingpong[s])
	for (p in hit)
		row("ptr", p, given[p], req[p], hit[p], pingpong[p])
	printf "slab Total bytes requested: %.0f\n", total_req
	printf "slab Total bytes allocated: %.0f\n", total_given
	printf "slab Total bytes freed:     %.0f\n", freed
	if (total_given > freed)
		printf "slab Net total bytes allocated: %.0f\n",
			total_given - freed
	printf "slab Total bytes wasted on internal fragmentation: %.0f\n",
		total_given - total_req
	printf "slab Internal fragmentation: %f%%\n",
		frag(total_req, total_given)
	# One node: perf asks the machine that it runs on.
	printf "slab Cross CPU allocations: 0/%d\n", allocs
	requests("Total allocation requests", page_allocs, page_bytes)
	requests("Total free requests", page_frees, free_bytes)
	matched = page_frees - nomatch
	requests("Total alloc+freed requests", matched,
		free_bytes - nomatch_bytes)
	requests("Total alloc-only requests", page_allocs - matched,
		page_bytes - (free_bytes - nomatch_bytes))
	requests("Total free-only requests", nomatch, nomatch_bytes)
	requests("Total allocation failures", failures, failed_bytes)
	for (o = 0; o <= 10; o++) {
		line = sprintf("page %5d", o)
		# perf has five columns, whatever the kernel's types are.
		for (m = 0; m < 5; m++) {
			n = by_order[o, m]
			line = line (n ? sprintf(" %13d", n) :
				sprintf(" %13s", "."))
		}
		print line
	}
}
