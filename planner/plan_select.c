/* SELECT: clauses in the order in which they act, not in which they are written.
 *
 *     SELECT host, avg(v) AS a FROM s WHERE v > 0 WINDOW TUMBLING 5 MINUTES GROUP BY host
 *     HAVING avg(v) > 3 ORDER BY a
 *
 *     FROM → WHERE → items → GROUP BY → HAVING → ORDER BY      are bound over the input
 *     scan → filter → aggregate → filter → project → sort      are built afterwards
 *
 * Invariants
 * 1. Everything is bound before the aggregate is built: it must know all aggregates.
 * 2. The project puts out the items, then gutter columns, then columns only for sorting; what
 *    was only needed for sorting is dropped behind the sort. */
#include "planner/query.h"

#include "parser/parser.h"

#include <string.h>

static const char *const window_names[] = {"window_start", "window_end", "window_time"};

/* ── WINDOW, WHERE ──────────────────────────────────────────────────────────────────────────── */

static wr_status
window_bind(wr_select *select, wr_error *err)
{
    const wr_ast_window *ast = select->ast->window;
    wr_plan_context *context = select->context;
    if (ast && select->from.window) {
        return wr_plan_error(context, err, ast->span, "E0104",
                             "there is a window already, in FROM");
    }
    bool in_from = !ast && select->from.window;
    ast = ast ? ast : select->from.window;
    select->scope = select->from.scope;
    if (!ast) {
        return WR_OK;
    }
    select->window_span = ast->span;
    WR_TRY(wr_plan_window(context, ast, &select->window, err));
    WR_TRY(wr_event_time_require(context, select->from.node, ast->span, err));
    wr_scope copy = {.alias = select->scope.alias, .what = select->scope.what};
    for (int i = 0; i < select->scope.count; i++) {
        wr_scope_add(&copy, context->arena, select->scope.columns[i]);
    }
    for (int i = 0; i < 3; i++) {
        wr_scope_column column = {
            in_from ? WR_SCOPE_VISIBLE : WR_SCOPE_WINDOW, wr_text_from(window_names[i]),
            wr_expr_column(context->arena, WR_COLUMN_WINDOW + i, WR_TYPE(TIMESTAMP), ast->span)};
        wr_scope_add(&copy, context->arena, column);
    }
    select->scope = copy;
    return WR_OK;
}

static void
filter_over(wr_select *select, const wr_expr *predicate)
{
    wr_plan_node *node = wr_node_over(select->context->arena, WR_PLAN_FILTER, select->from.node);
    node->u.filter.predicate = predicate;
    select->from.node = node;
}

static wr_status
where_bind(wr_select *select, wr_error *err)
{
    if (!select->ast->where) {
        return WR_OK;
    }
    wr_binder binder = {.context = select->context,
                        .scope = &select->from.scope,
                        .place = "WHERE",
                        .select = select->ast};
    const wr_expr *predicate;
    WR_TRY(wr_bind_as(&binder, select->ast->where, WR_TYPE(BOOLEAN), "WHERE", &predicate, err));
    filter_over(select, predicate);
    return WR_OK;
}

/* ── items ──────────────────────────────────────────────────────────────────────────────────── */

static wr_status
item_add(wr_select *select, wr_text name, const wr_expr *expr, wr_span span, wr_error *err)
{
    if (select->item_count == WR_PLAN_COLUMNS_MAX) {
        return wr_plan_error(select->context, err, span, "E0901", "more than %d columns",
                             WR_PLAN_COLUMNS_MAX);
    }
    if (select->item_count == select->item_capacity) {
        select->item_capacity = select->item_capacity ? 2 * select->item_capacity : 16;
        wr_named_expr *grown =
            WR_NEW_ARRAY(select->context->arena, wr_named_expr, select->item_capacity);
        if (select->item_count > 0) {
            memcpy(grown, select->items, (size_t)select->item_count * sizeof *grown);
        }
        select->items = grown;
    }
    select->items[select->item_count++] = (wr_named_expr){name, expr, span};
    return WR_OK;
}

