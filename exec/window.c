/* Window arithmetic.
 *
 *   size 5, advance 2, offset 0         t = 6
 *     [2,7) [4,9) [6,11) contain 6      first end = smallest end > 6 = 7, last end = 11
 *     watermark 8, grace 0:             a row at 6 is admitted by the windows that end after 8:
 *                                       first admitted end = first_end(max(6, 8 − 0)) = 9
 *
 * 1. A row is late iff first_end(max(t, watermark − grace)) > last_end(t).
 * 2. Ends that are still to come are > watermark − grace, so a result's event time is at least
 *    first_end(watermark − grace) − 1 ms. */
#include "exec/window.h"

int64_t
wr_time_sub_saturated(int64_t a, int64_t b)
{
    int64_t result = 0;
    if (a == WR_TIME_NONE || a == WR_TIME_END) {
        return a;
    }
    return __builtin_sub_overflow(a, b, &result) ? (b > 0 ? INT64_MIN : INT64_MAX) : result;
}

int64_t
wr_time_add_saturated(int64_t a, int64_t b)
{
    int64_t result = 0;
    if (a == WR_TIME_NONE || a == WR_TIME_END) {
        return a;
    }
    return __builtin_add_overflow(a, b, &result) ? (b > 0 ? INT64_MAX : INT64_MIN) : result;
}

static int64_t
time_clamp(int64_t t_us)
{
    const int64_t bound = INT64_MAX / 2;
    return t_us > bound ? bound : t_us < -bound ? -bound : t_us;
}

int64_t
wr_floor_to(int64_t t_us, int64_t step_us, int64_t offset_us)
{
    int64_t rest = (time_clamp(t_us) - offset_us % step_us) % step_us;
    return time_clamp(t_us) - (rest < 0 ? rest + step_us : rest);
}

int64_t
wr_window_first_end(const wr_window *window, int64_t t_us)
{
    int64_t before = time_clamp(t_us) - window->size_us;
    return wr_floor_to(before, window->advance_us, window->offset_us) + window->advance_us +
           window->size_us;
}

int64_t
wr_window_last_end(const wr_window *window, int64_t t_us)
{
    return wr_floor_to(t_us, window->advance_us, window->offset_us) + window->size_us;
}

int64_t
wr_window_pane_us(const wr_window *window)
{
    int64_t a = window->size_us, b = window->advance_us;
    while (b != 0) {
        int64_t rest = a % b;
        a = b;
        b = rest;
    }
    return a;
}

int64_t
wr_window_hold_back(const wr_window *window, int64_t watermark_us)
{
    if (watermark_us == WR_TIME_NONE || watermark_us == WR_TIME_END) {
        return watermark_us;
    }
    int64_t closed_us = wr_time_sub_saturated(watermark_us, window->grace_us);
    int64_t next_us = wr_window_first_end(window, closed_us) - WR_WINDOW_TIME_BACK_US;
    return next_us < watermark_us ? next_us : watermark_us;
}
