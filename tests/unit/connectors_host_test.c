/* Host streams: broadcast, waiting for the first reader, watermarks in order, back-pressure. */
#include "connectors/host.h"
#include "core/time.h"

#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

static const wr_poll_limits all_now = {.rows = 100000, .bytes = 1 << 30};

static wr_host_stream *
stream_new(int64_t capacity_bytes)
{
    wr_column columns[] = {{WR_TEXT("n"), WR_TYPE(BIGINT), false},
                           {WR_TEXT("v"), WR_TYPE(DOUBLE), false},
                           {WR_TEXT("text"), WR_TYPE(TEXT), false}};
    wr_schema schema = {columns, 3};
    wr_host_stream *stream = wr_host_stream_new(WR_TEXT("s"), capacity_bytes, NULL);
    assert_true(wr_host_stream_declare(stream, &schema));
    assert_true(wr_host_stream_declare(stream, &schema));
    schema.count = 2;
    assert_false(wr_host_stream_declare(stream, &schema));
    return stream;
}

static wr_status
push(wr_host_stream *stream, int64_t n)
{
    wr_cell cells[] = {{.type = WR_TYPE_BIGINT, .value.bigint = n},
                       {.type = WR_TYPE_BIGINT, .value.bigint = n},
                       {.type = n % 2 ? WR_TYPE_NULL : WR_TYPE_TEXT,
                        .value.text = WR_TEXT("a text that is kept elsewhere")}};
    wr_error err;
    return wr_host_push_row(stream, cells, 3, 0, WR_TIME_NONE, &err);
}

static wr_block
take(wr_host_reader *reader, wr_arena *arena)
{
    wr_block block;
    assert_int_equal(WR_OK, wr_host_reader_take(reader, &all_now, arena, &block));
    return block;
}

static void
assert_rows(const wr_block *block, int64_t first, int count)
{
    assert_int_equal(WR_BLOCK_ROWS, block->kind);
    assert_int_equal(count, block->batches[0]->row_count);
    for (int i = 0; i < count; i++) {
        const wr_vector *columns = block->batches[0]->columns;
        assert_int_equal(first + i, WR_VALUE(&columns[0], int64_t, i));
        assert_true(WR_VALUE(&columns[1], double, i) == (double)(first + i));
        assert_int_equal((first + i) % 2, wr_vector_is_null(&columns[2], i));
        if ((first + i) % 2 == 0) {
            wr_text text = wr_view_text(&WR_VALUE(&columns[2], wr_view, i));
            assert_true(wr_text_equal(WR_TEXT("a text that is kept elsewhere"), text));
        }
    }
}

static void
every_reader_gets_everything(void **state)
{
    (void)state;
    wr_arena *arena = wr_arena_new(0);
    wr_host_stream *stream = stream_new(0);
    push(stream, 0);
    push(stream, 1);
    wr_host_reader *first = wr_host_reader_open(stream, 0, 1);
    wr_host_reader *second = wr_host_reader_open(stream, 0, 1); /* before anything was taken */
    wr_block block = take(first, arena);
    assert_rows(&block, 0, 2);
    wr_host_reader *late = wr_host_reader_open(stream, 0, 1); /* from now on only */
    push(stream, 2);
    block = take(second, arena);
    assert_rows(&block, 0, 3);
    block = take(first, arena);
    assert_rows(&block, 2, 1);
    block = take(late, arena);
    assert_rows(&block, 2, 1);
    assert_int_equal(WR_BLOCK_NONE, take(late, arena).kind);
    wr_host_end(stream);
    assert_int_equal(WR_END, wr_host_reader_take(first, &all_now, arena, &block));
    assert_int_equal(WR_ERR_MISUSE, push(stream, 3));
    wr_host_reader_close(first);
    wr_host_reader_close(second);
    wr_host_reader_close(late);
    wr_host_stream_release(stream);
    wr_arena_free(arena);
}