static wr_status
star_refuse(const wr_select *select, const wr_ast_item *item, wr_error *err)
{
    const wr_ast_expr *of = item->expr;
    bool plain = of->kind == WR_AST_NAME && of->u.path.count == 1;
    if (!plain || wr_scope_find(&select->scope, of->u.path.parts[0]) >= 0) {
        return wr_plan_unsupported(select->context, item->span, "* of a JSON value", err);
    }
    wr_plan_error(select->context, err, of->span, "E0203", "no source \"%.*s\" in FROM",
                  WR_TEXT_ARG(of->u.path.parts[0].text));
    if (select->scope.alias.size > 0) {
        wr_error_hint(err, "The source is called \"%.*s\".", WR_TEXT_ARG(select->scope.alias));
    }
    return WR_ERR_SQL;
}

static wr_status
star_expand(wr_select *select, const wr_ast_item *item, wr_error *err)
{
    wr_plan_context *context = select->context;
    if (select->ast->from_count == 0) {
        return wr_plan_error(context, err, item->span, "E0203", "* needs a FROM");
    }
    const wr_ast_expr *of = item->expr;
    bool plain = of && of->kind == WR_AST_NAME && of->u.path.count == 1;
    if (of && (!plain || select->scope.alias.size == 0 ||
               !wr_text_equal_nocase(of->u.path.parts[0].text, select->scope.alias))) {
        return star_refuse(select, item, err);
    }
    wr_span span = wr_plan_span(context, item->span);
    for (int i = 0; i < select->scope.count; i++) {
        const wr_scope_column *column = &select->scope.columns[i];
        if (column->kind == WR_SCOPE_VISIBLE) {
            const wr_expr *expr = wr_expr_at(context->arena, column->expr, span);
            WR_TRY(item_add(select, column->name, expr, span, err));
        }
    }
    return WR_OK;
}

/* The n-th item of a name is called name_n. */
static void
names_unique(wr_select *select)
{
    wr_text *written = WR_NEW_ARRAY(select->context->arena, wr_text, select->item_count);
    for (int i = 0; i < select->item_count; i++) {
        written[i] = select->items[i].name;
        int repetition = 1;
        for (int k = 0; k < i; k++) {
            repetition += wr_text_equal(written[k], written[i]);
        }
        if (repetition > 1) {
            select->items[i].name = wr_arena_printf(select->context->arena, "%.*s_%d",
                                                    WR_TEXT_ARG(written[i]), repetition);
        }
    }
}

/* A column is called as it was declared, whatever the query's spelling; else it is the text. */
static wr_text
item_name(const wr_select *select, const wr_ast_expr *ast)
{
    bool path = ast->kind == WR_AST_NAME;
    bool qualified = path && ast->u.path.count == 2 && select->scope.alias.size > 0 &&
                     wr_text_equal_nocase(ast->u.path.parts[0].text, select->scope.alias);
    if (path && (ast->u.path.count == 1 || qualified)) {
        int column = wr_scope_find(&select->scope, ast->u.path.parts[ast->u.path.count - 1]);
        if (column >= 0) {
            return select->scope.columns[column].name;
        }
    }
    return wr_ast_expr_text(select->context->arena, ast);
}

static wr_status
items_bind(wr_select *select, wr_error *err)
{
    wr_binder binder = {.context = select->context,
                        .scope = &select->scope,
                        .aggregates = &select->aggregates,
                        .place = "SELECT",
                        .select = select->ast};
    for (int i = 0; i < select->ast->item_count; i++) {
        const wr_ast_item *item = &select->ast->items[i];
        if (item->kind != WR_AST_ITEM_EXPR) {
            WR_TRY(star_expand(select, item, err));
            continue;
        }
        const wr_expr *expr;
        WR_TRY(wr_bind_expr(&binder, item->expr, &expr, err));
        wr_text name = item->alias.text.size > 0 ? item->alias.text : item_name(select, item->expr);
        WR_TRY(item_add(select, name, expr, wr_plan_span(select->context, item->span), err));
    }
    if (select->item_count == 0) {
        return wr_plan_error(select->context, err, select->ast->items[0].span, "E0203",
                             "the source has no columns");
    }
    names_unique(select);
    return WR_OK;
}

/* ── GROUP BY, HAVING, ORDER BY ─────────────────────────────────────────────────────────────── */

