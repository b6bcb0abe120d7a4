/* Aggregation: GROUP BY, and expressions over groups.
 *
 *     SELECT upper(host), avg(v) * 2 FROM s WINDOW … GROUP BY upper(host)
 *
 *     input:  $0 host  $1 v
 *     aggregate puts out:  0 window_start  1 window_end  2 window_time  3 upper($0)  4 avg($1)
 *     items become:  $3   and   $4 * 2
 *
 * Invariants
 * 1. Where a part of an expression equals a GROUP BY expression, it becomes that key's column.
 * 2. A column of the input that is left outside of keys and aggregates is E0402.
 * 3. Window columns may stand in GROUP BY; a window is always part of the group. */
#include "planner/query.h"

#include "parser/parser.h"

enum { WINDOW_COLUMN_COUNT = 3 };

/* ── GROUP BY ───────────────────────────────────────────────────────────────────────────────── */

static bool
is_aggregate_column(void *context, const wr_expr *expr)
{
    bool *found = context;
    *found |= expr->kind == WR_EXPR_COLUMN && expr->column >= WR_COLUMN_AGGREGATE;
    return !*found;
}

/* GROUP BY 2 */
static wr_status
group_by_position(wr_select *select, const wr_ast_expr *ast, const wr_expr **expr, wr_error *err)
{
    int64_t position;
    bool valid =
        wr_text_to_int64(ast->u.text, &position) && position >= 1 && position <= select->item_count;
    if (!valid) {
        return wr_plan_error(select->context, err, ast->span, "E0203",
                             "no column at this position: SELECT has %d", select->item_count);
    }
    *expr = select->items[position - 1].expr;
    return WR_OK;
}

static wr_status
group_bind(wr_select *select, const wr_ast_group *group, const wr_expr **expr, wr_error *err)
{
    wr_plan_context *context = select->context;
    if (group->kind != WR_AST_GROUP_EXPR) {
        const char *what = group->kind == WR_AST_GROUP_SETS     ? "GROUPING SETS"
                           : group->kind == WR_AST_GROUP_ROLLUP ? "ROLLUP"
                                                                : "CUBE";
        return wr_plan_unsupported(context, group->span, what, err);
    }
    if (group->expr->kind == WR_AST_NUMBER) {
        WR_TRY(group_by_position(select, group->expr, expr, err));
    } else {
        wr_binder binder = {.context = context,
                            .scope = &select->scope,
                            .aliases = select->items,
                            .alias_count = select->item_count,
                            .place = "GROUP BY"};
        WR_TRY(wr_bind_expr(&binder, group->expr, expr, err));
    }
    bool aggregate = false;
    wr_expr_visit(*expr, is_aggregate_column, &aggregate);
    if (aggregate) {
        return wr_plan_error(context, err, group->span, "E0401",
                             "an aggregate cannot stand in GROUP BY");
    }
    return WR_OK;
}

static bool
is_window_column(const wr_expr *expr)
{
    return expr->kind == WR_EXPR_COLUMN && expr->column >= WR_COLUMN_WINDOW &&
           expr->column < WR_COLUMN_AGGREGATE;
}

static bool
uses_window_column(void *context, const wr_expr *expr)
{
    bool *found = context;
    *found |= is_window_column(expr);
    return !*found;
}

static void
key_add(wr_select *select, const wr_expr *expr, wr_span span)
{
    for (int i = 0; i < select->key_count; i++) {
        if (wr_expr_equal(select->keys[i], expr)) {
            return;
        }
    }
    select->keys[select->key_count] = expr;
    select->key_spans[select->key_count++] = span;
}

wr_status
wr_select_bind_groups(wr_select *select, wr_error *err)
{
    const wr_ast_select *ast = select->ast;
    wr_plan_context *context = select->context;
    int count = ast->distinct ? select->item_count : ast->group_count;
    if (count > WR_PLAN_COLUMNS_MAX) {
        return wr_plan_error(context, err, ast->groups[0].span, "E0901",
                             "more than %d expressions in GROUP BY", WR_PLAN_COLUMNS_MAX);
    }
    select->keys = WR_NEW_ARRAY(context->arena, const wr_expr *, count);
    select->key_spans = WR_NEW_ARRAY(context->arena, wr_span, count);
    for (int i = 0; i < count; i++) {
        const wr_expr *expr = NULL;
        wr_span span = ast->distinct ? select->items[i].span : ast->groups[i].span;
        if (ast->distinct) {
            expr = select->items[i].expr;
        } else {
            WR_TRY(group_bind(select, &ast->groups[i], &expr, err));
        }
        bool window = false;
        wr_expr_visit(expr, uses_window_column, &window);
        if (window && !is_window_column(expr)) {
            wr_plan_unsupported(context, span, "an expression over window columns in GROUP BY",
                                err);
            wr_error_hint(err, "A window is part of the group by itself; leave it out here.");
            return WR_ERR_SQL;
        }
        if (!window && expr->kind != WR_EXPR_CONSTANT) {
            key_add(select, expr, span);
        }
    }
    return WR_OK;
}

