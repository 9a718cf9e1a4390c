/*
 * work_dir: a directory for files that nobody needs afterwards.
 */
#ifndef CORE_WORK_DIR_H
#define CORE_WORK_DIR_H

/* Removes it with its files; there is no directory in it. */
void work_dir_remove(const char *path);

#endif
