/* Prints expressions with parentheses only where the grammar needs them.
 *
 *     chain +[a, chain *[b, c]]         → a + b * c
 *     chain *[chain +[a, b], c]         → (a + b) * c
 *     binary =[binary =[a, b], c]       → (a = b) = c    (not needed, but nobody reads it else)
 *
 * 1. A level of the tree adds at most one level of parentheses, so that what is printed stays
 *    within the nesting that the parser allows.
 * 2. Chains and lists are loops; recursion is as deep as the tree. */
#include "parser/ast_print.h"
#include "parser/parser.h"

static wr_level
op_level(wr_ast_op op)
{
    switch (op) {
    case WR_AST_OP_OR: return WR_LEVEL_OR;
    case WR_AST_OP_AND: return WR_LEVEL_AND;
    case WR_AST_OP_EQ:
    case WR_AST_OP_NE: return WR_LEVEL_EQUAL;
    case WR_AST_OP_LT:
    case WR_AST_OP_LE:
    case WR_AST_OP_GT:
    case WR_AST_OP_GE: return WR_LEVEL_LESS;
    case WR_AST_OP_ADD:
    case WR_AST_OP_SUBTRACT: return WR_LEVEL_ADD;
    case WR_AST_OP_MULTIPLY:
    case WR_AST_OP_DIVIDE:
    case WR_AST_OP_MODULO: return WR_LEVEL_MULTIPLY;
    case WR_AST_OP_CONCAT: return WR_LEVEL_CONCAT;
    case WR_AST_OP_ARROW:
    case WR_AST_OP_ARROW_TEXT: return WR_LEVEL_ARROW;
    case WR_AST_OP_NOT: return WR_LEVEL_NOT;
    case WR_AST_OP_NEGATE:
    case WR_AST_OP_PLUS: return WR_LEVEL_UNARY;
    }
    return WR_LEVEL_PRIMARY;
}

static wr_level
expr_level(const wr_ast_expr *expr)
{
    switch (expr->kind) {
    case WR_AST_UNARY: return op_level(expr->u.unary.op);
    case WR_AST_CHAIN: return op_level((wr_ast_op)expr->u.chain.ops[1]);
    case WR_AST_BINARY: return op_level(expr->u.binary.op);
    case WR_AST_IS_NULL:
    case WR_AST_IS_BOOLEAN:
    case WR_AST_IS_DISTINCT:
    case WR_AST_LIKE:
    case WR_AST_BETWEEN:
    case WR_AST_IN_LIST:
    case WR_AST_IN_QUERY: return WR_LEVEL_EQUAL;
    case WR_AST_AT_TIME_ZONE: return WR_LEVEL_ZONE;
    case WR_AST_NULL:
    case WR_AST_BOOLEAN:
    case WR_AST_NUMBER:
    case WR_AST_STRING:
    case WR_AST_TYPED:
    case WR_AST_INTERVAL:
    case WR_AST_NAME:
    case WR_AST_PARAMETER:
    case WR_AST_SECRET:
    case WR_AST_CALL:
    case WR_AST_CASE:
    case WR_AST_CAST:
    case WR_AST_FIELD:
    case WR_AST_SUBSCRIPT:
    case WR_AST_ARRAY:
    case WR_AST_SUBQUERY:
    case WR_AST_EXISTS: return WR_LEVEL_PRIMARY;
    }
    return WR_LEVEL_PRIMARY;
}

static const char *
op_spelling(wr_ast_op op)
{
    return op == WR_AST_OP_OR ? "OR" : op == WR_AST_OP_AND ? "AND" : wr_ast_op_name(op);
}

static void
print_infix(const wr_printer *printer, const char *word)
{
    wr_buffer_printf(printer->out, " %s ", word);
}

static void
print_chain(const wr_printer *printer, const wr_ast_chain *chain)
{
    wr_level inner = (wr_level)(op_level((wr_ast_op)chain->ops[1]) + 1);
    for (int i = 0; i < chain->count; i++) {
        if (i > 0) {
            print_infix(printer, op_spelling((wr_ast_op)chain->ops[i]));
        }
        wr_print_expr(printer, chain->items[i], inner);
    }
}

static void
print_unary(const wr_printer *printer, const wr_ast_expr *expr)
{
    if (expr->u.unary.op == WR_AST_OP_NOT) {
        wr_print_put(printer, "NOT ");
        wr_print_expr(printer, expr->u.unary.operand, WR_LEVEL_NOT);
        return;
    }
    wr_print_put(printer, wr_ast_op_name(expr->u.unary.op));
    wr_print_expr(printer, expr->u.unary.operand, WR_LEVEL_PRIMARY); /* no -- */
}

static void
print_binary(const wr_printer *printer, const wr_ast_expr *expr)
{
    wr_level level = op_level(expr->u.binary.op);
    bool arrow = level == WR_LEVEL_ARROW;
    wr_print_expr(printer, expr->u.binary.left, arrow ? level : (wr_level)(level + 1));
    print_infix(printer, wr_ast_op_name(expr->u.binary.op));
    wr_print_expr(printer, expr->u.binary.right, (wr_level)(level + 1));
}

