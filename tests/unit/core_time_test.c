/* Instants, civil dates, intervals, sizes, clocks. */
#include "core/time.h"
#include "tests/lib/random.h"

#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

static void
parse_and_print(void **state)
{
    (void)state;
    const char *cases[][2] = {
        {"1970-01-01", "1970-01-01T00:00:00Z"},
        {"2026-01-01T00:05:00Z", "2026-01-01T00:05:00Z"},
        {"2026-01-01 00:05", "2026-01-01T00:05:00Z"},
        {"2026-01-01t00:05z", "2026-01-01T00:05:00Z"},
        {"2026-01-01T00:05:30.1Z", "2026-01-01T00:05:30.100Z"},
        {"2026-01-01T00:05:30,25", "2026-01-01T00:05:30.250Z"},
        {"2026-01-01T00:05:30.123456789Z", "2026-01-01T00:05:30.123456Z"},
        {"2026-01-01T00:00:00.000001Z", "2026-01-01T00:00:00.000001Z"},
        {"2026-01-01T02:00:00+02:00", "2026-01-01T00:00:00Z"},
        {"2026-01-01T02:00:00+0200", "2026-01-01T00:00:00Z"},
        {"2026-01-01T02:00:00+02", "2026-01-01T00:00:00Z"},
        {"2025-12-31 18:30:00 -05:30", "2026-01-01T00:00:00Z"},
        {"2024-02-29T12:00Z", "2024-02-29T12:00:00Z"},
        {"2000-02-29", "2000-02-29T00:00:00Z"},
        {"2026-12-31T24:00:00", "2027-01-01T00:00:00Z"},
        {"0001-01-01T00:00:00Z", "0001-01-01T00:00:00Z"},
        {"9999-12-31T23:59:59.999999Z", "9999-12-31T23:59:59.999999Z"},
        {"1969-12-31T23:59:59.999999Z", "1969-12-31T23:59:59.999999Z"},
    };
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        int64_t us = 0;
        assert_true(wr_time_parse(wr_text_from(cases[i][0]), &us));
        char out[WR_TIME_TEXT_MAX + 1];
        out[wr_time_print(us, out)] = '\0';
        assert_string_equal(out, cases[i][1]);
    }
}

static void
parse_refuses(void **state)
{
    (void)state;
    const char *bad[] = {"",
                         "2026",
                         "2026-01",
                         "2026-1-1",
                         "2026-13-01",
                         "2026-00-01",
                         "2026-01-32",
                         "2026-01-00",
                         "2023-02-29",
                         "1900-02-29",
                         "2026-04-31",
                         "0000-01-01",
                         "-2026-01-01",
                         "10000-01-01",
                         "2026-01-01T",
                         "2026-01-01T00",
                         "2026-01-01T24:00:01",
                         "2026-01-01T25:00",
                         "2026-01-01x",
                         "2026-01-01T00:60",
                         "2026-01-01T00:00:60",
                         "2026-01-01T00:00:00.",
                         "2026-01-01T00:00:00 ",
                         "2026-01-01T00:00:00.1234567890",
                         "2026-01-01T00:00:00+",
                         "2026-01-01T00:00:00+2",
                         "2026-01-01T00:00:00+19:00",
                         "2026-01-01T00:00:00+02:60",
                         "2026-01-01T00:00:00+02:0",
                         "2026-01-01T00:00:00ZZ",
                         " 2026-01-01",
                         "2026/01/01",
                         "garbage",
                         "2026-01-01Z",
                         "2026-01-01T-1:00",
                         "2026-01-01T00:00:-1"};
    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
        int64_t us = 0;
        assert_false(wr_time_parse(wr_text_from(bad[i]), &us));
    }
}

