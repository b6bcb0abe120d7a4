/* Writing rows: the text forms of all types, escapes, vectors of all kinds, ends of rows. */
#include "connectors/connector.h"
#include "tests/unit/formats_helper.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

enum { ROWS = 3, COLUMNS = 8 };

/* Three rows of all types; row 1 is NULL throughout. */
static wr_batch *
batch_of_all_types(wr_arena *arena, wr_schema *schema)
{
    static const char *const names[COLUMNS] = {"i", "d", "b", "t", "y", "at", "gap", "j\"s"};
    const wr_type types[COLUMNS] = {WR_TYPE(BIGINT),    WR_TYPE(DOUBLE),  WR_TYPE(BOOLEAN),
                                           WR_TYPE(TEXT),      WR_TYPE(BYTES),   WR_TYPE(TIMESTAMP),
                                           WR_TYPE(INTERVAL),  WR_TYPE(JSON)};
    *schema = (wr_schema){WR_NEW_ARRAY(arena, wr_column, COLUMNS), COLUMNS};
    wr_batch *batch = wr_batch_new(arena, COLUMNS);
    batch->row_count = batch->selected_count = ROWS;
    for (int c = 0; c < COLUMNS; c++) {
        schema->columns[c] = (wr_column){.name = wr_text_from(names[c]), .type = types[c]};
        wr_vector_init_flat(&batch->columns[c], types[c], ROWS, arena);
        wr_vector_set_null(&batch->columns[c], 1, ROWS, arena);
    }
    ((int64_t *)batch->columns[0].data)[0] = INT64_MIN;
    ((int64_t *)batch->columns[0].data)[2] = 7;
    ((double *)batch->columns[1].data)[0] = 95.74;
    ((double *)batch->columns[1].data)[2] = (double)NAN;
    ((uint8_t *)batch->columns[2].data)[0] = 1;
    ((uint8_t *)batch->columns[2].data)[2] = 0;
    wr_view *texts = batch->columns[3].data;
    texts[0] = wr_view_from("a\"b\\\n\x01, and more than twelve", 28);
    texts[2] = wr_view_from("", 0);
    wr_view *bytes = batch->columns[4].data;
    bytes[0] = wr_view_from("\xFF\x00", 2);
    bytes[2] = wr_view_from("abc", 3);
    ((int64_t *)batch->columns[5].data)[0] = 300 * WR_US_PER_S;
    ((int64_t *)batch->columns[5].data)[2] = 1500;
    ((wr_interval *)batch->columns[6].data)[0] = (wr_interval){0, 300 * WR_US_PER_S};
    ((wr_interval *)batch->columns[6].data)[2] = (wr_interval){1, 0};
    wr_view *json = batch->columns[7].data;
    json[0] = wr_view_from("[1,\n2]", 6);
    json[2] = wr_view_from("{}", 2);
    return batch;
}

static void
encode(const char *format, const wr_schema *schema, const wr_batch *batch, wr_options options,
       wr_buffer *out, size_t *ends)
{
    const wr_format_ops *ops = wr_format_find(wr_text_from(format));
    wr_arena *arena = wr_arena_new(0);
    wr_encoder *encoder;
    wr_error err;
    wr_buffer_init(out);
    assert_int_equal(ops->encoder_open(arena, schema, options, true, &encoder, &err), WR_OK);
    assert_int_equal(ops->encode(encoder, batch, out, ends, &err), WR_OK);
    ops->encoder_close(encoder);
    wr_arena_free(arena);
}

static void
check(const char *format, wr_options options, const char *expected)
{
    wr_arena *arena = wr_arena_new(0);
    wr_schema schema;
    wr_batch *batch = batch_of_all_types(arena, &schema);
    wr_buffer out;
    size_t ends[ROWS];
    encode(format, &schema, batch, options, &out, ends);
    assert_string_equal(wr_buffer_cstr(&out), expected);
    assert_int_equal(ends[2], out.size);
    assert_int_equal(out.data[ends[0] - 1], '\n');
    wr_buffer_fini(&out);
    wr_arena_free(arena);
}

static void
json_text_forms(void **state)
{
    (void)state;
    check("json", (wr_options){0},
          "{\"i\":-9223372036854775808,\"d\":95.74,\"b\":true,"
          "\"t\":\"a\\\"b\\\\\\n\\u0001, and more than twelve\",\"y\":\"/wA=\","
          "\"at\":\"1970-01-01T00:05:00Z\",\"gap\":\"5 minutes\",\"j\\\"s\":[1, 2]}\n"
          "{\"i\":null,\"d\":null,\"b\":null,\"t\":null,\"y\":null,\"at\":null,\"gap\":null,"
          "\"j\\\"s\":null}\n"
          "{\"i\":7,\"d\":null,\"b\":false,\"t\":\"\",\"y\":\"YWJj\","
          "\"at\":\"1970-01-01T00:00:00.001500Z\",\"gap\":\"1 month\",\"j\\\"s\":{}}\n");
}

