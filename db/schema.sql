-- A kmemscope database: one recording, its statistics and its replays.
--
-- Made by "kmemscope import", read by kmemscope and by any sqlite3. Examples:
-- docs/schema.md. PRAGMA application_id is 0x6b6d656d ("kmem"), PRAGMA
-- user_version the version of this schema.
--
-- Conventions. Times are nanoseconds of the recorded clock. Addresses are
-- 64 bits, kept as SQLite's signed integers: printf('%x', addr) shows them as
-- the kernel does. Sizes are bytes or base pages, as the name says. Names are
-- kept once in "name". NULL means none (in a snapshot: no file had it). Names
-- come from a trace and may hold any bytes but NUL.

PRAGMA application_id = 1802331501;
PRAGMA user_version = 2;

-- The recording as a whole: one row.
CREATE TABLE capture (
	title TEXT,             -- what the recording is, in its maker's words
	release TEXT,           -- uname -r of the recorded kernel
	machine TEXT,           -- uname -m
	clock TEXT,             -- trace clock
	command TEXT,           -- recorded command, '' if none
	version_major INTEGER,  -- kernel version, 6 of 6.1
	version_minor INTEGER,  -- kernel version, 1 of 6.1
	page_size INTEGER,      -- bytes of a base page
	long_size INTEGER,      -- bytes of a long, 4 or 8
	big_endian INTEGER,     -- 1: the recorded machine is big-endian
	markers INTEGER,        -- 1: the events hold markers around snapshots
	filtered INTEGER,       -- 1: events were left out on purpose
	partial INTEGER,        -- 1: not everything recorded could be read
	partial_reason TEXT,    -- what is missing, '' if nothing is
	command_status INTEGER, -- exit status of the command, -1: none
	cpu_count INTEGER,      -- CPUs, rows of cpu_loss
	slab_kind INTEGER,      -- 0 unknown, 1 SLUB, 2 SLAB, 3 SLOB
	direct_map_base INTEGER, -- virtual address of page frame 0
	linked INTEGER,         -- 1: slab pages are told from direct requests
	link_reason TEXT,       -- how the base was found, or why not
	cache_allocs INTEGER,   -- kmem_cache_alloc events
	cache_allocs_named INTEGER, -- those of them whose cache is known
	gfp_nowait INTEGER,     -- all bits of GFP_NOWAIT
	first_ts_ns INTEGER,    -- time of the first event
	last_ts_ns INTEGER      -- time of the last event
);

-- What each bit of gfp_flags means in the recorded kernel.
CREATE TABLE gfp_flag (
	name TEXT,   -- kernel spelling
	mask INTEGER -- its bits, 0: this kernel has no such flag
);

-- Loss per CPU, as per_cpu/cpuN/stats tell it.
CREATE TABLE cpu_loss (
	cpu INTEGER PRIMARY KEY,
	entries INTEGER,        -- events written to the buffer
	overrun INTEGER,        -- overwritten before they were read
	commit_overrun INTEGER, -- lost because a write was interrupted
	dropped_events INTEGER, -- not written because the buffer was full
	decoded INTEGER         -- found in the recorded pages
);

-- The NUMA node of each CPU, of those where it is known.
CREATE TABLE cpu_node (
	cpu INTEGER PRIMARY KEY,
	node INTEGER,
	learned INTEGER -- 1: not recorded, but where most of its pages lay
);

-- Everything in the trace that is not as it should be.
CREATE TABLE anomaly (
	word TEXT PRIMARY KEY, -- stable name
	count INTEGER,         -- how often, 0 too
	meaning TEXT           -- what it means for the numbers
) WITHOUT ROWID;

-- How often each tracepoint was seen.
CREATE TABLE tracepoint (
	id INTEGER PRIMARY KEY, -- order of appearance
	name TEXT,              -- the kernel's name, kmalloc_node for one
	count INTEGER           -- events
);

