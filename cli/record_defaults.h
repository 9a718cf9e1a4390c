/*
 * record_defaults: how every command records: until a signal, with warnings on
 * stderr.
 */
#ifndef CLI_RECORD_DEFAULTS_H
#define CLI_RECORD_DEFAULTS_H

#include "collector/record.h"

/* Into dir, which must live as long; the rest is the caller's to fill in. */
struct record_config record_defaults(const char *dir);

#endif
