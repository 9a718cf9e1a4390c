SELECT k.word, e.cpu, printf('0x%x', s.address),
	CASE WHEN e.kind < 5 THEN printf('0x%x', e.addr) ELSE e.addr END,
	e.bytes_req, e.bytes_alloc, e.page_order, e.migratetype,
	(e.flags & 2) <> 0, printf('%08x', e.gfp_flags),
	e.node IS NOT NULL AND e.node <> n.node
FROM event e JOIN kind k ON k.id = e.kind
	LEFT JOIN call_site s ON s.id = e.call_site
	LEFT JOIN cpu_node n ON n.cpu = e.cpu
WHERE (e.flags & 131072) = 0 AND k.word IN ('kmalloc', 'kfree',
	'kmem_cache_alloc', 'kmem_cache_free', 'mm_page_alloc', 'mm_page_free')
ORDER BY e.id;
