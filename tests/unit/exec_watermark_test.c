/* Watermarks: every sentence of the contract about partitions, idleness, skew and time. */
#include "tests/unit/exec_fixture.h"

#include "exec/watermark.h"
#include "exec/window.h"

#define S WR_US_PER_S

typedef struct fixture {
    wr_watermark watermark;
    wr_partition partitions[4];
    int count;
    int64_t wall_us, monotonic_us;
} fixture;

static void
begin(fixture *own, const wr_watermark_config *config, int count)
{
    *own = (fixture){.count = count, .wall_us = 1000000 * S, .monotonic_us = 500 * S};
    wr_watermark_init(&own->watermark, config);
    for (int i = 0; i < 4; i++) {
        own->partitions[i] =
            (wr_partition){.name = WR_TEXT("p"), .end_offset = 10, .opened = true};
    }
    wr_watermark_refresh(&own->watermark, own->partitions, count, own->monotonic_us);
}

static void
refresh(fixture *own)
{
    wr_watermark_refresh(&own->watermark, own->partitions, own->count, own->monotonic_us);
}

/* One row; returns the watermark before it. */
static int64_t
row(fixture *own, int partition, int64_t t_us)
{
    int64_t before_us = 0;
    wr_watermark_rows rows = {.event_time_us = &t_us, .partition = partition, .count = 1};
    wr_watermark_observe(&own->watermark, &rows, own->wall_us, own->monotonic_us, &before_us);
    return before_us;
}

static int64_t
now(fixture *own, int64_t last_close_us)
{
    return wr_watermark_advance(&own->watermark, own->wall_us, own->monotonic_us, last_close_us);
}

static void
is_maximum_minus_delay_per_partition(void **state)
{
    (void)state;
    fixture own;
    begin(&own, &(wr_watermark_config){.delay_us = 2}, 2);
    assert_int_equal(row(&own, 0, 5), WR_TIME_NONE);
    assert_int_equal(row(&own, 0, 9), 3);
    assert_int_equal(row(&own, 0, 7), 7);
    assert_int_equal(row(&own, 0, 8), 7);
    assert_int_equal(now(&own, WR_TIME_NONE), WR_TIME_NONE); /* partition 1 has no row yet */
    assert_int_equal(row(&own, 1, 4), WR_TIME_NONE);
    assert_int_equal(row(&own, 1, 6), 2);
    assert_int_equal(now(&own, WR_TIME_NONE), 4);
    wr_watermark_fini(&own.watermark);
}

/* A batch says the same as its rows one by one, whatever path its figures send it on. */
static void
batches_judge_like_single_rows(void **state)
{
    (void)state;
    const int64_t bases[] = {0, 1000, WR_TIME_END - 50, WR_TIME_NONE + 50};
    const int64_t delays[] = {0, 7, WR_TIME_END};
    uint64_t mixed = 1;
    for (int round = 0; round < 600; round++) {
        wr_watermark_config config = {.delay_us = delays[round % 3],
                                      .live = round % 2 == 0,
                                      .max_future_skew_us = round % 4 == 0 ? 1 : 0};
        fixture batches, singles;
        begin(&batches, &config, 1);
        begin(&singles, &config, 1);
        batches.wall_us = singles.wall_us = round % 8 == 0 ? 1020 : 1000000 * S;
        wr_watermark_span span = {.max_event_us = WR_TIME_NONE, .floor_us = WR_TIME_NONE};
        for (int batch = 0; batch < 4; batch++) {
            int64_t times[40], before_us[40], pure_us[40];
            int64_t base = round % 5 == 0 ? bases[(round / 5 + batch) % 4] : 1000 + 10 * batch;
            for (int i = 0; i < 40; i++) {
                mixed = mixed * 0x5851F42D4C957F2Du + 1;
                times[i] = mixed >> 60 == 0 ? WR_TIME_NONE : base + (int64_t)(mixed >> 59) + i / 4;
            }
            wr_watermark_rows rows = {.event_time_us = times, .count = 40};
            wr_watermark_observe(&batches.watermark, &rows, batches.wall_us, batches.monotonic_us,
                                 before_us);
            int64_t max_us = span.max_event_us;
            wr_watermark_judge(&config, &rows, WR_TIME_END, &span, pure_us);
            for (int i = 0; i < 40; i++) {
                assert_int_equal(before_us[i], row(&singles, 0, times[i]));
                assert_int_equal(pure_us[i], wr_time_sub_saturated(max_us, config.delay_us));
                max_us = times[i] > max_us ? times[i] : max_us;
            }
            assert_int_equal(span.max_event_us, max_us);
        }
        assert_int_equal(batches.watermark.partitions[0].max_event_us,
                         singles.watermark.partitions[0].max_event_us);
        assert_int_equal(batches.watermark.future_count, singles.watermark.future_count);
        wr_watermark_fini(&batches.watermark);
        wr_watermark_fini(&singles.watermark);
    }
}

