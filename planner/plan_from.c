/* FROM: what a SELECT reads, and what its columns are called.
 *
 *     cpu AS c        SCAN with all columns          scope: c.ts, c.v, hidden c._key …
 *     (SELECT …) x    the inner query's node         scope: x.host, x."avg(v)"
 *     TUMBLE(…)       the inner source, and a window for the SELECT around it
 *
 * Invariant: outside sources are met in the order in which wr_plan_find_sources found them. */
#include "planner/query.h"

wr_plan_node *
wr_node_over(wr_arena *arena, wr_plan_kind kind, wr_plan_node *input)
{
    wr_plan_node *node = WR_NEW(arena, wr_plan_node);
    node->kind = kind;
    node->schema = input->schema;
    node->has_event_time = input->has_event_time;
    node->changes = input->changes;
    wr_plan_node **inputs = WR_NEW_ARRAY(arena, wr_plan_node *, 1);
    inputs[0] = input;
    node->inputs = inputs;
    node->input_count = 1;
    return node;
}

void
wr_node_schema(wr_arena *arena, wr_plan_node *node, int count)
{
    node->schema.columns = WR_NEW_ARRAY(arena, wr_column, count);
    node->schema.count = count;
}

wr_status
wr_plan_next_source(wr_plan_context *context, wr_span span, wr_plan_source **source, int *index,
                    wr_error *err)
{
    *index = context->source_next++;
    if (*index >= context->source_count) {
        return wr_plan_error(context, err, span, "E0201",
                             "what the query reads was declared anew while it was prepared");
    }
    *source = &context->sources[*index];
    return WR_OK;
}

static void
scope_of_schema(wr_plan_context *context, const wr_schema *schema, int count, wr_scope *scope)
{
    for (int i = 0; i < count; i++) {
        const wr_expr *expr =
            wr_expr_column(context->arena, i, schema->columns[i].type, (wr_span){-1, 0});
        wr_scope_add(scope, context->arena,
                     (wr_scope_column){WR_SCOPE_VISIBLE, schema->columns[i].name, expr});
    }
}

/* alias(a, b): new names for the first columns. */
static wr_status
scope_rename(wr_plan_context *context, wr_scope *scope, const wr_ast_name *names, int count,
             wr_error *err)
{
    int next = 0;
    for (int i = 0; i < scope->count && next < count; i++) {
        if (scope->columns[i].kind == WR_SCOPE_VISIBLE) {
            scope->columns[i].name = names[next++].text;
        }
    }
    if (next < count) {
        return wr_plan_error(context, err, names[next].span, "E0305", "%d names for %d column%s",
                             count, next, next == 1 ? "" : "s");
    }
    return WR_OK;
}

static wr_status
from_outside(wr_plan_context *context, const wr_relation *relation, const wr_ast_source *ast,
             wr_from *from, wr_error *err)
{
    wr_plan_source *source = NULL;
    int index;
    WR_TRY(wr_plan_next_source(context, ast->span, &source, &index, err));
    if (source->needs_learning && !source->learned.format && source->learned.schema.count == 0) {
        return WR_AGAIN;
    }
    wr_scan_parts parts = {.table = relation->table,
                           .table_inlined = relation->inlined,
                           .table_name = relation->name,
                           .span = ast->span,
                           .watermark = ast->watermark,
                           .alias = ast->alias.text};
    if (relation->table && ast->alias.text.size == 0) {
        parts.alias = relation->name;
    }
    bool goes_on = wr_source_goes_on(context, source->source, source->options);
    from->bounded = source->until_end && !goes_on;
    return wr_scan_plan(context, source, index, &parts, &from->node, &from->scope, err);
}

static wr_status
from_query(wr_plan_context *context, const wr_relation *relation, const wr_ast_source *ast,
           wr_from *from, wr_error *err)
{
    wr_plan_inlined saved;
    wr_planned planned;
    WR_TRY(wr_relation_enter(context, relation, &saved, err));
    wr_status status =
        wr_plan_subquery(context, relation->query, relation->ctes, false, &planned, err);
    wr_relation_leave(context, relation, saved);
    WR_TRY(status);
    from->node = planned.node;
    from->windowed = planned.windowed;
    from->bounded = planned.bounded;
    bool named = ast->kind == WR_AST_SOURCE_NAME;
    wr_text name = ast->alias.text.size > 0 ? ast->alias.text
                   : named                  ? relation->name
                                            : WR_TEXT("");
    from->scope = (wr_scope){.alias = name, .what = name};
    if (name.size == 0) {
        from->scope.what = WR_TEXT("the subquery");
    }
    int count = planned.node->kind == WR_PLAN_SCAN ? planned.node->u.scan.declared.count
                                                   : planned.node->schema.count;
    scope_of_schema(context, &planned.node->schema, count, &from->scope);
    WR_TRY(scope_rename(context, &from->scope, relation->columns, relation->column_count, err));
    return WR_OK;
}

