/* CAST and TRY_CAST.
 *
 *   from \ to   BOOLEAN  BIGINT  DOUBLE  DECIMAL  TEXT  BYTES  times     JSON
 *   BOOLEAN     =        0, 1    –       –        yes   –      –         yes
 *   BIGINT      ≠ 0      range   yes     range    yes   –      –         yes
 *   DOUBLE      –        rounds  =       rounds   yes   –      –         yes
 *   DECIMAL     –        rounds  nearest rounds   yes   –      –         string
 *   TEXT        yes      yes     yes     rounds   =     yes    ISO 8601  checked
 *   BYTES       –        –       –       –        UTF-8 =      –         checked
 *   times       –        –       –       –        yes   –      below     string
 *   JSON        yes      yes     yes     rounds   yes   –      yes       =
 *
 *   TIMESTAMP → DATE, TIME: its day, its time of the day    DATE → TIMESTAMP: midnight UTC
 *   TIME ↔ INTERVAL: since midnight; back, what is left of whole days
 *
 * JSON null becomes NULL; a JSON string becomes the text in it, where TEXT, a time or a DECIMAL is
 * wanted (which also reads numbers).
 *
 * 1. A kernel marks rows that cannot be cast as errors; the TRY_CAST twin turns those into NULLs.
 * 2. Narrow integers are checked last, against out->type.bits. */
#include "functions/json_text.h"
#include "functions/kernel.h"

#include "core/decimal.h"
#include "core/time.h"

#include <math.h>

static void
cast_same(wr_call *call)
{
    memcpy(call->out->data, call->args[0].data,
           (size_t)call->n * (size_t)wr_type_width(call->out->type.id));
}

static void
cast_null(wr_call *call)
{
    wr_vector_init_constant(call->out, call->out->type, NULL, call->arena);
}

/* ── to numbers ─────────────────────────────────────────────────────────────────────────────── */

/* INT, SMALLINT, TINYINT: values outside of the range are errors. */
static void
narrow_check(wr_call *call)
{
    int bits = call->out->type.bits;
    if (bits == 0 || bits >= 64) {
        return;
    }
    const int64_t *values = call->out->data;
    int64_t limit = INT64_C(1) << (bits - 1);
    for (int i = 0; i < call->n; i++) {
        if (values[i] < -limit || values[i] >= limit) {
            wr_call_mark(call, i, WR_REASON_RANGE);
        }
    }
}

static void
cast_bigint_bigint(wr_call *call)
{
    cast_same(call);
    narrow_check(call);
}

static void
cast_boolean_bigint(wr_call *call)
{
    const uint8_t *values = call->args[0].data;
    int64_t *out = call->out->data;
    for (int i = 0; i < call->n; i++) {
        out[i] = values[i] != 0;
    }
}

static inline uint8_t
is_not_zero(int64_t a)
{
    return a != 0;
}

static inline double
bigint_as_double(int64_t a)
{
    return (double)a;
}

/* Rounds to nearest, ties to even. */
static inline int
double_as_bigint(double a, int64_t *out)
{
    double rounded = nearbyint(a);
    if (!(rounded >= -0x1p63 && rounded < 0x1p63)) {
        *out = 0;
        return WR_REASON_RANGE;
    }
    *out = (int64_t)rounded;
    return WR_ROW_OK;
}

WR_UNARY_KERNEL(cast_bigint_boolean, int64_t, uint8_t, is_not_zero)
WR_UNARY_KERNEL(cast_bigint_double, int64_t, double, bigint_as_double)
WR_UNARY_CHECKED_KERNEL(cast_double_any_bigint, double, int64_t, double_as_bigint)

static void
cast_double_bigint(wr_call *call)
{
    cast_double_any_bigint(call);
    narrow_check(call);
}

/* To DECIMAL at the scale that out->type has; what has too many digits is out of range. */
static int
outcome_of(bool fits)
{
    return fits ? WR_ROW_OK : WR_REASON_RANGE;
}

