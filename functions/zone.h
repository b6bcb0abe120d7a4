/* Time zones of the IANA database ("Europe/Berlin"), as the machine has it. Any thread; a zone
 * lasts as long as the process. */
#ifndef WEIR_FUNCTIONS_ZONE_H
#define WEIR_FUNCTIONS_ZONE_H

#include "core/text.h"

typedef struct wr_zone {
    const void *rules; /* the shim's */
} wr_zone;

/* Reads the zone on first use. False: there is none of this name. */
bool wr_zone_find(wr_text name, wr_zone *zone);
/* How far local time is ahead of UTC at an instant, in µs. */
int64_t wr_zone_offset_us(wr_zone zone, int64_t us);
/* The instant of a local time, µs since 1970-01-01 00:00 local, whole seconds. Of one that there is
 * twice the earlier one; of one that is skipped when the clocks jump. False: it is no int64. */
bool wr_zone_to_utc(wr_zone zone, int64_t local_us, int64_t *us);

#endif
