/* ORDER BY, LIMIT, OFFSET.
 *
 *     ORDER BY 2 DESC, host, upper(k)    position, name of an item, any expression of the SELECT
 *     with a window: per window          bounded without one: at the end          else E0405
 *
 * Invariants
 * 1. NULLs come last in ascending and first in descending order, unless the query says where.
 * 2. With ORDER BY the limit is the sort's (per window: of each); without, it ends the query. */
#include "planner/query.h"

static bool
nulls_first(const wr_ast_sort *sort)
{
    switch (sort->nulls) {
    case WR_AST_NULLS_FIRST: return true;
    case WR_AST_NULLS_LAST: return false;
    case WR_AST_NULLS_DEFAULT: return sort->descending;
    }
    return false;
}

/* ORDER BY 2: the item; false: it is no plain number. */
static wr_status
position_read(const wr_plan_context *context, const wr_ast_expr *ast, int count, int *item,
              wr_error *err)
{
    int64_t position;
    if (!wr_text_to_int64(ast->u.text, &position) || position < 1 || position > count) {
        return wr_plan_error(context, err, ast->span, "E0203",
                             "no column at this position: SELECT has %d", count);
    }
    *item = (int)position - 1;
    return WR_OK;
}

/* Index of the item that has this name; -1: none. */
static int
item_named(const wr_select *select, const wr_ast_expr *ast)
{
    if (ast->kind != WR_AST_NAME || ast->u.path.count != 1) {
        return -1;
    }
    for (int i = 0; i < select->item_count; i++) {
        if (wr_text_equal_nocase(select->items[i].name, ast->u.path.parts[0].text)) {
            return i;
        }
    }
    return -1;
}

static wr_status
sort_bind(wr_select *select, const wr_ast_sort *ast, wr_select_sort *sort, wr_error *err)
{
    *sort = (wr_select_sort){.item = item_named(select, ast->expr),
                             .descending = ast->descending,
                             .nulls_first = nulls_first(ast)};
    if (ast->expr->kind == WR_AST_NUMBER) {
        WR_TRY(position_read(select->context, ast->expr, select->item_count, &sort->item, err));
    }
    if (sort->item >= 0) {
        sort->expr = select->items[sort->item].expr;
        return WR_OK;
    }
    wr_binder binder = {.context = select->context,
                        .scope = &select->scope,
                        .aggregates = &select->aggregates,
                        .aliases = select->items,
                        .alias_count = select->item_count,
                        .place = "ORDER BY"};
    WR_TRY(wr_bind_expr(&binder, ast->expr, &sort->expr, err));
    for (int i = 0; i < select->item_count && sort->item < 0; i++) {
        sort->item = wr_expr_equal(sort->expr, select->items[i].expr) ? i : -1;
    }
    return WR_OK;
}

wr_status
wr_select_bind_order(wr_select *select, wr_error *err)
{
    const wr_ast_query *query = select->query;
    int count = query ? query->order_count : 0;
    if (count > WR_PLAN_COLUMNS_MAX) {
        return wr_plan_error(select->context, err, query->order_span, "E0901",
                             "more than %d expressions in ORDER BY", WR_PLAN_COLUMNS_MAX);
    }
    select->sorts = WR_NEW_ARRAY(select->context->arena, wr_select_sort, count);
    for (int i = 0; i < count; i++) {
        WR_TRY(sort_bind(select, &query->order[i], &select->sorts[i], err));
        select->sort_count++;
    }
    return WR_OK;
}

/* ── LIMIT ──────────────────────────────────────────────────────────────────────────────────── */

static wr_status
count_bind(wr_plan_context *context, const wr_ast_expr *ast, const char *what, int64_t *count,
           wr_error *err)
{
    if (!ast) {
        return WR_OK;
    }
    wr_binder binder = {.context = context, .place = what};
    const wr_expr *expr;
    WR_TRY(wr_bind_constant(&binder, ast, WR_TYPE(BIGINT), what, &expr, err));
    if (wr_expr_is_null(expr)) {
        return WR_OK;
    }
    *count = *(const int64_t *)expr->constant.data;
    if (*count < 0) {
        return wr_plan_error(context, err, ast->span, "E0602", "%s cannot be negative", what);
    }
    return WR_OK;
}

