/* More of time: parts by name, instants and spans out of numbers, names of days and months.
 *
 *   dayofweek(ts) = 1 on Sunday       last_day(ts): midnight of the month's last day
 *   age(a, b) = '1 month 2 days'      to_days(3) = INTERVAL '3 days'
 *
 * 1. Whatever leaves the range of int64 microseconds is an error of the row.
 * 2. Everything is UTC. */
#include "functions/time_field.h"
#include "functions/time_format.h"

#include <math.h>

/* ── parts ──────────────────────────────────────────────────────────────────────────────────── */

static inline int64_t
day_of_week(int64_t us)
{
    return wr_time_extract(WR_FIELD_DOW, us) + 1;
}

static inline int64_t
year_and_week(int64_t us)
{
    return wr_time_extract(WR_FIELD_ISOYEAR, us) * 100 + wr_time_extract(WR_FIELD_WEEK, us);
}

static inline double
epoch_seconds(int64_t us)
{
    return (double)us / (double)WR_US_PER_S;
}

static inline int
epoch_ns(int64_t us, int64_t *out)
{
    return __builtin_mul_overflow(us, 1000, out) ? WR_REASON_OVERFLOW : WR_ROW_OK;
}

#define CALENDAR_FIELD(name, field) \
    static inline int64_t name##_of(int64_t us) \
    { \
        return wr_time_extract(field, us); \
    } \
    WR_UNARY_KERNEL(calendar_##name, int64_t, int64_t, name##_of)

CALENDAR_FIELD(dayofmonth, WR_FIELD_DAY)
CALENDAR_FIELD(dayofyear, WR_FIELD_DOY)
CALENDAR_FIELD(weekofyear, WR_FIELD_WEEK)
CALENDAR_FIELD(isodow, WR_FIELD_ISODOW)
CALENDAR_FIELD(isoyear, WR_FIELD_ISOYEAR)
CALENDAR_FIELD(decade, WR_FIELD_DECADE)
CALENDAR_FIELD(century, WR_FIELD_CENTURY)
CALENDAR_FIELD(millisecond, WR_FIELD_MILLISECOND)
CALENDAR_FIELD(microsecond, WR_FIELD_MICROSECOND)
CALENDAR_FIELD(unix_timestamp, WR_FIELD_EPOCH)
WR_UNARY_KERNEL(calendar_dayofweek, int64_t, int64_t, day_of_week)
WR_UNARY_KERNEL(calendar_yearweek, int64_t, int64_t, year_and_week)
WR_UNARY_KERNEL(calendar_epoch, int64_t, double, epoch_seconds)
WR_UNARY_CHECKED_KERNEL(calendar_epoch_ns, int64_t, int64_t, epoch_ns)

static void
calendar_unix_now(wr_call *call)
{
    int64_t seconds = wr_time_extract(WR_FIELD_EPOCH, call->now_us);
    wr_vector_init_constant(call->out, call->out->type, &seconds, call->arena);
}

static int
dayname_row(const wr_call *call, int row, wr_buffer *out)
{
    wr_time_format(WR_TEXT("%A"), WR_ARG(call, int64_t, 0, row), out);
    return WR_ROW_OK;
}

static int
monthname_row(const wr_call *call, int row, wr_buffer *out)
{
    wr_time_format(WR_TEXT("%B"), WR_ARG(call, int64_t, 0, row), out);
    return WR_ROW_OK;
}

WR_WRITER_KERNEL(calendar_dayname, dayname_row)
WR_WRITER_KERNEL(calendar_monthname, monthname_row)

/* Of a span: months count as years and months, the rest as days, hours, …; INT64_MIN: no field of
 * a span. A month of the epoch has 30 days, as where intervals are compared. */
static int64_t
interval_field(wr_time_field field, wr_interval span)
{
    switch ((int)field) {
    case WR_FIELD_MILLENNIUM: return span.months / 12000;
    case WR_FIELD_CENTURY: return span.months / 1200;
    case WR_FIELD_DECADE: return span.months / 120;
    case WR_FIELD_YEAR: return span.months / 12;
    case WR_FIELD_QUARTER: return span.months % 12 / 3 + 1;
    case WR_FIELD_MONTH: return span.months % 12;
    case WR_FIELD_DAY: return span.micros / WR_US_PER_DAY;
    case WR_FIELD_HOUR: return span.micros / WR_US_PER_HOUR % 24;
    case WR_FIELD_MINUTE: return span.micros / WR_US_PER_MIN % 60;
    case WR_FIELD_SECOND: return span.micros / WR_US_PER_S % 60;
    case WR_FIELD_MILLISECOND: return span.micros % WR_US_PER_MIN / WR_US_PER_MS;
    case WR_FIELD_MICROSECOND: return span.micros % WR_US_PER_MIN;
    case WR_FIELD_EPOCH: {
        int64_t seconds = 0;
        bool is_over = __builtin_mul_overflow(span.months, 30 * 86400, &seconds) ||
                       __builtin_add_overflow(seconds, span.micros / WR_US_PER_S, &seconds);
        return is_over ? INT64_MIN : seconds;
    }
    }
    return INT64_MIN;
}

static void
calendar_extract_interval(wr_call *call)
{
    int64_t *out = call->out->data;
    for (int i = 0; i < call->n; i++) {
        out[i] = interval_field(wr_time_field_of(call, i), WR_ARG(call, wr_interval, 1, i));
        wr_call_mark(call, i, out[i] == INT64_MIN ? WR_REASON_DOMAIN : WR_ROW_OK);
    }
}

/* ── instants ───────────────────────────────────────────────────────────────────────────────── */

static inline int
last_day_of(int64_t us, int64_t *out)
{
    wr_civil civil = wr_civil_from_us(us);
    wr_civil last = {.year = civil.year,
                     .month = civil.month,
                     .day = wr_civil_month_days(civil.year, civil.month)};
    *out = 0;
    return wr_civil_to_us(&last, out) ? WR_ROW_OK : WR_REASON_OVERFLOW;
}

static inline int
instant_of_double(double seconds, int64_t *out)
{
    double us = nearbyint(seconds * (double)WR_US_PER_S);
    bool fits = fabs(us) < 0x1p63;
    *out = fits ? (int64_t)us : 0;
    return fits ? WR_ROW_OK : WR_REASON_RANGE;
}

#define CALENDAR_INSTANT(name, unit_us) \
    static inline int name##_of(int64_t count, int64_t *out) \
    { \
        return __builtin_mul_overflow(count, unit_us, out) ? WR_REASON_RANGE : WR_ROW_OK; \
    } \
    WR_UNARY_CHECKED_KERNEL(calendar_##name, int64_t, int64_t, name##_of)
CALENDAR_INSTANT(timestamp_seconds, WR_US_PER_S)
CALENDAR_INSTANT(timestamp_millis, WR_US_PER_MS)
CALENDAR_INSTANT(timestamp_micros, 1)
WR_UNARY_CHECKED_KERNEL(calendar_last_day, int64_t, int64_t, last_day_of)
WR_UNARY_CHECKED_KERNEL(calendar_from_unixtime, double, int64_t, instant_of_double)

/* to_timestamp_ltz(x, 0 | 3 | 6): so many decimals of a second */
static inline int
instant_of_precision(int64_t count, int64_t precision, int64_t *out)
{
    int64_t unit_us = precision == 0   ? WR_US_PER_S
                      : precision == 3 ? WR_US_PER_MS
                      : precision == 6 ? 1
                                       : 0;
    *out = 0;
    if (unit_us == 0) {
        return WR_REASON_DOMAIN;
    }
    return __builtin_mul_overflow(count, unit_us, out) ? WR_REASON_RANGE : WR_ROW_OK;
}

WR_BINARY_CHECKED_KERNEL(calendar_to_timestamp_ltz, int64_t, int64_t, int64_t, instant_of_precision)

/* make_timestamp(year, month, day, hour, minute, second) */
static int
made_instant(const wr_call *call, int row, int64_t *out)
{
    int64_t parts[5];
    double seconds = WR_ARG(call, double, 5, row);
    for (int arg = 0; arg < 5; arg++) {
        parts[arg] = WR_ARG(call, int64_t, arg, row);
    }
    static const int64_t most[] = {9999, 12, 31, 23, 59};
    static const int64_t least[] = {1, 1, 1, 0, 0};
    for (int arg = 0; arg < 5; arg++) {
        if (parts[arg] < least[arg] || parts[arg] > most[arg]) {
            return WR_REASON_RANGE;
        }
    }
    if (!(seconds >= 0 && seconds < 60)) {
        return WR_REASON_RANGE;
    }
    wr_civil civil = {.year = parts[0],
                      .month = (int)parts[1],
                      .day = (int)parts[2],
                      .hour = (int)parts[3],
                      .minute = (int)parts[4]};
    if (!wr_civil_to_us(&civil, out)) {
        return WR_REASON_RANGE;
    }
    *out += (int64_t)nearbyint(seconds * (double)WR_US_PER_S);
    return WR_ROW_OK;
}

static void
calendar_make_timestamp(wr_call *call)
{
    int64_t *out = call->out->data;
    for (int i = 0; i < call->n; i++) {
        out[i] = 0;
        int outcome = made_instant(call, i, &out[i]);
        wr_call_mark(call, i, outcome);
    }
}

/* ── spans ──────────────────────────────────────────────────────────────────────────────────── */

/* a − b in whole months and what is left: the months reach from b as far toward a as they can. */
static inline int
age_of(int64_t a, int64_t b, wr_interval *out)
{
    wr_civil from = wr_civil_from_us(b);
    wr_civil to = wr_civil_from_us(a);
    int64_t months = (to.year - from.year) * 12 + to.month - from.month;
    int64_t reached = 0;
    *out = (wr_interval){0};
    if (!wr_time_add(b, (wr_interval){.months = months}, &reached)) {
        return WR_REASON_OVERFLOW;
    }
    if ((a >= b && reached > a) || (a < b && reached < a)) {
        months += a >= b ? -1 : 1;
        if (!wr_time_add(b, (wr_interval){.months = months}, &reached)) {
            return WR_REASON_OVERFLOW;
        }
    }
    out->months = months;
    return __builtin_sub_overflow(a, reached, &out->micros) ? WR_REASON_OVERFLOW : WR_ROW_OK;
}

WR_BINARY_CHECKED_KERNEL(calendar_age, int64_t, int64_t, wr_interval, age_of)

#define CALENDAR_SPAN(name, part, unit) \
    static inline int name##_of(int64_t count, wr_interval *out) \
    { \
        *out = (wr_interval){0}; \
        return __builtin_mul_overflow(count, unit, &out->part) ? WR_REASON_OVERFLOW : WR_ROW_OK; \
    } \
    WR_UNARY_CHECKED_KERNEL(calendar_##name, int64_t, wr_interval, name##_of)
CALENDAR_SPAN(to_years, months, 12)
CALENDAR_SPAN(to_months, months, 1)
CALENDAR_SPAN(to_weeks, micros, 7 * WR_US_PER_DAY)
CALENDAR_SPAN(to_days, micros, WR_US_PER_DAY)
CALENDAR_SPAN(to_hours, micros, WR_US_PER_HOUR)
CALENDAR_SPAN(to_minutes, micros, WR_US_PER_MIN)
CALENDAR_SPAN(to_milliseconds, micros, WR_US_PER_MS)
CALENDAR_SPAN(to_microseconds, micros, 1)

static inline int
seconds_span(double seconds, wr_interval *out)
{
    *out = (wr_interval){0};
    return instant_of_double(seconds, &out->micros);
}

WR_UNARY_CHECKED_KERNEL(calendar_to_seconds, double, wr_interval, seconds_span)

#define TI WR_TYPE_BIGINT
#define TD WR_TYPE_DOUBLE
#define TS WR_TYPE_TIMESTAMP
#define FAILS WR_FN_CAN_FAIL
#define FIELD(name, meaning, result) \
    WR_SCALAR(#name, BIGINT, 0, calendar_##name, NULL, #name "(ts)", meaning, \
              #name "(TIMESTAMP '2026-01-02T03:04:05.678Z')", result, TS)
#define NAMED(name, meaning, result) \
    WR_SCALAR(#name, TEXT, 0, calendar_##name, NULL, #name "(ts)", meaning, \
              #name "(TIMESTAMP '2026-01-02T03:04:05Z')", result, TS)
#define SPAN(name, meaning, result) \
    WR_SCALAR(#name, INTERVAL, FAILS, calendar_##name, NULL, #name "(n)", meaning, #name "(3)", \
              result, TI)
#define INSTANT(name, meaning, example) \
    WR_SCALAR(#name, TIMESTAMP, FAILS, calendar_##name, NULL, #name "(n)", meaning, \
              #name "(" example ")", "2026-01-01T00:00:00Z", TI)
#define OF_INTERVAL(name, signature, example, result) \
    WR_SCALAR(name, BIGINT, FAILS, calendar_extract_interval, wr_time_field_prepare, signature, \
              "A field of a span: years and months, or days and below.", example, result, \
              WR_TYPE_TEXT, WR_TYPE_INTERVAL)

static const wr_function calendar_entries[] = {
    FIELD(dayofweek, "The day of the week, Sunday is 1.", "6"),
    FIELD(isodow, "The day of the week, Monday is 1, Sunday 7.", "5"),
    FIELD(dayofmonth, "The day of the month.", "2"),
    FIELD(dayofyear, "The day of the year, from 1.", "2"),
    FIELD(weekofyear, "The ISO week, 1 to 53.", "1"),
    FIELD(isoyear, "The year of the ISO week.", "2026"),
    FIELD(yearweek, "Year and number of the ISO week.", "202601"),
    FIELD(decade, "The year divided by 10.", "202"),
    FIELD(century, "The century, from 1.", "21"),
    FIELD(millisecond, "Milliseconds of the minute.", "5678"),
    FIELD(microsecond, "Microseconds of the minute.", "5678000"),
    FIELD(unix_timestamp, "Seconds since 1970-01-01, cut.", "1767323045"),
    WR_SCALAR("unix_timestamp", BIGINT, WR_FN_VOLATILE, calendar_unix_now, NULL, "unix_timestamp()",
              "Seconds since 1970-01-01 now.", "unix_timestamp() > 1500000000", "true",
              WR_ARG_NONE),
    NAMED(dayname, "The English name of the day.", "Friday"),
    NAMED(monthname, "The English name of the month.", "January"),
    WR_SCALAR("epoch", DOUBLE, 0, calendar_epoch, NULL, "epoch(ts)",
              "Seconds since 1970-01-01, with fraction.",
              "epoch(TIMESTAMP '2026-01-01T00:00:00.5Z')", "1767225600.5", TS),
    WR_SCALAR("to_unixtime", DOUBLE, 0, calendar_epoch, NULL, "to_unixtime(ts)",
              "Seconds since 1970-01-01, with fraction.", "to_unixtime(TIMESTAMP '2026-01-01')",
              "1767225600", TS),
    WR_SCALAR("epoch_ns", BIGINT, FAILS, calendar_epoch_ns, NULL, "epoch_ns(ts)",
              "Nanoseconds since 1970-01-01.", "epoch_ns(TIMESTAMP '2026-01-01')",
              "1767225600000000000", TS),
    OF_INTERVAL("extract", "EXTRACT(field FROM interval)",
                "EXTRACT(minute FROM INTERVAL '2 h 30 min')", "30"),
    OF_INTERVAL("date_part", "date_part('field', interval)",
                "date_part('day', INTERVAL '2 days 3 h')", "2"),
    WR_SCALAR("last_day", TIMESTAMP, FAILS, calendar_last_day, NULL, "last_day(ts)",
              "Midnight of the month's last day.", "last_day(TIMESTAMP '2028-02-10T12:00:00Z')",
              "2028-02-29T00:00:00Z", TS),
    INSTANT(timestamp_seconds, "So many seconds after 1970-01-01.", "1767225600"),
    INSTANT(timestamp_millis, "So many milliseconds after 1970-01-01.", "1767225600000"),
    INSTANT(timestamp_micros, "So many microseconds after 1970-01-01.", "1767225600000000"),
    WR_SCALAR("from_unixtime", TIMESTAMP, FAILS, calendar_from_unixtime, NULL, "from_unixtime(x)",
              "So many seconds after 1970-01-01.", "from_unixtime(1767225600)",
              "2026-01-01T00:00:00Z", TD),
    WR_SCALAR("to_timestamp_ltz", TIMESTAMP, FAILS, calendar_to_timestamp_ltz, NULL,
              "to_timestamp_ltz(x, 0 | 3 | 6)",
              "So many seconds, milliseconds or microseconds after 1970-01-01.",
              "to_timestamp_ltz(1767225600000, 3)", "2026-01-01T00:00:00Z", TI, TI),
    WR_SCALAR("make_timestamp", TIMESTAMP, FAILS, calendar_make_timestamp, NULL,
              "make_timestamp(year, month, day, hour, minute, second)",
              "The instant of these parts.", "make_timestamp(2026, 1, 31, 13, 5, 30.25)",
              "2026-01-31T13:05:30.250Z", TI, TI, TI, TI, TI, TD),
    WR_SCALAR("age", INTERVAL, FAILS, calendar_age, NULL, "age(a, b)",
              "a - b in whole months and the rest.",
              "age(TIMESTAMP '2026-03-03', TIMESTAMP '2026-02-01')", "1 month 2 days", TS, TS),
    SPAN(to_years, "n years.", "3 years"),
    SPAN(to_months, "n months.", "3 months"),
    SPAN(to_weeks, "n weeks.", "21 days"),
    SPAN(to_days, "n days.", "3 days"),
    SPAN(to_hours, "n hours.", "3 hours"),
    SPAN(to_minutes, "n minutes.", "3 minutes"),
    SPAN(to_milliseconds, "n milliseconds.", "3 ms"),
    SPAN(to_microseconds, "n microseconds.", "3 us"),
    WR_SCALAR("to_seconds", INTERVAL, FAILS, calendar_to_seconds, NULL, "to_seconds(x)",
              "x seconds.", "to_seconds(1.5)", "1 second 500 ms", TD),
};

const wr_function_table wr_functions_calendar = WR_TABLE(calendar_entries);
