/* The formatter: how it breaks lines, where comments go, and that every statement of the tests and
 * of the grammar's sentences keeps its meaning. */
#define _XOPEN_SOURCE 700 /* nftw */

#include "tests/lib/format_rules.h"
#include "tests/unit/parser_tools.h"

#include "parser/parser.h"

#include <ftw.h>
#include <sys/stat.h>

static void
check_rules(wr_text sql, const char *where)
{
    wr_buffer out;
    wr_buffer_init(&out);
    const char *broken = format_rule_broken(sql, &out);
    if (broken != NULL) {
        fail_msg("%s: not so: %s\n%.*s\n──▶\n%.*s", where, broken, WR_TEXT_ARG(sql), (int)out.size,
                 out.data != NULL ? out.data : "");
    }
    wr_buffer_fini(&out);
}

static void
check_format(const char *sql, const char *expected)
{
    wr_buffer out;
    wr_error err = {0};
    wr_buffer_init(&out);
    if (wr_format_script(wr_text_from(sql), &out, &err) != WR_OK) {
        fail_msg("%s\n%s: %s", sql, err.code, err.message);
    }
    assert_string_equal(wr_buffer_cstr(&out), expected);
    wr_buffer_fini(&out);
    check_rules(wr_text_from(sql), "a case");
}

static void
what_fits_is_one_line(void **state)
{
    (void)state;
    check_format("select\n  1", "SELECT 1\n");
    check_format("select a , b from t where x>1;", "SELECT a, b FROM t WHERE x > 1;\n");
    check_format("set batch_rows=5 ; reset lanes;;", "SET batch_rows = 5;\nRESET lanes;\n");
    check_format("", "");
    check_format(" ;\n; ", "");
}

static void
words_and_spaces(void **state)
{
    (void)state;
    check_format("select Count ( * ), -1, - -x, a - -1, a-1, not(b) from T",
                 "SELECT Count(*), -1, - -x, a - -1, a - 1, NOT (b) FROM T\n");
    check_format(
        "select first, last, \"order\", c.from, 5 as minute from t order by a desc nulls first",
        "SELECT first, last, \"order\", c.from, 5 AS minute\n"
        "FROM t\n"
        "ORDER BY a DESC NULLS FIRST\n");
    check_format("select a :: bigint , b [ 0 ] . c, p->'x', cast(a as array < array<int> >)",
                 "SELECT a::bigint, b[0].c, p -> 'x', CAST(a AS array<array<int>>)\n");
    check_format("select 1 from t window tumbling(size 5 minutes,offset 3s)",
                 "SELECT 1 FROM t WINDOW TUMBLING (SIZE 5 MINUTES, OFFSET 3s)\n");
    check_format("insert into s(a,b) select 1, interval '5' minute",
                 "INSERT INTO s (a, b) SELECT 1, interval '5' MINUTE\n");
    check_format("insert into kafka ('t') values (1)", "INSERT INTO kafka('t') VALUES (1)\n");
    check_format("create stream s(a int)with(connector='host')",
                 "CREATE STREAM s (a int) WITH (connector = 'host')\n");
    check_format("set allow_unbounded_state = on", "SET allow_unbounded_state = on\n");
}

static void
a_clause_an_item_a_condition_a_line(void **state)
{
    (void)state;
    check_format("select host, avg(v) as the_load_of_the_host, "
                 "max(v) as the_greatest_value_of_them from kafka('cpu', format = 'json') "
                 "watermark for ts where v is not null and "
                 "host between 'a' and 'z' and (region = 'a very long name' or region = 'another "
                 "name' or v > 3) group by host emit final",
                 "SELECT\n"
                 "    host,\n"
                 "    avg(v) AS the_load_of_the_host,\n"
                 "    max(v) AS the_greatest_value_of_them\n"
                 "FROM kafka('cpu', format = 'json') WATERMARK FOR ts\n"
                 "WHERE v IS NOT NULL\n"
                 "    AND host BETWEEN 'a' AND 'z'\n"
                 "    AND (region = 'a very long name' OR region = 'another name' OR v > 3)\n"
                 "GROUP BY host\n"
                 "EMIT FINAL\n");
}

