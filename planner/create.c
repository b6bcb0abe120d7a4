/* CREATE STREAM, TABLE, VIEW: checked as a query that reads the thing would check it, then kept.
 *
 *     CREATE STREAM s (ts BIGINT, v DOUBLE, WATERMARK FOR ts) WITH (connector = 'kafka', …)
 *                                           ^ E0403 at once, not at the first SELECT
 *
 * Invariants
 * 1. What the catalog holds could be bound when it was made; a view whose stream was replaced since
 *    fails when it is used.
 * 2. A view is only walked when something that it reads must be learned first. */
#include "planner/query.h"

static wr_status
exists_check(const wr_plan_context *context, const wr_ast_statement *statement, wr_ast_name name,
             bool *skip, wr_error *err)
{
    const wr_catalog_entry *entry = wr_catalog_find(context->planner->catalog, name.text);
    entry = entry && entry->origin == WR_CATALOG_REMEMBERED ? NULL : entry;
    *skip = entry && statement->if_not_exists;
    if (!entry || statement->or_replace || *skip) {
        return WR_OK;
    }
    wr_plan_error(context, err, name.span, "E0202", "there is a %s \"%.*s\" already",
                  wr_catalog_kind_name(entry->kind), WR_TEXT_ARG(entry->name));
    wr_error_hint(err, "Say CREATE OR REPLACE, or CREATE … IF NOT EXISTS.");
    return WR_ERR_SQL;
}

static wr_status
keys_refuse(const wr_plan_context *context, const wr_ast_table *table, wr_error *err)
{
    for (int i = 0; i < table->column_count; i++) {
        if (table->columns[i].primary_key) {
            return wr_plan_error(context, err, table->columns[i].span, "E0104",
                                 "a STREAM has no PRIMARY KEY; tables have");
        }
    }
    if (table->primary_key_count > 0) {
        return wr_plan_error(context, err, table->primary_key[0].span, "E0104",
                             "a STREAM has no PRIMARY KEY; tables have");
    }
    return WR_OK;
}

/* The declaration as a scan, as far as it can be bound without samples. */
static wr_status
stream_scan(wr_plan_context *context, const wr_ast_table *table, wr_plan_node **node,
            wr_scope *scope, wr_error *err)
{
    wr_stream_info info;
    WR_TRY(wr_stream_check(context, table, &info, err));
    const wr_ast_table *columns;
    wr_span span;
    WR_TRY(wr_source_columns(context, info.options, &columns, &span, err));
    wr_plan_source source = {.name = table->name.text,
                             .source = info.source,
                             .options = info.options,
                             .format = info.format};
    if (!info.source) { /* only a sink: any source will do to look at the columns */
        source.source = wr_source_find(WR_TEXT("values"));
    }
    wr_scan_parts parts = {
        .table = table, .table_name = table->name.text, .span = table->name.span};
    bool learned = table->column_count == 0 && !columns && !source.source->describe;
    if (learned && table->watermark) {
        return WR_OK; /* its columns are not known yet */
    }
    return wr_scan_plan(context, &source, 0, &parts, node, scope, err);
}

static wr_status
stream_check(wr_plan_context *context, const wr_ast_table *table, wr_error *err)
{
    wr_plan_node *node;
    wr_scope scope;
    WR_TRY(keys_refuse(context, table, err));
    return stream_scan(context, table, &node, &scope, err);
}

/* A TABLE is declared as a STREAM is, and has a key, which is then no option. */
static wr_status
table_check(wr_plan_context *context, const wr_ast_table *table, wr_error *err)
{
    wr_plan_node *node;
    wr_scope scope;
    WR_TRY(wr_table_key_check(context, table, err));
    for (int i = 0; i < table->option_count; i++) {
        if (wr_text_equal_nocase(table->options[i].name.text, WR_TEXT("key"))) {
            return wr_plan_error(context, err, table->options[i].span, "E0602",
                                 "the key of a TABLE is its PRIMARY KEY");
        }
    }
    return stream_scan(context, table, &node, &scope, err);
}