static wr_status
having_bind(wr_select *select, wr_error *err)
{
    if (!select->ast->having) {
        return WR_OK;
    }
    wr_binder binder = {.context = select->context,
                        .scope = &select->scope,
                        .aggregates = &select->aggregates,
                        .aliases = select->items,
                        .alias_count = select->item_count,
                        .place = "HAVING"};
    return wr_bind_as(&binder, select->ast->having, WR_TYPE(BOOLEAN), "HAVING", &select->having,
                      err);
}

static wr_status
clauses_bind(wr_select *select, wr_error *err)
{
    const wr_ast_select *ast = select->ast;
    if (ast->qualify) {
        return wr_plan_unsupported(select->context, ast->qualify->span, "QUALIFY", err);
    }
    WR_TRY(window_bind(select, err));
    WR_TRY(where_bind(select, err));
    WR_TRY(items_bind(select, err));
    WR_TRY(having_bind(select, err));
    WR_TRY(wr_select_bind_order(select, err));
    bool aggregates = select->aggregates.count > 0 || ast->group_count > 0 || ast->having;
    if (ast->distinct && aggregates) {
        return wr_plan_unsupported(select->context, ast->items[0].span,
                                   "SELECT DISTINCT with aggregates or GROUP BY", err);
    }
    select->grouped = aggregates || ast->distinct;
    select->global = select->grouped && ast->group_count == 0 && !ast->distinct;
    return wr_select_bind_groups(select, err);
}

/* ── building ───────────────────────────────────────────────────────────────────────────────── */

/* An EMIT that a SELECT without groups of its own was given belongs to the aggregate below. */
static bool
emit_pass_down(wr_plan_node *node, const wr_query_clauses *clauses, const wr_emit *emit)
{
    if (node->kind == WR_PLAN_AGGREGATE) {
        bool own = node->u.aggregate.emit.kind != WR_EMIT_FINAL;
        if (!own) {
            node->u.aggregate.emit = *emit;
            node->changes = emit->kind != WR_EMIT_FINAL;
        }
        if (clauses->late == WR_AST_LATE_FAIL) {
            node->u.aggregate.late = WR_LATE_FAIL;
        }
        return node->changes;
    }
    for (int i = 0; i < node->input_count; i++) {
        node->changes |= emit_pass_down(node->inputs[i], clauses, emit);
    }
    return node->changes;
}

static wr_status
clauses_pass_down(wr_select *select, wr_error *err)
{
    bool said = select->clauses->emit.kind != WR_AST_EMIT_DEFAULT ||
                select->clauses->late != WR_AST_LATE_DEFAULT;
    if (select->grouped || !said) {
        return WR_OK;
    }
    wr_emit emit = {.kind = WR_EMIT_FINAL};
    if (select->from.windowed) {
        wr_window none = select->window;
        select->window = (wr_window){.kind = WR_WINDOW_TUMBLING};
        WR_TRY(wr_select_emit(select, &emit, err));
        select->window = none;
    }
    emit_pass_down(select->from.node, select->clauses, &emit);
    return WR_OK;
}

static bool
is_window_border(void *context, const wr_expr *expr)
{
    bool *found = context;
    *found |= expr->kind == WR_EXPR_COLUMN &&
              (expr->column == WR_COLUMN_WINDOW || expr->column == WR_COLUMN_WINDOW + 1);
    return !*found;
}

/* Is neither start nor end of the window among the items? Asked before they are rewritten. */
static bool
gutter_wanted(const wr_select *select)
{
    bool found = false;
    for (int i = 0; i < select->item_count && !found; i++) {
        wr_expr_visit(select->items[i].expr, is_window_border, &found);
    }
    return select->window.kind != WR_WINDOW_NONE && !found;
}

typedef struct select_output {
    const wr_expr **exprs;
    wr_plan_node *node;
    int count;
} select_output;

static void
output_add(select_output *output, wr_text name, const wr_expr *expr)
{
    output->exprs[output->count] = expr;
    output->node->schema.columns[output->count++] = (wr_column){.name = name, .type = expr->type};
}