static void
cast_bigint_decimal(wr_call *call)
{
    wr_int128 *out = call->out->data;
    for (int i = 0; i < call->n; i++) {
        wr_int128 value = WR_ARG(call, const int64_t, 0, i);
        wr_call_mark(call, i, outcome_of(wr_decimal_rescale(value, 0, call->out->type, &out[i])));
    }
}

static void
cast_double_decimal(wr_call *call)
{
    wr_int128 *out = call->out->data;
    for (int i = 0; i < call->n; i++) {
        double value = wr_call_skips(call, i) ? 0 : WR_ARG(call, const double, 0, i);
        wr_call_mark(call, i, outcome_of(wr_decimal_from_double(value, call->out->type, &out[i])));
    }
}

static void
cast_decimal_decimal(wr_call *call)
{
    const int scale = call->args[0].type.scale;
    wr_int128 *out = call->out->data;
    for (int i = 0; i < call->n; i++) {
        wr_int128 value = WR_ARG(call, const wr_int128, 0, i);
        wr_call_mark(call, i,
                     outcome_of(wr_decimal_rescale(value, scale, call->out->type, &out[i])));
    }
}

static void
cast_decimal_double(wr_call *call)
{
    double *out = call->out->data;
    for (int i = 0; i < call->n; i++) {
        out[i] = wr_decimal_to_double(
            (wr_decimal){WR_ARG(call, const wr_int128, 0, i), call->args[0].type.scale});
    }
}

/* Halves away from 0, as everywhere with DECIMAL. */
static void
cast_decimal_bigint(wr_call *call)
{
    const wr_type digits = wr_decimal_type_of_bits(0);
    int64_t *out = call->out->data;
    for (int i = 0; i < call->n; i++) {
        wr_int128 value = WR_ARG(call, const wr_int128, 0, i), whole = 0;
        bool fits = wr_decimal_rescale(value, call->args[0].type.scale, digits, &whole);
        out[i] = (int64_t)whole;
        wr_call_mark(call, i, outcome_of(fits && out[i] == whole));
    }
    narrow_check(call);
}

/* ── from text: one function a type, for texts of a column and of JSON values ───────────────── */

static bool
text_as_boolean(wr_text text, wr_type type, void *out)
{
    (void)type;
    static const char *const words[2][6] = {{"false", "f", "no", "n", "off", "0"},
                                            {"true", "t", "yes", "y", "on", "1"}};
    for (int value = 0; value < 2; value++) {
        for (int i = 0; i < 6; i++) {
            if (wr_text_equal_nocase(text, wr_text_from(words[value][i]))) {
                *(uint8_t *)out = (uint8_t)value;
                return true;
            }
        }
    }
    return false;
}

static bool
text_as_bigint(wr_text text, wr_type type, void *out)
{
    (void)type;
    return wr_text_to_int64(text, out);
}

static bool
text_as_double(wr_text text, wr_type type, void *out)
{
    (void)type;
    return wr_text_to_double(text, out);
}

static bool
text_as_timestamp(wr_text text, wr_type type, void *out)
{
    (void)type;
    return wr_time_parse(text, out);
}

static bool
text_as_date(wr_text text, wr_type type, void *out)
{
    (void)type;
    return wr_date_parse(text, out);
}

static bool
text_as_daytime(wr_text text, wr_type type, void *out)
{
    (void)type;
    return wr_daytime_parse(text, out);
}

static bool
text_as_interval(wr_text text, wr_type type, void *out)
{
    (void)type;
    wr_interval interval;
    bool ok = wr_interval_parse(text, &interval);
    *(wr_interval *)out = interval;
    return ok;
}

static bool
text_as_decimal(wr_text text, wr_type type, void *out)
{
    return wr_text_to_decimal(text, type, out);
}

/* Reads a value of `type` into `out`. */
typedef bool (*text_reader)(wr_text text, wr_type type, void *out);

static void
cast_texts(wr_call *call, text_reader read)
{
    size_t width = (size_t)wr_type_width(call->out->type.id);
    for (int i = 0; i < call->n; i++) {
        void *out = wr_vector_element(call->out, i);
        wr_text text = wr_text_trim(wr_arg_text(call, 0, i));
        if (wr_call_skips(call, i) || !read(text, call->out->type, out)) {
            memset(out, 0, width);
            wr_call_mark(call, i, WR_REASON_CAST);
        }
    }
}

