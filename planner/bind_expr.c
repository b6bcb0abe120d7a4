/* Expressions: what each form of the syntax tree becomes. Everything that computes is a call of a
 * registry entry, so this file only finds names for the forms.
 *
 *     a AND b AND c       and(a, b, c)            one call, however long the chain
 *     a + b - c           -( +(a, b), c)          from left to right
 *     x NOT LIKE p        not(like(x, p))
 *     CASE x WHEN 1 …     case(=(x, 1), …)        x is bound once and shared
 *
 * Invariants
 * 1. The tree's depth is bounded by the parser, chains are loops: no recursion along a chain.
 * 2. Whatever follows AND, OR or a CASE condition may never be evaluated (lazy_depth). */
#include "planner/bind.h"

#include "parser/parser.h"

#include <string.h>

static const wr_expr **
args_new(wr_binder *binder, int count)
{
    return WR_NEW_ARRAY(binder->context->arena, const wr_expr *, count);
}

static wr_status
bind_not(wr_binder *binder, bool negated, wr_span span, const wr_expr **expr, wr_error *err)
{
    if (!negated) {
        return WR_OK;
    }
    const wr_expr **args = args_new(binder, 1);
    args[0] = *expr;
    return wr_bind_operator(binder, "not", args, 1, span, expr, err);
}

static wr_status
bind_unary(wr_binder *binder, const wr_ast_expr *ast, const wr_expr **expr, wr_error *err)
{
    const wr_ast_expr *operand = ast->u.unary.operand;
    wr_ast_op op = ast->u.unary.op;
    if (op == WR_AST_OP_NEGATE && operand->kind == WR_AST_NUMBER) {
        wr_text text =
            wr_arena_printf(binder->context->arena, "-%.*s", WR_TEXT_ARG(operand->u.text));
        return wr_bind_number(binder, text, ast->span, expr, err);
    }
    const wr_expr **args = args_new(binder, 1);
    WR_TRY(wr_bind_expr(binder, operand, &args[0], err));
    const char *name = op == WR_AST_OP_NOT ? "not" : op == WR_AST_OP_NEGATE ? "-" : "+";
    return wr_bind_operator(binder, name, args, 1, ast->span, expr, err);
}

static bool
operator_is_variadic(const char *name)
{
    int count;
    const wr_function *const *entries = wr_function_find(wr_text_from(name), &count);
    return count > 0 && (entries[0]->flags & WR_FN_VARIADIC);
}

/* AND, OR, ||: one call with all operands. */
static wr_status
chain_bind_flat(wr_binder *binder, const wr_ast_expr *ast, const wr_expr **expr, wr_error *err)
{
    const wr_ast_chain *chain = &ast->u.chain;
    wr_ast_op op = (wr_ast_op)chain->ops[1];
    bool logic = op == WR_AST_OP_AND || op == WR_AST_OP_OR;
    const wr_expr **args = args_new(binder, chain->count);
    for (int i = 0; i < chain->count; i++) {
        binder->lazy_depth += logic && i > 0;
        wr_status status = wr_bind_expr(binder, chain->items[i], &args[i], err);
        binder->lazy_depth -= logic && i > 0;
        WR_TRY(status);
        bool boolean = args[i]->type.id == WR_TYPE_BOOLEAN || !logic;
        if (!boolean) {
            WR_TRY(wr_cast_implicit(binder, args[i], WR_TYPE(BOOLEAN),
                                    op == WR_AST_OP_AND ? "AND" : "OR", &args[i], err));
        }
    }
    return wr_bind_operator(binder, wr_ast_op_name(op), args, chain->count, ast->span, expr, err);
}

static wr_status
chain_bind_left(wr_binder *binder, const wr_ast_expr *ast, const wr_expr **expr, wr_error *err)
{
    const wr_ast_chain *chain = &ast->u.chain;
    const wr_expr *left;
    WR_TRY(wr_bind_expr(binder, chain->items[0], &left, err));
    for (int i = 1; i < chain->count; i++) {
        const wr_expr **args = args_new(binder, 2);
        args[0] = left;
        WR_TRY(wr_bind_expr(binder, chain->items[i], &args[1], err));
        wr_span span = ast->span;
        if (chain->count > 2) {
            span.length =
                chain->items[i]->span.position + chain->items[i]->span.length - span.position;
        }
        const char *name = wr_ast_op_name((wr_ast_op)chain->ops[i]);
        WR_TRY(wr_bind_operator(binder, name, args, 2, span, &left, err));
    }
    *expr = left;
    return WR_OK;
}

