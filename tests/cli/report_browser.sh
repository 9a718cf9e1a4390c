#!/bin/sh
# report_browser.sh ARCHIVE KMEMSCOPE: the report in a real browser: it loads
# without a word on the console, tables sort and filter, pictures tell their
# values; and hostile names stay text.
set -eu
# shellcheck source=tests/cli/unpack.inc
. "$(dirname "$0")/unpack.inc"
# shellcheck source=tests/cli/browser.inc
. "$(dirname "$0")/browser.inc"
kmemscope=$2
browser_start
unpack "$1"
trap 'browser_stop; rm -rf "$tmp"' EXIT
status=0
wrong() { echo "$*"; status=1; }

# returns WANTED SCRIPT: what the script returns in the page, as JSON.
returns() {
	got=$(browser_js "$2")
	[ "$got" = "$1" ] || wrong "$2: $got, wanted $1"
}

silent() {
	console=$(browser_console)
	[ "$console" = '{"value":[]}' ] || wrong "console of $1: $console"
}

# ---- an ordinary report

"$kmemscope" import -o "$tmp/b.db" "$capture" 2>/dev/null
"$kmemscope" replay "$tmp/b.db" >/dev/null
"$kmemscope" report -o "$tmp/a.html" "$tmp/b.db" 2>/dev/null
browser_open "file://$tmp/a.html"
silent a.html
returns true 'return document.title.endsWith("kmemscope")'
returns true 'return document.querySelectorAll("figure svg").length >= 7'
returns 0 'return performance.getEntriesByType("resource").length'

# A table without rows says so with the word of the text tables.
counts='Array.from(document.querySelectorAll(".bar .count")).map(
	(c) => c.textContent)'
returns true "return $counts.includes('none')"
returns false "return $counts.includes('0 rows')"

# Rows beyond the 20th are shown when asked for.
rows='Array.from(document.querySelector("table.rows").tBodies[0].rows)'
returns 20 "return $rows.filter((r) => r.offsetHeight).length"
returns true "return $rows.length > 20"
browser_click '.bar .all'
returns true "return $rows.every((r) => r.offsetHeight)"

# The first row is who wastes most, as the figures at the top and stat have it.
worst=$(sqlite3 "$tmp/b.db" "SELECT callsite FROM caller
	ORDER BY waste DESC LIMIT 1")
returns "\"$worst\"" "return ${rows}[0].cells[1].textContent"
returns true "return Array.from(document.querySelectorAll('.facts b')).some(
	(b) => b.textContent === '$worst')"

# Columns: address, call site, cache, allocated. Numbers sort as numbers, the
# most first; again: the least first; texts.
column='(n) => '"$rows"'.map((r) => r.cells[n].textContent)'
browser_click 'table.rows th:nth-child(4) button'
returns true "const n = ($column)(3).map((t) => +t.replace(/,/g, ''));
	return n[0] > n[n.length - 1] &&
		n.every((v, i) => !i || n[i - 1] >= v)"
returns '"descending"' 'return document.querySelector(
	"table.rows th:nth-child(4)").getAttribute("aria-sort")'
browser_click 'table.rows th:nth-child(4) button'
returns true "const n = ($column)(3).map((t) => +t.replace(/,/g, ''));
	return n.every((v, i) => !i || n[i - 1] <= v)"
browser_click 'table.rows th:nth-child(2) button'
returns true "const t = ($column)(1).map((t) => t.toLowerCase());
	return t.every((v, i) => !i || t[i - 1] <= v)"

# Filters: of one table, and of all.
browser_type '.bar input' skb
returns true "const seen = $rows.filter((r) => r.offsetHeight);
	return seen.length > 0 && seen.length < $rows.length &&
		seen.every((r) => r.textContent.includes('skb'))"
browser_type '#filter-all' 'no such row'
returns 0 'return Array.from(document.querySelectorAll("table.rows tbody tr"))
	.filter((r) => r.offsetHeight).length'

# The values under the pointer: of a curve, of a bar; none beside the panels.
tip='document.querySelector("#waste figure .tip")'
returns true "return $tip.hidden"
browser_hover '#waste figure svg' 0 0
returns true "return !$tip.hidden && /requested.*[KM]iB/.test($tip.textContent)"
browser_hover '#waste figure svg' 500 0
returns true "return $tip.hidden"
browser_hover '#waste figure:nth-of-type(2) svg' -200 -180
returns true 'const tip = document.querySelectorAll("#waste .tip")[1];
	return !tip.hidden && tip.textContent.includes("never freed")'
