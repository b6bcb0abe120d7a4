/* generate: a job that goes on has the same rows at the same times, whenever it does. */
#include "connectors/registry.h"
#include "core/time.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

/* Takes `count` rows at least; the time of the first and last one, and where it is then. */
static void
rows_take(const wr_resume *from, const wr_clock *clock, int count, int64_t *times, wr_resume *at)
{
    wr_arena *arena = wr_arena_new(0);
    wr_option options[] = {{.name = WR_TEXT("rate"), .value = WR_TEXT("1000")}};
    wr_source_config config = {.options = {options, 1},
                               .arena = arena,
                               .clock = clock,
                               .lane_count = 1,
                               .is_resumed = from != NULL,
                               .resume = from,
                               .resume_count = from ? 1 : 0};
    static char guard[WR_INT64_TEXT_MAX];
    wr_source *source = NULL;
    wr_error err;
    wr_buffer text;
    int n;
    wr_buffer_init(&text);
    assert_int_equal(WR_OK, wr_generate_source.open(&config, &source, &err));
    for (int taken = 0; taken < count;) {
        wr_poll_limits limits = {.rows = count - taken, .bytes = 1 << 20, .wait_us = 1000};
        wr_block block;
        assert_int_equal(WR_OK, wr_generate_source.poll(source, &limits, arena, &block, &err));
        for (int b = 0; b < block.batch_count; b++) {
            const wr_batch *batch = block.batches[b];
            const int64_t *ts = batch->columns[1].data;
            times[0] = taken == 0 ? ts[0] : times[0];
            times[1] = ts[batch->row_count - 1];
            taken += batch->row_count;
        }
    }
    wr_generate_source.guard(source, 0, &text);
    assert_true(text.size <= sizeof(guard));
    memcpy(guard, text.data, text.size);
    *at = (wr_resume){WR_TEXT("generate"),
                      wr_generate_source.partitions(source, &n)->next_offset,
                      {guard, text.size}};
    wr_buffer_fini(&text);
    wr_generate_source.close(source);
    wr_arena_free(arena);
}

static void
times_go_on(void **state)
{
    (void)state;
    wr_resume at;
    int64_t first[2], second[2], third[2];
    rows_take(NULL, NULL, 30, first, &at);
    assert_int_equal(30, at.next_offset);
    assert_int_equal(first[0] + 29000, first[1]);
    wr_sleep_us(50 * WR_US_PER_MS); /* down for a while */
    rows_take(&at, NULL, 30, second, &at);
    assert_int_equal(60, at.next_offset);
    assert_int_equal(first[1] + 1000, second[0]);
    rows_take(&at, NULL, 1, third, &at);
    assert_int_equal(first[0] + 60000, third[0]);
}

static void
damaged_positions_are_refused(void **state)
{
    (void)state;
    static const wr_resume bad[] = {{{NULL, 0}, -1, {"5", 1}}, {{NULL, 0}, 1, {"x", 1}}};
    for (int i = 0; i < 2; i++) {
        wr_arena *arena = wr_arena_new(0);
        wr_source_config config = {.arena = arena, .lane_count = 1, .is_resumed = true,
                                   .resume = &bad[i], .resume_count = 1};
        wr_source *source = NULL;
        wr_error err;
        assert_int_equal(WR_ERR_STATE, wr_generate_source.open(&config, &source, &err));
        assert_string_equal("E0904", err.code);
        wr_generate_source.close(source);
        wr_arena_free(arena);
    }
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(times_go_on),
        cmocka_unit_test(damaged_positions_are_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
