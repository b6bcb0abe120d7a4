/* Instants and spans: now, to_timestamp, epoch_*, extract, date_trunc, date_bin, date_add,
 * date_diff, and + − * / with intervals.
 *
 *   TIMESTAMP − TIMESTAMP is an INTERVAL of microseconds; + '1 month' goes by the calendar
 *
 * 1. Whatever leaves the range of int64 microseconds is an error of the row. */
#include "functions/time_field.h"

#include <math.h>

static void
time_now(wr_call *call)
{
    wr_vector_init_constant(call->out, call->out->type, &call->now_us, call->arena);
}

static inline int
add_interval(int64_t us, wr_interval interval, int64_t *out)
{
    if (__builtin_expect(interval.months == 0, 1)) {
        return __builtin_add_overflow(us, interval.micros, out) ? WR_REASON_OVERFLOW : WR_ROW_OK;
    }
    *out = 0;
    return wr_time_add(us, interval, out) ? WR_ROW_OK : WR_REASON_OVERFLOW;
}

static inline int
add_to_interval(wr_interval interval, int64_t us, int64_t *out)
{
    return add_interval(us, interval, out);
}

static inline int
negate_interval(wr_interval a, wr_interval *out)
{
    bool failed = __builtin_sub_overflow(0, a.months, &out->months);
    failed = __builtin_sub_overflow(0, a.micros, &out->micros) || failed;
    return failed ? WR_REASON_OVERFLOW : WR_ROW_OK;
}

static inline int
subtract_interval(int64_t us, wr_interval interval, int64_t *out)
{
    wr_interval negative;
    *out = 0;
    int outcome = negate_interval(interval, &negative);
    return outcome == WR_ROW_OK ? add_interval(us, negative, out) : outcome;
}

static inline int
subtract_instants(int64_t a, int64_t b, wr_interval *out)
{
    out->months = 0;
    return __builtin_sub_overflow(a, b, &out->micros) ? WR_REASON_OVERFLOW : WR_ROW_OK;
}

static inline int
add_intervals(wr_interval a, wr_interval b, wr_interval *out)
{
    bool failed = __builtin_add_overflow(a.months, b.months, &out->months);
    failed = __builtin_add_overflow(a.micros, b.micros, &out->micros) || failed;
    return failed ? WR_REASON_OVERFLOW : WR_ROW_OK;
}

static inline int
subtract_intervals(wr_interval a, wr_interval b, wr_interval *out)
{
    bool failed = __builtin_sub_overflow(a.months, b.months, &out->months);
    failed = __builtin_sub_overflow(a.micros, b.micros, &out->micros) || failed;
    return failed ? WR_REASON_OVERFLOW : WR_ROW_OK;
}

static inline int
multiply_interval(wr_interval a, int64_t factor, wr_interval *out)
{
    bool failed = __builtin_mul_overflow(a.months, factor, &out->months);
    failed = __builtin_mul_overflow(a.micros, factor, &out->micros) || failed;
    return failed ? WR_REASON_OVERFLOW : WR_ROW_OK;
}

static inline int
multiply_by_interval(int64_t factor, wr_interval a, wr_interval *out)
{
    return multiply_interval(a, factor, out);
}

/* Fractions of a month become days of a month of 30. */
static inline int
scale_interval(wr_interval a, double factor, wr_interval *out)
{
    double months = trunc((double)a.months * factor);
    double rest_us = ((double)a.months * factor - months) * (double)(30 * WR_US_PER_DAY);
    double micros = nearbyint((double)a.micros * factor + rest_us);
    *out = (wr_interval){0};
    if (!(fabs(months) < 0x1p63 && fabs(micros) < 0x1p63)) {
        return WR_REASON_OVERFLOW;
    }
    *out = (wr_interval){(int64_t)months, (int64_t)micros};
    return WR_ROW_OK;
}

static inline int
divide_interval(wr_interval a, double divisor, wr_interval *out)
{
    *out = (wr_interval){0};
    return divisor == 0 ? WR_ROW_NULL : scale_interval(a, 1 / divisor, out);
}

