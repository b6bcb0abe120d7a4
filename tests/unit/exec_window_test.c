/* Window arithmetic, also before 1970 and at the ends of time. */
#include "tests/unit/exec_fixture.h"

#include "exec/window.h"

static void
floors_below_zero(void **state)
{
    (void)state;
    assert_int_equal(wr_floor_to(7, 5, 0), 5);
    assert_int_equal(wr_floor_to(5, 5, 0), 5);
    assert_int_equal(wr_floor_to(-1, 5, 0), -5);
    assert_int_equal(wr_floor_to(-5, 5, 0), -5);
    assert_int_equal(wr_floor_to(-6, 5, 0), -10);
    assert_int_equal(wr_floor_to(7, 5, 3), 3);
    assert_int_equal(wr_floor_to(2, 5, 3), -2);
    assert_int_equal(wr_floor_to(2, 5, -2), -2);
    assert_int_equal(wr_floor_to(2, 5, 13), -2);
}

static void
finds_the_windows_of_a_time(void **state)
{
    (void)state;
    wr_window hop = {WR_WINDOW_HOPPING, 5, 2, 0, 0};
    assert_int_equal(wr_window_first_end(&hop, 6), 7);
    assert_int_equal(wr_window_last_end(&hop, 6), 11);
    assert_int_equal(wr_window_first_end(&hop, 7), 9);
    assert_int_equal(wr_window_first_end(&hop, -1), 1);
    wr_window tumble = {WR_WINDOW_TUMBLING, 5, 5, 1, 0};
    assert_int_equal(wr_window_first_end(&tumble, 0), 1);
    assert_int_equal(wr_window_first_end(&tumble, 1), 6);
    assert_int_equal(wr_window_last_end(&tumble, 5), 6);
    assert_int_equal(wr_window_pane_us(&(wr_window){WR_WINDOW_HOPPING, 300, 80, 0, 0}), 20);
}

static void
every_time_is_in_its_windows(void **state)
{
    (void)state;
    for (int64_t size = 1; size < 12; size++) {
        for (int64_t advance = 1; advance <= size; advance++) {
            wr_window window = {WR_WINDOW_HOPPING, size, advance, 3, 0};
            for (int64_t t = -30; t < 30; t++) {
                int64_t first = wr_window_first_end(&window, t);
                int64_t last = wr_window_last_end(&window, t);
                assert_true(first > t && first - size <= t && first - advance <= t);
                assert_true(last - size <= t && last > t && last - size + advance > t);
            }
        }
    }
}

static void
holds_back_what_may_still_come(void **state)
{
    (void)state;
    int64_t s = WR_US_PER_S;
    wr_window window = {WR_WINDOW_TUMBLING, 10 * s, 10 * s, 0, 0};
    assert_int_equal(wr_window_hold_back(&window, 3 * s), 3 * s);
    assert_int_equal(wr_window_hold_back(&window, 10 * s), 10 * s);
    assert_int_equal(wr_window_hold_back(&window, 10 * s - 1), 10 * s - 1000);
    window.grace_us = 4 * s;
    assert_int_equal(wr_window_hold_back(&window, 13 * s), 10 * s - 1000);
    assert_int_equal(wr_window_hold_back(&window, 14 * s), 14 * s);
    assert_int_equal(wr_window_hold_back(&window, WR_TIME_END), WR_TIME_END);
    assert_true(wr_window_hold_back(&window, WR_TIME_NONE) == WR_TIME_NONE);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(floors_below_zero),
                                       cmocka_unit_test(finds_the_windows_of_a_time),
                                       cmocka_unit_test(every_time_is_in_its_windows),
                                       cmocka_unit_test(holds_back_what_may_still_come)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
