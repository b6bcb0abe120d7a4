/* Every example of the function registry is run as SQL and gives what the registry says.
 *
 *   upper('abc')              SELECT upper('abc')
 *   sum(x) over 1, NULL, 3    SELECT sum(x) FROM (VALUES (1), (NULL), (3)) AS t (x)
 *
 * So that help and the manual never show what is not so. */
#include "functions/function.h"
#include "weir.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdio.h>
#include <string.h>

enum { SQL_BYTES = 1024 };

/* The values of "a over v, v": each becomes a row; those in parentheses are rows already. */
static void
values_write(const char *values, char *sql)
{
    size_t at = strlen(sql);
    int depth = 0;
    bool quoted = false, row_open = false, own_row = false;
    for (const char *c = values; *c && at < SQL_BYTES - 8; c++) {
        if (!row_open && *c == ' ') {
            continue;
        }
        if (!row_open) {
            row_open = true;
            own_row = *c == '(';
            if (!own_row) {
                sql[at++] = '(';
            }
        }
        quoted = *c == '\'' ? !quoted : quoted;
        depth += quoted ? 0 : (*c == '(') - (*c == ')');
        if (*c == ',' && depth == 0 && !quoted) {
            row_open = false;
            if (!own_row) {
                sql[at++] = ')';
            }
        }
        sql[at++] = *c;
    }
    if (!own_row) {
        sql[at++] = ')';
    }
    sql[at] = '\0';
}

/* Bytes of the arguments that name columns: those behind, constants, are no names. */
static int
names_size(const char *args, int size)
{
    for (int at = 0; at < size; at++) {
        const char *next = args + at + strspn(args + at, ", ");
        if (args[at] == ',' && (*next < 'a' || *next > 'z')) {
            return at;
        }
    }
    return size;
}

static void
example_sql(const char *example, char *sql)
{
    const char *over = strstr(example, " over ");
    if (!over) {
        snprintf(sql, SQL_BYTES, "SELECT %s", example);
        return;
    }
    int call = (int)(over - example);
    const char *open = strchr(example, '('), *close = over - 1;
    int count = (int)(close - open - 1);
    bool star = count == 1 && open[1] == '*';
    snprintf(sql, SQL_BYTES, "SELECT %.*s FROM (VALUES ", call, example);
    values_write(over + strlen(" over "), sql);
    size_t at = strlen(sql);
    snprintf(sql + at, SQL_BYTES - at, ") AS t (%.*s)", star ? 1 : names_size(open + 1, count),
             star ? "x" : open + 1);
}

/* The one value that a query gives, or its error's message. */
static bool
query_gives(weir_db *db, const char *sql, char *value, size_t size)
{
    weir_query *query = NULL;
    weir_error *err = NULL;
    int rc = weir_prepare(db, sql, -1, &query, NULL, &err);
    if (rc == WEIR_OK) {
        rc = weir_start(query, NULL, &err);
    }
    if (rc != WEIR_OK) {
        snprintf(value, size, "%s", err ? weir_error_message(err) : "no error");
        weir_error_free(err);
        weir_query_free(query);
        return false;
    }
    while ((rc = weir_step(query, 1000)) == WEIR_AGAIN) {
    }
    bool is_row = rc == WEIR_ROW;
    if (is_row) {
        size_t length = 0;
        const char *text = weir_column_text(query, 0, &length);
        bool is_null = weir_column_is_null(query, 0) != 0;
        snprintf(value, size, "%.*s", is_null ? 4 : (int)length, is_null ? "NULL" : text);
    } else {
        const weir_error *failure = weir_query_error(query);
        snprintf(value, size, "%s", failure ? weir_error_message(failure) : "no row");
    }
    weir_query_free(query);
    return is_row;
}

static int
example_check(weir_db *db, const char *example, const char *wanted)
{
    char sql[SQL_BYTES], value[SQL_BYTES];
    example_sql(example, sql);
    if (query_gives(db, sql, value, sizeof value) && strcmp(value, wanted) == 0) {
        return 0;
    }
    print_error("%s gives %s, not %s\n", sql, value, wanted);
    return 1;
}

static weir_db *
database_open(void)
{
    weir_db *db = NULL;
    weir_options options = {.size = sizeof options, .manual_clock = 1};
    assert_int_equal(weir_open(&options, &db, NULL), WEIR_OK);
    assert_int_equal(weir_clock_set(db, (int64_t)1767225600 * 1000000), WEIR_OK); /* 2026 */
    return db;
}

static void
functions_give_their_examples(void **state)
{
    (void)state;
    weir_db *db = database_open();
    int count = 0, wrong = 0;
    const wr_function *const *functions = wr_function_all(&count);
    for (int i = 0; i < count; i++) {
        wrong += example_check(db, functions[i]->example, functions[i]->example_result);
    }
    weir_close(db);
    assert_int_equal(wrong, 0);
}

static void
aggregates_give_their_examples(void **state)
{
    (void)state;
    weir_db *db = database_open();
    int count = 0, wrong = 0;
    const wr_aggregate *const *aggregates = wr_aggregate_all(&count);
    for (int i = 0; i < count; i++) {
        wrong += example_check(db, aggregates[i]->example, aggregates[i]->example_result);
    }
    weir_close(db);
    assert_int_equal(wrong, 0);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(functions_give_their_examples),
        cmocka_unit_test(aggregates_give_their_examples),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