static void
rows_wait_for_the_next_first_reader(void **state)
{
    (void)state;
    wr_arena *arena = wr_arena_new(0);
    wr_host_stream *stream = stream_new(0);
    wr_host_reader *reader = wr_host_reader_open(stream, 0, 1);
    push(stream, 0);
    take(reader, arena);
    push(stream, 1); /* delivered to it, though it never looks */
    wr_host_reader_close(reader);
    push(stream, 2);
    reader = wr_host_reader_open(stream, 0, 1);
    wr_block block = take(reader, arena);
    assert_rows(&block, 2, 1);
    wr_host_reader_close(reader);
    wr_host_stream_release(stream);
    wr_arena_free(arena);
}

static void
watermarks_keep_their_place(void **state)
{
    (void)state;
    wr_arena *arena = wr_arena_new(0);
    wr_host_stream *stream = stream_new(0);
    push(stream, 0);
    wr_host_advance_watermark(stream, 100, NULL);
    wr_host_advance_watermark(stream, 90, NULL); /* never back */
    push(stream, 1);
    push(stream, 2);
    wr_host_reader *reader = wr_host_reader_open(stream, 0, 1);
    wr_block block = take(reader, arena);
    assert_rows(&block, 0, 1);
    assert_int_equal(100, block.manual_watermark_us);
    block = take(reader, arena);
    assert_rows(&block, 1, 2);
    assert_int_equal(WR_TIME_NONE, block.manual_watermark_us);
    wr_host_advance_watermark(stream, 200, NULL);
    push(stream, 3);
    block = take(reader, arena);
    assert_int_equal(WR_BLOCK_NONE, block.kind);
    assert_int_equal(200, block.manual_watermark_us);
    block = take(reader, arena);
    assert_rows(&block, 3, 1);
    wr_host_reader *late = wr_host_reader_open(stream, 0, 1);
    assert_int_equal(200, take(late, arena).manual_watermark_us);
    wr_host_reader_close(reader);
    wr_host_reader_close(late);
    wr_host_stream_release(stream);
    wr_arena_free(arena);
}

static void
a_full_stream_is_busy(void **state)
{
    (void)state;
    wr_arena *arena = wr_arena_new(0);
    wr_host_stream *stream = stream_new(10000);
    int64_t pushed = 0, taken = 0;
    while (push(stream, pushed) == WR_OK) {
        pushed++;
    }
    assert_in_range(pushed, 50, 300);
    assert_int_equal(WR_AGAIN, push(stream, pushed));
    wr_host_reader *reader = wr_host_reader_open(stream, 0, 1);
    wr_poll_limits some = {.rows = 7, .bytes = 1 << 20};
    for (; pushed < 10000; wr_arena_reset(arena)) {
        wr_block block;
        assert_int_equal(WR_OK, wr_host_reader_take(reader, &some, arena, &block));
        assert_rows(&block, taken, block.batches[0]->row_count);
        taken += block.batches[0]->row_count;
        while (push(stream, pushed) == WR_OK) {
            pushed++;
        }
    }
    wr_host_reader_close(reader);
    wr_host_stream_release(stream);
    wr_arena_free(arena);
}

static void
wrong_rows_are_refused(void **state)
{
    (void)state;
    wr_error err;
    wr_host_stream *stream = stream_new(0);
    wr_cell cells[] = {{.type = WR_TYPE_TEXT, .value.text = WR_TEXT("x")},
                       {.type = WR_TYPE_NULL},
                       {.type = WR_TYPE_NULL}};
    assert_int_equal(WR_ERR_MISUSE, wr_host_push_row(stream, cells, 2, 0, 0, &err));
    assert_int_equal(WR_ERR_MISUSE, wr_host_push_row(stream, cells, 3, 0, 0, &err));
    assert_non_null(strstr(err.message, "\"n\" is BIGINT"));
    cells[0].type = WR_TYPE_NULL;
    cells[2] = (wr_cell){.type = WR_TYPE_TEXT, .value.text = WR_TEXT("\xff")};
    assert_int_equal(WR_ERR_MISUSE, wr_host_push_row(stream, cells, 3, 0, 0, &err));
    cells[2].type = WR_TYPE_NULL;
    assert_int_equal(WR_ERR_MISUSE, wr_host_push_row(stream, cells, 3, -1, 0, &err));
    assert_int_equal(WR_ERR_MISUSE,
                     wr_host_push_row(stream, cells, 3, WR_HOST_PARTITIONS_MAX, 0, &err));
    assert_int_equal(WR_OK, wr_host_push_row(stream, cells, 3, 5, 0, &err));
    wr_host_stream_release(stream);
    stream = wr_host_stream_new(WR_TEXT("t"), 0, NULL);
    assert_int_equal(WR_ERR_MISUSE, wr_host_push_row(stream, cells, 3, 0, 0, &err));
    wr_host_stream_release(stream);
}

