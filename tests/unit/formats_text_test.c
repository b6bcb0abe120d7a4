/* The formats text and raw, and finding formats by name and file name. */
#include "connectors/connector.h"
#include "tests/unit/formats_helper.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#define TEXTS(...) ((const char *[]){__VA_ARGS__, NULL})

static void
bare_numbers(void **state)
{
    (void)state;
    decoded out;
    decode_messages(&out, "text", "v DOUBLE",
                    TEXTS("12.5", " 7\n", "abc", "1e400", "", "<tombstone>", "12,5"));
    assert_string_equal(out.rows, "12.5\n7\nNULL\n");
    assert_string_equal(out.bad_rows, "value of another type@0 v\nvalue out of range@0 v\n"
                                      "empty message@-1 \nvalue of another type@0 v\n");
    decoded_free(&out);
    decode_chunk(&out, "text", "v BIGINT", "1\r\n\n2\n3");
    assert_string_equal(out.rows, "1\n2\n3\n");
    decoded_free(&out);
}

static void
lines_of_text(void **state)
{
    (void)state;
    decoded out;
    decode_chunk(&out, "text", "v TEXT", "hello\r\n\n \xFF\nw\xC3\xB6rld");
    assert_string_equal(out.rows, "hello\n\nw\xC3\xB6rld\n");
    assert_string_equal(out.bad_rows, "invalid UTF-8@1 \n");
    decoded_free(&out);
}

static void
raw_takes_all_bytes(void **state)
{
    (void)state;
    decoded out;
    decode_messages(&out, "raw", "raw BYTES", TEXTS("\xFF\x01", "x", "<tombstone>"));
    assert_string_equal(out.rows, "\xFF\x01\nx\nNULL\n");
    assert_int_equal(out.bad_count, 0);
    decoded_free(&out);
    decode_messages(&out, "raw", "t TEXT", TEXTS("\xFF", "x"));
    assert_string_equal(out.rows, "x\n");
    assert_string_equal(out.bad_rows, "invalid UTF-8@0 t\n");
    decoded_free(&out);
    wr_type type = WR_TYPE(DOUBLE);
    wr_decode_column column = {.type = type};
    wr_decode_spec spec = {.columns = &column, .column_count = 1};
    wr_arena *arena = wr_arena_new(0);
    wr_decoder *decoder;
    wr_error err;
    assert_int_equal(wr_format_find(WR_TEXT("raw"))->decoder_open(arena, &spec, &decoder, &err),
                     WR_ERR_SQL);
    wr_arena_free(arena);
}

static const char *
name_by_path(const char *path)
{
    const wr_format_ops *format = wr_format_by_extension(wr_text_from(path));
    return format ? format->name : "none";
}

static void
formats_are_found(void **state)
{
    (void)state;
    assert_ptr_equal(wr_format_find(WR_TEXT("JSON")), wr_format_find(WR_TEXT("json")));
    assert_null(wr_format_find(WR_TEXT("jsn")));
    assert_string_equal(name_by_path("logs/a.ndjson"), "json");
    assert_string_equal(name_by_path("a.b/c.CSV.gz"), "csv");
    assert_string_equal(name_by_path("a.txt"), "text");
    assert_string_equal(name_by_path("a.csv/b"), "none");
    assert_string_equal(name_by_path("a.md"), "none");
    assert_string_equal(name_by_path(""), "none");
    int count;
    assert_non_null(wr_format_all(&count));
    assert_int_equal(count, 4);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(bare_numbers),
        cmocka_unit_test(lines_of_text),
        cmocka_unit_test(raw_takes_all_bytes),
        cmocka_unit_test(formats_are_found),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
