/* Decoding CSV: quotes, line ends, NULL, headers, bad rows; where chunks may be cut. */
#include "connectors/connector.h"
#include "tests/unit/formats_helper.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#define TEXTS(...) ((const char *[]){__VA_ARGS__, NULL})

static void
check(const char *columns, const char *text, const char *rows, const char *bad)
{
    decoded out;
    decode_chunk(&out, "csv", columns, text);
    assert_string_equal(out.rows, rows);
    assert_string_equal(out.bad_rows, bad);
    decoded_free(&out);
}

static void
check_option(const char *name, const char *value, const char *text, const char *rows)
{
    decode_job job;
    decoded out;
    decoded_reset(&out);
    job_init(&job, "a TEXT, b BIGINT");
    job_option(&job, name, value);
    wr_block block = helper_chunk(job.arena, text, strlen(text));
    helper_decode(&out, &job, "csv", &block, 1);
    assert_string_equal(out.rows, rows);
    decoded_free(&out);
    wr_arena_free(job.arena);
}

static void
fields_by_header_name(void **state)
{
    (void)state;
    check("v DOUBLE, ts BIGINT, gone TEXT", "\xEF\xBB\xBFts,Host,V\n1,a,2.5\r\n2,b, 3 \n",
          "2.5|1|NULL\n3|2|NULL\n", "");
}

static void
quotes_and_newlines(void **state)
{
    (void)state;
    check("a TEXT, b TEXT", "a,b\n\"x, \"\"y\"\"\",\"1\n2\r\n3\"\n in \"the\" middle,\"\"\n",
          "x, \"y\"|1\n2\r\n3\n in \"the\" middle|\n", "");
}

static void
empty_is_null_and_quoted_is_text(void **state)
{
    (void)state;
    check("a TEXT, b BIGINT", "a,b\n,1\n\"\",\n", "NULL|1\n|NULL\n", "");
    check_option("null", "NA", "a,b\nNA,NA\n\"NA\",1\n", "NULL|NULL\nNA|1\n");
}

static void
options(void **state)
{
    (void)state;
    check_option("delimiter", ";", "a;b\nx,y;1\n", "x,y|1\n");
    check_option("delimiter", "\\t", "a\tb\nx\t1\n", "x|1\n");
    check_option("header", "false", "x,1\ny,2\n", "x|1\ny|2\n");
    wr_option option = {.name = WR_TEXT("delimiter"), .value = WR_TEXT("\"")};
    wr_decode_spec spec = {.options = {&option, 1}};
    wr_arena *arena = wr_arena_new(0);
    wr_decoder *decoder;
    wr_error err;
    const wr_format_ops *csv = wr_format_find(WR_TEXT("csv"));
    assert_int_equal(csv->decoder_open(arena, &spec, &decoder, &err), WR_ERR_SQL);
    assert_string_equal(err.code, "E0602");
    wr_arena_free(arena);
}

static void
typed_values(void **state)
{
    (void)state;
    check("b BOOLEAN, i SMALLINT, s TIMESTAMP, y BYTES",
          "b,i,s,y\nTRUE,-7,1970-01-01T00:00:01Z,aGk=\n", "true|-7|1000000|hi\n", "");
    check("i BIGINT", "i\nx\n1.5\n99999999999999999999\n2.0\n\"\"\n", "2\n",
          "value of another type@0 i\nvalue of another type@0 i\nvalue out of range@0 i\n"
          "value of another type@1 i\n");
    check("i BIGINT LEARNED", "i\n1.5\nx\n", "",
          "value of another type@0 i!\nvalue of another type@0 i\n");
    check("d DOUBLE", "d\n1e400\nNaN\n-1.5e3\n", "NaN\n-1500\n", "value out of range@0 d\n");
}

static void
numbers_of_all_lengths(void **state)
{
    (void)state;
    check("a DOUBLE, b BIGINT",
          "a,b\n95.74,17\n-1.9,-0\n0,007\r\n.5,1.0\n5.,-9\n-0.25,+3\n1e2,999999999999999\r\n"
          "123456789.012345,9999999999999999\n9007199254740993,-9223372036854775808\n",
          "95.74|17\n-1.9|0\n0|7\n0.5|1\n5|-9\n-0.25|3\n100|999999999999999\n"
          "123456789.012345|9999999999999999\n9007199254740992|-9223372036854775808\n",
          "");
    check("a DOUBLE", "a\n1\n-\n.\n-.\n1.2.3\n1-2\n--1\n1.x\n2\n", "1\n2\n",
          "value of another type@0 a\nvalue of another type@0 a\nvalue of another type@0 a\n"
          "value of another type@0 a\nvalue of another type@0 a\nvalue of another type@0 a\n"
          "value of another type@0 a\n");
    check_option("null", "-1", "a,b\n-1,-1\nx,1\nx,-1\nx,-1\nx,2\n",
                 "NULL|NULL\nx|1\nx|NULL\nx|NULL\nx|2\n");
}