static wr_status
limit_bind(wr_plan_context *context, const wr_ast_query *query, int64_t *limit, int64_t *offset,
           wr_error *err)
{
    *limit = -1;
    *offset = 0;
    WR_TRY(count_bind(context, query->limit, "LIMIT", limit, err));
    return count_bind(context, query->offset, "OFFSET", offset, err);
}

wr_status
wr_plan_limit(wr_plan_context *context, const wr_ast_query *query, wr_planned *planned,
              wr_error *err)
{
    int64_t limit, offset;
    WR_TRY(limit_bind(context, query, &limit, &offset, err));
    if (limit < 0 && offset == 0) {
        return WR_OK;
    }
    wr_plan_node *node = wr_node_over(context->arena, WR_PLAN_LIMIT, planned->node);
    node->u.limit.limit = limit;
    node->u.limit.offset = offset;
    planned->node = node;
    planned->bounded |= limit >= 0;
    return WR_OK;
}

wr_status
wr_plan_sort(wr_plan_context *context, const wr_ast_query *query, const wr_plan_sort_key *keys,
             int key_count, wr_planned *planned, wr_error *err)
{
    if (!planned->windowed && !planned->bounded) {
        wr_plan_error(context, err, query->order_span, "E0405",
                      "ORDER BY needs all rows, and the input has no end");
        wr_error_hint(err, "With a WINDOW each window is sorted; until = 'end' bounds a topic.");
        return WR_ERR_SQL;
    }
    wr_plan_node *node = wr_node_over(context->arena, WR_PLAN_SORT, planned->node);
    node->u.sort.keys = keys;
    node->u.sort.key_count = key_count;
    node->u.sort.per_window = planned->windowed;
    WR_TRY(limit_bind(context, query, &node->u.sort.limit, &node->u.sort.offset, err));
    planned->node = node;
    return WR_OK;
}

/* ── of a UNION or VALUES ───────────────────────────────────────────────────────────────────── */

static wr_status
output_sort_bind(wr_plan_context *context, const wr_ast_sort *ast, const wr_planned *planned,
                 wr_plan_sort_key *key, wr_error *err)
{
    const wr_plan_node *node = planned->node;
    int count = node->kind == WR_PLAN_SCAN ? node->u.scan.declared.count : node->schema.count;
    wr_scope scope = {.what = WR_TEXT("the result")};
    for (int i = 0; i < count; i++) {
        const wr_expr *column =
            wr_expr_column(context->arena, i, node->schema.columns[i].type, ast->expr->span);
        wr_scope_add(&scope, context->arena,
                     (wr_scope_column){WR_SCOPE_VISIBLE, node->schema.columns[i].name, column});
    }
    key->descending = ast->descending;
    key->nulls_first = nulls_first(ast);
    if (ast->expr->kind == WR_AST_NUMBER) {
        int item = 0;
        WR_TRY(position_read(context, ast->expr, count, &item, err));
        key->expr = scope.columns[item].expr;
        return WR_OK;
    }
    wr_binder binder = {.context = context, .scope = &scope, .place = "ORDER BY"};
    return wr_bind_expr(&binder, ast->expr, &key->expr, err);
}

wr_status
wr_plan_order(wr_plan_context *context, const wr_ast_query *query, wr_planned *planned,
              wr_error *err)
{
    if (query->order_count == 0) {
        return wr_plan_limit(context, query, planned, err);
    }
    wr_plan_sort_key *keys = WR_NEW_ARRAY(context->arena, wr_plan_sort_key, query->order_count);
    for (int i = 0; i < query->order_count; i++) {
        WR_TRY(output_sort_bind(context, &query->order[i], planned, &keys[i], err));
    }
    return wr_plan_sort(context, query, keys, query->order_count, planned, err);
}
