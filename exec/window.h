/* Window arithmetic: where windows of a size and advance lie on the time line. Everything is in µs
 * and saturates far beyond any event time: WR_TIME_NONE and WR_TIME_END may be passed in. */
#ifndef WEIR_EXEC_WINDOW_H
#define WEIR_EXEC_WINDOW_H

#include "core/time.h"
#include "planner/plan.h"

/* Event times outside ± this (73,000 years) have no window. */
#define WR_EVENT_TIME_MAX (INT64_MAX / 4)
/* A result's event time is the window's end minus this. */
#define WR_WINDOW_TIME_BACK_US WR_US_PER_MS

int64_t wr_time_sub_saturated(int64_t a, int64_t b);
int64_t wr_time_add_saturated(int64_t a, int64_t b);

/* The greatest x ≤ t with x ≡ offset (mod step), also for negative t. */
int64_t wr_floor_to(int64_t t_us, int64_t step_us, int64_t offset_us);

/* The smallest window end > t: of the windows that contain t the first, if size ≥ advance. */
int64_t wr_window_first_end(const wr_window *window, int64_t t_us);
/* The end of the last window that starts at or before t. */
int64_t wr_window_last_end(const wr_window *window, int64_t t_us);
/* gcd(size, advance): no window starts or ends inside a pane. */
int64_t wr_window_pane_us(const wr_window *window);

/* The watermark behind an operator that emits windows' results when end + grace ≤ watermark: what
 * it emits from now on has an event time (end − 1 ms) not before this. */
int64_t wr_window_hold_back(const wr_window *window, int64_t watermark_us);

#endif
