/* What people read when a statement is wrong: message, detail, hint, caret. */
#include "tests/unit/parser_tools.h"

#include "parser/parser.h"

static wr_error
error_of(const char *sql)
{
    wr_arena *arena = wr_arena_new(0);
    wr_ast_statement *statement = NULL;
    wr_error err = {0};
    size_t consumed = 0;
    assert_int_equal(wr_parse_statement(arena, wr_text_from(sql), &consumed, &statement, &err),
                     WR_ERR_SQL);
    wr_arena_free(arena);
    return err;
}

static void
check_hint(const char *sql, const char *message, const char *hint)
{
    wr_error err = error_of(sql);
    assert_string_equal(err.message, message);
    assert_string_equal(err.hint, hint);
}

static void
misspelt_keywords_are_guessed(void **state)
{
    (void)state;
    check_hint("SELCT a FROM t", "unexpected \"SELCT\"", "did you mean SELECT?");
    check_hint("SELECT a FORM t", "unexpected \"FORM\" after \"a\"", "did you mean FROM?");
    check_hint("SELECT avg(v) FROM kafka('x') WINDWO TUMBLING 5 MINUTES",
               "unexpected \"WINDWO\" after \")\"", "did you mean WINDOW?");
    check_hint("SELECT a FROM t WINDOW TUMBLNG 5 MINUTES",
               "unexpected \"TUMBLNG\" after \"WINDOW\"", "did you mean TUMBLING?");
    check_hint("SELECT a FROM t WINDOW TUMBLING 5 MINUETS", "\"MINUETS\" is no unit of time",
               "did you mean MINUTES?");
    check_hint("CREATE STRAEM s (a INT)", "unexpected \"STRAEM\" after \"CREATE\"",
               "did you mean STREAM?");
    check_hint("SELECT * FROM a b c", "unexpected \"c\" after \"b\"",
               "A comma may be missing before it.");
}

static void
habits_get_hints(void **state)
{
    (void)state;
    check_hint("SELECT order FROM t", "unexpected \"order\" after \"SELECT\"",
               "order is a reserved word; as a name it takes quotes: \"order\".");
    check_hint("SELECT a FROM t SELECT b", "unexpected \"SELECT\" after \"t\"",
               "A semicolon is missing before SELECT.");
    check_hint("SELECT a, FROM t", "unexpected \"FROM\" after \",\"",
               "There may be a comma too many before it.");
    check_hint("SELECT a FROM t UNION SELECT b FROM u", "unexpected \"SELECT\" after \"UNION\"",
               "weir has UNION ALL only; SELECT DISTINCT over it removes duplicates.");
    check_hint("SELECT a FROM t WHERE a = 'it's'", "unexpected \"s\" after 'it'",
               "A quote inside a string is doubled: 'it''s'.");
    check_hint("SELECT a FROM t WHERE a WHERE b", "WHERE is said twice",
               "Join the two conditions with AND.");
}

static void
expected_is_short(void **state)
{
    (void)state;
    assert_string_equal(error_of("SELECT a FROM t GROUP host").detail, "expected BY");
    assert_string_equal(error_of("SELECT a FROM t WHERE").detail, "expected an expression");
    assert_string_equal(error_of("ALTER JOB j STOP").detail, "expected PAUSE, RESUME");
    assert_string_equal(error_of("SELECT a FROM t EMIT EVERY x").detail,
                        "expected a string");
    assert_string_equal(error_of("SELECT (1").detail, "expected an operator, \")\"");
    assert_string_equal(error_of("SELECT a FROM t EMIT EVERY").detail,
                        "expected a duration (5 MINUTES)");
}

static void
unterminated_text_points_at_its_start(void **state)
{
    (void)state;
    wr_error err = error_of("SELECT 'abc\nFROM t");
    assert_string_equal(err.code, "E0102");
    assert_int_equal(err.position, 7);
    assert_string_equal(error_of("SELECT /* /* */ 1").code, "E0102");
    assert_string_equal(error_of("SELECT \"a").code, "E0102");
}

static void
bad_bytes_are_named(void **state)
{
    (void)state;
    assert_string_equal(error_of("SELECT \xff").message, "unexpected byte 0xff");
    assert_string_equal(error_of("SELECT '\xc3'").code, "E0105");
    assert_string_equal(error_of("SELECT a # b").code, "E0106");
}

static void
caret_is_under_the_word(void **state)
{
    (void)state;
    wr_text sql = WR_TEXT("SELECT\n\tgrößé, hots\nFROM cpu");
    wr_buffer out;
    wr_buffer_init(&out);
    int line = 0, column = 0;
    int position = (int)(strstr(sql.data, "hots") - sql.data);
    wr_text_line_column(sql, position, &line, &column);
    assert_int_equal(line, 2);
    assert_int_equal(column, 9);
    wr_text_caret(sql, position, 4, &out);
    assert_string_equal(wr_buffer_cstr(&out), " größé, hots\n        ^~~~\n");
    wr_buffer_reset(&out);
    wr_text_caret(WR_TEXT("SELECT"), 6, 1, &out);
    assert_string_equal(wr_buffer_cstr(&out), "SELECT\n      ^\n");
    wr_buffer_reset(&out);
    wr_text_caret(WR_TEXT(""), 99, 5, &out);
    assert_string_equal(wr_buffer_cstr(&out), "\n^\n");
    wr_buffer_fini(&out);
}

static void
long_lines_are_cut_around_the_caret(void **state)
{
    (void)state;
    char *sql = malloc(100000);
    assert_non_null(sql);
    memset(sql, 'x', 100000);
    wr_buffer out;
    wr_buffer_init(&out);
    wr_text_caret((wr_text){sql, 100000}, 50000, 10, &out);
    assert_true(out.size < 300);
    assert_non_null(strstr(wr_buffer_cstr(&out), "\n                                        "));
    wr_buffer_fini(&out);
    free(sql);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(misspelt_keywords_are_guessed),
        cmocka_unit_test(habits_get_hints),
        cmocka_unit_test(expected_is_short),
        cmocka_unit_test(unterminated_text_points_at_its_start),
        cmocka_unit_test(bad_bytes_are_named),
        cmocka_unit_test(caret_is_under_the_word),
        cmocka_unit_test(long_lines_are_cut_around_the_caret),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
