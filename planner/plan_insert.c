/* INSERT INTO: where rows go, and what columns they have there.
 *
 *     INSERT INTO kafka('t') SELECT host, avg(v) …      a sink function takes the SELECT's names
 *     INSERT INTO o SELECT 1, 'x'                       a declared one its own, by position
 *     INSERT INTO o (b, a) SELECT 'x', 1                by name; columns left out are NULL
 *
 * Invariants
 * 1. Every declared column gets a value of its type: implicit casts, then casts that always work or
 *    are checked per row; a TEXT never becomes a number by itself.
 * 2. Rows that may change later only go to sinks that understand changes.
 * 3. A NULL for a NOT NULL column, or in a TABLE's key, is a bad row. */
#include "planner/query.h"

#include <stdio.h>
#include <string.h>

typedef struct insert_sink {
    const wr_sink_ops *ops;
    wr_options options;
    const wr_format_ops *format;
    wr_text name;
    const wr_ast_table *table; /* declared; NULL: a function */
} insert_sink;

/* ── the sink ───────────────────────────────────────────────────────────────────────────────── */

static wr_status
function_missing(const wr_plan_context *context, const wr_ast_sink *ast, wr_error *err)
{
    int count;
    const wr_sink_ops *const *all = wr_sink_all(&count);
    wr_text names[32];
    count = count > 32 ? 32 : count;
    for (int i = 0; i < count; i++) {
        names[i] = wr_text_from(all[i]->name);
    }
    wr_plan_error(context, err, ast->name.span, "E0205", "no sink function \"%.*s\"",
                  WR_TEXT_ARG(ast->name.text));
    wr_plan_suggest(err, ast->name.text, names, count, "sink functions");
    return WR_ERR_SQL;
}

static const wr_format_ops *
format_default(const wr_sink_ops *ops, wr_options options)
{
    const wr_option *path = wr_options_first(options, "path");
    const wr_format_ops *by_path = path ? wr_format_by_extension(path->value) : NULL;
    if (by_path && by_path->encoder_open) {
        return by_path;
    }
    return ops->default_format ? wr_format_find(wr_text_from(ops->default_format)) : NULL;
}

static wr_status
format_check(const wr_plan_context *context, const wr_ast_sink *ast, const insert_sink *sink,
             wr_error *err)
{
    if (sink->format && !sink->format->encoder_open) {
        return wr_plan_error(context, err, ast->span, "E0602", "format %s cannot be written",
                             sink->format->name);
    }
    return WR_OK;
}

static wr_status
sink_of_function(wr_plan_context *context, const wr_ast_sink *ast, insert_sink *sink, wr_error *err)
{
    sink->ops = wr_sink_find(ast->name.text);
    if (!sink->ops) {
        return function_missing(context, ast, err);
    }
    char what[80];
    snprintf(what, sizeof what, "sink %s", sink->ops->name);
    WR_TRY(wr_options_of_args(context, ast->args, ast->arg_count, what, sink->ops->positional,
                              &sink->options, err));
    WR_TRY(wr_options_format(context, sink->options, &sink->format, err));
    static const wr_option_spec common[] = {
        {.name = "format", .kind = WR_OPTION_TEXT, .doc = "json, csv, text or raw"},
        {.name = NULL}};
    sink->format = sink->format ? sink->format : format_default(sink->ops, sink->options);
    const wr_option_spec *const *tables =
        wr_option_tables(context, sink->ops->options, common, sink->format);
    WR_TRY(wr_options_check(sink->options, tables, sink->ops->option_prefix, what, err));
    wr_status status = sink->ops->check ? sink->ops->check(sink->options, err) : WR_OK;
    if (status != WR_OK && err && err->position < 0) {
        wr_error_at(err, ast->span.position, ast->span.length);
    }
    const wr_option *first =
        sink->ops->positional ? wr_options_first(sink->options, sink->ops->positional) : NULL;
    sink->name = first ? wr_arena_printf(context->arena, "%s('%.*s')", sink->ops->name,
                                         WR_TEXT_ARG(first->value))
                       : wr_arena_printf(context->arena, "%s()", sink->ops->name);
    return status;
}

