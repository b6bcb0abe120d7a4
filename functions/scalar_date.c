/* DATE and TIME: arithmetic, parts, and dates made of numbers and texts.
 *
 *   DATE ± days → DATE      DATE − DATE → days      DATE + TIME → TIMESTAMP
 *   TIME ± INTERVAL → TIME, around midnight         TIME − TIME → INTERVAL
 *
 * Everything else that takes a TIMESTAMP (DATE + INTERVAL, date_trunc, EXTRACT …) takes a DATE as
 * its midnight, UTC.
 *
 * 1. A DATE whose midnight is no TIMESTAMP is an error of the row; so is TIME ± months. */
#include "functions/time_field.h"
#include "functions/time_format.h"

/* ── arithmetic ─────────────────────────────────────────────────────────────────────────────── */

static inline int
add_days(int32_t date, int64_t days, int32_t *out)
{
    int64_t sum = 0;
    bool failed = __builtin_add_overflow((int64_t)date, days, &sum) || sum > WR_DATE_DAYS_MAX ||
                  sum < -WR_DATE_DAYS_MAX;
    *out = failed ? 0 : (int32_t)sum;
    return failed ? WR_REASON_OVERFLOW : WR_ROW_OK;
}

static inline int
days_add(int64_t days, int32_t date, int32_t *out)
{
    return add_days(date, days, out);
}

static inline int
subtract_days(int32_t date, int64_t days, int32_t *out)
{
    *out = 0;
    return days == INT64_MIN ? WR_REASON_OVERFLOW : add_days(date, -days, out);
}

static inline int64_t
days_between(int32_t a, int32_t b)
{
    return (int64_t)a - b;
}

static inline int
at_daytime(int32_t date, int64_t daytime_us, int64_t *out)
{
    bool failed = __builtin_mul_overflow((int64_t)date, WR_US_PER_DAY, out) ||
                  __builtin_add_overflow(*out, daytime_us, out);
    return failed ? WR_REASON_OVERFLOW : WR_ROW_OK;
}

static inline int
daytime_at(int64_t daytime_us, int32_t date, int64_t *out)
{
    return at_daytime(date, daytime_us, out);
}

/* `sign` 1 or −1; the clock goes around at midnight. */
static inline int
turn_clock(int64_t daytime_us, wr_interval interval, int sign, int64_t *out)
{
    int64_t us = (daytime_us + sign * (interval.micros % WR_US_PER_DAY)) % WR_US_PER_DAY;
    *out = us + (us < 0 ? WR_US_PER_DAY : 0);
    return interval.months != 0 ? WR_REASON_DOMAIN : WR_ROW_OK;
}

static inline int
clock_later(int64_t daytime_us, wr_interval interval, int64_t *out)
{
    return turn_clock(daytime_us, interval, 1, out);
}

static inline int
later_clock(wr_interval interval, int64_t daytime_us, int64_t *out)
{
    return turn_clock(daytime_us, interval, 1, out);
}

static inline int
clock_earlier(int64_t daytime_us, wr_interval interval, int64_t *out)
{
    return turn_clock(daytime_us, interval, -1, out);
}

static inline wr_interval
clock_between(int64_t a, int64_t b)
{
    return (wr_interval){0, a - b};
}

WR_BINARY_CHECKED_KERNEL(date_add_days, int32_t, int64_t, int32_t, add_days)
WR_BINARY_CHECKED_KERNEL(date_days_add, int64_t, int32_t, int32_t, days_add)
WR_BINARY_CHECKED_KERNEL(date_subtract_days, int32_t, int64_t, int32_t, subtract_days)
WR_BINARY_KERNEL(date_days_between, int32_t, int32_t, int64_t, days_between)
WR_BINARY_CHECKED_KERNEL(date_at_daytime, int32_t, int64_t, int64_t, at_daytime)
WR_BINARY_CHECKED_KERNEL(date_daytime_at, int64_t, int32_t, int64_t, daytime_at)
WR_BINARY_CHECKED_KERNEL(clock_add, int64_t, wr_interval, int64_t, clock_later)
WR_BINARY_CHECKED_KERNEL(clock_added, wr_interval, int64_t, int64_t, later_clock)
WR_BINARY_CHECKED_KERNEL(clock_subtract, int64_t, wr_interval, int64_t, clock_earlier)
WR_BINARY_KERNEL(clock_difference, int64_t, int64_t, wr_interval, clock_between)

