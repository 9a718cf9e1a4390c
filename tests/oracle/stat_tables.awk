# The tables of stat, counted again: a plain walk over the events of a database,
# with what linking found (objects and their caches), and no part of stat.
#
# Reads the same events twice; of each (tab-separated): id, ts_ns, cpu, pid,
# kind, flags, call site, bytes_req, bytes_alloc, gfp, order, migratetype, cache,
# object. First to find the worst moments, then to count. Writes for each row:
# table, key, hit, bytes_alloc, bytes_req, live, peak, waste_max, waste_at_worst,
# ended, short, pingpong, pages, live pages; lifetimes by call site go to LIVES.
function bit(flags, number) { return int(flags / 2 ^ number) % 2 }

function cache_name(kind, flags, bytes, name) {
	if (name != "")
		return name
	if (kind != 1)
		return "unknown cache, " bytes
	if (bit(flags, 20))
		return "large kmalloc " bytes
	if (slob)
		return "kmalloc, " bytes " bytes"
	return bytes >= 1024 && bytes % 1024 == 0 ? "kmalloc-" bytes / 1024 "k" \
		: "kmalloc-" bytes
}

# Grows (sign 1) or shrinks (-1) a row.
function change(table, key, sign, req, alloc, row) {
	row = table "\t" key
	live[row] += sign * alloc
	waste[row] += sign * (alloc - req)
	if (live[row] > peak[row])
		peak[row] = live[row]
	if (waste[row] > waste_max[row])
		waste_max[row] = waste[row]
}
function change_all(n, sign, req, alloc, i) {
	for (i = 1; i <= table_count[n]; i++)
		change(table_of[n, i], key_of[n, i], sign, req, alloc)
}

# The rows of a new object; they are kept under its number.
function add_row(n, table, key) {
	table_count[n]++
	table_of[n, table_count[n]] = table
	key_of[n, table_count[n]] = key
}
function make_rows(n, page, who, backing) {
	table_count[n] = 0
	who = bit($6, 6) || bit($6, 7) ? "" : $4
	if (!page) {
		add_row(n, "caller", $7)
		add_row(n, "cache", cache_name($5, $6, $9, $13))
		if ($5 == 1)
			add_row(n, "class", cache_name($5, $6, $9, ""))
	} else {
		backing = bit($6, 18) ? "slab" : bit($6, 19) ? "large" : "direct"
		add_row(n, "page", $11 "|" $12 "|" $10 "|" backing)
		add_row(n, "order", $11 "|" $12)
		if (backing != "direct")
			return
	}
	add_row(n, "task", who)
	add_row(n, "cpu", $3)
}

function count(n, page, sign, req, alloc, i, row) {
	for (i = 1; i <= table_count[n]; i++) {
		row = table_of[n, i] "\t" key_of[n, i]
		seen[row] = 1
		if (page && table_of[n, i] ~ /task|cpu/) {
			pages[row] += sign * alloc
			continue
		}
		hit[row] += sign
		bytes_alloc[row] += sign * alloc
		bytes_req[row] += sign * req
	}
}

function forget(n) {
	delete table_count[n]
	delete born[n]
	delete born_cpu[n]
	delete size_req[n]
	delete size_alloc[n]
	delete is_kmalloc[n]
}

function ended(n, page, i, row, span) {
	if (bit($6, 17))
		return
	span = $2 - born[n]
	for (i = 1; i <= table_count[n]; i++) {
		row = table_of[n, i] "\t" key_of[n, i]
		ends[row]++
		short[row] += span < 1000000
		if (table_of[n, i] == "caller")
			print key_of[n, i], span >lives
		if ($3 != born_cpu[n] && !(page && table_of[n, i] ~ /task|cpu/))
			pingpong[row]++
	}
}

# The totals, which tell the worst moments: of all objects and of kmallocs.
function total(sign, amount, kmalloc, which) {
	for (which = 1; which <= 1 + kmalloc; which++) {
		sum[which] += sign * amount
		if (pass == 1 && sum[which] > worst[which]) {
			worst[which] = sum[which]
			moment[which] = $1
		}
	}
}

# After the event of a worst moment: what each row wastes.
function snapshot(row, table) {
	for (row in waste) {
		table = substr(row, 1, index(row, "\t") - 1)
		if ($1 == moment[1] && table != "class")
			at_worst[row] = waste[row]
		if ($1 == moment[2] && table == "class")
			at_worst[row] = waste[row]
	}
}

function gone(n, req, alloc) {
	total(-1, alloc - req, is_kmalloc[n])
	if (pass == 2)
		change_all(n, -1, req, alloc)
}

function allocated(n, page) {
	if (bit($6, 16)) { # the second trace of a large kmalloc
		if (n == "" || !(n in born))
			return
		gone(n, size_req[n], size_alloc[n])
		if (pass == 2)
			count(n, 0, -1, size_req[n], size_alloc[n])
	}
	if (bit($6, 1) || n == "" || bit($6, 9))
		return
	size_alloc[n] = page ? page_size * 2 ^ $11 : $9
	size_req[n] = page ? size_alloc[n] : $8
	if (!bit($6, 16)) {
		born[n] = $2
		born_cpu[n] = $3
	}
	is_kmalloc[n] = $5 == 1
	if (pass == 2) {
		make_rows(n, page)
		count(n, page, 1, size_req[n], size_alloc[n])
		change_all(n, 1, size_req[n], size_alloc[n])
	}
	total(1, size_alloc[n] - size_req[n], is_kmalloc[n])
}

function freed(n, page, alloc) {
	if (!(n in born))
		return
	alloc = page ? page_size * 2 ^ $11 : size_alloc[n]
	gone(n, page ? alloc : size_req[n], alloc)
	if (bit($6, 24)) # a part of a block
		return
	if (pass == 2)
		ended(n, page)
	forget(n)
}

FNR == 1 {
	pass++
	sum[1] = sum[2] = 0
	split("", born)
}
$5 == 1 || $5 == 3 { allocated($14, 0) }
$5 == 5 { allocated($14, 1) }
($5 == 2 || $5 == 4) && $14 != "" { freed($14, 0) }
$5 == 6 && $14 != "" { freed($14, 1) }
pass == 2 && ($1 == moment[1] || $1 == moment[2]) { snapshot() }

END {
	for (row in seen)
		if (hit[row] || pages[row])
			print row, hit[row] + 0, bytes_alloc[row] + 0,
				bytes_req[row] + 0, live[row] + 0, peak[row] + 0,
				waste_max[row] + 0, at_worst[row] + 0,
				ends[row] + 0, short[row] + 0, pingpong[row] + 0,
				pages[row] + 0
}
