/* Sentences that must and must not parse: tests/parser/sentences_*.sql, one a line. A rejected one
 * comes behind its error code and the column of the caret. */
#include "tests/unit/parser_tools.h"

#include "parser/parser.h"

static void
accept_line(wr_arena *arena, char *line)
{
    wr_text sql = wr_text_from(line);
    check_round_trip(arena, sql);
    char with_semicolon[1 << 12];
    (void)snprintf(with_semicolon, sizeof(with_semicolon), "%s\n;", line);
    assert_true(wr_statement_complete(wr_text_from(with_semicolon)));
    assert_false(wr_statement_complete(sql));
}

static void
sentences_are_accepted(void **state)
{
    (void)state;
    assert_true(for_each_line("tests/parser/sentences_accept.sql", accept_line) >= 200);
}

static void
reject_line(wr_arena *arena, char *line)
{
    int column = 0, offset = 0, at_line = 0, at_column = 0;
    char code[8];
    assert_int_equal(sscanf(line, "%7s %d %n", code, &column, &offset), 2);
    wr_text sql = wr_text_from(line + offset);
    wr_ast_statement *statement = NULL;
    wr_error err = {0};
    size_t consumed = 0;
    if (wr_parse_statement(arena, sql, &consumed, &statement, &err) == WR_OK) {
        fail_msg("accepted: %s", line);
    }
    wr_text_line_column(sql, err.position, &at_line, &at_column);
    if (strcmp(err.code, code) != 0 || at_column != column) {
        fail_msg("%s\ngot %s at %d: %s", line, err.code, at_column, err.message);
    }
    assert_true(err.length >= 1);
    assert_null(statement);
    assert_true(consumed <= sql.size);
}

static void
sentences_are_rejected(void **state)
{
    (void)state;
    assert_true(for_each_line("tests/parser/sentences_reject.sql", reject_line) >= 100);
}

/* Every prefix of every sentence gives a statement or an error with a position inside the text. */
static void
truncate_line(wr_arena *arena, char *line)
{
    size_t size = strlen(line);
    for (size_t i = 0; i <= size; i++) {
        char *cut = malloc(i + 1); /* its own block, so that a read past it is seen */
        assert_non_null(cut);
        memcpy(cut, line, i);
        wr_ast_statement *statement = NULL;
        wr_error err = {0};
        size_t consumed = 0;
        wr_text sql = {cut, i};
        if (wr_parse_statement(arena, sql, &consumed, &statement, &err) != WR_OK) {
            assert_true(err.position >= 0 && (size_t)err.position <= i);
        }
        (void)wr_statement_complete(sql);
        free(cut);
        wr_arena_reset(arena);
    }
}

static void
truncated_sentences_never_crash(void **state)
{
    (void)state;
    (void)for_each_line("tests/parser/sentences_accept.sql", truncate_line);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(sentences_are_accepted),
        cmocka_unit_test(sentences_are_rejected),
        cmocka_unit_test(truncated_sentences_never_crash),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