-- Every name once: caches, texts of markers, comms, tracepoints.
CREATE TABLE name (
	id INTEGER PRIMARY KEY,
	text TEXT NOT NULL
);

-- The words of event.kind.
CREATE TABLE kind (
	id INTEGER PRIMARY KEY,
	word TEXT -- the kernel's tracepoint, without its _node variant
);

-- One row per event, in the order of time; synthetic ones too.
CREATE TABLE event (
	id INTEGER PRIMARY KEY,
	ts_ns INTEGER,       -- when
	cpu INTEGER,         -- on which CPU
	pid INTEGER,         -- who, task.pid
	kind INTEGER,        -- what, kind.id
	flags INTEGER,       -- bits, see event_flag
	call_site INTEGER,   -- call_site.id
	addr INTEGER,        -- object, area: address; page event: first page
	                     -- frame
	bytes_req INTEGER,   -- asked for; on the free of a known object too;
	                     -- alloc_vmap_area: the area with its guard;
	                     -- free_vmap_area_noflush: all that is lazy
	bytes_alloc INTEGER, -- given; on the free of a known object too;
	                     -- free_vmap_area_noflush: most that may be
	gfp_flags INTEGER,   -- bits, see gfp_flag
	page_order INTEGER,  -- 2^page_order pages
	migratetype INTEGER, -- kernel's number
	node INTEGER,        -- requested NUMA node, NULL: none
	name INTEGER,        -- name.id: cache, marker's text, comm, tracepoint
	object INTEGER       -- number of the object it creates or ends
);

-- What only some events have. NULL: as it follows from the events before.
CREATE TABLE event_detail (
	event INTEGER PRIMARY KEY,    -- event.id
	fallback_order INTEGER,       -- extfrag: order of the block taken
	fallback_migratetype INTEGER, -- extfrag: its type
	alloc_ts_ns INTEGER,          -- free: when the object was allocated
	alloc_site INTEGER,           -- free: by whom (an address)
	alloc_cpu INTEGER,            -- free: on which CPU
	slot INTEGER                  -- number of the object among the live
);

-- The bits of event.flags.
CREATE TABLE event_flag (
	mask INTEGER PRIMARY KEY,
	word TEXT
);

-- Kernel code that allocates or frees.
CREATE TABLE call_site (
	id INTEGER PRIMARY KEY,
	address INTEGER, -- in the kernel's text
	symbol TEXT,     -- function, NULL: not known
	"offset" INTEGER, -- bytes from the function's start
	module TEXT      -- NULL: built in
);

-- Caches that events or snapshots name.
CREATE TABLE cache (
	id INTEGER PRIMARY KEY, -- name.id
	name TEXT,
	object_size INTEGER,    -- bytes that a user may use, NULL: not known
	slab_size INTEGER,      -- bytes from one object to the next
	align INTEGER,          -- bytes
	objs_per_slab INTEGER,
	page_order INTEGER,     -- a slab is 2^page_order pages
	cpu_partial INTEGER,    -- SLUB: objects kept on per-CPU partial lists
	min_partial INTEGER     -- SLUB: partial slabs a node keeps
);

-- Processes that were seen.
CREATE TABLE task (
	pid INTEGER PRIMARY KEY,
	comm TEXT,      -- last one known, NULL: none
	is_self INTEGER -- 1: the recorder itself
);

-- The control group of each task that there was when the recording ended.
CREATE TABLE task_cgroup (
	pid INTEGER PRIMARY KEY,
	cgroup TEXT
);

-- Texts written into the trace: where snapshots were read.
CREATE TABLE marker (
	event INTEGER PRIMARY KEY, -- event.id
	ts_ns INTEGER,
	text TEXT
);

