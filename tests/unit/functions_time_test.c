/* Functions of time. */
#include "core/time.h"
#include "functions/function.h"
#include "tests/unit/function_tools.h"

static const char domain[] = "error: argument outside the function's domain";
static const char overflow[] = "error: arithmetic overflow";

static void
arithmetic(void **state)
{
    (void)state;
    check("+", "2026-02-28T00:00:00Z", ts("2026-01-31"), span("1 month"));
    check("+", "2026-01-31T01:00:00Z", span("1 hour"), ts("2026-01-31"));
    check("-", "2025-12-31T23:00:00Z", ts("2026-01-01"), span("1 hour"));
    check("-", "1 day 30 minutes", ts("2026-01-02T00:30Z"), ts("2026-01-01"));
    check("-", "-1 day", ts("2026-01-01"), ts("2026-01-02"));
    value end = ts("2026-01-01");
    end.u.bigint = INT64_MAX;
    check("+", overflow, end, span("1 us"));
    check("+", overflow, end, span("1 month"));
    check("-", overflow, end, span("-1 us"));
    check("+", "1 hour 30 minutes", span("1 hour"), span("30 min"));
    check("-", "1 month -1 hour", span("1 month"), span("1 hour"));
    check("*", "1 hour", span("20 min"), big(3));
    check("*", "1 hour", big(3), span("20 min"));
    check("*", "30 minutes", span("1 hour"), real(0.5));
    check("*", "15 days", span("1 month"), real(0.5));
    check("*", overflow, span("1000 years"), big(INT64_MAX));
    check("*", overflow, span("1 hour"), real((double)NAN));
    check("/", "15 minutes", span("1 hour"), real(4));
    check("/", "NULL", span("1 hour"), real(0));
    check("-", "-1 month -1 hour", span("1 month 1 hour"));
}

static void
epochs(void **state)
{
    (void)state;
    check("to_timestamp", "2026-01-01T00:00:00Z", text("2026-01-01 02:00+02"));
    check("to_timestamp", "error: cannot be cast", text("yesterday"));
    check("to_timestamp", "2023-11-14T22:13:20Z", big(1700000000000), text("ms"));
    check("to_timestamp", "2023-11-14T22:13:20Z", big(1700000000), text("s"));
    check("to_timestamp", "2023-11-14T22:13:20.000001Z", big(1700000000000001), text("us"));
    check("to_timestamp", "2023-11-14T22:13:20Z", big(1700000000000000999), text("ns"));
    check("to_timestamp", "1969-12-31T23:59:59.999999Z", big(-1), text("ns"));
    check("to_timestamp", "error: value out of range", big(INT64_MAX), text("s"));
    check("to_timestamp", "2026-01-01T00:00:00.500Z", real(1767225600.5), text("s"));
    check("to_timestamp", "error: value out of range", real(1e300), text("s"));
    check("to_timestamp", "error: value out of range", real((double)NAN), text("ms"));
    check("epoch_s", "-1", ts("1969-12-31T23:59:59.5Z"));
    check("epoch_ms", "1767225600000", ts("2026-01-01"));
    check("epoch_us", "-500000", ts("1969-12-31T23:59:59.5Z"));
    wr_arena *arena = wr_arena_new(0);
    const wr_function *function = find_function("now", NULL, 0);
    wr_vector out;
    wr_vector_init_flat(&out, WR_TYPE(TIMESTAMP), 3, arena);
    wr_call call = {.n = 3, .out = &out, .arena = arena, .now_us = 42};
    function->kernel(&call);
    assert_string_equal(show(&out, 2), "1970-01-01T00:00:00.000042Z");
    wr_arena_free(arena);
}

static void
fields(void **state)
{
    (void)state;
    const value at = ts("2026-05-17T13:05:30.25Z"); /* a Sunday */
    const char *cases[][3] = {
        {"year", "2026", "2026-01-01T00:00:00Z"},
        {"quarter", "2", "2026-04-01T00:00:00Z"},
        {"MONTHS", "5", "2026-05-01T00:00:00Z"},
        {"week", "20", "2026-05-11T00:00:00Z"},
        {"day", "17", "2026-05-17T00:00:00Z"},
        {"hour", "13", "2026-05-17T13:00:00Z"},
        {"minute", "5", "2026-05-17T13:05:00Z"},
        {"second", "30", "2026-05-17T13:05:30Z"},
        {"millisecond", "30250", "2026-05-17T13:05:30.250Z"},
        {"microsecond", "30250000", "2026-05-17T13:05:30.250Z"},
        {"decade", "202", "2020-01-01T00:00:00Z"},
        {"century", "21", "2001-01-01T00:00:00Z"},
        {"millennium", "3", "2001-01-01T00:00:00Z"},
        {"dow", "0", NULL},
        {"isodow", "7", NULL},
        {"doy", "137", NULL},
        {"isoyear", "2026", NULL},
        {"epoch", "1779023130", NULL},
    };
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        check("extract", cases[i][1], text(cases[i][0]), at);
        check("date_part", cases[i][1], text(cases[i][0]), at);
        check("date_trunc", cases[i][2] ? cases[i][2] : domain, text(cases[i][0]), at);
    }
    check("hour", "13", at);
    check("extract", "NULL", null_of(WR_TYPE_TEXT), at);
    check("extract", "53", text("week"), ts("2021-01-03"));
    check("extract", "2020", text("isoyear"), ts("2021-01-03"));
    check("extract", "1", text("week"), ts("2024-12-30"));
    check("extract", "2025", text("isoyear"), ts("2024-12-30"));
    check("date_trunc", "1969-12-29T00:00:00Z", text("week"), ts("1970-01-01"));
    check("date_trunc", "1969-12-31T23:00:00Z", text("hour"), ts("1969-12-31T23:59:59Z"));
}

