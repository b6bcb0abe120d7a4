/* Plans every statement of a text as the planner's fuzzers do it: statements share a catalog, so
 * that views and streams meet; what is learned from samples is made up.
 *
 * Invariant: an error has a code, a message and a position inside the text; a plan can be
 * explained. */
#include "tests/lib/plan_text.h"

#include "parser/parser.h"
#include "planner/planner.h"

#include <stdlib.h>

enum { STATEMENTS_MAX = 64 };

static void
require(bool holds)
{
    if (!holds) {
        abort();
    }
}

static void
catalog_fill(wr_catalog *catalog)
{
    static const char *const statements[] = {
        "CREATE STREAM cpu (ts TIMESTAMP, host TEXT, v DOUBLE, n BIGINT, ok BOOLEAN, p JSON, "
        "m DECIMAL(10,2), d DATE, WATERMARK FOR ts) "
        "WITH (connector = 'kafka', topic = 'cpu', format = 'json')",
        "CREATE STREAM h (ms BIGINT, v DOUBLE, at AS to_timestamp(ms, 'ms'), WATERMARK FOR at) "
        "WITH (connector = 'host')",
        "CREATE VIEW busy AS SELECT host, avg(v) AS a FROM cpu WINDOW TUMBLING 1 MINUTE "
        "GROUP BY host",
    };
    for (size_t i = 0; i < sizeof statements / sizeof *statements; i++) {
        wr_error err;
        require(wr_catalog_put(catalog, wr_text_from(statements[i]), &err) == WR_OK);
    }
}

/* Columns as a sampler could have found them. */
static void
source_learn(wr_arena *arena, wr_plan_source *source)
{
    wr_schema schema = {WR_NEW_ARRAY(arena, wr_column, 3), 3};
    schema.columns[0] = (wr_column){.name = WR_TEXT("v"), .type = WR_TYPE(DOUBLE)};
    schema.columns[1] = (wr_column){.name = WR_TEXT("host"), .type = WR_TYPE(TEXT)};
    schema.columns[2] = (wr_column){.name = WR_TEXT("p"), .type = WR_TYPE(JSON)};
    source->learned = (wr_learned){.format = wr_format_find(WR_TEXT("json")), .schema = schema};
}

static void
plan_explain(const wr_plan *plan)
{
    wr_buffer text;
    wr_buffer_init(&text);
    wr_explain_text(plan, &text);
    wr_explain_json(plan, 1 << 28, &text);
    wr_explain_state(plan, 1 << 28, &text);
    require(text.size > 0);
    wr_buffer_fini(&text);
}

static wr_status
query_plan(wr_planner *planner, const wr_ast_statement *statement, wr_error *err)
{
    wr_plan_source *sources = NULL;
    int count = 0;
    WR_TRY(wr_plan_find_sources(planner, statement, &sources, &count, err));
    for (int i = 0; i < count; i++) {
        if (sources[i].needs_learning) {
            source_learn(planner->arena, &sources[i]);
        }
    }
    wr_plan *plan = NULL;
    WR_TRY(wr_plan_query(planner, statement, sources, count, &plan, err));
    plan_explain(plan);
    return WR_OK;
}

static wr_status
statement_plan(wr_planner *planner, wr_catalog *catalog, const wr_ast_statement *statement,
               wr_error *err)
{
    bool changed;
    bool creates = statement->kind == WR_AST_STATEMENT_CREATE_STREAM ||
                   statement->kind == WR_AST_STATEMENT_CREATE_TABLE ||
                   statement->kind == WR_AST_STATEMENT_CREATE_VIEW;
    if (creates) {
        return wr_plan_create(planner, statement, catalog, &changed, err);
    }
    if (statement->kind == WR_AST_STATEMENT_DROP) {
        return wr_catalog_drop(catalog, statement, &changed, err);
    }
    return query_plan(planner, statement, err);
}

static void
error_check(const wr_error *err, wr_status status, wr_text sql)
{
    bool placed = err->position >= 0 && err->length > 0 && (size_t)err->position <= sql.size;
    require(status == WR_OK || (placed && err->code[0] == 'E' && err->message[0] != '\0'));
}

void
plan_text(wr_text rest)
{
    wr_arena *arena = wr_arena_new(0);
    wr_catalog *catalog = wr_catalog_new();
    wr_settings settings;
    wr_settings_init(&settings);
    catalog_fill(catalog);
    for (int i = 0; i < STATEMENTS_MAX && rest.size > 0; i++) {
        wr_ast_statement *statement = NULL;
        wr_error err = {0};
        size_t consumed = 0;
        wr_planner planner = {.arena = arena,
                              .catalog = catalog,
                              .settings = &settings,
                              .sql = rest,
                              .host_sources = i % 2 == 1,
                              .now_us = 1767225600000000};
        wr_status status = wr_parse_statement(arena, rest, &consumed, &statement, &err);
        if (status == WR_OK && statement != NULL) {
            status = statement_plan(&planner, catalog, statement, &err);
        }
        error_check(&err, status, rest);
        rest = (wr_text){rest.data + consumed, rest.size - consumed};
        wr_arena_reset(arena);
    }
    wr_catalog_free(catalog);
    wr_arena_free(arena);
}
