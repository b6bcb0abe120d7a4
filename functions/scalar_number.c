/* Whole numbers and their bits, and tests of DOUBLE.
 *
 *   gcd(12, 18) = 6      bitwise_and(12, 10) = 8      width_bucket(5.3, 0.0, 10.0, 5) = 3
 *
 * 1. What does not fit BIGINT is an error of the row; shifts beyond 63 bits give 0 (or -1). */
#include "functions/kernel.h"

#include <math.h>

static int
common_divisor(int64_t a, int64_t b, int64_t *out)
{
    uint64_t x = a < 0 ? 0 - (uint64_t)a : (uint64_t)a;
    uint64_t y = b < 0 ? 0 - (uint64_t)b : (uint64_t)b;
    while (y != 0) {
        uint64_t rest = x % y;
        x = y;
        y = rest;
    }
    *out = x > INT64_MAX ? 0 : (int64_t)x;
    return x > INT64_MAX ? WR_REASON_OVERFLOW : WR_ROW_OK;
}

static int
common_multiple(int64_t a, int64_t b, int64_t *out)
{
    int64_t divisor = 0;
    *out = 0;
    if (a == 0 || b == 0) {
        return WR_ROW_OK;
    }
    int outcome = common_divisor(a, b, &divisor);
    if (outcome == WR_ROW_OK &&
        (__builtin_mul_overflow(a / divisor, b, out) || *out == INT64_MIN)) {
        outcome = WR_REASON_OVERFLOW;
    }
    *out = outcome != WR_ROW_OK ? 0 : *out < 0 ? -*out : *out;
    return outcome;
}

static int
factorial_of(int64_t n, int64_t *out)
{
    *out = 1;
    if (n < 0) {
        return WR_REASON_DOMAIN;
    }
    for (int64_t i = 2; i <= n; i++) {
        if (__builtin_mul_overflow(*out, i, out)) {
            *out = 0;
            return WR_REASON_OVERFLOW;
        }
    }
    return WR_ROW_OK;
}

/* Toward zero; by zero: NULL, as with the operator. */
static inline int
divide(int64_t a, int64_t b, int64_t *out)
{
    *out = 0;
    if (b == 0) {
        return WR_ROW_NULL;
    }
    if (a == INT64_MIN && b == -1) {
        return WR_REASON_OVERFLOW;
    }
    *out = a / b;
    return WR_ROW_OK;
}

static inline int
divide_doubles(double a, double b, double *out)
{
    *out = b == 0 ? 0 : trunc(a / b);
    return b == 0 ? WR_ROW_NULL : WR_ROW_OK;
}

static inline int
safe_quotient(double a, double b, double *out)
{
    *out = b == 0 ? 0 : a / b;
    return b == 0 ? WR_ROW_NULL : WR_ROW_OK;
}

WR_BINARY_CHECKED_KERNEL(number_gcd, int64_t, int64_t, int64_t, common_divisor)
WR_BINARY_CHECKED_KERNEL(number_lcm, int64_t, int64_t, int64_t, common_multiple)
WR_UNARY_CHECKED_KERNEL(number_factorial, int64_t, int64_t, factorial_of)
WR_BINARY_CHECKED_KERNEL(number_div, int64_t, int64_t, int64_t, divide)
WR_BINARY_CHECKED_KERNEL(number_div_double, double, double, double, divide_doubles)
WR_BINARY_CHECKED_KERNEL(number_safe_divide, double, double, double, safe_quotient)

/* ── bits ───────────────────────────────────────────────────────────────────────────────────── */

static inline int64_t
bits_and(int64_t a, int64_t b)
{
    return a & b;
}

static inline int64_t
bits_or(int64_t a, int64_t b)
{
    return a | b;
}

static inline int64_t
bits_xor(int64_t a, int64_t b)
{
    return a ^ b;
}

static inline int64_t
bits_not(int64_t a)
{
    return ~a;
}

