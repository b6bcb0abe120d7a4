/* For tests of the planner: a small catalog, learned schemas without a source, and a statement's
 * plan or error as text. */
#ifndef WEIR_TESTS_PLANNER_TOOLS_H
#define WEIR_TESTS_PLANNER_TOOLS_H

#include "core/buffer.h"
#include "parser/parser.h"
#include "planner/planner.h"

#include <stdio.h>
#include <string.h>

typedef struct planner_world {
    wr_catalog *catalog;
    wr_settings settings;
} planner_world;

static const char *const planner_world_statements[] = {
    "CREATE STREAM cpu (ts TIMESTAMP, host TEXT, v DOUBLE, n BIGINT, ok BOOLEAN, p JSON, "
    "WATERMARK FOR ts DELAY 5 SECONDS) WITH (connector = 'kafka', topic = 'cpu', format = 'json')",
    "CREATE STREAM log (ms BIGINT, line TEXT, at AS to_timestamp(ms, 'ms'), "
    "id TEXT METADATA FROM '_key', WATERMARK FOR at) "
    "WITH (connector = 'kafka', topic = 'log', format = 'json')",
    "CREATE STREAM ended (ts TIMESTAMP, k TEXT, v DOUBLE, WATERMARK FOR ts) "
    "WITH (connector = 'kafka', topic = 'e', format = 'json', until = 'end')",
    "CREATE STREAM hosted (ts TIMESTAMP, \"V\" DOUBLE, \"v\" BIGINT, WATERMARK FOR ts) "
    "WITH (connector = 'host')",
    "CREATE STREAM out (host TEXT, v DOUBLE) "
    "WITH (connector = 'kafka', topic = 'out', format = 'json')",
    "CREATE STREAM nothing (a BIGINT, b TEXT, c TIMESTAMP) WITH (connector = 'null')",
    "CREATE VIEW busy AS SELECT host, v FROM cpu WHERE v > 90",
    "CREATE VIEW by_minute AS SELECT window_start AS start, host, avg(v) AS a FROM cpu "
    "WINDOW TUMBLING 1 MINUTE GROUP BY host",
};

static wr_planner
planner_of(planner_world *world, wr_arena *arena, wr_text sql)
{
    return (wr_planner){.arena = arena,
                        .catalog = world->catalog,
                        .settings = &world->settings,
                        .sql = sql,
                        .now_us = 1767225600000000};
}

/* What a sampler would have found: a bare number, or for names with "json" a few columns. */
static void
planner_learn(wr_arena *arena, wr_plan_source *source)
{
    bool json = source->name.size >= 12 && memcmp(source->name.data + 6, "'json'", 6) == 0;
    wr_schema schema = {WR_NEW_ARRAY(arena, wr_column, 4), 0};
    if (json) {
        schema.columns[schema.count++] =
            (wr_column){.name = WR_TEXT("ts"), .type = WR_TYPE(BIGINT)};
        schema.columns[schema.count++] =
            (wr_column){.name = WR_TEXT("host"), .type = WR_TYPE(TEXT)};
        schema.columns[schema.count++] = (wr_column){.name = WR_TEXT("v"), .type = WR_TYPE(DOUBLE)};
        schema.columns[schema.count++] = (wr_column){.name = WR_TEXT("o"), .type = WR_TYPE(JSON)};
    } else {
        schema.columns[schema.count++] = (wr_column){.name = WR_TEXT("v"), .type = WR_TYPE(DOUBLE)};
    }
    source->learned = (wr_learned){.format = wr_format_find(WR_TEXT("json")), .schema = schema};
}

static wr_status
planner_plan(planner_world *world, wr_arena *arena, wr_text sql, wr_plan **plan, wr_error *err)
{
    wr_ast_statement *statement;
    size_t consumed;
    wr_planner planner = planner_of(world, arena, sql);
    *plan = NULL;
    WR_TRY(wr_parse_statement(arena, sql, &consumed, &statement, err));
    if (!statement) {
        return WR_OK;
    }
    if (statement->kind == WR_AST_STATEMENT_CREATE_STREAM ||
        statement->kind == WR_AST_STATEMENT_CREATE_TABLE ||
        statement->kind == WR_AST_STATEMENT_CREATE_VIEW) {
        bool created;
        return wr_plan_create(&planner, statement, world->catalog, &created, err);
    }
    if (statement->kind == WR_AST_STATEMENT_DROP) {
        bool dropped;
        return wr_catalog_drop(world->catalog, statement, &dropped, err);
    }
    wr_plan_source *sources;
    int count;
    WR_TRY(wr_plan_find_sources(&planner, statement, &sources, &count, err));
    for (int i = 0; i < count; i++) {
        if (sources[i].needs_learning) {
            planner_learn(arena, &sources[i]);
        }
    }
    return wr_plan_query(&planner, statement, sources, count, plan, err);
}

/* The plan, or the error with its position. */
static void
planner_answer(planner_world *world, wr_text sql, wr_buffer *out)
{
    wr_arena *arena = wr_arena_new(0);
    wr_plan *plan;
    wr_error err;
    wr_error_clear(&err);
    wr_status status = planner_plan(world, arena, sql, &plan, &err);
    if (status != WR_OK) {
        wr_buffer_printf(out, "%s at %d+%d: %s\n", err.code, err.position, err.length, err.message);
        if (err.detail[0]) {
            wr_buffer_printf(out, "detail: %s\n", err.detail);
        }
        if (err.hint[0]) {
            wr_buffer_printf(out, "hint: %s\n", err.hint);
        }
    } else if (plan) {
        wr_explain_text(plan, out);
    } else {
        wr_buffer_text(out, WR_TEXT("done\n"));
    }
    wr_arena_free(arena);
}

static void
planner_world_open(planner_world *world)
{
    world->catalog = wr_catalog_new();
    wr_settings_init(&world->settings);
    world->settings.lanes = 1; /* plans do not depend on the machine */
    for (size_t i = 0; i < sizeof planner_world_statements / sizeof *planner_world_statements;
         i++) {
        wr_buffer answer;
        wr_buffer_init(&answer);
        planner_answer(world, wr_text_from(planner_world_statements[i]), &answer);
        if (strcmp(wr_buffer_cstr(&answer), "done\n") != 0) {
            fprintf(stderr, "%s\n%s", planner_world_statements[i], wr_buffer_cstr(&answer));
        }
        wr_buffer_fini(&answer);
    }
}

static void
planner_world_close(planner_world *world)
{
    wr_catalog_free(world->catalog);
}

#endif