static void
cast_text_boolean(wr_call *call)
{
    cast_texts(call, text_as_boolean);
}

static void
cast_text_bigint(wr_call *call)
{
    cast_texts(call, text_as_bigint);
    narrow_check(call);
}

static void
cast_text_double(wr_call *call)
{
    cast_texts(call, text_as_double);
}

static void
cast_text_decimal(wr_call *call)
{
    cast_texts(call, text_as_decimal);
}

static void
cast_text_timestamp(wr_call *call)
{
    cast_texts(call, text_as_timestamp);
}

static void
cast_text_date(wr_call *call)
{
    cast_texts(call, text_as_date);
}

static void
cast_text_daytime(wr_call *call)
{
    cast_texts(call, text_as_daytime);
}

static void
cast_text_interval(wr_call *call)
{
    cast_texts(call, text_as_interval);
}

/* BYTES → TEXT; → JSON too. The bytes are shared with the argument. */
static void
cast_views(wr_call *call, bool check_utf8, bool check_json)
{
    cast_same(call);
    for (int i = 0; i < call->n; i++) {
        if (wr_call_skips(call, i)) {
            continue;
        }
        wr_text text = wr_arg_text(call, 0, i);
        if (check_utf8 && !wr_utf8_valid(text.data, text.size)) {
            wr_call_mark(call, i, WR_REASON_UTF8);
        } else if (check_json && !wr_json_valid(text)) {
            wr_call_mark(call, i, WR_REASON_CAST);
        }
    }
}

static void
cast_bytes_text(wr_call *call)
{
    cast_views(call, true, false);
}

static void
cast_bytes_json(wr_call *call)
{
    cast_views(call, true, true);
}

static void
cast_text_json(wr_call *call)
{
    cast_views(call, false, true);
}

/* ── to text: one function a type, for TEXT and for JSON ────────────────────────────────────── */

enum { CAST_TEXT_MAX = WR_INTERVAL_TEXT_MAX + 2 };

static size_t
boolean_print(const void *value, wr_type type, char *out)
{
    (void)type;
    bool is_true = *(const uint8_t *)value != 0;
    memcpy(out, is_true ? "true" : "false", is_true ? 4 : 5);
    return is_true ? 4 : 5;
}

static size_t
bigint_print(const void *value, wr_type type, char *out)
{
    (void)type;
    return wr_int64_to_text(*(const int64_t *)value, out);
}

static size_t
double_print(const void *value, wr_type type, char *out)
{
    (void)type;
    return wr_double_to_text(*(const double *)value, out);
}

static size_t
double_print_json(const void *value, wr_type type, char *out)
{
    if (!isfinite(*(const double *)value)) {
        memcpy(out, "null", 4);
        return 4;
    }
    return double_print(value, type, out);
}

static size_t
timestamp_print(const void *value, wr_type type, char *out)
{
    (void)type;
    return wr_time_print(*(const int64_t *)value, out);
}

static size_t
date_print(const void *value, wr_type type, char *out)
{
    (void)type;
    return wr_date_print(*(const int32_t *)value, out);
}

static size_t
daytime_print(const void *value, wr_type type, char *out)
{
    (void)type;
    return wr_daytime_print(*(const int64_t *)value, out);
}

static size_t
decimal_print(const void *value, wr_type type, char *out)
{
    return wr_decimal_to_text(*(const wr_int128 *)value, type.scale, out);
}

/* What is a string in JSON; DECIMAL too, since readers of JSON take numbers for doubles. */
#define PRINT_QUOTED(name) \
    static size_t name##_print_json(const void *value, wr_type type, char *out) \
    { \
        out[0] = '"'; \
        size_t size = 1 + name##_print(value, type, out + 1); \
        out[size] = '"'; \
        return size + 1; \
    }

PRINT_QUOTED(decimal)
PRINT_QUOTED(timestamp)
PRINT_QUOTED(date)
PRINT_QUOTED(daytime)

