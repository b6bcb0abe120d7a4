/* Learning formats and columns: a test for each sentence of the rules. */
#include "connectors/connector.h"
#include "tests/unit/formats_helper.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

enum { SAMPLES_MAX = 4000 };

typedef struct learning {
    wr_arena *arena;
    wr_message *messages;
    wr_block block;
    wr_learned learned;
    wr_status status;
    wr_error err;
    char text[1024]; /* "json: ts BIGINT, host TEXT" */
} learning;

static void
learning_init(learning *test)
{
    *test = (learning){.arena = wr_arena_new(0)};
    test->messages = WR_NEW_ARRAY(test->arena, wr_message, SAMPLES_MAX);
    test->block = (wr_block){.kind = WR_BLOCK_MESSAGES, .messages = test->messages};
}

/* `count` messages of this text, where %d is the number of the message. */
static void
add(learning *test, int count, const char *format)
{
    for (int i = 0; i < count; i++) {
        char text[512];
        int size = snprintf(text, sizeof text, "%s", format);
        char *mark = strstr(text, "%d");
        if (mark) {
            size = snprintf(text + (mark - text), sizeof text - (size_t)(mark - text), "%d%s", i,
                            format + (mark - text) + 2) +
                   (int)(mark - text);
        }
        assert_true(test->block.message_count < SAMPLES_MAX);
        test->messages[test->block.message_count++] =
            (wr_message){.data = helper_padded(test->arena, text, (size_t)size),
                         .size = (size_t)size};
    }
}

static void
add_tombstones(learning *test, int count)
{
    for (int i = 0; i < count; i++) {
        test->messages[test->block.message_count++] = (wr_message){.data = NULL};
    }
}

static const char *
learn_blocks(learning *test, const wr_block *blocks, int count, const char *format, bool bounded)
{
    wr_learned *learned = &test->learned;
    test->status = wr_learn(test->arena, blocks, count,
                            format ? wr_format_find(wr_text_from(format)) : NULL, (wr_options){0},
                            bounded, learned, &test->err);
    if (test->status != WR_OK) {
        (void)snprintf(test->text, sizeof test->text, "%s", test->err.code);
        return test->text;
    }
    int at = snprintf(test->text, sizeof test->text, "%s:", learned->format->name);
    for (int i = 0; i < learned->schema.count; i++) {
        char type[48];
        const wr_column *column = &learned->schema.columns[i];
        at += snprintf(test->text + at, sizeof test->text - (size_t)at, "%s %.*s %s",
                       i ? "," : "", WR_TEXT_ARG(column->name), wr_type_name(column->type, type));
    }
    return test->text;
}

static const char *
learn(learning *test, const char *format, bool bounded)
{
    return learn_blocks(test, &test->block, 1, format, bounded);
}

static void
learning_fini(learning *test)
{
    wr_arena_free(test->arena);
}

/* One kind of message, learned without a format. */
static void
check_one(int count, const char *message, bool bounded, const char *expected)
{
    learning test;
    learning_init(&test);
    add(&test, count, message);
    assert_string_equal(learn(&test, NULL, bounded), expected);
    learning_fini(&test);
}

/* Two kinds. */
static void
check_two(int count, const char *message, int other_count, const char *other, const char *expected)
{
    learning test;
    learning_init(&test);
    add(&test, count, message);
    add(&test, other_count, other);
    assert_string_equal(learn(&test, NULL, false), expected);
    learning_fini(&test);
}

static void
columns_in_order_of_first_appearance(void **state)
{
    (void)state;
    check_two(1, "{\"b\":true,\"a\":\"x\"}", 1, "{\"c\":{},\"a\":\"y\"}",
              "json: b BOOLEAN, a TEXT, c JSON");
}

static void
a_bare_scalar_has_the_column_v(void **state)
{
    (void)state;
    check_one(1000, "%d", true, "json: v DOUBLE");
    check_one(5, "12.5", false, "json: v DOUBLE");
    check_one(5, "\"x\"", false, "json: v TEXT");
    check_one(5, "true", false, "json: v BOOLEAN");
    check_two(200, "%d", 1, "{\"v\":1,\"w\":2}", "json: v DOUBLE, w DOUBLE");
}

