/*
 * rare: marks a function that seldom runs. It stays out of its callers, which
 * would else save registers for it at every call.
 */
#ifndef CORE_RARE_H
#define CORE_RARE_H

#define RARE __attribute__((noinline))

#endif
