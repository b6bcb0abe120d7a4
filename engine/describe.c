/* DESCRIBE: the columns of a stream, table, view or query. EXPLAIN: the plan of a query. SHOW
 * CREATE: a declaration.
 *
 *     DESCRIBE busy  →  plan its query  →  the plan's result columns      nothing is opened
 *
 * 1. What would have to be learned from a source that is not declared is said to be so. */
#include "engine/show.h"

#include "engine/text_result.h"
#include "parser/parser.h"

/* Plans `statement` as a query of its own; WR_AGAIN when a source would have to be learned. */
static wr_status
describe_plan(weir_query *query, const wr_ast_statement *statement, wr_plan **plan, wr_error *err)
{
    wr_planner planner = wr_engine_planner(query, false);
    wr_plan_source *sources = NULL;
    int count = 0;
    WR_TRY(wr_plan_find_sources(&planner, statement, &sources, &count, err));
    return wr_plan_query(&planner, statement, sources, count, plan, err);
}

/* The columns of a query; none when they have to be learned. */
static wr_status
describe_columns(weir_query *query, const wr_ast_statement *statement, wr_schema *schema,
                 wr_error *err)
{
    wr_plan *plan = NULL;
    wr_status status = describe_plan(query, statement, &plan, err);
    if (status == WR_OK) {
        *schema = plan->result;
    }
    return status == WR_AGAIN ? WR_OK : status;
}

/* The columns of a view are those of SELECT * FROM it. */
static wr_status
describe_view(weir_query *query, const wr_catalog_entry *entry, wr_schema *schema, wr_error *err)
{
    wr_ast_statement *statement = NULL;
    size_t consumed = 0;
    wr_buffer text;
    wr_buffer_init(&text);
    wr_buffer_text(&text, WR_TEXT("SELECT * FROM "));
    wr_ast_print_name(entry->name, &text);
    wr_text sql = wr_arena_text(query->arena, (wr_text){text.data, text.size});
    wr_buffer_fini(&text);
    WR_TRY(wr_parse_statement(query->arena, sql, &consumed, &statement, err));
    return describe_columns(query, statement, schema, err);
}

/* `table` has the key; NULL: there is none. */
static void
columns_show(weir_query *query, const wr_schema *schema, const wr_ast_table *table)
{
    static const char *const names[] = {"column", "type", "null", "key"};
    text_result result;
    wr_text_result_init(&result, query, 4, names);
    for (int i = 0; i < schema->count; i++) {
        const wr_column *column = &schema->columns[i];
        char type[64];
        bool key = table && wr_table_key_has(table, column->name);
        wr_text_result_add(&result,
                           (wr_text[]){column->name, wr_text_from(wr_type_name(column->type, type)),
                                       column->not_null || key ? WR_TEXT("no") : WR_TEXT("yes"),
                                       key ? WR_TEXT("yes") : WR_TEXT("no")});
    }
    if (schema->count == 0) {
        wr_text_result_add(&result, (wr_text[]){WR_TEXT("(learned at start)"), WR_TEXT_NONE,
                                                WR_TEXT_NONE, WR_TEXT_NONE});
    }
    wr_text_result_finish(&result);
}

wr_status
wr_engine_describe(weir_query *query, wr_error *err)
{
    const wr_ast_name *name = &query->statement->u.name;
    const wr_catalog_entry *entry = wr_catalog_find(query->db->catalog, name->text);
    if (!entry) {
        wr_status status =
            wr_catalog_missing(query->db->catalog, "stream, table or view", name->text, err);
        wr_error_at(err, name->span.position, name->span.length);
        return status;
    }
    wr_schema schema = {NULL, 0};
    wr_planner planner = wr_engine_planner(query, false);
    WR_TRY(entry->kind == WR_CATALOG_VIEW ? describe_view(query, entry, &schema, err)
                                          : wr_plan_describe(&planner, entry, &schema, err));
    columns_show(query, &schema,
                 entry->kind == WR_CATALOG_TABLE ? entry->statement->u.table : NULL);
    return WR_OK;
}