-- Memory at one moment: the files of before/ and after/.
CREATE TABLE snapshot (
	moment INTEGER PRIMARY KEY,    -- 0 before, 1 after
	parts INTEGER,                 -- bits: 1 slabinfo, 2 zoneinfo,
	                               -- 4 buddyinfo, 8 pagetypeinfo,
	                               -- 16 kpageflags, 32 slab.tsv, 64 vmstat,
	                               -- 128 slab/parameters.txt
	why_missing TEXT,              -- what could not be read and why
	order_count INTEGER,           -- orders are 0 .. order_count - 1
	pageblock_order INTEGER,
	migratetype_count INTEGER,
	kpageflags_pages INTEGER,      -- page frames that kpageflags covers
	slab_pages INTEGER,            -- of them, pages of slabs
	slab_map_pages INTEGER,        -- page frames that snapshot_slab covers
	movable_map_pages INTEGER,     -- those that snapshot_movable covers
	nr_slab_reclaimable INTEGER,   -- pages, vmstat
	nr_slab_unreclaimable INTEGER, -- pages, vmstat
	has_thp INTEGER                -- 1: transparent huge pages are built in
);
CREATE TABLE snapshot_migratetype (
	moment INTEGER,
	migratetype INTEGER,
	name TEXT,
	PRIMARY KEY (moment, migratetype)
) WITHOUT ROWID;
CREATE TABLE snapshot_zone (
	moment INTEGER,
	zone INTEGER,      -- number within the snapshot
	node INTEGER,
	name TEXT,         -- DMA, Normal, ...
	start_pfn INTEGER,
	spanned INTEGER,   -- pages
	present INTEGER,   -- pages
	managed INTEGER,   -- pages
	free INTEGER,      -- pages
	min INTEGER,       -- watermark, pages
	low INTEGER,       -- watermark, pages
	high INTEGER,      -- watermark, pages
	boost INTEGER,     -- pages
	protection_count INTEGER,
	pcp_count INTEGER,
	PRIMARY KEY (moment, zone)
) WITHOUT ROWID;
CREATE TABLE snapshot_protection (
	moment INTEGER,
	zone INTEGER,
	zone_index INTEGER, -- of the zone that an allocation asked for
	pages INTEGER,      -- that it must leave
	PRIMARY KEY (moment, zone, zone_index)
) WITHOUT ROWID;
CREATE TABLE snapshot_pcp (
	moment INTEGER,
	zone INTEGER,
	position INTEGER, -- order in zoneinfo
	cpu INTEGER,
	count INTEGER,    -- pages on the list
	high INTEGER,     -- limit, 0: only a range is known
	batch INTEGER,
	high_min INTEGER, -- from 6.7 on, else 0
	high_max INTEGER,
	PRIMARY KEY (moment, zone, position)
) WITHOUT ROWID;
-- Free blocks by order (buddyinfo); no row: none.
CREATE TABLE snapshot_free (
	moment INTEGER,
	zone INTEGER,
	page_order INTEGER,
	blocks INTEGER,
	PRIMARY KEY (moment, zone, page_order)
) WITHOUT ROWID;
-- Free blocks by type and order (pagetypeinfo); no row: none.
CREATE TABLE snapshot_free_type (
	moment INTEGER,
	zone INTEGER,
	migratetype INTEGER,
	page_order INTEGER,
	blocks INTEGER,
	PRIMARY KEY (moment, zone, migratetype, page_order)
) WITHOUT ROWID;
-- Page blocks by type (pagetypeinfo); no row: none.
CREATE TABLE snapshot_pageblock (
	moment INTEGER,
	zone INTEGER,
	migratetype INTEGER,
	blocks INTEGER,
	PRIMARY KEY (moment, zone, migratetype)
) WITHOUT ROWID;
-- Every free block, decomposed from kpageflags.
CREATE TABLE snapshot_block (
	moment INTEGER,
	pfn INTEGER,
	page_order INTEGER,
	PRIMARY KEY (moment, pfn)
) WITHOUT ROWID;
-- Pages that belonged to slabs (kpageflags), as runs of page frames.
CREATE TABLE snapshot_slab (
	moment INTEGER,
	pfn INTEGER,   -- the first
	pages INTEGER, -- how many follow each other, with it
	PRIMARY KEY (moment, pfn)
) WITHOUT ROWID;
-- Pages that compaction may move (kpageflags), as runs of page frames.
CREATE TABLE snapshot_movable (
	moment INTEGER,
	pfn INTEGER,   -- the first
	pages INTEGER, -- how many follow each other, with it
	PRIMARY KEY (moment, pfn)
) WITHOUT ROWID;
CREATE TABLE snapshot_cache (
	moment INTEGER,
	cache INTEGER,          -- number within the snapshot
	name TEXT,
	object_size INTEGER,    -- bytes; sizes of 0 are not known
	slab_size INTEGER,      -- bytes
	align INTEGER,          -- bytes
	objs_per_slab INTEGER,
	page_order INTEGER,
	cpu_partial INTEGER,
	min_partial INTEGER,
	has_parameters INTEGER, -- 1: slab/parameters.txt has it
	hwcache_align INTEGER,
	reclaim_account INTEGER,
	destroy_by_rcu INTEGER,
	cache_dma INTEGER,
	ctor INTEGER,
	red_zone INTEGER,
	poison INTEGER,
	store_user INTEGER,
	sanity_checks INTEGER,
	usersize INTEGER,       -- bytes that may be copied to user space
	sheaf_capacity INTEGER, -- objects in a sheaf, 0: none
	active_objs INTEGER,    -- slabinfo
	num_objs INTEGER,
	active_slabs INTEGER,
	num_slabs INTEGER,
	array_limit INTEGER,    -- SLAB: objects in a CPU's array
	batchcount INTEGER,     -- SLAB
	sharedfactor INTEGER,   -- SLAB
	objects_partial INTEGER, -- slab.tsv
	partial INTEGER,
	cpu_slabs INTEGER,
	slabs_cpu_partial INTEGER,
	objects_cpu_partial INTEGER,
	PRIMARY KEY (moment, cache)
) WITHOUT ROWID;
CREATE TABLE snapshot_alias (
	moment INTEGER,
	position INTEGER, -- order in aliases.txt
	name TEXT,
	cache INTEGER,    -- snapshot_cache.cache
	PRIMARY KEY (moment, position)
) WITHOUT ROWID;

