/* Literals and parameters: values that stand in the statement.
 *
 *     12 → BIGINT      1.5, 1e3 → DOUBLE      TIMESTAMP '2026-01-01' → TIMESTAMP
 *     DECIMAL '1.50' → DECIMAL(3,2)
 *     ?1 → the value that was bound; NULL of no type while there is none, so it fits everywhere
 *
 * Invariant: a number that does not fit its type is refused: 9223372036854775808 is not rounded,
 * 1e999 not infinite. */
#include "planner/bind.h"

#include <math.h>

static const wr_expr *
literal(wr_binder *binder, wr_type type, const void *value, wr_span span)
{
    wr_vector vector;
    wr_vector_init_constant(&vector, type, value, binder->context->arena);
    return wr_expr_constant(binder->context->arena, &vector, span);
}

wr_status
wr_bind_number(wr_binder *binder, wr_text text, wr_span span, const wr_expr **expr, wr_error *err)
{
    int64_t integer;
    double real;
    bool whole = true;
    for (size_t i = 0; i < text.size; i++) {
        whole &= text.data[i] == '-' || (text.data[i] >= '0' && text.data[i] <= '9');
    }
    if (whole && wr_text_to_int64(text, &integer)) {
        *expr = literal(binder, WR_TYPE(BIGINT), &integer, span);
        return WR_OK;
    }
    if (!whole && wr_text_to_double(text, &real) && isfinite(real)) {
        *expr = literal(binder, WR_TYPE(DOUBLE), &real, span);
        return WR_OK;
    }
    int shown = text.size > 40 ? 40 : (int)text.size;
    wr_plan_error(binder->context, err, span, "E0105", "number %.*s does not fit %s", shown,
                  text.data, whole ? "BIGINT" : "DOUBLE");
    if (whole && text.size <= 40) {
        wr_error_hint(err, "Write %.*s.0 for a DOUBLE.", WR_TEXT_ARG(text));
    }
    return WR_ERR_SQL;
}

wr_status
wr_bind_typed(wr_binder *binder, const wr_ast_expr *ast, const wr_expr **expr, wr_error *err)
{
    wr_type type;
    wr_ast_type written = {.name = ast->u.typed.type, .span = ast->u.typed.type.span};
    WR_TRY(wr_bind_type(binder->context, &written, &type, err));
    if (type.id == WR_TYPE_DECIMAL) {
        type.precision = 0; /* the digits are those of the text */
    }
    const wr_expr *text = wr_expr_text(binder->context->arena, ast->u.typed.text, ast->span);
    return wr_cast_implicit(binder, text, type, "the literal", expr, err);
}

wr_status
wr_bind_parameter(wr_binder *binder, const wr_ast_expr *ast, const wr_expr **expr, wr_error *err)
{
    (void)err;
    const wr_planner *planner = binder->context->planner;
    int index = ast->u.parameter.number - 1;
    if (!planner->parameters || index < 0 || index >= planner->parameter_count) {
        *expr = wr_expr_null(binder->context->arena, WR_TYPE(NULL), ast->span);
        return WR_OK;
    }
    *expr = wr_expr_constant(binder->context->arena, &planner->parameters[index], ast->span);
    return WR_OK;
}