static void
civil_round_trip(void **state)
{
    (void)state;
    random_seed(2463534242u);
    const int64_t edges[] = {INT64_MIN, INT64_MIN + 1, INT64_MAX, 0, -1, 1, -WR_US_PER_DAY};
    for (int i = 0; i < 300000; i++) {
        int64_t us = i < 7 ? edges[i] : (int64_t)random_next() >> (i % 12);
        wr_civil civil = wr_civil_from_us(us);
        int64_t back = 0;
        assert_true(wr_civil_to_us(&civil, &back));
        assert_true(back == us);
    }
}

/* Every day of years 1..9999 follows the one before it, and its text parses to it. */
static void
calendar_has_no_gaps(void **state)
{
    (void)state;
    int64_t us = 0;
    assert_true(wr_time_parse(WR_TEXT("0001-01-01"), &us));
    for (int year = 1; year <= 9999; year++) {
        for (int month = 1; month <= 12; month++) {
            for (int day = 1; day <= wr_civil_month_days(year, month); day += 9) {
                wr_civil civil = wr_civil_from_us(us + (day - 1) * WR_US_PER_DAY);
                assert_true(civil.year == year && civil.month == month && civil.day == day);
            }
            us += wr_civil_month_days(year, month) * WR_US_PER_DAY;
        }
        char out[WR_TIME_TEXT_MAX];
        int64_t back = 0;
        if (year < 9999) {
            assert_true(wr_time_parse((wr_text){out, wr_time_print(us, out)}, &back));
            assert_true(back == us);
        }
    }
}

static void
civil_refuses_overflow(void **state)
{
    (void)state;
    wr_civil civil = wr_civil_from_us(INT64_MAX);
    int64_t us = 0;
    civil.micros++;
    assert_false(wr_civil_to_us(&civil, &us));
    civil = wr_civil_from_us(INT64_MIN);
    civil.micros--;
    assert_false(wr_civil_to_us(&civil, &us));
    civil = (wr_civil){.year = 400000000, .month = 1, .day = 1};
    assert_false(wr_civil_to_us(&civil, &us));
}

static void
intervals(void **state)
{
    (void)state;
    const struct {
        const char *text;
        int64_t months, micros;
        const char *shown;
    } cases[] = {
        {"5 minutes", 0, 5 * WR_US_PER_MIN, "5 minutes"},
        {"5m", 0, 5 * WR_US_PER_MIN, "5 minutes"},
        {"1h 30m", 0, 90 * WR_US_PER_MIN, "1 hour 30 minutes"},
        {"1 hour, 30 minutes", 0, 90 * WR_US_PER_MIN, "1 hour 30 minutes"},
        {"PT5M", 0, 5 * WR_US_PER_MIN, "5 minutes"},
        {"P1DT2H", 0, 26 * WR_US_PER_HOUR, "1 day 2 hours"},
        {"P1Y2M3W", 14, 21 * WR_US_PER_DAY, "1 year 2 months 21 days"},
        {"-PT1.5S", 0, -1500000, "-1 second -500 ms"},
        {"250 ms", 0, 250000, "250 ms"},
        {"0.1s", 0, 100000, "100 ms"},
        {"1 microsecond", 0, 1, "1 us"},
        {"1 month", 1, 0, "1 month"},
        {"1.5 years", 18, 0, "1 year 6 months"},
        {"-1 hour", 0, -WR_US_PER_HOUR, "-1 hour"},
        {"1 day -1 hour", 0, 23 * WR_US_PER_HOUR, "23 hours"},
        {"2 WEEKS", 0, 14 * WR_US_PER_DAY, "14 days"},
        {"90", 0, 90 * WR_US_PER_S, "1 minute 30 seconds"},
        {"0.5", 0, 500000, "500 ms"},
        {"01:30:00.5", 0, 5400500000, "1 hour 30 minutes 500 ms"},
        {"1 day -01:30", 0, 1350 * WR_US_PER_MIN, "22 hours 30 minutes"},
        {"0 s", 0, 0, "0 seconds"},
    };
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        wr_interval interval = {0};
        assert_true(wr_interval_parse(wr_text_from(cases[i].text), &interval));
        assert_true(interval.months == cases[i].months && interval.micros == cases[i].micros);
        char out[WR_INTERVAL_TEXT_MAX + 1];
        out[wr_interval_print(interval, out)] = '\0';
        assert_string_equal(out, cases[i].shown);
    }
    const char *bad[] = {"",
                         " ",
                         "5 foo",
                         "m",
                         "1.5 months",
                         "P",
                         "PT",
                         "P1",
                         "PT1D",
                         "P1H",
                         "5mm",
                         "1 2",
                         "1:60:00",
                         "1:-30",
                         "9223372036854775807 s",
                         "99999999999999999999",
                         "--5s",
                         "5 minutes garbage",
                         "P-T5M",
                         ".",
                         "- s"};
    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
        wr_interval interval;
        assert_false(wr_interval_parse(wr_text_from(bad[i]), &interval));
    }
}