-- What the events tell of the start, the moment of snapshot 0, beyond what it
-- counts. Pages of slabs from before in which objects were allocated or freed:
-- a slot whose first event is an allocation was free, else it was in use.
CREATE TABLE start_page (
	pfn INTEGER PRIMARY KEY,
	name INTEGER,        -- name.id of the slab's cache; 0: as follows from
	                     -- the allocation in it that was seen
	kind INTEGER,        -- kind.id of that, 0: none was
	bytes_req INTEGER,
	bytes_alloc INTEGER,
	call_site INTEGER,   -- an address
	gfp_flags INTEGER,
	free INTEGER,        -- objects in the page known to have been free
	used INTEGER,        -- and in use
	turn INTEGER,        -- of its first allocation among all pages', 0: none
	cpu INTEGER,         -- which did it
	gone INTEGER         -- 1: freed later, with its slab
);
-- Pages that were on CPUs' lists, in the order in which the events tell it.
CREATE TABLE start_list (
	position INTEGER PRIMARY KEY,
	pfn INTEGER,         -- the first
	cpu INTEGER,         -- whose list
	page_order INTEGER,
	migratetype INTEGER,
	drained INTEGER      -- 1: from the list's tail, 0: allocated
);
-- Free blocks of which pages were taken, in that order, and the types of
-- pageblocks, as the events tell them.
CREATE TABLE start_block (
	position INTEGER PRIMARY KEY,
	pfn INTEGER,         -- of snapshot_block, moment 0
	migratetype INTEGER  -- whose list it was on
);
CREATE TABLE start_pageblock (
	pageblock INTEGER PRIMARY KEY, -- its first page frame, in pageblocks
	migratetype INTEGER
);

