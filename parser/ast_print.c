/* The printer's small parts: words, names, strings, types, durations; and its public face.
 *
 *     order → "order"    Host (quoted) → "Host"    it's → 'it''s'    kafka.brokers → kafka.brokers
 *
 * 1. What is printed parses to an equal tree; a name keeps its quotes, reserved words get some. */
#include "parser/ast_print.h"

#include "parser/grammar.h"
#include "parser/keyword.h"
#include "parser/parser.h"
#include "parser/token.h"

#include <string.h>

void
wr_print_put(const wr_printer *printer, const char *text)
{
    wr_buffer_append(printer->out, text, strlen(text));
}

/* The text between quotes, quotes inside doubled. */
static void
print_quoted(const wr_printer *printer, wr_text text, char quote)
{
    wr_buffer_char(printer->out, quote);
    for (size_t i = 0; i < text.size; i++) {
        if (text.data[i] == quote) {
            wr_buffer_char(printer->out, quote);
        }
        wr_buffer_char(printer->out, text.data[i]);
    }
    wr_buffer_char(printer->out, quote);
}

void
wr_print_string(const wr_printer *printer, wr_text text)
{
    print_quoted(printer, text, '\'');
}

/* Would the text alone be read as one name? */
static bool
text_is_plain_name(wr_text text)
{
    if (text.size == 0 || text.data[0] == '"') {
        return false;
    }
    wr_token token = wr_token_next(text, 0);
    return token.position == 0 && (size_t)token.length == text.size &&
           (token.kind == TK_ID || token.kind == TK_UNIT ||
            (wr_token_spelling(token.kind) != NULL && (text.data[0] | 0x20) >= 'a' &&
             (text.data[0] | 0x20) <= 'z' && !wr_keyword_is_reserved(token.kind)));
}

void
wr_print_name(const wr_printer *printer, wr_ast_name name)
{
    bool joined = wr_text_equal(name.text, WR_TEXT("DOUBLE PRECISION"));
    if (!name.quoted && (joined || text_is_plain_name(name.text))) {
        wr_buffer_text(printer->out, name.text);
    } else {
        print_quoted(printer, name.text, '"');
    }
}

void
wr_ast_print_name(wr_text name, wr_buffer *out)
{
    wr_printer printer = {.out = out};
    wr_print_name(&printer, (wr_ast_name){.text = name});
}

void
wr_ast_print_string(wr_text string, wr_buffer *out)
{
    print_quoted(&(wr_printer){.out = out}, string, '\'');
}

void
wr_print_dotted(const wr_printer *printer, wr_ast_name name)
{
    wr_text rest = name.text;
    bool empty_part = rest.size == 0 || rest.data[0] == '.' || rest.data[rest.size - 1] == '.';
    for (size_t i = 0; i + 1 < rest.size; i++) {
        empty_part = empty_part || (rest.data[i] == '.' && rest.data[i + 1] == '.');
    }
    if (empty_part) {
        print_quoted(printer, name.text, '"');
        return;
    }
    while (rest.size > 0) {
        const char *dot = memchr(rest.data, '.', rest.size);
        size_t size = dot != NULL ? (size_t)(dot - rest.data) : rest.size;
        wr_print_name(printer, (wr_ast_name){.text = {rest.data, size}});
        if (dot == NULL) {
            break;
        }
        wr_print_put(printer, ".");
        rest = (wr_text){dot + 1, rest.size - size - 1};
    }
}

void
wr_print_names(const wr_printer *printer, const wr_ast_name *names, int count)
{
    wr_print_put(printer, "(");
    for (int i = 0; i < count; i++) {
        wr_print_put(printer, i > 0 ? ", " : "");
        wr_print_name(printer, names[i]);
    }
    wr_print_put(printer, ")");
}

void
wr_print_type(const wr_printer *printer, const wr_ast_type *type)
{
    wr_print_name(printer, type->name);
    for (int i = 0; i < type->number_count; i++) {
        wr_buffer_printf(printer->out, "%s%d", i == 0 ? "(" : ", ", type->numbers[i]);
    }
    wr_print_put(printer, type->number_count > 0 ? ")" : "");
    for (int i = 0; i < type->element_count; i++) {
        wr_print_put(printer, i == 0 ? "<" : ", ");
        if (type->fields != NULL) {
            wr_print_name(printer, type->fields[i]);
            wr_print_put(printer, " ");
        }
        wr_print_type(printer, &type->elements[i]);
    }
    wr_print_put(printer, type->element_count > 0 ? ">" : "");
}

void
wr_print_duration(const wr_printer *printer, const char *before, wr_ast_duration duration)
{
    if (duration.text.size == 0) {
        return;
    }
    wr_print_put(printer, before);
    wr_buffer_text(printer->out, duration.text);
}

void
wr_ast_print_statement(const wr_ast_statement *statement, wr_buffer *out)
{
    wr_print_statement(&(wr_printer){.out = out}, statement);
}

void
wr_ast_print_expr(const wr_ast_expr *expr, wr_buffer *out)
{
    wr_print_expr(&(wr_printer){.out = out}, expr, WR_LEVEL_ANY);
}

enum { EXPR_NAME_MAX = 64 };

wr_text
wr_ast_expr_text(wr_arena *arena, const wr_ast_expr *expr)
{
    if (expr->kind == WR_AST_NAME) {
        return wr_arena_text(arena, expr->u.path.parts[expr->u.path.count - 1].text);
    }
    if (expr->kind == WR_AST_FIELD) {
        return wr_arena_text(arena, expr->u.field.name.text);
    }
    wr_buffer out;
    wr_buffer_init(&out);
    wr_ast_print_expr(expr, &out);
    wr_text text = {out.data, out.size};
    if (text.size > EXPR_NAME_MAX) {
        text.size = wr_utf8_valid_prefix(text.data, EXPR_NAME_MAX);
    }
    text = wr_arena_text(arena, text);
    wr_buffer_fini(&out);
    return text;
}

const char *
wr_ast_op_name(wr_ast_op op)
{
    switch (op) {
    case WR_AST_OP_OR: return "or";
    case WR_AST_OP_AND: return "and";
    case WR_AST_OP_EQ: return "=";
    case WR_AST_OP_NE: return "<>";
    case WR_AST_OP_LT: return "<";
    case WR_AST_OP_LE: return "<=";
    case WR_AST_OP_GT: return ">";
    case WR_AST_OP_GE: return ">=";
    case WR_AST_OP_ADD:
    case WR_AST_OP_PLUS: return "+";
    case WR_AST_OP_SUBTRACT:
    case WR_AST_OP_NEGATE: return "-";
    case WR_AST_OP_MULTIPLY: return "*";
    case WR_AST_OP_DIVIDE: return "/";
    case WR_AST_OP_MODULO: return "%";
    case WR_AST_OP_CONCAT: return "||";
    case WR_AST_OP_ARROW: return "->";
    case WR_AST_OP_ARROW_TEXT: return "->>";
    case WR_AST_OP_NOT: return "not";
    }
    return "";
}