static wr_status
bind_chain(wr_binder *binder, const wr_ast_expr *ast, const wr_expr **expr, wr_error *err)
{
    const wr_ast_chain *chain = &ast->u.chain;
    bool same = true;
    for (int i = 2; i < chain->count; i++) {
        same &= chain->ops[i] == chain->ops[1];
    }
    if (same && operator_is_variadic(wr_ast_op_name((wr_ast_op)chain->ops[1]))) {
        return chain_bind_flat(binder, ast, expr, err);
    }
    return chain_bind_left(binder, ast, expr, err);
}

/* A call whose operands are two or three sub-expressions. */
static wr_status
bind_operands(wr_binder *binder, const char *name, const wr_ast_expr *const *operands, int count,
              wr_span span, const wr_expr **expr, wr_error *err)
{
    const wr_expr **args = args_new(binder, count);
    for (int i = 0; i < count; i++) {
        WR_TRY(wr_bind_expr(binder, operands[i], &args[i], err));
    }
    return wr_bind_operator(binder, name, args, count, span, expr, err);
}

static wr_status
bind_is(wr_binder *binder, const wr_ast_expr *ast, const wr_expr **expr, wr_error *err)
{
    const wr_ast_expr *operands[] = {ast->u.is.operand, ast->u.is.other};
    bool negated = ast->u.is.negated;
    const char *name;
    int count = 1;
    if (ast->kind == WR_AST_IS_NULL) {
        name = negated ? "is not null" : "is null";
    } else if (ast->kind == WR_AST_IS_DISTINCT) {
        name = negated ? "is not distinct from" : "is distinct from";
        count = 2;
    } else if (ast->u.is.boolean) {
        name = negated ? "is not true" : "is true";
    } else {
        name = negated ? "is not false" : "is false";
    }
    return bind_operands(binder, name, operands, count, ast->span, expr, err);
}

static wr_status
bind_like(wr_binder *binder, const wr_ast_expr *ast, const wr_expr **expr, wr_error *err)
{
    const wr_ast_expr *operands[] = {ast->u.like.operand, ast->u.like.pattern, ast->u.like.escape};
    const char *name = ast->u.like.ignore_case ? "ilike" : "like";
    WR_TRY(bind_operands(binder, name, operands, ast->u.like.escape ? 3 : 2, ast->span, expr, err));
    return bind_not(binder, ast->u.like.negated, ast->span, expr, err);
}

static wr_status
bind_between(wr_binder *binder, const wr_ast_expr *ast, const wr_expr **expr, wr_error *err)
{
    const wr_ast_expr *operands[] = {ast->u.between.operand, ast->u.between.low,
                                     ast->u.between.high};
    WR_TRY(bind_operands(binder, "between", operands, 3, ast->span, expr, err));
    return bind_not(binder, ast->u.between.negated, ast->span, expr, err);
}

static wr_status
bind_in(wr_binder *binder, const wr_ast_expr *ast, const wr_expr **expr, wr_error *err)
{
    wr_ast_expr_list list = ast->u.in.list;
    const wr_expr **args = args_new(binder, list.count + 1);
    WR_TRY(wr_bind_expr(binder, ast->u.in.operand, &args[0], err));
    for (int i = 0; i < list.count; i++) {
        WR_TRY(wr_bind_expr(binder, list.items[i], &args[i + 1], err));
    }
    WR_TRY(wr_bind_operator(binder, "in", args, list.count + 1, ast->span, expr, err));
    return bind_not(binder, ast->u.in.negated, ast->span, expr, err);
}