WR_BINARY_CHECKED_KERNEL(time_add_interval, int64_t, wr_interval, int64_t, add_interval)
WR_BINARY_CHECKED_KERNEL(time_add_to_interval, wr_interval, int64_t, int64_t, add_to_interval)
WR_BINARY_CHECKED_KERNEL(time_subtract_interval, int64_t, wr_interval, int64_t, subtract_interval)
WR_BINARY_CHECKED_KERNEL(time_subtract, int64_t, int64_t, wr_interval, subtract_instants)
WR_BINARY_CHECKED_KERNEL(interval_add, wr_interval, wr_interval, wr_interval, add_intervals)
WR_BINARY_CHECKED_KERNEL(interval_subtract, wr_interval, wr_interval, wr_interval,
                         subtract_intervals)
WR_BINARY_CHECKED_KERNEL(interval_multiply, wr_interval, int64_t, wr_interval, multiply_interval)
WR_BINARY_CHECKED_KERNEL(interval_multiply_by, int64_t, wr_interval, wr_interval,
                         multiply_by_interval)
WR_BINARY_CHECKED_KERNEL(interval_scale, wr_interval, double, wr_interval, scale_interval)
WR_BINARY_CHECKED_KERNEL(interval_divide, wr_interval, double, wr_interval, divide_interval)
WR_UNARY_CHECKED_KERNEL(interval_negate, wr_interval, wr_interval, negate_interval)

/* ── numbers ↔ instants ─────────────────────────────────────────────────────────────────────── */

static inline int64_t
floor_to(int64_t us, int64_t unit_us)
{
    return us / unit_us - (us % unit_us < 0);
}

static inline int64_t
epoch_s(int64_t us)
{
    return floor_to(us, WR_US_PER_S);
}

static inline int64_t
epoch_ms(int64_t us)
{
    return floor_to(us, WR_US_PER_MS);
}

static inline int64_t
epoch_us(int64_t us)
{
    return us;
}

WR_UNARY_KERNEL(time_epoch_s, int64_t, int64_t, epoch_s)
WR_UNARY_KERNEL(time_epoch_ms, int64_t, int64_t, epoch_ms)
WR_UNARY_KERNEL(time_epoch_us, int64_t, int64_t, epoch_us)

static void
time_from_text(wr_call *call)
{
    int64_t *out = call->out->data;
    for (int i = 0; i < call->n; i++) {
        if (!wr_time_parse(wr_text_trim(wr_arg_text(call, 0, i)), &out[i])) {
            out[i] = 0;
            wr_call_mark(call, i, WR_REASON_CAST);
        }
    }
}

/* A unit of to_timestamp: out = x × multiplier / divisor. */
typedef struct epoch_unit {
    int64_t multiplier, divisor;
} epoch_unit;

static bool
epoch_unit_find(wr_text name, epoch_unit *unit)
{
    static const struct {
        const char *name;
        epoch_unit unit;
    } units[] = {
        {"s", {WR_US_PER_S, 1}}, {"ms", {WR_US_PER_MS, 1}}, {"us", {1, 1}}, {"ns", {1, 1000}}};
    for (size_t i = 0; i < sizeof(units) / sizeof(units[0]); i++) {
        if (wr_text_equal_nocase(name, wr_text_from(units[i].name))) {
            *unit = units[i].unit;
            return true;
        }
    }
    return false;
}

static wr_status
epoch_unit_prepare(wr_arena *arena, const wr_vector *const *args, int arg_count,
                   const void **prepared, wr_error *err)
{
    (void)arg_count;
    *prepared = NULL;
    if (!args[1] || wr_vector_is_null(args[1], 0) ||
        wr_vector_error(args[1], 0) != WR_REASON_NONE) {
        return WR_OK;
    }
    wr_text name = wr_view_text(args[1]->data);
    epoch_unit *unit = WR_NEW(arena, epoch_unit);
    *prepared = unit;
    if (!epoch_unit_find(name, unit)) {
        wr_error_set(err, WR_ERR_SQL, "E0304", "no unit of time \"%.*s\"", WR_TEXT_ARG(name));
        wr_error_hint(err, "units of to_timestamp: 's', 'ms', 'us', 'ns'");
        return WR_ERR_SQL;
    }
    return WR_OK;
}

