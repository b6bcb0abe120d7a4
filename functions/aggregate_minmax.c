/* min(x) and max(x), of every type that has an order.
 *
 *   text states hold a view whose bytes are copied into the states' arena when they are long
 *
 * 1. NULLs are passed over; of no values the result is NULL.
 * 2. NaN is greater than every number; a minimum is NaN only if every value is. */
#include "functions/aggregate.h"

#include "core/int128.h"
#include "core/time.h"

typedef struct extreme_word {
    int64_t value; /* bits of a double, an integer, a boolean */
    int64_t count;
} extreme_word;

typedef struct extreme_pair {
    union {
        wr_view view;
        wr_interval interval;
        wr_int128_unaligned decimal;
    } value;
    int64_t count;
} extreme_pair;

static inline bool
bigint_less(int64_t a, int64_t b)
{
    return a < b;
}

static inline bool
double_less(double a, double b)
{
    return (a < b) | ((a == a) & (b != b));
}

/* Keeps `value` if it comes before what is there, or is the first. */
#define EXTREME_STEP(state, candidate, c_type, before) \
    do { \
        c_type value_ = (candidate); \
        c_type best_; \
        memcpy(&best_, &(state)->value, sizeof(best_)); \
        if ((state)->count == 0 || before(value_, best_)) { \
            memcpy(&(state)->value, &value_, sizeof(value_)); \
        } \
        (state)->count++; \
    } while (0)

static inline bool
decimal_less(wr_int128 a, wr_int128 b)
{
    return a < b;
}

static inline bool
bigint_greater(int64_t a, int64_t b)
{
    return b < a;
}

static inline bool
decimal_greater(wr_int128 a, wr_int128 b)
{
    return b < a;
}

static inline bool
double_greater(double a, double b)
{
    return double_less(b, a);
}

