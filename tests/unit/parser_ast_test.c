/* The shape of trees: chains, special forms, options, windows, parameters, spans. */
#include "tests/unit/parser_tools.h"

#include "parser/parser.h"

static wr_arena *arena;

static int
set_up(void **state)
{
    (void)state;
    arena = wr_arena_new(0);
    return 0;
}

static int
tear_down(void **state)
{
    (void)state;
    wr_arena_free(arena);
    return 0;
}

static const wr_ast_select *
select_of(const char *sql)
{
    const wr_ast_statement *statement = parse_text(arena, wr_text_from(sql));
    assert_int_equal(statement->kind, WR_AST_STATEMENT_QUERY);
    return statement->u.query->cores[0].select;
}

static const wr_ast_expr *
expr_of(const char *sql)
{
    return select_of(sql)->items[0].expr;
}

static void
check_text(wr_text text, const char *expected)
{
    assert_int_equal(text.size, strlen(expected));
    assert_memory_equal(text.data, expected, text.size);
}

static void
check_print(const char *sql, const char *expected)
{
    wr_buffer out;
    wr_buffer_init(&out);
    wr_ast_print_statement(parse_text(arena, wr_text_from(sql)), &out);
    assert_string_equal(wr_buffer_cstr(&out), expected);
    wr_buffer_fini(&out);
}

static void
chains_are_flat(void **state)
{
    (void)state;
    const wr_ast_expr *expr = expr_of("SELECT a - b + (c + d)");
    assert_int_equal(expr->kind, WR_AST_CHAIN);
    assert_int_equal(expr->u.chain.count, 3);
    assert_int_equal(expr->u.chain.ops[1], WR_AST_OP_SUBTRACT);
    assert_int_equal(expr->u.chain.ops[2], WR_AST_OP_ADD);
    assert_int_equal(expr->u.chain.op_positions[2], 13);
    assert_int_equal(expr->u.chain.items[2]->kind, WR_AST_CHAIN);
    assert_int_equal(expr->u.chain.items[2]->span.position, 15);
    assert_int_equal(expr->u.chain.items[2]->span.length, 7);
    expr = expr_of("SELECT a OR b AND c OR d");
    assert_int_equal(expr->u.chain.count, 3);
    assert_int_equal(expr->u.chain.items[1]->u.chain.ops[1], WR_AST_OP_AND);
}

static void
spans_cover_their_nodes(void **state)
{
    (void)state;
    const char *sql =
        "SELECT  avg(v) x FROM kafka('t') k WINDOW TUMBLING 5 MINUTES WHERE  a = 1  ;";
    const wr_ast_statement *statement = parse_text(arena, wr_text_from(sql));
    const wr_ast_select *select = statement->u.query->cores[0].select;
    assert_int_equal(statement->span.length, strlen(sql) - 3);
    assert_int_equal(select->items[0].expr->span.position, 8);
    assert_int_equal(select->items[0].expr->span.length, 6);
    assert_int_equal(select->items[0].span.length, 8);
    assert_int_equal(select->from[0].source.span.position, 22);
    assert_int_equal(select->from[0].source.span.length, 12);
    assert_int_equal(select->window->span.position, 35);
    assert_int_equal(select->window->span.length, 25);
    assert_int_equal(select->window->size.span.length, 9);
    assert_int_equal(select->where->span.length, 5);
}

static void
special_forms_are_calls(void **state)
{
    (void)state;
    check_print("SELECT extract(DAY FROM ts)", "SELECT extract('day', ts)");
    check_print("SELECT trim(LEADING 'x' FROM a)", "SELECT ltrim(a, 'x')");
    check_print("SELECT trim(BOTH FROM a)", "SELECT trim(a)");
    check_print("SELECT substring(a FOR 2)", "SELECT substring(a, 1, 2)");
    check_print("SELECT position('x' IN a)", "SELECT position('x', a)");
    check_print("SELECT left(a, 1)", "SELECT left(a, 1)");
}

static void
options_of_sources_have_names(void **state)
{
    (void)state;
    const wr_ast_source *source =
        &select_of("SELECT 1 FROM kafka('t', a.b = 1, 'c.d' = 2, e => 3)")->from[0].source;
    assert_int_equal(source->kind, WR_AST_SOURCE_FUNCTION);
    assert_int_equal(source->arg_count, 4);
    assert_int_equal(source->args[0].name.text.size, 0);
    check_text(source->args[1].name.text, "a.b");
    check_text(source->args[2].name.text, "c.d");
    check_text(source->args[3].name.text, "e");
    check_text(source->args[3].value->u.text, "3");
    source = &select_of("SELECT 1 FROM TABLE(TUMBLE(TABLE s, DESCRIPTOR(ts), 'PT1M'))")
                  ->from[0].source;
    check_text(source->name.text, "TUMBLE");
    assert_int_equal(source->args[0].kind, WR_AST_ARG_TABLE);
    assert_int_equal(source->args[1].kind, WR_AST_ARG_DESCRIPTOR);
    assert_int_equal(source->args[1].value->kind, WR_AST_NAME);
}

