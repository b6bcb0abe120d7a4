/* Arithmetic: + − * / % and the sign.
 *
 *   BIGINT   overflow is an error of the row; x / 0 and x % 0 are NULL; / cuts toward zero
 *   DOUBLE   IEEE 754: 1.0 / 0 is Infinity, 0.0 / 0 is NaN
 *
 * 1. A kernel's loop has no struct and no NULL test; failures are found in a second pass. */
#include "functions/kernel.h"

#include <math.h>

static inline int
add_bigint(int64_t a, int64_t b, int64_t *out)
{
    *out = (int64_t)((uint64_t)a + (uint64_t)b);
    return ((a ^ *out) & (b ^ *out)) < 0 ? WR_REASON_OVERFLOW : WR_ROW_OK;
}

static inline int
subtract_bigint(int64_t a, int64_t b, int64_t *out)
{
    *out = (int64_t)((uint64_t)a - (uint64_t)b);
    return ((a ^ b) & (a ^ *out)) < 0 ? WR_REASON_OVERFLOW : WR_ROW_OK;
}

static inline int
multiply_bigint(int64_t a, int64_t b, int64_t *out)
{
    return __builtin_mul_overflow(a, b, out) ? WR_REASON_OVERFLOW : WR_ROW_OK;
}

static inline int
divide_bigint(int64_t a, int64_t b, int64_t *out)
{
    if (b == 0 || (b == -1 && a == INT64_MIN)) {
        *out = 0;
        return b == 0 ? WR_ROW_NULL : WR_REASON_OVERFLOW;
    }
    *out = a / b;
    return WR_ROW_OK;
}

static inline int
modulo_bigint(int64_t a, int64_t b, int64_t *out)
{
    *out = b == 0 || b == -1 ? 0 : a % b;
    return b == 0 ? WR_ROW_NULL : WR_ROW_OK;
}

static inline int
negate_bigint(int64_t a, int64_t *out)
{
    *out = (int64_t)(0 - (uint64_t)a);
    return a == INT64_MIN ? WR_REASON_OVERFLOW : WR_ROW_OK;
}

static inline int
absolute_bigint(int64_t a, int64_t *out)
{
    return a < 0 ? negate_bigint(a, out) : (*out = a, WR_ROW_OK);
}

static inline double
add_double(double a, double b)
{
    return a + b;
}

static inline double
subtract_double(double a, double b)
{
    return a - b;
}

static inline double
multiply_double(double a, double b)
{
    return a * b;
}

static inline double
divide_double(double a, double b)
{
    return a / b;
}

static inline double
negate_double(double a)
{
    return -a;
}

static inline int64_t
same_bigint(int64_t a)
{
    return a;
}

static inline double
same_double(double a)
{
    return a;
}

WR_BINARY_CHECKED_KERNEL(arith_add_bigint, int64_t, int64_t, int64_t, add_bigint)
WR_BINARY_CHECKED_KERNEL(arith_subtract_bigint, int64_t, int64_t, int64_t, subtract_bigint)
WR_BINARY_CHECKED_KERNEL(arith_multiply_bigint, int64_t, int64_t, int64_t, multiply_bigint)
WR_BINARY_CHECKED_KERNEL(arith_divide_bigint, int64_t, int64_t, int64_t, divide_bigint)
WR_BINARY_CHECKED_KERNEL(arith_modulo_bigint, int64_t, int64_t, int64_t, modulo_bigint)
WR_UNARY_CHECKED_KERNEL(arith_negate_bigint, int64_t, int64_t, negate_bigint)
WR_UNARY_CHECKED_KERNEL(arith_absolute_bigint, int64_t, int64_t, absolute_bigint)
WR_BINARY_KERNEL(arith_add_double, double, double, double, add_double)
WR_BINARY_KERNEL(arith_subtract_double, double, double, double, subtract_double)
WR_BINARY_KERNEL(arith_multiply_double, double, double, double, multiply_double)
WR_BINARY_KERNEL(arith_divide_double, double, double, double, divide_double)
WR_BINARY_KERNEL(arith_modulo_double, double, double, double, fmod)
WR_UNARY_KERNEL(arith_negate_double, double, double, negate_double)
WR_UNARY_KERNEL(arith_absolute_double, double, double, fabs)
WR_UNARY_KERNEL(arith_same_bigint, int64_t, int64_t, same_bigint)
WR_UNARY_KERNEL(arith_same_double, double, double, same_double)