/* ── parts, today ───────────────────────────────────────────────────────────────────────────── */

/* Of a time of the day there are the parts below a day. */
static void
clock_extract(wr_call *call)
{
    int64_t *out = call->out->data;
    for (int i = 0; i < call->n; i++) {
        wr_time_field field = wr_time_field_of(call, i);
        bool is_part = field <= WR_FIELD_HOUR || field == WR_FIELD_EPOCH;
        out[i] = is_part ? wr_time_extract(field, WR_ARG(call, const int64_t, 1, i)) : 0;
        wr_call_mark(call, i, is_part ? WR_ROW_OK : WR_REASON_DOMAIN);
    }
}

static void
date_today(wr_call *call)
{
    int32_t today = wr_date_of(call->now_us);
    wr_vector_init_constant(call->out, call->out->type, &today, call->arena);
}

static void
clock_now(wr_call *call)
{
    int64_t us = call->now_us - (int64_t)wr_date_of(call->now_us) * WR_US_PER_DAY;
    wr_vector_init_constant(call->out, call->out->type, &us, call->arena);
}

/* ── made of numbers and texts ──────────────────────────────────────────────────────────────── */

static int
made_date(int64_t year, int64_t month, int64_t day, int32_t *out)
{
    int64_t us = 0;
    bool in_range = year >= 1 && year <= 9999 && month >= 1 && month <= 12 && day >= 1 && day <= 31;
    wr_civil civil = {.year = in_range ? year : 0, .month = (int)month, .day = (int)day};
    bool is_date = in_range && wr_civil_to_us(&civil, &us);
    *out = wr_date_of(us);
    return is_date ? WR_ROW_OK : WR_REASON_RANGE;
}

static void
date_make(wr_call *call)
{
    int32_t *out = call->out->data;
    for (int i = 0; i < call->n; i++) {
        wr_call_mark(call, i,
                     made_date(WR_ARG(call, const int64_t, 0, i), WR_ARG(call, const int64_t, 1, i),
                               WR_ARG(call, const int64_t, 2, i), &out[i]));
    }
}

static void
clock_make(wr_call *call)
{
    int64_t *out = call->out->data;
    for (int i = 0; i < call->n; i++) {
        int64_t hour = WR_ARG(call, const int64_t, 0, i),
                minute = WR_ARG(call, const int64_t, 1, i);
        double seconds = WR_ARG(call, const double, 2, i);
        bool in_range = hour >= 0 && hour < 24 && minute >= 0 && minute < 60 && seconds >= 0 &&
                        seconds <= 59.999999;
        out[i] = in_range ? hour * WR_US_PER_HOUR + minute * WR_US_PER_MIN +
                                (int64_t)(seconds * (double)WR_US_PER_S + 0.5)
                          : 0;
        wr_call_mark(call, i, in_range ? WR_ROW_OK : WR_REASON_RANGE);
    }
}

static void
date_read_iso(wr_call *call)
{
    int32_t *out = call->out->data;
    for (int i = 0; i < call->n; i++) {
        out[i] = 0;
        if (!wr_date_parse(wr_text_trim(wr_arg_text(call, 0, i)), &out[i])) {
            wr_call_mark(call, i, WR_REASON_CAST);
        }
    }
}

static void
date_read_pattern(wr_call *call)
{
    int32_t *out = call->out->data;
    for (int i = 0; i < call->n; i++) {
        int64_t us = 0;
        bool good = wr_time_read(wr_arg_text(call, 1, i), wr_arg_text(call, 0, i), &us);
        out[i] = good ? wr_date_of(us) : 0;
        wr_call_mark(call, i, good ? WR_ROW_OK : WR_REASON_CAST);
    }
}

/* ── the table ──────────────────────────────────────────────────────────────────────────────── */

#define TD WR_TYPE_DATE
#define TT WR_TYPE_TIME
#define TI WR_TYPE_BIGINT
#define TV WR_TYPE_INTERVAL
#define FAILS WR_FN_CAN_FAIL
#define OPERATOR (WR_FN_OPERATOR | WR_FN_CAN_FAIL)
#define SIGN(sign_, result_, kernel_, signature_, meaning_, example_, shown_, a, b) \
    WR_SCALAR(sign_, result_, OPERATOR, kernel_, NULL, signature_, meaning_, example_, shown_, a, b)