static void
bins_and_differences(void **state)
{
    (void)state;
    check("date_bin", "2026-01-01T13:05:00Z", span("5 min"), ts("2026-01-01T13:07Z"));
    check("date_bin", "2026-01-01T13:06:00Z", span("5 min"), ts("2026-01-01T13:07Z"),
          ts("2026-01-01T00:01Z"));
    check("date_bin", "1969-12-31T23:55:00Z", span("5 min"), ts("1969-12-31T23:59Z"));
    check("date_bin", domain, span("1 month"), ts("2026-01-01"));
    check("date_bin", domain, span("0 s"), ts("2026-01-01"));
    check("date_add", "2026-01-03T00:00:00Z", text("day"), big(2), ts("2026-01-01"));
    check("date_add", "2026-02-28T00:00:00Z", text("month"), big(1), ts("2026-01-31"));
    check("date_add", "2026-01-02T00:00:00Z", ts("2026-01-01"), span("1 day"));
    check("date_add", domain, text("dow"), big(1), ts("2026-01-01"));
    check("date_diff", "2", text("day"), ts("2026-01-01"), ts("2026-01-03T23:00Z"));
    check("date_diff", "-2", text("day"), ts("2026-01-03T23:00Z"), ts("2026-01-01"));
    check("date_diff", "0", text("month"), ts("2026-01-31"), ts("2026-02-27"));
    check("date_diff", "1", text("month"), ts("2026-01-31"), ts("2026-02-28"));
    check("date_diff", "-1", text("month"), ts("2026-03-15"), ts("2026-02-10"));
    check("date_diff", "1", text("year"), ts("2024-02-29"), ts("2025-03-01"));
    check("date_diff", "90", text("minutes"), ts("2026-01-01"), ts("2026-01-01T01:30:59Z"));
}

static void
patterns(void **state)
{
    (void)state;
    const value at = ts("2026-01-01T13:05:09.25Z");
    const char *cases[][2] = {
        {"%Y-%m-%d %H:%M:%S.%f", "2026-01-01 13:05:09.250000"},
        {"%F %T.%L", "2026-01-01 13:05:09.250"},
        {"%d/%b/%Y:%H:%M:%S.%f %z", "01/Jan/2026:13:05:09.250000 +0000"},
        {"%A, %e. %B %y, %I:%M:%S.%L %p", "Thursday,  1. January 26, 01:05:09.250 PM"},
        {"%s.%f", "1767272709.250000"},
        {"100%% %FT%T.%LZ", "100% 2026-01-01T13:05:09.250Z"},
    };
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        check("format_timestamp", cases[i][1], at, text(cases[i][0]));
        check("parse_timestamp", "2026-01-01T13:05:09.250Z", text(cases[i][1]), text(cases[i][0]));
    }
    check("format_timestamp", "001 13 UTC", at, text("%j %H %Z"));
    check("parse_timestamp", "2026-02-01T00:00:00Z", text("1.2.2026"), text("%d.%m.%Y"));
    check("parse_timestamp", "2025-12-31T22:00:00Z", text("2026-01-01 +02:00"), text("%F %z"));
    check("parse_timestamp", "1970-01-01T00:00:00Z", text("12 AM"), text("%I %p"));
    const char *bad[][2] = {
        {"2026-13-01", "%F"}, {"2026-01-01x", "%F"}, {"2026-01", "%F"}, {"x", "%Y"},
        {"", "%Y"},           {"2026-02-30", "%F"},  {"1 +99", "%d %z"}};
    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
        check("parse_timestamp", "error: cannot be cast", text(bad[i][0]), text(bad[i][1]));
    }
    check("format_timestamp", "NULL", null_of(WR_TYPE_TIMESTAMP), text("%F"));
    const value wrong[] = {ts("2026-01-01"), text("%Q")};
    assert_string_equal(
        call_function(find_function("format_timestamp", wrong, 2), WR_TYPE(TEXT), wrong, 2, 3, 2),
        "prepare fails");
}

/* Constant names of fields and units are checked when the plan is made. */
static void
bad_constants_are_explained(void **state)
{
    (void)state;
    wr_arena *arena = wr_arena_new(0);
    const value args[] = {text("huor"), ts("2026-01-01")};
    wr_vector field = value_vector(args[0], 1, true, arena);
    const wr_vector *known[] = {&field, NULL};
    const void *prepared = NULL;
    wr_error err;
    const wr_function *function = find_function("extract", args, 2);
    assert_int_equal(function->prepare(arena, known, 2, &prepared, &err), WR_ERR_SQL);
    assert_string_equal(err.hint, "did you mean \"hour\"?");
    const value epoch[] = {big(1), text("fortnight")};
    wr_vector unit = value_vector(epoch[1], 1, true, arena);
    const wr_vector *units[] = {NULL, &unit};
    function = find_function("to_timestamp", epoch, 2);
    assert_int_equal(function->prepare(arena, units, 2, &prepared, &err), WR_ERR_SQL);
    wr_arena_free(arena);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(arithmetic),
        cmocka_unit_test(epochs),
        cmocka_unit_test(fields),
        cmocka_unit_test(bins_and_differences),
        cmocka_unit_test(bad_constants_are_explained),
        cmocka_unit_test(patterns),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