static void
a_number_is_bigint_if_all_of_100_are_integers(void **state)
{
    (void)state;
    check_one(100, "{\"n\":%d}", false, "json: n BIGINT");
    check_one(99, "{\"n\":%d}", false, "json: n DOUBLE");
    check_one(99, "{\"n\":%d}", true, "json: n BIGINT");
    check_two(999, "{\"n\":%d}", 1, "{\"n\":1.5}", "json: n DOUBLE");
    check_two(999, "{\"n\":%d}", 1, "{\"n\":9223372036854775808}", "json: n DOUBLE");
    check_two(999, "{\"n\":%d}", 1, "{\"n\":1.0}", "json: n DOUBLE");
    check_two(100, "{\"n\":%d}", 100, "{\"n\":null}", "json: n BIGINT");
}

static void
nine_tenths_json_is_json(void **state)
{
    (void)state;
    check_two(90, "{\"a\":true}", 10, "oops", "json: a BOOLEAN");
    check_two(89, "{\"a\":true}", 11, "oops", "text: v TEXT");
    check_two(50, "{\"a\":true}", 5, "{\"a\":", "json: a BOOLEAN");
}

static void
nine_tenths_utf8_is_text(void **state)
{
    (void)state;
    check_two(90, "w\xC3\xB6rd", 10, "\xFF\xFE", "text: v TEXT");
    check_two(89, "w\xC3\xB6rd", 11, "\xFF\xFE", "raw: raw BYTES");
    check_one(3, "\x80", true, "raw: raw BYTES");
    check_two(95, "word", 5, "12", "text: v TEXT");
}

static void
tombstones_and_empty_messages_do_not_vote(void **state)
{
    (void)state;
    learning test;
    learning_init(&test);
    add_tombstones(&test, 500);
    add(&test, 500, "");
    add(&test, 50, " \n");
    assert_string_equal(learn(&test, NULL, false), "E0804");
    add(&test, 3, "{\"a\":\"x\"}");
    assert_string_equal(learn(&test, NULL, false), "json: a TEXT");
    learning_fini(&test);
}

static void
a_number_with_few_strings_stays_a_number(void **state)
{
    (void)state;
    check_two(90, "{\"n\":1.5}", 10, "{\"n\":\"n/a\"}", "json: n DOUBLE");
    check_two(89, "{\"n\":1.5}", 11, "{\"n\":\"n/a\"}", "json: n TEXT");
    check_two(180, "{\"n\":1}", 20, "{\"n\":\"n/a\"}", "json: n BIGINT");
    check_two(90, "12.5", 10, "\"n/a\"", "json: v DOUBLE");
}

static void
mixed_columns(void **state)
{
    (void)state;
    check_two(99, "{\"a\":1}", 1, "{\"a\":true}", "json: a TEXT");
    check_two(50, "{\"a\":\"x\"}", 50, "{\"a\":false}", "json: a TEXT");
    check_two(99, "{\"a\":1}", 1, "{\"a\":[1]}", "json: a JSON");
    check_one(9, "{\"a\":null}", true, "json: a JSON");
    check_one(9, "{\"at\":\"2026-01-01T00:00:00Z\"}", true, "json: at TEXT");
}

static void
duplicate_keys_vote_once(void **state)
{
    (void)state;
    check_one(100, "{\"a\":\"x\",\"a\":%d}", false, "json: a BIGINT");
}

static void
names_that_differ_in_case_are_two_columns(void **state)
{
    (void)state;
    check_one(1, "{\"Host\":\"a\",\"host\":\"b\"}", false, "json: Host TEXT, host TEXT");
}

static void
arrays_are_several_rows(void **state)
{
    (void)state;
    check_one(50, "[{\"a\":1},{\"a\":2}]", false, "json: a BIGINT");
    check_one(49, "[{\"a\":1},{\"b\":\"x\"}]", false, "json: a DOUBLE, b TEXT");
}

static void
a_given_format_is_not_guessed(void **state)
{
    (void)state;
    learning test;
    learning_init(&test);
    add(&test, 20, "12.5");
    assert_string_equal(learn(&test, "text", false), "text: v DOUBLE");
    assert_string_equal(learn(&test, "raw", false), "raw: raw BYTES");
    add(&test, 1, "n/a");
    assert_string_equal(learn(&test, "text", false), "text: v TEXT");
    assert_string_equal(learn(&test, "csv", false), "E0603");
    learning_fini(&test);
    learning_init(&test);
    add(&test, 20, "oops");
    assert_string_equal(learn(&test, "json", false), "E0804");
    learning_fini(&test);
}

