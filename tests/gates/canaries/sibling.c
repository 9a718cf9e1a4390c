/* Canary: the layering gate must refuse a sibling's header. */
#include "db/db.h"