#define EXTREME_FUNCTIONS(name, state_type, c_type, before) \
    static inline void name##_step(state_type *state, c_type value) \
    { \
        EXTREME_STEP(state, value, c_type, before); \
    } \
    static void name##_update(const wr_aggregate_call *call) \
    { \
        WR_AGGREGATE_LOOP(call, state_type, c_type, name##_step); \
    } \
    static inline void name##_combine_one(void *into, const void *from, wr_arena *memory) \
    { \
        (void)memory; \
        const state_type *other = from; \
        state_type *state = into; \
        if (other->count > 0) { \
            c_type value; \
            memcpy(&value, &other->value, sizeof(value)); \
            EXTREME_STEP(state, value, c_type, before); \
            state->count += other->count - 1; \
        } \
    } \
    WR_AGGREGATE_COMBINE(name##_combine, state_type)

EXTREME_FUNCTIONS(min_bigint, extreme_word, int64_t, bigint_less)
EXTREME_FUNCTIONS(max_bigint, extreme_word, int64_t, bigint_greater)
EXTREME_FUNCTIONS(min_double, extreme_word, double, double_less)
EXTREME_FUNCTIONS(max_double, extreme_word, double, double_greater)
EXTREME_FUNCTIONS(min_boolean, extreme_word, uint8_t, bigint_less)
EXTREME_FUNCTIONS(max_boolean, extreme_word, uint8_t, bigint_greater)
EXTREME_FUNCTIONS(min_date, extreme_word, int32_t, bigint_less)
EXTREME_FUNCTIONS(max_date, extreme_word, int32_t, bigint_greater)
EXTREME_FUNCTIONS(min_decimal, extreme_pair, wr_int128, decimal_less)
EXTREME_FUNCTIONS(max_decimal, extreme_pair, wr_int128, decimal_greater)

static inline void
word_finalize_one(const void *state, wr_vector *out, int row, int row_count, wr_arena *arena)
{
    const extreme_word *word = state;
    memcpy(wr_vector_element(out, row), &word->value, (size_t)wr_type_width(out->type.id));
    if (word->count == 0) {
        wr_vector_set_null(out, row, row_count, arena);
    }
}

WR_AGGREGATE_FINALIZE(word_finalize, extreme_word)

/* ── intervals ──────────────────────────────────────────────────────────────────────────────── */

static void
interval_keep(extreme_pair *state, wr_interval value, int sign)
{
    if (state->count == 0 || wr_interval_compare(value, state->value.interval) * sign > 0) {
        state->value.interval = value;
    }
    state->count++;
}

/* ── views: TEXT, BYTES, JSON ───────────────────────────────────────────────────────────────── */

/* The bytes of a replaced value stay in the arena until it ends: a running extreme of n random
 * values is replaced only about ln n times. */
static void
view_keep(extreme_pair *state, const wr_view *value, int sign, wr_arena *memory)
{
    if (state->count == 0 || wr_view_compare(value, &state->value.view) * sign > 0) {
        state->value.view = wr_view_copy(memory, value);
    }
    state->count++;
}

#define EXTREME_PAIR_FUNCTIONS(name, sign) \
    static void name##_view_update(const wr_aggregate_call *call) \
    { \
        wr_arena *memory = call->memory; \
        WR_AGGREGATE_LOOP(call, extreme_pair, wr_view, name##_VIEW_STEP); \
    } \
    static inline void name##_view_combine_one(void *into, const void *from, wr_arena *memory) \
    { \
        const extreme_pair *other = from; \
        if (other->count > 0) { \
            view_keep(into, &other->value.view, sign, memory); \
            ((extreme_pair *)into)->count += other->count - 1; \
        } \
    } \
    WR_AGGREGATE_COMBINE(name##_view_combine, extreme_pair) \
    static void name##_interval_update(const wr_aggregate_call *call) \
    { \
        WR_AGGREGATE_LOOP(call, extreme_pair, wr_interval, name##_INTERVAL_STEP); \
    } \
    static inline void name##_interval_combine_one(void *into, const void *from, wr_arena *memory) \
    { \
        (void)memory; \
        const extreme_pair *other = from; \
        if (other->count > 0) { \
            interval_keep(into, other->value.interval, sign); \
            ((extreme_pair *)into)->count += other->count - 1; \
        } \
    } \
    WR_AGGREGATE_COMBINE(name##_interval_combine, extreme_pair)

#define min_VIEW_STEP(state, value) view_keep(state, &(value), -1, memory)
#define max_VIEW_STEP(state, value) view_keep(state, &(value), 1, memory)
#define min_INTERVAL_STEP(state, value) interval_keep(state, value, -1)
#define max_INTERVAL_STEP(state, value) interval_keep(state, value, 1)
EXTREME_PAIR_FUNCTIONS(min, -1)
EXTREME_PAIR_FUNCTIONS(max, 1)

/* Intervals and decimals. */
static inline void
pair_finalize_one(const void *state, wr_vector *out, int row, int row_count, wr_arena *arena)
{
    const extreme_pair *pair = state;
    memcpy(wr_vector_element(out, row), &pair->value, sizeof(pair->value));
    if (pair->count == 0) {
        wr_vector_set_null(out, row, row_count, arena);
    }
}

WR_AGGREGATE_FINALIZE(pair_finalize, extreme_pair)

static inline void
view_finalize_one(const void *state, wr_vector *out, int row, int row_count, wr_arena *arena)
{
    const extreme_pair *pair = state;
    ((wr_view *)out->data)[row] = wr_view_copy(arena, &pair->value.view);
    if (pair->count == 0) {
        wr_vector_set_null(out, row, row_count, arena);
    }
}

WR_AGGREGATE_FINALIZE(view_finalize, extreme_pair)

enum { EXTREME_COUNT_WORD = offsetof(extreme_pair, count) / sizeof(uint64_t) };

static void
view_save(const wr_aggregate_states *call, wr_buffer *out)
{
    wr_aggregate_save_words(call, EXTREME_COUNT_WORD, 1, out);
    wr_aggregate_save_views(call, offsetof(extreme_pair, value), out);
}

static wr_status
view_load(const wr_aggregate_states *call, wr_text *bytes, wr_error *err)
{
    WR_TRY(wr_aggregate_load_words(call, EXTREME_COUNT_WORD, 1, bytes, err));
    return wr_aggregate_load_views(call, offsetof(extreme_pair, value), bytes, err);
}

/* Words and pairs of them are their own bytes. */
#define word_save NULL
#define word_load NULL
#define pair_save NULL
#define pair_load NULL

/* DECIMAL(p,s) of DECIMAL(p,s). */
static wr_type
digits_of(const wr_type *args)
{
    return args[0];
}

#define EXTREME_ENTRY(name_, type_, state_, update_, combine_, kind, digits_, meaning_, example_, \
                      result_) \
    { \
        .name = name_, .result = WR_TYPE_##type_, .args = {WR_TYPE_##type_}, \
        .state_bytes = sizeof(state_), .update = update_, .combine = combine_, \
        .finalize = kind##_finalize, .save = kind##_save, .load = kind##_load, \
        .result_type = digits_, .signature = name_ "(x)", .meaning = meaning_, \
        .example = example_, .example_result = result_ \
    }

#define EXTREME_WORDS(name, type, prefix, values, result) \
    EXTREME_ENTRY(#name, type, extreme_word, name##_##prefix##_update, name##_##prefix##_combine, \
                  word, NULL, "The " #name "imum of the values.", #name "(x) over " values, \
                  result)
#define EXTREME_VIEWS(name, type, values, result) \
    EXTREME_ENTRY(#name, type, extreme_pair, name##_view_update, name##_view_combine, view, NULL, \
                  "The " #name "imum by bytes.", #name "(x) over " values, result)
#define EXTREME_INTERVALS(name, values, result) \
    EXTREME_ENTRY(#name, INTERVAL, extreme_pair, name##_interval_update, name##_interval_combine, \
                  pair, NULL, "The " #name "imum of the values.", #name "(x) over " values, \
                  result)
#define EXTREME_DECIMALS(name, values, result) \
    EXTREME_ENTRY(#name, DECIMAL, extreme_pair, name##_decimal_update, name##_decimal_combine, \
                  pair, digits_of, "The " #name "imum of the values.", #name "(x) over " values, \
                  result)

#define EXTREME_INSTANTS "TIMESTAMP '2026-01-01', TIMESTAMP '2026-01-02'"
#define EXTREME_SPANS "INTERVAL '1 hour', INTERVAL '1 month'"

static const wr_aggregate minmax_entries[] = {
    EXTREME_WORDS(min, BIGINT, bigint, "3, 1, NULL", "1"),
    EXTREME_WORDS(min, DOUBLE, double, "2.5, 1.5", "1.5"),
    EXTREME_WORDS(min, TIMESTAMP, bigint, EXTREME_INSTANTS, "2026-01-01T00:00:00Z"),
    EXTREME_WORDS(min, BOOLEAN, boolean, "true, false", "false"),
    EXTREME_VIEWS(min, TEXT, "'b', 'a'", "a"),
    EXTREME_VIEWS(min, BYTES, "CAST('b' AS BYTES), CAST('a' AS BYTES)", "\\x61"),
    EXTREME_VIEWS(min, JSON, "CAST('2' AS JSON), CAST('1' AS JSON)", "1"),
    EXTREME_WORDS(min, DATE, date, "DATE '2026-01-02', DATE '2026-01-01'", "2026-01-01"),
    EXTREME_WORDS(min, TIME, bigint, "TIME '13:05', TIME '12:00'", "12:00:00"),
    EXTREME_INTERVALS(min, EXTREME_SPANS, "1 hour"),
    EXTREME_DECIMALS(min, "DECIMAL '2.25', DECIMAL '1.50'", "1.50"),
    EXTREME_WORDS(max, BIGINT, bigint, "3, 1, NULL", "3"),
    EXTREME_WORDS(max, DOUBLE, double, "2.5, 1.5", "2.5"),
    EXTREME_WORDS(max, TIMESTAMP, bigint, EXTREME_INSTANTS, "2026-01-02T00:00:00Z"),
    EXTREME_WORDS(max, BOOLEAN, boolean, "true, false", "true"),
    EXTREME_VIEWS(max, TEXT, "'b', 'a'", "b"),
    EXTREME_VIEWS(max, BYTES, "CAST('b' AS BYTES), CAST('a' AS BYTES)", "\\x62"),
    EXTREME_VIEWS(max, JSON, "CAST('2' AS JSON), CAST('1' AS JSON)", "2"),
    EXTREME_WORDS(max, DATE, date, "DATE '2026-01-02', DATE '2026-01-01'", "2026-01-02"),
    EXTREME_WORDS(max, TIME, bigint, "TIME '13:05', TIME '12:00'", "13:05:00"),
    EXTREME_INTERVALS(max, EXTREME_SPANS, "1 month"),
    EXTREME_DECIMALS(max, "DECIMAL '2.25', DECIMAL '1.50'", "2.25"),
};

const wr_aggregate_table wr_aggregates_minmax = WR_TABLE(minmax_entries);
