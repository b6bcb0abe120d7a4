/* Conversions that nobody wrote, and those that somebody did.
 *
 *     v > 5          DOUBLE, BIGINT            5 → 5.0
 *     ts > '2026'    TIMESTAMP, a literal      the literal is read as a TIMESTAMP
 *     j.load > 5     JSON, BIGINT              both → DOUBLE, JSON as by TRY_CAST
 *     d > 5          DECIMAL(9,2), BIGINT      5 → DECIMAL(10,0), exactly
 *     d > 1.5        DECIMAL, DOUBLE           d → DOUBLE
 *     day < ts       DATE, TIMESTAMP           day → its midnight, UTC
 *     host > 5       TEXT, BIGINT              refused: write CAST(host AS DOUBLE)
 *
 * Invariants
 * 1. Cost 0 means equal; every conversion costs more, a lossy or far one more than a near one.
 * 2. Only a text *literal* is read as something else; a TEXT column never is.
 * 3. A literal that cannot be read costs so much that any other overload is tried first, and if it
 *    is chosen all the same, the message shows the literal. */
#include "planner/bind.h"

#include "core/decimal.h"

enum {
    COST_WIDEN = 2,
    COST_LITERAL = 3,
    COST_DECIMAL = 3, /* BIGINT: exactly, but a DOUBLE is what most functions mean */
    COST_LITERAL_DECIMAL = 4,
    COST_DECIMAL_DOUBLE = 4,
    COST_JSON_DOUBLE = 4,
    COST_JSON_TEXT = 6,
    COST_JSON_OTHER = 7,
    COST_JSON_BIGINT = 8,
    COST_JSON_DECIMAL = 9,
    COST_LITERAL_JSON = 20,
    COST_LITERAL_UNREADABLE = 50
};

/* Can this text be read as `type`? */
static bool
literal_fits(wr_text text, wr_type_id type)
{
    int64_t integer;
    int32_t days;
    double real;
    wr_interval interval;
    wr_type digits;
    wr_text trimmed = wr_text_trim(text);
    switch (type) {
    case WR_TYPE_BIGINT: return wr_text_to_int64(trimmed, &integer);
    case WR_TYPE_DOUBLE: return wr_text_to_double(trimmed, &real);
    case WR_TYPE_DECIMAL: return wr_decimal_type_of_text(trimmed, &digits);
    case WR_TYPE_TIMESTAMP: return wr_time_parse(trimmed, &integer);
    case WR_TYPE_DATE: return wr_date_parse(trimmed, &days);
    case WR_TYPE_TIME: return wr_daytime_parse(trimmed, &integer);
    case WR_TYPE_INTERVAL: return wr_interval_parse(trimmed, &interval);
    case WR_TYPE_BOOLEAN:
    case WR_TYPE_TEXT:
    case WR_TYPE_BYTES:
    case WR_TYPE_JSON: return true;
    case WR_TYPE_NULL:
    case WR_TYPE_ARRAY:
    case WR_TYPE_STRUCT: return false;
    }
    return false;
}

static int
json_cost(wr_type_id type)
{
    switch (type) {
    case WR_TYPE_DOUBLE: return COST_JSON_DOUBLE;
    case WR_TYPE_TEXT: return COST_JSON_TEXT;
    case WR_TYPE_BIGINT: return COST_JSON_BIGINT;
    case WR_TYPE_DECIMAL: return COST_JSON_DECIMAL;
    case WR_TYPE_BOOLEAN:
    case WR_TYPE_TIMESTAMP:
    case WR_TYPE_DATE:
    case WR_TYPE_TIME:
    case WR_TYPE_INTERVAL: return COST_JSON_OTHER;
    case WR_TYPE_NULL:
    case WR_TYPE_BYTES:
    case WR_TYPE_JSON:
    case WR_TYPE_ARRAY:
    case WR_TYPE_STRUCT: return -1;
    }
    return -1;
}

int
wr_cast_cost(const wr_expr *expr, wr_type_id type)
{
    if (expr->type.id == type || expr->type.id == WR_TYPE_NULL) {
        return 0;
    }
    if (wr_expr_is_text_literal(expr)) {
        int cost = type == WR_TYPE_JSON      ? COST_LITERAL_JSON
                   : type == WR_TYPE_DECIMAL ? COST_LITERAL_DECIMAL
                                             : COST_LITERAL;
        return literal_fits(wr_expr_literal(expr), type) ? cost : COST_LITERAL_UNREADABLE;
    }
    if (expr->type.id == WR_TYPE_BIGINT && type == WR_TYPE_DOUBLE) {
        return COST_WIDEN;
    }
    if (expr->type.id == WR_TYPE_DATE && type == WR_TYPE_TIMESTAMP) {
        return COST_WIDEN;
    }
    if (expr->type.id == WR_TYPE_BIGINT && type == WR_TYPE_DECIMAL) {
        return COST_DECIMAL;
    }
    if (expr->type.id == WR_TYPE_DECIMAL && type == WR_TYPE_DOUBLE) {
        return COST_DECIMAL_DOUBLE;
    }
    return expr->type.id == WR_TYPE_JSON ? json_cost(type) : -1;
}