/* A TABLE's key is the sink's option `key`. */
static wr_status
table_keyed(wr_plan_context *context, const wr_ast_sink *ast, insert_sink *sink, wr_error *err)
{
    if (!sink->ops->accepts_changes) {
        wr_plan_error(context, err, ast->name.span, "E0406",
                      "connector \"%s\" only appends: it cannot keep one row for each key",
                      sink->ops->name);
        wr_error_hint(err, "Declare a STREAM, or a TABLE of kafka or sqlite.");
        return WR_ERR_SQL;
    }
    sink->options = wr_table_key_option(context, sink->table, sink->options);
    return WR_OK;
}

static wr_status
sink_of_stream(wr_plan_context *context, const wr_ast_sink *ast, insert_sink *sink, wr_error *err)
{
    wr_relation relation;
    WR_TRY(wr_relation_of_sink(context, &ast->name, &relation, err));
    wr_stream_info info;
    wr_plan_inlined saved = wr_plan_enter(context, ast->name.span, relation.name);
    wr_status status = wr_stream_check(context, relation.table, &info, err);
    wr_plan_leave(context, saved);
    WR_TRY(status);
    if (!info.sink) {
        return wr_plan_error(context, err, ast->name.span, "E0301",
                             "\"%.*s\" cannot be written: its connector \"%s\" only reads",
                             WR_TEXT_ARG(ast->name.text), info.source->name);
    }
    sink->ops = info.sink;
    sink->options = info.options;
    sink->format = info.format ? info.format : format_default(info.sink, info.options);
    sink->name = relation.name;
    sink->table = relation.table;
    return relation.is_table ? table_keyed(context, ast, sink, err) : WR_OK;
}

/* ── columns ────────────────────────────────────────────────────────────────────────────────── */

static int
written_count(const wr_ast_table *table)
{
    int count = 0;
    for (int i = 0; i < table->column_count; i++) {
        count += table->columns[i].kind == WR_AST_COLUMN_TYPED && !table->columns[i].metadata;
    }
    return count;
}

/* Does a value of `from` become one of `to` without somebody saying so? */
static bool
assignable(const wr_expr *from, wr_type to)
{
    bool numbers = wr_type_is_numeric(from->type.id) && wr_type_is_numeric(to.id);
    return numbers || to.id == WR_TYPE_TEXT || wr_cast_cost(from, to.id) >= 0;
}

/* The literal below a column, if that is all it is: INSERT INTO o SELECT '2026-01-01'. */
static const wr_expr *
literal_below(const wr_plan_node *node, int column)
{
    const wr_expr *expr = node->kind == WR_PLAN_PROJECT ? node->u.project.exprs[column] : NULL;
    return expr && expr->kind == WR_EXPR_CONSTANT ? expr : NULL;
}

static wr_status
column_cast(wr_plan_context *context, const wr_plan_node *input, int column,
            const wr_column *target, wr_span span, const wr_expr **out, wr_error *err)
{
    wr_binder binder = {.context = context, .place = "INSERT"};
    const wr_expr *literal = literal_below(input, column);
    if (literal && wr_expr_is_null(literal)) {
        *out = wr_expr_null(context->arena, target->type, span);
        return WR_OK;
    }
    const wr_expr *expr =
        literal ? literal
                : wr_expr_column(context->arena, column, input->schema.columns[column].type, span);
    if (!assignable(expr, target->type)) {
        char from[40], to[40];
        wr_plan_error(context, err, span, "E0301", "column \"%.*s\" is %s, not %s",
                      WR_TEXT_ARG(target->name), wr_type_name(target->type, to),
                      wr_type_name(expr->type, from));
        wr_error_hint(err, "Cast it: CAST(… AS %s).", to);
        return WR_ERR_SQL;
    }
    if (wr_cast_cost(expr, target->type.id) > 0) {
        return wr_cast_implicit(&binder, expr, target->type, "the column", out, err);
    }
    return wr_cast_written(&binder, expr, target->type, false, span, out, err);
}