/* ── emission ───────────────────────────────────────────────────────────────────────────────── */

/* A job would run for months: what grows without end must be said. */
static wr_status
unbounded_check(const wr_select *select, wr_error *err)
{
    const wr_planner *planner = select->context->planner;
    if (!planner->job || planner->settings->allow_unbounded_state) {
        return WR_OK;
    }
    wr_span span = select->query ? select->query->span : select->window_span;
    wr_plan_error(select->context, err, span, "E0405",
                  "the job would keep every group for ever: no WINDOW on an endless input");
    wr_error_hint(err, "Add WINDOW TUMBLING 1 MINUTE, or SET allow_unbounded_state = on.");
    return WR_ERR_SQL;
}

wr_status
wr_select_emit(wr_select *select, wr_emit *emit, wr_error *err)
{
    const wr_ast_emit *said = &select->clauses->emit;
    bool windowed = select->window.kind != WR_WINDOW_NONE;
    *emit = (wr_emit){.kind = WR_EMIT_FINAL};
    if (said->kind == WR_AST_EMIT_CHANGES) {
        emit->kind = WR_EMIT_CHANGES;
    } else if (said->kind == WR_AST_EMIT_EVERY || said->kind == WR_AST_EMIT_EVERY_AND_FINAL) {
        emit->kind = WR_EMIT_EVERY;
        emit->every_us = said->every.interval.micros;
        emit->and_final = said->kind == WR_AST_EMIT_EVERY_AND_FINAL;
    } else if (!windowed && !select->from.bounded) {
        if (said->kind == WR_AST_EMIT_FINAL) {
            wr_plan_error(select->context, err, said->span, "E0405",
                          "the result is never final: the input has no end and there is no window");
            wr_error_hint(err, "Add WINDOW TUMBLING 1 MINUTE, or say EMIT CHANGES.");
            return WR_ERR_SQL;
        }
        emit->kind = WR_EMIT_CHANGES;
        WR_TRY(unbounded_check(select, err));
        wr_plan_notice(select->context,
                       "no WINDOW on an endless input: each change of the result is shown, and "
                       "every group is kept in memory");
    }
    return WR_OK;
}

/* ── the node ───────────────────────────────────────────────────────────────────────────────── */

static void
schema_add(wr_plan_node *node, wr_text name, wr_type type)
{
    node->schema.columns[node->schema.count++] = (wr_column){.name = name, .type = type};
}

static void
schema_add_window(wr_plan_node *node)
{
    schema_add(node, WR_TEXT("window_start"), WR_TYPE(TIMESTAMP));
    schema_add(node, WR_TEXT("window_end"), WR_TYPE(TIMESTAMP));
    schema_add(node, WR_TEXT("window_time"), WR_TYPE(TIMESTAMP));
}

/* What a key is called in EXPLAIN: the column's name, or its place. */
static wr_text
key_name(wr_select *select, int key)
{
    const wr_expr *expr = select->keys[key];
    if (expr->kind == WR_EXPR_COLUMN) {
        return select->from.node->schema.columns[expr->column].name;
    }
    return wr_arena_printf(select->context->arena, "key%d", key + 1);
}

static wr_status
aggregate_node(wr_select *select, wr_plan_node **out, wr_error *err)
{
    wr_arena *arena = select->context->arena;
    const wr_aggregate_list *list = &select->aggregates;
    bool windowed = select->window.kind != WR_WINDOW_NONE;
    wr_plan_node *node = wr_node_over(arena, WR_PLAN_AGGREGATE, select->from.node);
    wr_plan_aggregate *aggregate = &node->u.aggregate;
    WR_TRY(wr_select_emit(select, &aggregate->emit, err));
    aggregate->window = select->window;
    aggregate->late = select->clauses->late == WR_AST_LATE_FAIL ? WR_LATE_FAIL : WR_LATE_DROP;
    aggregate->keys = select->keys;
    aggregate->key_count = select->key_count;
    aggregate->items = list->items;
    aggregate->item_count = list->count;
    aggregate->global = select->global;
    wr_node_schema(arena, node, WINDOW_COLUMN_COUNT + select->key_count + list->count);
    node->schema.count = 0;
    if (windowed) {
        schema_add_window(node);
    }
    for (int i = 0; i < select->key_count; i++) {
        schema_add(node, key_name(select, i), select->keys[i]->type);
    }
    for (int i = 0; i < list->count; i++) {
        schema_add(node, wr_text_from(list->items[i].aggregate->name), list->types[i]);
    }
    node->has_event_time = windowed;
    node->changes = aggregate->emit.kind != WR_EMIT_FINAL;
    *out = node;
    return WR_OK;
}

/* ── expressions over it ────────────────────────────────────────────────────────────────────── */