/* The common type of two that are no literals; WR_TYPE_NULL: none. */
static wr_type_id
common_of(wr_type_id a, wr_type_id b)
{
    if (a == b || b == WR_TYPE_NULL) {
        return a;
    }
    if (a == WR_TYPE_NULL) {
        return b;
    }
    if (wr_type_is_numeric(a) && wr_type_is_numeric(b)) {
        bool is_double = a == WR_TYPE_DOUBLE || b == WR_TYPE_DOUBLE;
        return is_double ? WR_TYPE_DOUBLE : WR_TYPE_DECIMAL;
    }
    if ((a == WR_TYPE_DATE && b == WR_TYPE_TIMESTAMP) ||
        (a == WR_TYPE_TIMESTAMP && b == WR_TYPE_DATE)) {
        return WR_TYPE_TIMESTAMP;
    }
    if (a == WR_TYPE_JSON || b == WR_TYPE_JSON) {
        wr_type_id other = a == WR_TYPE_JSON ? b : a;
        other = wr_type_is_numeric(other) ? WR_TYPE_DOUBLE : other;
        return json_cost(other) < 0 ? WR_TYPE_NULL : other;
    }
    return WR_TYPE_NULL;
}

/* What literals want of a common type that the other expressions have. */
static wr_type_id
common_with_literals(wr_type_id id, const wr_expr *const *exprs, int count)
{
    if (id == WR_TYPE_NULL || id == WR_TYPE_JSON) {
        return WR_TYPE_TEXT;
    }
    for (int i = 0; i < count && id == WR_TYPE_BIGINT; i++) {
        if (wr_expr_is_text_literal(exprs[i]) &&
            !literal_fits(wr_expr_literal(exprs[i]), WR_TYPE_BIGINT) &&
            literal_fits(wr_expr_literal(exprs[i]), WR_TYPE_DOUBLE)) {
            id = WR_TYPE_DOUBLE;
        }
    }
    return id;
}

/* What an expression becomes where a DECIMAL of any digits is wanted; false: NULL, or none. */
static bool
decimal_of(const wr_expr *expr, wr_type *type)
{
    if (expr->type.id == WR_TYPE_BIGINT) {
        bool is_known = expr->kind == WR_EXPR_CONSTANT && !wr_expr_is_null(expr);
        int64_t value = is_known ? *(const int64_t *)expr->constant.data : 0;
        bool is_int = is_known && value >= INT32_MIN && value <= INT32_MAX;
        *type = wr_decimal_type_of_bits(is_int ? 32 : expr->type.bits);
        return true;
    }
    if (wr_expr_is_text_literal(expr)) {
        return wr_decimal_type_of_text(wr_text_trim(wr_expr_literal(expr)), type);
    }
    if (expr->type.id == WR_TYPE_DECIMAL) {
        *type = expr->type;
        return true;
    }
    return false;
}

/* Room for the digits of all. */
static wr_type
common_digits(const wr_expr *const *exprs, int count)
{
    wr_type common = {0}, next;
    for (int i = 0; i < count; i++) {
        if (decimal_of(exprs[i], &next)) {
            common = common.precision > 0 ? wr_decimal_common(common, next) : next;
        }
    }
    return common;
}

bool
wr_cast_common(const wr_expr *const *exprs, int count, wr_type *type)
{
    wr_type_id id = WR_TYPE_NULL;
    uint8_t bits = 0;
    bool literals = false, first = true;
    for (int i = 0; i < count; i++) {
        if (wr_expr_is_text_literal(exprs[i])) {
            literals = true;
            continue;
        }
        wr_type_id next = exprs[i]->type.id;
        if (next == WR_TYPE_NULL) {
            continue;
        }
        id = common_of(id, next);
        if (id == WR_TYPE_NULL) {
            return false;
        }
        bits = first || bits == exprs[i]->type.bits ? exprs[i]->type.bits : 0;
        first = false;
    }
    if (literals || id == WR_TYPE_NULL) {
        bits = 0;
        id = common_with_literals(id, exprs, count);
    }
    *type = id == WR_TYPE_DECIMAL ? common_digits(exprs, count)
                                  : (wr_type){.id = id, .bits = id == WR_TYPE_BIGINT ? bits : 0};
    return true;
}

