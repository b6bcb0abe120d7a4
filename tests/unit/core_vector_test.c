/* Views, vectors, batches, hashes. */
#include "core/hash.h"
#include "core/time.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

static int
sign(int x)
{
    return (x > 0) - (x < 0);
}

static void
views_order_like_bytes(void **state)
{
    (void)state;
    wr_arena *arena = wr_arena_new(0);
    const char *texts[] = {"",
                           "a",
                           "ab",
                           "abc",
                           "abcd",
                           "abcde",
                           "abcdefghijkl",
                           "abcdefghijklm",
                           "abcdefghijkln",
                           "abd",
                           "\xC3\xA9",
                           "b",
                           "abcdefghijklm\x01"};
    int count = (int)(sizeof(texts) / sizeof(texts[0]));
    for (int i = 0; i < count; i++) {
        for (int j = 0; j < count; j++) {
            wr_view a = wr_view_from(texts[i], strlen(texts[i]));
            wr_view b = wr_view_from(texts[j], strlen(texts[j]));
            int wanted = sign(wr_text_compare(wr_text_from(texts[i]), wr_text_from(texts[j])));
            assert_int_equal(sign(wr_view_compare(&a, &b)), wanted);
            assert_int_equal(wr_view_equal(&a, &b), wanted == 0);
            wr_view copy = wr_view_copy(arena, &a);
            assert_true(wr_view_equal(&a, &copy));
        }
    }
    wr_view nul = wr_view_from("a\0", 2);
    wr_view plain = wr_view_from("a", 1);
    assert_true(wr_view_compare(&plain, &nul) < 0 && !wr_view_equal(&plain, &nul));
    wr_arena_free(arena);
}

static void
nulls_and_errors(void **state)
{
    (void)state;
    wr_arena *arena = wr_arena_new(0);
    wr_vector vector;
    wr_vector_init_flat(&vector, WR_TYPE(TEXT), 100, arena);
    assert_int_equal(((wr_view *)vector.data)[99].size, 0);
    ((wr_view *)vector.data)[7] = wr_view_from("x", 1);
    wr_vector_set_null(&vector, 7, 100, arena);
    wr_vector_set_error(&vector, 8, 100, WR_REASON_CAST, arena);
    for (int i = 0; i < 100; i++) {
        assert_int_equal(wr_vector_is_null(&vector, i), i == 7);
        assert_int_equal(wr_vector_error(&vector, i), i == 8 ? WR_REASON_CAST : 0);
    }
    assert_int_equal(((wr_view *)vector.data)[7].size, 0);
    assert_string_equal(wr_reason_text(WR_REASON_CAST), "cannot be cast");
    wr_vector null;
    wr_vector_init_constant(&null, WR_TYPE(BIGINT), NULL, arena);
    assert_true(wr_vector_is_null(&null, 2000));
    wr_arena_free(arena);
}

static void
flatten_and_gather(void **state)
{
    (void)state;
    wr_arena *arena = wr_arena_new(0);
    int64_t entries[] = {10, 20, 30};
    uint64_t valid = 5; /* 20 is NULL */
    uint8_t errors[] = {0, 0, WR_REASON_RANGE};
    uint16_t index[] = {2, 1, 0, 0, 1};
    wr_vector vector = {.type = WR_TYPE(BIGINT),
                        .kind = WR_DICTIONARY,
                        .dictionary_size = 3,
                        .data = entries,
                        .valid = &valid,
                        .errors = errors,
                        .index = index};
    wr_vector flat = wr_vector_flatten(&vector, 5, arena);
    assert_int_equal(flat.kind, WR_FLAT);
    for (int i = 0; i < 5; i++) {
        assert_int_equal(wr_vector_is_null(&flat, i), wr_vector_is_null(&vector, i));
        assert_int_equal(wr_vector_error(&flat, i), wr_vector_error(&vector, i));
        assert_true(WR_VALUE(&flat, int64_t, i) == entries[index[i]]);
    }
    const uint16_t rows[] = {4, 2};
    wr_vector some = wr_vector_gather(&vector, rows, 2, arena);
    assert_true(wr_vector_is_null(&some, 0) && WR_VALUE(&some, int64_t, 1) == 10);
    wr_vector again = wr_vector_gather(&some, rows + 1, 0, arena);
    assert_int_equal(again.kind, WR_FLAT);
    int64_t seven = 7;
    wr_vector constant;
    wr_vector_init_constant(&constant, WR_TYPE(BIGINT), &seven, arena);
    flat = wr_vector_flatten(&constant, 3, arena);
    assert_true(((int64_t *)flat.data)[2] == 7);
    some = wr_vector_gather(&constant, rows, 2, arena);
    assert_true(((int64_t *)some.data)[1] == 7);
    wr_arena_free(arena);
}

