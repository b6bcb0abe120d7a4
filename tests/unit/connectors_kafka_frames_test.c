/* Frames for a topic: what goes in comes out, and nothing else does. */
#include "connectors/kafka_frames.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static const wr_kafka_record records[] = {
    {.value = {"{\"v\":1}", 7}, .key = {"web", 3}, .time_ms = 1735689600000},
    {.value = {"x", 1}},                         /* no key, sent when it is sent */
    {.value = {NULL, 0}, .key = {"gone", 4}},    /* a tombstone */
    {.value = {"", 0}, .key = {"", 0}},          /* empty is not none */
    {.value = {NULL, 0}, .key = {NULL, 0}},
};
enum { RECORDS = sizeof records / sizeof *records };

static wr_buffer
frame_make(void)
{
    wr_buffer frame;
    wr_buffer_init(&frame);
    for (int i = 0; i < RECORDS; i++) {
        wr_kafka_frame_append(&frame, &records[i]);
    }
    return frame;
}

static void
text_check(wr_text want, wr_text got)
{
    assert_int_equal(want.data == NULL, got.data == NULL);
    assert_true(wr_text_equal(want, got));
}

static void
records_come_back(void **state)
{
    (void)state;
    wr_buffer frame = frame_make();
    wr_text bytes = {frame.data, frame.size};
    for (int i = 0; i < RECORDS; i++) {
        wr_kafka_record record;
        assert_true(wr_kafka_frame_take(&bytes, &record));
        text_check(records[i].value, record.value);
        text_check(records[i].key, record.key);
        assert_int_equal(records[i].time_ms, record.time_ms);
    }
    assert_int_equal(0, bytes.size);
    wr_buffer_fini(&frame);
}

/* Copied to its exact size, so that a sanitizer sees every byte read behind it. */
static int
records_count(const char *data, size_t size, bool *whole)
{
    char *copy = malloc(size > 0 ? size : 1);
    memcpy(copy, data, size);
    wr_text bytes = {copy, size};
    wr_kafka_record record;
    int count = 0;
    *whole = true;
    while (bytes.size > 0 && (*whole = wr_kafka_frame_take(&bytes, &record))) {
        count++;
    }
    free(copy);
    return count;
}

static void
cut_frames_are_seen(void **state)
{
    (void)state;
    wr_buffer frame = frame_make();
    int whole_count = 0;
    for (size_t size = 0; size < frame.size; size++) {
        bool whole;
        assert_true(records_count(frame.data, size, &whole) < RECORDS);
        whole_count += whole;
    }
    assert_int_equal(RECORDS, whole_count); /* between records only */
    wr_buffer_fini(&frame);
}

static void
flipped_bits_read_nothing_behind(void **state)
{
    (void)state;
    wr_buffer frame = frame_make();
    for (size_t bit = 0; bit < frame.size * 8; bit++) {
        bool whole;
        frame.data[bit / 8] = (char)(frame.data[bit / 8] ^ (1 << bit % 8));
        records_count(frame.data, frame.size, &whole);
        frame.data[bit / 8] = (char)(frame.data[bit / 8] ^ (1 << bit % 8));
    }
    wr_buffer_fini(&frame);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(records_come_back),
        cmocka_unit_test(cut_frames_are_seen),
        cmocka_unit_test(flipped_bits_read_nothing_behind),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
