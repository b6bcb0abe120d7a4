/* Which columns and paths a node needs of its input, and where they are once the input has been
 * pruned.
 *
 *     WHERE p.ok AND host = 'a'     needs  p→ok, host        of  s: ts, host, p JSON, note
 *     the scan answers              p→ok at 1, absorbed      host at 0
 *     the predicate becomes         $1 AND $0 = 'a'
 *
 *     CAST(p -> 'n' AS BIGINT)      needs  CAST(#0 AS BIGINT) of p→n
 *     the scan answers              that at 2: $2; or p→n at 2: CAST($2 AS BIGINT)
 *
 * Invariants
 * 1. A need is there once; `plain` finds those without a path in one step.
 * 2. Where a path was not absorbed, its column is there and the arrows stay in the expression;
 *    where what is derived was not, the path may have been all the same. */
#include "planner/expr.h"
#include "planner/prune.h"

#include <string.h>

wr_needs
wr_needs_new(wr_arena *arena, int column_count)
{
    return (wr_needs){.arena = arena, .plain = WR_NEW_ARRAY(arena, int, column_count)};
}

bool
wr_need_same_path(const wr_need *a, const wr_need *b)
{
    bool equal = a->column == b->column && a->path_length == b->path_length &&
                 a->indexes == b->indexes;
    for (int i = 0; equal && i < a->path_length; i++) {
        equal = wr_text_equal(a->path[i], b->path[i]);
    }
    return equal;
}

static bool
need_equal(const wr_need *a, const wr_need *b)
{
    bool same = a->derive == b->derive ||
                (a->derive && b->derive && wr_expr_equal(a->derive, b->derive));
    return same && wr_need_same_path(a, b);
}

int
wr_needs_find(const wr_needs *list, const wr_need *need)
{
    if (need->path_length == 0) {
        return list->plain[need->column] - 1;
    }
    for (int i = 0; i < list->count; i++) {
        if (need_equal(&list->items[i], need)) {
            return i;
        }
    }
    return -1;
}

int
wr_needs_add(wr_needs *list, const wr_need *need)
{
    int found = wr_needs_find(list, need);
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
    list->items[list->count] = *need;
    if (need->path_length == 0) {
        list->plain[need->column] = list->count + 1;
    }
    return list->count++;
}

void
wr_need_answer(wr_need *need, const wr_needs *list)
{
    const wr_need *answer = &list->items[wr_needs_find(list, need)];
    need->at = answer->at;
    need->absorbed = answer->absorbed;
    need->derived = answer->derived;
}

/* ── needs of expressions ───────────────────────────────────────────────────────────────────── */

static bool
need_visit(void *context, const wr_expr *expr)
{
    wr_needs *list = context;
    wr_need need = {0};
    if (wr_need_read(list->arena, expr, &need)) {
        wr_needs_add(list, &need);
        return false;
    }
    if (expr->kind == WR_EXPR_COLUMN) {
        need.column = expr->column;
        wr_needs_add(list, &need);
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

/* ── and over the pruned input ──────────────────────────────────────────────────────────────── */

/* The value that something is derived from; the context is the need that found it. */
static const wr_expr *
value_replace(void *context, const wr_expr *expr)
{
    const wr_needs *list = context;
    return expr->kind == WR_EXPR_COLUMN ? wr_expr_column(list->arena, list->items->at, expr->type,
                                                         wr_expr_span(expr))
                                        : NULL;
}

static const wr_expr *
answer_replace(void *context, const wr_expr *expr)
{
    const wr_needs *list = context;
    wr_need need = {0};
    int found = -1;
    if (wr_need_read(list->arena, expr, &need)) {
        found = wr_needs_find(list, &need);
        wr_need *item = found >= 0 ? &list->items[found] : NULL;
        if (!item || !item->absorbed) {
            return NULL; /* the column below is met in the end */
        }
        if (item->derive && !item->derived) {
            wr_needs one = {.arena = list->arena, .items = item, .count = 1};
            return wr_expr_rewrite(list->arena, item->derive, value_replace, &one);
        }
        return wr_expr_column(list->arena, item->at, expr->type, wr_expr_span(expr));
    }
    if (expr->kind != WR_EXPR_COLUMN) {
        return NULL;
    }
    need.column = expr->column;
    found = wr_needs_find(list, &need);
    if (found < 0) { /* only as the start of a path that was not taken */
        for (found = 0; list->items[found].column != expr->column || list->items[found].absorbed;) {
            found++;
        }
    }
    return wr_expr_column(list->arena, list->items[found].at, expr->type, wr_expr_span(expr));
}

const wr_expr *
wr_needs_answered(const wr_needs *list, const wr_expr *expr)
{
    return expr ? wr_expr_rewrite(list->arena, expr, answer_replace, (void *)(uintptr_t)list)
                : NULL;
}
