/* Long, deep and random texts: an answer in time, never a crash. */
#include "tests/unit/parser_tools.h"

#include "core/time.h"
#include "parser/parser.h"
#include "tests/lib/random.h"

/* Parses `first` + `count` × `repeated` + `last`; returns the error code, "" for success. */
static const char *
repeated_code(const char *first, const char *repeated, int count, const char *last)
{
    static wr_error err;
    wr_buffer sql;
    wr_buffer_init(&sql);
    wr_buffer_text(&sql, wr_text_from(first));
    for (int i = 0; i < count; i++) {
        wr_buffer_text(&sql, wr_text_from(repeated));
    }
    wr_buffer_text(&sql, wr_text_from(last));
    wr_arena *arena = wr_arena_new(0);
    wr_ast_statement *statement = NULL;
    size_t consumed = 0;
    wr_text text = {sql.data, sql.size};
    wr_error_clear(&err);
    int64_t start_us = wr_clock_monotonic_us(NULL);
    wr_status status = wr_parse_statement(arena, text, &consumed, &statement, &err);
    if (status == WR_OK) {
        check_round_trip(arena, text);
    }
    assert_true(wr_clock_monotonic_us(NULL) - start_us < 60 * WR_US_PER_S); /* not quadratic */
    wr_arena_free(arena);
    wr_buffer_fini(&sql);
    return status == WR_OK ? "" : err.code;
}

static void
long_chains_and_lists_parse(void **state)
{
    (void)state;
    assert_string_equal(repeated_code("SELECT a FROM t WHERE a", " OR a = 1", 100000, ""), "");
    assert_string_equal(repeated_code("SELECT a FROM t WHERE a", " AND a = 1", 100000, ""), "");
    assert_string_equal(repeated_code("SELECT 1", " + 1 - 2", 100000, ""), "");
    assert_string_equal(repeated_code("SELECT a IN (0", ", 1", 100000, ") FROM t"), "");
    assert_string_equal(repeated_code("SELECT 'x'", " || 'y'", 100000, ""), "");
    assert_string_equal(repeated_code("VALUES (1, 'x')", ", (1, 'x')", 100000, ""), "");
    assert_string_equal(repeated_code("SELECT 1", " UNION ALL SELECT 1", 10000, ""), "");
    assert_string_equal(repeated_code("SELECT 1", ", f(a, b) AS c", 50000, ""), "");
    assert_string_equal(repeated_code("SELECT CASE", " WHEN a THEN b", 50000, " END"), "");
    assert_string_equal(repeated_code("SELECT 1 FROM t", ", t", 50000, ""), "");
}

static void
deep_nesting_is_an_error(void **state)
{
    (void)state;
    static const struct {
        const char *first, *repeated;
    } cases[] = {
        {"SELECT ", "("},       {"SELECT ", "f("},      {"SELECT ", "NOT "},
        {"SELECT ", "- "},      {"SELECT ", "CASE "},   {"SELECT a", "[a"},
        {"SELECT * FROM ", "(SELECT * FROM "},          {"", "WITH a AS ("},
        {"SELECT a", " IS NULL"}, {"SELECT a", "::int"}, {"SELECT a", "->b"},
        {"SELECT a", " = b"},   {"SELECT CAST(a AS ", "ARRAY<"}, {"SELECT a", "[1]"},
        {"SELECT ", "a + ("},   {"SELECT ", "EXISTS (SELECT "}, {"SELECT a", ".b"},
        {"SELECT (a)", ".b"},   {"", "ASSERT ERROR 'E0101' FOR "}, {"SELECT a", " < b"},
        {"SELECT a", " IN (SELECT a"}, {"SELECT a", " LIKE b"}, {"SELECT a", " AT TIME ZONE b"},
    };
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        for (int count = 300; count <= 30000; count *= 10) {
            const char *code = repeated_code(cases[i].first, cases[i].repeated, count, "");
            bool cut_off = strcmp(code, "E0101") == 0 && count <= 3000; /* its end is missing */
            if (strcmp(code, "E0103") != 0 && !cut_off) {
                fail_msg("%s%s × %d: %s", cases[i].first, cases[i].repeated, count, code);
            }
        }
    }
}

static void
nesting_up_to_the_limit_parses(void **state)
{
    (void)state;
    wr_buffer sql;
    wr_buffer_init(&sql);
    wr_arena *arena = wr_arena_new(0);
    static const struct {
        const char *open, *leaf, *close;
        int count;
    } cases[] = {
        {"(", "1", ")", 250},       {"f(", "1", ")", 250},   {"NOT ", "1", "", 250},
        {"(SELECT ", "1", ")", 120}, {"-", "1", "", 1},      {"a[", "1", "]", 250},
        {"CASE WHEN ", "a", " THEN 1 END", 250},             {"1 + (", "1", " * 2)", 120},
    };
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        wr_buffer_reset(&sql);
        wr_buffer_text(&sql, WR_TEXT("SELECT "));
        for (int j = 0; j < cases[i].count; j++) {
            wr_buffer_text(&sql, wr_text_from(cases[i].open));
        }
        wr_buffer_text(&sql, wr_text_from(cases[i].leaf));
        for (int j = 0; j < cases[i].count; j++) {
            wr_buffer_text(&sql, wr_text_from(cases[i].close));
        }
        check_round_trip(arena, (wr_text){sql.data, sql.size});
    }
    wr_arena_free(arena);
    wr_buffer_fini(&sql);
}