-- What one call site did in one cache, at one size; page events by order, type
-- and gfp_flags. A row is the recorder's own or not. Rows whose kind is a free
-- are frees of what the trace did not see allocated; they have no allocations.
CREATE TABLE site_summary (
	call_site INTEGER,       -- address, 0 for page events
	name INTEGER,            -- name.id of the cache, 0: kmalloc, unknown
	kind INTEGER,            -- kind.id: 1 kmalloc, 3 cache, 5 pages, a free
	page_order INTEGER,      -- page events
	migratetype INTEGER,     -- page events
	backing INTEGER,         -- page events: 0 direct, 1 of a slab, 2 of a
	                         -- large kmalloc
	gfp_flags INTEGER,       -- page events
	self INTEGER,            -- 1: the recorder itself did it
	large INTEGER,           -- 1: kmalloc served by the page allocator
	bytes_each INTEGER,      -- bytes_alloc of one object
	allocs INTEGER,
	frees INTEGER,           -- of what was allocated here
	failed INTEGER,
	bytes_req INTEGER,       -- of all allocations
	bytes_alloc INTEGER,
	bytes_req_freed INTEGER,
	bytes_alloc_freed INTEGER,
	bytes_req_max INTEGER,   -- the largest single request
	live_bytes_alloc_peak INTEGER, -- of the call site in all its rows; page
	                         -- events: of the row
	live_bytes_req_peak INTEGER,
	cross_cpu_frees INTEGER, -- perf's ping-pong
	cross_node_allocs INTEGER, -- asked for another node than their CPU's,
	                         -- 0 too where cpu_node has no rows
	implicit_frees INTEGER,  -- of frees: without an event
	free_events INTEGER,     -- traced ones, each part of a page block
	duplicates INTEGER,      -- second traces of one large kmalloc
	null_frees INTEGER,      -- kfree of NULL or ZERO_SIZE_PTR
	self_allocs INTEGER      -- of allocs: by the recorder itself
);

-- The trace on a grid of some thousand equal steps, empty ones left out.
CREATE TABLE timeline (
	ts_ns INTEGER PRIMARY KEY, -- start of the step
	width_ns INTEGER,          -- its length
	events INTEGER,            -- synthetic ones not counted
	allocs INTEGER,            -- objects allocated (backing pages are not)
	frees INTEGER,             -- objects freed, synthetic frees too
	bytes_req_live INTEGER,    -- at its end: of slab objects and large
	                           -- kmallocs allocated in the trace
	bytes_alloc_live INTEGER,  -- at its end: the same, as given
	direct_pages_live INTEGER  -- at its end: pages asked for directly
);

