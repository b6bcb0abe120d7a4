/* Calls of functions, and their special forms as plain calls.
 *
 *     EXTRACT(day FROM ts)         → extract('day', ts)
 *     EXTRACT(day FROM ts AT TIME ZONE z) → extract('day', ts, z)
 *     substring(a FROM 2 FOR 3)    → substring(a, 2, 3)        substring(a FOR 3) → (a, 1, 3)
 *     trim(LEADING 'x' FROM a)     → ltrim(a, 'x')
 *     position('x' IN a)           → position('x', a)
 *
 * 1. Which function takes which form is judged here, since any name fits the grammar's rules. */
#include "parser/build.h"

#include "parser/grammar.h"
#include "parser/parser.h"

wr_ast_arg *
wr_build_arg(wr_parser *p, wr_ast_name name, const wr_ast_expr *value)
{
    wr_ast_arg *arg = WR_NEW(p->arena, wr_ast_arg);
    arg->kind = WR_AST_ARG_EXPR;
    arg->name = name;
    arg->value = value;
    arg->span = value != NULL ? value->span : (wr_span){0};
    if (name.text.size > 0) {
        arg->span = wr_span_here(p, name.span.position);
    }
    return arg;
}

static wr_list
args_add(wr_parser *p, wr_list args, const wr_ast_expr *value)
{
    wr_ast_arg *arg = wr_build_arg(p, (wr_ast_name){0}, value);
    return WR_LIST_ADD(p, args, *arg);
}

wr_list
wr_build_args(wr_parser *p, wr_list exprs)
{
    wr_list args = {0};
    for (int i = 0; i < exprs.count; i++) {
        args = args_add(p, args, ((wr_ast_expr **)exprs.items)[i]);
    }
    return args;
}

wr_ast_call *
wr_build_call(wr_parser *p, wr_ast_name name, wr_list args)
{
    wr_ast_call *call = WR_NEW(p->arena, wr_ast_call);
    const wr_ast_arg *items = args.items;
    call->name = name;
    call->args = items;
    call->arg_count = args.count;
    for (int i = 0; i < args.count; i++) {
        if (items[i].kind == WR_AST_ARG_TABLE) {
            wr_parse_fail(p, "E0101", items[i].span, NULL,
                          "TABLE stands only in the arguments of a function in FROM");
        }
    }
    return call;
}

static bool
name_is(wr_ast_name name, wr_text word)
{
    return wr_text_equal_nocase(name.text, word);
}

static wr_ast_call *
form_refused(wr_parser *p, wr_ast_name name, const char *word)
{
    wr_parse_fail(p, "E0101", name.span, "Separate arguments with commas.",
                  "function \"%.*s\" takes no %s between its arguments", WR_TEXT_ARG(name.text),
                  word);
    return wr_build_call(p, name, (wr_list){0});
}

/* Field names are words (day) or strings ('day'); lower case either way. */
static wr_ast_expr *
extract_field(wr_parser *p, wr_ast_expr *field)
{
    wr_text text = WR_TEXT_NONE;
    if (field->kind == WR_AST_NAME && field->u.path.count == 1) {
        text = field->u.path.parts[0].text;
    } else if (field->kind == WR_AST_STRING) {
        text = field->u.text;
    } else {
        wr_parse_fail(p, "E0101", field->span, "Write EXTRACT(hour FROM ts).",
                      "EXTRACT takes the name of a field before FROM");
    }
    char *lower = wr_arena_bytes(p->arena, text.size);
    for (size_t i = 0; i < text.size; i++) {
        char c = text.data[i];
        lower[i] = (char)(c >= 'A' && c <= 'Z' ? c - 'A' + 'a' : c);
    }
    wr_ast_expr *expr = wr_expr_new(p, WR_AST_STRING, field->span.position);
    expr->span = field->span;
    expr->u.text = (wr_text){lower, text.size};
    return expr;
}