static inline int
shift_left(int64_t a, int64_t by, int64_t *out)
{
    *out = by < 0 || by > 63 ? 0 : (int64_t)((uint64_t)a << by);
    return by < 0 ? WR_REASON_DOMAIN : WR_ROW_OK;
}

static inline int
shift_right(int64_t a, int64_t by, int64_t *out)
{
    *out = by < 0 ? 0 : a >> (by > 63 ? 63 : by);
    return by < 0 ? WR_REASON_DOMAIN : WR_ROW_OK;
}

static inline int64_t
bits_set(int64_t a)
{
    return __builtin_popcountll((uint64_t)a);
}

static inline int
bit_at(int64_t a, int64_t place, int64_t *out)
{
    bool is_there = place >= 0 && place < 64;
    *out = is_there ? (int64_t)((uint64_t)a >> place & 1) : 0;
    return is_there ? WR_ROW_OK : WR_REASON_DOMAIN;
}

WR_BINARY_KERNEL(number_bit_and, int64_t, int64_t, int64_t, bits_and)
WR_BINARY_KERNEL(number_bit_or, int64_t, int64_t, int64_t, bits_or)
WR_BINARY_KERNEL(number_bit_xor, int64_t, int64_t, int64_t, bits_xor)
WR_UNARY_KERNEL(number_bit_not, int64_t, int64_t, bits_not)
WR_BINARY_CHECKED_KERNEL(number_shift_left, int64_t, int64_t, int64_t, shift_left)
WR_BINARY_CHECKED_KERNEL(number_shift_right, int64_t, int64_t, int64_t, shift_right)
WR_UNARY_KERNEL(number_bit_count, int64_t, int64_t, bits_set)
WR_BINARY_CHECKED_KERNEL(number_get_bit, int64_t, int64_t, int64_t, bit_at)

/* ── tests, buckets ─────────────────────────────────────────────────────────────────────────── */

static inline uint8_t
double_is_nan(double x)
{
    bool is_nan = isnan(x);
    return is_nan;
}

static inline uint8_t
double_is_finite(double x)
{
    bool is_finite = isfinite(x);
    return is_finite;
}

static inline uint8_t
double_is_infinite(double x)
{
    bool is_infinite = isinf(x);
    return is_infinite;
}

WR_UNARY_KERNEL(number_isnan, double, uint8_t, double_is_nan)
WR_UNARY_KERNEL(number_isfinite, double, uint8_t, double_is_finite)
WR_UNARY_KERNEL(number_isinf, double, uint8_t, double_is_infinite)

/* 1 … count within [low, high), 0 before, count + 1 behind; downwards when low > high. */
static int
bucket_of(double x, double low, double high, int64_t count, int64_t *out)
{
    if (count < 1 || count == INT64_MAX || isnan(x) || !isfinite(low) || !isfinite(high) ||
        low == high) {
        return WR_REASON_DOMAIN;
    }
    double share = low < high ? (x - low) / (high - low) : (low - x) / (low - high);
    double bucket = floor(share * (double)count);
    *out = share < 0    ? 0
           : share >= 1 ? count + 1
                        : (bucket < (double)count ? (int64_t)bucket + 1 : count);
    return WR_ROW_OK;
}

static void
number_width_bucket(wr_call *call)
{
    int64_t *out = call->out->data;
    for (int i = 0; i < call->n; i++) {
        out[i] = 0;
        wr_call_mark(call, i,
                     bucket_of(WR_ARG(call, double, 0, i), WR_ARG(call, double, 1, i),
                               WR_ARG(call, double, 2, i), WR_ARG(call, int64_t, 3, i), &out[i]));
    }
}

static void
number_e(wr_call *call)
{
    double e = 2.71828182845904523536;
    wr_vector_init_constant(call->out, call->out->type, &e, call->arena);
}

#define TI WR_TYPE_BIGINT
#define TD WR_TYPE_DOUBLE
#define OF_TWO(name, flags, kernel, meaning, example, result) \
    WR_SCALAR(name, BIGINT, flags, kernel, NULL, name "(a, b)", meaning, example, result, TI, TI)
