/* Comparisons: = <> < <= > >=, BETWEEN, IS [NOT] DISTINCT FROM.
 *
 *   DOUBLE    NaN = NaN, and NaN is greater than every number; −0 = +0
 *   TEXT      by bytes; most pairs differ in the first eight
 *   INTERVAL  a month counts as 30 days
 *
 * 1. One inline function a type and operator; the loops come from WR_BINARY_KERNEL.
 * 2. IS DISTINCT FROM never gives NULL: NULL is not distinct from NULL. */
#include "functions/kernel.h"

#include "core/time.h"

#define COMPARE_SCALARS(type, c_type) \
    static inline uint8_t equal_##type(c_type a, c_type b) \
    { \
        return a == b; \
    } \
    static inline uint8_t less_##type(c_type a, c_type b) \
    { \
        return a < b; \
    }

COMPARE_SCALARS(boolean, uint8_t)
COMPARE_SCALARS(bigint, int64_t)
COMPARE_SCALARS(date, int32_t)

static inline uint8_t
equal_double(double a, double b)
{
    return (uint8_t)((a == b) | ((a != a) & (b != b)));
}

static inline uint8_t
less_double(double a, double b)
{
    return (uint8_t)((a < b) | ((a == a) & (b != b)));
}

static inline uint8_t
equal_view(wr_view a, wr_view b)
{
    return wr_view_equal(&a, &b);
}

static inline uint8_t
less_view(wr_view a, wr_view b)
{
    return wr_view_compare(&a, &b) < 0;
}

static inline uint8_t
equal_interval(wr_interval a, wr_interval b)
{
    return wr_interval_compare(a, b) == 0;
}

static inline uint8_t
less_interval(wr_interval a, wr_interval b)
{
    return wr_interval_compare(a, b) < 0;
}