static void
bad_records_leave_their_neighbours_alone(void **state)
{
    (void)state;
    check("a TEXT, b BIGINT",
          "a,b\nx,1\ntoo,2,many\nfew\n\"q\"x,3\ny,\xFF\n\nz,4\n\"open,5\nw,6\n", "x|1\nz|4\n",
          "wrong number of fields@-1 \nwrong number of fields@-1 \n"
          "not valid for the format@3 \ninvalid UTF-8@2 \nnot valid for the format@0 \n");
}

static void
blank_lines(void **state)
{
    (void)state;
    check("a TEXT, b TEXT", "a,b\n\n1,2\n\r\n3,4", "1|2\n3|4\n", "");
    check("a TEXT", "a\n1\n\n2\n", "1\nNULL\n2\n", "");
}

static void
messages_by_declared_position(void **state)
{
    (void)state;
    decoded out;
    decode_messages(&out, "csv", "a TEXT, b BIGINT",
                    TEXTS("x,1", "\"y\nz\",2\r\n", "q", "a,1\nb,2", "", "<tombstone>"));
    assert_string_equal(out.rows, "x|1\ny\nz|2\nNULL|NULL\n");
    assert_string_equal(out.bad_rows, "wrong number of fields@-1 \n"
                                      "not valid for the format@4 \nempty message@-1 \n");
    decoded_free(&out);
}

static void
each_file_has_its_header(void **state)
{
    (void)state;
    decode_job job;
    decoded out;
    decoded_reset(&out);
    job_init(&job, "a TEXT, b BIGINT");
    wr_block blocks[] = {helper_chunk(job.arena, "a,b\nx,1\n", 8),
                         helper_chunk(job.arena, "b,a\n2,y\n", 8),
                         helper_chunk(job.arena, "z,3\n", 4), helper_chunk(job.arena, "4,w\n", 4)};
    blocks[1].chunk_partition = blocks[3].chunk_partition = 1;
    blocks[2].chunk_first = blocks[3].chunk_first = false;
    helper_decode(&out, &job, "csv", blocks, 4);
    assert_string_equal(out.rows, "x|1\ny|2\nz|3\nw|4\n");
    decoded_free(&out);
    wr_arena_free(job.arena);
}

static void
lines_are_counted(void **state)
{
    (void)state;
    static int64_t lines[WR_BATCH_ROWS];
    decode_job job;
    decoded out;
    decoded_reset(&out);
    job_init(&job, "a TEXT, b TEXT");
    job.lines = lines;
    const char *text = "a,b\n1,2\n\"x\ny\",3\n\n4,5\n";
    wr_block block = helper_chunk(job.arena, text, strlen(text));
    helper_decode(&out, &job, "csv", &block, 1);
    assert_int_equal(out.row_count, 3);
    assert_int_equal(lines[0], 2);
    assert_int_equal(lines[1], 3);
    assert_int_equal(lines[2], 6);
    decoded_free(&out);
    wr_arena_free(job.arena);
}

static size_t
cut(const char *text)
{
    return wr_format_find(WR_TEXT("csv"))->cut(text, strlen(text), (wr_options){0});
}

static void
chunks_are_cut_outside_quotes(void **state)
{
    (void)state;
    assert_int_equal(cut("a,b\nc"), 4);
    assert_int_equal(cut("a,\"b\nc"), 0);
    assert_int_equal(cut("a\n\"b\nc"), 2);
    assert_int_equal(cut("a\n\"b\n\"\"c\n\"\n\"x"), 11);
    assert_int_equal(cut("a \"b\nc"), 5);
    assert_int_equal(cut("\"a\"b\nc"), 5);
    assert_int_equal(cut(""), 0);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(fields_by_header_name),
        cmocka_unit_test(quotes_and_newlines),
        cmocka_unit_test(empty_is_null_and_quoted_is_text),
        cmocka_unit_test(options),
        cmocka_unit_test(typed_values),
        cmocka_unit_test(numbers_of_all_lengths),
        cmocka_unit_test(bad_records_leave_their_neighbours_alone),
        cmocka_unit_test(blank_lines),
        cmocka_unit_test(messages_by_declared_position),
        cmocka_unit_test(each_file_has_its_header),
        cmocka_unit_test(lines_are_counted),
        cmocka_unit_test(chunks_are_cut_outside_quotes),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
