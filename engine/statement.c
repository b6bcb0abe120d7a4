/* Statements that are done at once, at start.
 *
 *     CREATE, DROP, SET, RESET     change the database, give no rows
 *     SHOW, DESCRIBE, EXPLAIN      answer with a small result (text_result.c)
 *
 * 1. The database is locked meanwhile; nothing outside is opened. */
#include "engine/engine.h"

#include "engine/show.h"

#include <string.h>

weir_kind
wr_engine_statement_kind(const wr_ast_statement *statement)
{
    switch (statement->kind) {
    case WR_AST_STATEMENT_QUERY: return WEIR_KIND_SELECT;
    case WR_AST_STATEMENT_INSERT: return WEIR_KIND_INSERT;
    case WR_AST_STATEMENT_EXPLAIN:
    case WR_AST_STATEMENT_SHOW:
    case WR_AST_STATEMENT_REPLAY:
    case WR_AST_STATEMENT_SHOW_CREATE:
    case WR_AST_STATEMENT_DESCRIBE:
    case WR_AST_STATEMENT_DESCRIBE_QUERY: return WEIR_KIND_TEXT;
    case WR_AST_STATEMENT_CREATE_STREAM:
    case WR_AST_STATEMENT_CREATE_TABLE:
    case WR_AST_STATEMENT_CREATE_VIEW:
    case WR_AST_STATEMENT_CREATE_JOB:
    case WR_AST_STATEMENT_CREATE_SECRET:
    case WR_AST_STATEMENT_DROP:
    case WR_AST_STATEMENT_ALTER_JOB:
    case WR_AST_STATEMENT_SET:
    case WR_AST_STATEMENT_RESET:
    case WR_AST_STATEMENT_SAVEPOINT:
    case WR_AST_STATEMENT_FORK:
    case WR_AST_STATEMENT_ADVANCE_WATERMARK:
    case WR_AST_STATEMENT_ADVANCE_CLOCK:
    case WR_AST_STATEMENT_RESTART:
    case WR_AST_STATEMENT_ASSERT_ROWS:
    case WR_AST_STATEMENT_ASSERT_METRIC:
    case WR_AST_STATEMENT_ASSERT_ERROR: return WEIR_KIND_DDL;
    }
    return WEIR_KIND_DDL;
}

static wr_status
statement_unsupported(const wr_ast_statement *statement, const char *what, wr_error *err)
{
    wr_status status = wr_error_set(err, WR_ERR_SQL, "E0501", "%s is not supported yet", what);
    wr_error_at(err, statement->span.position, statement->span.length);
    return status;
}

/* The text of a setting's value; settings are written as literals: 5, '5 s', on, -1. */
wr_status
wr_engine_setting_value(const wr_ast_expr *value, wr_text *text, wr_arena *arena, wr_error *err)
{
    switch ((int)value->kind) {
    case WR_AST_STRING:
    case WR_AST_NUMBER: *text = value->u.text; return WR_OK;
    case WR_AST_BOOLEAN: *text = value->u.boolean ? WR_TEXT("on") : WR_TEXT("off"); return WR_OK;
    case WR_AST_INTERVAL: *text = value->u.duration.text; return WR_OK;
    case WR_AST_NAME:
        if (value->u.path.count == 1) {
            *text = value->u.path.parts[0].text;
            return WR_OK;
        }
        break;
    case WR_AST_UNARY:
        if (value->u.unary.op == WR_AST_OP_NEGATE &&
            value->u.unary.operand->kind == WR_AST_NUMBER) {
            *text = wr_arena_printf(arena, "-%.*s", WR_TEXT_ARG(value->u.unary.operand->u.text));
            return WR_OK;
        }
        break;
    }
    wr_status status = wr_error_set(err, WR_ERR_SQL, "E0407", "a setting needs a literal value");
    wr_error_at(err, value->span.position, value->span.length);
    return status;
}

static wr_status
statement_set(weir_query *query, wr_error *err)
{
    const wr_ast_option *option = &query->statement->u.option;
    wr_text value;
    WR_TRY(wr_engine_setting_value(option->value, &value, query->arena, err));
    wr_status status = wr_settings_set(&query->db->settings, option->name.text, value, err);
    if (status != WR_OK) {
        wr_span span = strcmp(err->code, "E0206") == 0 ? option->name.span : option->value->span;
        wr_error_at(err, span.position, span.length);
    }
    return status;
}

