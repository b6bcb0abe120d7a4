/* Decoding JSON: types, keys, arrays, bad rows, nesting. */
#include "connectors/connector.h"
#include "tests/unit/formats_helper.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#define TEXTS(...) ((const char *[]){__VA_ARGS__, NULL})

static void
check(const char *columns, const char *const *texts, const char *rows, const char *bad)
{
    decoded out;
    decode_messages(&out, "json", columns, texts);
    assert_string_equal(out.rows, rows);
    assert_string_equal(out.bad_rows, bad);
    decoded_free(&out);
}

static void
values_by_type(void **state)
{
    (void)state;
    check("b BOOLEAN, i BIGINT, d DOUBLE, t TEXT, y BYTES, s TIMESTAMP, j JSON",
          TEXTS("{\"b\":true,\"i\":-12,\"d\":95.74,\"t\":\"h\\u00e9\\n\",\"y\":\"aGk=\","
                "\"s\":\"1970-01-01T00:00:01Z\",\"j\":{\"x\":[1, 2]}}",
                "{\"b\":false,\"i\":1.0,\"d\":3,\"t\":12.50,\"j\":\"s\"}",
                "{\"b\":null,\"i\":null,\"t\":true,\"extra\":[{}]}"),
          "true|-12|95.74|h\xC3\xA9\n|hi|1000000|{\"x\":[1, 2]}\n"
          "false|1|3|12.50|NULL|NULL|\"s\"\n"
          "NULL|NULL|NULL|true|NULL|NULL|NULL\n",
          "");
}

static void
bad_values(void **state)
{
    (void)state;
    check("i BIGINT",
          TEXTS("{\"i\":1.5}", "{\"i\":\"7\"}", "{\"i\":9223372036854775808}",
                "{\"i\":-9223372036854775808}", "{\"i\":[]}"),
          "-9223372036854775808\n",
          "value of another type@5 i\nvalue of another type@5 i\nvalue out of range@5 i\n"
          "value of another type@5 i\n");
    check("i BIGINT LEARNED",
          TEXTS("{\"i\":1.5}", "{\"i\":9223372036854775808}", "{\"i\":\"1\"}"), "",
          "value of another type@5 i!\nvalue out of range@5 i!\nvalue of another type@5 i\n");
    check("d DOUBLE", TEXTS("{\"d\":1e400}", "{\"d\":\"12.5\"}", "{\"d\":-1e-400}"), "-0\n",
          "value out of range@5 d\nvalue of another type@5 d\n");
    check("s TIMESTAMP, y BYTES",
          TEXTS("{\"s\":1700000000}", "{\"s\":\"soon\"}", "{\"y\":\"a\"}"), "",
          "value of another type@5 s\ncannot be cast@5 s\ncannot be cast@5 y\n");
    check("i SMALLINT", TEXTS("{\"i\":32767}", "{\"i\":32768}"), "32767\n",
          "value out of range@5 i\n");
    check("i BIGINT NOT NULL", TEXTS("{}", "{\"i\":1}"), "1\n",
          "NULL in a NOT NULL column@-1 i\n");
}

static void
bad_value_becomes_null(void **state)
{
    (void)state;
    decode_job job;
    decoded out;
    decoded_reset(&out);
    job_init(&job, "i BIGINT, t TEXT");
    job.spec.bad_value_null = true;
    wr_block block = helper_messages(job.arena, TEXTS("{\"i\":\"x\",\"t\":\"y\"}", "{\"i\":1,"));
    helper_decode(&out, &job, "json", &block, 1);
    assert_string_equal(out.rows, "NULL|y\n");
    assert_string_equal(out.bad_rows, "not valid for the format@7 \n");
    decoded_free(&out);
    wr_arena_free(job.arena);
}

static void
keys_exact_first_then_without_case(void **state)
{
    (void)state;
    check("host TEXT",
          TEXTS("{\"Host\":\"a\"}", "{\"host\":\"b\",\"HOST\":\"c\"}",
                "{\"HOST\":\"c\",\"host\":\"b\"}", "{\"ho\\u0073t\":\"d\"}"),
          "a\nb\nb\nd\n", "");
    check("V BIGINT, v BIGINT", TEXTS("{\"v\":1,\"V\":2}", "{\"v\":3}"), "2|1\n3|3\n", "");
}

static void
duplicate_keys_last_wins(void **state)
{
    (void)state;
    check("a BIGINT",
          TEXTS("{\"a\":1,\"a\":2}", "{\"a\":\"x\",\"a\":2}", "{\"a\":2,\"a\":\"x\"}",
                "{\"a\":2,\"a\":null}"),
          "2\n2\nNULL\n", "value of another type@11 a\n");
    check("a.b BIGINT, a.c BIGINT", TEXTS("{\"a\":{\"b\":1},\"a\":{\"c\":2}}"), "NULL|2\n", "");
}

static void
nested_paths(void **state)
{
    (void)state;
    check("a.b BIGINT, a.c.d TEXT, a JSON",
          TEXTS("{\"a\":{\"b\":1,\"c\":{\"d\":\"x\",\"e\":[]}}}", "{\"a\":5}", "{\"a\":null}"),
          "1|x|{\"b\":1,\"c\":{\"d\":\"x\",\"e\":[]}}\nNULL|NULL|5\nNULL|NULL|NULL\n", "");
}

static void
bare_scalars_are_v(void **state)
{
    (void)state;
    check("v DOUBLE", TEXTS("12.5", " 7 ", "null", "{\"v\":3}", "true", "\"x\"", "1 2"),
          "12.5\n7\nNULL\n3\n",
          "value of another type@0 v\nvalue of another type@0 v\nnot valid for the format@2 \n");
}

