/*
 * programs: the gnuplot programs, from the .gp files of this folder.
 *
 * They are fixed text: whatever differs between two pictures reaches them as
 * numbers in assignments or as strings and rows in data files (figure.h).
 */
#ifndef PLOTS_PROGRAMS_H
#define PLOTS_PROGRAMS_H

extern const char program_common[];
extern const char program_waste_time[];
extern const char program_waste_classes[];
extern const char program_waste_sites[];
extern const char program_slab_caches[];
extern const char program_free_blocks[];
extern const char program_unusable_index[];
extern const char program_compare[];
extern const char program_waterfall[];
extern const char program_map[];

#endif