/* The same value; a NULL makes the row a bad one:  CASE WHEN x IS NULL THEN (error) ELSE x END */
static wr_status
column_required(wr_plan_context *context, const wr_expr **expr, wr_span span, wr_error *err)
{
    wr_binder binder = {.context = context, .place = "INSERT"};
    const wr_expr **value = WR_NEW(context->arena, const wr_expr *);
    const wr_expr **parts = WR_NEW_ARRAY(context->arena, const wr_expr *, 3);
    wr_vector error;
    wr_vector_init_flat(&error, (*expr)->type, 1, context->arena);
    memset(error.data, 0, (size_t)wr_type_width(error.type.id));
    wr_vector_set_error(&error, 0, 1, WR_REASON_NOT_NULL, context->arena);
    error.kind = WR_CONSTANT;
    value[0] = *expr;
    WR_TRY(wr_bind_operator(&binder, "is null", value, 1, span, &parts[0], err));
    parts[1] = wr_expr_constant(context->arena, &error, span);
    parts[2] = *expr;
    return wr_bind_operator(&binder, "case", parts, 3, span, expr, err);
}

/* Which column of the query feeds each declared one: source[i], or -1. */
static void
columns_suggest(wr_plan_context *context, const wr_schema *declared, wr_text word, wr_error *err)
{
    wr_text *names = WR_NEW_ARRAY(context->arena, wr_text, declared->count);
    for (int i = 0; i < declared->count; i++) {
        names[i] = declared->columns[i].name;
    }
    wr_plan_suggest(err, word, names, declared->count, "its columns");
}

static wr_status
columns_match(wr_plan_context *context, const wr_ast_insert *insert, const wr_schema *declared,
              int given, int *source, wr_error *err)
{
    const wr_ast_sink *ast = &insert->sink;
    int wanted = ast->column_count > 0 ? ast->column_count : declared->count;
    if (given != wanted) {
        wr_plan_error(context, err, insert->query->span, "E0305",
                      "the query has %d column%s, \"%.*s\" takes %d", given, given == 1 ? "" : "s",
                      WR_TEXT_ARG(ast->name.text), wanted);
        columns_suggest(context, declared, WR_TEXT(""), err);
        return WR_ERR_SQL;
    }
    for (int i = 0; i < declared->count; i++) {
        source[i] = ast->column_count > 0 ? -1 : i;
    }
    for (int k = 0; k < ast->column_count; k++) {
        int found = -1;
        for (int i = 0; i < declared->count && found < 0; i++) {
            bool same = wr_text_equal_nocase(declared->columns[i].name, ast->columns[k].text);
            found = same ? i : -1;
        }
        if (found < 0 || source[found] >= 0) {
            wr_plan_error(context, err, ast->columns[k].span, found < 0 ? "E0203" : "E0202",
                          found < 0 ? "no column \"%.*s\" in the stream"
                                    : "column \"%.*s\" stands here twice",
                          WR_TEXT_ARG(ast->columns[k].text));
            columns_suggest(context, declared, found < 0 ? ast->columns[k].text : WR_TEXT(""), err);
            return WR_ERR_SQL;
        }
        source[found] = k;
    }
    return WR_OK;
}

static wr_status
declared_schema(wr_plan_context *context, const wr_ast_table *table, wr_schema *schema,
                wr_error *err)
{
    schema->columns = WR_NEW_ARRAY(context->arena, wr_column, written_count(table));
    schema->count = 0;
    for (int i = 0; i < table->column_count; i++) {
        const wr_ast_column *column = &table->columns[i];
        if (column->kind == WR_AST_COLUMN_TYPED && !column->metadata) {
            wr_column *made = &schema->columns[schema->count++];
            made->name = column->name.text;
            made->not_null = column->not_null || wr_table_key_has(table, column->name.text);
            WR_TRY(wr_bind_type(context, column->type, &made->type, err));
        }
    }
    return WR_OK;
}

static int
visible_count(const wr_plan_node *node)
{
    return node->kind == WR_PLAN_SCAN ? node->u.scan.declared.count : node->schema.count;
}