static void
interval_round_trip(void **state)
{
    (void)state;
    random_seed(42);
    for (int i = 0; i < 50000; i++) {
        wr_interval interval = {.months = (int64_t)random_next() >> (i % 63),
                                .micros = (int64_t)random_next() >> (i % 61)};
        char out[WR_INTERVAL_TEXT_MAX];
        size_t size = wr_interval_print(interval, out);
        assert_true(size <= WR_INTERVAL_TEXT_MAX);
        wr_interval back;
        assert_true(wr_interval_parse((wr_text){out, size}, &back));
        assert_true(back.months == interval.months && back.micros == interval.micros);
    }
}

static void
interval_arithmetic(void **state)
{
    (void)state;
    const char *cases[][3] = {
        {"2026-01-31", "1 month", "2026-02-28T00:00:00Z"},
        {"2024-01-31", "1 month", "2024-02-29T00:00:00Z"},
        {"2026-03-31", "-1 month", "2026-02-28T00:00:00Z"},
        {"2024-02-29", "1 year", "2025-02-28T00:00:00Z"},
        {"2026-01-15", "-13 months", "2024-12-15T00:00:00Z"},
        {"2026-01-01", "1 month 1 hour", "2026-02-01T01:00:00Z"},
    };
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        int64_t us = 0;
        wr_interval interval;
        assert_true(wr_time_parse(wr_text_from(cases[i][0]), &us));
        assert_true(wr_interval_parse(wr_text_from(cases[i][1]), &interval));
        assert_true(wr_time_add(us, interval, &us));
        char out[WR_TIME_TEXT_MAX + 1];
        out[wr_time_print(us, out)] = '\0';
        assert_string_equal(out, cases[i][2]);
    }
    int64_t us = 0;
    assert_false(wr_time_add(INT64_MAX, (wr_interval){.micros = 1}, &us));
    assert_false(wr_time_add(0, (wr_interval){.months = INT64_MAX}, &us));
    assert_false(wr_time_add(0, (wr_interval){.months = 5000000}, &us));
    assert_int_equal(wr_interval_compare((wr_interval){.months = 1},
                                         (wr_interval){.micros = 30 * WR_US_PER_DAY}),
                     0);
    assert_true(wr_interval_compare((wr_interval){.months = INT64_MAX},
                                    (wr_interval){.micros = INT64_MAX}) > 0);
}

static void
units_and_sizes(void **state)
{
    (void)state;
    wr_interval interval;
    assert_true(wr_interval_from_unit(WR_TEXT("5"), WR_TEXT("MINUTES"), &interval));
    assert_true(interval.micros == 5 * WR_US_PER_MIN);
    assert_false(wr_interval_from_unit(WR_TEXT("5x"), WR_TEXT("MINUTES"), &interval));
    assert_false(wr_interval_from_unit(WR_TEXT("5"), WR_TEXT("ms s"), &interval));
    int64_t size = 0;
    assert_true(wr_size_parse(WR_TEXT("256 MB"), &size) && size == 256LL << 20);
    assert_true(wr_size_parse(WR_TEXT("64KiB"), &size) && size == 64 << 10);
    assert_true(wr_size_parse(WR_TEXT("1.5 gb"), &size) && size == 3LL << 29);
    assert_true(wr_size_parse(WR_TEXT("100"), &size) && size == 100);
    assert_false(wr_size_parse(WR_TEXT("-1"), &size));
    assert_false(wr_size_parse(WR_TEXT("1 parsec"), &size));
    assert_false(wr_size_parse(WR_TEXT("9223372036854775807 KB"), &size));
}