static void
batch_copy_is_dense_and_own(void **state)
{
    (void)state;
    wr_arena *arena = wr_arena_new(0);
    wr_arena *other = wr_arena_new(0);
    char bytes[] = "a text that is longer than twelve";
    wr_batch *batch = wr_batch_new(arena, 1);
    wr_vector_init_flat(&batch->columns[0], WR_TYPE(TEXT), 4, arena);
    for (int i = 0; i < 4; i++) {
        ((wr_view *)batch->columns[0].data)[i] = wr_view_from(bytes, 20 + (size_t)i);
    }
    const int64_t times[] = {1, 2, 3, 4};
    const uint8_t ops[] = {0, 1, 2, 3};
    const uint16_t selection[] = {1, 3};
    const wr_origins origins = {.offset = 1};
    batch->row_count = 4;
    batch->selection = selection;
    batch->selected_count = 2;
    batch->event_time_us = times;
    batch->row_ops = ops;
    batch->origins = &origins;
    wr_batch *copy = wr_batch_copy(batch, other);
    memset(bytes, 'z', sizeof(bytes));
    wr_arena_free(arena);
    assert_int_equal(copy->row_count, 2);
    assert_null(copy->selection);
    const wr_view *views = copy->columns[0].data;
    assert_int_equal(views[1].size, 23);
    assert_memory_equal(wr_view_data(&views[1]), "a text that is longer t", 23);
    assert_true(copy->event_time_us[1] == 4 && copy->row_ops[0] == 1 && !copy->watermark_us);
    assert_true(wr_origin_of(copy->origins, 1).offset == 4);
    wr_arena_free(other);
}

static uint64_t
hash_of(wr_type type, const void *value, wr_arena *arena)
{
    wr_vector vector;
    wr_vector_init_constant(&vector, type, value, arena);
    uint64_t hash = 0;
    wr_hash_vector(&vector, 1, false, &hash);
    return hash;
}

static void
equal_values_hash_alike(void **state)
{
    (void)state;
    wr_arena *arena = wr_arena_new(0);
    double zeros[] = {0.0, -0.0};
    double nans[] = {(double)NAN, -(double)NAN};
    assert_true(hash_of(WR_TYPE(DOUBLE), &zeros[0], arena) ==
                hash_of(WR_TYPE(DOUBLE), &zeros[1], arena));
    assert_true(hash_of(WR_TYPE(DOUBLE), &nans[0], arena) ==
                hash_of(WR_TYPE(DOUBLE), &nans[1], arena));
    wr_interval month = {.months = 1};
    wr_interval days = {.micros = 30 * WR_US_PER_DAY};
    assert_true(hash_of(WR_TYPE(INTERVAL), &month, arena) ==
                hash_of(WR_TYPE(INTERVAL), &days, arena));
    wr_interval negative = {.months = -1, .micros = 30 * WR_US_PER_DAY};
    wr_interval zero = {0};
    assert_true(hash_of(WR_TYPE(INTERVAL), &negative, arena) ==
                hash_of(WR_TYPE(INTERVAL), &zero, arena));
    char copies[2][20] = {"server-000989.exampl", "server-000989.exampl"};
    wr_view views[] = {wr_view_from(copies[0], 20), wr_view_from(copies[1], 20)};
    assert_true(hash_of(WR_TYPE(TEXT), &views[0], arena) ==
                hash_of(WR_TYPE(TEXT), &views[1], arena));
    assert_true(hash_of(WR_TYPE(TEXT), NULL, arena) == hash_of(WR_TYPE(BIGINT), NULL, arena));
    wr_arena_free(arena);
}

/* Flat, dictionary and constant forms of the same values hash alike, combined too. */
static void
hashes_do_not_depend_on_form(void **state)
{
    (void)state;
    wr_arena *arena = wr_arena_new(0);
    int64_t entries[] = {10, 20, 30};
    uint64_t valid = 5;
    uint16_t index[] = {2, 1, 0, 0, 1};
    wr_vector vector = {.type = WR_TYPE(BIGINT),
                        .kind = WR_DICTIONARY,
                        .dictionary_size = 3,
                        .data = entries,
                        .valid = &valid,
                        .index = index};
    wr_vector flat = wr_vector_flatten(&vector, 5, arena);
    for (int combine = 0; combine < 2; combine++) {
        uint64_t a[5] = {1, 2, 3, 4, 5};
        uint64_t b[5] = {1, 2, 3, 4, 5};
        wr_hash_vector(&vector, 5, combine, a);
        wr_hash_vector(&flat, 5, combine, b);
        assert_memory_equal(a, b, sizeof(a));
    }
    uint64_t hashes[5];
    wr_hash_set_zero(true);
    wr_hash_vector(&flat, 5, false, hashes);
    assert_true(hashes[4] == 0 && wr_hash_int64(7) == 0 && wr_hash_bytes("a", 1, 1) == 0);
    wr_hash_set_zero(false);
    assert_true(wr_hash_int64(7) != wr_hash_int64(8));
    wr_arena_free(arena);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(views_order_like_bytes),
        cmocka_unit_test(nulls_and_errors),
        cmocka_unit_test(flatten_and_gather),
        cmocka_unit_test(equal_values_hash_alike),
        cmocka_unit_test(batch_copy_is_dense_and_own),
        cmocka_unit_test(hashes_do_not_depend_on_form),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
