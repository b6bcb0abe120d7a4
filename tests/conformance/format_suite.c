/* What every format must do, whatever its bytes look like. A new format adds a line to `subjects`.
 *
 * 1. What is written reads back: as messages (cut at end_of_row) and, where records are lines, as a
 *    chunk.
 * 2. Decoding may stop at any full batch and goes on where it stopped; rows say where they come
 *    from.
 * 3. Tombstones are rows of NULLs or nothing; empty messages are bad rows; neither touches others.
 * 4. In steady state decoding takes nothing from the heap. */
#include "connectors/connector.h"
#include "tests/unit/formats_helper.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

enum { MANY = 5000 };

typedef struct format_subject {
    const char *format;
    const char *columns;
    const char *good, *good_value; /* a record and the value of its column */
    const char *bad;               /* NULL: every record is good */
    bool chunks;                   /* its records are lines */
} format_subject;

static const format_subject subjects[] = {
    {"json", "v TEXT", "{\"v\":\"x\"}", "x", "{\"v\":", true},
    {"csv", "v TEXT", "x", "x", "a,b", true},
    {"text", "v TEXT", "x", "x", "\xFF", true},
    {"raw", "v BYTES", "x\xFF", "x\xFF", NULL, false},
};
enum { SUBJECTS = sizeof subjects / sizeof *subjects };

static void
every_format_is_a_subject(void **state)
{
    (void)state;
    int count;
    const wr_format_ops *const *all = wr_format_all(&count);
    for (int i = 0; i < count; i++) {
        bool found = false;
        for (int k = 0; k < SUBJECTS; k++) {
            found |= strcmp(all[i]->name, subjects[k].format) == 0;
        }
        assert_true(found);
        assert_non_null(all[i]->options);
        assert_ptr_equal(wr_format_find(wr_text_from(all[i]->name)), all[i]);
    }
}

static wr_block
many_messages(decode_job *job, const char *text)
{
    wr_block block = {.kind = WR_BLOCK_MESSAGES, .message_count = MANY};
    block.messages = WR_NEW_ARRAY(job->arena, wr_message, MANY);
    size_t size = strlen(text);
    const char *data = helper_padded(job->arena, text, size);
    for (int i = 0; i < MANY; i++) {
        block.messages[i] = (wr_message){.data = data, .size = size, .offset = i};
    }
    return block;
}

static void
full_batches_are_gone_on_from(const format_subject *subject)
{
    decode_job job;
    job_init(&job, subject->columns);
    wr_block block = many_messages(&job, subject->good);
    const wr_format_ops *ops = wr_format_find(wr_text_from(subject->format));
    wr_decoder *decoder;
    wr_error err;
    assert_int_equal(ops->decoder_open(job.arena, &job.spec, &decoder, &err), WR_OK);
    wr_arena *batch_arena = wr_arena_new(0);
    wr_decode_out *out = WR_NEW(job.arena, wr_decode_out);
    size_t allocations = 0;
    for (int round = 0; round < 3; round++) {
        size_t at = 0;
        int row_count = 0;
        allocations = wr_alloc_count();
        while (at < MANY) {
            wr_arena_reset(batch_arena);
            out->batch = wr_batch_new(batch_arena, 1);
            assert_int_equal(ops->decode(decoder, &block, &at, out, &err), WR_OK);
            for (int i = 0; i < out->batch->row_count; i++) {
                assert_int_equal(out->source_index[i], row_count + i);
            }
            assert_int_equal(out->batch->selected_count, out->batch->row_count);
            row_count += out->batch->row_count;
        }
        assert_int_equal(row_count, MANY);
    }
    assert_int_equal(wr_alloc_count(), allocations); /* of the last round */
    ops->decoder_close(decoder);
    wr_arena_free(batch_arena);
    wr_arena_free(job.arena);
}

static void
neighbours_of_odd_messages(const format_subject *subject)
{
    for (int tombstone_rows = 0; tombstone_rows < 2; tombstone_rows++) {
        decode_job job;
        decoded out;
        decoded_reset(&out);
        job_init(&job, subject->columns);
        job.spec.tombstone_rows = tombstone_rows;
        const char *texts[] = {subject->good, "<tombstone>", subject->good, "", subject->good,
                               subject->bad ? subject->bad : "", subject->good, NULL};
        wr_block block = helper_messages(job.arena, texts);
        helper_decode(&out, &job, subject->format, &block, 1);
        assert_int_equal(out.row_count, 4 + tombstone_rows);
        assert_int_equal(out.bad_count, 2);
        assert_memory_equal(out.bad_rows, "empty message@-1", 16);
        char expected[64];
        const char *value = subject->good_value;
        (void)snprintf(expected, sizeof expected, "%s\n%s%s\n%s\n%s\n", value,
                       tombstone_rows ? "NULL\n" : "", value, value, value);
        assert_string_equal(out.rows, expected);
        decoded_free(&out);
        wr_arena_free(job.arena);
    }
}