static bool
epoch_unit_of(const wr_call *call, int row, epoch_unit *unit)
{
    if (call->prepared) {
        *unit = *(const epoch_unit *)call->prepared;
        return true;
    }
    return epoch_unit_find(wr_arg_text(call, 1, row), unit);
}

/* out = x × multiplier for a whole column, if no product overflows: |x| ≤ bound for all. */
static bool
times_multiply(const int64_t *restrict x, int count, int64_t multiplier, int64_t *restrict out)
{
    const uint64_t bound = INT64_MAX / (uint64_t)multiplier;
    uint64_t beyond = 0;
    for (int i = 0; i < count; i++) {
        beyond |= (uint64_t)x[i] + bound > 2 * bound;
        out[i] = (int64_t)((uint64_t)x[i] * (uint64_t)multiplier);
    }
    return !beyond;
}

static void
time_from_bigint(wr_call *call)
{
    int64_t *out = call->out->data;
    const epoch_unit *known = call->prepared;
    if (known && known->divisor == 1 && call->args[0].kind == WR_FLAT &&
        times_multiply(call->args[0].data, call->n, known->multiplier, out)) {
        return;
    }
    for (int i = 0; i < call->n; i++) {
        epoch_unit unit = {0, 1};
        int64_t x = WR_ARG(call, int64_t, 0, i);
        out[i] = 0;
        if (!epoch_unit_of(call, i, &unit)) {
            wr_call_mark(call, i, WR_REASON_DOMAIN);
        } else if (__builtin_mul_overflow(floor_to(x, unit.divisor), unit.multiplier, &out[i])) {
            out[i] = 0;
            wr_call_mark(call, i, WR_REASON_RANGE);
        }
    }
}

static void
time_from_double(wr_call *call)
{
    int64_t *out = call->out->data;
    for (int i = 0; i < call->n; i++) {
        epoch_unit unit = {0, 1};
        out[i] = 0;
        bool known = epoch_unit_of(call, i, &unit);
        double us =
            nearbyint(WR_ARG(call, double, 0, i) * (double)unit.multiplier / (double)unit.divisor);
        if (!known || !(fabs(us) < 0x1p63)) {
            wr_call_mark(call, i, known ? WR_REASON_RANGE : WR_REASON_DOMAIN);
        } else {
            out[i] = (int64_t)us;
        }
    }
}

/* ── fields ─────────────────────────────────────────────────────────────────────────────────── */

static void
time_extract(wr_call *call)
{
    int64_t *out = call->out->data;
    for (int i = 0; i < call->n; i++) {
        wr_time_field field = wr_time_field_of(call, i);
        out[i] = wr_time_extract(field, WR_ARG(call, int64_t, 1, i));
        wr_call_mark(call, i, field == WR_FIELD_NONE ? WR_REASON_DOMAIN : WR_ROW_OK);
    }
}

static void
time_truncate(wr_call *call)
{
    int64_t *out = call->out->data;
    for (int i = 0; i < call->n; i++) {
        out[i] = 0;
        if (!wr_time_truncate(wr_time_field_of(call, i), WR_ARG(call, int64_t, 1, i), &out[i])) {
            wr_call_mark(call, i, WR_REASON_DOMAIN);
        }
    }
}

/* date_bin(stride, ts[, origin]) */
static void
time_bin(wr_call *call)
{
    int64_t *out = call->out->data;
    for (int i = 0; i < call->n; i++) {
        wr_interval stride = WR_ARG(call, wr_interval, 0, i);
        int64_t us = WR_ARG(call, int64_t, 1, i);
        int64_t origin_us = call->arg_count > 2 ? WR_ARG(call, int64_t, 2, i) : 0;
        out[i] = 0;
        if (stride.months != 0 || stride.micros <= 0) {
            wr_call_mark(call, i, WR_REASON_DOMAIN);
            continue;
        }
        int64_t rest = (us % stride.micros - origin_us % stride.micros) % stride.micros;
        rest += rest < 0 ? stride.micros : 0;
        if (__builtin_sub_overflow(us, rest, &out[i])) {
            wr_call_mark(call, i, WR_REASON_OVERFLOW);
        }
    }
}

