/* Paths into JSON columns, as expressions write them.
 *
 *     a -> 'b' -> 1                         path b[1] of a, the value itself
 *     a -> 'b' ->> 'c'                      path b.c, as text
 *     CAST(a -> 'b' ->> 'c' AS DOUBLE)      path b.c, made a number of (derived)
 *
 * Invariants
 * 1. What is derived from a value is an expression over column 0, that value; the expression and
 *    the path say the same as the expression that was read, errors and NULLs included.
 * 2. Indexes from the end (-1) are no path: how many elements there are is known at the end. */
#include "planner/expr.h"
#include "planner/prune.h"

#include <string.h>

enum { PATH_MAX_STEPS = 60 };

static bool
is_call(const wr_expr *expr, const char *name, int arg_count)
{
    return expr->kind == WR_EXPR_CALL && expr->arg_count == arg_count &&
           strcmp(expr->function->name, name) == 0;
}

static bool
is_index(const wr_expr *expr)
{
    return expr->kind == WR_EXPR_CONSTANT && expr->type.id == WR_TYPE_BIGINT &&
           !wr_expr_is_null(expr) && WR_VALUE(&expr->constant, int64_t, 0) >= 0;
}

/* x -> 'key' and x -> 3, or with ->> */
static bool
is_step(const wr_expr *expr, const char *name)
{
    return is_call(expr, name, 2) &&
           (wr_expr_is_text_literal(expr->args[1]) || is_index(expr->args[1]));
}

/* Fills column and path from a chain of steps; false: it is none. */
static bool
path_read(wr_arena *arena, const wr_expr *chain, wr_need *need)
{
    int length = 0;
    const wr_expr *at = chain;
    for (; is_step(at, "->") || (at == chain && is_step(at, "->>")); at = at->args[0]) {
        length++;
    }
    if (at->kind != WR_EXPR_COLUMN || at->type.id != WR_TYPE_JSON || length == 0 ||
        length > PATH_MAX_STEPS) {
        return false;
    }
    *need = (wr_need){.column = at->column, .path_length = length};
    wr_text *path = WR_NEW_ARRAY(arena, wr_text, length);
    at = chain;
    for (int i = length - 1; i >= 0; i--, at = at->args[0]) {
        const wr_expr *step = at->args[1];
        if (is_index(step)) {
            long long index = WR_VALUE(&step->constant, int64_t, 0);
            path[i] = wr_arena_printf(arena, "%lld", index);
            need->indexes |= UINT64_C(1) << i;
        } else {
            path[i] = wr_arena_text(arena, wr_expr_literal(step));
        }
    }
    need->path = path;
    return true;
}

/* The same call with another argument, in place of its first; none follow. */
static const wr_expr *
call_of(wr_arena *arena, const wr_expr *call, const wr_expr *arg)
{
    const wr_expr **args = WR_NEW_ARRAY(arena, const wr_expr *, 1);
    wr_expr *copy = WR_NEW(arena, wr_expr);
    *copy = *call;
    args[0] = arg;
    copy->args = args;
    copy->arg_count = 1;
    return copy;
}

static const wr_expr *
value_as_text(wr_arena *arena, const wr_expr *expr)
{
    const wr_expr *value = wr_expr_column(arena, 0, WR_TYPE(JSON), wr_expr_span(expr));
    wr_expr *call = WR_NEW(arena, wr_expr);
    *call = *expr;
    call->function = wr_function_cast(WR_TYPE_JSON, WR_TYPE(TEXT), false);
    call->prepared = NULL;
    call->type = WR_TYPE(TEXT);
    return call_of(arena, call, value);
}

static bool
is_cast_to(const wr_expr *expr, wr_type_id type)
{
    return (is_call(expr, "cast", 1) || is_call(expr, "try_cast", 1)) && expr->type.id == type;
}

static bool
is_number_cast(const wr_expr *expr)
{
    return is_cast_to(expr, WR_TYPE_DOUBLE) ||
           (is_cast_to(expr, WR_TYPE_BIGINT) && (expr->type.bits == 0 || expr->type.bits == 64));
}

bool
wr_need_read(wr_arena *arena, const wr_expr *expr, wr_need *need)
{
    const wr_expr *inner = is_number_cast(expr) ? expr->args[0] : expr;
    bool is_cast = is_cast_to(inner, WR_TYPE_TEXT) && inner->args[0]->type.id == WR_TYPE_JSON;
    const wr_expr *chain = is_cast ? inner->args[0] : inner;
    if (chain->type.id != WR_TYPE_JSON && !is_step(chain, "->>")) {
        return false;
    }
    if (!path_read(arena, chain, need)) {
        return false;
    }
    bool is_text = is_cast || is_step(chain, "->>");
    if (is_text) {
        need->derive = value_as_text(arena, inner);
    }
    if (inner != expr) {
        const wr_expr *value = wr_expr_column(arena, 0, WR_TYPE(JSON), wr_expr_span(inner));
        need->derive = call_of(arena, expr, is_text ? need->derive : value);
    }
    return true;
}
