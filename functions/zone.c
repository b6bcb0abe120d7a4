/* Time zones: names that are allowed, and microseconds, around the shim of cctz.
 *
 *   2026-07-01 12:00 UTC in Europe/Berlin: offset 2 h, local 14:00
 *   local 2026-03-29 02:30 there is skipped: 01:00 UTC, when the clocks jump
 *
 * 1. A name is words of letters, digits, _ + - between slashes: no path out of the database. */
#include "functions/zone.h"

#include "core/time.h"
#include "functions/zone_shim.h"

#include <string.h>

enum { ZONE_NAME_MAX = 64 };

static bool
name_is_allowed(wr_text name)
{
    char before = '/';
    for (size_t i = 0; i < name.size; i++) {
        char c = name.data[i], lower = (char)(c | 0x20);
        bool is_word = (lower >= 'a' && lower <= 'z') || (c >= '0' && c <= '9') || c == '_' ||
                       c == '+' || c == '-';
        if (!is_word && (c != '/' || before == '/')) {
            return false;
        }
        before = c;
    }
    return name.size > 0 && name.size <= ZONE_NAME_MAX && before != '/';
}

bool
wr_zone_find(wr_text name, wr_zone *zone)
{
    char text[ZONE_NAME_MAX + 1];
    zone->rules = NULL;
    if (name_is_allowed(name)) {
        memcpy(text, name.data, name.size);
        text[name.size] = '\0';
        zone->rules = wr_cctz_find(text);
    }
    return zone->rules != NULL;
}

static int64_t
floor_seconds(int64_t us)
{
    return us / WR_US_PER_S - (us % WR_US_PER_S < 0);
}

int64_t
wr_zone_offset_us(wr_zone zone, int64_t us)
{
    return wr_cctz_offset(zone.rules, floor_seconds(us)) * WR_US_PER_S;
}

bool
wr_zone_to_utc(wr_zone zone, int64_t local_us, int64_t *us)
{
    int64_t local_seconds = floor_seconds(local_us);
    int64_t seconds = wr_cctz_to_utc(zone.rules, local_seconds);
    int64_t offset_us = (local_seconds - seconds) * WR_US_PER_S; /* a day and less */
    return !__builtin_sub_overflow(local_us, offset_us, us);
}
