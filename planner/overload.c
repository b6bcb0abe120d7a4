/* Which overload: each entry of a name is tried, the cheapest conversion of all arguments wins, the
 * earlier entry among equals.
 *
 *     v + 1       v DOUBLE            "+" (BIGINT, BIGINT)    no: DOUBLE becomes no BIGINT
 *                                     "+" (DOUBLE, DOUBLE)    0 + 2  ← taken, 1 becomes 1.0
 *     j.a = 'x'   j.a JSON            "=" (TEXT, TEXT)        6 + 0  ← taken
 *
 * Invariants
 * 1. Patterns: ANY takes an argument as it is; SAME ones get their common type; of a variadic entry
 *    the last pattern repeats; CASE has conditions at even places, values at odd ones and the end.
 * 2. What wr_overload_cost accepts, wr_overload_convert can convert (literals may turn out
 *    unreadable). */
#include "planner/bind.h"

#include "core/memory.h"

#include <string.h>

static int
pattern_count(const uint8_t *patterns)
{
    int count = 0;
    while (count < WR_FUNCTION_ARGS_MAX && patterns[count] != WR_ARG_NONE) {
        count++;
    }
    return count;
}

/* The pattern of argument `i` of `count`. */
static uint8_t
pattern_of(const uint8_t *patterns, unsigned flags, int i, int count)
{
    if (flags & WR_FN_CASE_SHAPE) {
        return i % 2 == 0 && i + 1 < count ? WR_TYPE_BOOLEAN : WR_ARG_SAME;
    }
    int known = pattern_count(patterns);
    return patterns[i < known ? i : known - 1];
}

static bool
count_fits(const uint8_t *patterns, unsigned flags, int count)
{
    int known = pattern_count(patterns);
    if (flags & WR_FN_VARIADIC) {
        return count >= known - 1 && (known > 0 || count == 0);
    }
    return count == known;
}

/* The common type of the arguments at SAME places. */
static bool
same_type(const uint8_t *patterns, unsigned flags, const wr_expr *const *args, int count,
          wr_type *type)
{
    /* a stack array for the usual few; long IN lists and CASEs come one by one */
    enum { FEW = 16 };
    const wr_expr *few[FEW];
    int few_count = 0;
    bool all = true;
    for (int i = 0; i < count; i++) {
        bool same = pattern_of(patterns, flags, i, count) == WR_ARG_SAME;
        all &= same;
        if (same && few_count < FEW) {
            few[few_count++] = args[i];
        }
    }
    if (all) {
        return wr_cast_common(args, count, type);
    }
    if (few_count < FEW) {
        return wr_cast_common(few, few_count, type);
    }
    const wr_expr **same = wr_alloc_array((size_t)count, sizeof *same);
    int same_count = 0;
    for (int i = 0; i < count; i++) {
        if (pattern_of(patterns, flags, i, count) == WR_ARG_SAME) {
            same[same_count++] = args[i];
        }
    }
    bool found = wr_cast_common(same, same_count, type);
    wr_free(same);
    return found;
}

int
wr_overload_cost(const uint8_t *patterns, unsigned flags, const wr_expr *const *args, int count)
{
    if (!count_fits(patterns, flags, count)) {
        return -1;
    }
    wr_type same = WR_TYPE(NULL);
    bool has_same = memchr(patterns, WR_ARG_SAME, WR_FUNCTION_ARGS_MAX) != NULL;
    if (has_same && !same_type(patterns, flags, args, count, &same)) {
        return -1;
    }
    int total = 0;
    for (int i = 0; i < count; i++) {
        uint8_t pattern = pattern_of(patterns, flags, i, count);
        wr_type_id wanted = pattern == WR_ARG_SAME ? same.id : (wr_type_id)pattern;
        int cost = pattern == WR_ARG_ANY ? 0 : wr_cast_cost(args[i], wanted);
        if (cost < 0) {
            return -1;
        }
        total += cost < 1000 ? cost : 1000;
    }
    return total;
}