static void
mixed_batches_judge_each_row_by_its_partition(void **state)
{
    (void)state;
    fixture own;
    begin(&own, &(wr_watermark_config){.delay_us = 0}, 2);
    const int64_t times[] = {10, 100, 5, 90, WR_TIME_NONE, 20};
    const wr_origin origins[] = {{0, 0}, {1, 0}, {0, 1}, {1, 1}, {0, 2}, {0, 3}};
    const uint16_t rows[] = {0, 1, 2, 4, 5};
    int64_t before_us[6] = {0};
    wr_watermark_rows observed = {
        .event_time_us = times, .origins = origins, .rows = rows, .count = 5};
    wr_watermark_observe(&own.watermark, &observed, own.wall_us, own.monotonic_us, before_us);
    assert_int_equal(before_us[0], WR_TIME_NONE);
    assert_int_equal(before_us[1], WR_TIME_NONE);
    assert_int_equal(before_us[2], 10);
    assert_int_equal(before_us[3], 0); /* not selected: untouched */
    assert_int_equal(before_us[5], 10);
    assert_int_equal(now(&own, WR_TIME_NONE), 20);
    wr_watermark_fini(&own.watermark);
}

static void
never_goes_back_and_joins_at_the_current_one(void **state)
{
    (void)state;
    fixture own;
    begin(&own, &(wr_watermark_config){.live = true}, 1);
    row(&own, 0, 100);
    assert_int_equal(now(&own, WR_TIME_NONE), 100);
    own.count = 2;
    refresh(&own);
    assert_int_equal(now(&own, WR_TIME_NONE), 100);
    assert_int_equal(row(&own, 1, 50), 100); /* late for what has closed */
    row(&own, 0, 200);
    assert_int_equal(now(&own, WR_TIME_NONE), 100); /* the new one holds back */
    row(&own, 1, 150);
    assert_int_equal(now(&own, WR_TIME_NONE), 150);
    wr_watermark_fini(&own.watermark);
}

static void
finished_partitions_leave_and_unopened_ones_hold(void **state)
{
    (void)state;
    fixture own;
    begin(&own, &(wr_watermark_config){.idle_timeout_us = 30 * S}, 2);
    own.partitions[1].opened = false;
    own.partitions[1].end_offset = -1;
    refresh(&own);
    row(&own, 0, 100);
    own.partitions[0].finished = true;
    own.monotonic_us += 100 * S;
    refresh(&own);
    assert_int_equal(now(&own, WR_TIME_NONE), WR_TIME_NONE);
    own.partitions[1].opened = true;
    refresh(&own);
    row(&own, 1, 60);
    assert_int_equal(now(&own, WR_TIME_NONE), 60);
    own.partitions[1].finished = true;
    refresh(&own);
    assert_int_equal(now(&own, WR_TIME_NONE), WR_TIME_END);
    wr_watermark_fini(&own.watermark);
}

