/* Choosing between values: CASE, if, coalesce, nullif, greatest, least.
 *
 *   CASE WHEN c1 THEN v1 WHEN c2 THEN v2 ELSE v3      args: c1 v1 c2 v2 v3
 *
 * Every argument has been computed for every row already; a row takes the state (value, NULL or
 * error) of the argument that it reaches, and errors of arguments that it does not reach are gone.
 *
 * 1. Left to right: an error in a condition that a row reaches is the row's result. */
#include "functions/kernel.h"

/* The argument whose value `row` takes, or the condition whose error it takes. */
static int
case_branch(const wr_call *call, int row)
{
    int arg = 0;
    for (; arg + 1 < call->arg_count; arg += 2) {
        const wr_vector *condition = &call->args[arg];
        if (wr_vector_error(condition, row) != WR_REASON_NONE) {
            return arg;
        }
        if (!wr_vector_is_null(condition, row) && WR_VALUE(condition, uint8_t, row)) {
            return arg + 1;
        }
    }
    return arg;
}

static void
condition_case(wr_call *call)
{
    for (int i = 0; i < call->n; i++) {
        int branch = case_branch(call, i);
        if (branch + 1 < call->arg_count && branch % 2 == 0) {
            memset(wr_vector_element(call->out, i), 0, (size_t)wr_type_width(call->out->type.id));
            wr_call_mark(call, i, (int)wr_vector_error(&call->args[branch], i));
        } else {
            wr_call_copy_row(call, i, branch);
        }
    }
}

static void
condition_coalesce(wr_call *call)
{
    for (int i = 0; i < call->n; i++) {
        int arg = 0;
        while (arg + 1 < call->arg_count && wr_vector_is_null(&call->args[arg], i) &&
               wr_vector_error(&call->args[arg], i) == WR_REASON_NONE) {
            arg++;
        }
        wr_call_copy_row(call, i, arg);
    }
}

static const void *
arg_element(const wr_call *call, int arg, int row)
{
    return wr_vector_element(&call->args[arg], wr_vector_slot(&call->args[arg], row));
}

static void
condition_nullif(wr_call *call)
{
    for (int i = 0; i < call->n; i++) {
        wr_call_copy_row(call, i, 0);
        wr_reason reason = wr_vector_error(&call->args[1], i);
        bool both = !wr_vector_is_null(&call->args[0], i) && !wr_vector_is_null(&call->args[1], i);
        if (reason != WR_REASON_NONE) {
            wr_call_mark(call, i, (int)reason);
        } else if (both && wr_value_compare(call->out->type.id, arg_element(call, 0, i),
                                            arg_element(call, 1, i)) == 0) {
            wr_call_mark(call, i, WR_ROW_NULL);
        }
    }
}

/* The argument with the greatest (sign 1) or least (−1) value; NULLs count only when all are. */
static int
extreme_arg(const wr_call *call, int row, int sign)
{
    int best = 0;
    for (int arg = 0; arg < call->arg_count; arg++) {
        if (wr_vector_error(&call->args[arg], row) != WR_REASON_NONE) {
            return arg;
        }
        if (wr_vector_is_null(&call->args[arg], row)) {
            continue;
        }
        if (wr_vector_is_null(&call->args[best], row) ||
            wr_value_compare(call->out->type.id, arg_element(call, arg, row),
                             arg_element(call, best, row)) *
                    sign >
                0) {
            best = arg;
        }
    }
    return best;
}

static void
condition_greatest(wr_call *call)
{
    for (int i = 0; i < call->n; i++) {
        wr_call_copy_row(call, i, extreme_arg(call, i, 1));
    }
}

static void
condition_least(wr_call *call)
{
    for (int i = 0; i < call->n; i++) {
        wr_call_copy_row(call, i, extreme_arg(call, i, -1));
    }
}

/* nvl2(a, b, c): b where a is not NULL, else c. */
static void
condition_nvl2(wr_call *call)
{
    for (int i = 0; i < call->n; i++) {
        wr_reason reason = wr_vector_error(&call->args[0], i);
        wr_call_copy_row(call, i, wr_vector_is_null(&call->args[0], i) ? 2 : 1);
        if (reason != WR_REASON_NONE) {
            wr_vector_set_error(call->out, i, call->n, reason, call->arena);
        }
    }
}

/* Computed for every row, as NULL rows are merged already: only the value 0 changes. */
static inline int
null_if_zero(int64_t x, int64_t *out)
{
    *out = x;
    return x == 0 ? WR_ROW_NULL : WR_ROW_OK;
}

static inline int
null_if_zero_double(double x, double *out)
{
    *out = x;
    return x == 0 ? WR_ROW_NULL : WR_ROW_OK;
}

WR_UNARY_CHECKED_KERNEL(condition_nullifzero, int64_t, int64_t, null_if_zero)
WR_UNARY_CHECKED_KERNEL(condition_nullifzero_double, double, double, null_if_zero_double)