static void
keys_are_text_if_all_are_utf8(void **state)
{
    (void)state;
    learning test;
    learning_init(&test);
    add(&test, 3, "{\"a\":1}");
    test.messages[0].key = "k\xC3\xB6";
    test.messages[0].key_size = 3;
    (void)learn(&test, NULL, false);
    assert_false(test.learned.key_is_bytes);
    test.messages[2].key = "\xFF";
    test.messages[2].key_size = 1;
    (void)learn(&test, NULL, false);
    assert_true(test.learned.key_is_bytes);
    learning_fini(&test);
}

static void
check_file(const char *format, const char *text, bool bounded, const char *expected)
{
    learning test;
    learning_init(&test);
    wr_block block = helper_chunk(test.arena, text, strlen(text));
    assert_string_equal(learn_blocks(&test, &block, 1, format, bounded), expected);
    learning_fini(&test);
}

static void
csv_files_have_a_header(void **state)
{
    (void)state;
    const char *text = "\xEF\xBB\xBFid,name,v,ok,zip,gone\r\n1,\"a,b\",2.5,true,007,\n"
                       "2,12,\"3\",FALSE,12345,\n\nbad\n";
    check_file("csv", text, true,
               "csv: id BIGINT, name TEXT, v DOUBLE, ok BOOLEAN, zip TEXT, gone TEXT");
    check_file("csv", text, false,
               "csv: id DOUBLE, name TEXT, v DOUBLE, ok BOOLEAN, zip TEXT, gone TEXT");
    check_file("csv", "a,b\n", true, "csv: a TEXT, b TEXT");
    check_file("csv", "", true, "E0804");
}

static void
csv_without_header(void **state)
{
    (void)state;
    learning test;
    learning_init(&test);
    wr_option option = {.name = WR_TEXT("header"), .value = WR_TEXT("false")};
    wr_block block = helper_chunk(test.arena, "1,x\n2,y\n", 8);
    wr_learned learned;
    assert_int_equal(wr_learn(test.arena, &block, 1, wr_format_find(WR_TEXT("csv")),
                              (wr_options){&option, 1}, true, &learned, NULL),
                     WR_OK);
    assert_int_equal(learned.schema.count, 2);
    assert_true(wr_text_equal(learned.schema.columns[1].name, WR_TEXT("column2")));
    assert_int_equal(learned.schema.columns[0].type.id, WR_TYPE_BIGINT);
    learning_fini(&test);
}

static void
lines_are_samples(void **state)
{
    (void)state;
    check_file(NULL, "{\"a\":1}\r\n\n{\"b\":\"x\"}", true, "json: a BIGINT, b TEXT");
    check_file(NULL, "hello\nworld\n", true, "text: v TEXT");
    check_file("text", "1\n2\n", true, "text: v DOUBLE");
}

/* The chunk size must not change what is learned. */
static void
the_first_thousand_lines_vote(void **state)
{
    (void)state;
    wr_buffer text;
    wr_buffer_init(&text);
    for (int i = 0; i < 1000; i++) {
        wr_buffer_printf(&text, "{\"a\":%d}\n", i);
    }
    check_file(NULL, wr_buffer_cstr(&text), true, "json: a BIGINT");
    wr_buffer_printf(&text, "{\"a\":1.5,\"b\":1}\n");
    check_file(NULL, wr_buffer_cstr(&text), true, "json: a BIGINT");
    wr_buffer_fini(&text);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(columns_in_order_of_first_appearance),
        cmocka_unit_test(a_bare_scalar_has_the_column_v),
        cmocka_unit_test(a_number_is_bigint_if_all_of_100_are_integers),
        cmocka_unit_test(nine_tenths_json_is_json),
        cmocka_unit_test(nine_tenths_utf8_is_text),
        cmocka_unit_test(tombstones_and_empty_messages_do_not_vote),
        cmocka_unit_test(a_number_with_few_strings_stays_a_number),
        cmocka_unit_test(mixed_columns),
        cmocka_unit_test(duplicate_keys_vote_once),
        cmocka_unit_test(names_that_differ_in_case_are_two_columns),
        cmocka_unit_test(arrays_are_several_rows),
        cmocka_unit_test(a_given_format_is_not_guessed),
        cmocka_unit_test(keys_are_text_if_all_are_utf8),
        cmocka_unit_test(csv_files_have_a_header),
        cmocka_unit_test(csv_without_header),
        cmocka_unit_test(lines_are_samples),
        cmocka_unit_test(the_first_thousand_lines_vote),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