wr_status
wr_engine_describe_query(weir_query *query, wr_error *err)
{
    wr_ast_statement inner = *query->statement;
    wr_schema schema = {NULL, 0};
    inner.kind = WR_AST_STATEMENT_QUERY;
    WR_TRY(describe_columns(query, &inner, &schema, err));
    columns_show(query, &schema, NULL);
    return WR_OK;
}

wr_status
wr_engine_show_create(weir_query *query, wr_error *err)
{
    static const char *const names[] = {"sql"};
    const wr_ast_statement *statement = query->statement;
    const wr_catalog_entry *entry = NULL;
    if (statement->u.show_create.kind == WR_AST_OBJECT_JOB ||
        statement->u.show_create.kind == WR_AST_OBJECT_SECRET) {
        wr_error_set(err, WR_ERR_SQL, "E0501", "this form of SHOW CREATE is not supported yet");
        wr_error_at(err, statement->span.position, statement->span.length);
        wr_error_hint(err, "SHOW CREATE STREAM, TABLE or VIEW; SHOW SECRETS");
        return WR_ERR_SQL;
    }
    WR_TRY(wr_catalog_get(query->db->catalog, statement->u.show_create.kind,
                          &statement->u.show_create.name, &entry, err));
    wr_buffer sql;
    wr_buffer_init(&sql);
    wr_status status = wr_format_script(wr_secrets_hide(query->arena, entry->sql), &sql, err);
    if (status == WR_OK) {
        text_result result;
        wr_text_result_init(&result, query, 1, names);
        wr_text formatted = wr_text_trim((wr_text){sql.data, sql.size});
        wr_text_result_add(&result, &formatted);
        wr_text_result_finish(&result);
    }
    wr_buffer_fini(&sql);
    return status;
}

/* ── EXPLAIN ────────────────────────────────────────────────────────────────────────────────── */

static wr_status
explain_unsupported(const wr_ast_statement *statement, wr_error *err)
{
    wr_error_set(err, WR_ERR_SQL, "E0501", "this form of EXPLAIN is not supported yet");
    wr_error_at(err, statement->span.position, statement->span.length);
    wr_error_hint(err, "EXPLAIN SELECT … and EXPLAIN INSERT … show the plan");
    return WR_ERR_SQL;
}

static bool
statement_has_plan(const wr_ast_statement *statement)
{
    return statement && (statement->kind == WR_AST_STATEMENT_QUERY ||
                         statement->kind == WR_AST_STATEMENT_INSERT ||
                         statement->kind == WR_AST_STATEMENT_CREATE_JOB);
}

/* JSON is one row, text a row for each line. */
static void
plan_show(weir_query *query, const wr_plan *plan, bool json)
{
    static const char *const names[] = {"plan"};
    text_result result;
    wr_buffer text;
    wr_buffer_init(&text);
    wr_text_result_init(&result, query, 1, names);
    wr_engine_explain_plan(query, plan, json, &text);
    if (json) {
        wr_text line = wr_text_trim((wr_text){text.data, text.size});
        wr_text_result_add(&result, &line);
    } else {
        wr_text_result_lines(&result, (wr_text){text.data, text.size});
    }
    wr_text_result_finish(&result);
    wr_buffer_fini(&text);
}

wr_status
wr_engine_explain(weir_query *query, wr_error *err)
{
    const wr_ast_statement *statement = query->statement;
    const wr_ast_statement *inner = statement->u.explain.statement;
    if (statement->u.explain.kind == WR_AST_EXPLAIN_UPGRADE && inner) {
        return wr_engine_explain_upgrade(query, err);
    }
    if (statement->u.explain.kind != WR_AST_EXPLAIN_PLAN || !statement_has_plan(inner)) {
        return explain_unsupported(statement, err);
    }
    wr_plan *plan = NULL;
    wr_status status = describe_plan(query, inner, &plan, err);
    if (status == WR_OK || status == WR_AGAIN) {
        plan_show(query, plan, statement->u.explain.json);
    }
    return status == WR_AGAIN ? WR_OK : status;
}