/* A batch of one column: plain, awkward, NULL and long values. */
static wr_batch *
awkward_batch(wr_arena *arena, wr_type type, bool with_newlines)
{
    static const char *const texts[] = {"plain", "a \"quoted\" one", "with, commas; and\ttabs",
                                        "back\\slash", "NULL", "caf\xC3\xA9 \xF0\x9F\x98\x80",
                                        "x{\"v\":1}", "two\nlines", "more\r\nlines"};
    int count = with_newlines ? 9 : 7;
    wr_batch *batch = wr_batch_new(arena, 1);
    wr_vector_init_flat(&batch->columns[0], type, count, arena);
    for (int i = 0; i < count; i++) {
        ((wr_view *)batch->columns[0].data)[i] = wr_view_from(texts[i], strlen(texts[i]));
    }
    batch->row_count = batch->selected_count = count;
    return batch;
}

static void
encode_batch(const format_subject *subject, wr_arena *arena, wr_type type, wr_batch *batch,
             bool separated, wr_buffer *out, size_t *ends)
{
    const wr_format_ops *ops = wr_format_find(wr_text_from(subject->format));
    wr_column column = {.name = WR_TEXT("v"), .type = type};
    wr_schema schema = {&column, 1};
    wr_encoder *encoder;
    wr_error err;
    assert_int_equal(
        ops->encoder_open(arena, &schema, (wr_options){0}, separated, &encoder, &err), WR_OK);
    assert_int_equal(ops->encode(encoder, batch, out, ends, &err), WR_OK);
    ops->encoder_close(encoder);
}

static void
written_messages_read_back(const format_subject *subject)
{
    decode_job job;
    decoded out, expected;
    decoded_reset(&out);
    decoded_reset(&expected);
    job_init(&job, subject->columns);
    wr_batch *batch = awkward_batch(job.arena, job.columns[0].type, true);
    wr_buffer bytes;
    size_t ends[16], from = 0;
    wr_buffer_init(&bytes);
    encode_batch(subject, job.arena, job.columns[0].type, batch, false, &bytes, ends);
    wr_block block = {.kind = WR_BLOCK_MESSAGES, .message_count = batch->row_count};
    block.messages = WR_NEW_ARRAY(job.arena, wr_message, batch->row_count);
    for (int i = 0; i < batch->row_count; i++) {
        block.messages[i].data = helper_padded(job.arena, bytes.data + from, ends[i] - from);
        block.messages[i].size = ends[i] - from;
        from = ends[i];
    }
    helper_decode(&out, &job, subject->format, &block, 1);
    helper_print_batch(&expected, batch);
    assert_string_equal(out.rows, wr_buffer_cstr(&expected.text));
    assert_int_equal(out.bad_count, 0);
    wr_buffer_fini(&bytes);
    decoded_free(&out);
    decoded_free(&expected);
    wr_arena_free(job.arena);
}

static void
written_lines_read_back(const format_subject *subject)
{
    decode_job job;
    decoded out, expected;
    decoded_reset(&out);
    decoded_reset(&expected);
    job_init(&job, subject->columns);
    bool newlines = strcmp(subject->format, "text") != 0; /* text has no way to say them */
    wr_batch *batch = awkward_batch(job.arena, job.columns[0].type, newlines);
    wr_buffer bytes;
    wr_buffer_init(&bytes);
    encode_batch(subject, job.arena, job.columns[0].type, batch, true, &bytes, NULL);
    const wr_format_ops *ops = wr_format_find(wr_text_from(subject->format));
    if (ops->cut) {
        assert_int_equal(ops->cut(bytes.data, bytes.size, (wr_options){0}), bytes.size);
    }
    wr_block block = helper_chunk(job.arena, bytes.data, bytes.size);
    helper_decode(&out, &job, subject->format, &block, 1);
    helper_print_batch(&expected, batch);
    assert_string_equal(out.rows, wr_buffer_cstr(&expected.text));
    assert_int_equal(out.bad_count, 0);
    wr_buffer_fini(&bytes);
    decoded_free(&out);
    decoded_free(&expected);
    wr_arena_free(job.arena);
}

static void
decoding_goes_on(void **state)
{
    (void)state;
    for (int i = 0; i < SUBJECTS; i++) {
        full_batches_are_gone_on_from(&subjects[i]);
    }
}

static void
odd_messages(void **state)
{
    (void)state;
    for (int i = 0; i < SUBJECTS; i++) {
        neighbours_of_odd_messages(&subjects[i]);
    }
}

static void
round_trips(void **state)
{
    (void)state;
    for (int i = 0; i < SUBJECTS; i++) {
        written_messages_read_back(&subjects[i]);
        if (subjects[i].chunks) {
            written_lines_read_back(&subjects[i]);
        }
    }
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_format_is_a_subject),
        cmocka_unit_test(decoding_goes_on),
        cmocka_unit_test(odd_messages),
        cmocka_unit_test(round_trips),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