silent a.html

# On paper columns that text leaves out are not there, and no table is cut; on a
# telephone pictures keep a size that can be read, and the page does not scroll.
wide='Array.from(document.querySelectorAll("table.rows")).filter(
	(t) => t.offsetWidth > document.body.clientWidth).length'
seen='getComputedStyle(document.querySelector("td.w")).display !== "none"'
returns true "return $seen"
browser_as setDeviceMetricsOverride \
	'{"width": 1032, "height": 700, "deviceScaleFactor": 1, "mobile": false}'
browser_js 'const all = document.getElementById("filter-all");
	all.value = "";
	all.dispatchEvent(new Event("input"))' >/dev/null
returns true "return $wide > 0"
browser_as setEmulatedMedia '{"media": "print"}'
returns false "return $seen"
returns 0 "return $wide"
browser_as setEmulatedMedia '{"media": ""}'
browser_as setDeviceMetricsOverride \
	'{"width": 390, "height": 800, "deviceScaleFactor": 1, "mobile": false}'
returns true 'return document.documentElement.scrollWidth <= 390'
returns true 'return document.querySelector("figure svg").clientWidth > 600'
browser_as clearDeviceMetricsOverride '{}'

# ---- all names are hostile

evil='<img src=x onerror=window.pwned=1>"'\''; system("touch '$tmp'/pwned") #
</script></style></svg><script>window.pwned=1</script>&lt;'
quoted=$(printf '%s' "$evil" | sed "s/'/''/g")
short='<img src=x onerror=window.p=1>'
sqlite3 "$tmp/b.db" "UPDATE name SET text = '$quoted' || id
		WHERE id IN (SELECT id FROM cache);
	UPDATE cache SET name = (SELECT text FROM name WHERE name.id = cache.id);
	UPDATE call_site SET symbol = '$quoted' || id;
	UPDATE capture SET title = '$quoted', command = '$quoted',
		machine = '$short', release = '$short', partial = 1,
		partial_reason = '$quoted', linked = 0, link_reason = '$quoted' ||
		x'ff' || char(27) || '[31m' || char(0x202e);"
cp "$tmp/b.db" "$tmp/<img src=x onerror=window.pwned=1>.db"
code=0
"$kmemscope" report -o "$tmp/b.html" \
	"$tmp/<img src=x onerror=window.pwned=1>.db" 2>"$tmp/err" || code=$?
[ $code = 1 ] || wrong "hostile: status $code: $(cat "$tmp/err")"
[ ! -e "$tmp/pwned" ] || wrong "gnuplot ran a name"
if LC_ALL=C grep -q "$(printf '[\001-\010\013-\037\177]')" "$tmp/b.html"; then
	wrong "control characters came through"
fi
browser_open "file://$tmp/b.html"
silent b.html
returns null 'return window.pwned'
returns 0 'return document.images.length'
returns 1 'return document.scripts.length'
returns 1 'return document.querySelectorAll("style").length'
returns true 'return document.querySelectorAll("figure svg").length >= 7'
returns true 'return document.querySelector("h1").textContent.includes(
	"<img src=x onerror=window.pwned=1>")'
returns true "return $rows.at(0).cells[1].textContent.includes('</script>')"
returns true 'return Array.from(document.querySelectorAll("svg text")).some(
	(t) => t.textContent.includes("<img src=x onerror"))'
browser_type '.bar input' '<IMG'
returns true "return $rows.filter((r) => !r.hidden).length > 0"
browser_hover '#waste figure:nth-of-type(2) svg' -200 -180
returns true 'const tip = document.querySelectorAll("#waste .tip")[1];
	return tip.querySelector("b").textContent.includes("<img src=x")'
returns 0 'return document.images.length'
silent b.html

# The canary: such a name does run where it is not escaped.
printf '<!DOCTYPE html><title>c</title><p>%s</p>' "$evil" >"$tmp/c.html"
browser_open "file://$tmp/c.html"
returns 1 'return window.pwned'
exit $status
