/* Prints calls of functions, and the arguments of sources and sinks.
 *
 *     f(DISTINCT a, b ORDER BY c DESC) FILTER (WHERE d) OVER (PARTITION BY e ORDER BY f ROWS …)
 *     kafka('t', format = 'json')         in FROM and INTO: name = value
 *
 * 1. In FROM and INTO a comparison that is meant as one gets parentheses, lest it be an option. */
#include "parser/ast_print.h"

static void
print_bound(const wr_printer *printer, const wr_ast_bound *bound)
{
    if (bound->duration.text.size > 0) {
        wr_buffer_text(printer->out, bound->duration.text);
    } else if (bound->kind == WR_AST_BOUND_PRECEDING || bound->kind == WR_AST_BOUND_FOLLOWING) {
        wr_buffer_printf(printer->out, "%lld", (long long)bound->row_count);
    }
    switch (bound->kind) {
    case WR_AST_BOUND_UNBOUNDED_PRECEDING: wr_print_put(printer, "UNBOUNDED PRECEDING"); break;
    case WR_AST_BOUND_PRECEDING: wr_print_put(printer, " PRECEDING"); break;
    case WR_AST_BOUND_CURRENT_ROW: wr_print_put(printer, "CURRENT ROW"); break;
    case WR_AST_BOUND_FOLLOWING: wr_print_put(printer, " FOLLOWING"); break;
    case WR_AST_BOUND_UNBOUNDED_FOLLOWING: wr_print_put(printer, "UNBOUNDED FOLLOWING"); break;
    }
}

static void
print_over(const wr_printer *printer, const wr_ast_over *over)
{
    const char *space = "";
    wr_print_put(printer, " OVER (");
    if (over->partition.count > 0) {
        wr_print_put(printer, "PARTITION BY ");
        wr_print_exprs(printer, over->partition);
        space = " ";
    }
    if (over->order_count > 0) {
        wr_buffer_printf(printer->out, "%sORDER BY ", space);
        wr_print_sorts(printer, over->order, over->order_count);
        space = " ";
    }
    if (over->frame != WR_AST_FRAME_NONE) {
        const char *unit = over->frame == WR_AST_FRAME_ROWS ? "ROWS" : "RANGE";
        wr_buffer_printf(printer->out, "%s%s BETWEEN ", space, unit);
        print_bound(printer, &over->start);
        wr_print_put(printer, " AND ");
        print_bound(printer, &over->end);
    }
    wr_print_put(printer, ")");
}

static void
print_arg(const wr_printer *printer, const wr_ast_arg *arg)
{
    if (arg->name.text.size > 0) {
        wr_print_name(printer, arg->name);
        wr_print_put(printer, " => ");
    }
    wr_print_expr(printer, arg->value, WR_LEVEL_ANY);
}

/* left( and right( are read as names, although LEFT and RIGHT are reserved. */
static void
print_call_name(const wr_printer *printer, wr_ast_name name)
{
    bool side = wr_text_equal_nocase(name.text, WR_TEXT("left")) ||
                wr_text_equal_nocase(name.text, WR_TEXT("right"));
    if (side && !name.quoted) {
        wr_buffer_text(printer->out, name.text);
    } else {
        wr_print_name(printer, name);
    }
}

void
wr_print_call(const wr_printer *printer, const wr_ast_call *call)
{
    print_call_name(printer, call->name);
    wr_print_put(printer, call->distinct ? "(DISTINCT " : "(");
    wr_print_put(printer, call->star ? "*" : "");
    for (int i = 0; i < call->arg_count; i++) {
        wr_print_put(printer, i > 0 ? ", " : "");
        print_arg(printer, &call->args[i]);
    }
    if (call->order_count > 0) {
        wr_print_put(printer, call->within_group ? ") WITHIN GROUP (ORDER BY " : " ORDER BY ");
        wr_print_sorts(printer, call->order, call->order_count);
    }
    wr_print_put(printer, ")");
    if (call->filter != NULL) {
        wr_print_put(printer, " FILTER (WHERE ");
        wr_print_expr(printer, call->filter, WR_LEVEL_ANY);
        wr_print_put(printer, ")");
    }
    if (call->over != NULL) {
        print_over(printer, call->over);
    }
}

void
wr_print_sorts(const wr_printer *printer, const wr_ast_sort *sorts, int count)
{
    for (int i = 0; i < count; i++) {
        wr_print_put(printer, i > 0 ? ", " : "");
        wr_print_expr(printer, sorts[i].expr, WR_LEVEL_ANY);
        wr_print_put(printer, sorts[i].descending ? " DESC" : "");
        switch (sorts[i].nulls) {
        case WR_AST_NULLS_DEFAULT: break;
        case WR_AST_NULLS_FIRST: wr_print_put(printer, " NULLS FIRST"); break;
        case WR_AST_NULLS_LAST: wr_print_put(printer, " NULLS LAST"); break;
        }
    }
}

static void
print_table_arg(const wr_printer *printer, const wr_ast_arg *arg)
{
    if (arg->name.text.size > 0) {
        wr_print_name(printer, arg->name);
        wr_print_put(printer, " => ");
    }
    wr_print_put(printer, "TABLE ");
    if (arg->table->kind == WR_AST_SOURCE_QUERY) {
        wr_print_put(printer, "(");
        wr_print_query(printer, arg->table->query);
        wr_print_put(printer, ")");
    } else {
        wr_print_name(printer, arg->table->name);
    }
    if (arg->table->kind == WR_AST_SOURCE_FUNCTION) {
        wr_print_put(printer, "(");
        wr_print_source_args(printer, arg->table->args, arg->table->arg_count);
        wr_print_put(printer, ")");
    }
    if (arg->partition.count > 0) {
        bool several = arg->partition.count > 1;
        wr_print_put(printer, several ? " PARTITION BY (" : " PARTITION BY ");
        wr_print_exprs(printer, arg->partition);
        wr_print_put(printer, several ? ")" : "");
    }
}

static void
print_value_arg(const wr_printer *printer, const wr_ast_arg *arg)
{
    bool named = arg->name.text.size > 0;
    bool comparison =
        arg->value->kind == WR_AST_BINARY && arg->value->u.binary.op == WR_AST_OP_EQ;
    if (named) {
        wr_print_dotted(printer, arg->name);
        wr_print_put(printer, " = ");
    }
    if (arg->kind == WR_AST_ARG_DESCRIPTOR) {
        wr_print_put(printer, "DESCRIPTOR(");
        wr_print_expr(printer, arg->value, WR_LEVEL_ANY);
        wr_print_put(printer, ")");
        return;
    }
    wr_print_expr(printer, arg->value, named || comparison ? WR_LEVEL_LESS : WR_LEVEL_ANY);
}

void
wr_print_source_args(const wr_printer *printer, const wr_ast_arg *args, int count)
{
    for (int i = 0; i < count; i++) {
        wr_print_put(printer, i > 0 ? ", " : "");
        if (args[i].kind == WR_AST_ARG_TABLE) {
            print_table_arg(printer, &args[i]);
        } else {
            print_value_arg(printer, &args[i]);
        }
    }
}