static void
csv_text_forms(void **state)
{
    (void)state;
    check("csv", (wr_options){0},
          "i,d,b,t,y,at,gap,\"j\"\"s\"\n"
          "-9223372036854775808,95.74,true,\"a\"\"b\\\n\x01, and more than twelve\",/wA=,"
          "1970-01-01T00:05:00Z,5 minutes,\"[1,\n2]\"\n"
          ",,,,,,,\n"
          "7,NaN,false,\"\",YWJj,1970-01-01T00:00:00.001500Z,1 month,{}\n");
    wr_option items[] = {{.name = WR_TEXT("header"), .value = WR_TEXT("false")},
                         {.name = WR_TEXT("null"), .value = WR_TEXT("7")},
                         {.name = WR_TEXT("delimiter"), .value = WR_TEXT(";")}};
    check("csv", (wr_options){items, 3},
          "-9223372036854775808;95.74;true;\"a\"\"b\\\n\x01, and more than twelve\";/wA=;"
          "1970-01-01T00:05:00Z;5 minutes;\"[1,\n2]\"\n"
          "7;7;7;7;7;7;7;7\n"
          "\"7\";NaN;false;\"\";YWJj;1970-01-01T00:00:00.001500Z;1 month;{}\n");
}

static void
text_is_tab_separated(void **state)
{
    (void)state;
    wr_arena *arena = wr_arena_new(0);
    wr_schema schema;
    wr_batch *batch = batch_of_all_types(arena, &schema);
    schema.count = 2;
    wr_buffer out;
    encode("text", &schema, batch, (wr_options){0}, &out, NULL);
    assert_string_equal(wr_buffer_cstr(&out), "-9223372036854775808\t95.74\n\t\n7\tNaN\n");
    wr_buffer_fini(&out);
    wr_arena_free(arena);
}

static void
selected_rows_of_all_vector_kinds(void **state)
{
    (void)state;
    wr_arena *arena = wr_arena_new(0);
    wr_column columns[] = {{.name = WR_TEXT("c"), .type = WR_TYPE(BIGINT)},
                           {.name = WR_TEXT("d"), .type = WR_TYPE(TEXT)}};
    wr_schema schema = {columns, 2};
    wr_batch *batch = wr_batch_new(arena, 2);
    int64_t seven = 7;
    wr_vector_init_constant(&batch->columns[0], WR_TYPE(BIGINT), &seven, arena);
    wr_vector *dictionary = &batch->columns[1];
    wr_vector_init_flat(dictionary, WR_TYPE(TEXT), 2, arena);
    ((wr_view *)dictionary->data)[0] = wr_view_from("x", 1);
    wr_vector_set_null(dictionary, 1, 2, arena);
    dictionary->kind = WR_DICTIONARY;
    dictionary->dictionary_size = 2;
    dictionary->index = (uint16_t[]){0, 1, 0, 1};
    batch->row_count = 4;
    batch->selection = (uint16_t[]){1, 2};
    batch->selected_count = 2;
    wr_buffer out;
    size_t ends[2];
    encode("json", &schema, batch, (wr_options){0}, &out, ends);
    assert_string_equal(wr_buffer_cstr(&out), "{\"c\":7,\"d\":null}\n{\"c\":7,\"d\":\"x\"}\n");
    assert_int_equal(ends[0], 17);
    assert_int_equal(ends[1], 33);
    wr_buffer_fini(&out);
    wr_arena_free(arena);
}

static void
messages_have_no_separator(void **state)
{
    (void)state;
    wr_arena *arena = wr_arena_new(0);
    wr_schema schema;
    wr_batch *batch = batch_of_all_types(arena, &schema);
    schema.count = 1;
    static const char *const formats[] = {"json", "csv", "text"};
    static const char *const expected[] = {
        "{\"i\":-9223372036854775808}{\"i\":null}{\"i\":7}", "-92233720368547758087",
        "-92233720368547758087"};
    for (int i = 0; i < 3; i++) {
        const wr_format_ops *ops = wr_format_find(wr_text_from(formats[i]));
        wr_encoder *encoder;
        wr_buffer out;
        wr_error err;
        wr_buffer_init(&out);
        assert_int_equal(ops->encoder_open(arena, &schema, (wr_options){0}, false, &encoder, &err),
                         WR_OK);
        assert_int_equal(ops->encode(encoder, batch, &out, NULL, &err), WR_OK);
        assert_string_equal(wr_buffer_cstr(&out), expected[i]);
        ops->encoder_close(encoder);
        wr_buffer_fini(&out);
    }
    wr_arena_free(arena);
}

static void
raw_is_bytes_alone(void **state)
{
    (void)state;
    wr_arena *arena = wr_arena_new(0);
    wr_schema schema;
    wr_batch *batch = batch_of_all_types(arena, &schema);
    const wr_format_ops *raw = wr_format_find(WR_TEXT("raw"));
    wr_encoder *encoder;
    wr_error err;
    assert_int_equal(raw->encoder_open(arena, &schema, (wr_options){0}, false, &encoder, &err),
                     WR_ERR_SQL);
    wr_schema one = {&schema.columns[4], 1};
    wr_batch bytes = *batch;
    bytes.columns = &batch->columns[4];
    bytes.column_count = 1;
    wr_buffer out;
    size_t ends[ROWS];
    encode("raw", &one, &bytes, (wr_options){0}, &out, ends);
    assert_int_equal(out.size, 5);
    assert_memory_equal(out.data, "\xFF\x00"
                                  "abc",
                        5);
    assert_int_equal(ends[0], 2);
    assert_int_equal(ends[1], 2);
    wr_buffer_fini(&out);
    wr_arena_free(arena);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(json_text_forms),
        cmocka_unit_test(csv_text_forms),
        cmocka_unit_test(text_is_tab_separated),
        cmocka_unit_test(selected_rows_of_all_vector_kinds),
        cmocka_unit_test(messages_have_no_separator),
        cmocka_unit_test(raw_is_bytes_alone),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
