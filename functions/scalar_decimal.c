/* DECIMAL: arithmetic, comparison, rounding.
 *
 *   DECIMAL(10,2) + DECIMAL(5,1)   DECIMAL(11,2)        a sum of more digits: an error of its row
 *   DECIMAL(10,2) / DECIMAL(5,1)   DECIMAL(17,8)        by 0: NULL, as of integers
 *   DECIMAL(38,0) = DECIMAL(38,38)                      compared exactly, whatever the scales
 *
 * 1. The digits of results are Flink's (core/decimal.h); kernels find them in the vectors' types.
 * 2. What has more digits than the result is an error, never wrapped; digits behind the result's
 *    scale are rounded, halves away from 0. */
#include "functions/kernel.h"

#include "core/decimal.h"

static wr_decimal
decimal_arg(const wr_call *call, int arg, int row)
{
    const wr_vector *vector = &call->args[arg];
    return (wr_decimal){WR_VALUE(vector, const wr_int128, row), vector->type.scale};
}

/* ── + − * / % ──────────────────────────────────────────────────────────────────────────────── */

static inline int
outcome_of(bool fits)
{
    return fits ? WR_ROW_OK : WR_REASON_OVERFLOW;
}

static inline int
add(wr_decimal a, wr_decimal b, wr_type to, wr_int128 *out)
{
    return outcome_of(wr_decimal_add(a, b, to, out));
}

static inline int
subtract(wr_decimal a, wr_decimal b, wr_type to, wr_int128 *out)
{
    b.value = (wr_int128)(0 - (wr_uint128)b.value);
    return outcome_of(wr_decimal_add(a, b, to, out));
}

static inline int
multiply(wr_decimal a, wr_decimal b, wr_type to, wr_int128 *out)
{
    return outcome_of(wr_decimal_multiply(a, b, to, out));
}

static inline int
divide(wr_decimal a, wr_decimal b, wr_type to, wr_int128 *out)
{
    *out = 0;
    return b.value == 0 ? WR_ROW_NULL : outcome_of(wr_decimal_divide(a, b, to, out));
}

static inline int
modulo(wr_decimal a, wr_decimal b, wr_type to, wr_int128 *out)
{
    (void)to; /* smaller than both */
    *out = b.value == 0 ? 0 : wr_decimal_remainder(a, b);
    return b.value == 0 ? WR_ROW_NULL : WR_ROW_OK;
}

/* A kernel and its type of two arguments. */
#define DECIMAL_ARITHMETIC(name, sign) \
    static void decimal_##name(wr_call *call) \
    { \
        wr_int128 *out = call->out->data; \
        for (int i = 0; i < call->n; i++) { \
            int outcome = \
                name(decimal_arg(call, 0, i), decimal_arg(call, 1, i), call->out->type, &out[i]); \
            wr_call_mark(call, i, outcome); \
        } \
    } \
    static wr_type decimal_##name##_type(const wr_type *args, const wr_vector *const *constants, \
                                         int arg_count) \
    { \
        (void)constants; \
        (void)arg_count; \
        return wr_decimal_result(sign, args[0], args[1]); \
    }

DECIMAL_ARITHMETIC(add, '+')
DECIMAL_ARITHMETIC(subtract, '-')
DECIMAL_ARITHMETIC(multiply, '*')
DECIMAL_ARITHMETIC(divide, '/')
DECIMAL_ARITHMETIC(modulo, '%')

/* ── of one number ──────────────────────────────────────────────────────────────────────────── */

static wr_type
same_type(const wr_type *args, const wr_vector *const *constants, int arg_count)
{
    (void)constants;
    (void)arg_count;
    return args[0];
}

static inline wr_int128
negate(wr_int128 a)
{
    return (wr_int128)(0 - (wr_uint128)a);
}

static inline wr_int128
absolute(wr_int128 a)
{
    return a < 0 ? negate(a) : a;
}

static inline wr_int128
same(wr_int128 a)
{
    return a;
}

static inline wr_int128
sign(wr_int128 a)
{
    return (a > 0) - (a < 0);
}