/* A file of many statements, and statements of ten megabytes. */
static void
large_texts_parse(void **state)
{
    (void)state;
    const char *line = "INSERT INTO s VALUES (1, 'some text', 2.5); -- a comment\n";
    wr_buffer sql;
    wr_buffer_init(&sql);
    while (sql.size < 1u << 20) {
        wr_buffer_text(&sql, wr_text_from(line));
    }
    wr_arena *arena = wr_arena_new(0);
    int count = 0;
    for (size_t at = 0; at < sql.size;) {
        wr_ast_statement *statement = NULL;
        wr_error err = {0};
        size_t consumed = 0;
        wr_text rest = {sql.data + at, sql.size - at};
        assert_int_equal(wr_parse_statement(arena, rest, &consumed, &statement, &err), WR_OK);
        at += consumed;
        count += statement != NULL;
        wr_arena_reset(arena);
    }
    assert_int_equal(count, (int)(sql.size / strlen(line)));
    wr_arena_free(arena);
    wr_buffer_fini(&sql);
    assert_string_equal(repeated_code("VALUES (1)", ", (1)", 1 << 19, ""), "");
    assert_string_equal(repeated_code("SELECT '", "0123456789", 1 << 20, "'"), "");
    assert_string_equal(repeated_code("SELECT ", "0123456789", 1 << 20, " x x"), "E0101");
    assert_string_equal(repeated_code("SELECT 1 ", "/*", 5 << 20, ""), "E0102");
    assert_string_equal(repeated_code("SELECT 1", ", ?", 9000, ""), "");
    assert_string_equal(repeated_code("SELECT 1", ", ?", 100000, ""), "E0105");
    assert_string_equal(repeated_code("SELECT 1 /*", "0123456789", 1 << 20, ""), "E0102");
}

static void
parse_anything(wr_arena *arena, const char *data, size_t size)
{
    wr_ast_statement *statement = NULL;
    wr_error err = {0};
    size_t consumed = 0;
    wr_text sql = {data, size};
    if (wr_parse_statement(arena, sql, &consumed, &statement, &err) != WR_OK) {
        assert_true(err.position >= 0 && (size_t)err.position <= size && err.length >= 1);
        wr_buffer out;
        wr_buffer_init(&out);
        wr_text_caret(sql, err.position, err.length, &out);
        wr_buffer_fini(&out);
    } else if (statement != NULL) {
        check_round_trip(arena, (wr_text){data, consumed});
    }
    assert_true(consumed <= size);
    wr_arena_reset(arena);
}

static void
random_bytes_never_crash(void **state)
{
    (void)state;
    wr_arena *arena = wr_arena_new(0);
    for (int round = 0; round < 3000; round++) {
        size_t size = random_next() % 80;
        char *data = malloc(size + 1);
        assert_non_null(data);
        for (size_t i = 0; i < size; i++) {
            data[i] = (char)random_next();
        }
        parse_anything(arena, data, size);
        free(data);
    }
    wr_arena_free(arena);
}

/* Words and signs in random order get further into the grammar than bytes do. */
static void
random_words_never_crash(void **state)
{
    (void)state;
    static const char *const more[] = {"a", "b", "1", "5", "'x'", "\"n\"", "(", ")", ",", ";", ".",
                                       "=", "*", "+", "-", "[", "]", "::", "?", ":p", "MINUTES",
                                       "count", "trim", "position", "->", "=>", "INTERVAL"};
    enum { MORE = sizeof(more) / sizeof(more[0]) };
    int keyword_count = 0;
    const wr_keyword *keywords = wr_keywords(&keyword_count);
    random_seed(1234567);
    wr_arena *arena = wr_arena_new(0);
    wr_buffer sql;
    wr_buffer_init(&sql);
    for (int round = 0; round < 6000; round++) {
        wr_buffer_reset(&sql);
        wr_buffer_text(&sql, round % 2 ? WR_TEXT("SELECT a FROM t ") : WR_TEXT(""));
        int words = (int)(random_next() % 20);
        for (int i = 0; i < words; i++) {
            bool keyword = random_next() % 2 == 0;
            size_t pick = random_next() % (keyword ? (size_t)keyword_count : MORE);
            wr_buffer_printf(&sql, "%s ", keyword ? keywords[pick].word : more[pick]);
        }
        parse_anything(arena, sql.size > 0 ? sql.data : "", sql.size);
    }
    wr_buffer_fini(&sql);
    wr_arena_free(arena);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(long_chains_and_lists_parse),
        cmocka_unit_test(deep_nesting_is_an_error),
        cmocka_unit_test(nesting_up_to_the_limit_parses),
        cmocka_unit_test(large_texts_parse),
        cmocka_unit_test(random_bytes_never_crash),
        cmocka_unit_test(random_words_never_crash),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
