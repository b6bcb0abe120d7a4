/* Sources, sinks, joins, and the order of clauses.
 *
 *     kafka('t', format = 'json', start => 'latest', 'auto.offset.reset' = 'x')
 *       positional 't', named format, start and auto.offset.reset: in FROM and INTO a comparison
 *       whose left side is a plain name or a string is an option
 *     INSERT INTO s (a, b)   columns        INSERT INTO kafka('t')   a function
 *
 * 1. WHERE, GROUP BY, HAVING, QUALIFY come in this order; WINDOW anywhere among them; each once. */
#include "parser/build.h"

#include "parser/grammar.h"
#include "parser/keyword.h"

#include <string.h>

wr_ast_source *
wr_build_source(wr_parser *p, wr_ast_source_kind kind, int start)
{
    wr_ast_source *source = WR_NEW(p->arena, wr_ast_source);
    source->kind = kind;
    source->span = wr_span_here(p, start);
    return source;
}

/* a.b or 'a.b' as the name of an option; size 0 when the expression is neither. */
static wr_ast_name
option_name(wr_parser *p, const wr_ast_expr *expr)
{
    wr_ast_name name = {.span = expr->span};
    if (p->sql.data[expr->span.position] == '(') {
        return name;
    }
    if (expr->kind == WR_AST_STRING) {
        name.text = expr->u.text;
        name.quoted = true;
    } else if (expr->kind == WR_AST_NAME) {
        name = expr->u.path.parts[0];
        for (int i = 1; i < expr->u.path.count; i++) {
            name.text = wr_arena_printf(p->arena, "%.*s.%.*s", WR_TEXT_ARG(name.text),
                                        WR_TEXT_ARG(expr->u.path.parts[i].text));
        }
        name.span = expr->span;
    }
    return name;
}

static void
arg_name_take(wr_parser *p, wr_ast_arg *arg)
{
    const wr_ast_expr *value = arg->value;
    if (value->kind != WR_AST_BINARY || value->u.binary.op != WR_AST_OP_EQ ||
        p->sql.data[value->span.position] == '(') {
        return;
    }
    wr_ast_name name = option_name(p, value->u.binary.left);
    if (name.text.size > 0) {
        arg->name = name;
        arg->value = value->u.binary.right;
    }
}

static void
arg_descriptor_take(wr_parser *p, wr_ast_arg *arg)
{
    const wr_ast_expr *value = arg->value;
    if (value->kind != WR_AST_CALL ||
        !wr_text_equal_nocase(value->u.call->name.text, WR_TEXT("descriptor"))) {
        return;
    }
    if (value->u.call->arg_count != 1 || value->u.call->args[0].kind != WR_AST_ARG_EXPR) {
        wr_parse_fail(p, "E0101", value->span, NULL, "DESCRIPTOR takes one column");
        return;
    }
    arg->kind = WR_AST_ARG_DESCRIPTOR;
    arg->value = value->u.call->args[0].value;
}

void
wr_build_source_args(wr_parser *p, wr_list args)
{
    wr_ast_arg *items = args.items;
    for (int i = 0; i < args.count; i++) {
        if (items[i].kind != WR_AST_ARG_EXPR) {
            continue;
        }
        if (items[i].name.text.size == 0) {
            arg_name_take(p, &items[i]);
        }
        arg_descriptor_take(p, &items[i]);
        if (i > 0 && items[i].name.text.size == 0 && items[i - 1].name.text.size > 0) {
            wr_parse_fail(p, "E0104", items[i].span, NULL,
                          "positional arguments come before those with names");
        }
    }
}

wr_ast_sink *
wr_build_sink(wr_parser *p, wr_ast_name name)
{
    wr_ast_sink *sink = WR_NEW(p->arena, wr_ast_sink);
    sink->name = name;
    sink->span = wr_span_here(p, name.span.position);
    return sink;
}

void
wr_build_sink_args(wr_parser *p, wr_ast_sink *sink, wr_list args)
{
    const wr_ast_arg *items = args.items;
    bool columns = args.count > 0;
    for (int i = 0; i < args.count; i++) {
        columns = columns && items[i].kind == WR_AST_ARG_EXPR && items[i].name.text.size == 0 &&
                  items[i].value->kind == WR_AST_NAME && items[i].value->u.path.count == 1;
    }
    if (!columns) {
        wr_build_source_args(p, args);
        sink->function = true;
        sink->args = items;
        sink->arg_count = args.count;
        return;
    }
    wr_ast_name *names = WR_NEW_ARRAY(p->arena, wr_ast_name, args.count);
    for (int i = 0; i < args.count; i++) {
        names[i] = items[i].value->u.path.parts[0];
    }
    sink->columns = names;
    sink->column_count = args.count;
}

