/* Mathematics on DOUBLE, and rounding.
 *
 *   round(2.5) = 3, away from zero      round(1.005, 2) = 1.01: by the decimal form of the number
 *
 * Outside of its domain a function gives NaN or Infinity, as IEEE 754 has it, not an error.
 *
 * 1. round(x, n) rounds the shortest decimal text of x, which is the number that people see. */
#include "functions/kernel.h"

#include <math.h>

#define MATH_PI 3.14159265358979323846

static inline double
logarithm_of_base(double base, double x)
{
    return log(x) / log(base);
}

static inline double
sign_double(double x)
{
    return x > 0 ? 1 : x < 0 ? -1 : x;
}

static inline int64_t
sign_bigint(int64_t x)
{
    return (x > 0) - (x < 0);
}

static inline double
cotangent(double x)
{
    return 1 / tan(x);
}

static inline double
hyperbolic_cotangent(double x)
{
    return 1 / tanh(x);
}

static inline double
even_of(double x)
{
    return copysign(2 * ceil(fabs(x) / 2), x);
}

/* lgamma itself writes a global sign. */
static inline double
lgamma_of(double x)
{
    int sign = 0;
    return lgamma_r(x, &sign);
}

static inline double
degrees_of(double x)
{
    return x * (180 / MATH_PI);
}

static inline double
radians_of(double x)
{
    return x * (MATH_PI / 180);
}

/* |x| as digits and a power of ten: "95.74" is 9574 and 2 places, "1e+300" is 1 and −300. */
typedef struct decimal_form {
    char digits[WR_DOUBLE_TEXT_MAX];
    int count, places;
} decimal_form;

static decimal_form
decimal_form_of(double magnitude)
{
    char text[WR_DOUBLE_TEXT_MAX];
    size_t size = wr_double_to_text(magnitude, text);
    decimal_form form = {.count = 0};
    bool fraction = false;
    for (size_t i = 0; i < size; i++) {
        if (text[i] == 'e') {
            int64_t exponent = 0;
            wr_text_to_int64((wr_text){text + i + 1, size - i - 1}, &exponent);
            form.places -= (int)exponent;
            break;
        }
        if (text[i] == '.') {
            fraction = true;
            continue;
        }
        form.places += fraction;
        form.digits[form.count++] = text[i];
    }
    return form;
}

static double
decimal_form_value(const decimal_form *form)
{
    wr_buffer text;
    char bytes[WR_DOUBLE_TEXT_MAX + 32];
    text = (wr_buffer){.data = bytes, .capacity = sizeof(bytes)};
    wr_buffer_append(&text, form->digits, (size_t)form->count);
    wr_buffer_char(&text, 'e');
    text.size += wr_int64_to_text(-form->places, bytes + text.size);
    double value = 0;
    wr_text_to_double((wr_text){bytes, text.size}, &value);
    return value;
}

/* Keeps `places` decimals; `up`: half away from zero, else toward zero. */
static double
cut_decimals(double x, int64_t places, bool up)
{
    if (!isfinite(x) || places > 400) {
        return x;
    }
    decimal_form form = decimal_form_of(fabs(x));
    if (form.places <= places) {
        return x;
    }
    int64_t kept = form.count - (form.places - (places < -400 ? -400 : places));
    bool carry = up && kept >= 0 && form.digits[kept] >= '5';
    form.count = kept > 0 ? (int)kept : 0;
    for (int i = form.count - 1; carry && i >= 0; i--) {
        carry = form.digits[i] == '9';
        form.digits[i] = (char)(carry ? '0' : form.digits[i] + 1);
    }
    form.places = (int)(places < -400 ? -400 : places);
    if (carry) { /* 99.9 → 100 */
        memmove(form.digits + 1, form.digits, (size_t)form.count);
        form.digits[0] = '1';
        form.count++;
    }
    double magnitude = form.count > 0 ? decimal_form_value(&form) : 0;
    return signbit(x) ? -magnitude : magnitude;
}

static inline double
round_to(double x, int64_t places)
{
    return cut_decimals(x, places, true);
}

static inline double
truncate_to(double x, int64_t places)
{
    return cut_decimals(x, places, false);
}

static inline int64_t
same(int64_t x)
{
    return x;
}

