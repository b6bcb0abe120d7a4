/* Arithmetic, comparison, logic, conditions, IN, casts. */
#include "functions/function.h"
#include "tests/unit/function_tools.h"

#define NB null_of(WR_TYPE_BIGINT)
#define NL null_of(WR_TYPE_BOOLEAN)
#define EL error_of(WR_TYPE_BOOLEAN, WR_REASON_CAST)
#define EB error_of(WR_TYPE_BIGINT, WR_REASON_CAST)
#define T boolean(true)
#define F boolean(false)

static const char overflow[] = "error: arithmetic overflow";
static const char cast[] = "error: cannot be cast";

static void
registry(void **state)
{
    (void)state;
    int count = 0;
    const wr_function *const *all = wr_function_all(&count);
    assert_true(count > 50);
    for (int i = 0; i < count; i++) {
        assert_true(all[i]->name && all[i]->kernel && all[i]->signature && all[i]->meaning);
        assert_true(all[i]->example && all[i]->example_result);
        int overloads = 0;
        const wr_function *const *found = wr_function_find(wr_text_from(all[i]->name), &overloads);
        bool there = false;
        for (int j = 0; j < overloads; j++) {
            there = there || found[j] == all[i];
        }
        assert_true(there);
    }
    wr_function_find(WR_TEXT("COALESCE"), &count);
    assert_int_equal(count, 1);
    assert_null(wr_function_find(WR_TEXT("coalesc"), &count));
    assert_int_equal(count, 0);
    wr_aggregate_all(&count);
    assert_true(count > 10);
    assert_non_null(wr_aggregate_find(WR_TEXT("Avg"), &count));
    assert_int_equal(count, 3);
}

static void
arithmetic(void **state)
{
    (void)state;
    check("+", "5", big(2), big(3));
    check("+", overflow, big(INT64_MAX), big(1));
    check("+", overflow, big(INT64_MIN), big(-1));
    check("+", "NULL", NB, big(1));
    check("+", cast, EB, big(1));
    check("-", overflow, big(INT64_MIN), big(1));
    check("-", "-1", big(2), big(3));
    check("*", overflow, big(INT64_MAX), big(2));
    check("*", "-6", big(-2), big(3));
    check("/", "-3", big(-7), big(2));
    check("/", "NULL", big(7), big(0));
    check("/", overflow, big(INT64_MIN), big(-1));
    check("%", "-1", big(-7), big(3));
    check("%", "NULL", big(7), big(0));
    check("%", "0", big(INT64_MIN), big(-1));
    check("-", overflow, big(INT64_MIN));
    check("-", "5", big(-5));
    check("abs", "5", big(-5));
    check("abs", overflow, big(INT64_MIN));
    check("+", "0.75", real(0.5), real(0.25));
    check("/", "Infinity", real(1), real(0));
    check("/", "NaN", real(0), real(0));
    check("%", "1.5", real(7.5), real(2));
    check("-", "-1.5", real(1.5));
}

/* A row that fails is marked, its neighbours are not. */
static void
errors_hit_their_row_only(void **state)
{
    (void)state;
    wr_arena *arena = wr_arena_new(0);
    const value args[] = {big(1), big(1)};
    int64_t a[] = {1, INT64_MAX, 3, INT64_MAX};
    int64_t b[] = {1, 1, 1, 0};
    wr_vector vectors[2] = {{.type = WR_TYPE(BIGINT), .data = a},
                            {.type = WR_TYPE(BIGINT), .data = b}};
    wr_vector out;
    wr_vector_init_flat(&out, WR_TYPE(BIGINT), 4, arena);
    wr_call call = {.n = 4, .arg_count = 2, .args = vectors, .out = &out, .arena = arena};
    find_function("+", args, 2)->kernel(&call);
    assert_string_equal(show(&out, 0), "2");
    assert_string_equal(show(&out, 1), overflow);
    assert_string_equal(show(&out, 2), "4");
    assert_string_equal(show(&out, 3), "9223372036854775807");
    wr_arena_free(arena);
}