static wr_ast_expr *
number_one(wr_parser *p, int position)
{
    wr_ast_expr *expr = wr_expr_new(p, WR_AST_NUMBER, position);
    expr->u.text = WR_TEXT("1");
    return expr;
}

wr_ast_call *
wr_build_from_call(wr_parser *p, wr_ast_name name, wr_ast_expr *a, wr_ast_expr *b, wr_ast_expr *c)
{
    wr_list args = {0};
    if (name_is(name, WR_TEXT("extract")) && b != NULL && c == NULL) {
        bool is_local = b->kind == WR_AST_AT_TIME_ZONE;
        args = args_add(p, args, extract_field(p, a));
        args = args_add(p, args, is_local ? b->u.zone.operand : b);
        args = is_local ? args_add(p, args, b->u.zone.zone) : args;
    } else if (name_is(name, WR_TEXT("trim")) && b != NULL && c == NULL) {
        args = args_add(p, args, b);
        args = args_add(p, args, a);
    } else if (name_is(name, WR_TEXT("substring")) || name_is(name, WR_TEXT("substr"))) {
        args = args_add(p, args, a);
        args = args_add(p, args, b != NULL ? b : number_one(p, name.span.position));
        if (c != NULL) {
            args = args_add(p, args, c);
        }
    } else {
        return form_refused(p, name, b != NULL ? "FROM" : "FOR");
    }
    return wr_build_call(p, name, args);
}

wr_ast_call *
wr_build_trim(wr_parser *p, wr_ast_name name, wr_token side, wr_ast_expr *what, wr_ast_expr *text)
{
    wr_list args = args_add(p, (wr_list){0}, text);
    if (what != NULL) {
        args = args_add(p, args, what);
    }
    if (side.kind != TK_BOTH) {
        name.text = side.kind == TK_LEADING ? WR_TEXT("ltrim") : WR_TEXT("rtrim");
    }
    return wr_build_call(p, name, args);
}

wr_ast_expr *
wr_build_name_list(wr_parser *p, int start, wr_list exprs)
{
    wr_ast_expr_list list = wr_build_exprs(exprs);
    wr_buffer text;
    wr_buffer_init(&text);
    for (int i = 0; i < list.count; i++) {
        if (list.items[i]->kind != WR_AST_NAME || list.items[i]->u.path.count != 1) {
            wr_parse_fail(p, "E0101", list.items[i]->span, NULL,
                          "a list in parentheses holds names of columns here");
        }
        wr_buffer_text(&text, i == 0 ? WR_TEXT("(") : WR_TEXT(", "));
        wr_ast_print_expr(list.items[i], &text);
    }
    wr_buffer_char(&text, ')');
    wr_ast_expr *expr = wr_expr_new(p, WR_AST_STRING, start);
    expr->u.text = wr_arena_text(p->arena, (wr_text){text.data, text.size});
    wr_buffer_fini(&text);
    return expr;
}

wr_ast_call *
wr_build_position(wr_parser *p, wr_ast_name name, wr_ast_expr *a, wr_ast_expr *b)
{
    if (!name_is(name, WR_TEXT("position"))) {
        return form_refused(p, name, "IN");
    }
    return wr_build_call(p, name, args_add(p, args_add(p, (wr_list){0}, a), b));
}

void
wr_build_within_group(wr_parser *p, wr_ast_call *call, wr_list sorts)
{
    if (call->order_count > 0) {
        wr_parse_fail(p, "E0104", call->name.span, NULL,
                      "ORDER BY stands both inside the call and in WITHIN GROUP");
    }
    call->within_group = true;
    call->order = sorts.items;
    call->order_count = sorts.count;
}

wr_ast_bound *
wr_build_bound(wr_parser *p, wr_ast_bound_kind kind, int start)
{
    wr_ast_bound *bound = WR_NEW(p->arena, wr_ast_bound);
    bound->kind = kind;
    bound->span = wr_span_here(p, start);
    return bound;
}