/* A row of zero bytes where the argument is NULL. */
static void
condition_zeroifnull(wr_call *call)
{
    for (int i = 0; i < call->n; i++) {
        bool is_null = wr_vector_is_null(&call->args[0], i);
        if (is_null && wr_vector_error(&call->args[0], i) == WR_REASON_NONE) {
            memset(wr_vector_element(call->out, i), 0, (size_t)wr_type_width(call->out->type.id));
        } else {
            wr_call_copy_row(call, i, 0);
        }
    }
}

static void
condition_typeof(wr_call *call)
{
    char name[40];
    wr_text text = wr_text_from(wr_type_name(call->args[0].type, name));
    for (int i = 0; i < call->n; i++) {
        wr_call_set_text(call, i, text);
        wr_call_mark(call, i, (int)wr_vector_error(&call->args[0], i));
    }
}

#define CONDITION_IF(name_) \
    { \
        .name = name_, .result = WR_RESULT_SAME, \
        .args = {WR_TYPE_BOOLEAN, WR_ARG_SAME, WR_ARG_SAME}, .flags = WR_FN_NULL_AWARE, \
        .kernel = condition_case, .signature = name_ "(condition, a, b)", \
        .meaning = "a where the condition is true, else b.", \
        .example = name_ "(1 < 2, 'yes', 'no')", .example_result = "yes" \
    }

#define CONDITION_SAME(name_, flags_, kernel_, signature_, meaning_, example_, result_) \
    { \
        .name = name_, .result = WR_RESULT_SAME, .args = {WR_ARG_SAME, WR_ARG_SAME}, \
        .flags = WR_FN_NULL_AWARE | (flags_), .kernel = kernel_, .signature = signature_, \
        .meaning = meaning_, .example = example_, .example_result = result_ \
    }

static const wr_function condition_entries[] = {
    {.name = "case",
     .result = WR_RESULT_SAME,
     .args = {WR_TYPE_BOOLEAN, WR_ARG_SAME},
     .flags = WR_FN_OPERATOR | WR_FN_NULL_AWARE | WR_FN_VARIADIC | WR_FN_CASE_SHAPE,
     .kernel = condition_case,
     .signature = "CASE WHEN condition THEN a … ELSE b END",
     .meaning = "The value of the first condition that is true.",
     .example = "CASE WHEN 1 > 2 THEN 'a' ELSE 'b' END",
     .example_result = "b"},
    CONDITION_IF("if"),
    CONDITION_IF("iif"),
    CONDITION_SAME("coalesce", WR_FN_VARIADIC, condition_coalesce, "coalesce(a, b, …)",
                   "The first argument that is not NULL.", "coalesce(NULL, 2, 3)", "2"),
    CONDITION_SAME("ifnull", 0, condition_coalesce, "ifnull(a, b)", "a, or b where a is NULL.",
                   "ifnull(NULL, 2)", "2"),
    CONDITION_SAME("nvl", 0, condition_coalesce, "nvl(a, b)", "a, or b where a is NULL.",
                   "nvl(NULL, 2)", "2"),
    {.name = "nvl2",
     .result = WR_RESULT_SAME,
     .args = {WR_ARG_ANY, WR_ARG_SAME, WR_ARG_SAME},
     .flags = WR_FN_NULL_AWARE,
     .kernel = condition_nvl2,
     .signature = "nvl2(a, b, c)",
     .meaning = "b where a is not NULL, else c.",
     .example = "nvl2(NULL, 'b', 'c')",
     .example_result = "c"},
    WR_SCALAR("zeroifnull", BIGINT, WR_FN_NULL_AWARE, condition_zeroifnull, NULL, "zeroifnull(x)",
              "x, or 0 where it is NULL.", "zeroifnull(NULL)", "0", WR_TYPE_BIGINT),
    WR_SCALAR("zeroifnull", DOUBLE, WR_FN_NULL_AWARE, condition_zeroifnull, NULL, "zeroifnull(x)",
              "x, or 0 where it is NULL.", "zeroifnull(1.5)", "1.5", WR_TYPE_DOUBLE),
    WR_SCALAR("nullifzero", BIGINT, 0, condition_nullifzero, NULL, "nullifzero(x)",
              "x, or NULL where it is 0.", "nullifzero(0)", "NULL", WR_TYPE_BIGINT),
    WR_SCALAR("nullifzero", DOUBLE, 0, condition_nullifzero_double, NULL, "nullifzero(x)",
              "x, or NULL where it is 0.", "nullifzero(1.5)", "1.5", WR_TYPE_DOUBLE),
    WR_SCALAR("typeof", TEXT, WR_FN_NULL_AWARE, condition_typeof, NULL, "typeof(x)",
              "The name of the type.", "typeof(1.5)", "DOUBLE", WR_ARG_ANY),
    CONDITION_SAME("nullif", 0, condition_nullif, "nullif(a, b)", "NULL where a = b, else a.",
                   "nullif(2, 3)", "2"),
    CONDITION_SAME("greatest", WR_FN_VARIADIC, condition_greatest, "greatest(a, b, …)",
                   "The greatest argument that is not NULL.", "greatest(1, 3, 2)", "3"),
    CONDITION_SAME("least", WR_FN_VARIADIC, condition_least, "least(a, b, …)",
                   "The least argument that is not NULL.", "least(2, 1, 3)", "1"),
};

const wr_function_table wr_functions_condition = WR_TABLE(condition_entries);
