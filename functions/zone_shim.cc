/* cctz behind C names. A cctz::time_zone is a pointer to rules that cctz keeps for good, so it goes
 * through C as that pointer. */
#include "functions/zone_shim.h"

#include <cctz/time_zone.h>

#include <chrono>
#include <cstring>
#include <type_traits>

static_assert(sizeof(cctz::time_zone) == sizeof(const void *) &&
                  std::is_trivially_copyable<cctz::time_zone>::value,
              "a zone is a pointer");

static cctz::time_zone
zone_of(const void *rules)
{
    cctz::time_zone zone;
    std::memcpy(static_cast<void *>(&zone), &rules, sizeof(rules));
    return zone;
}

static cctz::time_point<cctz::seconds>
instant_of(int64_t seconds)
{
    return cctz::time_point<cctz::seconds>(cctz::seconds(seconds));
}

extern "C" const void *
wr_cctz_find(const char *name)
{
    cctz::time_zone zone;
    const void *rules = nullptr;
    if (cctz::load_time_zone(name, &zone)) {
        std::memcpy(&rules, static_cast<const void *>(&zone), sizeof(rules));
    }
    return rules;
}

extern "C" int64_t
wr_cctz_offset(const void *rules, int64_t seconds)
{
    return zone_of(rules).lookup(instant_of(seconds)).offset;
}

extern "C" int64_t
wr_cctz_to_utc(const void *rules, int64_t local_seconds)
{
    cctz::civil_second local = cctz::civil_second(1970, 1, 1, 0, 0, 0) + local_seconds;
    cctz::time_zone::civil_lookup found = zone_of(rules).lookup(local);
    bool is_skipped = found.kind == cctz::time_zone::civil_lookup::SKIPPED;
    return (is_skipped ? found.trans : found.pre).time_since_epoch().count();
}