static void
comparison(void **state)
{
    (void)state;
    const value pairs[][2] = {{big(1), big(2)},
                              {real(1.5), real(2.5)},
                              {real((double)INFINITY), real((double)NAN)},
                              {F, T},
                              {text("a"), text("b")},
                              {text("server-000989.a"), text("server-000989.b")},
                              {text(""), text("a")},
                              {ts("2026-01-01"), ts("2026-01-02")},
                              {span("29 days"), span("1 month")},
                              {bytes("a"), bytes("b")},
                              {json("1"), json("2")}};
    for (size_t i = 0; i < sizeof(pairs) / sizeof(pairs[0]); i++) {
        value low = pairs[i][0];
        value high = pairs[i][1];
        check("=", "true", low, low);
        check("=", "false", low, high);
        check("<>", "true", low, high);
        check("<>", "false", high, high);
        check("<", "true", low, high);
        check("<", "false", high, low);
        check("<", "false", high, high);
        check("<=", "true", high, high);
        check("<=", "false", high, low);
        check(">", "true", high, low);
        check(">", "false", low, low);
        check(">=", "true", low, low);
        check(">=", "false", low, high);
        check("=", "NULL", low, null_of(low.type));
        check("is distinct from", "true", low, null_of(low.type));
        check("is distinct from", "false", low, low);
        check("is not distinct from", "true", null_of(low.type), null_of(low.type));
        check("between", "true", low, low, high);
        check("=", "NULL", low, null_of(low.type));
    }
    check("=", "true", real(0.0), real(-0.0));
    check("<", "false", real(-0.0), real(0.0));
    check("between", "false", big(0), big(1), NB);
    check("between", "false", big(9), NB, big(5));
    check("between", "NULL", big(3), big(1), NB);
    check("between", "NULL", NB, big(1), big(2));
    check("between", cast, big(3), big(1), EB);
    check("is distinct from", cast, EB, big(1));
}

static void
logic(void **state)
{
    (void)state;
    check("and", "true", T, T);
    check("and", "false", T, F);
    check("and", "NULL", T, NL);
    check("and", "NULL", NL, T);
    check("and", "false", NL, F);
    check("and", "false", F, NL);
    check("and", "false", F, EL);
    check("and", cast, EL, F);
    check("and", cast, T, EL);
    check("and", cast, NL, EL);
    check("and", "false", T, F, EL);
    check("and", "false", T, T, F);
    check("and", "true", T, T, T, T);
    check("or", "true", F, T);
    check("or", "false", F, F);
    check("or", "true", NL, T);
    check("or", "NULL", NL, F);
    check("or", "true", T, EL);
    check("or", cast, EL, T);
    check("or", cast, F, EL);
    check("or", "true", F, F, T);
    check("not", "false", T);
    check("not", "NULL", NL);
    check("not", cast, EL);
    check("is null", "true", NB);
    check("is null", "false", text("x"));
    check("is null", cast, EB);
    check("is not null", "false", NB);
    check("is true", "false", NL);
    check("is not true", "true", NL);
    check("is false", "true", F);
    check("is not false", "true", T);
}

static void
conditions(void **state)
{
    (void)state;
    check("case", "1", T, big(1), T, big(2), big(3));
    check("case", "2", F, big(1), T, big(2), big(3));
    check("case", "3", F, big(1), NL, big(2), big(3));
    check("case", "1", T, big(1), EL, EB, EB);
    check("case", cast, F, big(1), EL, big(2), big(3));
    check("case", "NULL", T, NB, big(3));
    check("case", "a text beyond twelve", F, text("x"), text("a text beyond twelve"));
    check("if", "yes", T, text("yes"), text("no"));
    check("iif", "no", NL, text("yes"), text("no"));
    check("coalesce", "2", NB, big(2), EB);
    check("coalesce", cast, NB, EB, big(2));
    check("coalesce", "NULL", NB, NB);
    check("ifnull", "1", big(1), big(2));
    check("nullif", "NULL", big(1), big(1));
    check("nullif", "1", big(1), NB);
    check("nullif", "NULL", NB, big(1));
    check("greatest", "3", big(1), big(3), NB);
    check("least", "NULL", NB, NB);
    check("least", "1", big(3), big(1), big(2));
    check("greatest", "NaN", real(1), real((double)NAN));
}

static void
in_lists(void **state)
{
    (void)state;
    check("in", "true", big(2), big(1), big(2));
    check("in", "false", big(3), big(1), big(2));
    check("in", "NULL", big(3), big(1), NB);
    check("in", "true", big(1), NB, big(1));
    check("in", "NULL", NB, big(1), big(2));
    check("in", cast, EB, big(1), big(2));
    check("in", "true", big(1), big(1), EB);
    check("in", cast, big(2), big(1), EB);
    check("in", "true", text("server-000989.example"), text("b"), text("server-000989.example"));
    check("in", "true", real(0.0), real(-0.0));
}

