/* Clocks: the only place that asks the machine what time it is.
 *
 * 1. A manual clock never moves by itself; its monotonic time is its wall time.
 * 2. Operators see none of this: time reaches them as an argument. */
#include "core/time.h"

#include <errno.h>
#include <time.h>

static int64_t
machine_clock_us(clockid_t id)
{
    struct timespec now = {0};
    clock_gettime(id, &now);
    return (int64_t)now.tv_sec * WR_US_PER_S + now.tv_nsec / 1000;
}

int64_t
wr_clock_wall_us(const wr_clock *clock)
{
    return clock && clock->manual ? clock->wall_us : machine_clock_us(CLOCK_REALTIME);
}

int64_t
wr_clock_monotonic_us(const wr_clock *clock)
{
    return clock && clock->manual ? clock->wall_us : machine_clock_us(CLOCK_MONOTONIC);
}

void
wr_sleep_us(int64_t us)
{
    struct timespec rest = {.tv_sec = us > 0 ? (time_t)(us / WR_US_PER_S) : 0,
                            .tv_nsec = us > 0 ? (long)(us % WR_US_PER_S) * 1000 : 0};
    while (nanosleep(&rest, &rest) != 0 && errno == EINTR) {
    }
}