static void
idle_needs_end_and_silence(void **state)
{
    (void)state;
    fixture own;
    begin(&own, &(wr_watermark_config){.live = true, .idle_timeout_us = 30 * S}, 2);
    row(&own, 0, 100);
    row(&own, 1, 10);
    own.monotonic_us += 31 * S;
    row(&own, 0, 200);
    refresh(&own);
    assert_int_equal(now(&own, WR_TIME_NONE), 10); /* not at its end: perhaps we are slow */
    own.partitions[1].at_end = true;
    refresh(&own);
    assert_int_equal(now(&own, WR_TIME_NONE), 200);
    assert_int_equal(wr_watermark_idle_count(&own.watermark), 1);
    assert_int_equal(row(&own, 1, 20), 10); /* back again: judged by its own */
    assert_int_equal(now(&own, WR_TIME_NONE), 200);
    own.monotonic_us += 29 * S;
    row(&own, 0, 300);
    assert_int_equal(now(&own, WR_TIME_NONE), 200);
    own.monotonic_us += 1 * S;
    assert_int_equal(now(&own, WR_TIME_NONE), 300);
    wr_watermark_fini(&own.watermark);
}

static void
empty_partitions_are_idle_until_their_first_row(void **state)
{
    (void)state;
    fixture own;
    begin(&own, &(wr_watermark_config){.live = true, .idle_timeout_us = 30 * S}, 1);
    own.partitions[1].empty_at_start = true;
    own.count = 2;
    refresh(&own);
    row(&own, 0, 100);
    assert_int_equal(now(&own, WR_TIME_NONE), 100);
    row(&own, 1, 40);
    row(&own, 0, 120);
    assert_int_equal(now(&own, WR_TIME_NONE), 100);
    row(&own, 1, 110);
    assert_int_equal(now(&own, WR_TIME_NONE), 110);
    wr_watermark_fini(&own.watermark);
}

static void
all_idle_closes_open_windows_and_nothing_more(void **state)
{
    (void)state;
    fixture own;
    begin(&own, &(wr_watermark_config){.live = true, .idle_timeout_us = 30 * S, .delay_us = S}, 1);
    own.wall_us = 1000 * S;
    row(&own, 0, 900 * S);
    own.partitions[0].at_end = true;
    refresh(&own);
    assert_false(wr_watermark_all_idle(&own.watermark, own.monotonic_us));
    assert_int_equal(now(&own, 950 * S), 899 * S);
    own.monotonic_us += 30 * S;
    assert_true(wr_watermark_all_idle(&own.watermark, own.monotonic_us));
    assert_int_equal(now(&own, WR_TIME_NONE), 899 * S); /* nothing open: stays */
    assert_int_equal(now(&own, 950 * S), 950 * S);
    assert_int_equal(now(&own, 2000 * S), 999 * S); /* not beyond wall clock - delay */
    own.wall_us = 1500 * S;
    assert_int_equal(now(&own, 960 * S), 999 * S); /* never back */
    assert_int_equal(row(&own, 0, 905 * S), 899 * S);
    wr_watermark_fini(&own.watermark);
}

static void
unknown_ends_are_idle_by_time_on_live_sources_only(void **state)
{
    (void)state;
    for (int live = 0; live < 2; live++) {
        fixture own;
        begin(&own, &(wr_watermark_config){.live = live, .idle_timeout_us = 30 * S}, 2);
        own.partitions[1].end_offset = -1;
        refresh(&own);
        row(&own, 0, 100);
        row(&own, 1, 10);
        own.monotonic_us += 40 * S;
        row(&own, 0, 200);
        assert_int_equal(now(&own, WR_TIME_NONE), live ? 200 : 10);
        wr_watermark_fini(&own.watermark);
    }
}

