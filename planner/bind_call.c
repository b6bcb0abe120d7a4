/* Calls of scalar functions, and of operators, which are functions with a sign for a name.
 *
 *     upper(host)    registry "upper" → overloads → cheapest → casts → prepare → fold
 *
 * Invariant: what only aggregates have (DISTINCT, FILTER, *) is refused on a scalar function, what
 * is not built (OVER, name => value) says so. */
#include "planner/bind.h"

#include <string.h>

/* The cheapest entry for these arguments; NULL: none fits. */
static const wr_function *
overload_choose(const wr_function *const *entries, int entry_count, const wr_expr *const *args,
                int count)
{
    const wr_function *best = NULL;
    int best_cost = -1;
    for (int i = 0; i < entry_count; i++) {
        int cost = wr_overload_cost(entries[i]->args, entries[i]->flags, args, count);
        if (cost >= 0 && (!best || cost < best_cost)) {
            best = entries[i];
            best_cost = cost;
        }
    }
    return best;
}

static wr_status
function_missing(wr_binder *binder, wr_text name, wr_span span, wr_error *err)
{
    enum { NAMES_MAX = 1024 };
    wr_text names[NAMES_MAX];
    int count = 0, all_count;
    const wr_function *const *functions = wr_function_all(&all_count);
    for (int i = 0; i < all_count && count < NAMES_MAX; i++) {
        if (!(functions[i]->flags & WR_FN_OPERATOR)) {
            names[count++] = wr_text_from(functions[i]->name);
        }
    }
    const wr_aggregate *const *aggregates = wr_aggregate_all(&all_count);
    for (int i = 0; i < all_count && count < NAMES_MAX; i++) {
        names[count++] = wr_text_from(aggregates[i]->name);
    }
    wr_plan_error(binder->context, err, span, "E0205", "no function \"%.*s\"", WR_TEXT_ARG(name));
    int near = wr_text_nearest(name, names, count);
    const char *here = wr_function_elsewhere(name);
    if (here) {
        wr_error_hint(err, "%s", here);
    } else if (near >= 0) {
        wr_error_hint(err, "did you mean \"%.*s\"?", WR_TEXT_ARG(names[near]));
    } else {
        wr_error_hint(err, "SHOW FUNCTIONS lists them.");
    }
    return WR_ERR_SQL;
}

static bool
joins_texts(wr_text name, const wr_expr *const *args, int count)
{
    bool any_text = !wr_text_equal(name, WR_TEXT("||"));
    for (int i = 0; i < count; i++) {
        any_text = any_text || args[i]->type.id == WR_TYPE_TEXT;
        if (args[i]->type.id == WR_TYPE_BYTES) {
            return false;
        }
    }
    return any_text &&
           (wr_text_equal(name, WR_TEXT("||")) || wr_text_equal_nocase(name, WR_TEXT("concat")) ||
            wr_text_equal_nocase(name, WR_TEXT("concat_ws")));
}

/* host || ' has ' || v: what joins texts takes values of all types, as CAST writes them. */
static wr_status
args_to_text(wr_binder *binder, const wr_expr **args, int count, wr_span span, wr_error *err)
{
    for (int i = 0; i < count; i++) {
        WR_TRY(wr_cast_written(binder, args[i], WR_TYPE(TEXT), false, span, &args[i], err));
    }
    return WR_OK;
}

/* Of a call with converted arguments; `same` is what SAME became. */
static wr_type
result_type(wr_binder *binder, const wr_function *function, const wr_expr *const *args, int count,
            wr_type same)
{
    if (!function->result_type) {
        return function->result == WR_RESULT_SAME ? same
                                                  : (wr_type){.id = (wr_type_id)function->result};
    }
    wr_type *types = WR_NEW_ARRAY(binder->context->arena, wr_type, count);
    const wr_vector **constants = WR_NEW_ARRAY(binder->context->arena, const wr_vector *, count);
    for (int i = 0; i < count; i++) {
        types[i] = args[i]->type;
        constants[i] = args[i]->kind == WR_EXPR_CONSTANT ? &args[i]->constant : NULL;
    }
    return function->result_type(types, constants, count);
}