/* The C library's is off by one bit even for cubes of whole numbers. */
static inline double
cube_root(double x)
{
    double root = cbrt(x);
    double whole = rint(root);
    return whole * whole * whole == x ? whole : root;
}

static void
math_pi(wr_call *call)
{
    double pi = MATH_PI;
    wr_vector_init_constant(call->out, call->out->type, &pi, call->arena);
}

/* X(name, C function, meaning, example argument, result) of one DOUBLE */
#define MATH_UNARY_LIST(X) \
    X(ceil, ceil, "The least whole number that is not less.", "1.2", "2") \
    X(ceiling, ceil, "The least whole number that is not less.", "1.2", "2") \
    X(floor, floor, "The greatest whole number that is not greater.", "1.8", "1") \
    X(round, round, "The nearest whole number; halves away from 0.", "2.5", "3") \
    X(trunc, trunc, "Without its fraction.", "-1.8", "-1") \
    X(sign, sign_double, "1, 0 or -1.", "-2.5", "-1") \
    X(sqrt, sqrt, "Square root.", "2.25", "1.5") \
    X(cbrt, cube_root, "Cube root.", "27.0", "3") \
    X(exp, exp, "e to the power of x.", "0.0", "1") \
    X(expm1, expm1, "exp(x) - 1, also near 0.", "0.0", "0") \
    X(log1p, log1p, "ln(1 + x), also near 0.", "0.0", "0") \
    X(ln, log, "Natural logarithm.", "1.0", "0") \
    X(log, log10, "Logarithm to base 10.", "100.0", "2") \
    X(log10, log10, "Logarithm to base 10.", "100.0", "2") \
    X(log2, log2, "Logarithm to base 2.", "8.0", "3") \
    X(sin, sin, "Sine.", "0.0", "0") \
    X(cos, cos, "Cosine.", "0.0", "1") \
    X(tan, tan, "Tangent.", "0.0", "0") \
    X(cot, cotangent, "Cotangent.", "0.0", "Infinity") \
    X(coth, hyperbolic_cotangent, "Hyperbolic cotangent.", "1000.0", "1") \
    X(asin, asin, "Arc sine.", "0.0", "0") \
    X(acos, acos, "Arc cosine.", "1.0", "0") \
    X(atan, atan, "Arc tangent.", "0.0", "0") \
    X(sinh, sinh, "Hyperbolic sine.", "0.0", "0") \
    X(cosh, cosh, "Hyperbolic cosine.", "0.0", "1") \
    X(tanh, tanh, "Hyperbolic tangent.", "0.0", "0") \
    X(asinh, asinh, "Inverse hyperbolic sine.", "0.0", "0") \
    X(acosh, acosh, "Inverse hyperbolic cosine.", "1.0", "0") \
    X(atanh, atanh, "Inverse hyperbolic tangent.", "0.0", "0") \
    X(truncate, trunc, "Without its fraction.", "-1.8", "-1") \
    X(even, even_of, "The nearest even whole number away from 0.", "2.1", "4") \
    X(gamma, tgamma, "Gamma function.", "5.0", "24") \
    X(lgamma, lgamma_of, "Logarithm of the gamma function.", "1.0", "0") \
    X(erf, erf, "Error function.", "0.0", "0") \
    X(erfc, erfc, "1 - erf(x).", "0.0", "1") \
    X(degrees, degrees_of, "Radians as degrees.", "0.0", "0") \
    X(radians, radians_of, "Degrees as radians.", "0.0", "0")

/* X(name, C function, signature, meaning, example, result) of two DOUBLEs */
#define MATH_BINARY_LIST(X) \
    X(power, pow, "power(x, y)", "x to the power of y.", "power(2.0, 10.0)", "1024") \
    X(pow, pow, "pow(x, y)", "x to the power of y.", "pow(2.0, 10.0)", "1024") \
    X(log, logarithm_of_base, "log(base, x)", "Logarithm to a base.", "log(2.0, 8.0)", "3") \
    X(mod, fmod, "mod(x, y)", "Remainder.", "mod(7.5, 2.0)", "1.5") \
    X(hypot, hypot, "hypot(x, y)", "sqrt(x² + y²).", "hypot(3.0, 4.0)", "5") \
    X(atan2, atan2, "atan2(y, x)", "The angle of a point.", "atan2(0.0, 1.0)", "0")