/* date_add(unit, n, ts) */
static void
time_add_units(wr_call *call)
{
    int64_t *out = call->out->data;
    for (int i = 0; i < call->n; i++) {
        wr_interval unit;
        out[i] = 0;
        if (!wr_time_field_interval(wr_time_field_of(call, i), &unit)) {
            wr_call_mark(call, i, WR_REASON_DOMAIN);
        } else if (multiply_interval(unit, WR_ARG(call, int64_t, 1, i), &unit) != WR_ROW_OK) {
            wr_call_mark(call, i, WR_REASON_OVERFLOW);
        } else {
            wr_call_mark(call, i, add_interval(WR_ARG(call, int64_t, 2, i), unit, &out[i]));
        }
    }
}

/* Whole months from a to b, toward zero: the greatest number that, added to a, does not pass b. */
static int64_t
months_between(int64_t a, int64_t b)
{
    wr_civil from = wr_civil_from_us(a);
    wr_civil to = wr_civil_from_us(b);
    int64_t months = (to.year - from.year) * 12 + to.month - from.month;
    int64_t reached = a;
    if (!wr_time_add(a, (wr_interval){.months = months}, &reached)) {
        reached = b;
    }
    if (b >= a) {
        return months - (reached > b);
    }
    return months + (reached < b);
}

/* date_diff(unit, a, b): whole units from a to b. */
static void
time_difference(wr_call *call)
{
    int64_t *out = call->out->data;
    for (int i = 0; i < call->n; i++) {
        wr_interval unit;
        int64_t a = WR_ARG(call, int64_t, 1, i);
        int64_t b = WR_ARG(call, int64_t, 2, i);
        int64_t difference = 0;
        out[i] = 0;
        if (!wr_time_field_interval(wr_time_field_of(call, i), &unit)) {
            wr_call_mark(call, i, WR_REASON_DOMAIN);
        } else if (unit.months > 0) {
            out[i] = months_between(a, b) / unit.months;
        } else if (__builtin_sub_overflow(b, a, &difference)) {
            wr_call_mark(call, i, WR_REASON_OVERFLOW);
        } else {
            out[i] = difference / unit.micros;
        }
    }
}