static void
print_is(const wr_printer *printer, const wr_ast_expr *expr, const char *what)
{
    wr_print_expr(printer, expr->u.is.operand, WR_LEVEL_LESS);
    wr_buffer_printf(printer->out, " IS %s%s", expr->u.is.negated ? "NOT " : "", what);
    if (expr->u.is.other != NULL) {
        wr_print_expr(printer, expr->u.is.other, WR_LEVEL_LESS);
    }
}

static void
print_like(const wr_printer *printer, const wr_ast_expr *expr)
{
    wr_print_expr(printer, expr->u.like.operand, WR_LEVEL_LESS);
    wr_buffer_printf(printer->out, " %s%s ", expr->u.like.negated ? "NOT " : "",
                     expr->u.like.ignore_case ? "ILIKE" : "LIKE");
    wr_print_expr(printer, expr->u.like.pattern, WR_LEVEL_ADD);
    if (expr->u.like.escape != NULL) {
        print_infix(printer, "ESCAPE");
        wr_print_expr(printer, expr->u.like.escape, WR_LEVEL_ADD);
    }
}

static void
print_between(const wr_printer *printer, const wr_ast_expr *expr)
{
    wr_print_expr(printer, expr->u.between.operand, WR_LEVEL_LESS);
    print_infix(printer, expr->u.between.negated ? "NOT BETWEEN" : "BETWEEN");
    wr_print_expr(printer, expr->u.between.low, WR_LEVEL_ADD);
    print_infix(printer, "AND");
    wr_print_expr(printer, expr->u.between.high, WR_LEVEL_ADD);
}

static void
print_in(const wr_printer *printer, const wr_ast_expr *expr)
{
    wr_print_expr(printer, expr->u.in.operand, WR_LEVEL_LESS);
    wr_print_put(printer, expr->u.in.negated ? " NOT IN (" : " IN (");
    if (expr->u.in.query != NULL) {
        wr_print_query(printer, expr->u.in.query);
    } else {
        wr_print_exprs(printer, expr->u.in.list);
    }
    wr_print_put(printer, ")");
}

static void
print_case(const wr_printer *printer, const wr_ast_expr *expr)
{
    wr_print_put(printer, "CASE");
    if (expr->u.cases.operand != NULL) {
        wr_print_put(printer, " ");
        wr_print_expr(printer, expr->u.cases.operand, WR_LEVEL_ANY);
    }
    for (int i = 0; i < expr->u.cases.when_count; i++) {
        wr_print_put(printer, " WHEN ");
        wr_print_expr(printer, expr->u.cases.whens[i].condition, WR_LEVEL_ANY);
        wr_print_put(printer, " THEN ");
        wr_print_expr(printer, expr->u.cases.whens[i].result, WR_LEVEL_ANY);
    }
    if (expr->u.cases.otherwise != NULL) {
        wr_print_put(printer, " ELSE ");
        wr_print_expr(printer, expr->u.cases.otherwise, WR_LEVEL_ANY);
    }
    wr_print_put(printer, " END");
}

static void
print_cast(const wr_printer *printer, const wr_ast_expr *expr)
{
    wr_print_put(printer, expr->u.cast.try_cast ? "TRY_CAST(" : "CAST(");
    wr_print_expr(printer, expr->u.cast.operand, WR_LEVEL_ANY);
    wr_print_put(printer, " AS ");
    wr_print_type(printer, expr->u.cast.type);
    wr_print_put(printer, ")");
}

void
wr_print_base(const wr_printer *printer, const wr_ast_expr *expr, bool name_is_plain)
{
    bool plain = expr->kind == WR_AST_CALL || expr->kind == WR_AST_SUBSCRIPT ||
                 expr->kind == WR_AST_FIELD || expr->kind == WR_AST_ARRAY ||
                 expr->kind == WR_AST_SUBQUERY || (expr->kind == WR_AST_NAME && name_is_plain);
    wr_print_put(printer, plain ? "" : "(");
    wr_print_expr(printer, expr, WR_LEVEL_ANY);
    wr_print_put(printer, plain ? "" : ")");
}

static void
print_interval(const wr_printer *printer, wr_text text)
{
    bool quoted = text.size > 0 && text.data[0] == '\'';
    wr_buffer_printf(printer->out, quoted ? "INTERVAL %.*s" : "INTERVAL '%.*s'", WR_TEXT_ARG(text));
}

static void
print_path(const wr_printer *printer, wr_ast_path path)
{
    for (int i = 0; i < path.count; i++) {
        wr_print_put(printer, i > 0 ? "." : "");
        wr_print_name(printer, path.parts[i]);
    }
}

