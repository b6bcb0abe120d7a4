/* Aggregates: update in every shape of batch, combine, save and load, DISTINCT. */
#include "core/vector.h"
#include "functions/function.h"
#include "tests/unit/function_tools.h"

enum { ROWS_MAX = 16 };

static const wr_aggregate *
find_aggregate(const char *name, const value *rows)
{
    int overloads = 0;
    const wr_aggregate *const *entries = wr_aggregate_find(wr_text_from(name), &overloads);
    for (int i = 0; i < overloads; i++) {
        int pattern = entries[i]->args[0];
        if (!rows
                ? entries[i]->counts_rows
                : pattern == WR_ARG_ANY || pattern == WR_ARG_SAME || pattern == (int)rows[0].type) {
            return entries[i];
        }
    }
    fail_msg("no aggregate %s", name);
    return NULL;
}

static wr_vector
rows_vector(const value *rows, int count, wr_arena *arena)
{
    wr_vector vector;
    wr_vector_init_flat(&vector, (wr_type){.id = rows[0].type}, count, arena);
    int width = wr_type_width(rows[0].type);
    for (int i = 0; i < count; i++) {
        memcpy((char *)vector.data + i * width, &rows[i].u, (size_t)width);
        if (rows[i].is_null) {
            wr_vector_set_null(&vector, i, count, arena);
        }
    }
    return vector;
}

static const char *
finalize(const wr_aggregate *aggregate, const void *state, wr_type_id argument, wr_arena *arena)
{
    wr_vector out;
    wr_type_id type =
        aggregate->result == WR_RESULT_SAME ? argument : (wr_type_id)aggregate->result;
    wr_vector_init_flat(&out, (wr_type){.id = type}, 1, arena);
    aggregate->finalize(state, &(uint32_t){0}, 1, &out, arena);
    return show(&out, 0);
}

/* The state by way of its bytes; of these no shorter ones are a state. */
static char *
save_and_load(const wr_aggregate *aggregate, void *state, const wr_type *args, wr_arena *arena)
{
    wr_buffer saved;
    wr_buffer_init(&saved);
    wr_aggregate_states call = {.states = state,
                                .state_bytes = aggregate->state_bytes,
                                .groups = &(uint32_t){0},
                                .n = 1,
                                .args = args,
                                .memory = arena};
    wr_aggregate_save(aggregate, &call, &saved);
    wr_error err;
    for (size_t size = 0; size < saved.size; size++) {
        wr_text bytes = {saved.data, size};
        call.states = wr_arena_zalloc(arena, aggregate->state_bytes);
        assert_int_equal(wr_aggregate_load(aggregate, &call, &bytes, &err), WR_ERR_STATE);
    }
    char *loaded = wr_arena_alloc(arena, aggregate->state_bytes);
    memset(loaded, 0xA5, aggregate->state_bytes);
    call.states = loaded;
    wr_text bytes = {saved.data, saved.size};
    assert_int_equal(wr_aggregate_load(aggregate, &call, &bytes, &err), WR_OK);
    assert_int_equal(bytes.size, 0);
    memset(saved.data, 0x5A, saved.size);
    wr_buffer_fini(&saved);
    return loaded;
}

static void
check_states(const wr_aggregate *aggregate, const value *rows, int count, const char *wanted)
{
    wr_arena *arena = wr_arena_new(0);
    size_t size = aggregate->state_bytes;
    assert_int_equal(size % 8, 0);
    wr_vector vector = {.kind = WR_FLAT};
    if (count > 0) {
        vector = rows_vector(rows, count, arena);
    }
    wr_type_id type = rows ? rows[0].type : WR_TYPE_NULL;
    wr_aggregate_call call = {.states = wr_arena_zalloc(arena, size),
                              .n = count,
                              .arg_count = 1,
                              .args = &vector,
                              .memory = arena};
    aggregate->update(&call);
    assert_string_equal(finalize(aggregate, call.states, type, arena), wanted);

    /* Each row in a group of its own; then all combined, backwards; saved and loaded on the way. */
    uint32_t groups[ROWS_MAX];
    uint16_t order[ROWS_MAX];
    for (int i = 0; i < count; i++) {
        groups[i] = (uint32_t)i;
        order[i] = (uint16_t)(count - 1 - i);
    }
    char *states = wr_arena_zalloc(arena, size * ROWS_MAX);
    call.states = states;
    call.groups = groups;
    call.rows = order;
    aggregate->update(&call);
    char *total = wr_arena_zalloc(arena, size);
    for (int i = 0; i < count; i++) {
        char *loaded = save_and_load(aggregate, states + (size_t)i * size, &vector.type, arena);
        aggregate->combine(total, &(uint32_t){0}, loaded, 1, arena);
    }
    assert_string_equal(finalize(aggregate, total, type, arena), wanted);

    /* All rows as a dense batch into group 3. */
    memset(states, 0, size * ROWS_MAX);
    call.rows = NULL;
    for (int i = 0; i < count; i++) {
        groups[i] = 3;
    }
    aggregate->update(&call);
    assert_string_equal(finalize(aggregate, states + 3 * size, type, arena), wanted);
    wr_arena_free(arena);
}