wr_status
wr_overload_convert(wr_binder *binder, const uint8_t *patterns, unsigned flags,
                    const wr_expr **args, int count, wr_type *same, wr_error *err)
{
    *same = WR_TYPE(NULL);
    if (memchr(patterns, WR_ARG_SAME, WR_FUNCTION_ARGS_MAX)) {
        same_type(patterns, flags, args, count, same);
    }
    for (int i = 0; i < count; i++) {
        uint8_t pattern = pattern_of(patterns, flags, i, count);
        if (pattern == WR_ARG_ANY) {
            continue;
        }
        wr_type wanted = pattern == WR_ARG_SAME ? *same : (wr_type){.id = (wr_type_id)pattern};
        WR_TRY(wr_cast_implicit(binder, args[i], wanted, "this argument", &args[i], err));
    }
    return WR_OK;
}

/* "TEXT, BIGINT" */
static void
types_list(const wr_expr *const *args, int count, const char *between, char *out, size_t size)
{
    size_t at = 0;
    out[0] = 0;
    for (int i = 0; i < count && at + 48 < size; i++) {
        char name[40];
        const char *type = wr_type_name(args[i]->type, name);
        size_t length = strlen(type);
        if (i > 0) {
            memcpy(out + at, between, strlen(between));
            at += strlen(between);
        }
        memcpy(out + at, type, length + 1);
        at += length;
    }
}

/* The first TEXT argument that is no literal: what a cast would help. */
static const wr_expr *
text_argument(const wr_expr *const *args, int count)
{
    for (int i = 0; i < count; i++) {
        if (args[i]->type.id == WR_TYPE_TEXT && !wr_expr_is_text_literal(args[i])) {
            return args[i];
        }
    }
    return NULL;
}

/* The statement's own text of an expression, when it is short and at hand. */
static wr_text
source_text(const wr_binder *binder, const wr_expr *expr)
{
    const wr_plan_context *context = binder->context;
    wr_text sql = context->planner->sql;
    bool inside = expr->position >= 0 && expr->length > 0 && expr->length <= 60 &&
                  (size_t)expr->position + (size_t)expr->length <= sql.size;
    if (context->inlined_at.length > 0 || !inside) {
        return WR_TEXT("…");
    }
    return (wr_text){sql.data + expr->position, (size_t)expr->length};
}

/* Comparing different types is a wrong type; other operators lack an overload. */
static bool
name_is_comparison(wr_text name)
{
    static const char *const names[] = {"=", "<>", "<", "<=", ">", ">=", "in", "between"};
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        if (wr_text_equal(name, wr_text_from(names[i]))) {
            return true;
        }
    }
    return false;
}

/* "AND", "NOT" and the like are written in capitals. */
static wr_text
operator_shown(const wr_binder *binder, wr_text name)
{
    char *shown = wr_arena_bytes(binder->context->arena, name.size);
    for (size_t i = 0; i < name.size; i++) {
        char c = name.data[i];
        shown[i] = (char)(c >= 'a' && c <= 'z' ? c - 32 : c);
    }
    return (wr_text){shown, name.size};
}

/* Seconds, milliseconds … since 1970, by the number of digits. */
static const char *
unit_of_digits(wr_text digits)
{
    return digits.size <= 11 ? "s" : digits.size <= 14 ? "ms" : digits.size <= 17 ? "us" : "ns";
}