/* A project with the declared columns. */
static wr_status
columns_declared(wr_plan_context *context, const wr_ast_insert *insert, const wr_ast_table *table,
                 wr_planned *planned, wr_error *err)
{
    wr_schema schema;
    WR_TRY(declared_schema(context, table, &schema, err));
    int *source = WR_NEW_ARRAY(context->arena, int, schema.count);
    int given = visible_count(planned->node);
    WR_TRY(columns_match(context, insert, &schema, given, source, err));
    wr_plan_node *node = wr_node_over(context->arena, WR_PLAN_PROJECT, planned->node);
    const wr_expr **exprs = WR_NEW_ARRAY(context->arena, const wr_expr *, schema.count);
    wr_span span = wr_plan_span(context, insert->query->span);
    for (int i = 0; i < schema.count; i++) {
        if (source[i] < 0) {
            exprs[i] = wr_expr_null(context->arena, schema.columns[i].type, span);
        } else {
            WR_TRY(column_cast(context, planned->node, source[i], &schema.columns[i], span,
                               &exprs[i], err));
        }
        if (schema.columns[i].not_null) {
            WR_TRY(column_required(context, &exprs[i], span, err));
        }
    }
    node->schema = schema;
    node->u.project.exprs = exprs;
    planned->node = node;
    return WR_OK;
}

/* INSERT INTO file('x') (a, b): other names. */
static wr_status
columns_renamed(wr_plan_context *context, const wr_ast_insert *insert, wr_schema *schema,
                wr_error *err)
{
    const wr_ast_sink *ast = &insert->sink;
    if (ast->column_count == 0) {
        return WR_OK;
    }
    if (ast->column_count != schema->count) {
        return wr_plan_error(context, err, insert->query->span, "E0305",
                             "the query has %d column%s, the list names %d", schema->count,
                             schema->count == 1 ? "" : "s", ast->column_count);
    }
    wr_column *columns = WR_NEW_ARRAY(context->arena, wr_column, schema->count);
    for (int i = 0; i < schema->count; i++) {
        columns[i] = schema->columns[i];
        columns[i].name = ast->columns[i].text;
    }
    schema->columns = columns;
    return WR_OK;
}

static wr_status
changes_check(const wr_plan_context *context, const wr_ast_insert *insert, const insert_sink *sink,
              const wr_planned *planned, wr_error *err)
{
    const char *need = sink->ops->changes_need;
    bool understood = sink->ops->accepts_changes && (!need || wr_options_find(sink->options, need));
    if (!planned->node->changes || understood) {
        return WR_OK;
    }
    wr_plan_error(context, err, insert->sink.span, "E0406",
                  "%.*s takes only rows that stay, and these change later",
                  WR_TEXT_ARG(sink->name));
    if (sink->ops->accepts_changes) {
        wr_error_hint(err, "Say %s = column, then newer rows replace older ones; or EMIT FINAL.",
                      need);
    } else {
        wr_error_hint(err, "Give the query a WINDOW and EMIT FINAL, or bound its input (until = "
                           "'end').");
    }
    return WR_ERR_SQL;
}

wr_status
wr_plan_insert(wr_plan_context *context, const wr_ast_insert *insert, wr_planned *planned,
               wr_error *err)
{
    insert_sink sink = {0};
    if (insert->sink.function) {
        WR_TRY(sink_of_function(context, &insert->sink, &sink, err));
    } else {
        WR_TRY(sink_of_stream(context, &insert->sink, &sink, err));
    }
    WR_TRY(format_check(context, &insert->sink, &sink, err));
    WR_TRY(changes_check(context, insert, &sink, planned, err));
    bool declared = sink.table && sink.table->column_count > 0;
    if (declared) {
        WR_TRY(columns_declared(context, insert, sink.table, planned, err));
    }
    wr_plan_node *node = wr_node_over(context->arena, WR_PLAN_SINK, planned->node);
    if (!declared) {
        WR_TRY(columns_renamed(context, insert, &node->schema, err));
    }
    const wr_option *brokers = wr_options_find(sink.options, "brokers");
    node->u.sink.sink = sink.ops;
    node->u.sink.options = sink.options;
    node->u.sink.format = sink.format;
    node->u.sink.name = sink.name;
    node->u.sink.brokers =
        brokers ? brokers->value
                : wr_arena_text(context->arena,
                                wr_text_from(context->planner->settings->kafka_brokers));
    planned->node = node;
    return WR_OK;
}