static const wr_function date_entries[] = {
    SIGN("+", DATE, date_add_days, "DATE + BIGINT", "So many days later.", "DATE '2026-02-28' + 1",
         "2026-03-01", TD, TI),
    SIGN("+", DATE, date_days_add, "BIGINT + DATE", "So many days later.", "1 + DATE '2026-02-28'",
         "2026-03-01", TI, TD),
    SIGN("-", DATE, date_subtract_days, "DATE - BIGINT", "So many days earlier.",
         "DATE '2026-03-01' - 1", "2026-02-28", TD, TI),
    SIGN("-", BIGINT, date_days_between, "DATE - DATE", "The days between.",
         "DATE '2026-03-01' - DATE '2026-02-27'", "2", TD, TD),
    SIGN("+", TIMESTAMP, date_at_daytime, "DATE + TIME", "That time of that day, UTC.",
         "DATE '2026-03-01' + TIME '13:05'", "2026-03-01T13:05:00Z", TD, TT),
    SIGN("+", TIMESTAMP, date_daytime_at, "TIME + DATE", "That time of that day, UTC.",
         "TIME '13:05' + DATE '2026-03-01'", "2026-03-01T13:05:00Z", TT, TD),
    SIGN("+", TIME, clock_add, "TIME + INTERVAL", "Later, around midnight; no months.",
         "TIME '23:30' + INTERVAL '1 hour'", "00:30:00", TT, TV),
    SIGN("+", TIME, clock_added, "INTERVAL + TIME", "Later, around midnight; no months.",
         "INTERVAL '1 hour' + TIME '23:30'", "00:30:00", TV, TT),
    SIGN("-", TIME, clock_subtract, "TIME - INTERVAL", "Earlier, around midnight; no months.",
         "TIME '00:30' - INTERVAL '1 hour'", "23:30:00", TT, TV),
    SIGN("-", INTERVAL, clock_difference, "TIME - TIME", "The time between.",
         "TIME '13:05' - TIME '12:00'", "1 hour 5 minutes", TT, TT),
    WR_SCALAR("extract", BIGINT, FAILS, clock_extract, wr_time_field_prepare,
              "EXTRACT(field FROM time)", "A field below a day, or epoch: seconds since midnight.",
              "EXTRACT(minute FROM TIME '13:05')", "5", WR_TYPE_TEXT, TT),
    WR_SCALAR("date_part", BIGINT, FAILS, clock_extract, wr_time_field_prepare,
              "date_part('field', time)", "EXTRACT.", "date_part('hour', TIME '13:05')", "13",
              WR_TYPE_TEXT, TT),
    WR_SCALAR("current_date", DATE, WR_FN_VOLATILE, date_today, NULL, "current_date",
              "The day of now(), in UTC.", "current_date > DATE '2020-01-01'", "true", WR_ARG_NONE),
    WR_SCALAR("current_time", TIME, WR_FN_VOLATILE, clock_now, NULL, "current_time",
              "The time of the day of now(), in UTC.", "current_time >= TIME '00:00'", "true",
              WR_ARG_NONE),
    WR_SCALAR("make_date", DATE, FAILS, date_make, NULL, "make_date(year, month, day)",
              "The day of these parts.", "make_date(2026, 2, 28)", "2026-02-28", TI, TI, TI),
    WR_SCALAR("make_time", TIME, FAILS, clock_make, NULL, "make_time(hour, minute, second)",
              "The time of these parts.", "make_time(13, 5, 30.25)", "13:05:30.250", TI, TI,
              WR_TYPE_DOUBLE),
    WR_SCALAR("to_date", DATE, FAILS, date_read_iso, NULL, "to_date(text)", "Reads 2026-01-31.",
              "to_date('2026-01-31')", "2026-01-31", WR_TYPE_TEXT),
    WR_SCALAR("to_date", DATE, FAILS, date_read_pattern, wr_time_pattern_prepare,
              "to_date(s, pattern)", "The day that parse_timestamp reads.",
              "to_date('31.01.2026', '%d.%m.%Y')", "2026-01-31", WR_TYPE_TEXT, WR_TYPE_TEXT),
};

const wr_function_table wr_functions_date = WR_TABLE(date_entries);