/* A TIMESTAMP and a number: what turns the number into what fits. */
static bool
time_hint(const wr_binder *binder, wr_text name, const wr_expr *const *args, int count,
          wr_error *err)
{
    const wr_expr *number = NULL;
    bool is_time = false;
    for (int i = 0; i < count; i++) {
        bool is_number = args[i]->type.id == WR_TYPE_BIGINT || args[i]->type.id == WR_TYPE_DOUBLE;
        number = is_number ? args[i] : number;
        is_time |= args[i]->type.id == WR_TYPE_TIMESTAMP;
    }
    if (!number || !is_time) {
        return false;
    }
    wr_text text = source_text(binder, number);
    if (name_is_comparison(name)) {
        wr_error_hint(err, "Write to_timestamp(%.*s, '%s').", WR_TEXT_ARG(text),
                      number->kind == WR_EXPR_CONSTANT ? unit_of_digits(text) : "ms");
    } else {
        wr_error_hint(err, "A duration is an INTERVAL: INTERVAL '%.*s' SECOND.",
                      WR_TEXT_ARG(number->kind == WR_EXPR_CONSTANT ? text : WR_TEXT("5")));
    }
    return true;
}

/* What to write for an operator that does not accept these types. */
static void
operator_hint(const wr_binder *binder, wr_text name, const wr_expr *const *args, int count,
              wr_error *err)
{
    const wr_expr *text = text_argument(args, count);
    bool texts =
        count == 2 && text && args[0]->type.id == WR_TYPE_TEXT && args[1]->type.id == WR_TYPE_TEXT;
    if (time_hint(binder, name, args, count, err)) {
        return;
    }
    if (wr_text_equal(name, WR_TEXT("+")) && texts) {
        wr_error_hint(err, "Texts are joined by ||.");
    } else if (wr_text_starts_with(name, WR_TEXT("->")) && text) {
        wr_error_hint(err, "Cast it: CAST(%.*s AS JSON).", WR_TEXT_ARG(source_text(binder, text)));
    } else if (wr_text_equal(name, WR_TEXT("like")) || wr_text_equal(name, WR_TEXT("ilike"))) {
        wr_error_hint(err, "Cast it: CAST(%.*s AS TEXT).",
                      WR_TEXT_ARG(source_text(binder, args[0])));
    } else if (text) {
        wr_error_hint(err, "Cast it: CAST(%.*s AS DOUBLE).",
                      WR_TEXT_ARG(source_text(binder, text)));
    }
}

/* Could a cast help: would the function take DOUBLE where these are TEXT? */
static bool
cast_helps(wr_text name, int count)
{
    int scalars, aggregates;
    const wr_function *const *functions = wr_function_find(name, &scalars);
    const wr_aggregate *const *entries = wr_aggregate_find(name, &aggregates);
    for (int i = 0; i < scalars; i++) {
        if (count_fits(functions[i]->args, functions[i]->flags, count)) {
            return true;
        }
    }
    for (int i = 0; i < aggregates; i++) {
        if (count_fits(entries[i]->args, 0, count)) {
            return true;
        }
    }
    return false;
}

wr_status
wr_overload_refuse(wr_binder *binder, wr_text name, bool is_operator, const wr_expr *const *args,
                   int count, wr_span span, wr_error *err)
{
    char types[200];
    types_list(args, count, is_operator ? " and " : ", ", types, sizeof types);
    if (is_operator) {
        wr_plan_error(binder->context, err, span, name_is_comparison(name) ? "E0301" : "E0302",
                      "operator %.*s does not accept %s", WR_TEXT_ARG(operator_shown(binder, name)),
                      types);
        operator_hint(binder, name, args, count, err);
        return WR_ERR_SQL;
    } else if (count == 0) {
        wr_plan_error(binder->context, err, span, "E0302", "function \"%.*s\" needs arguments",
                      WR_TEXT_ARG(name));
    } else if (count == 1) {
        wr_plan_error(binder->context, err, span, "E0302",
                      "function \"%.*s\" does not accept a %s argument", WR_TEXT_ARG(name), types);
    } else {
        wr_plan_error(binder->context, err, span, "E0302",
                      "function \"%.*s\" does not accept arguments (%s)", WR_TEXT_ARG(name), types);
    }
    const wr_expr *text = text_argument(args, count);
    if (text && cast_helps(name, count)) {
        wr_error_hint(err, "Cast it: CAST(%.*s AS DOUBLE).",
                      WR_TEXT_ARG(source_text(binder, text)));
    }
    return WR_ERR_SQL;
}
