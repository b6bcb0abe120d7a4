/* Nodes of expressions.
 *
 *     a AND b AND c  → chain [a, b, c]         a - b + c → chain [a, b, c] with ops [·, -, +]
 *     (a - b) + c    → the same chain          a - (b + c) → chain [a, chain [b, c]]
 *
 * 1. A chain grows in place: its arrays have room for the next power of two. Only the expression
 *    that is being reduced can hold it, so nobody else sees it change.
 * 2. Leaves are the kinds before WR_AST_CALL; every other kind counts as one level of depth. */
#include "parser/build.h"

#include <string.h>

enum { PATH_MAX_PARTS = 64, PARAMETER_MAX = 9999 };

wr_ast_expr *
wr_expr_new(wr_parser *p, wr_ast_expr_kind kind, int start)
{
    wr_ast_expr *expr = WR_NEW(p->arena, wr_ast_expr);
    expr->kind = kind;
    expr->span = wr_span_here(p, start);
    if (kind >= WR_AST_CALL) {
        wr_depth_close(p, start);
    }
    return expr;
}

wr_ast_expr *
wr_build_literal(wr_parser *p, wr_ast_expr_kind kind, wr_token token)
{
    wr_ast_expr *expr = wr_expr_new(p, kind, token.position);
    expr->span = wr_token_span(token);
    if (kind == WR_AST_STRING) {
        expr->u.text = wr_build_string(p, token);
    } else if (kind == WR_AST_NUMBER) {
        expr->u.text = wr_arena_text(p->arena, wr_token_text(p->sql, token));
    }
    return expr;
}

wr_ast_expr *
wr_build_typed(wr_parser *p, wr_token word, wr_token string, wr_token unit)
{
    bool interval = wr_text_equal_nocase(wr_token_text(p->sql, word), WR_TEXT("INTERVAL"));
    wr_ast_expr *expr =
        wr_expr_new(p, interval ? WR_AST_INTERVAL : WR_AST_TYPED, word.position);
    if (interval) {
        expr->u.duration = wr_build_interval(p, word, string, unit);
        return expr;
    }
    wr_type type;
    expr->u.typed.type = wr_build_name(p, word);
    expr->u.typed.text = wr_build_string(p, string);
    if (!wr_type_from_word(expr->u.typed.type.text, &type)) {
        wr_parse_fail(p, "E0101", wr_token_span(string),
                      "A comma or an operator is missing; names have double quotes.",
                      "unexpected string after \"%.*s\"",
                      WR_TEXT_ARG(expr->u.typed.type.text));
    }
    return expr;
}

/* The number of `name`, which gets the next one when it is new. */
static int
parameter_named(wr_parser *p, wr_text name)
{
    wr_text *names = p->parameters.items;
    for (int i = 0; i < p->parameters.count; i++) {
        if (wr_text_equal(names[i], name)) {
            return i + 1;
        }
    }
    wr_text copy = wr_arena_text(p->arena, name);
    p->parameters = WR_LIST_ADD(p, p->parameters, copy);
    return p->parameters.count;
}

static int
parameter_numbered(wr_parser *p, wr_text digits)
{
    int64_t number = p->parameters.count + 1;
    if (digits.size > 0 && (!wr_text_to_int64(digits, &number) || number < 1)) {
        number = PARAMETER_MAX + 1;
    }
    if (number > PARAMETER_MAX) {
        return -1;
    }
    while (p->parameters.count < number) {
        wr_text none = WR_TEXT_NONE;
        p->parameters = WR_LIST_ADD(p, p->parameters, none);
    }
    return (int)number;
}

wr_ast_expr *
wr_build_parameter(wr_parser *p, wr_token token)
{
    wr_ast_expr *expr = wr_expr_new(p, WR_AST_PARAMETER, token.position);
    wr_text text = wr_token_text(p->sql, token);
    wr_text rest = {text.data + 1, text.size - 1};
    if (text.data[0] == '?') {
        expr->u.parameter.number = parameter_numbered(p, rest);
    } else {
        expr->u.parameter.number = parameter_named(p, rest);
        expr->u.parameter.name = wr_arena_text(p->arena, rest);
    }
    if (expr->u.parameter.number < 0 || expr->u.parameter.number > PARAMETER_MAX) {
        wr_parse_fail(p, "E0105", wr_token_span(token), NULL,
                      "parameters are numbered from 1 to %d", PARAMETER_MAX);
    }
    return expr;
}

wr_ast_expr *
wr_build_path(wr_parser *p, wr_ast_name name)
{
    wr_ast_expr *expr = wr_expr_new(p, WR_AST_NAME, name.span.position);
    wr_ast_name *parts = WR_NEW(p->arena, wr_ast_name);
    *parts = name;
    expr->span = name.span;
    expr->u.path = (wr_ast_path){.parts = parts, .count = 1};
    return expr;
}