/* A literal that cannot be read as `type`. */
static wr_status
literal_blame(const wr_binder *binder, const wr_expr *expr, wr_type type, const char *code,
              wr_error *err)
{
    char name[40];
    wr_text text = wr_expr_literal(expr);
    int shown = text.size > 60 ? 60 : (int)text.size;
    wr_plan_error(binder->context, err, wr_expr_span(expr), code, "'%.*s' is not a %s", shown,
                  text.data, wr_type_name(type, name));
    if (type.id == WR_TYPE_TIMESTAMP) {
        wr_error_hint(err, "Write it as '2026-01-01T00:05:00Z'.");
    } else if (type.id == WR_TYPE_DATE) {
        wr_error_hint(err, "Write it as '2026-01-31'.");
    } else if (type.id == WR_TYPE_TIME) {
        wr_error_hint(err, "Write it as '13:05:30'.");
    } else if (type.id == WR_TYPE_INTERVAL) {
        wr_error_hint(err, "Write it as INTERVAL '5 minutes'.");
    }
    return WR_ERR_SQL;
}

static wr_status
cast_call(wr_binder *binder, const wr_function *function, const wr_expr *expr, wr_type type,
          wr_span span, const wr_expr **out, wr_error *err)
{
    const wr_expr **args = WR_NEW_ARRAY(binder->context->arena, const wr_expr *, 1);
    args[0] = expr;
    wr_status status = wr_fold_call(binder, function, args, 1, type, span, out, err);
    if (status != WR_OK && wr_expr_is_text_literal(expr)) {
        literal_blame(binder, expr, type, "E0304", err);
    }
    return status;
}

static wr_status
implicit_refuse(wr_binder *binder, const wr_expr *expr, wr_type type, const char *what,
                wr_error *err)
{
    char from[40], to[40];
    wr_plan_error(binder->context, err, wr_expr_span(expr), "E0301",
                  "%s needs a %s, but this is a %s", what, wr_type_name(type, to),
                  wr_type_name(expr->type, from));
    bool number = expr->type.id == WR_TYPE_BIGINT || expr->type.id == WR_TYPE_DOUBLE;
    if (number && type.id == WR_TYPE_BOOLEAN) {
        wr_error_hint(err, "Compare it with something, as in  … > 0.");
    } else if (wr_function_cast(expr->type.id, type, false)) {
        wr_error_hint(err, "Cast it: CAST(… AS %s).", to);
    }
    return WR_ERR_SQL;
}

wr_status
wr_cast_implicit(wr_binder *binder, const wr_expr *expr, wr_type type, const char *what,
                 const wr_expr **out, wr_error *err)
{
    *out = expr;
    wr_type digits = expr->type.id == WR_TYPE_NULL ? wr_decimal_type(1, 0) : type;
    if (type.id == WR_TYPE_DECIMAL && type.precision == 0) {
        type = decimal_of(expr, &digits) || expr->type.id == WR_TYPE_NULL ? digits : type;
    }
    bool same_digits = type.id != WR_TYPE_DECIMAL || wr_type_equal(expr->type, type);
    if (expr->type.id == type.id && same_digits) {
        return WR_OK;
    }
    if (expr->type.id == WR_TYPE_NULL) {
        *out = wr_expr_null(binder->context->arena, type, wr_expr_span(expr));
        return WR_OK;
    }
    int cost = wr_cast_cost(expr, type.id);
    if (cost >= COST_LITERAL_UNREADABLE) {
        return literal_blame(binder, expr, type, "E0301", err);
    }
    bool is_json = expr->type.id == WR_TYPE_JSON;
    const wr_function *cast = wr_function_cast(expr->type.id, type, is_json);
    if (cost < 0 || !cast) {
        return implicit_refuse(binder, expr, type, what, err);
    }
    return cast_call(binder, cast, expr, type, wr_expr_span(expr), out, err);
}

wr_status
wr_cast_written(wr_binder *binder, const wr_expr *expr, wr_type type, bool try_cast, wr_span span,
                const wr_expr **out, wr_error *err)
{
    if (wr_type_equal(expr->type, type)) {
        *out = expr;
        return WR_OK;
    }
    if (expr->type.id == WR_TYPE_NULL) {
        *out = wr_expr_null(binder->context->arena, type, span);
        return WR_OK;
    }
    const wr_function *cast = wr_function_cast(expr->type.id, type, try_cast);
    if (!cast) {
        char from[40], to[40];
        return wr_plan_error(binder->context, err, span, "E0303", "cannot cast %s to %s",
                             wr_type_name(expr->type, from), wr_type_name(type, to));
    }
    return cast_call(binder, cast, expr, type, span, out, err);
}