/* window_start and window_end, which lie where the aggregate or window_assign put them. */
static void
output_add_gutter(const wr_select *select, select_output *output)
{
    const wr_plan_node *input = output->node->inputs[0];
    while (input->kind == WR_PLAN_FILTER) {
        input = input->inputs[0];
    }
    int base = input->kind == WR_PLAN_AGGREGATE ? 0 : input->schema.count - 3;
    for (int i = 0; i < 2; i++) {
        output_add(
            output, wr_text_from(window_names[i]),
            wr_expr_column(select->context->arena, base + i, WR_TYPE(TIMESTAMP), (wr_span){-1, 0}));
    }
}

/* Keeps the first `count` columns. */
static void
project_first(wr_plan_context *context, wr_planned *planned, int count)
{
    wr_plan_node *input = planned->node;
    wr_plan_node *node = wr_node_over(context->arena, WR_PLAN_PROJECT, input);
    wr_node_schema(context->arena, node, count);
    const wr_expr **exprs = WR_NEW_ARRAY(context->arena, const wr_expr *, count);
    for (int i = 0; i < count; i++) {
        node->schema.columns[i] = input->schema.columns[i];
        exprs[i] =
            wr_expr_column(context->arena, i, input->schema.columns[i].type, (wr_span){-1, 0});
    }
    node->u.project.exprs = exprs;
    planned->node = node;
}

/* The project; *keys are the sort keys as columns of it. */
static void
project_build(wr_select *select, bool gutter, wr_plan_sort_key *keys, wr_planned *planned)
{
    wr_arena *arena = select->context->arena;
    select_output output = {0};
    int capacity = select->item_count + select->sort_count + 2;
    output.node = wr_node_over(arena, WR_PLAN_PROJECT, select->from.node);
    wr_node_schema(arena, output.node, capacity);
    output.exprs = WR_NEW_ARRAY(arena, const wr_expr *, capacity);
    for (int i = 0; i < select->item_count; i++) {
        output_add(&output, select->items[i].name, select->items[i].expr);
    }
    if (gutter) {
        output_add_gutter(select, &output);
    }
    for (int i = 0; i < select->sort_count; i++) {
        wr_select_sort *sort = &select->sorts[i];
        if (sort->item < 0) {
            sort->item = output.count;
            output_add(&output, WR_TEXT("sort"), sort->expr);
        }
        keys[i].expr =
            wr_expr_column(arena, sort->item, sort->expr->type, wr_expr_span(sort->expr));
        keys[i].descending = sort->descending;
        keys[i].nulls_first = sort->nulls_first;
    }
    output.node->schema.count = output.count;
    output.node->u.project.exprs = output.exprs;
    planned->node = output.node;
}

static wr_status
select_build(wr_select *select, bool top, wr_planned *planned, wr_error *err)
{
    wr_plan_context *context = select->context;
    bool gutter = top && gutter_wanted(select);
    WR_TRY(clauses_pass_down(select, err));
    WR_TRY(wr_select_aggregate(select, err));
    if (select->having) {
        filter_over(select, select->having);
    }
    bool window = select->window.kind != WR_WINDOW_NONE;
    planned->windowed = window || (!select->grouped && select->from.windowed);
    planned->bounded = select->from.bounded;
    planned->gutter_columns = gutter ? 2 : 0;
    wr_plan_sort_key *keys = WR_NEW_ARRAY(context->arena, wr_plan_sort_key, select->sort_count);
    project_build(select, gutter, keys, planned);
    if (!select->query) {
        return WR_OK;
    }
    if (select->sort_count == 0) {
        return wr_plan_limit(context, select->query, planned, err);
    }
    WR_TRY(wr_plan_sort(context, select->query, keys, select->sort_count, planned, err));
    int wanted = select->item_count + planned->gutter_columns;
    if (planned->node->schema.count > wanted) {
        project_first(context, planned, wanted);
    }
    return WR_OK;
}

wr_status
wr_plan_select(wr_plan_context *context, const wr_ast_select *ast, const wr_ast_query *query,
               const wr_cte_scope *ctes, const wr_query_clauses *clauses, bool top,
               wr_planned *planned, wr_error *err)
{
    wr_select *select = WR_NEW(context->arena, wr_select);
    select->context = context;
    select->ast = ast;
    select->query = query;
    select->clauses = clauses;
    *planned = (wr_planned){0};
    WR_TRY(wr_plan_from(context, ast, ctes, &select->from, err));
    WR_TRY(clauses_bind(select, err));
    return select_build(select, top, planned, err);
}