static void
brackets_open(void **state)
{
    (void)state;
    check_format(
        "create stream cpu (ts bigint not null, host text, v double, rt as "
        "to_timestamp(ts, 'ms'), watermark for rt) with (connector = 'kafka', topic = 'cpu')",
        "CREATE STREAM cpu (\n"
        "    ts bigint NOT NULL,\n"
        "    host text,\n"
        "    v double,\n"
        "    rt AS to_timestamp(ts, 'ms'),\n"
        "    WATERMARK FOR rt\n"
        ")\n"
        "WITH (connector = 'kafka', topic = 'cpu')\n");
    check_format(
        "select case when a_long_condition_of_ours > 100 then 'a first result' when another "
        "then 'second' else 'none of them' end as what from t",
        "SELECT CASE\n"
        "    WHEN a_long_condition_of_ours > 100 THEN 'a first result'\n"
        "    WHEN another THEN 'second'\n"
        "    ELSE 'none of them'\n"
        "END AS what\n"
        "FROM t\n");
    check_format("create job j as begin insert into a select 1; insert into b select 2; end;",
                 "CREATE JOB j AS BEGIN\n"
                 "    INSERT INTO a SELECT 1;\n"
                 "    INSERT INTO b SELECT 2;\n"
                 "END;\n");
}

static void
comments_stay(void **state)
{
    (void)state;
    check_format("-- one\n\n\n-- two\nselect 1 -- three\n; -- four\n/* five */ select 2",
                 "-- one\n\n-- two\nSELECT 1; -- three\n-- four\n/* five */\nSELECT 2\n");
    check_format("select a -- of a\n , b\n -- above c\n , c from t",
                 "SELECT\n    a, -- of a\n    b,\n    -- above c\n    c\nFROM t\n");
    check_format("select /* in */ 1 /* behind */ from /* two\nlines */ t",
                 "SELECT /* in */ 1 /* behind */\nFROM /* two\nlines */\n    t\n");
    check_format("select f( -- why\n a)", "SELECT f( -- why\n    a\n)\n");
}

static void
a_mistake_changes_nothing(void **state)
{
    (void)state;
    wr_buffer out;
    wr_error err = {0};
    wr_buffer_init(&out);
    assert_int_equal(wr_format_script(WR_TEXT("select 1; select from"), &out, &err), WR_ERR_SQL);
    assert_string_equal(err.code, "E0101");
    assert_int_equal(err.position, 17);
    wr_buffer_fini(&out);
}

static void
format_line(wr_arena *arena, char *line)
{
    (void)arena;
    check_rules(wr_text_from(line), "a sentence");
}

/* The sentences, also those of the shared recipes where they are: a reviewer's checkout may not
 * have them. */
static void
sentences_keep_their_meaning(void **state)
{
    (void)state;
    const char *shared = "../shared/recipes/grammar/sentences.sql";
    struct stat info;
    assert_true(for_each_line("tests/parser/sentences_accept.sql", format_line) >= 200);
    if (stat(shared, &info) == 0) {
        assert_true(for_each_line(shared, format_line) >= 50);
    }
}

/* ── statements of the SQL tests ── */

static int slt_statement_count;

/* Is this the head of a record whose body is SQL? */
static bool
head_has_sql(const char *line)
{
    static const char *const heads[] = {"statement ", "query", "run "};
    for (size_t i = 0; i < sizeof heads / sizeof heads[0]; i++) {
        if (strncmp(line, heads[i], strlen(heads[i])) == 0) {
            return true;
        }
    }
    return false;
}

static int
slt_file_check(const char *path, const struct stat *info, int kind, struct FTW *place)
{
    (void)info;
    (void)place;
    size_t size = strlen(path);
    FILE *file =
        kind == FTW_F && size > 4 && strcmp(path + size - 4, ".slt") == 0 ? fopen(path, "r") : NULL;
    wr_buffer sql;
    wr_buffer_init(&sql);
    static char line[1 << 20];
    bool in_body = false;
    while (file != NULL && fgets(line, sizeof line, file) != NULL) {
        bool ends = line[0] == '\n' || strcmp(line, "----\n") == 0;
        if (in_body && ends) {
            check_rules((wr_text){sql.data, sql.size}, path);
            slt_statement_count++;
        } else if (in_body) {
            wr_buffer_text(&sql, wr_text_from(line));
        }
        if (!in_body && head_has_sql(line)) {
            wr_buffer_reset(&sql);
            in_body = true;
        } else if (ends) {
            in_body = false;
        }
    }
    if (file != NULL) {
        (void)fclose(file);
    }
    wr_buffer_fini(&sql);
    return 0;
}

static void
statements_of_the_sql_tests_keep_their_meaning(void **state)
{
    (void)state;
    assert_int_equal(nftw("tests/sql", slt_file_check, 16, FTW_PHYS), 0);
    assert_true(slt_statement_count > 500);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_fits_is_one_line),
        cmocka_unit_test(words_and_spaces),
        cmocka_unit_test(a_clause_an_item_a_condition_a_line),
        cmocka_unit_test(brackets_open),
        cmocka_unit_test(comments_stay),
        cmocka_unit_test(a_mistake_changes_nothing),
        cmocka_unit_test(sentences_keep_their_meaning),
        cmocka_unit_test(statements_of_the_sql_tests_keep_their_meaning),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