/* The six kernels of a type, from its two functions. */
#define COMPARE_KERNELS(type, c_type) \
    static inline uint8_t unequal_##type(c_type a, c_type b) \
    { \
        return !equal_##type(a, b); \
    } \
    static inline uint8_t greater_##type(c_type a, c_type b) \
    { \
        return less_##type(b, a); \
    } \
    static inline uint8_t at_most_##type(c_type a, c_type b) \
    { \
        return !less_##type(b, a); \
    } \
    static inline uint8_t at_least_##type(c_type a, c_type b) \
    { \
        return !less_##type(a, b); \
    } \
    WR_BINARY_KERNEL(compare_equal_##type, c_type, c_type, uint8_t, equal_##type) \
    WR_BINARY_KERNEL(compare_unequal_##type, c_type, c_type, uint8_t, unequal_##type) \
    WR_BINARY_KERNEL(compare_less_##type, c_type, c_type, uint8_t, less_##type) \
    WR_BINARY_KERNEL(compare_greater_##type, c_type, c_type, uint8_t, greater_##type) \
    WR_BINARY_KERNEL(compare_at_most_##type, c_type, c_type, uint8_t, at_most_##type) \
    WR_BINARY_KERNEL(compare_at_least_##type, c_type, c_type, uint8_t, at_least_##type)

COMPARE_KERNELS(boolean, uint8_t)
COMPARE_KERNELS(bigint, int64_t)
COMPARE_KERNELS(date, int32_t)
COMPARE_KERNELS(double, double)
COMPARE_KERNELS(view, wr_view)
COMPARE_KERNELS(interval, wr_interval)

/* Numbers and instants without NULLs and errors: a loop like that of the comparisons. */
#define COMPARE_BETWEEN_LOOP(name, type, c_type) \
    static void name(wr_call *call) \
    { \
        const c_type *restrict x = call->args[0].data; \
        const c_type *restrict low = call->args[1].data; \
        const c_type *restrict high = call->args[2].data; \
        uint8_t *restrict out = call->out->data; \
        const int x_step = call->args[0].kind != WR_CONSTANT; \
        const int low_step = call->args[1].kind != WR_CONSTANT; \
        const int high_step = call->args[2].kind != WR_CONSTANT; \
        for (int i = 0; i < call->n; i++) { \
            c_type value = x[i * x_step]; \
            out[i] = at_least_##type(value, low[i * low_step]) & \
                     at_most_##type(value, high[i * high_step]); \
        } \
    }

COMPARE_BETWEEN_LOOP(between_bigint, bigint, int64_t)
COMPARE_BETWEEN_LOOP(between_double, double, double)

static bool
between_plain(wr_call *call)
{
    for (int arg = 0; arg < 3; arg++) {
        if (call->args[arg].valid || call->args[arg].errors) {
            return false;
        }
    }
    wr_type_id type = call->args[0].type.id;
    if (type == WR_TYPE_DOUBLE) {
        between_double(call);
        return true;
    }
    if (type == WR_TYPE_BIGINT || type == WR_TYPE_TIMESTAMP || type == WR_TYPE_TIME) {
        between_bigint(call);
        return true;
    }
    return false;
}

/* x ≥ low AND x ≤ high, of whatever is known: 3 BETWEEN 5 AND NULL is false. */
static void
compare_between(wr_call *call)
{
    if (between_plain(call)) {
        return;
    }
    uint8_t *out = call->out->data;
    wr_type_id type = call->args[0].type.id;
    for (int i = 0; i < call->n; i++) {
        bool x_is_null = wr_vector_is_null(&call->args[0], i);
        bool is_null = x_is_null;
        bool inside = true;
        wr_reason reason = wr_vector_error(&call->args[0], i);
        const void *x = wr_vector_element(&call->args[0], wr_vector_slot(&call->args[0], i));
        for (int arg = 1; arg < 3 && inside && reason == WR_REASON_NONE; arg++) {
            const wr_vector *bound = &call->args[arg];
            reason = wr_vector_error(bound, i);
            if (x_is_null || wr_vector_is_null(bound, i)) {
                is_null = true;
                continue;
            }
            int order =
                wr_value_compare(type, x, wr_vector_element(bound, wr_vector_slot(bound, i)));
            inside = arg == 1 ? order >= 0 : order <= 0;
        }
        out[i] = inside;
        wr_call_mark(call, i,
                     reason != WR_REASON_NONE ? (int)reason
                     : inside && is_null      ? WR_ROW_NULL
                                              : WR_ROW_OK);
    }
}

static bool
rows_distinct(const wr_vector *a, const wr_vector *b, int row)
{
    bool a_is_null = wr_vector_is_null(a, row);
    bool b_is_null = wr_vector_is_null(b, row);
    if (a_is_null || b_is_null) {
        return a_is_null != b_is_null;
    }
    return wr_value_compare(a->type.id, wr_vector_element(a, wr_vector_slot(a, row)),
                            wr_vector_element(b, wr_vector_slot(b, row))) != 0;
}

static void
compare_distinct_as(wr_call *call, bool wanted)
{
    uint8_t *out = call->out->data;
    for (int i = 0; i < call->n; i++) {
        wr_reason reason = wr_vector_error(&call->args[0], i);
        reason = reason != WR_REASON_NONE ? reason : wr_vector_error(&call->args[1], i);
        out[i] = rows_distinct(&call->args[0], &call->args[1], i) == wanted;
        wr_call_mark(call, i, (int)reason);
    }
}

static void
compare_is_distinct(wr_call *call)
{
    compare_distinct_as(call, true);
}

static void
compare_is_not_distinct(wr_call *call)
{
    compare_distinct_as(call, false);
}

#define COMPARE_ENTRY(sign, type_, kernel_, meaning_, example_) \
    { \
        .name = sign, .result = WR_TYPE_BOOLEAN, .args = {WR_TYPE_##type_, WR_TYPE_##type_}, \
        .flags = WR_FN_OPERATOR, .kernel = kernel_, .signature = #type_ " " sign " " #type_, \
        .meaning = meaning_, .example = example_, .example_result = "true" \
    }

#define COMPARE_ENTRIES(type, kernels, low, high) \
    COMPARE_ENTRY("=", type, compare_equal_##kernels, "Equal.", low " = " low), \
        COMPARE_ENTRY("<>", type, compare_unequal_##kernels, "Not equal.", low " <> " high), \
        COMPARE_ENTRY("<", type, compare_less_##kernels, "Less.", low " < " high), \
        COMPARE_ENTRY(">", type, compare_greater_##kernels, "Greater.", high " > " low), \
        COMPARE_ENTRY("<=", type, compare_at_most_##kernels, "Less or equal.", low " <= " high), \
        COMPARE_ENTRY(">=", type, compare_at_least_##kernels, "Greater or equal.", \
                      high " >= " low)

#define COMPARE_DISTINCT(name_, kernel_, example_) \
    { \
        .name = name_, .result = WR_TYPE_BOOLEAN, .args = {WR_ARG_SAME, WR_ARG_SAME}, \
        .flags = WR_FN_OPERATOR | WR_FN_NULL_AWARE, .kernel = kernel_, \
        .signature = "a " name_ " b", \
        .meaning = "Comparison in which NULL is a value like others.", .example = example_, \
        .example_result = "true" \
    }

static const wr_function compare_entries[] = {
    COMPARE_ENTRIES(BIGINT, bigint, "1", "2"),
    COMPARE_ENTRIES(DOUBLE, double, "1.5", "2.5"),
    COMPARE_ENTRIES(TEXT, view, "'a'", "'b'"),
    COMPARE_ENTRIES(TIMESTAMP, bigint, "TIMESTAMP '2026-01-01'", "TIMESTAMP '2026-01-02'"),
    COMPARE_ENTRIES(BOOLEAN, boolean, "false", "true"),
    COMPARE_ENTRIES(INTERVAL, interval, "INTERVAL '1 hour'", "INTERVAL '2 hours'"),
    COMPARE_ENTRIES(DATE, date, "DATE '2026-01-01'", "DATE '2026-01-02'"),
    COMPARE_ENTRIES(TIME, bigint, "TIME '12:00'", "TIME '13:05'"),
    COMPARE_ENTRIES(BYTES, view, "CAST('a' AS BYTES)", "CAST('b' AS BYTES)"),
    COMPARE_ENTRIES(JSON, view, "CAST('1' AS JSON)", "CAST('2' AS JSON)"),
    {.name = "between",
     .result = WR_TYPE_BOOLEAN,
     .args = {WR_ARG_SAME, WR_ARG_SAME, WR_ARG_SAME},
     .flags = WR_FN_OPERATOR | WR_FN_NULL_AWARE,
     .kernel = compare_between,
     .signature = "x BETWEEN low AND high",
     .meaning = "x >= low AND x <= high.",
     .example = "2 BETWEEN 1 AND 3",
     .example_result = "true"},
    COMPARE_DISTINCT("is distinct from", compare_is_distinct, "1 IS DISTINCT FROM NULL"),
    COMPARE_DISTINCT("is not distinct from", compare_is_not_distinct,
                     "NULL IS NOT DISTINCT FROM NULL"),
};

const wr_function_table wr_functions_compare = WR_TABLE(compare_entries);
