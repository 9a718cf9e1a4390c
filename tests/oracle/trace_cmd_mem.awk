# Compares "kmemscope stat --caller --format csv" with the table of "trace-cmd
# mem" (3.1.6) of the same events:
#
#   awk -f trace_cmd_mem.awk MEM.txt CALLER.csv
#
# trace-cmd adds up by function, so call sites of one function are added up
# here. It does not know implicit frees (tracecmd/trace-mem.c, add_kmalloc()
# forgets a live object at the same address without subtracting it), so what is
# live and what peaked is compared where a function had none; and peaks only of
# functions with one call site, because peaks do not add up.

function column(name) { return $(at[name]) + 0 }

function compare(func_name, what, want, got)
{
	compared++
	if (want == got)
		return
	printf "%s %s: trace-cmd %s, kmemscope %s\n", func_name, what, want, got
	bad = 1
}

FNR == NR && FNR > 2 && NF == 9 {
	known[$1] = 1
	alloc[$1] += $3; req[$1] += $4
	total_alloc[$1] += $5; total_req[$1] += $6
	max_alloc[$1] += $7; max_req[$1] += $8
}
FNR == NR { next }
FNR == 1 {
	FS = ","
	$0 = $0
	for (i = 1; i <= NF; i++)
		at[$i] = i
	next
}
{
	name = $(at["symbol"])
	sub(/\+0x[0-9a-f]+$/, "", name)
	sites[name]++
	our_total_alloc[name] += column("bytes_alloc")
	our_total_req[name] += column("bytes_req")
	our_alloc[name] += column("live_bytes_alloc")
	our_req[name] += column("live_bytes_req")
	our_max_alloc[name] += column("peak_bytes_alloc")
	our_max_req[name] += column("peak_bytes_req")
	implicit[name] += column("implicit_frees")
}
END {
	for (name in known) {
		compare(name, "TotAlloc", total_alloc[name], our_total_alloc[name])
		compare(name, "TotReq", total_req[name], our_total_req[name])
		if (implicit[name])
			continue
		compare(name, "Alloc", alloc[name], our_alloc[name])
		compare(name, "req", req[name], our_req[name])
		if (sites[name] != 1)
			continue
		compare(name, "MaxAlloc", max_alloc[name], our_max_alloc[name])
		compare(name, "MaxReq", max_req[name], our_max_req[name])
		peaks++
	}
	for (name in sites)
		if (!(name in known)) {
			printf "%s is not in trace-cmd's table\n", name
			bad = 1
		}
	if (compared < 100 || peaks < 20) {
		printf "only %d numbers of %d functions\n", compared, peaks
		bad = 1
	}
	if (!bad)
		printf "%d numbers equal, peaks of %d functions\n", compared, peaks
	exit bad
}