static void
casts(void **state)
{
    (void)state;
    wr_type tiny = {.id = WR_TYPE_BIGINT, .bits = 8};
    wr_type small = {.id = WR_TYPE_BIGINT, .bits = 16};
    static const char range[] = "error: value out of range";
    check_cast(big(7), WR_TYPE(DOUBLE), "7", "7");
    check_cast(big(127), tiny, "127", "127");
    check_cast(big(128), tiny, range, "NULL");
    check_cast(big(-129), tiny, range, "NULL");
    check_cast(big(-32768), small, "-32768", "-32768");
    check_cast(big(0), WR_TYPE(BOOLEAN), "false", "false");
    check_cast(T, WR_TYPE(BIGINT), "1", "1");
    check_cast(real(2.5), WR_TYPE(BIGINT), "2", "2");
    check_cast(real(3.5), WR_TYPE(BIGINT), "4", "4");
    check_cast(real(9.3e18), WR_TYPE(BIGINT), range, "NULL");
    check_cast(real((double)NAN), WR_TYPE(BIGINT), range, "NULL");
    check_cast(real(300), tiny, range, "NULL");
    check_cast(real(95.74), WR_TYPE(TEXT), "95.74", "95.74");
    check_cast(real((double)NAN), WR_TYPE(JSON), "null", "null");
    check_cast(text(" 42 "), WR_TYPE(BIGINT), "42", "42");
    check_cast(text("1.5"), WR_TYPE(BIGINT), cast, "NULL");
    check_cast(text("300"), tiny, range, "NULL");
    check_cast(text("1e3"), WR_TYPE(DOUBLE), "1000", "1000");
    check_cast(text("x"), WR_TYPE(DOUBLE), cast, "NULL");
    check_cast(text("YES"), WR_TYPE(BOOLEAN), "true", "true");
    check_cast(text("maybe"), WR_TYPE(BOOLEAN), cast, "NULL");
    check_cast(text("2026-01-01 01:00+01"), WR_TYPE(TIMESTAMP), "2026-01-01T00:00:00Z",
               "2026-01-01T00:00:00Z");
    check_cast(text("90 min"), WR_TYPE(INTERVAL), "1 hour 30 minutes", "1 hour 30 minutes");
    check_cast(text("{\"a\": [1]}"), WR_TYPE(JSON), "{\"a\": [1]}", "{\"a\": [1]}");
    check_cast(text("{\"a\": [1}"), WR_TYPE(JSON), cast, "NULL");
    check_cast(bytes("caf\xC3\xA9"), WR_TYPE(TEXT), "caf\xC3\xA9", "caf\xC3\xA9");
    check_cast(bytes("\xFF"), WR_TYPE(TEXT), "error: invalid UTF-8", "NULL");
    check_cast(ts("2026-01-01"), WR_TYPE(TEXT), "2026-01-01T00:00:00Z", "2026-01-01T00:00:00Z");
    check_cast(ts("2026-01-01"), WR_TYPE(JSON), "\"2026-01-01T00:00:00Z\"",
               "\"2026-01-01T00:00:00Z\"");
    check_cast(span("90 s"), WR_TYPE(TEXT), "1 minute 30 seconds", "1 minute 30 seconds");
    check_cast(json("7"), WR_TYPE(BIGINT), "7", "7");
    check_cast(json("7.0"), WR_TYPE(BIGINT), "7", "7");
    check_cast(json("7.5"), WR_TYPE(BIGINT), cast, "NULL");
    check_cast(json("\"7\""), WR_TYPE(BIGINT), "error: value of another type", "NULL");
    check_cast(json(" null "), WR_TYPE(BIGINT), "NULL", "NULL");
    check_cast(json("1.5"), WR_TYPE(DOUBLE), "1.5", "1.5");
    check_cast(json("\"a\\n\\u00e9\\ud83d\\ude00\""), WR_TYPE(TEXT), "a\n\xC3\xA9\xF0\x9F\x98\x80",
               "a\n\xC3\xA9\xF0\x9F\x98\x80");
    check_cast(json("[1, 2]"), WR_TYPE(TEXT), "[1, 2]", "[1, 2]");
    check_cast(json("true"), WR_TYPE(BOOLEAN), "true", "true");
    check_cast(json("\"2026-01-01\""), WR_TYPE(TIMESTAMP), "2026-01-01T00:00:00Z",
               "2026-01-01T00:00:00Z");
    check_cast(EB, WR_TYPE(TEXT), cast, cast);
    check_cast(NB, WR_TYPE(TEXT), "NULL", "NULL");
    check_cast(null_of(WR_TYPE_NULL), WR_TYPE(TEXT), "NULL", "NULL");
    assert_null(wr_function_cast(WR_TYPE_BIGINT, WR_TYPE(TIMESTAMP), false));
    assert_null(wr_function_cast(WR_TYPE_DECIMAL, WR_TYPE(TIMESTAMP), true));
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(registry),   cmocka_unit_test(arithmetic),
        cmocka_unit_test(comparison), cmocka_unit_test(logic),
        cmocka_unit_test(conditions), cmocka_unit_test(in_lists),
        cmocka_unit_test(casts),      cmocka_unit_test(errors_hit_their_row_only),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
