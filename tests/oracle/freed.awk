# Counts what a trace allocated, freed and left live, independently of
# kmemscope: from the text of "trace-cmd report -R" of the same raw pages.
#
#   awk -v page_size=4096 -v base=0xff11000000000000 -f freed.awk report.txt
#
# base: virtual address of page frame 0, "" if it is not known.
#
# The rule of implicit frees (frees that have no event: bulk, RCU): an object
# is over when its address is allocated again, or when a page it starts in is
# allocated or freed. A block of pages is over, page by page, when its pages are
# allocated again or freed together with pages that are not its own.
#
# A large kmalloc (more than two pages) that the kernel traces twice, one after
# the other on its CPU with the same address and sizes, is one (6.12 on).
#
# Output: "name value" lines. POSIX awk; numbers stay below 2^53.

function digit(c) { return index("0123456789abcdef", c) - 1 }

# The value of hex digits without "0x", at most 13 of them.
function hex(text,    i, value)
{
	value = 0
	for (i = 1; i <= length(text); i++)
		value = value * 16 + digit(substr(text, i, 1))
	return value
}

# The low 52 bits of an address.
function low(text)
{
	text = substr(text, 3)
	if (length(text) > 13)
		text = substr(text, length(text) - 12)
	return hex(text)
}

# Page frame of an address, in the direct map.
function frame(ptr,    at)
{
	at = low(ptr) - base_low
	if (at < 0)
		at += wrap
	return int(at / page_size)
}

function field(name,    i)
{
	for (i = 1; i <= NF; i++)
		if (index($i, name "=") == 1)
			return substr($i, length(name) + 2)
	return ""
}

function no_pointer(ptr)
{
	return ptr == "(nil)" || ptr == "0x0" || ptr == "0x10" || ptr == "0"
}

function end_object(ptr)
{
	freed++
	freed_req += req_of[ptr]
	freed_alloc += alloc_of[ptr]
	delete req_of[ptr]
	delete alloc_of[ptr]
}

# Every live object that starts in this page is over.
function end_objects_in(page,    list, n, i)
{
	if (!(page in objects))
		return
	n = split(objects[page], list, " ")
	for (i = 1; i <= n; i++) {
		delete listed[list[i]]
		if (list[i] in req_of) {
			implicit++
			end_object(list[i])
		}
	}
	delete objects[page]
}

function alloc(cpu, ptr, req, given,    page)
{
	if (no_pointer(ptr)) {
		failed++
		return
	}
	if (ptr in req_of && large_of[cpu] == ptr && req_of[ptr] == req &&
	    alloc_of[ptr] == given) {
		duplicates++
		large_of[cpu] = ""
		return
	}
	if (ptr in req_of) {
		implicit++
		end_object(ptr)
	}
	if (given > 2 * page_size)
		large_of[cpu] = ptr
	allocs++
	bytes_req += req
	bytes_alloc += given
	req_of[ptr] = req
	alloc_of[ptr] = given
	if (base == "" || ptr in listed)
		return
	page = frame(ptr)
	objects[page] = objects[page] " " ptr
	listed[ptr] = 1
}

function release(ptr)
{
	if (no_pointer(ptr))
		null_frees++
	else if (ptr in req_of)
		end_object(ptr)
	else
		unknown++
}

function end_pages(first, count,    i)
{
	for (i = 0; i < count; i++)
		if ((first + i) in block_of) {
			page_freed++
			delete block_of[first + i]
		}
}

function page_event(first, count,    i)
{
	if (base != "")
		for (i = 0; i < count; i++)
			end_objects_in(first + i)
}

function page_alloc(pfn, order,    i, count)
{
	count = 2 ^ order
	if (pfn == "0xffffffffffffffff" || pfn == "-1" || pfn == "0xffffffff") {
		page_failed++
		return
	}
	pfn = substr(pfn, 1, 2) == "0x" ? low(pfn) : pfn + 0
	page_event(pfn, count)
	end_pages(pfn, count)
	page_allocs++
	page_alloced += count
	blocks++
	for (i = 0; i < count; i++)
		block_of[pfn + i] = blocks
}

function page_free(pfn, order,    i, count, whole)
{
	count = 2 ^ order
	pfn = substr(pfn, 1, 2) == "0x" ? low(pfn) : pfn + 0
	page_event(pfn, count)
	page_frees++
	whole = 1
	for (i = 0; i < count && whole; i++)
		whole = (pfn + i) in block_of &&
			block_of[pfn + i] == block_of[pfn]
	end_pages(pfn, count)
	if (!whole) {
		free_only++
		free_only_pages += count
	}
}

BEGIN {
	base_low = base == "" ? 0 : low(base)
	wrap = 2 ^ 52
	if (base != "" && length(base) <= 10)
		wrap = 2 ^ 32
}

/ (kmalloc|kmalloc_node|kmem_cache_alloc|kmem_cache_alloc_node): / {
	match($0, /\[[0-9]+\]/)
	alloc(substr($0, RSTART, RLENGTH), field("ptr"), field("bytes_req") + 0, field("bytes_alloc") + 0)
}
/ (kfree|kmem_cache_free): / { release(field("ptr")) }
/ mm_page_alloc: / { page_alloc(field("pfn"), field("order") + 0) }
/ mm_page_free: / { page_free(field("pfn"), field("order") + 0) }

END {
	printf "slab.allocs %.0f\n", allocs
	printf "slab.failed %.0f\n", failed
	printf "slab.frees %.0f\n", freed
	printf "slab.implicit_frees %.0f\n", implicit
	printf "slab.unknown_frees %.0f\n", unknown
	printf "slab.null_frees %.0f\n", null_frees
	printf "slab.duplicates %.0f\n", duplicates
	printf "slab.bytes_req %.0f\n", bytes_req
	printf "slab.bytes_alloc %.0f\n", bytes_alloc
	printf "slab.bytes_freed %.0f\n", freed_alloc
	printf "slab.bytes_req_freed %.0f\n", freed_req
	printf "slab.bytes_net %.0f\n", bytes_alloc - freed_alloc
	printf "slab.waste %.0f\n", bytes_alloc - bytes_req
	printf "page.allocs %.0f\n", page_allocs
	printf "page.failed %.0f\n", page_failed
	printf "page.free_events %.0f\n", page_frees
	printf "page.unknown_frees %.0f\n", free_only
	printf "page.bytes_alloc %.0f\n", page_alloced * page_size
	printf "page.bytes_freed %.0f\n", page_freed * page_size
	printf "page.bytes_free_only %.0f\n", free_only_pages * page_size
}
