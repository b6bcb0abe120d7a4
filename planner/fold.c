/* Constant folding: a call whose arguments are all constant is computed once, by the same kernel
 * that would compute it per row.
 *
 *     upper('a') || 'b'   →   'A' || 'b'   →   'Ab'
 *
 * Invariants
 * 1. Volatile functions are never folded.
 * 2. A constant that fails is an error of the statement (E0304), unless it stands where rows may
 *    never reach it (a CASE branch, the right side of AND): there it stays a constant in error.
 * 3. Preparation comes before folding; both see the arguments after their casts. */
#include "planner/bind.h"

/* NULL or error of a strict function's arguments; true: the result is decided. */
static bool
merge_strict(const wr_vector *args, int count, wr_vector *out, wr_arena *arena)
{
    for (int i = 0; i < count; i++) {
        wr_reason reason = wr_vector_error(&args[i], 0);
        if (reason != WR_REASON_NONE) {
            wr_vector_set_error(out, 0, 1, reason, arena);
            return true;
        }
    }
    for (int i = 0; i < count; i++) {
        if (wr_vector_is_null(&args[i], 0)) {
            wr_vector_set_null(out, 0, 1, arena);
            return true;
        }
    }
    return false;
}

/* The call's result as a constant vector in `arena`. */
static wr_vector
constant_compute(const wr_expr *call, int64_t now_us, wr_arena *arena)
{
    wr_vector *args = WR_NEW_ARRAY(arena, wr_vector, call->arg_count);
    for (int i = 0; i < call->arg_count; i++) {
        args[i] = call->args[i]->constant;
    }
    wr_vector out;
    wr_vector_init_flat(&out, call->type, 1, arena);
    wr_call kernel_call = {.n = 1,
                           .arg_count = call->arg_count,
                           .args = args,
                           .out = &out,
                           .arena = arena,
                           .now_us = now_us,
                           .prepared = call->prepared};
    bool strict = !(call->function->flags & WR_FN_NULL_AWARE);
    if (!strict || !merge_strict(args, call->arg_count, &out, arena)) {
        call->function->kernel(&kernel_call);
    }
    if (out.kind == WR_DICTIONARY) {
        out = wr_vector_flatten(&out, 1, arena);
    }
    out.kind = WR_CONSTANT;
    return out;
}

static bool
args_constant(const wr_expr *const *args, int count)
{
    for (int i = 0; i < count; i++) {
        if (args[i]->kind != WR_EXPR_CONSTANT) {
            return false;
        }
    }
    return true;
}

static wr_status
call_prepare(wr_binder *binder, wr_expr *call, wr_error *err)
{
    wr_arena *arena = binder->context->arena;
    const wr_vector **constants = WR_NEW_ARRAY(arena, const wr_vector *, call->arg_count);
    for (int i = 0; i < call->arg_count; i++) {
        constants[i] = call->args[i]->kind == WR_EXPR_CONSTANT ? &call->args[i]->constant : NULL;
    }
    wr_status status =
        call->function->prepare(arena, constants, call->arg_count, &call->prepared, err);
    if (status != WR_OK && err) {
        wr_span at = wr_plan_span(binder->context, (wr_span){call->position, call->length});
        wr_error_at(err, at.position, at.length);
    }
    return status;
}

wr_status
wr_fold_call(wr_binder *binder, const wr_function *function, const wr_expr **args, int count,
             wr_type type, wr_span span, const wr_expr **out, wr_error *err)
{
    wr_arena *arena = binder->context->arena;
    wr_expr *call = WR_NEW(arena, wr_expr);
    call->kind = WR_EXPR_CALL;
    call->type = type;
    call->position = span.position;
    call->length = span.length;
    call->function = function;
    call->args = args;
    call->arg_count = count;
    *out = call;
    if (function->prepare) {
        WR_TRY(call_prepare(binder, call, err));
    }
    if ((function->flags & WR_FN_VOLATILE) || !args_constant(args, count)) {
        return WR_OK;
    }
    wr_vector value = constant_compute(call, binder->context->planner->now_us, arena);
    wr_reason reason = wr_vector_error(&value, 0);
    if (reason != WR_REASON_NONE && binder->lazy_depth == 0) {
        return wr_plan_error(binder->context, err, span, "E0304",
                             "this constant cannot be computed: %s", wr_reason_text(reason));
    }
    *out = wr_expr_constant(arena, &value, span);
    return WR_OK;
}