#define ARITH_BIGINT(sign, kernel_, meaning_, example_, result_) \
    { \
        .name = sign, .result = WR_TYPE_BIGINT, .args = {WR_TYPE_BIGINT, WR_TYPE_BIGINT}, \
        .flags = WR_FN_OPERATOR | WR_FN_CAN_FAIL, .kernel = kernel_, \
        .signature = "BIGINT " sign " BIGINT", .meaning = meaning_, .example = example_, \
        .example_result = result_ \
    }

#define ARITH_DOUBLE(sign, kernel_, meaning_, example_, result_) \
    { \
        .name = sign, .result = WR_TYPE_DOUBLE, .args = {WR_TYPE_DOUBLE, WR_TYPE_DOUBLE}, \
        .flags = WR_FN_OPERATOR, .kernel = kernel_, .signature = "DOUBLE " sign " DOUBLE", \
        .meaning = meaning_, .example = example_, .example_result = result_ \
    }

#define ARITH_ONE(name_, type_, flags_, kernel_, signature_, meaning_, example_, result_) \
    { \
        .name = name_, .result = type_, .args = {type_}, .flags = flags_, .kernel = kernel_, \
        .signature = signature_, .meaning = meaning_, .example = example_, \
        .example_result = result_ \
    }

static const wr_function arith_entries[] = {
    ARITH_BIGINT("+", arith_add_bigint, "Sum; overflow is an error.", "2 + 3", "5"),
    ARITH_DOUBLE("+", arith_add_double, "Sum.", "0.5 + 0.25", "0.75"),
    ARITH_BIGINT("-", arith_subtract_bigint, "Difference; overflow is an error.", "2 - 3", "-1"),
    ARITH_DOUBLE("-", arith_subtract_double, "Difference.", "0.5 - 0.25", "0.25"),
    ARITH_BIGINT("*", arith_multiply_bigint, "Product; overflow is an error.", "2 * 3", "6"),
    ARITH_DOUBLE("*", arith_multiply_double, "Product.", "1.5 * 2.0", "3"),
    ARITH_BIGINT("/", arith_divide_bigint, "Quotient, cut toward zero; by 0: NULL.", "7 / 2", "3"),
    ARITH_DOUBLE("/", arith_divide_double, "Quotient.", "7.0 / 2.0", "3.5"),
    ARITH_BIGINT("%", arith_modulo_bigint, "Remainder, with the sign of the left; by 0: NULL.",
                 "-7 % 3", "-1"),
    ARITH_DOUBLE("%", arith_modulo_double, "Remainder.", "7.5 % 2.0", "1.5"),
    {.name = "mod",
     .result = WR_TYPE_BIGINT,
     .args = {WR_TYPE_BIGINT, WR_TYPE_BIGINT},
     .flags = WR_FN_CAN_FAIL,
     .kernel = arith_modulo_bigint,
     .signature = "mod(x, y)",
     .meaning = "Remainder, with the sign of x; by 0: NULL.",
     .example = "mod(7, 3)",
     .example_result = "1"},
    ARITH_ONE("-", WR_TYPE_BIGINT, WR_FN_OPERATOR | WR_FN_CAN_FAIL, arith_negate_bigint, "- BIGINT",
              "Negation.", "-(5)", "-5"),
    ARITH_ONE("-", WR_TYPE_DOUBLE, WR_FN_OPERATOR, arith_negate_double, "- DOUBLE", "Negation.",
              "-(1.5)", "-1.5"),
    ARITH_ONE("+", WR_TYPE_BIGINT, WR_FN_OPERATOR, arith_same_bigint, "+ BIGINT", "The number.",
              "+(5)", "5"),
    ARITH_ONE("+", WR_TYPE_DOUBLE, WR_FN_OPERATOR, arith_same_double, "+ DOUBLE", "The number.",
              "+(1.5)", "1.5"),
    ARITH_ONE("abs", WR_TYPE_BIGINT, WR_FN_CAN_FAIL, arith_absolute_bigint, "abs(x)",
              "Absolute value.", "abs(-5)", "5"),
    ARITH_ONE("abs", WR_TYPE_DOUBLE, 0, arith_absolute_double, "abs(x)", "Absolute value.",
              "abs(-1.5)", "1.5"),
};

const wr_function_table wr_functions_arith = WR_TABLE(arith_entries);