-- One replay.
CREATE TABLE run (
	id INTEGER PRIMARY KEY,
	model TEXT,               -- recorded, slub
	settings TEXT,            -- what --set changed, '' for nothing
	start TEXT,               -- warm, or cold and why
	order_count INTEGER,
	events INTEGER,
	slab_pages_start INTEGER,
	slab_pages_end INTEGER,
	slab_pages_peak INTEGER,
	free_pages_start INTEGER,
	free_pages_end INTEGER,
	bytes_req_live INTEGER,   -- at the end
	bytes_alloc_live INTEGER,
	waste_live INTEGER,
	bytes_alloc_mismatch INTEGER, -- events whose size was not predicted
	bytes_alloc_checked INTEGER,
	bytes_alloc_unknown INTEGER,  -- of no known cache: not checked
	failed INTEGER,           -- allocations the model could not serve
	fallbacks INTEGER,        -- served from another migratetype
	vmap_areas INTEGER,       -- recorded areas of address space, live at
	                          -- the end
	vmap_areas_peak INTEGER,
	vmap_pages INTEGER,       -- their address space with guards, pages
	vmap_pages_peak INTEGER,
	vmap_lazy_peak INTEGER,   -- freed and not yet purged, pages
	vmap_purges INTEGER,
	vmalloc_allocs INTEGER,   -- kmallocs above vmalloc.above_kib
	kvmalloc_fallbacks INTEGER, -- kvmallocs that kmalloc failed
	vmalloc_pages INTEGER,    -- pages of both at the end
	vmalloc_pages_peak INTEGER,
	vmalloc_lazy_peak INTEGER,
	vmalloc_purges INTEGER,
	wall_ns INTEGER,          -- how long the replay took
	UNIQUE (model, settings)
);
CREATE TABLE sample (
	run INTEGER,
	position INTEGER,     -- order in time
	ts_ns INTEGER,
	bytes_req INTEGER,    -- live slab objects and large kmallocs
	bytes_alloc INTEGER,
	slab_pages INTEGER,
	large_pages INTEGER,
	direct_pages INTEGER, -- asked for directly, since the start
	pcp_pages INTEGER,    -- on per-CPU lists
	vmap_pages INTEGER,   -- address space of recorded areas
	vmalloc_pages INTEGER, -- of areas that the model made
	free_pages INTEGER,   -- in free areas
	PRIMARY KEY (run, position)
) WITHOUT ROWID;
CREATE TABLE sample_order (
	run INTEGER,
	position INTEGER, -- sample.position
	page_order INTEGER,
	free_blocks INTEGER,
	unusable INTEGER, -- unusable free space index, thousandths
	PRIMARY KEY (run, position, page_order)
) WITHOUT ROWID;
CREATE TABLE sample_cache (
	run INTEGER,
	position INTEGER, -- order in time
	ts_ns INTEGER,
	cache INTEGER,    -- name.id
	slabs INTEGER,
	pages INTEGER,
	objects INTEGER,
	PRIMARY KEY (run, position)
) WITHOUT ROWID;
CREATE TABLE cache_result (
	run INTEGER,
	position INTEGER,
	cache INTEGER,    -- name.id
	slab_size INTEGER,
	objs_per_slab INTEGER,
	page_order INTEGER,
	allocs INTEGER,
	frees INTEGER,
	slabs_start INTEGER,
	slabs_end INTEGER,
	slabs_peak INTEGER,
	objects_start INTEGER,
	objects_end INTEGER,
	bytes_req_live INTEGER,   -- at the end
	bytes_alloc_live INTEGER,
	PRIMARY KEY (run, position)
) WITHOUT ROWID;

-- Where the bytes that a run's memory held went; the steps, requested to
-- per_cpu, add up to the pages behind them.
CREATE TABLE waterfall (
	run INTEGER,
	moment INTEGER,           -- 0 most held, 1 end
	ts_ns INTEGER,
	requested INTEGER,        -- bytes: of objects in slabs, since the start
	rounding INTEGER,         -- up to the class
	padding INTEGER,          -- alignment and metadata of objects
	old_objects INTEGER,      -- from before; requests not known
	free_slots INTEGER,
	slab_tail INTEGER,        -- and the allocator's own structures
	unknown INTEGER,          -- slabs of unknown content
	large_requested INTEGER,  -- of large kmallocs
	large_rounding INTEGER,
	area_requested INTEGER,   -- of vmalloc areas that the model made
	area_rounding INTEGER,
	per_cpu INTEGER,          -- free, on per-CPU lists
	slab_pages INTEGER,
	large_pages INTEGER,
	area_pages INTEGER,
	pcp_pages INTEGER,
	PRIMARY KEY (run, moment)
) WITHOUT ROWID;

-- perf kmem stat --caller: call sites of slab objects, the recorder's left out.
CREATE VIEW caller AS
SELECT coalesce(c.symbol || printf('+0x%x', c."offset"),
		printf('0x%x', s.call_site)) AS callsite,
	c.module AS module,
	sum(s.bytes_alloc) AS total_alloc,
	sum(s.bytes_alloc) / max(sum(s.allocs), 1) AS alloc_per,
	sum(s.bytes_req) AS total_req,
	sum(s.bytes_req) / max(sum(s.allocs), 1) AS req_per,
	sum(s.allocs) AS hit,
	sum(s.cross_cpu_frees) AS pingpong,
	round(100.0 * sum(s.bytes_alloc - s.bytes_req)
	      / max(sum(s.bytes_alloc), 1), 3) AS frag,
	sum(s.bytes_alloc - s.bytes_req) AS waste,
	sum(s.bytes_alloc - s.bytes_alloc_freed) AS live