#define TEST(name, meaning, example, result) \
    WR_SCALAR(#name, BOOLEAN, 0, number_##name, NULL, #name "(x)", meaning, example, result, TD)

static const wr_function number_entries[] = {
    OF_TWO("gcd", WR_FN_CAN_FAIL, number_gcd, "Greatest common divisor.", "gcd(12, 18)", "6"),
    OF_TWO("lcm", WR_FN_CAN_FAIL, number_lcm, "Least common multiple.", "lcm(4, 6)", "12"),
    WR_SCALAR("factorial", BIGINT, WR_FN_CAN_FAIL, number_factorial, NULL, "factorial(n)",
              "1 · 2 · … · n, to n = 20.", "factorial(5)", "120", TI),
    OF_TWO("div", WR_FN_CAN_FAIL, number_div, "Quotient, cut; by 0: NULL.", "div(7, 2)", "3"),
    WR_SCALAR("div", DOUBLE, WR_FN_CAN_FAIL, number_div_double, NULL, "div(x, y)",
              "Quotient, cut; by 0: NULL.", "div(7.5, 2.0)", "3", TD, TD),
    WR_SCALAR("safe_divide", DOUBLE, WR_FN_CAN_FAIL, number_safe_divide, NULL, "safe_divide(x, y)",
              "Quotient; by 0: NULL.", "safe_divide(1.0, 0.0)", "NULL", TD, TD),
    OF_TWO("bitwise_and", 0, number_bit_and, "Bits that are set in both.", "bitwise_and(12, 10)",
           "8"),
    OF_TWO("bitwise_or", 0, number_bit_or, "Bits that are set in any.", "bitwise_or(12, 10)", "14"),
    OF_TWO("bitwise_xor", 0, number_bit_xor, "Bits that are set in one.", "bitwise_xor(12, 10)",
           "6"),
    OF_TWO("xor", 0, number_bit_xor, "Bits that are set in one.", "xor(12, 10)", "6"),
    WR_SCALAR("bitwise_not", BIGINT, 0, number_bit_not, NULL, "bitwise_not(a)",
              "Every bit the other way.", "bitwise_not(0)", "-1", TI),
    OF_TWO("shift_left", WR_FN_CAN_FAIL, number_shift_left, "Bits moved up by b.",
           "shift_left(1, 10)", "1024"),
    OF_TWO("shift_right", WR_FN_CAN_FAIL, number_shift_right,
           "Bits moved down by b, the sign kept.", "shift_right(-8, 1)", "-4"),
    WR_SCALAR("bit_count", BIGINT, 0, number_bit_count, NULL, "bit_count(a)",
              "How many bits are set.", "bit_count(7)", "3", TI),
    OF_TWO("get_bit", WR_FN_CAN_FAIL, number_get_bit, "Bit b of a, from 0, the lowest.",
           "get_bit(4, 2)", "1"),
    TEST(isnan, "Is it no number?", "isnan(CAST('NaN' AS DOUBLE))", "true"),
    TEST(isfinite, "Is it neither NaN nor infinite?", "isfinite(1.5)", "true"),
    TEST(isinf, "Is it infinite?", "isinf(CAST('-Infinity' AS DOUBLE))", "true"),
    WR_SCALAR("width_bucket", BIGINT, WR_FN_CAN_FAIL, number_width_bucket, NULL,
              "width_bucket(x, low, high, n)", "Which of n equal parts of [low, high) x lies in.",
              "width_bucket(5.35, 0.024, 10.06, 5)", "3", TD, TD, TD, TI),
    {.name = "e",
     .result = WR_TYPE_DOUBLE,
     .kernel = number_e,
     .signature = "e()",
     .meaning = "The constant.",
     .example = "e()",
     .example_result = "2.718281828459045"},
};

const wr_function_table wr_functions_number = WR_TABLE(number_entries);