/* One WHEN: the condition, made from CASE's operand if there is one. */
static wr_status
bind_when(wr_binder *binder, const wr_expr *operand, const wr_ast_when *when,
          const wr_expr **condition, wr_error *err)
{
    if (!operand) {
        return wr_bind_as(binder, when->condition, WR_TYPE(BOOLEAN), "WHEN", condition, err);
    }
    const wr_expr **args = args_new(binder, 2);
    args[0] = operand;
    WR_TRY(wr_bind_expr(binder, when->condition, &args[1], err));
    return wr_bind_operator(binder, "=", args, 2, when->condition->span, condition, err);
}

static wr_status
case_branches(wr_binder *binder, const wr_ast_expr *ast, const wr_expr *operand,
              const wr_expr **args, wr_error *err)
{
    int count = ast->u.cases.when_count;
    for (int i = 0; i < count; i++) {
        const wr_ast_when *when = &ast->u.cases.whens[i];
        WR_TRY(bind_when(binder, operand, when, &args[2 * i], err));
        WR_TRY(wr_bind_expr(binder, when->result, &args[2 * i + 1], err));
    }
    if (ast->u.cases.otherwise) {
        return wr_bind_expr(binder, ast->u.cases.otherwise, &args[2 * count], err);
    }
    args[2 * count] = wr_expr_null(binder->context->arena, WR_TYPE(NULL), ast->span);
    return WR_OK;
}

static wr_status
bind_case(wr_binder *binder, const wr_ast_expr *ast, const wr_expr **expr, wr_error *err)
{
    int arg_count = 2 * ast->u.cases.when_count + 1;
    const wr_expr **args = args_new(binder, arg_count);
    const wr_expr *operand = NULL;
    if (ast->u.cases.operand) {
        WR_TRY(wr_bind_expr(binder, ast->u.cases.operand, &operand, err));
    }
    binder->lazy_depth++;
    wr_status status = case_branches(binder, ast, operand, args, err);
    binder->lazy_depth--;
    WR_TRY(status);
    return wr_bind_operator(binder, "case", args, arg_count, ast->span, expr, err);
}

static wr_status
bind_cast(wr_binder *binder, const wr_ast_expr *ast, const wr_expr **expr, wr_error *err)
{
    wr_type type;
    const wr_expr *operand;
    WR_TRY(wr_bind_type(binder->context, ast->u.cast.type, &type, err));
    WR_TRY(wr_bind_expr(binder, ast->u.cast.operand, &operand, err));
    wr_span span = wr_plan_span(binder->context, ast->span);
    return wr_cast_written(binder, operand, type, ast->u.cast.try_cast, span, expr, err);
}

/* (e).name, e[index]: JSON's. */
static wr_status
bind_element(wr_binder *binder, const wr_ast_expr *ast, const wr_expr **expr, wr_error *err)
{
    bool field = ast->kind == WR_AST_FIELD;
    const wr_ast_expr *from = field ? ast->u.field.operand : ast->u.subscript.operand;
    const wr_expr *operand;
    WR_TRY(wr_bind_expr(binder, from, &operand, err));
    if (operand->type.id != WR_TYPE_JSON) {
        char type[40];
        return wr_plan_error(binder->context, err, ast->span, "E0301", "a %s has no %s",
                             wr_type_name(operand->type, type), field ? "fields" : "elements");
    }
    if (field) {
        return wr_bind_field(binder, operand, ast->u.field.name.text, ast->span, expr, err);
    }
    const wr_expr **args = args_new(binder, 2);
    args[0] = operand;
    WR_TRY(wr_bind_expr(binder, ast->u.subscript.index, &args[1], err));
    return wr_bind_operator(binder, "->", args, 2, ast->span, expr, err);
}

static wr_status
bind_constant_value(wr_binder *binder, const wr_ast_expr *ast, wr_type type, const void *value,
                    const wr_expr **expr)
{
    wr_vector vector;
    wr_vector_init_constant(&vector, type, value, binder->context->arena);
    *expr =
        wr_expr_constant(binder->context->arena, &vector, wr_plan_span(binder->context, ast->span));
    return WR_OK;
}

