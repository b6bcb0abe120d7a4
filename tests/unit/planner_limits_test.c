/* The planner on long, wide and deep statements: linear time, no deep recursion, clear limits. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "planner/planner.h"
#include "planner_tools.h"

/* head + count × (between + item) + tail; %d in the item is its number. */
static wr_buffer
repeat(const char *head, const char *between, const char *item, int count)
{
    wr_buffer sql;
    wr_buffer_init(&sql);
    wr_buffer_text(&sql, wr_text_from(head));
    for (int i = 0; i < count; i++) {
        wr_buffer_text(&sql, wr_text_from(i > 0 ? between : ""));
        const char *number = strchr(item, '#');
        wr_buffer_append(&sql, item, number ? (size_t)(number - item) : strlen(item));
        if (number) {
            wr_buffer_printf(&sql, "%d%s", i, number + 1);
        }
    }
    return sql;
}

static void
answer_starts(wr_buffer sql, const char *tail, const char *expected)
{
    planner_world world;
    planner_world_open(&world);
    wr_buffer answer;
    wr_buffer_init(&answer);
    wr_buffer_text(&sql, wr_text_from(tail));
    planner_answer(&world, (wr_text){sql.data, sql.size}, &answer);
    if (!wr_text_starts_with((wr_text){answer.data, answer.size}, wr_text_from(expected))) {
        fail_msg("%.200s", wr_buffer_cstr(&answer));
    }
    wr_buffer_fini(&answer);
    wr_buffer_fini(&sql);
    planner_world_close(&world);
}

static void
chains_of_100000(void **state)
{
    (void)state;
    answer_starts(repeat("SELECT v FROM cpu WHERE ", " OR ", "v = #", 100000), "", "result v");
    answer_starts(repeat("SELECT v FROM cpu WHERE ", " AND ", "v <> #", 100000), "", "result v");
    answer_starts(repeat("SELECT v FROM cpu WHERE n > ", " + ", "n", 100000), "", "result v");
    answer_starts(repeat("SELECT ", " + ", "#", 100000), " AS x", "result x BIGINT");
    answer_starts(repeat("SELECT ", " || ", "'#'", 10000), " || host AS x FROM cpu", "result x");
    answer_starts(repeat("SELECT v FROM cpu WHERE n IN (", ", ", "#", 100000), ")", "result v");
    answer_starts(repeat("SELECT sum(v) + ", " + ", "n", 20000),
                  " AS x FROM cpu WINDOW TUMBLING 1 MINUTE GROUP BY n", "result x");
    answer_starts(repeat("SELECT CASE n ", " ", "WHEN # THEN 1", 20000), " END AS x FROM cpu",
                  "result x BIGINT");
}

static void
wide_statements(void **state)
{
    (void)state;
    answer_starts(repeat("SELECT ", ", ", "v + # AS c", 4096), " FROM cpu", "result c DOUBLE, c_2");
    answer_starts(repeat("SELECT ", ", ", "v", 4097), " FROM cpu", "E0901");
    answer_starts(repeat("SELECT ", " + ", "sum(v + #)", 4097),
                  " AS x FROM cpu WINDOW TUMBLING 1 MINUTE", "E0901");
    answer_starts(
        repeat("SELECT count(*) FROM cpu WINDOW TUMBLING 1 MINUTE GROUP BY ", ", ", "v + #", 1000),
        "", "result count(*)");
    answer_starts(repeat("SELECT v FROM kafka('t', columns = '", ", ", "v# DOUBLE", 5000), "')",
                  "E0901");
    answer_starts(repeat("VALUES ", ", ", "(#, 'a', NULL)", 50000), "", "result column1 BIGINT");
}

static void
many_sources(void **state)
{
    (void)state;
    answer_starts(repeat("", " UNION ALL ", "SELECT v FROM cpu", 1000), "", "result v");
    answer_starts(repeat("", " UNION ALL ", "SELECT v FROM cpu", 1100), "", "E0901");
    answer_starts(repeat("", " UNION ALL ", "SELECT #", 1100), "", "E0901");
}

/* WITH a0 AS (one), a1 AS (two of a0), a2 AS (two of a1) …: 2^n sources. */
static void
doubling_ctes(void **state)
{
    (void)state;
    wr_buffer sql;
    wr_buffer_init(&sql);
    wr_buffer_text(&sql, WR_TEXT("WITH a0 AS (SELECT v FROM cpu)"));
    for (int i = 1; i < 30; i++) {
        wr_buffer_printf(&sql, ", a%d AS (SELECT v FROM a%d UNION ALL SELECT v FROM a%d)", i, i - 1,
                         i - 1);
    }
    answer_starts(sql, " SELECT * FROM a29", "E0901");
}

static void
long_chains_of_ctes(void **state)
{
    (void)state;
    wr_buffer sql;
    wr_buffer_init(&sql);
    wr_buffer_text(&sql, WR_TEXT("WITH a0 AS (SELECT v FROM cpu)"));
    for (int i = 1; i < 20000; i++) {
        wr_buffer_printf(&sql, ", a%d AS (SELECT v FROM a%d)", i, i - 1);
    }
    answer_starts(sql, " SELECT * FROM a19999", "E0901");
}

static void
deep_statements(void **state)
{
    (void)state;
    answer_starts(repeat("SELECT ", "", "(-", 100), "v) FROM cpu", "E0101");
    wr_buffer nested = repeat("SELECT ", "", "abs(", 100);
    wr_buffer_text(&nested, WR_TEXT("v"));
    for (int i = 0; i < 100; i++) {
        wr_buffer_char(&nested, ')');
    }
    answer_starts(nested, " AS x FROM cpu", "result x DOUBLE");
    wr_buffer queries = repeat("", "", "SELECT * FROM (", 20);
    wr_buffer_text(&queries, WR_TEXT("SELECT v FROM cpu"));
    for (int i = 0; i < 20; i++) {
        wr_buffer_char(&queries, ')');
    }
    answer_starts(queries, "", "result v DOUBLE");
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(chains_of_100000),    cmocka_unit_test(wide_statements),
        cmocka_unit_test(many_sources),        cmocka_unit_test(doubling_ctes),
        cmocka_unit_test(long_chains_of_ctes), cmocka_unit_test(deep_statements),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