static void
windows_have_their_parts(void **state)
{
    (void)state;
    const wr_ast_window *window =
        select_of("SELECT 1 FROM t WINDOW HOPPING 5 MINUTES ADVANCE BY 10 s GRACE PERIOD 1 h")
            ->window;
    assert_int_equal(window->kind, WR_AST_WINDOW_HOPPING);
    assert_int_equal(window->size.interval.micros, 300000000);
    assert_int_equal(window->advance.interval.micros, 10000000);
    assert_int_equal(window->grace.interval.micros, 3600000000);
    assert_int_equal(window->offset.text.size, 0);
    window = select_of("SELECT 1 FROM t WINDOW COUNT 10 ROWS ADVANCE BY 3")->window;
    assert_int_equal(window->row_count, 10);
    assert_int_equal(window->advance_row_count, 3);
    window = select_of("SELECT 1 FROM t WINDOW TUMBLING (1 MONTH, OFFSET -1 DAY)")->window;
    assert_int_equal(window->size.interval.months, 1);
    assert_true(window->offset.interval.micros < 0);
}

static void
parameters_are_numbered(void **state)
{
    (void)state;
    const wr_ast_statement *statement =
        parse_text(arena, wr_text_from("SELECT ?, :a, ?5, ?, :b, :a FROM t"));
    static const int numbers[] = {1, 2, 5, 6, 7, 2};
    const wr_ast_select *select = statement->u.query->cores[0].select;
    for (int i = 0; i < 6; i++) {
        assert_int_equal(select->items[i].expr->u.parameter.number, numbers[i]);
    }
    assert_int_equal(statement->parameter_count, 7);
    check_text(statement->parameter_names[1], "a");
    assert_int_equal(statement->parameter_names[4].size, 0);
}

static void
statements_are_taken_one_by_one(void **state)
{
    (void)state;
    wr_text sql = WR_TEXT(" ; SELECT 1; -- x\n BAD; SELECT 2 /* end */ ;;");
    static const int kinds[] = {1, 0, 1, -1};
    for (int i = 0; i < 4; i++) {
        wr_ast_statement *statement = NULL;
        wr_error err = {0};
        size_t consumed = 0;
        wr_status status = wr_parse_statement(arena, sql, &consumed, &statement, &err);
        assert_int_equal(status, kinds[i] == 0 ? WR_ERR_SQL : WR_OK);
        assert_int_equal(statement != NULL, kinds[i] == 1);
        sql = (wr_text){sql.data + consumed, sql.size - consumed};
    }
    assert_int_equal(sql.size, 0);
}

static void
blocks_of_jobs_are_one_statement(void **state)
{
    (void)state;
    const char *sql = "CREATE JOB j AS BEGIN INSERT INTO a SELECT CASE x WHEN 1 THEN 2 END end "
                      "FROM s; INSERT INTO b SELECT 1; END";
    const wr_ast_statement *statement = parse_text(arena, wr_text_from(sql));
    assert_int_equal(statement->u.job->insert_count, 2);
    assert_true(statement->u.job->block);
    assert_false(wr_statement_complete(wr_text_from(sql)));
    assert_false(wr_statement_complete(WR_TEXT("SELECT ';' -- ;\n /* ; */")));
    assert_false(wr_statement_complete(WR_TEXT("SELECT 'a;")));
    assert_true(wr_statement_complete(WR_TEXT("SELECT a AS begin; SELECT")));
}

static void
columns_are_parsed_alone(void **state)
{
    (void)state;
    wr_ast_table *table = NULL;
    wr_error err = {0};
    wr_text sql = WR_TEXT("ts BIGINT, host TEXT NOT NULL, WATERMARK FOR ts");
    assert_int_equal(wr_parse_columns(arena, sql, &table, &err), WR_OK);
    assert_int_equal(table->column_count, 2);
    assert_int_equal(table->columns[1].name.span.position, 11);
    assert_non_null(table->watermark);
    assert_int_equal(wr_parse_columns(arena, WR_TEXT("ts BIGNT host"), &table, &err), WR_ERR_SQL);
    assert_int_equal(err.position, 9);
    assert_int_equal(wr_parse_columns(arena, WR_TEXT(""), &table, &err), WR_ERR_SQL);
    assert_int_equal(wr_parse_columns(arena, WR_TEXT("a INT; b INT"), &table, &err), WR_ERR_SQL);
}

static void
expressions_have_names(void **state)
{
    (void)state;
    check_text(wr_ast_expr_text(arena, expr_of("SELECT  avg( v )")), "avg(v)");
    check_text(wr_ast_expr_text(arena, expr_of("SELECT a.b")), "b");
    check_text(wr_ast_expr_text(arena, expr_of("SELECT a['x'].c")), "c");
    check_text(wr_ast_expr_text(arena, expr_of("SELECT count(*)+1")), "count(*) + 1");
    const char *long_text = "SELECT 'äääääääääääääääääääääääääääääääääääääää'";
    check_text(wr_ast_expr_text(arena, expr_of(long_text)), "'äääääääääääääääääääääääääääääää");
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(chains_are_flat, set_up, tear_down),
        cmocka_unit_test_setup_teardown(spans_cover_their_nodes, set_up, tear_down),
        cmocka_unit_test_setup_teardown(special_forms_are_calls, set_up, tear_down),
        cmocka_unit_test_setup_teardown(options_of_sources_have_names, set_up, tear_down),
        cmocka_unit_test_setup_teardown(windows_have_their_parts, set_up, tear_down),
        cmocka_unit_test_setup_teardown(parameters_are_numbered, set_up, tear_down),
        cmocka_unit_test_setup_teardown(statements_are_taken_one_by_one, set_up, tear_down),
        cmocka_unit_test_setup_teardown(blocks_of_jobs_are_one_statement, set_up, tear_down),
        cmocka_unit_test_setup_teardown(columns_are_parsed_alone, set_up, tear_down),
        cmocka_unit_test_setup_teardown(expressions_have_names, set_up, tear_down),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