static wr_status
view_check(wr_plan_context *context, const wr_ast_query *query, wr_error *err)
{
    wr_planned planned;
    WR_TRY(wr_find_sources(context, query, err));
    wr_status status = wr_plan_subquery(context, query, NULL, false, &planned, err);
    return status == WR_AGAIN ? WR_OK : status;
}

static wr_status
statement_check(wr_plan_context *context, const wr_ast_statement *statement, bool *skip,
                wr_error *err)
{
    if (statement->parameter_count > 0) {
        return wr_plan_error(context, err, statement->span, "E0407",
                             "a declaration takes no parameters");
    }
    if (statement->kind == WR_AST_STATEMENT_CREATE_VIEW) {
        WR_TRY(exists_check(context, statement, statement->u.view.name, skip, err));
        context->defining = statement->u.view.name.text;
        return *skip ? WR_OK : view_check(context, statement->u.view.query, err);
    }
    WR_TRY(exists_check(context, statement, statement->u.table->name, skip, err));
    if (*skip) {
        return WR_OK;
    }
    return statement->kind == WR_AST_STATEMENT_CREATE_TABLE
               ? table_check(context, statement->u.table, err)
               : stream_check(context, statement->u.table, err);
}

wr_status
wr_plan_create(wr_planner *planner, const wr_ast_statement *statement, wr_catalog *catalog,
               bool *created, wr_error *err)
{
    wr_plan_context context = {.planner = planner, .arena = planner->arena};
    bool skip = false;
    WR_TRY(statement_check(&context, statement, &skip, err));
    *created = !skip;
    if (skip) {
        return WR_OK;
    }
    wr_text sql = {planner->sql.data + statement->span.position, (size_t)statement->span.length};
    return wr_catalog_put(catalog, sql, err);
}

/* The scan of a declared stream, with the scope of its columns; a view has none. */
static wr_status
entry_scan(wr_plan_context *context, const wr_catalog_entry *entry, wr_plan_node **node,
           wr_scope *scope, wr_error *err)
{
    *node = NULL;
    *scope = (wr_scope){0};
    return entry->kind == WR_CATALOG_VIEW
               ? WR_OK
               : stream_scan(context, entry->statement->u.table, node, scope, err);
}

wr_status
wr_plan_describe(wr_planner *planner, const wr_catalog_entry *entry, wr_schema *schema,
                 wr_error *err)
{
    wr_plan_context context = {.planner = planner, .arena = planner->arena};
    *schema = (wr_schema){0};
    wr_plan_node *node;
    wr_scope scope;
    WR_TRY(entry_scan(&context, entry, &node, &scope, err));
    schema->columns = WR_NEW_ARRAY(planner->arena, wr_column, scope.count);
    for (int i = 0; i < scope.count; i++) {
        const wr_scope_column *column = &scope.columns[i];
        if (column->kind == WR_SCOPE_VISIBLE) {
            schema->columns[schema->count++] =
                (wr_column){.name = wr_arena_text(planner->arena, column->name),
                            .type = column->expr->type,
                            .not_null = column->expr->kind == WR_EXPR_COLUMN &&
                                        node->schema.columns[column->expr->column].not_null};
        }
    }
    return WR_OK;
}

wr_status
wr_plan_delivered(wr_planner *planner, const wr_catalog_entry *entry, wr_schema *schema,
                  wr_error *err)
{
    wr_plan_context context = {.planner = planner, .arena = planner->arena};
    *schema = (wr_schema){0};
    wr_plan_node *node;
    wr_scope scope;
    WR_TRY(entry_scan(&context, entry, &node, &scope, err));
    if (node && node->kind == WR_PLAN_SCAN) {
        *schema = node->u.scan.declared;
    }
    return WR_OK;
}