static void
clocks(void **state)
{
    (void)state;
    wr_clock manual = {.manual = true, .wall_us = 42};
    assert_true(wr_clock_wall_us(&manual) == 42 && wr_clock_monotonic_us(&manual) == 42);
    assert_true(wr_clock_wall_us(NULL) > 1600000000 * WR_US_PER_S);
    int64_t before_us = wr_clock_monotonic_us(NULL);
    wr_sleep_us(1000);
    wr_sleep_us(-1);
    assert_true(wr_clock_monotonic_us(NULL) - before_us >= 1000);
}

static void
reads_date(const char *input, const char *expected)
{
    int32_t days = 0;
    assert_int_equal(wr_date_parse(wr_text_from(input), &days), expected != NULL);
    if (expected) {
        char out[WR_DATE_TEXT_MAX + 1];
        out[wr_date_print(days, out)] = '\0';
        assert_string_equal(out, expected);
    }
}

static void
reads_daytime(const char *input, const char *expected)
{
    int64_t us = 0;
    assert_int_equal(wr_daytime_parse(wr_text_from(input), &us), expected != NULL);
    if (expected) {
        char out[WR_DAYTIME_TEXT_MAX + 1];
        out[wr_daytime_print(us, out)] = '\0';
        assert_string_equal(out, expected);
    }
}

static void
dates_and_times_of_day(void **state)
{
    (void)state;
    reads_date("2026-01-31", "2026-01-31");
    reads_date("0001-01-01", "0001-01-01");
    reads_date("9999-12-31", "9999-12-31");
    reads_date("2024-02-29", "2024-02-29");
    static const char *const no_dates[] = {
        "",         "2026-02-29",  "2026-1-1",  "2026-13-01", "2026-01-01T",
        "26-01-01", "2026-01-01 ", "0000-01-01"};
    for (size_t i = 0; i < sizeof no_dates / sizeof *no_dates; i++) {
        reads_date(no_dates[i], NULL);
    }
    reads_daytime("13:05", "13:05:00");
    reads_daytime("00:00:00.000001", "00:00:00.000001");
    reads_daytime("23:59:59.25", "23:59:59.250");
    static const char *const no_times[] = {"",     "24:00", "12:60",  "12:00:60",
                                           "1:00", "12",    "12:00Z", "12:00:00."};
    for (size_t i = 0; i < sizeof no_times / sizeof *no_times; i++) {
        reads_daytime(no_times[i], NULL);
    }
    assert_int_equal(wr_date_of(-1), -1);
    assert_int_equal(wr_date_of(INT64_MIN), -WR_DATE_DAYS_MAX - 2);
    for (int32_t day = -800000; day < 2000000; day += 997) {
        wr_civil civil = wr_civil_from_days(day);
        int64_t us = 0;
        assert_true(wr_civil_to_us(&civil, &us) && us == day * WR_US_PER_DAY);
    }
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(dates_and_times_of_day), cmocka_unit_test(parse_and_print),
        cmocka_unit_test(parse_refuses),          cmocka_unit_test(civil_round_trip),
        cmocka_unit_test(calendar_has_no_gaps),   cmocka_unit_test(intervals),
        cmocka_unit_test(interval_round_trip),    cmocka_unit_test(interval_arithmetic),
        cmocka_unit_test(units_and_sizes),        cmocka_unit_test(clocks),
        cmocka_unit_test(civil_refuses_overflow),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