FROM site_summary s LEFT JOIN call_site c ON c.address = s.call_site
WHERE s.kind IN (1, 3) AND NOT s.self
GROUP BY s.call_site ORDER BY total_alloc DESC;

-- The same by cache.
CREATE VIEW cache_stat AS
SELECT CASE s.name WHEN 0 THEN k.word ELSE n.text END AS cache,
	sum(s.bytes_alloc) AS total_alloc,
	sum(s.bytes_req) AS total_req,
	sum(s.allocs) AS hit,
	sum(s.frees) AS freed,
	sum(s.cross_cpu_frees) AS pingpong,
	round(100.0 * sum(s.bytes_alloc - s.bytes_req)
	      / max(sum(s.bytes_alloc), 1), 3) AS frag,
	sum(s.bytes_alloc - s.bytes_req) AS waste,
	sum(s.bytes_alloc - s.bytes_alloc_freed) AS live
FROM site_summary s JOIN kind k ON k.id = s.kind
	LEFT JOIN name n ON n.id = s.name
WHERE s.kind IN (1, 3) AND NOT s.self
GROUP BY s.kind, s.name ORDER BY total_alloc DESC;

-- perf kmem stat --page: page blocks by order, migratetype and what they are
-- for (0 asked for directly, 1 of a slab, 2 of a large kmalloc).
CREATE VIEW page_stat AS
SELECT s.page_order AS page_order,
	s.migratetype AS migratetype,
	s.backing AS backing,
	sum(s.bytes_alloc) / 1024 AS total_alloc_kb,
	sum(s.allocs) AS hit,
	sum(s.frees) AS freed,
	sum(s.failed) AS failed
FROM site_summary s WHERE s.kind = 5 AND NOT s.self
GROUP BY s.page_order, s.migratetype, s.backing;

-- The trace as trace-cmd report reads, without synthetic events and without
-- what the recorder did itself.
CREATE VIEW trace AS
SELECT e.id AS event,
	coalesce(t.comm, '<...>') || '-' || e.pid AS task,
	e.cpu AS cpu,
	printf('%d.%06d', e.ts_ns / 1000000000,
	       e.ts_ns % 1000000000 / 1000) AS time,
	k.word AS kind,
	CASE WHEN c.id THEN
		coalesce(c.symbol || printf('+0x%x', c."offset"),
			 printf('0x%x', c.address)) END AS call_site,
	CASE WHEN e.kind BETWEEN 1 AND 4
		OR e.kind BETWEEN 17 AND 21 THEN printf('0x%x', e.addr) END AS ptr,
	CASE WHEN e.kind BETWEEN 5 AND 10 THEN e.addr END AS pfn,
	CASE WHEN e.kind BETWEEN 1 AND 4
		OR e.kind BETWEEN 17 AND 19 THEN e.bytes_req END AS bytes_req,
	CASE WHEN e.kind BETWEEN 1 AND 4
		OR e.kind BETWEEN 17 AND 19 THEN e.bytes_alloc END AS bytes_alloc,
	CASE WHEN e.kind BETWEEN 5 AND 10 THEN e.page_order END AS page_order,
	CASE WHEN e.kind BETWEEN 5 AND 10 THEN e.migratetype END AS migratetype,
	CASE WHEN e.kind IN (1, 3, 5) THEN printf('0x%x', e.gfp_flags) END
		AS gfp_flags,
	n.text AS name
FROM event e JOIN kind k ON k.id = e.kind
	LEFT JOIN task t ON t.pid = e.pid
	LEFT JOIN call_site c ON c.id = e.call_site
	LEFT JOIN name n ON n.id = e.name
WHERE e.flags & ((1 << 9) | (1 << 17)) = 0;