static size_t
interval_print(const void *value, wr_type type, char *out)
{
    (void)type;
    return wr_interval_print(*(const wr_interval *)value, out);
}

static void
cast_print(wr_call *call, size_t (*print)(const void *value, wr_type type, char *out))
{
    for (int i = 0; i < call->n; i++) {
        char text[CAST_TEXT_MAX];
        size_t size = print(wr_vector_element(&call->args[0], i), call->args[0].type, text);
        wr_call_set_text(call, i, (wr_text){text, size});
    }
}

#define CAST_PRINT(name, print) \
    static void name(wr_call *call) \
    { \
        cast_print(call, print); \
    }

CAST_PRINT(cast_boolean_text, boolean_print)
CAST_PRINT(cast_bigint_text, bigint_print)
CAST_PRINT(cast_double_text, double_print)
CAST_PRINT(cast_double_json, double_print_json)
CAST_PRINT(cast_decimal_text, decimal_print)
CAST_PRINT(cast_decimal_json, decimal_print_json)
CAST_PRINT(cast_timestamp_text, timestamp_print)
CAST_PRINT(cast_timestamp_json, timestamp_print_json)
CAST_PRINT(cast_date_text, date_print)
CAST_PRINT(cast_date_json, date_print_json)
CAST_PRINT(cast_daytime_text, daytime_print)
CAST_PRINT(cast_daytime_json, daytime_print_json)
CAST_PRINT(cast_interval_text, interval_print)

/* ── from JSON ──────────────────────────────────────────────────────────────────────────────── */

static wr_text
json_string_text(wr_call *call, wr_text json)
{
    char *out = wr_arena_bytes(call->arena, json.size);
    return (wr_text){out, wr_json_text_unescape(json, out)};
}

static void
cast_json_text(wr_call *call)
{
    for (int i = 0; i < call->n; i++) {
        wr_text json = wr_text_trim(wr_arg_text(call, 0, i));
        wr_json_kind kind = wr_json_kind_of(json);
        if (kind == WR_JSON_STRING) {
            wr_call_set_view(call, i, json_string_text(call, json));
        } else {
            wr_call_set_text(call, i, json);
        }
        if (kind == WR_JSON_NULL) {
            wr_call_mark(call, i, WR_ROW_NULL);
        }
    }
}

#define KIND(name) (1u << WR_JSON_##name)

/* JSON values of the kinds `wanted` (a string's content) through `read`; null is NULL. */
static void
cast_json(wr_call *call, unsigned wanted, text_reader read)
{
    size_t width = (size_t)wr_type_width(call->out->type.id);
    for (int i = 0; i < call->n; i++) {
        void *out = wr_vector_element(call->out, i);
        wr_text json = wr_text_trim(wr_arg_text(call, 0, i));
        wr_json_kind kind = wr_json_kind_of(json);
        bool is_wanted = wanted >> kind & 1;
        int outcome = is_wanted ? WR_ROW_OK : kind == WR_JSON_NULL ? WR_ROW_NULL : WR_REASON_TYPE;
        if (kind == WR_JSON_STRING && is_wanted) {
            json = json_string_text(call, json);
        }
        if (outcome == WR_ROW_OK && !read(json, call->out->type, out)) {
            outcome = WR_REASON_CAST;
        }
        if (outcome != WR_ROW_OK) {
            memset(out, 0, width);
            wr_call_mark(call, i, outcome);
        }
    }
}

/* 1.0 and 1e3 are integers, too. */
static bool
json_number_as_bigint(wr_text text, wr_type type, void *out)
{
    (void)type;
    double value = 0;
    if (wr_text_to_int64(text, out)) {
        return true;
    }
    bool is_plain = memchr(text.data, '.', text.size) == NULL &&
                    memchr(text.data, 'e', text.size) == NULL &&
                    memchr(text.data, 'E', text.size) == NULL;
    return !is_plain && wr_text_to_double(text, &value) && nearbyint(value) == value &&
           double_as_bigint(value, out) == WR_ROW_OK;
}

static void
cast_json_boolean(wr_call *call)
{
    cast_json(call, KIND(BOOLEAN), text_as_boolean);
}