static void
messages_keep_key_headers_tombstones(void **state)
{
    (void)state;
    wr_arena *arena = wr_arena_new(0);
    wr_host_stream *stream = wr_host_stream_new(WR_TEXT("t"), 0, NULL);
    wr_message messages[] = {
        {.data = "1.5", .size = 3, .key = "web", .key_size = 3, .offset = -1, .timestamp_us = 7},
        {.data = NULL,
         .headers = "{}",
         .headers_size = 2,
         .offset = 41,
         .timestamp_us = WR_TIME_NONE},
        {.data = "", .size = 0, .offset = -1, .partition = 2, .timestamp_us = 9},
    };
    for (int i = 0; i < 3; i++) {
        assert_int_equal(WR_OK, wr_host_push_message(stream, &messages[i], NULL));
    }
    wr_host_reader *reader = wr_host_reader_open(stream, 0, 1);
    wr_block block = take(reader, arena);
    assert_int_equal(3, block.message_count);
    assert_memory_equal("web", block.messages[0].key, 3);
    assert_int_equal(0, block.messages[0].offset);
    assert_null(block.messages[1].data);
    assert_null(block.messages[1].key);
    assert_memory_equal("{}", block.messages[1].headers, 2);
    assert_int_equal(41, block.messages[1].offset);
    assert_true(block.messages[1].timestamp_us > 0);
    assert_non_null(block.messages[2].data);
    assert_int_equal(2, block.messages[2].partition);
    int count;
    const wr_partition *partitions = wr_host_reader_partitions(reader, &count);
    assert_int_equal(3, count);
    assert_int_equal(42, partitions[0].next_offset);
    wr_host_reader_close(reader);
    wr_host_stream_release(stream);
    wr_arena_free(arena);
}

static void *
push_many(void *argument)
{
    for (int64_t i = 0; i < 20000;) {
        if (push(argument, i) == WR_OK) {
            i++;
        } else {
            wr_sleep_us(100);
        }
    }
    wr_host_end(argument);
    return NULL;
}

static void
threads_push_and_take(void **state)
{
    (void)state;
    pthread_t thread;
    wr_arena *arena = wr_arena_new(0);
    wr_host_stream *stream = stream_new(100000);
    wr_host_reader *reader = wr_host_reader_open(stream, 0, 1);
    wr_poll_limits limits = {.rows = 500, .bytes = 1 << 20, .wait_us = WR_US_PER_S};
    wr_block block;
    int64_t taken = 0;
    assert_int_equal(0, pthread_create(&thread, NULL, push_many, stream));
    while (wr_host_reader_take(reader, &limits, arena, &block) == WR_OK) {
        if (block.kind == WR_BLOCK_ROWS) {
            assert_rows(&block, taken, block.batches[0]->row_count);
            taken += block.batches[0]->row_count;
        }
        wr_arena_reset(arena);
    }
    pthread_join(thread, NULL);
    assert_int_equal(20000, taken);
    wr_host_reader_close(reader);
    wr_host_stream_release(stream);
    wr_arena_free(arena);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_reader_gets_everything),
        cmocka_unit_test(rows_wait_for_the_next_first_reader),
        cmocka_unit_test(watermarks_keep_their_place),
        cmocka_unit_test(a_full_stream_is_busy),
        cmocka_unit_test(wrong_rows_are_refused),
        cmocka_unit_test(messages_keep_key_headers_tombstones),
        cmocka_unit_test(threads_push_and_take),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