wr_status
wr_bind_expr(wr_binder *binder, const wr_ast_expr *ast, const wr_expr **expr, wr_error *err)
{
    const wr_plan_context *context = binder->context;
    switch (ast->kind) {
    case WR_AST_NULL: return bind_constant_value(binder, ast, WR_TYPE(NULL), NULL, expr);
    case WR_AST_BOOLEAN: {
        uint8_t value = ast->u.boolean;
        return bind_constant_value(binder, ast, WR_TYPE(BOOLEAN), &value, expr);
    }
    case WR_AST_NUMBER: return wr_bind_number(binder, ast->u.text, ast->span, expr, err);
    case WR_AST_STRING:
        *expr = wr_expr_text(context->arena, ast->u.text, wr_plan_span(context, ast->span));
        return WR_OK;
    case WR_AST_TYPED: return wr_bind_typed(binder, ast, expr, err);
    case WR_AST_INTERVAL:
        return bind_constant_value(binder, ast, WR_TYPE(INTERVAL), &ast->u.duration.interval, expr);
    case WR_AST_NAME: return wr_bind_name(binder, ast, expr, err);
    case WR_AST_PARAMETER: return wr_bind_parameter(binder, ast, expr, err);
    case WR_AST_SECRET: return wr_plan_unsupported(context, ast->span, "SECRET", err);
    case WR_AST_CALL: return wr_bind_function(binder, ast, expr, err);
    case WR_AST_UNARY: return bind_unary(binder, ast, expr, err);
    case WR_AST_CHAIN: return bind_chain(binder, ast, expr, err);
    case WR_AST_BINARY: {
        const wr_ast_expr *operands[] = {ast->u.binary.left, ast->u.binary.right};
        const char *name = wr_ast_op_name(ast->u.binary.op);
        return bind_operands(binder, name, operands, 2, ast->span, expr, err);
    }
    case WR_AST_IS_NULL:
    case WR_AST_IS_BOOLEAN:
    case WR_AST_IS_DISTINCT: return bind_is(binder, ast, expr, err);
    case WR_AST_LIKE: return bind_like(binder, ast, expr, err);
    case WR_AST_BETWEEN: return bind_between(binder, ast, expr, err);
    case WR_AST_IN_LIST: return bind_in(binder, ast, expr, err);
    case WR_AST_IN_QUERY: return wr_plan_unsupported(context, ast->span, "IN (subquery)", err);
    case WR_AST_CASE: return bind_case(binder, ast, expr, err);
    case WR_AST_CAST: return bind_cast(binder, ast, expr, err);
    case WR_AST_FIELD:
    case WR_AST_SUBSCRIPT: return bind_element(binder, ast, expr, err);
    case WR_AST_ARRAY: return wr_plan_unsupported(context, ast->span, "ARRAY", err);
    case WR_AST_SUBQUERY:
        return wr_plan_unsupported(context, ast->span, "a subquery as a value", err);
    case WR_AST_EXISTS: return wr_plan_unsupported(context, ast->span, "EXISTS", err);
    case WR_AST_AT_TIME_ZONE: {
        const wr_ast_expr *operands[] = {ast->u.zone.operand, ast->u.zone.zone};
        return bind_operands(binder, "at time zone", operands, 2, ast->span, expr, err);
    }
    }
    return wr_plan_unsupported(context, ast->span, "this expression", err);
}

wr_status
wr_bind_as(wr_binder *binder, const wr_ast_expr *ast, wr_type type, const char *what,
           const wr_expr **expr, wr_error *err)
{
    WR_TRY(wr_bind_expr(binder, ast, expr, err));
    return wr_cast_implicit(binder, *expr, type, what, expr, err);
}

wr_status
wr_bind_constant(wr_binder *binder, const wr_ast_expr *ast, wr_type type, const char *what,
                 const wr_expr **expr, wr_error *err)
{
    WR_TRY(wr_bind_as(binder, ast, type, what, expr, err));
    if ((*expr)->kind != WR_EXPR_CONSTANT) {
        return wr_plan_error(binder->context, err, ast->span, "E0407", "%s must be constant", what);
    }
    return WR_OK;
}