#define MATH_UNARY_KERNEL(name, apply, meaning, argument, result) \
    WR_UNARY_KERNEL(math_##name, double, double, apply)
#define MATH_BINARY_KERNEL(name, apply, signature, meaning, example, result) \
    WR_BINARY_KERNEL(math_##name##_of_two, double, double, double, apply)
MATH_UNARY_LIST(MATH_UNARY_KERNEL)
MATH_BINARY_LIST(MATH_BINARY_KERNEL)
WR_BINARY_KERNEL(math_round_to, double, int64_t, double, round_to)
WR_BINARY_KERNEL(math_truncate_to, double, int64_t, double, truncate_to)
WR_UNARY_KERNEL(math_same_bigint, int64_t, int64_t, same)
WR_UNARY_KERNEL(math_sign_bigint, int64_t, int64_t, sign_bigint)

#define MATH_UNARY_ENTRY(name_, apply, meaning_, argument, result_) \
    {.name = #name_, \
     .result = WR_TYPE_DOUBLE, \
     .args = {WR_TYPE_DOUBLE}, \
     .kernel = math_##name_, \
     .signature = #name_ "(x)", \
     .meaning = meaning_, \
     .example = #name_ "(" argument ")", \
     .example_result = result_},
#define MATH_BINARY_ENTRY(name_, apply, signature_, meaning_, example_, result_) \
    {.name = #name_, \
     .result = WR_TYPE_DOUBLE, \
     .args = {WR_TYPE_DOUBLE, WR_TYPE_DOUBLE}, \
     .kernel = math_##name_##_of_two, \
     .signature = signature_, \
     .meaning = meaning_, \
     .example = example_, \
     .example_result = result_},
/* Rounding a whole number changes nothing, and keeps it BIGINT. */
#define MATH_BIGINT_ENTRY(name_, kernel_, example_, result_) \
    { \
        .name = name_, .result = WR_TYPE_BIGINT, .args = {WR_TYPE_BIGINT}, .kernel = kernel_, \
        .signature = name_ "(x)", .meaning = "Of a whole number.", .example = example_, \
        .example_result = result_ \
    }
#define MATH_PLACES_ENTRY(name_, kernel_, meaning_, example_, result_) \
    { \
        .name = name_, .result = WR_TYPE_DOUBLE, .args = {WR_TYPE_DOUBLE, WR_TYPE_BIGINT}, \
        .kernel = kernel_, .signature = name_ "(x, n)", .meaning = meaning_, .example = example_, \
        .example_result = result_ \
    }

static const wr_function math_entries[] = {
    MATH_BIGINT_ENTRY("ceil", math_same_bigint, "ceil(2)", "2"),
    MATH_BIGINT_ENTRY("ceiling", math_same_bigint, "ceiling(2)", "2"),
    MATH_BIGINT_ENTRY("floor", math_same_bigint, "floor(2)", "2"),
    MATH_BIGINT_ENTRY("round", math_same_bigint, "round(2)", "2"),
    MATH_BIGINT_ENTRY("trunc", math_same_bigint, "trunc(2)", "2"),
    MATH_BIGINT_ENTRY("truncate", math_same_bigint, "truncate(2)", "2"),
    MATH_BIGINT_ENTRY("sign", math_sign_bigint, "sign(-7)", "-1"),
    MATH_UNARY_LIST(MATH_UNARY_ENTRY) MATH_BINARY_LIST(MATH_BINARY_ENTRY)
        MATH_PLACES_ENTRY("round", math_round_to, "Rounded to n decimals, halves away from 0.",
                          "round(95.745, 2)", "95.75"),
    MATH_PLACES_ENTRY("trunc", math_truncate_to, "Cut to n decimals.", "trunc(95.749, 2)", "95.74"),
    MATH_PLACES_ENTRY("truncate", math_truncate_to, "Cut to n decimals.", "truncate(95.749, 2)",
                      "95.74"),
    {.name = "pi",
     .result = WR_TYPE_DOUBLE,
     .kernel = math_pi,
     .signature = "pi()",
     .meaning = "The constant.",
     .example = "pi()",
     .example_result = "3.141592653589793"},
};

const wr_function_table wr_functions_math = WR_TABLE(math_entries);