static void
cast_json_bigint(wr_call *call)
{
    cast_json(call, KIND(NUMBER), json_number_as_bigint);
    narrow_check(call);
}

static void
cast_json_double(wr_call *call)
{
    cast_json(call, KIND(NUMBER), text_as_double);
}

static bool
json_as_decimal(wr_text text, wr_type type, void *out)
{
    return wr_text_to_decimal(wr_text_trim(text), type, out);
}

/* Numbers, exactly, and strings, as which DECIMAL is written. */
static void
cast_json_decimal(wr_call *call)
{
    cast_json(call, KIND(NUMBER) | KIND(STRING), json_as_decimal);
}

static void
cast_json_timestamp(wr_call *call)
{
    cast_json(call, KIND(STRING), text_as_timestamp);
}

static void
cast_json_date(wr_call *call)
{
    cast_json(call, KIND(STRING), text_as_date);
}

static void
cast_json_daytime(wr_call *call)
{
    cast_json(call, KIND(STRING), text_as_daytime);
}

static void
cast_json_interval(wr_call *call)
{
    cast_json(call, KIND(STRING), text_as_interval);
}

/* ── between times ──────────────────────────────────────────────────────────────────────────── */

static inline int64_t
daytime_of(int64_t us)
{
    return us % WR_US_PER_DAY + (us % WR_US_PER_DAY < 0 ? WR_US_PER_DAY : 0);
}

static inline int
midnight_of(int32_t days, int64_t *out)
{
    return __builtin_mul_overflow((int64_t)days, WR_US_PER_DAY, out) ? WR_REASON_RANGE : WR_ROW_OK;
}

static inline wr_interval
interval_of_daytime(int64_t us)
{
    return (wr_interval){0, us};
}

static inline int64_t
daytime_of_interval(wr_interval interval)
{
    return daytime_of(interval.micros);
}

WR_UNARY_KERNEL(cast_timestamp_date, int64_t, int32_t, wr_date_of)
WR_UNARY_KERNEL(cast_timestamp_daytime, int64_t, int64_t, daytime_of)
WR_UNARY_CHECKED_KERNEL(cast_date_timestamp, int32_t, int64_t, midnight_of)
WR_UNARY_KERNEL(cast_daytime_interval, int64_t, wr_interval, interval_of_daytime)
WR_UNARY_KERNEL(cast_interval_daytime, wr_interval, int64_t, daytime_of_interval)

/* ── the table ──────────────────────────────────────────────────────────────────────────────── */

/* Runs `kernel`, then turns the errors that it made into NULLs; those of the argument stay. */
static void
cast_try(wr_call *call, wr_kernel kernel)
{
    uint8_t *merged = call->out->errors;
    call->out->errors = NULL;
    kernel(call);
    const uint8_t *made = call->out->errors;
    call->out->errors = merged;
    for (int i = 0; made && i < call->n; i++) {
        if (made[i] != WR_REASON_NONE) {
            wr_call_mark(call, i, WR_ROW_NULL);
        }
    }
}