/* WATERMARK FOR behind a subquery: it can be set where the rows come from, that is on VALUES. */
static wr_status
from_watermark(wr_plan_context *context, const wr_ast_watermark *watermark, wr_from *from,
               wr_error *err)
{
    if (from->node->kind != WR_PLAN_SCAN) {
        wr_plan_unsupported(context, watermark->span, "WATERMARK FOR behind a subquery", err);
        wr_error_hint(err, "Put it behind the source inside.");
        return WR_ERR_SQL;
    }
    WR_TRY(wr_event_time_bind(context, watermark, &from->scope, &from->node->u.scan, err));
    from->node->has_event_time = true;
    return WR_OK;
}

static wr_status from_source(wr_plan_context *context, const wr_ast_source *ast,
                             const wr_cte_scope *ctes, wr_from *from, wr_error *err);

/* DESCRIPTOR(ts) must be the event time; where none is declared, it becomes it. */
static wr_status
descriptor_bind(wr_plan_context *context, const wr_ast_expr *descriptor, wr_from *from,
                wr_error *err)
{
    wr_binder binder = {.context = context, .scope = &from->scope, .place = "DESCRIPTOR"};
    const wr_expr *expr;
    WR_TRY(wr_bind_expr(&binder, descriptor, &expr, err));
    if (from->node->kind != WR_PLAN_SCAN) {
        bool window_time =
            descriptor->kind == WR_AST_NAME &&
            wr_text_equal_nocase(descriptor->u.path.parts[descriptor->u.path.count - 1].text,
                                 WR_TEXT("window_time"));
        return window_time && from->windowed
                   ? WR_OK
                   : wr_plan_unsupported(context, descriptor->span,
                                         "DESCRIPTOR of a subquery's column", err);
    }
    wr_plan_scan *scan = &from->node->u.scan;
    if (scan->event_time && wr_expr_equal(scan->event_time, expr)) {
        return WR_OK;
    }
    if (scan->event_time) {
        return wr_plan_unsupported(context, descriptor->span,
                                   "DESCRIPTOR of another column than the event time", err);
    }
    wr_ast_watermark watermark = {.event_time = descriptor, .span = descriptor->span};
    return from_watermark(context, &watermark, from, err);
}

static wr_status
from_windowed(wr_plan_context *context, const wr_relation *relation, const wr_ast_source *ast,
              const wr_cte_scope *ctes, wr_from *from, wr_error *err)
{
    if (ast->watermark) {
        return wr_plan_unsupported(context, ast->watermark->span,
                                   "WATERMARK FOR behind a windowing function", err);
    }
    WR_TRY(from_source(context, relation->inner, ctes, from, err));
    WR_TRY(descriptor_bind(context, relation->descriptor, from, err));
    if (from->window) {
        return wr_plan_unsupported(context, ast->span, "a window of a window in FROM", err);
    }
    from->window = relation->window;
    if (ast->alias.text.size > 0) {
        from->scope.alias = ast->alias.text;
    }
    return WR_OK;
}

static wr_status
from_source(wr_plan_context *context, const wr_ast_source *ast, const wr_cte_scope *ctes,
            wr_from *from, wr_error *err)
{
    wr_relation relation;
    WR_TRY(wr_relation_resolve(context, ast, ctes, &relation, err));
    switch (relation.kind) {
    case WR_RELATION_OUTSIDE: WR_TRY(from_outside(context, &relation, ast, from, err)); break;
    case WR_RELATION_QUERY: WR_TRY(from_query(context, &relation, ast, from, err)); break;
    case WR_RELATION_WINDOWED:
        WR_TRY(from_windowed(context, &relation, ast, ctes, from, err));
        break;
    }
    WR_TRY(scope_rename(context, &from->scope, ast->columns, ast->column_count, err));
    bool inside = relation.kind == WR_RELATION_QUERY && ast->watermark;
    return inside ? from_watermark(context, ast->watermark, from, err) : WR_OK;
}

wr_status
wr_plan_from(wr_plan_context *context, const wr_ast_select *select, const wr_cte_scope *ctes,
             wr_from *from, wr_error *err)
{
    *from = (wr_from){0};
    if (select->from_count == 0) {
        return wr_plan_one_row(context, from, err);
    }
    return from_source(context, &select->from[0].source, ctes, from, err);
}