#define COUNT(...) (int)(sizeof((const value[]){__VA_ARGS__}) / sizeof(value))
#define check_aggregate(name, wanted, ...) \
    check_states(find_aggregate(name, (const value[]){__VA_ARGS__}), (const value[]){__VA_ARGS__}, \
                 COUNT(__VA_ARGS__), wanted)
#define check_distinct(name, wanted, ...) \
    check_states(wr_aggregate_distinct(find_aggregate(name, (const value[]){__VA_ARGS__}), \
                                       (wr_type){.id = ((const value[]){__VA_ARGS__})[0].type}), \
                 (const value[]){__VA_ARGS__}, COUNT(__VA_ARGS__), wanted)

#define NB null_of(WR_TYPE_BIGINT)
#define ND null_of(WR_TYPE_DOUBLE)

static void
counts(void **state)
{
    (void)state;
    check_aggregate("count", "2", big(1), NB, big(3));
    check_aggregate("count", "0", NB);
    check_aggregate("count", "1", text("x"));
    check_states(find_aggregate("count", NULL), (const value[]){big(1), NB, big(3)}, 3, "3");
    check_states(find_aggregate("count", NULL), NULL, 0, "0");
}

static void
sums(void **state)
{
    (void)state;
    check_aggregate("sum", "4", big(1), NB, big(3));
    check_aggregate("sum", "NULL", NB);
    check_aggregate("sum", "error: arithmetic overflow", big(INT64_MAX), big(1));
    check_aggregate("sum", "9223372036854775807", big(INT64_MAX), big(1), big(-1));
    check_aggregate("sum", "0.6", real(0.1), real(0.2), real(0.3));
    check_aggregate("sum", "2", real(1e300), real(2), real(-1e300), ND);
    check_aggregate("sum", "NaN", real((double)INFINITY), real(-(double)INFINITY));
    check_aggregate("sum", "NULL", ND, ND);
    check_aggregate("avg", "2.5", big(1), NB, big(4));
    check_aggregate("avg", "9.223372036854776e+18", big(INT64_MAX), big(INT64_MAX));
    check_aggregate("avg", "0.19999999999999998", real(0.1), real(0.2), real(0.3));
    check_aggregate("avg", "NULL", ND);
}

static void
extremes(void **state)
{
    (void)state;
    check_aggregate("min", "-1", big(3), NB, big(-1));
    check_aggregate("max", "3", big(3), NB, big(-1));
    check_aggregate("max", "NaN", real(3), real((double)NAN));
    check_aggregate("min", "3", real((double)NAN), real(3));
    check_aggregate("min", "NULL", ND);
    check_aggregate("min", "false", boolean(true), boolean(false));
    check_aggregate("max", "true", boolean(true), boolean(false));
    check_aggregate("min", "a", text("b"), text("a"), null_of(WR_TYPE_TEXT));
    check_aggregate("max", "server-000989.example", text("server-000989.exam"),
                    text("server-000989.example"), text("abc"));
    check_aggregate("max", "2026-01-02T00:00:00Z", ts("2026-01-01"), ts("2026-01-02"));
    check_aggregate("min", "29 days", span("1 month"), span("29 days"));
}

static void
booleans_and_variances(void **state)
{
    (void)state;
    check_aggregate("bool_and", "false", boolean(true), boolean(false));
    check_aggregate("bool_and", "true", boolean(true), null_of(WR_TYPE_BOOLEAN));
    check_aggregate("bool_or", "true", boolean(true), boolean(false));
    check_aggregate("bool_or", "NULL", null_of(WR_TYPE_BOOLEAN));
    check_aggregate("var_samp", "2", real(1), real(3), ND);
    check_aggregate("var_pop", "1", real(1), real(3));
    check_aggregate("var_samp", "NULL", real(1));
    check_aggregate("var_pop", "0", real(0.1), real(0.1), real(0.1));
    check_aggregate("stddev_samp", "1.4142135623730951", real(1), real(3));
    check_aggregate("var_samp", "1", real(1e15), real(1e15 + 1), real(1e15 + 2));
    check_aggregate("var_pop", "NaN", real((double)NAN), real(1));
}