wr_ast_expr *
wr_build_field(wr_parser *p, wr_ast_expr *operand, wr_ast_name name)
{
    int start = operand->span.position;
    if (operand->kind != WR_AST_NAME || p->sql.data[start] == '(') {
        wr_ast_expr *expr = wr_expr_new(p, WR_AST_FIELD, start);
        expr->u.field.operand = operand;
        expr->u.field.name = name;
        return expr;
    }
    wr_ast_path path = operand->u.path;
    operand->span = wr_span_here(p, start);
    if (path.count == PATH_MAX_PARTS) {
        wr_parse_fail(p, "E0103", operand->span, NULL, "a path has at most %d parts",
                      PATH_MAX_PARTS);
        return operand;
    }
    wr_ast_name *parts = WR_NEW_ARRAY(p->arena, wr_ast_name, path.count + 1);
    memcpy(parts, path.parts, sizeof(*parts) * (size_t)path.count);
    parts[path.count] = name;
    operand->u.path = (wr_ast_path){.parts = parts, .count = path.count + 1};
    return operand;
}

wr_ast_expr *
wr_build_unary(wr_parser *p, wr_ast_op op, wr_token token, wr_ast_expr *operand)
{
    wr_ast_expr *expr = wr_expr_new(p, WR_AST_UNARY, token.position);
    expr->u.unary.op = op;
    expr->u.unary.operand = operand;
    return expr;
}

wr_ast_expr *
wr_build_binary(wr_parser *p, wr_ast_op op, wr_ast_expr *left, wr_token token, wr_ast_expr *right)
{
    wr_ast_expr *expr = wr_expr_new(p, WR_AST_BINARY, left->span.position);
    expr->u.binary.op = op;
    expr->u.binary.op_position = token.position;
    expr->u.binary.left = left;
    expr->u.binary.right = right;
    return expr;
}

/* Operators with the same level form chains together. */
static int
chain_level(wr_ast_op op)
{
    if (op == WR_AST_OP_SUBTRACT) {
        return WR_AST_OP_ADD;
    }
    if (op == WR_AST_OP_DIVIDE || op == WR_AST_OP_MODULO) {
        return WR_AST_OP_MULTIPLY;
    }
    return (int)op;
}

static void
chain_append(wr_parser *p, wr_ast_chain *chain, wr_ast_op op, int op_position,
             const wr_ast_expr *item)
{
    int count = chain->count;
    if (count == 0 || (count >= 2 && (count & (count - 1)) == 0)) {
        size_t capacity = count == 0 ? 2 : (size_t)count * 2;
        const wr_ast_expr **items = WR_NEW_ARRAY(p->arena, const wr_ast_expr *, capacity);
        uint8_t *ops = WR_NEW_ARRAY(p->arena, uint8_t, capacity);
        int *positions = WR_NEW_ARRAY(p->arena, int, capacity);
        if (count > 0) {
            memcpy(items, chain->items, sizeof(*items) * (size_t)count);
            memcpy(ops, chain->ops, (size_t)count);
            memcpy(positions, chain->op_positions, sizeof(*positions) * (size_t)count);
        }
        *chain = (wr_ast_chain){items, ops, positions, count};
    }
    ((const wr_ast_expr **)(uintptr_t)chain->items)[count] = item;
    ((uint8_t *)(uintptr_t)chain->ops)[count] = (uint8_t)op;
    ((int *)(uintptr_t)chain->op_positions)[count] = op_position;
    chain->count++;
}

wr_ast_expr *
wr_build_chain(wr_parser *p, wr_ast_op op, wr_ast_expr *left, wr_token token, wr_ast_expr *right)
{
    int start = left->span.position;
    if (left->kind == WR_AST_CHAIN &&
        chain_level((wr_ast_op)left->u.chain.ops[1]) == chain_level(op)) {
        wr_depth_join(p, token.position, start);
        chain_append(p, &left->u.chain, op, token.position, right);
        left->span = wr_span_here(p, start);
        return left;
    }
    wr_ast_expr *expr = wr_expr_new(p, WR_AST_CHAIN, start);
    chain_append(p, &expr->u.chain, op, start, left);
    chain_append(p, &expr->u.chain, op, token.position, right);
    return expr;
}

wr_ast_expr *
wr_build_is(wr_parser *p, wr_ast_expr_kind kind, wr_ast_expr *operand, bool negated)
{
    wr_ast_expr *expr = wr_expr_new(p, kind, operand->span.position);
    expr->u.is.operand = operand;
    expr->u.is.negated = negated;
    return expr;
}

wr_ast_expr *
wr_build_in(wr_parser *p, wr_ast_expr *operand, bool negated)
{
    wr_ast_expr *expr = wr_expr_new(p, WR_AST_IN_LIST, operand->span.position);
    expr->u.in.operand = operand;
    expr->u.in.negated = negated;
    return expr;
}

wr_ast_expr *
wr_build_cast(wr_parser *p, wr_ast_expr *operand, wr_ast_type *type, int start)
{
    wr_ast_expr *expr = wr_expr_new(p, WR_AST_CAST, start);
    expr->u.cast.operand = operand;
    expr->u.cast.type = type;
    return expr;
}

wr_ast_expr_list
wr_build_exprs(wr_list list)
{
    return (wr_ast_expr_list){.items = (const wr_ast_expr *const *)list.items, .count = list.count};
}