/* X(from, to, kernel, example, its result) */
#define CAST_LIST(X) \
    X(BOOLEAN, BOOLEAN, cast_same, "true", "true") \
    X(BOOLEAN, BIGINT, cast_boolean_bigint, "true", "1") \
    X(BOOLEAN, TEXT, cast_boolean_text, "true", "true") \
    X(BOOLEAN, JSON, cast_boolean_text, "true", "true") \
    X(BIGINT, BIGINT, cast_bigint_bigint, "7", "7") \
    X(BIGINT, BOOLEAN, cast_bigint_boolean, "7", "true") \
    X(BIGINT, DOUBLE, cast_bigint_double, "7", "7") \
    X(BIGINT, TEXT, cast_bigint_text, "7", "7") \
    X(BIGINT, JSON, cast_bigint_text, "7", "7") \
    X(BIGINT, DECIMAL, cast_bigint_decimal, "7", "7") \
    X(DOUBLE, DOUBLE, cast_same, "1.5", "1.5") \
    X(DOUBLE, BIGINT, cast_double_bigint, "2.5", "2") \
    X(DOUBLE, TEXT, cast_double_text, "1.5", "1.5") \
    X(DOUBLE, JSON, cast_double_json, "1.5", "1.5") \
    X(DOUBLE, DECIMAL, cast_double_decimal, "1.5", "2") \
    X(DECIMAL, DECIMAL, cast_decimal_decimal, "DECIMAL '1.4'", "1") \
    X(DECIMAL, BIGINT, cast_decimal_bigint, "DECIMAL '2.5'", "3") \
    X(DECIMAL, DOUBLE, cast_decimal_double, "DECIMAL '1.50'", "1.5") \
    X(DECIMAL, TEXT, cast_decimal_text, "DECIMAL '1.50'", "1.50") \
    X(DECIMAL, JSON, cast_decimal_json, "DECIMAL '1.50'", "\"1.50\"") \
    X(TEXT, TEXT, cast_same, "'a'", "a") \
    X(TEXT, BOOLEAN, cast_text_boolean, "'yes'", "true") \
    X(TEXT, BIGINT, cast_text_bigint, "'7'", "7") \
    X(TEXT, DOUBLE, cast_text_double, "'1.5'", "1.5") \
    X(TEXT, DECIMAL, cast_text_decimal, "'1.5'", "2") \
    X(TEXT, BYTES, cast_same, "'a'", "a") \
    X(TEXT, TIMESTAMP, cast_text_timestamp, "'2026-01-01'", "2026-01-01T00:00:00Z") \
    X(TEXT, DATE, cast_text_date, "'2026-01-31'", "2026-01-31") \
    X(TEXT, TIME, cast_text_daytime, "'13:05:30.25'", "13:05:30.250") \
    X(TEXT, INTERVAL, cast_text_interval, "'90 s'", "1 minute 30 seconds") \
    X(TEXT, JSON, cast_text_json, "'[1]'", "[1]") \
    X(BYTES, BYTES, cast_same, "CAST('a' AS BYTES)", "a") \
    X(BYTES, TEXT, cast_bytes_text, "CAST('a' AS BYTES)", "a") \
    X(BYTES, JSON, cast_bytes_json, "CAST('1' AS BYTES)", "1") \
    X(TIMESTAMP, TIMESTAMP, cast_same, "TIMESTAMP '2026-01-01'", "2026-01-01T00:00:00Z") \
    X(TIMESTAMP, TEXT, cast_timestamp_text, "TIMESTAMP '2026-01-01'", "2026-01-01T00:00:00Z") \
    X(TIMESTAMP, JSON, cast_timestamp_json, "TIMESTAMP '2026-01-01'", "\"2026-01-01T00:00:00Z\"") \
    X(TIMESTAMP, DATE, cast_timestamp_date, "TIMESTAMP '2026-01-01T13:05:00Z'", "2026-01-01") \
    X(TIMESTAMP, TIME, cast_timestamp_daytime, "TIMESTAMP '2026-01-01T13:05:00Z'", "13:05:00") \
    X(DATE, DATE, cast_same, "DATE '2026-01-31'", "2026-01-31") \
    X(DATE, TIMESTAMP, cast_date_timestamp, "DATE '2026-01-31'", "2026-01-31T00:00:00Z") \
    X(DATE, TEXT, cast_date_text, "DATE '2026-01-31'", "2026-01-31") \
    X(DATE, JSON, cast_date_json, "DATE '2026-01-31'", "\"2026-01-31\"") \
    X(TIME, TIME, cast_same, "TIME '13:05'", "13:05:00") \
    X(TIME, INTERVAL, cast_daytime_interval, "TIME '13:05'", "13 hours 5 minutes") \
    X(TIME, TEXT, cast_daytime_text, "TIME '13:05'", "13:05:00") \
    X(TIME, JSON, cast_daytime_json, "TIME '13:05'", "\"13:05:00\"") \
    X(INTERVAL, TIME, cast_interval_daytime, "INTERVAL '25 hours'", "01:00:00") \
    X(INTERVAL, INTERVAL, cast_same, "INTERVAL '1 hour'", "1 hour") \
    X(INTERVAL, TEXT, cast_interval_text, "INTERVAL '1 hour'", "1 hour") \
    X(JSON, JSON, cast_same, "CAST('[1]' AS JSON)", "[1]") \
    X(JSON, TEXT, cast_json_text, "CAST('\"a\"' AS JSON)", "a") \
    X(JSON, BOOLEAN, cast_json_boolean, "CAST('true' AS JSON)", "true") \
    X(JSON, BIGINT, cast_json_bigint, "CAST('7' AS JSON)", "7") \
    X(JSON, DOUBLE, cast_json_double, "CAST('1.5' AS JSON)", "1.5") \
    X(JSON, DECIMAL, cast_json_decimal, "CAST('1.5' AS JSON)", "2") \
    X(JSON, TIMESTAMP, cast_json_timestamp, "CAST('\"2026-01-01\"' AS JSON)", \
      "2026-01-01T00:00:00Z") \
    X(JSON, DATE, cast_json_date, "CAST('\"2026-01-31\"' AS JSON)", "2026-01-31") \
    X(JSON, TIME, cast_json_daytime, "CAST('\"13:05\"' AS JSON)", "13:05:00") \
    X(JSON, INTERVAL, cast_json_interval, "CAST('\"1 hour\"' AS JSON)", "1 hour") \
    X(NULL, BOOLEAN, cast_null, "NULL", "NULL") \
    X(NULL, BIGINT, cast_null, "NULL", "NULL") \
    X(NULL, DOUBLE, cast_null, "NULL", "NULL") \
    X(NULL, DECIMAL, cast_null, "NULL", "NULL") \
    X(NULL, TEXT, cast_null, "NULL", "NULL") \
    X(NULL, BYTES, cast_null, "NULL", "NULL") \
    X(NULL, TIMESTAMP, cast_null, "NULL", "NULL") \
    X(NULL, DATE, cast_null, "NULL", "NULL") \
    X(NULL, TIME, cast_null, "NULL", "NULL") \
    X(NULL, INTERVAL, cast_null, "NULL", "NULL") \
    X(NULL, JSON, cast_null, "NULL", "NULL")

