/* Which columns and paths a node needs of its input, and where they are once the input has been
 * pruned.
 *
 *     WHERE p.ok AND host = 'a'     needs  p→ok, host        of  s: ts, host, p JSON, note
 *     the scan answers              p→ok at 1, absorbed      host at 0
 *     the predicate becomes         $1 AND $0 = 'a'
 *
 * Invariants
 * 1. A need is there once; `plain` finds those without a path in one step.
 * 2. Where a path was not absorbed, its column is there and the arrows stay in the expression. */
#include "planner/expr.h"
#include "planner/prune.h"

#include <string.h>

wr_needs
wr_needs_new(wr_arena *arena, int column_count)
{
    return (wr_needs){.arena = arena, .plain = WR_NEW_ARRAY(arena, int, column_count)};
}

static bool
path_equal(const wr_need *a, const wr_text *path, int path_length)
{
    bool equal = a->path_length == path_length;
    for (int i = 0; equal && i < path_length; i++) {
        equal = wr_text_equal(a->path[i], path[i]);
    }
    return equal;
}

int
wr_needs_find(const wr_needs *list, int column, const wr_text *path, int path_length)
{
    if (path_length == 0) {
        return list->plain[column] - 1;
    }
    for (int i = 0; i < list->count; i++) {
        if (list->items[i].column == column && path_equal(&list->items[i], path, path_length)) {
            return i;
        }
    }
    return -1;
}

int
wr_needs_add(wr_needs *list, int column, const wr_text *path, int path_length)
{
    int found = wr_needs_find(list, column, path, path_length);
    if (found >= 0) {
        return found;
    }
    if (list->count == list->capacity) {
        list->capacity = list->capacity ? 2 * list->capacity : 16;
        wr_need *grown = WR_NEW_ARRAY(list->arena, wr_need, list->capacity);
        if (list->count > 0) {
            memcpy(grown, list->items, (size_t)list->count * sizeof *grown);
        }
        list->items = grown;
    }
    list->items[list->count] =
        (wr_need){.column = column, .path = path_length ? path : NULL, .path_length = path_length};
    if (path_length == 0) {
        list->plain[column] = list->count + 1;
    }
    return list->count++;
}

/* ── needs of expressions ───────────────────────────────────────────────────────────────────── */

static bool
is_arrow(const wr_expr *expr)
{
    return expr->kind == WR_EXPR_CALL && expr->arg_count == 2 &&
           strcmp(expr->function->name, "->") == 0 && wr_expr_is_text_literal(expr->args[1]);
}

/* col -> 'a' -> 'b': the column and how long its path is; NULL: not such a chain. */
static const wr_expr *
arrow_chain(const wr_expr *expr, int *length)
{
    *length = 0;
    while (is_arrow(expr)) {
        expr = expr->args[0];
        (*length)++;
    }
    bool json = expr->kind == WR_EXPR_COLUMN && expr->type.id == WR_TYPE_JSON;
    return json && *length > 0 ? expr : NULL;
}

static const wr_text *
chain_path(wr_arena *arena, const wr_expr *expr, int length)
{
    wr_text *path = WR_NEW_ARRAY(arena, wr_text, length);
    for (int i = length - 1; i >= 0; i--) {
        path[i] = wr_arena_text(arena, wr_expr_literal(expr->args[1]));
        expr = expr->args[0];
    }
    return path;
}

static bool
need_visit(void *context, const wr_expr *expr)
{
    wr_needs *list = context;
    int length;
    const wr_expr *column = arrow_chain(expr, &length);
    if (column) {
        wr_needs_add(list, column->column, chain_path(list->arena, expr, length), length);
        return false;
    }
    if (expr->kind == WR_EXPR_COLUMN) {
        wr_needs_add(list, expr->column, NULL, 0);
    }
    return true;
}

void
wr_needs_of(wr_needs *list, const wr_expr *expr)
{
    if (expr) {
        wr_expr_visit(expr, need_visit, list);
    }
}

static const wr_expr *
answer_replace(void *context, const wr_expr *expr)
{
    const wr_needs *list = context;
    int length;
    const wr_expr *column = arrow_chain(expr, &length);
    if (column) {
        const wr_text *path = chain_path(list->arena, expr, length);
        int found = wr_needs_find(list, column->column, path, length);
        if (found >= 0 && list->items[found].absorbed) {
            return wr_expr_column(list->arena, list->items[found].at, expr->type,
                                  wr_expr_span(expr));
        }
        return NULL; /* the column below is met next */
    }
    if (expr->kind == WR_EXPR_COLUMN) {
        int found = wr_needs_find(list, expr->column, NULL, 0);
        if (found < 0) { /* only as the start of a path that was not taken */
            for (found = 0;
                 list->items[found].column != expr->column || list->items[found].absorbed;) {
                found++;
            }
        }
        return wr_expr_column(list->arena, list->items[found].at, expr->type, wr_expr_span(expr));
    }
    return NULL;
}

const wr_expr *
wr_needs_answered(const wr_needs *list, const wr_expr *expr)
{
    return expr ? wr_expr_rewrite(list->arena, expr, answer_replace, (void *)(uintptr_t)list)
                : NULL;
}