static void
picks(void **state)
{
    (void)state;
    wr_arena *arena = wr_arena_new(0);
    const char *wanted[][2] = {{"first", "b"},
                               {"last", "server-000989"},
                               {"any_value", "b"},
                               {"min_by", "c"},
                               {"max_by", "b"}};
    const value rows[] = {text("a"), text("b"), text("c"), text("server-000989")};
    const value keys[] = {NB, big(2), big(1), big(2)};
    const int64_t times[] = {9, 1, 2, 3};
    const wr_origins origins = {.partition = 0, .offset = 0};
    wr_vector args[2] = {rows_vector(rows, 4, arena), rows_vector(keys, 4, arena)};
    wr_vector_set_null(&args[0], 0, 4, arena);
    for (int i = 0; i < 5; i++) {
        const wr_aggregate *aggregate = find_aggregate(wanted[i][0], rows);
        char *states = wr_arena_zalloc(arena, aggregate->state_bytes * 4);
        const uint32_t groups[] = {0, 1, 2, 3};
        wr_aggregate_call call = {.states = states,
                                  .groups = groups,
                                  .n = 4,
                                  .arg_count = 2,
                                  .args = args,
                                  .event_time_us = times,
                                  .origins = &origins,
                                  .memory = arena};
        aggregate->update(&call);
        for (int from = 1; from < 4; from++) {
            aggregate->combine(states, NULL, states + (size_t)from * aggregate->state_bytes, 1,
                               arena);
        }
        const char *shown = finalize(aggregate, states, WR_TYPE_TEXT, arena);
        assert_string_equal(shown, wanted[i][1]);
        const wr_type types[2] = {args[0].type, args[1].type};
        char *loaded = save_and_load(aggregate, states, types, arena);
        assert_string_equal(finalize(aggregate, loaded, WR_TYPE_TEXT, arena), shown);
    }
    check_aggregate("first", "NULL", NB);
    wr_arena_free(arena);
}

static void
distinct(void **state)
{
    (void)state;
    check_distinct("count", "2", big(1), big(2), big(1), NB);
    check_distinct("count", "0", NB);
    check_distinct("sum", "3", big(2), big(1), big(2));
    check_distinct("sum", "0.6", real(0.1), real(0.2), real(0.2), real(0.3), real(0.1));
    check_distinct("avg", "1.5", big(2), big(1), big(2));
    check_distinct("count", "2", text("server-000989.a"), text("b"), text("server-000989.a"));
    check_distinct("min", "a", text("b"), text("a"), text("b"));
    check_distinct("count", "1", real(0.0), real(-0.0));
}

static void
distinct_of_many(void **state)
{
    (void)state;
    wr_arena *arena = wr_arena_new(0);
    const value first = big(0);
    const wr_aggregate *sum = wr_aggregate_distinct(find_aggregate("sum", &first), WR_TYPE(BIGINT));
    assert_ptr_equal(sum, wr_aggregate_distinct(find_aggregate("sum", &first), WR_TYPE(BIGINT)));
    char *total = wr_arena_zalloc(arena, sum->state_bytes);
    for (int batch = 0; batch < 20; batch++) {
        int64_t values[1000];
        for (int i = 0; i < 1000; i++) {
            values[i] = (i * 7919 + batch * 31) % 5000;
        }
        wr_vector vector = {.type = WR_TYPE(BIGINT), .data = values};
        wr_aggregate_call call = {
            .states = total, .n = 1000, .arg_count = 1, .args = &vector, .memory = arena};
        sum->update(&call);
    }
    bool seen[5000] = {false};
    int64_t wanted = 0;
    for (int batch = 0; batch < 20; batch++) {
        for (int i = 0; i < 1000; i++) {
            int x = (i * 7919 + batch * 31) % 5000;
            wanted += seen[x] ? 0 : x;
            seen[x] = true;
        }
    }
    char shown[32];
    snprintf(shown, sizeof(shown), "%lld", (long long)wanted);
    assert_string_equal(finalize(sum, total, WR_TYPE_BIGINT, arena), shown);
    wr_arena_free(arena);
}

/* States that point to what they keep: each row in a state of its own, saved, loaded, combined; of
 * what was saved nothing shorter is a state. */
static void
kept_values(void **state)
{
    (void)state;
    check_aggregate("median", "2.5", real(4), real(1), ND, real(2), real(3));
    check_aggregate("median", "NULL", ND);
    check_aggregate("mode", "1", big(3), big(1), NB, big(1));
    check_aggregate("mode", "a text beyond twelve", text("x"), text("a text beyond twelve"),
                    text("a text beyond twelve"));
    check_aggregate("histogram", "{\"1\": 2, \"3\": 1}", big(3), big(1), big(1));
    check_aggregate("approx_count_distinct", "2", text("a"), text("a text beyond twelve"),
                    text("a"));
    check_aggregate("bit_and", "8", big(12), big(10), NB);
    check_aggregate("bit_xor", "6", big(12), big(10));
    check_aggregate("count_if", "1", boolean(true), boolean(false));
    check_aggregate("skewness", "0", real(1), real(2), real(3));
    check_aggregate("skewness", "NULL", real(1), real(1), real(1));
    check_aggregate("geometric_mean", "1", real(1), real(1));
    check_aggregate("json_agg", "[7, 7]", big(7), big(7));
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(kept_values),
        cmocka_unit_test(counts),
        cmocka_unit_test(sums),
        cmocka_unit_test(extremes),
        cmocka_unit_test(distinct),
        cmocka_unit_test(distinct_of_many),
        cmocka_unit_test(booleans_and_variances),
        cmocka_unit_test(picks),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