#define CAST_TRY(from, to, kernel, example, example_result) \
    static void try_##from##_##to(wr_call *call) \
    { \
        cast_try(call, kernel); \
    }
CAST_LIST(CAST_TRY)

#define CAST_PAIR(from, to, kernel_, example_, result_) \
    {.name = "cast", \
     .result = WR_TYPE_##to, \
     .args = {WR_TYPE_##from}, \
     .flags = WR_FN_OPERATOR | WR_FN_CAN_FAIL, \
     .kernel = kernel_, \
     .signature = "CAST(" #from " AS " #to ")", \
     .meaning = "The value as another type; an error if it is none.", \
     .example = "CAST(" example_ " AS " #to ")", \
     .example_result = result_}, \
        {.name = "try_cast", \
         .result = WR_TYPE_##to, \
         .args = {WR_TYPE_##from}, \
         .flags = WR_FN_OPERATOR, \
         .kernel = try_##from##_##to, \
         .signature = "TRY_CAST(" #from " AS " #to ")", \
         .meaning = "The value as another type; NULL if it is none.", \
         .example = "TRY_CAST(" example_ " AS " #to ")", \
         .example_result = result_},

static const wr_function cast_entries[] = {CAST_LIST(CAST_PAIR)};

/* The types casts are from; as a pattern, WR_TYPE_NULL would mean "no argument". */
#define CAST_FROM(from, to, kernel, example, result) WR_TYPE_##from,
static const uint8_t cast_from[] = {CAST_LIST(CAST_FROM)};

const wr_function *
wr_function_cast(wr_type_id from, wr_type to, bool try_cast)
{
    for (size_t i = 0; i < sizeof(cast_from); i++) {
        if (cast_from[i] == from && cast_entries[2 * i].result == to.id) {
            return &cast_entries[2 * i + (try_cast ? 1 : 0)];
        }
    }
    return NULL;
}