typedef struct group_rewrite {
    wr_select *select;
    const wr_expr *ungrouped; /* a column that stands outside */
} group_rewrite;

static const wr_expr *
grouped_replace(void *context, const wr_expr *expr)
{
    group_rewrite *rewrite = context;
    wr_select *select = rewrite->select;
    wr_arena *arena = select->context->arena;
    int base = select->window.kind != WR_WINDOW_NONE ? WINDOW_COLUMN_COUNT : 0;
    if (expr->kind == WR_EXPR_CONSTANT) {
        return NULL;
    }
    for (int i = 0; i < select->key_count; i++) {
        if (wr_expr_equal(expr, select->keys[i])) {
            return wr_expr_column(arena, base + i, expr->type, wr_expr_span(expr));
        }
    }
    if (expr->kind != WR_EXPR_COLUMN) {
        return NULL;
    }
    int column;
    if (expr->column >= WR_COLUMN_AGGREGATE) {
        column = base + select->key_count + (expr->column - WR_COLUMN_AGGREGATE);
    } else if (expr->column >= WR_COLUMN_WINDOW) {
        column = expr->column - WR_COLUMN_WINDOW;
    } else {
        rewrite->ungrouped = rewrite->ungrouped ? rewrite->ungrouped : expr;
        return NULL;
    }
    return wr_expr_column(arena, column, expr->type, wr_expr_span(expr));
}

/* WINDOW without aggregates: window columns follow the input's. */
static const wr_expr *
assigned_replace(void *context, const wr_expr *expr)
{
    group_rewrite *rewrite = context;
    if (!is_window_column(expr)) {
        return NULL;
    }
    int column = rewrite->select->from.node->schema.count + (expr->column - WR_COLUMN_WINDOW);
    return wr_expr_column(rewrite->select->context->arena, column, expr->type, wr_expr_span(expr));
}

static wr_status
ungrouped_refuse(const wr_select *select, const wr_expr *expr, wr_error *err)
{
    wr_text name = select->from.node->schema.columns[expr->column].name;
    wr_plan_error(select->context, err, wr_expr_span(expr), "E0402",
                  "column \"%.*s\" must stand in GROUP BY or inside an aggregate",
                  WR_TEXT_ARG(name));
    wr_error_hint(err,
                  select->ast->group_count > 0 ? "Add it to GROUP BY, or take max(%.*s)."
                                               : "Add GROUP BY %.*s.",
                  WR_TEXT_ARG(name));
    return WR_ERR_SQL;
}

static wr_status
expressions_rewrite(wr_select *select, wr_expr_replacer replace, wr_error *err)
{
    wr_arena *arena = select->context->arena;
    group_rewrite rewrite = {.select = select};
    for (int i = 0; i < select->item_count; i++) {
        select->items[i].expr = wr_expr_rewrite(arena, select->items[i].expr, replace, &rewrite);
    }
    if (select->having) {
        select->having = wr_expr_rewrite(arena, select->having, replace, &rewrite);
    }
    for (int i = 0; i < select->sort_count; i++) {
        select->sorts[i].expr = wr_expr_rewrite(arena, select->sorts[i].expr, replace, &rewrite);
    }
    return rewrite.ungrouped ? ungrouped_refuse(select, rewrite.ungrouped, err) : WR_OK;
}

static wr_status
window_assign(wr_select *select, wr_error *err)
{
    wr_arena *arena = select->context->arena;
    wr_plan_node *input = select->from.node;
    wr_plan_node *node = wr_node_over(arena, WR_PLAN_WINDOW_ASSIGN, input);
    node->u.window = select->window;
    wr_node_schema(arena, node, input->schema.count + WINDOW_COLUMN_COUNT);
    node->schema.count = 0;
    for (int i = 0; i < input->schema.count; i++) {
        node->schema.columns[node->schema.count++] = input->schema.columns[i];
    }
    schema_add_window(node);
    node->has_event_time = true;
    WR_TRY(expressions_rewrite(select, assigned_replace, err));
    select->from.node = node;
    return WR_OK;
}

wr_status
wr_select_aggregate(wr_select *select, wr_error *err)
{
    if (!select->grouped && select->window.kind == WR_WINDOW_NONE) {
        return WR_OK;
    }
    if (select->from.node->changes) {
        wr_plan_unsupported(select->context,
                            select->window_span.length > 0 ? select->window_span
                                                           : select->ast->items[0].span,
                            "aggregating a result that changes", err);
        wr_error_hint(err, "Give the inner query a WINDOW and EMIT FINAL.");
        return WR_ERR_SQL;
    }
    if (!select->grouped) {
        return window_assign(select, err);
    }
    wr_plan_node *node;
    WR_TRY(aggregate_node(select, &node, err));
    WR_TRY(expressions_rewrite(select, grouped_replace, err));
    select->from.node = node;
    return WR_OK;
}