/* year(ts), month(ts), … */
#define TIME_FIELD_KERNEL(name, field) \
    static inline int64_t name##_of(int64_t us) \
    { \
        return wr_time_extract(field, us); \
    } \
    WR_UNARY_KERNEL(time_##name, int64_t, int64_t, name##_of)

TIME_FIELD_KERNEL(year, WR_FIELD_YEAR)
TIME_FIELD_KERNEL(quarter, WR_FIELD_QUARTER)
TIME_FIELD_KERNEL(month, WR_FIELD_MONTH)
TIME_FIELD_KERNEL(week, WR_FIELD_WEEK)
TIME_FIELD_KERNEL(day, WR_FIELD_DAY)
TIME_FIELD_KERNEL(hour, WR_FIELD_HOUR)
TIME_FIELD_KERNEL(minute, WR_FIELD_MINUTE)
TIME_FIELD_KERNEL(second, WR_FIELD_SECOND)

#define TIME_ENTRY(name_, result_, flags_, kernel_, signature_, meaning_, example_, shown_, ...) \
    { \
        .name = name_, .result = WR_TYPE_##result_, .args = {__VA_ARGS__}, .flags = flags_, \
        .kernel = kernel_, .signature = signature_, .meaning = meaning_, .example = example_, \
        .example_result = shown_ \
    }

#define TIME_FIELD_ENTRY(name_, kernel_, meaning_, shown_) \
    TIME_ENTRY(name_, BIGINT, 0, kernel_, name_ "(ts)", meaning_, \
               name_ "(TIMESTAMP '2026-01-02T03:04:05Z')", shown_, WR_TYPE_TIMESTAMP)

/* With a field's name as argument 0. */
#define TIME_NAMED_ENTRY(name_, result_, kernel_, signature_, meaning_, example_, shown_, ...) \
    { \
        .name = name_, .result = WR_TYPE_##result_, .args = {WR_TYPE_TEXT, __VA_ARGS__}, \
        .flags = WR_FN_CAN_FAIL, .kernel = kernel_, .prepare = wr_time_field_prepare, \
        .signature = signature_, .meaning = meaning_, .example = example_, \
        .example_result = shown_ \
    }

#define OPERATOR (WR_FN_OPERATOR | WR_FN_CAN_FAIL)

static const wr_function time_entries[] = {
    {.name = "now",
     .result = WR_TYPE_TIMESTAMP,
     .flags = WR_FN_VOLATILE,
     .kernel = time_now,
     .signature = "now()",
     .meaning = "The wall clock, the same for a whole batch.",
     .example = "now() > TIMESTAMP '2020-01-01'",
     .example_result = "true"},
    {.name = "current_timestamp",
     .result = WR_TYPE_TIMESTAMP,
     .flags = WR_FN_VOLATILE,
     .kernel = time_now,
     .signature = "current_timestamp",
     .meaning = "now().",
     .example = "current_timestamp > TIMESTAMP '2020-01-01'",
     .example_result = "true"},
    TIME_ENTRY("+", TIMESTAMP, OPERATOR, time_add_interval, "TIMESTAMP + INTERVAL",
               "Later; months by the calendar.", "TIMESTAMP '2026-01-31' + INTERVAL '1 month'",
               "2026-02-28T00:00:00Z", WR_TYPE_TIMESTAMP, WR_TYPE_INTERVAL),
    TIME_ENTRY("+", TIMESTAMP, OPERATOR, time_add_to_interval, "INTERVAL + TIMESTAMP", "Later.",
               "INTERVAL '1 hour' + TIMESTAMP '2026-01-01'", "2026-01-01T01:00:00Z",
               WR_TYPE_INTERVAL, WR_TYPE_TIMESTAMP),
    TIME_ENTRY("+", INTERVAL, OPERATOR, interval_add, "INTERVAL + INTERVAL", "Both together.",
               "INTERVAL '1 hour' + INTERVAL '30 min'", "1 hour 30 minutes", WR_TYPE_INTERVAL,
               WR_TYPE_INTERVAL),
    TIME_ENTRY("-", TIMESTAMP, OPERATOR, time_subtract_interval, "TIMESTAMP - INTERVAL", "Earlier.",
               "TIMESTAMP '2026-01-01' - INTERVAL '1 hour'", "2025-12-31T23:00:00Z",
               WR_TYPE_TIMESTAMP, WR_TYPE_INTERVAL),
    TIME_ENTRY("-", INTERVAL, OPERATOR, time_subtract, "TIMESTAMP - TIMESTAMP", "The time between.",
               "TIMESTAMP '2026-01-02' - TIMESTAMP '2026-01-01'", "1 day", WR_TYPE_TIMESTAMP,
               WR_TYPE_TIMESTAMP),
    TIME_ENTRY("-", INTERVAL, OPERATOR, interval_subtract, "INTERVAL - INTERVAL", "Difference.",
               "INTERVAL '1 hour' - INTERVAL '15 min'", "45 minutes", WR_TYPE_INTERVAL,
               WR_TYPE_INTERVAL),
    TIME_ENTRY("-", INTERVAL, OPERATOR, interval_negate, "- INTERVAL", "Negation.",
               "-INTERVAL '1 hour'", "-1 hour", WR_TYPE_INTERVAL),
    TIME_ENTRY("*", INTERVAL, OPERATOR, interval_multiply, "INTERVAL * BIGINT", "So many times.",
               "INTERVAL '20 min' * 3", "1 hour", WR_TYPE_INTERVAL, WR_TYPE_BIGINT),
    TIME_ENTRY("*", INTERVAL, OPERATOR, interval_multiply_by, "BIGINT * INTERVAL", "So many times.",
               "3 * INTERVAL '20 min'", "1 hour", WR_TYPE_BIGINT, WR_TYPE_INTERVAL),
    TIME_ENTRY("*", INTERVAL, OPERATOR, interval_scale, "INTERVAL * DOUBLE", "So many times.",
               "INTERVAL '1 hour' * 0.5", "30 minutes", WR_TYPE_INTERVAL, WR_TYPE_DOUBLE),
    TIME_ENTRY("/", INTERVAL, OPERATOR, interval_divide, "INTERVAL / DOUBLE",
               "A part of it; by 0: NULL.", "INTERVAL '1 hour' / 4.0", "15 minutes",
               WR_TYPE_INTERVAL, WR_TYPE_DOUBLE),
    TIME_ENTRY("to_timestamp", TIMESTAMP, WR_FN_CAN_FAIL, time_from_text, "to_timestamp(text)",
               "Reads ISO 8601.", "to_timestamp('2026-01-01 02:00+02')", "2026-01-01T00:00:00Z",
               WR_TYPE_TEXT),
    {.name = "to_timestamp",
     .result = WR_TYPE_TIMESTAMP,
     .args = {WR_TYPE_BIGINT, WR_TYPE_TEXT},
     .flags = WR_FN_CAN_FAIL,
     .kernel = time_from_bigint,
     .prepare = epoch_unit_prepare,
     .signature = "to_timestamp(x, 's' | 'ms' | 'us' | 'ns')",
     .meaning = "So much time after 1970-01-01.",
     .example = "to_timestamp(1767225600000, 'ms')",
     .example_result = "2026-01-01T00:00:00Z"},
    {.name = "to_timestamp",
     .result = WR_TYPE_TIMESTAMP,
     .args = {WR_TYPE_DOUBLE, WR_TYPE_TEXT},
     .flags = WR_FN_CAN_FAIL,
     .kernel = time_from_double,
     .prepare = epoch_unit_prepare,
     .signature = "to_timestamp(x, 's' | 'ms' | 'us' | 'ns')",
     .meaning = "So much time after 1970-01-01, to the nearest microsecond.",
     .example = "to_timestamp(1767225600.5, 's')",
     .example_result = "2026-01-01T00:00:00.500Z"},
    TIME_ENTRY("epoch_s", BIGINT, 0, time_epoch_s, "epoch_s(ts)", "Seconds since 1970-01-01.",
               "epoch_s(TIMESTAMP '2026-01-01')", "1767225600", WR_TYPE_TIMESTAMP),
    TIME_ENTRY("epoch_ms", BIGINT, 0, time_epoch_ms, "epoch_ms(ts)",
               "Milliseconds since 1970-01-01.", "epoch_ms(TIMESTAMP '2026-01-01')",
               "1767225600000", WR_TYPE_TIMESTAMP),
    TIME_ENTRY("epoch_us", BIGINT, 0, time_epoch_us, "epoch_us(ts)",
               "Microseconds since 1970-01-01.", "epoch_us(TIMESTAMP '2026-01-01')",
               "1767225600000000", WR_TYPE_TIMESTAMP),
    TIME_NAMED_ENTRY("extract", BIGINT, time_extract, "EXTRACT(field FROM ts)",
                     "A field of an instant; weeks are ISO's, dow is 0 on Sunday.",
                     "EXTRACT(hour FROM TIMESTAMP '2026-01-01T13:00:00Z')", "13",
                     WR_TYPE_TIMESTAMP),
    TIME_NAMED_ENTRY("date_part", BIGINT, time_extract, "date_part('field', ts)", "EXTRACT.",
                     "date_part('year', TIMESTAMP '2026-01-01')", "2026", WR_TYPE_TIMESTAMP),
    TIME_NAMED_ENTRY("date_trunc", TIMESTAMP, time_truncate, "date_trunc('unit', ts)",
                     "The start of the unit; weeks start on Monday.",
                     "date_trunc('hour', TIMESTAMP '2026-01-01T13:05:00Z')", "2026-01-01T13:00:00Z",
                     WR_TYPE_TIMESTAMP),
    TIME_ENTRY("date_bin", TIMESTAMP, WR_FN_CAN_FAIL, time_bin, "date_bin(stride, ts)",
               "The start of the stride, aligned to 1970-01-01.",
               "date_bin(INTERVAL '5 min', TIMESTAMP '2026-01-01T13:07:00Z')",
               "2026-01-01T13:05:00Z", WR_TYPE_INTERVAL, WR_TYPE_TIMESTAMP),
    TIME_ENTRY("date_bin", TIMESTAMP, WR_FN_CAN_FAIL, time_bin, "date_bin(stride, ts, origin)",
               "The start of the stride, aligned to the origin.",
               "date_bin(INTERVAL '5 min', TIMESTAMP '2026-01-01T13:07:00Z', TIMESTAMP "
               "'2026-01-01T00:01:00Z')",
               "2026-01-01T13:06:00Z", WR_TYPE_INTERVAL, WR_TYPE_TIMESTAMP, WR_TYPE_TIMESTAMP),
    TIME_ENTRY("date_add", TIMESTAMP, WR_FN_CAN_FAIL, time_add_interval, "date_add(ts, interval)",
               "Later.", "date_add(TIMESTAMP '2026-01-01', INTERVAL '1 day')",
               "2026-01-02T00:00:00Z", WR_TYPE_TIMESTAMP, WR_TYPE_INTERVAL),
    TIME_NAMED_ENTRY("date_add", TIMESTAMP, time_add_units, "date_add('unit', n, ts)",
                     "n units later.", "date_add('day', 2, TIMESTAMP '2026-01-01')",
                     "2026-01-03T00:00:00Z", WR_TYPE_BIGINT, WR_TYPE_TIMESTAMP),
    TIME_NAMED_ENTRY("timestampadd", TIMESTAMP, time_add_units, "timestampadd('unit', n, ts)",
                     "n units later.", "timestampadd('month', 1, TIMESTAMP '2026-01-31')",
                     "2026-02-28T00:00:00Z", WR_TYPE_BIGINT, WR_TYPE_TIMESTAMP),
    TIME_NAMED_ENTRY("timestampdiff", BIGINT, time_difference, "timestampdiff('unit', a, b)",
                     "Whole units from a to b.",
                     "timestampdiff('hour', TIMESTAMP '2026-01-01', TIMESTAMP '2026-01-03')", "48",
                     WR_TYPE_TIMESTAMP, WR_TYPE_TIMESTAMP),
    TIME_ENTRY("time_bucket", TIMESTAMP, WR_FN_CAN_FAIL, time_bin, "time_bucket(stride, ts)",
               "date_bin.", "time_bucket(INTERVAL '1 h', TIMESTAMP '2026-01-01T13:07:00Z')",
               "2026-01-01T13:00:00Z", WR_TYPE_INTERVAL, WR_TYPE_TIMESTAMP),
    TIME_ENTRY("date_sub", TIMESTAMP, WR_FN_CAN_FAIL, time_subtract_interval,
               "date_sub(ts, interval)", "Earlier.",
               "date_sub(TIMESTAMP '2026-01-02', INTERVAL '1 day')", "2026-01-01T00:00:00Z",
               WR_TYPE_TIMESTAMP, WR_TYPE_INTERVAL),
    TIME_NAMED_ENTRY("date_diff", BIGINT, time_difference, "date_diff('unit', a, b)",
                     "Whole units from a to b.",
                     "date_diff('day', TIMESTAMP '2026-01-01', TIMESTAMP '2026-01-03')", "2",
                     WR_TYPE_TIMESTAMP, WR_TYPE_TIMESTAMP),
    TIME_FIELD_ENTRY("year", time_year, "The year.", "2026"),
    TIME_FIELD_ENTRY("quarter", time_quarter, "The quarter, 1 to 4.", "1"),
    TIME_FIELD_ENTRY("month", time_month, "The month, 1 to 12.", "1"),
    TIME_FIELD_ENTRY("week", time_week, "The ISO week, 1 to 53.", "1"),
    TIME_FIELD_ENTRY("day", time_day, "The day of the month.", "2"),
    TIME_FIELD_ENTRY("hour", time_hour, "The hour, 0 to 23.", "3"),
    TIME_FIELD_ENTRY("minute", time_minute, "The minute, 0 to 59.", "4"),
    TIME_FIELD_ENTRY("second", time_second, "The second, 0 to 59.", "5"),
};

const wr_function_table wr_functions_time = WR_TABLE(time_entries);
