# What perf kmem stat prints for a database's events, by perf's own rules
# (tools/perf/builtin-kmem.c, kernel 6.1), line by line: so that its every
# figure can be held against perf's output of the same perf.data.
#
#   sqlite3 -separator ' ' FILE.db QUERY |
#	awk -v page_size=4096 -v perf=PERF.TXT -f perf_kmem.awk
#
# Input, in the order of time, synthetic events left out (perf_kmem.sql): KIND CPU
# SITE ADDR REQ ALLOC ORDER MIGRATETYPE FAILED GFP CROSS, addresses as perf prints
# them. Of perf's text only its list of gfp words is taken.
# Output: "caller", "ptr", "slab", "type", "pfn", "page" and the line; rows in no
# order. The last column of rows of pages, perf's guess of a call site, is left
# out: rows that differ in nothing else are one.

function frag(req, given) { return given ? 100 - 100 * req / given : 0 }

function row(word, name, given, req, hit, pingpong) {
	printf "%s  %-34s | %9.0f/%-5d | %9.0f/%-5d | %8d | %9d | %6.3f%%\n",
		word, name, given, int(given / hit), req, int(req / hit), hit,
		pingpong, frag(req, given)
}

# A row of pages: Total alloc (KB), Hits, Order, Mig.type, GFP flags.
function page_row(word, name, bytes, hits, key,    part) {
	split(key, part, SUBSEP)
	printf "%s %s%.0f %d %d %s %s\n", word, name, bytes / 1024, hits,
		part[1], part[2] in type_word ? type_word[part[2]] : "UNKNOWN",
		gfp_word[part[3]]
}

BEGIN {
	split("UNMOVABL RECLAIM MOVABLE RESERVED CMA/ISLT", words, " ")
	for (i in words)
		type_word[i - 1] = words[i]
	# "# 00000cc0:               K: GFP_KERNEL"
	while ((getline line < perf) > 0)
		if (line ~ /^# [0-9a-f]+: +[^ ]+: /) {
			split(line, part, / *: */)
			gfp_word[substr(part[1], 3)] = part[2]
		}
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
	crosses += $11
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
	of_type[$7, $8, $10] += bytes; hits_of_type[$7, $8, $10]++
	of_pfn[$4, $7, $8, $10] += bytes; hits_of_pfn[$4, $7, $8, $10]++
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
	printf "slab Cross CPU allocations: %d/%d\n", crosses, allocs
	for (key in of_type)
		page_row("type", "", of_type[key], hits_of_type[key], key)
	for (key in of_pfn) {
		pfn = key
		sub(SUBSEP ".*", "", pfn)
		page_row("pfn", pfn " ", of_pfn[key], hits_of_pfn[key],
			substr(key, length(pfn) + 2))
	}
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