static void
timeout_zero_is_never_idle(void **state)
{
    (void)state;
    fixture own;
    begin(&own, &(wr_watermark_config){.live = true}, 1);
    own.partitions[0].at_end = true;
    refresh(&own);
    row(&own, 0, 100);
    own.monotonic_us += 1000 * S;
    assert_int_equal(now(&own, 5000), 100);
    wr_watermark_fini(&own.watermark);
}

static void
future_rows_move_nothing(void **state)
{
    (void)state;
    fixture own;
    begin(&own, &(wr_watermark_config){.live = true, .max_future_skew_us = 3600 * S}, 1);
    row(&own, 0, own.wall_us);
    assert_int_equal(row(&own, 0, own.wall_us + 3601 * S), own.wall_us);
    assert_int_equal(row(&own, 0, own.wall_us + 3600 * S), own.wall_us);
    assert_int_equal(own.watermark.future_count, 1);
    assert_int_equal(now(&own, WR_TIME_NONE), own.wall_us + 3600 * S);
    wr_watermark_fini(&own.watermark);
    begin(&own, &(wr_watermark_config){.max_future_skew_us = 3600 * S}, 1);
    row(&own, 0, own.wall_us + 9999 * S); /* a file may be from the future */
    assert_int_equal(now(&own, WR_TIME_NONE), own.wall_us + 9999 * S);
    wr_watermark_fini(&own.watermark);
}

static void
manual_watermarks_are_never_idle(void **state)
{
    (void)state;
    fixture own;
    begin(&own, &(wr_watermark_config){.live = true, .idle_timeout_us = 30 * S}, 1);
    own.partitions[0].end_offset = -1;
    refresh(&own);
    row(&own, 0, 100);
    wr_watermark_manual(&own.watermark, 150);
    assert_int_equal(now(&own, WR_TIME_NONE), 150);
    wr_watermark_manual(&own.watermark, 120);
    assert_int_equal(now(&own, WR_TIME_NONE), 150);
    own.monotonic_us += 100 * S;
    assert_false(wr_watermark_all_idle(&own.watermark, own.monotonic_us));
    assert_int_equal(now(&own, 500), 150);
    wr_watermark_fini(&own.watermark);
}

static void
processing_time_is_the_wall_clock(void **state)
{
    (void)state;
    fixture own;
    begin(&own, &(wr_watermark_config){.live = true, .processing_time = true}, 1);
    assert_int_equal(now(&own, WR_TIME_NONE), own.wall_us);
    own.wall_us += 5 * S;
    assert_int_equal(now(&own, WR_TIME_NONE), own.wall_us);
    wr_watermark_fini(&own.watermark);
}

static void
names_the_holder(void **state)
{
    (void)state;
    fixture own;
    begin(&own, &(wr_watermark_config){.live = true}, 3);
    row(&own, 0, 10);
    row(&own, 1, 5);
    row(&own, 2, 20);
    assert_int_equal(wr_watermark_holder(&own.watermark), 1);
    wr_watermark_fini(&own.watermark);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(is_maximum_minus_delay_per_partition),
        cmocka_unit_test(batches_judge_like_single_rows),
        cmocka_unit_test(mixed_batches_judge_each_row_by_its_partition),
        cmocka_unit_test(never_goes_back_and_joins_at_the_current_one),
        cmocka_unit_test(finished_partitions_leave_and_unopened_ones_hold),
        cmocka_unit_test(idle_needs_end_and_silence),
        cmocka_unit_test(empty_partitions_are_idle_until_their_first_row),
        cmocka_unit_test(all_idle_closes_open_windows_and_nothing_more),
        cmocka_unit_test(unknown_ends_are_idle_by_time_on_live_sources_only),
        cmocka_unit_test(timeout_zero_is_never_idle),
        cmocka_unit_test(future_rows_move_nothing),
        cmocka_unit_test(manual_watermarks_are_never_idle),
        cmocka_unit_test(processing_time_is_the_wall_clock),
        cmocka_unit_test(names_the_holder)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