WR_UNARY_KERNEL(decimal_negate, wr_int128, wr_int128, negate)
WR_UNARY_KERNEL(decimal_absolute, wr_int128, wr_int128, absolute)
WR_UNARY_KERNEL(decimal_same, wr_int128, wr_int128, same)
WR_UNARY_KERNEL(decimal_sign, wr_int128, wr_int128, sign)

static wr_type
sign_type(const wr_type *args, const wr_vector *const *constants, int arg_count)
{
    (void)args;
    (void)constants;
    (void)arg_count;
    return wr_decimal_type(1, 0);
}

/* ── rounding ───────────────────────────────────────────────────────────────────────────────── */

typedef enum rounding { ROUND_HALF, ROUND_CUT, ROUND_UP, ROUND_DOWN } rounding;

/* `a` with nothing behind `places` digits after the point (before it, if negative), at its scale.
 * Less than 10^39, so it fits. */
static wr_int128
round_at(wr_decimal a, int64_t places, rounding how)
{
    if (places >= a.scale) {
        return a.value;
    }
    bool negative = a.value < 0;
    if (a.scale - places > WR_DECIMAL_DIGITS_MAX) {
        return 0;
    }
    wr_uint128 unit = wr_power_of_ten((int)(a.scale - places));
    wr_uint128 magnitude = (wr_uint128)absolute(a.value), rest = magnitude % unit;
    bool away = how == ROUND_HALF ? rest >= unit - rest
                : how == ROUND_UP ? rest > 0 && !negative
                                  : how == ROUND_DOWN && rest > 0 && negative;
    magnitude += (away ? unit : 0) - rest;
    return negative ? negate((wr_int128)magnitude) : (wr_int128)magnitude;
}

static void
round_rows(wr_call *call, rounding how)
{
    wr_int128 *out = call->out->data;
    for (int i = 0; i < call->n; i++) {
        wr_decimal a = decimal_arg(call, 0, i);
        int64_t places = call->arg_count > 1 ? WR_ARG(call, const int64_t, 1, i) : 0;
        a.value = wr_call_skips(call, i) ? 0 : round_at(a, places, how);
        wr_call_mark(call, i,
                     outcome_of(wr_decimal_rescale(a.value, a.scale, call->out->type, &out[i])));
    }
}

#define DECIMAL_ROUNDING(name, how) \
    static void decimal_##name(wr_call *call) \
    { \
        round_rows(call, how); \
    }

DECIMAL_ROUNDING(round, ROUND_HALF)
DECIMAL_ROUNDING(cut, ROUND_CUT)
DECIMAL_ROUNDING(ceil, ROUND_UP)
DECIMAL_ROUNDING(floor, ROUND_DOWN)

/* ceil(DECIMAL(4,2)): 99.01 becomes 100, which has room. */
static wr_type
whole_type(const wr_type *args, const wr_vector *const *constants, int arg_count)
{
    (void)constants;
    (void)arg_count;
    return wr_decimal_type(args[0].precision, 0);
}

/* Of DECIMAL(p,s): one digit more in front, for a carry; behind as many as are kept. Where their
 * number is no constant, the scale stays. */
static wr_type
round_type(const wr_type *args, const wr_vector *const *constants, int arg_count)
{
    const wr_type type = args[0];
    bool is_known = arg_count == 1 || wr_constant_is_known(constants, 1);
    int64_t places = arg_count == 1 ? 0 : is_known ? *(const int64_t *)constants[1]->data : -1;
    if (is_known && places >= type.scale) {
        return type;
    }
    int scale = !is_known ? type.scale : places > 0 ? (int)places : 0;
    int precision = 1 + type.precision - type.scale + scale;
    precision = precision < WR_DECIMAL_DIGITS_MAX ? precision : WR_DECIMAL_DIGITS_MAX;
    return wr_decimal_type(precision, scale);
}

/* ── comparison ─────────────────────────────────────────────────────────────────────────────── */

