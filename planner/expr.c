/* Making, comparing and rewriting bound expressions.
 *
 *     a + b + c + d          +            visits and rewrites keep their own stack: chains are
 *                           + d           as deep as they are long
 *                          + c
 *                         a b
 *
 * Invariants
 * 1. Expressions are const once made; rewriting copies what changes and shares the rest.
 * 2. Comparison recurses into arguments but the first; for that one it loops. */
#include "planner/expr.h"

#include "core/memory.h"

#include <string.h>

const wr_expr *
wr_expr_constant(wr_arena *arena, const wr_vector *constant, wr_span span)
{
    wr_expr *expr = WR_NEW(arena, wr_expr);
    expr->kind = WR_EXPR_CONSTANT;
    expr->type = constant->type;
    expr->position = span.position;
    expr->length = span.length;
    expr->constant = *constant;
    return expr;
}

const wr_expr *
wr_expr_text(wr_arena *arena, wr_text text, wr_span span)
{
    wr_text copy = wr_arena_text(arena, text);
    wr_view view = wr_view_from(copy.data, copy.size);
    wr_vector vector;
    wr_vector_init_constant(&vector, WR_TYPE(TEXT), &view, arena);
    return wr_expr_constant(arena, &vector, span);
}

const wr_expr *
wr_expr_null(wr_arena *arena, wr_type type, wr_span span)
{
    wr_vector vector;
    wr_vector_init_constant(&vector, type, NULL, arena);
    return wr_expr_constant(arena, &vector, span);
}

const wr_expr *
wr_expr_column(wr_arena *arena, int column, wr_type type, wr_span span)
{
    wr_expr *expr = WR_NEW(arena, wr_expr);
    expr->kind = WR_EXPR_COLUMN;
    expr->type = type;
    expr->position = span.position;
    expr->length = span.length;
    expr->column = column;
    return expr;
}

const wr_expr *
wr_expr_at(wr_arena *arena, const wr_expr *expr, wr_span span)
{
    wr_expr *copy = WR_NEW(arena, wr_expr);
    *copy = *expr;
    copy->position = span.position;
    copy->length = span.length;
    return copy;
}

wr_span
wr_expr_span(const wr_expr *expr)
{
    return (wr_span){expr->position, expr->length};
}

bool
wr_expr_is_null(const wr_expr *expr)
{
    return expr->kind == WR_EXPR_CONSTANT && wr_vector_is_null(&expr->constant, 0);
}

bool
wr_expr_is_text_literal(const wr_expr *expr)
{
    return expr->kind == WR_EXPR_CONSTANT && expr->type.id == WR_TYPE_TEXT &&
           !wr_vector_is_null(&expr->constant, 0) && !expr->constant.errors;
}

wr_text
wr_expr_literal(const wr_expr *expr)
{
    return wr_view_text((const wr_view *)expr->constant.data);
}

static bool
constant_equal(const wr_vector *a, const wr_vector *b)
{
    bool a_null = wr_vector_is_null(a, 0), b_null = wr_vector_is_null(b, 0);
    if (a_null || b_null || a->errors || b->errors) {
        return a_null && b_null;
    }
    if (wr_type_is_view(a->type.id)) {
        return wr_view_equal(a->data, b->data);
    }
    return memcmp(a->data, b->data, (size_t)wr_type_width(a->type.id)) == 0;
}

bool
wr_expr_equal(const wr_expr *a, const wr_expr *b)
{
    for (;;) {
        if (a == b) {
            return true;
        }
        if (a->kind != b->kind || !wr_type_equal(a->type, b->type)) {
            return false;
        }
        if (a->kind == WR_EXPR_COLUMN) {
            return a->column == b->column;
        }
        if (a->kind == WR_EXPR_CONSTANT) {
            return constant_equal(&a->constant, &b->constant);
        }
        if (a->function != b->function || a->arg_count != b->arg_count) {
            return false;
        }
        for (int i = 1; i < a->arg_count; i++) {
            if (!wr_expr_equal(a->args[i], b->args[i])) {
                return false;
            }
        }
        if (a->arg_count == 0) {
            return true;
        }
        a = a->args[0];
        b = b->args[0];
    }
}

/* ── walking with a stack of our own ────────────────────────────────────────────────────────── */

typedef struct walk_frame {
    const wr_expr *expr;
    const wr_expr **args; /* rewriting: the new arguments; NULL until one differs */
    int next;
} walk_frame;

typedef struct walk_stack {
    walk_frame *frames;
    int depth, capacity;
} walk_stack;

static void
stack_push(walk_stack *stack, const wr_expr *expr)
{
    stack->frames =
        wr_grow(stack->frames, stack->depth, &stack->capacity, sizeof *stack->frames);
    stack->frames[stack->depth++] = (walk_frame){.expr = expr};
}

void
wr_expr_visit(const wr_expr *expr, wr_expr_visitor visit, void *context)
{
    walk_stack stack = {0};
    if (visit(context, expr)) {
        stack_push(&stack, expr);
    }
    while (stack.depth > 0) {
        walk_frame *top = &stack.frames[stack.depth - 1];
        if (top->next == top->expr->arg_count) {
            stack.depth--;
            continue;
        }
        const wr_expr *arg = top->expr->args[top->next++];
        if (visit(context, arg)) {
            stack_push(&stack, arg);
        }
    }
    wr_free(stack.frames);
}

/* Notes that argument `at` of the frame's expression became `arg`. */
static void
frame_take(walk_frame *frame, int at, const wr_expr *arg, wr_arena *arena)
{
    if (!frame->args && arg != frame->expr->args[at]) {
        frame->args = WR_NEW_ARRAY(arena, const wr_expr *, frame->expr->arg_count);
        memcpy(frame->args, frame->expr->args, (size_t)at * sizeof *frame->args);
    }
    if (frame->args) {
        frame->args[at] = arg;
    }
}

static const wr_expr *
frame_result(const walk_frame *frame, wr_arena *arena)
{
    if (!frame->args) {
        return frame->expr;
    }
    wr_expr *copy = WR_NEW(arena, wr_expr);
    *copy = *frame->expr;
    copy->args = frame->args;
    return copy;
}

const wr_expr *
wr_expr_rewrite(wr_arena *arena, const wr_expr *expr, wr_expr_replacer replace, void *context)
{
    const wr_expr *result = replace(context, expr);
    if (result || expr->kind != WR_EXPR_CALL) {
        return result ? result : expr;
    }
    walk_stack stack = {0};
    stack_push(&stack, expr);
    while (stack.depth > 0) {
        walk_frame *top = &stack.frames[stack.depth - 1];
        if (top->next == top->expr->arg_count) {
            result = frame_result(top, arena);
            stack.depth--;
            if (stack.depth > 0) {
                walk_frame *parent = &stack.frames[stack.depth - 1];
                frame_take(parent, parent->next - 1, result, arena);
            }
            continue;
        }
        const wr_expr *arg = top->expr->args[top->next];
        const wr_expr *replaced = replace(context, arg);
        if (replaced || arg->kind != WR_EXPR_CALL) {
            frame_take(top, top->next++, replaced ? replaced : arg, arena);
        } else {
            top->next++;
            stack_push(&stack, arg);
        }
    }
    wr_free(stack.frames);
    return result;
}
