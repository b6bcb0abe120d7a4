/* The zones of cctz, for functions/zone.c alone. Times are in seconds; zones are pointers that
 * last. */
#ifndef WEIR_FUNCTIONS_ZONE_SHIM_H
#define WEIR_FUNCTIONS_ZONE_SHIM_H

#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/* NULL: no such zone. */
const void *wr_cctz_find(const char *name);
/* Seconds east of UTC. */
int64_t wr_cctz_offset(const void *rules, int64_t seconds);
/* The instant of a local time: the earlier of two, the jump's of a skipped one. */
int64_t wr_cctz_to_utc(const void *rules, int64_t local_seconds);

#ifdef __cplusplus
}
#endif

#endif