static void
arrays_give_rows(void **state)
{
    (void)state;
    check("a BIGINT", TEXTS("[{\"a\":1},{\"a\":2} , {\"a\":\"x\"},{}]", "[]", "[{\"a\":1},{]"),
          "1\n2\nNULL\n", "value of another type@5 a\nnot valid for the format@10 \n");
    check("v JSON", TEXTS("[1,[2, 3],\"x\"]"), "1\n[2, 3]\n\"x\"\n", "");
}

static void
large_array_spans_batches(void **state)
{
    (void)state;
    wr_buffer text;
    wr_buffer_init(&text);
    wr_buffer_char(&text, '[');
    for (int i = 0; i < 5000; i++) {
        wr_buffer_printf(&text, "%s{\"a\":%d}", i ? "," : "", i);
    }
    wr_buffer_char(&text, ']');
    decoded out;
    decode_messages(&out, "json", "a BIGINT", TEXTS(wr_buffer_cstr(&text), "{\"a\":-1}"));
    assert_int_equal(out.row_count, 5001);
    assert_int_equal(out.bad_count, 0);
    assert_string_equal(out.rows + strlen(out.rows) - 8, "4999\n-1\n");
    decoded_free(&out);
    wr_buffer_fini(&text);
}

static void
tombstones_and_empty_messages(void **state)
{
    (void)state;
    check("a BIGINT", TEXTS("<tombstone>", "", "  ", "{\"a\":1}"), "NULL\n1\n",
          "empty message@-1 \nempty message@-1 \n");
}

static void
chunks_line_by_line(void **state)
{
    (void)state;
    decoded out;
    decode_chunk(&out, "json", "a BIGINT",
                 "\xEF\xBB\xBF{\"a\":1}\r\n\n  \n{\"a\":2\n{\"a\":3}{\n{\"a\":4}");
    assert_string_equal(out.rows, "1\n4\n");
    assert_string_equal(out.bad_rows,
                        "not valid for the format@6 \nnot valid for the format@7 \n");
    decoded_free(&out);
}

static void
strictness(void **state)
{
    (void)state;
    static const char *const bad[] = {
        "{\"a\":01}", "{\"a\":+1}", "{\"a\":1.}", "{\"a\":.5}", "{\"a\":1e}", "{\"a\":-}",
        "{\"a\":1,}", "{a:1}", "{\"a\":tru}", "{\"a\":\"\x01\"}", "{\"a\":\"\\x\"}",
        "{\"a\":\"\\u12\"}", "{\"a\":NaN}", "[1,]", "[", "{", "\"", "nul", "{\"a\" 1}",
        "{\"a\":1}}", "\xEF\xBB\xBF{\"a\":1}", "{\"x\":\"\\uD800\"}", "{\"x\":\"\\uDC00\\uD800\"}",
        "{\"x\":\"\xC0\x80\"}", "{\"x\":\"\xED\xA0\x80\"}", "{\"x\":\"\xFF\"}", "{\"\xFF\":1}"};
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        decoded out;
        decode_messages(&out, "json", "a BIGINT", TEXTS(bad[i]));
        assert_int_equal(out.row_count, 0);
        assert_int_equal(out.bad_count, 1);
        decoded_free(&out);
    }
    check("a TEXT", TEXTS("{\"a\":\"\\uD83D\\uDE00\"}"), "\xF0\x9F\x98\x80\n", "");
}

static void
deep_nesting_is_a_bad_row(void **state)
{
    (void)state;
    size_t size = 100000;
    char *text = wr_alloc(size + 1);
    memset(text, '[', size);
    decoded out;
    decode_messages(&out, "json", "a JSON", TEXTS(text));
    assert_string_equal(out.bad_rows, "nested too deeply@1024 \n");
    decoded_free(&out);
    for (size_t i = 0; i + 5 <= size; i += 5) {
        memcpy(text + i, "{\"a\":", 5);
    }
    decode_messages(&out, "json", "a.a.a BIGINT", TEXTS(text));
    assert_string_equal(out.bad_rows, "nested too deeply@5120 \n");
    decoded_free(&out);
    wr_free(text);
}

static void
a_giant_value_is_a_value(void **state)
{
    (void)state;
    size_t size = (size_t)64 << 20;
    char *text = wr_alloc(size + 1);
    memset(text, 'x', size);
    memcpy(text, "{\"a\":\"", 6);
    memcpy(text + size - 2, "\"}", 2);
    decoded out;
    decode_messages(&out, "json", "a TEXT", TEXTS(text));
    assert_int_equal(out.row_count, 1);
    assert_int_equal(strlen(out.rows), size - 8 + 1);
    decoded_free(&out);
    text[size - 2] = 'x';
    decode_messages(&out, "json", "a TEXT", TEXTS(text));
    assert_int_equal(out.row_count, 0);
    assert_int_equal(out.bad_count, 1);
    decoded_free(&out);
    wr_free(text);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(values_by_type),
        cmocka_unit_test(bad_values),
        cmocka_unit_test(bad_value_becomes_null),
        cmocka_unit_test(keys_exact_first_then_without_case),
        cmocka_unit_test(duplicate_keys_last_wins),
        cmocka_unit_test(nested_paths),
        cmocka_unit_test(bare_scalars_are_v),
        cmocka_unit_test(arrays_give_rows),
        cmocka_unit_test(large_array_spans_batches),
        cmocka_unit_test(tombstones_and_empty_messages),
        cmocka_unit_test(chunks_line_by_line),
        cmocka_unit_test(strictness),
        cmocka_unit_test(deep_nesting_is_a_bad_row),
        cmocka_unit_test(a_giant_value_is_a_value),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