wr_status
wr_bind_call(wr_binder *binder, wr_text name, const wr_expr **args, int count, wr_span span,
             const wr_expr **expr, wr_error *err)
{
    int entry_count;
    const wr_function *const *entries = wr_function_find(name, &entry_count);
    if (entry_count == 0) {
        return function_missing(binder, name, span, err);
    }
    const wr_function *function = overload_choose(entries, entry_count, args, count);
    if (!function && joins_texts(name, args, count)) {
        WR_TRY(args_to_text(binder, args, count, span, err));
        function = overload_choose(entries, entry_count, args, count);
    }
    bool is_operator = entries[0]->flags & WR_FN_OPERATOR;
    if (!function) {
        wr_overload_refuse(binder, name, is_operator, args, count, span, err);
        if (!is_operator && err && !err->hint[0] && entries[0]->signature) {
            wr_error_hint(err, "It is %s.", entries[0]->signature);
        }
        return WR_ERR_SQL;
    }
    wr_type same;
    WR_TRY(wr_overload_convert(binder, function->args, function->flags, args, count, &same, err));
    wr_type type = result_type(binder, function, args, count, same);
    span = wr_plan_span(binder->context, span);
    return wr_fold_call(binder, function, args, count, type, span, expr, err);
}

wr_status
wr_bind_operator(wr_binder *binder, const char *name, const wr_expr **args, int count, wr_span span,
                 const wr_expr **expr, wr_error *err)
{
    return wr_bind_call(binder, wr_text_from(name), args, count, span, expr, err);
}

/* COALESCE, IF … evaluate from left to right: only their first argument is reached for sure. */
static bool
function_is_lazy(wr_text name)
{
    static const char *const lazy[] = {"coalesce", "ifnull", "if", "iif", "case"};
    for (size_t i = 0; i < sizeof lazy / sizeof *lazy; i++) {
        if (wr_text_equal_nocase(name, wr_text_from(lazy[i]))) {
            return true;
        }
    }
    return false;
}

static wr_status
scalar_check(wr_binder *binder, const wr_ast_expr *ast, wr_error *err)
{
    const wr_ast_call *call = ast->u.call;
    wr_text name = call->name.text;
    if (call->over) {
        return wr_plan_unsupported(binder->context, call->over->span, "OVER", err);
    }
    if (call->star || call->distinct || call->filter || call->order_count > 0) {
        int count;
        wr_function_find(name, &count);
        if (count == 0) {
            return function_missing(binder, name, call->name.span, err);
        }
        const char *what = call->star       ? "*"
                           : call->distinct ? "DISTINCT"
                           : call->filter   ? "FILTER"
                                            : "ORDER BY";
        return wr_plan_error(binder->context, err, ast->span, "E0401",
                             "\"%.*s\" is no aggregate and takes no %s", WR_TEXT_ARG(name), what);
    }
    for (int i = 0; i < call->arg_count; i++) {
        if (call->args[i].kind != WR_AST_ARG_EXPR || call->args[i].name.text.size > 0) {
            return wr_plan_unsupported(binder->context, call->args[i].span,
                                       "an argument by name in a function", err);
        }
    }
    return WR_OK;
}

wr_status
wr_bind_function(wr_binder *binder, const wr_ast_expr *ast, const wr_expr **expr, wr_error *err)
{
    const wr_ast_call *call = ast->u.call;
    int aggregate_count;
    wr_aggregate_find(call->name.text, &aggregate_count);
    if (aggregate_count > 0) {
        return wr_bind_aggregate(binder, ast, expr, err);
    }
    WR_TRY(scalar_check(binder, ast, err));
    int known;
    const wr_function *const *entries = wr_function_find(call->name.text, &known);
    if (known == 0 || (entries[0]->flags & WR_FN_OPERATOR)) {
        return function_missing(binder, call->name.text, call->name.span, err);
    }
    bool lazy = function_is_lazy(call->name.text);
    const wr_expr **args = WR_NEW_ARRAY(binder->context->arena, const wr_expr *, call->arg_count);
    for (int i = 0; i < call->arg_count; i++) {
        binder->lazy_depth += lazy && i > 0;
        wr_status status = wr_bind_expr(binder, call->args[i].value, &args[i], err);
        binder->lazy_depth -= lazy && i > 0;
        WR_TRY(status);
    }
    return wr_bind_call(binder, call->name.text, args, call->arg_count, ast->span, expr, err);
}