/* The usual case, two numbers of one scale, is a loop of its own. */
#define DECIMAL_COMPARISON(name, sign) \
    static inline uint8_t is_##name(wr_int128 a, wr_int128 b) \
    { \
        return a sign b; \
    } \
    WR_BINARY_KERNEL(name##_at_one_scale, wr_int128, wr_int128, uint8_t, is_##name) \
    static void decimal_##name(wr_call *call) \
    { \
        if (call->args[0].type.scale == call->args[1].type.scale) { \
            name##_at_one_scale(call); \
            return; \
        } \
        uint8_t *out = call->out->data; \
        for (int i = 0; i < call->n; i++) { \
            int order = wr_decimal_compare(decimal_arg(call, 0, i), decimal_arg(call, 1, i)); \
            out[i] = order sign 0; \
        } \
    }

DECIMAL_COMPARISON(equal, ==)
DECIMAL_COMPARISON(unequal, !=)
DECIMAL_COMPARISON(less, <)
DECIMAL_COMPARISON(greater, >)
DECIMAL_COMPARISON(at_most, <=)
DECIMAL_COMPARISON(at_least, >=)

/* ── the table ──────────────────────────────────────────────────────────────────────────────── */

#define DECIMAL_TWO(name_, flags_, function_, signature_, meaning_, example_, shown_) \
    { \
        .name = name_, .result = WR_TYPE_DECIMAL, .args = {WR_TYPE_DECIMAL, WR_TYPE_DECIMAL}, \
        .flags = (flags_) | WR_FN_CAN_FAIL, .kernel = decimal_##function_, \
        .result_type = decimal_##function_##_type, .signature = signature_, .meaning = meaning_, \
        .example = example_, .example_result = shown_ \
    }
#define DECIMAL_SIGN(sign_, function_, meaning_, example_, shown_) \
    DECIMAL_TWO(sign_, WR_FN_OPERATOR, function_, "DECIMAL " sign_ " DECIMAL", meaning_, example_, \
                shown_)
#define DECIMAL_ONE(name_, flags_, kernel_, type_, signature_, meaning_, example_, shown_) \
    { \
        .name = name_, .result = WR_TYPE_DECIMAL, .args = {WR_TYPE_DECIMAL}, .flags = flags_, \
        .kernel = kernel_, .result_type = type_, .signature = signature_, .meaning = meaning_, \
        .example = example_, .example_result = shown_ \
    }
#define DECIMAL_PLACES(name_, kernel_, meaning_, example_, shown_) \
    { \
        .name = name_, .result = WR_TYPE_DECIMAL, .args = {WR_TYPE_DECIMAL, WR_TYPE_BIGINT}, \
        .flags = WR_FN_CAN_FAIL, .kernel = kernel_, .result_type = round_type, \
        .signature = name_ "(x, n)", .meaning = meaning_, .example = example_, \
        .example_result = shown_ \
    }
#define DECIMAL_COMPARE(sign_, kernel_, meaning_, example_) \
    { \
        .name = sign_, .result = WR_TYPE_BOOLEAN, .args = {WR_TYPE_DECIMAL, WR_TYPE_DECIMAL}, \
        .flags = WR_FN_OPERATOR, .kernel = kernel_, .signature = "DECIMAL " sign_ " DECIMAL", \
        .meaning = meaning_, .example = example_, .example_result = "true" \
    }

#define CUT_MEANING "Without its fraction, exactly."
#define CUT_PLACES_MEANING "Cut to n decimals, exactly."

static const wr_function decimal_entries[] = {
    DECIMAL_SIGN("+", add, "Exact sum; too many digits are an error.",
                 "DECIMAL '1.50' + DECIMAL '2.255'", "3.755"),
    DECIMAL_SIGN("-", subtract, "Exact difference.", "DECIMAL '1.5' - 2", "-0.5"),
    DECIMAL_SIGN("*", multiply, "Exact product.", "DECIMAL '1.50' * DECIMAL '2.5'", "3.750"),
    DECIMAL_SIGN("/", divide, "Quotient, rounded at its last digit; by 0: NULL.",
                 "DECIMAL '2.00' / DECIMAL '0.3'", "6.666667"),
    DECIMAL_SIGN("%", modulo, "Remainder, with the sign of the left; by 0: NULL.",
                 "DECIMAL '-7.5' % DECIMAL '2'", "-1.5"),
    DECIMAL_TWO("mod", 0, modulo, "mod(x, y)", "Remainder, with the sign of x; by 0: NULL.",
                "mod(DECIMAL '7.5', DECIMAL '2')", "1.5"),
    DECIMAL_ONE("-", WR_FN_OPERATOR, decimal_negate, same_type, "- DECIMAL", "Negation.",
                "-(DECIMAL '1.50')", "-1.50"),
    DECIMAL_ONE("+", WR_FN_OPERATOR, decimal_same, same_type, "+ DECIMAL", "The number.",
                "+(DECIMAL '1.50')", "1.50"),
    DECIMAL_ONE("abs", 0, decimal_absolute, same_type, "abs(x)", "Absolute value.",
                "abs(DECIMAL '-1.50')", "1.50"),
    DECIMAL_ONE("sign", 0, decimal_sign, sign_type, "sign(x)", "1, 0 or -1.",
                "sign(DECIMAL '-1.50')", "-1"),
    DECIMAL_ONE("ceil", WR_FN_CAN_FAIL, decimal_ceil, whole_type, "ceil(x)",
                "The least whole number that is not less.", "ceil(DECIMAL '1.20')", "2"),
    DECIMAL_ONE("ceiling", WR_FN_CAN_FAIL, decimal_ceil, whole_type, "ceiling(x)",
                "The least whole number that is not less.", "ceiling(DECIMAL '1.20')", "2"),
    DECIMAL_ONE("floor", WR_FN_CAN_FAIL, decimal_floor, whole_type, "floor(x)",
                "The greatest whole number that is not greater.", "floor(DECIMAL '-1.20')", "-2"),
    DECIMAL_ONE("round", WR_FN_CAN_FAIL, decimal_round, round_type, "round(x)",
                "The nearest whole number; halves away from 0.", "round(DECIMAL '2.50')", "3"),
    DECIMAL_ONE("trunc", WR_FN_CAN_FAIL, decimal_cut, round_type, "trunc(x)", CUT_MEANING,
                "trunc(DECIMAL '-1.80')", "-1"),
    DECIMAL_ONE("truncate", WR_FN_CAN_FAIL, decimal_cut, round_type, "truncate(x)", CUT_MEANING,
                "truncate(DECIMAL '-1.80')", "-1"),
    DECIMAL_PLACES("round", decimal_round, "Rounded to n decimals, halves away from 0; exactly.",
                   "round(DECIMAL '1.005', 2)", "1.01"),
    DECIMAL_PLACES("trunc", decimal_cut, CUT_PLACES_MEANING, "trunc(DECIMAL '1.019', 2)", "1.01"),
    DECIMAL_PLACES("truncate", decimal_cut, CUT_PLACES_MEANING, "truncate(DECIMAL '1.019', 2)",
                   "1.01"),
    DECIMAL_COMPARE("=", decimal_equal, "Equal.", "DECIMAL '1.50' = DECIMAL '1.5'"),
    DECIMAL_COMPARE("<>", decimal_unequal, "Not equal.", "DECIMAL '1.50' <> DECIMAL '1.51'"),
    DECIMAL_COMPARE("<", decimal_less, "Less.", "DECIMAL '1.5' < 2"),
    DECIMAL_COMPARE(">", decimal_greater, "Greater.", "DECIMAL '1.51' > DECIMAL '1.5'"),
    DECIMAL_COMPARE("<=", decimal_at_most, "Less or equal.", "DECIMAL '1.50' <= DECIMAL '1.5'"),
    DECIMAL_COMPARE(">=", decimal_at_least, "Greater or equal.", "DECIMAL '1.50' >= '1.5'"),
};

const wr_function_table wr_functions_decimal = WR_TABLE(decimal_entries);
