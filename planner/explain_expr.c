/* Bound expressions as people read them: infix where the registry says operator, casts as ::.
 *
 *     or(=($0, 'a'), is null($1))   →   (host = 'a' OR v IS NULL)
 *
 * Invariant: at most EXPR_BYTES_MAX bytes and EXPR_DEPTH_MAX levels, then "…". */
#include "planner/explain_expr.h"

#include "core/decimal.h"
#include "core/time.h"

#include <string.h>

enum { EXPR_BYTES_MAX = 300, EXPR_DEPTH_MAX = 24 };

typedef struct printer {
    const wr_schema *schema;
    wr_buffer *out;
    size_t end; /* of out: no more beyond */
} printer;

static void print_expr(printer *to, const wr_expr *expr, int depth);

static void
print_literal_text(printer *to, wr_text text)
{
    wr_buffer_char(to->out, '\'');
    for (size_t i = 0; i < text.size && i < 40; i++) {
        if (text.data[i] == '\'') {
            wr_buffer_char(to->out, '\'');
        }
        wr_buffer_char(to->out, text.data[i]);
    }
    if (text.size > 40) {
        wr_buffer_text(to->out, WR_TEXT("…"));
    }
    wr_buffer_char(to->out, '\'');
}

/* DECIMAL '1.50', DATE '2026-01-31': the type's word, if the text alone would be something else. */
static void
print_typed(printer *to, const char *word, const char *text, size_t size)
{
    wr_buffer_text(to->out, wr_text_from(word));
    print_literal_text(to, (wr_text){text, size});
}

static void
print_constant(printer *to, const wr_vector *constant)
{
    char text[128];
    const void *data = constant->data;
    if (wr_vector_is_null(constant, 0) || constant->errors) {
        wr_buffer_text(to->out, constant->errors ? WR_TEXT("error") : WR_TEXT("NULL"));
        return;
    }
    switch (constant->type.id) {
    case WR_TYPE_BOOLEAN:
        wr_buffer_text(to->out, *(const uint8_t *)data ? WR_TEXT("true") : WR_TEXT("false"));
        return;
    case WR_TYPE_BIGINT:
        wr_buffer_append(to->out, text, wr_int64_to_text(*(const int64_t *)data, text));
        return;
    case WR_TYPE_DOUBLE:
        wr_buffer_append(to->out, text, wr_double_to_text(*(const double *)data, text));
        return;
    case WR_TYPE_DECIMAL:
        print_typed(to, "DECIMAL ", text,
                    wr_decimal_to_text(*(const wr_int128 *)data, constant->type.scale, text));
        return;
    case WR_TYPE_TIMESTAMP:
        print_typed(to, "", text, wr_time_print(*(const int64_t *)data, text));
        return;
    case WR_TYPE_DATE:
        print_typed(to, "DATE ", text, wr_date_print(*(const int32_t *)data, text));
        return;
    case WR_TYPE_TIME:
        print_typed(to, "TIME ", text, wr_daytime_print(*(const int64_t *)data, text));
        return;
    case WR_TYPE_INTERVAL:
        print_typed(to, "INTERVAL ", text, wr_interval_print(*(const wr_interval *)data, text));
        return;
    case WR_TYPE_TEXT:
    case WR_TYPE_JSON: print_literal_text(to, wr_view_text((const wr_view *)data)); return;
    case WR_TYPE_BYTES:
    case WR_TYPE_NULL:
    case WR_TYPE_ARRAY:
    case WR_TYPE_STRUCT:
        wr_buffer_text(to->out, wr_text_from(wr_type_id_name(constant->type.id)));
        return;
    }
}

static void
print_word(printer *to, const char *name)
{
    for (const char *c = name; *c; c++) {
        wr_buffer_char(to->out, *c >= 'a' && *c <= 'z' ? (char)(*c - 32) : *c);
    }
}

static void
print_infix(printer *to, const wr_expr *expr, int depth)
{
    wr_buffer_char(to->out, '(');
    for (int i = 0; i < expr->arg_count; i++) {
        if (i > 0) {
            wr_buffer_char(to->out, ' ');
            print_word(to, expr->function->name);
            wr_buffer_char(to->out, ' ');
        }
        print_expr(to, expr->args[i], depth + 1);
        if (to->out->size > to->end) {
            break;
        }
    }
    wr_buffer_char(to->out, ')');
}

static void
print_prefix(printer *to, const wr_expr *expr, int depth)
{
    wr_buffer_text(to->out, wr_text_from(expr->function->name));
    wr_buffer_char(to->out, '(');
    for (int i = 0; i < expr->arg_count && to->out->size <= to->end; i++) {
        if (i > 0) {
            wr_buffer_text(to->out, WR_TEXT(", "));
        }
        print_expr(to, expr->args[i], depth + 1);
    }
    wr_buffer_char(to->out, ')');
}

static bool
is_infix(const wr_expr *expr)
{
    static const char *const words[] = {
        "and", "or", "like", "ilike", "is distinct from", "is not distinct from", "at time zone"};
    const char *name = expr->function->name;
    bool sign = strchr("+-*/%=<>|", name[0]) != NULL;
    for (size_t i = 0; i < sizeof words / sizeof *words; i++) {
        sign |= strcmp(name, words[i]) == 0;
    }
    return sign && (expr->function->flags & WR_FN_OPERATOR) && expr->arg_count >= 2;
}

static void
print_call(printer *to, const wr_expr *expr, int depth)
{
    const char *name = expr->function->name;
    bool is_postfix = strncmp(name, "is ", 3) == 0 && expr->arg_count == 1;
    if (expr->arg_count == 1 && (strcmp(name, "cast") == 0 || strcmp(name, "try_cast") == 0)) {
        char type[40];
        print_expr(to, expr->args[0], depth + 1);
        wr_buffer_printf(to->out, "::%s", wr_type_name(expr->type, type));
    } else if (is_postfix) {
        print_expr(to, expr->args[0], depth + 1);
        wr_buffer_char(to->out, ' ');
        print_word(to, name);
    } else if (is_infix(expr)) {
        print_infix(to, expr, depth);
    } else {
        print_prefix(to, expr, depth);
    }
}

static void
print_expr(printer *to, const wr_expr *expr, int depth)
{
    if (to->out->size > to->end || depth > EXPR_DEPTH_MAX) {
        wr_buffer_text(to->out, WR_TEXT("…"));
        return;
    }
    switch (expr->kind) {
    case WR_EXPR_CONSTANT: print_constant(to, &expr->constant); break;
    case WR_EXPR_COLUMN: wr_buffer_text(to->out, to->schema->columns[expr->column].name); break;
    case WR_EXPR_CALL: print_call(to, expr, depth); break;
    }
}

void
wr_explain_expr(const wr_expr *expr, const wr_schema *schema, wr_buffer *out)
{
    printer to = {schema, out, out->size + EXPR_BYTES_MAX};
    print_expr(&to, expr, 0);
}

void
wr_explain_duration(int64_t us, wr_buffer *out)
{
    char text[WR_INTERVAL_TEXT_MAX];
    wr_buffer_append(out, text, wr_interval_print((wr_interval){0, us}, text));
}