static void
print_leaf(const wr_printer *printer, const wr_ast_expr *expr)
{
    if (expr->kind == WR_AST_NULL) {
        wr_print_put(printer, "NULL");
    } else if (expr->kind == WR_AST_BOOLEAN) {
        wr_print_put(printer, expr->u.boolean ? "TRUE" : "FALSE");
    } else if (expr->kind == WR_AST_NUMBER) {
        wr_buffer_text(printer->out, expr->u.text);
    } else if (expr->kind == WR_AST_STRING) {
        wr_print_string(printer, expr->u.text);
    } else if (expr->kind == WR_AST_TYPED) {
        wr_print_name(printer, expr->u.typed.type);
        wr_print_put(printer, " ");
        wr_print_string(printer, expr->u.typed.text);
    } else if (expr->kind == WR_AST_INTERVAL) {
        print_interval(printer, expr->u.duration.text);
    } else if (expr->kind == WR_AST_NAME) {
        print_path(printer, expr->u.path);
    } else if (expr->kind == WR_AST_SECRET) {
        wr_print_put(printer, "SECRET ");
        wr_print_name(printer, expr->u.name);
    } else if (expr->u.parameter.name.size > 0) {
        wr_buffer_printf(printer->out, ":%.*s", WR_TEXT_ARG(expr->u.parameter.name));
    } else {
        wr_buffer_printf(printer->out, "?%d", expr->u.parameter.number);
    }
}

static void
print_node(const wr_printer *printer, const wr_ast_expr *expr)
{
    switch (expr->kind) {
    case WR_AST_NULL:
    case WR_AST_BOOLEAN:
    case WR_AST_NUMBER:
    case WR_AST_STRING:
    case WR_AST_TYPED:
    case WR_AST_INTERVAL:
    case WR_AST_NAME:
    case WR_AST_PARAMETER:
    case WR_AST_SECRET: print_leaf(printer, expr); break;
    case WR_AST_CALL: wr_print_call(printer, expr->u.call); break;
    case WR_AST_UNARY: print_unary(printer, expr); break;
    case WR_AST_CHAIN: print_chain(printer, &expr->u.chain); break;
    case WR_AST_BINARY: print_binary(printer, expr); break;
    case WR_AST_IS_NULL: print_is(printer, expr, "NULL"); break;
    case WR_AST_IS_BOOLEAN: print_is(printer, expr, expr->u.is.boolean ? "TRUE" : "FALSE"); break;
    case WR_AST_IS_DISTINCT: print_is(printer, expr, "DISTINCT FROM "); break;
    case WR_AST_LIKE: print_like(printer, expr); break;
    case WR_AST_BETWEEN: print_between(printer, expr); break;
    case WR_AST_IN_LIST:
    case WR_AST_IN_QUERY: print_in(printer, expr); break;
    case WR_AST_CASE: print_case(printer, expr); break;
    case WR_AST_CAST: print_cast(printer, expr); break;
    case WR_AST_FIELD:
        wr_print_base(printer, expr->u.field.operand, false);
        wr_print_put(printer, ".");
        wr_print_name(printer, expr->u.field.name);
        break;
    case WR_AST_SUBSCRIPT:
        wr_print_base(printer, expr->u.subscript.operand, true);
        wr_print_put(printer, "[");
        wr_print_expr(printer, expr->u.subscript.index, WR_LEVEL_ANY);
        wr_print_put(printer, "]");
        break;
    case WR_AST_ARRAY:
        wr_print_put(printer, "ARRAY[");
        wr_print_exprs(printer, expr->u.list);
        wr_print_put(printer, "]");
        break;
    case WR_AST_SUBQUERY:
    case WR_AST_EXISTS:
        wr_print_put(printer, expr->kind == WR_AST_EXISTS ? "EXISTS (" : "(");
        wr_print_query(printer, expr->u.query);
        wr_print_put(printer, ")");
        break;
    case WR_AST_AT_TIME_ZONE:
        wr_print_expr(printer, expr->u.zone.operand, WR_LEVEL_ZONE);
        print_infix(printer, "AT TIME ZONE");
        wr_print_expr(printer, expr->u.zone.zone, WR_LEVEL_UNARY);
        break;
    }
}

void
wr_print_expr(const wr_printer *printer, const wr_ast_expr *expr, wr_level least)
{
    bool wrap = printer->explicit_ || expr_level(expr) < least;
    wr_print_put(printer, wrap ? "(" : "");
    print_node(printer, expr);
    wr_print_put(printer, wrap ? ")" : "");
}

void
wr_print_exprs(const wr_printer *printer, wr_ast_expr_list list)
{
    for (int i = 0; i < list.count; i++) {
        wr_print_put(printer, i > 0 ? ", " : "");
        wr_print_expr(printer, list.items[i], WR_LEVEL_ANY);
    }
}

void
wr_print_rows(const wr_printer *printer, const wr_ast_expr_list *rows, int count)
{
    for (int i = 0; i < count; i++) {
        wr_print_put(printer, i > 0 ? ", (" : "(");
        wr_print_exprs(printer, rows[i]);
        wr_print_put(printer, ")");
    }
}