void
wr_build_join_within(wr_parser *p, wr_ast_from_item *item, wr_token word, wr_ast_duration before,
                     wr_ast_duration after)
{
    if (item->within || item->on != NULL || item->using_count > 0) {
        wr_parse_fail(p, "E0104", wr_token_span(word), "Write JOIN b WITHIN 5 MINUTES ON ….",
                      item->within ? "WITHIN is said twice" : "WITHIN must come before ON");
    }
    item->within = true;
    item->within_before = before;
    item->within_after = after;
    item->span = wr_span_here(p, item->span.position);
}

void
wr_build_join_on(wr_parser *p, wr_ast_from_item *item, wr_token word, wr_ast_expr *on,
                 wr_list names)
{
    const char *said = wr_token_spelling(word.kind);
    if (item->on != NULL || item->using_count > 0) {
        wr_parse_fail(p, "E0104", wr_token_span(word), NULL, "a join has one ON or USING");
    }
    if (item->join == WR_AST_JOIN_CROSS || item->join == WR_AST_JOIN_COMMA) {
        wr_parse_fail(p, "E0104", wr_token_span(word), "Write JOIN, or put the condition in WHERE.",
                      "%s takes no %s",
                      item->join == WR_AST_JOIN_CROSS ? "CROSS JOIN" : "a comma in FROM", said);
    }
    item->on = on;
    item->using_columns = names.items;
    item->using_count = names.count;
    item->span = wr_span_here(p, item->span.position);
}

static bool
clause_is_there(const wr_ast_select *select, wr_clause clause)
{
    switch (clause) {
    case WR_CLAUSE_WINDOW: return select->window != NULL;
    case WR_CLAUSE_WHERE: return select->where != NULL;
    case WR_CLAUSE_GROUP: return select->group_count > 0;
    case WR_CLAUSE_HAVING: return select->having != NULL;
    case WR_CLAUSE_QUALIFY: return select->qualify != NULL;
    }
    return false;
}

void
wr_build_clause_check(wr_parser *p, const wr_ast_select *select, wr_clause clause, wr_token word)
{
    static const char *const names[] = {"WINDOW", "WHERE", "GROUP BY", "HAVING", "QUALIFY"};
    if (clause_is_there(select, clause)) {
        wr_parse_fail(p, "E0104", wr_token_span(word),
                      clause == WR_CLAUSE_WHERE ? "Join the two conditions with AND." : NULL,
                      "%s is said twice", names[clause]);
    }
    for (int later = (int)clause + 1; clause != WR_CLAUSE_WINDOW && later <= WR_CLAUSE_QUALIFY;
         later++) {
        if (clause_is_there(select, (wr_clause)later)) {
            wr_parse_fail(p, "E0104", wr_token_span(word), NULL, "%s must come before %s",
                          names[clause], names[later]);
        }
    }
}

void
wr_build_tail_once(wr_parser *p, bool there, wr_token word)
{
    if (there) {
        const char *said = word.kind == TK_ORDER  ? "ORDER BY"
                           : word.kind == TK_LATE ? "LATE DATA"
                                                  : wr_token_spelling(word.kind);
        wr_parse_fail(p, "E0104", wr_token_span(word), NULL, "%s is said twice", said);
    }
}

void
wr_build_order(wr_parser *p, wr_ast_query *query, wr_token word, wr_list sorts)
{
    wr_build_tail_once(p, query->order_count > 0, word);
    bool late = query->limit != NULL || query->emit.kind != WR_AST_EMIT_DEFAULT ||
                query->late != WR_AST_LATE_DEFAULT;
    if (late) {
        wr_parse_fail(p, "E0104", wr_token_span(word), NULL,
                      "ORDER BY must come before LIMIT, EMIT and LATE DATA");
    }
    query->order = sorts.items;
    query->order_count = sorts.count;
    query->order_span = wr_span_here(p, word.position);
}