static wr_status
statement_reset(weir_query *query, wr_error *err)
{
    const wr_ast_name *name = &query->statement->u.name;
    wr_status status = wr_settings_reset(&query->db->settings, name->text, err);
    if (status != WR_OK) {
        wr_error_at(err, name->span.position, name->span.length);
    }
    return status;
}

static wr_status
statement_create(weir_query *query, wr_error *err)
{
    bool created = false;
    wr_planner planner = wr_engine_planner(query, false);
    return wr_plan_create(&planner, query->statement, query->db->catalog, &created, err);
}

/* A job is a process: it is run from its file. */
static wr_status
statement_create_job(const wr_ast_statement *statement, wr_error *err)
{
    wr_error_set(err, WR_ERR_SQL, "E0501", "CREATE JOB here is not supported yet");
    wr_error_hint(err, "put it into a file and say: weir run FILE");
    wr_error_at(err, statement->span.position, statement->span.length);
    return WR_ERR_SQL;
}

static wr_status
statement_run(weir_query *query, wr_error *err)
{
    const wr_ast_statement *statement = query->statement;
    bool done = false;
    switch (statement->kind) {
    case WR_AST_STATEMENT_CREATE_STREAM:
    case WR_AST_STATEMENT_CREATE_TABLE:
    case WR_AST_STATEMENT_CREATE_VIEW: return statement_create(query, err);
    case WR_AST_STATEMENT_DROP:
        return statement->u.drop.kind == WR_AST_OBJECT_SECRET
                   ? wr_secrets_drop(query->db->secrets, statement, &done, err)
                   : wr_catalog_drop(query->db->catalog, statement, &done, err);
    case WR_AST_STATEMENT_SET: return statement_set(query, err);
    case WR_AST_STATEMENT_RESET: return statement_reset(query, err);
    case WR_AST_STATEMENT_SHOW: return wr_engine_show(query, err);
    case WR_AST_STATEMENT_SHOW_CREATE: return wr_engine_show_create(query, err);
    case WR_AST_STATEMENT_DESCRIBE: return wr_engine_describe(query, err);
    case WR_AST_STATEMENT_DESCRIBE_QUERY: return wr_engine_describe_query(query, err);
    case WR_AST_STATEMENT_EXPLAIN: return wr_engine_explain(query, err);
    case WR_AST_STATEMENT_CREATE_JOB: return statement_create_job(statement, err);
    case WR_AST_STATEMENT_CREATE_SECRET:
        return wr_secrets_create(query->db->secrets, statement,
                                 query->db->catalog_dir && !query->db->catalog_is_fixed, &done,
                                 err);
    case WR_AST_STATEMENT_ALTER_JOB: return statement_unsupported(statement, "ALTER JOB", err);
    case WR_AST_STATEMENT_SAVEPOINT: return wr_engine_savepoint(query, err);
    case WR_AST_STATEMENT_FORK: return wr_engine_fork(query, err);
    case WR_AST_STATEMENT_ADVANCE_WATERMARK:
    case WR_AST_STATEMENT_ADVANCE_CLOCK: return statement_unsupported(statement, "ADVANCE", err);
    case WR_AST_STATEMENT_RESTART: return statement_unsupported(statement, "RESTART", err);
    case WR_AST_STATEMENT_ASSERT_ROWS:
    case WR_AST_STATEMENT_ASSERT_METRIC:
    case WR_AST_STATEMENT_ASSERT_ERROR: return statement_unsupported(statement, "ASSERT", err);
    case WR_AST_STATEMENT_REPLAY:
    case WR_AST_STATEMENT_QUERY:
    case WR_AST_STATEMENT_INSERT: break;
    }
    return wr_error_set(err, WR_ERR_MISUSE, "E0903", "a query is no statement that ends at once");
}

wr_status
wr_engine_statement_run(weir_query *query, wr_error *err)
{
    if (query->statement->kind == WR_AST_STATEMENT_REPLAY) {
        return wr_engine_replay(query, err); /* asks queries of its own */
    }
    pthread_mutex_lock(&query->db->lock);
    wr_status status = statement_run(query, err);
    if (status == WR_OK) {
        status = wr_engine_catalog_keep(query->db, query->statement, err);
    }
    pthread_mutex_unlock(&query->db->lock);
    return status;
}
