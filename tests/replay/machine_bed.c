#include "tests/replay/machine_bed.h"

#include <string.h>

void machine_bed_make(struct machine_bed *bed, enum page_start start)
{
	machine_bed_make_of(bed, start, 6, 1, 0);
}

void machine_bed_make_of(struct machine_bed *bed, enum page_start start,
			 int major, int minor, uint32_t high_max)
{
	struct snapshot *snapshot = &bed->trace.before;
	struct page_machine_config config = {.info = &bed->trace.info,
					     .snapshot = snapshot,
					     .start = start,
					     .cpus = 2,
					     .memory = memory_libc()};
	struct err err = {0};

	memset(bed, 0, sizeof(*bed));
	bed->trace.info.version_major = major;
	bed->trace.info.version_minor = minor;
	bed->trace.info.page_size = 4096;
	bed->trace.info.cpu_count = 2;
	bed->pcps[0] = (struct snapshot_pcp){.cpu = 0,
					     .count = 5,
					     .high = 60,
					     .high_max = high_max,
					     .batch = 15};
	bed->pcps[1] = (struct snapshot_pcp){.cpu = 1,
					     .count = 2,
					     .high = 60,
					     .high_max = high_max,
					     .batch = 15};
	bed->zones[0] = (struct snapshot_zone){.name = "DMA32",
					       .start_pfn = ZONE_START,
					       .spanned = ZONE_PAGES,
					       .present = ZONE_PAGES,
					       .managed = ZONE_PAGES - 96,
					       .pcps = bed->pcps,
					       .pcp_count = 2};
	bed->zones[0].free_by_type[PAGE_UNMOVABLE][0] = 1;
	bed->zones[0].free_by_type[PAGE_RECLAIMABLE][3] = 1;
	bed->zones[0].free_by_type[PAGE_MOVABLE][10] = 1;
	bed->zones[0].blocks_by_type[PAGE_MOVABLE] = 6;
	bed->zones[0].blocks_by_type[PAGE_UNMOVABLE] = 1;
	bed->zones[0].blocks_by_type[PAGE_RECLAIMABLE] = 1;
	bed->zones[1] = (struct snapshot_zone){.name = "Normal"};
	bed->blocks[0] = (struct snapshot_block){2048, 10};
	bed->blocks[1] = (struct snapshot_block){3072 + 512, 3};
	bed->blocks[2] = (struct snapshot_block){4096 + 33, 0};
	*snapshot = (struct snapshot){
	    .parts = SNAPSHOT_ZONEINFO | SNAPSHOT_KPAGEFLAGS,
	    .order_count = 11,
	    .pageblock_order = 9,
	    .has_thp = true,
	    .migratetype_count = 4,
	    .zones = bed->zones,
	    .zone_count = 2,
	    .blocks = bed->blocks,
	    .block_count = 3,
	};
	assert_int_equal(page_machine_create(&bed->machine, &config, &err), 0);
	bed->model = page_machine_model(bed->machine);
}

void machine_bed_end(struct machine_bed *bed)
{
	page_model_destroy(bed->model);
}

void machine_bed_check(const struct machine_bed *bed)
{
	struct err err = {0};

	assert_int_equal(bed->model->ops->check(bed->model, &err), 0);
}
