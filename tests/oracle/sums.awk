# Sums over the lines of "trace-cmd report -R", or of the kernel's own text
# trace: one "KEY VALUE" per line. A program of its own, so that it can
# contradict the decoder.

function value(name,    i) {
	for (i = colon + 1; i <= NF; i++)
		if (index($i, name "=") == 1)
			return substr($i, length(name) + 2)
	return ""
}

# The task's pid stands before the CPU in brackets: "comm-1234 [000]".
{
	for (colon = 1; colon <= NF; colon++)
		if ($colon ~ /^\[[0-9]+\]$/)
			break
	if (colon > NF)
		next
	pid = $(colon - 1)
	sub(/^.*-/, "", pid)
	# The kernel's text has a column of flags before the time.
	colon += $(colon + 1) ~ /^[0-9.]+:$/ ? 2 : 3
	event = $colon
	sub(/:$/, "", event)
	sum[event ".events"]++
	sum[event ".pids"] += pid
}

event ~ /^(kmalloc|kmem_cache_alloc)(_node)?$/ {
	if (value("ptr") == "(nil)") {
		sum[event ".failed"]++
	} else {
		sum[event ".bytes_req"] += value("bytes_req")
		sum[event ".bytes_alloc"] += value("bytes_alloc")
	}
	next
}

event == "kfree" {
	if (value("ptr") == "(nil)" || value("ptr") == "0x10")
		sum[event ".null"]++
	next
}

event == "kmem_cache_free" {
	sum[event ".cache." value("name")]++
	next
}

event ~ /^mm_page_(alloc|free|alloc_zone_locked|pcpu_drain)$/ {
	# -1 in 32 or 64 bits; 0xff is a page like any other.
	if (value("pfn") ~ /^0xf+$/ && length(value("pfn")) >= 10)
		sum[event ".failed"]++
	else
		sum[event ".pages"] += 2 ^ value("order")
}

END {
	for (key in sum)
		printf "%s %.0f\n", key, sum[key]
}
