/* The kernels that read JSON records by their shape: all give the same rows, and take the records
 * that fit. */
#include "connectors/formats/kernels.h"
#include "tests/lib/random.h"
#include "tests/unit/formats_helper.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

enum { RECORDS = 100, ROUNDS = 300, RECORD_MAX = 256 };

static const char columns[] = "a BIGINT, b DOUBLE, c TEXT, d TEXT, e DOUBLE";

/* Records by one template: %1 a digit, %2 a plain byte; of a fifth, one byte is another. */
static const char *const templates[] = {
    "{\"a\":1%1%1,\"b\":2%1.%1,\"c\":\"%2%2%2\",\"d\":\"%2 longer than 12\",\"e\":-%1.%1%1}",
    "{\"s\":\"\\n%2 \xC3\xA9\",\"n\":-1%1.%1e+07,\"a\":-%1,\"t\":{\"x\":[true,null]},\"c\":\"\"}",
    "{ \"d\" : \"%2%2%2%2%2%2%2%2%2%2%2%2\" , \"a\" : 123456789012345%1 , \"e\" : 0.%1 }",
};

static size_t
record_make(char *record, const char *template)
{
    size_t size = 0;
    for (const char *at = template; *at; at++) {
        if (*at != '%') {
            record[size++] = *at;
            continue;
        }
        at++;
        record[size++] = (char)(*at == '1' ? '0' + random_below(10) : 'a' + random_below(26));
    }
    return size;
}

typedef struct shape_bench {
    decode_job job;
    wr_decode_frame frame;
    wr_json_reader reader;
    wr_json_shape shape;
    wr_decode_out *out;
} shape_bench;

static void
bench_init(shape_bench *bench)
{
    job_init(&bench->job, columns);
    bench->shape.nulls = WR_NEW_ARRAY(bench->job.arena, int, HELPER_COLUMNS_MAX);
    bench->out = WR_NEW(bench->job.arena, wr_decode_out);
    bench->out->batch = wr_batch_new(bench->job.arena, bench->job.spec.column_count);
    wr_decode_frame_init(&bench->frame, &bench->job.spec, bench->job.arena);
    wr_json_reader_init(&bench->reader, &bench->frame, bench->job.arena);
}

static bool
bench_learn(shape_bench *bench, const char *record, size_t size, bool widen)
{
    const char *at = record;
    wr_block block = {.kind = WR_BLOCK_NONE};
    wr_decode_begin(&bench->frame, &block, bench->out);
    assert_true(wr_json_object(&bench->reader, &at, record + size));
    return (widen ? wr_json_shape_widen : wr_json_shape_build)(
        &bench->shape, &bench->job.spec, &bench->reader.trace, (wr_text){record, size});
}

/* The rows of the records that `kernels` take, and how many. */
static int
bench_read(shape_bench *bench, const wr_kernels *kernels, wr_records *records, wr_buffer *rows)
{
    wr_block block = {.kind = WR_BLOCK_NONE};
    wr_decode_begin(&bench->frame, &block, bench->out);
    int count = kernels->json_shape_read(&bench->shape, &bench->frame, records, 0, records->count);
    wr_buffer_reset(rows);
    for (int c = 0; c < bench->job.spec.column_count; c++) {
        bool is_there = true;
        for (int k = 0; k < bench->shape.null_count; k++) {
            is_there &= bench->shape.nulls[k] != c;
        }
        const wr_vector *vector = &bench->out->batch->columns[c];
        for (int row = 0; row < count && is_there; row++) {
            if (vector->type.id == WR_TYPE_TEXT) {
                wr_buffer_text(rows, wr_view_text(&((const wr_view *)vector->data)[row]));
                wr_buffer_char(rows, '|');
            } else {
                wr_buffer_append(rows, (const char *)vector->data + 8 * row, 8);
            }
        }
    }
    return count;
}

/* As many records as there are up to the first one that the strict reader would read otherwise are
 * taken; the kernels agree on how many, and on every byte. */
static void
kernels_agree(void **state)
{
    (void)state;
    static shape_bench bench;
    static char bytes[RECORDS][RECORD_MAX + 64];
    static wr_records records;
    int kernel_count, whole = 0;
    const wr_kernels *const *kernels = wr_kernels_usable(&kernel_count);
    for (int round = 0; round < ROUNDS; round++) {
        const char *template = templates[round % 3];
        bench_init(&bench);
        records.count = RECORDS;
        int broken = (int)random_below(2 * RECORDS);
        for (int i = 0; i < RECORDS; i++) {
            size_t size = record_make(bytes[i], template);
            records.begin[i] = bytes[i];
            records.end[i] = bytes[i] + size;
        }
        assert_true(bench_learn(&bench, bytes[0], (size_t)(records.end[0] - bytes[0]), false));
        if (round % 2) { /* another width for the number a: from now on it is read on the way */
            char other[RECORD_MAX + 64];
            size_t size = record_make(other, template);
            other[size] = '\0';
            size_t at = (size_t)(strstr(other, "\"a\"") - other);
            at += strcspn(other + at, "0123456789");
            memmove(other + at + 1, other + at, size - at);
            other[at] = '1';
            assert_true(bench_learn(&bench, other, size + 1, true));
        }
        if (broken < RECORDS) {
            size_t size = (size_t)(records.end[broken] - records.begin[broken]);
            bytes[broken][random_below(size)] = "\"\\\x01\x80 0x"[random_below(7)];
        }
        wr_buffer expected, got;
        wr_buffer_init(&expected);
        wr_buffer_init(&got);
        int count = bench_read(&bench, &wr_kernels_base, &records, &expected);
        assert_true(count == RECORDS || count >= broken || round % 3 == 1);
        whole += count == RECORDS;
        for (int k = 0; k < kernel_count; k++) {
            assert_int_equal(bench_read(&bench, kernels[k], &records, &got), count);
            assert_int_equal(got.size, expected.size);
            assert_memory_equal(got.data, expected.data, expected.size);
        }
        wr_buffer_fini(&expected);
        wr_buffer_fini(&got);
        wr_arena_free(bench.job.arena);
        bench = (shape_bench){0};
    }
    assert_true(whole > ROUNDS / 10);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(kernels_agree)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
