/* Trigonometry in degrees, exact where the answer is a short number.
 *
 *   sind(30) = 0.5   cosd(60) = 0.5   tand(45) = 1   sind(180) = 0     asind(0.5) = 30
 *
 * sin(180 π/180) is 1.2e-16, since π is rounded. So an angle is first folded into 0 … 90°, which is
 * exact in degrees; there sine and cosine are scaled so that 30°, 60° and 90° are met, and the
 * inverse functions likewise.
 *
 * 1. NaN and infinite angles give NaN; so does an inverse function outside of its domain. */
#include "functions/kernel.h"

#include <math.h>

#define RADIANS_PER_DEGREE (3.14159265358979323846 / 180)

static double
sine_to_30(double x)
{
    return sin(x * RADIANS_PER_DEGREE) / sin(30 * RADIANS_PER_DEGREE) / 2;
}

/* By what is missing to 1, which keeps more digits near 0. */
static double
cosine_to_60(double x)
{
    return 1 - (1 - cos(x * RADIANS_PER_DEGREE)) / (1 - cos(60 * RADIANS_PER_DEGREE)) / 2;
}

static double
sine_to_90(double x)
{
    return x <= 30 ? sine_to_30(x) : cosine_to_60(90 - x);
}

static double
cosine_to_90(double x)
{
    return x <= 60 ? cosine_to_60(x) : sine_to_30(90 - x);
}

/* An angle folded into the first quadrant, and the signs of sine and cosine where it was. */
typedef struct folded_angle {
    double degrees;
    int sine_sign, cosine_sign;
} folded_angle;

static folded_angle
angle_fold(double x)
{
    folded_angle angle = {fmod(x, 360), 1, 1};
    if (angle.degrees < 0) {
        angle.degrees = -angle.degrees;
        angle.sine_sign = -1;
    }
    if (angle.degrees > 180) {
        angle.degrees = 360 - angle.degrees;
        angle.sine_sign = -angle.sine_sign;
    }
    if (angle.degrees > 90) {
        angle.degrees = 180 - angle.degrees;
        angle.cosine_sign = -1;
    }
    return angle;
}

static double
sine(double x)
{
    folded_angle angle = angle_fold(x);
    return angle.sine_sign * sine_to_90(angle.degrees) + 0.0; /* no −0 */
}

static double
cosine(double x)
{
    folded_angle angle = angle_fold(x);
    return angle.cosine_sign * cosine_to_90(angle.degrees) + 0.0;
}

static double
tangent(double x)
{
    folded_angle angle = angle_fold(x);
    double of_45 = sine_to_90(45) / cosine_to_90(45);
    double tan_to_90 = sine_to_90(angle.degrees) / cosine_to_90(angle.degrees) / of_45;
    return angle.sine_sign * angle.cosine_sign * tan_to_90 + 0.0;
}

static double
cotangent(double x)
{
    folded_angle angle = angle_fold(x);
    double of_45 = cosine_to_90(45) / sine_to_90(45);
    double cot_to_90 = cosine_to_90(angle.degrees) / sine_to_90(angle.degrees) / of_45;
    return angle.sine_sign * angle.cosine_sign * cot_to_90 + 0.0;
}

/* ── inverse functions ──────────────────────────────────────────────────────────────────────── */

/* Both meet 30° at 0.5, and so each other. */
static double
arc_sine_to_half(double x)
{
    return asin(x) / asin(0.5) * 30;
}

static double
arc_cosine_from_half(double x)
{
    return acos(x) / acos(0.5) * 60;
}

static double
arc_sine(double x)
{
    double size = fabs(x);
    double degrees = size <= 0.5 ? arc_sine_to_half(size) : 90 - arc_cosine_from_half(size);
    return copysign(degrees, x);
}

static double
arc_cosine(double x)
{
    double size = fabs(x);
    double degrees = size <= 0.5 ? 90 - arc_sine_to_half(size) : arc_cosine_from_half(size);
    return x < 0 ? 180 - degrees : degrees;
}

static double
arc_tangent(double x)
{
    return atan(x) / atan(1.0) * 45;
}

static double
arc_tangent_of_two(double y, double x)
{
    return atan2(y, x) / atan(1.0) * 45;
}

/* X(name, function, meaning, argument, result) */
#define DEGREES_LIST(X) \
    X(sind, sine, "Sine of degrees.", "30.0", "0.5") \
    X(cosd, cosine, "Cosine of degrees.", "60.0", "0.5") \
    X(tand, tangent, "Tangent of degrees.", "45.0", "1") \
    X(cotd, cotangent, "Cotangent of degrees.", "45.0", "1") \
    X(asind, arc_sine, "Arc sine in degrees.", "0.5", "30") \
    X(acosd, arc_cosine, "Arc cosine in degrees.", "0.5", "60") \
    X(atand, arc_tangent, "Arc tangent in degrees.", "1.0", "45")

#define DEGREES_KERNEL(name, apply, meaning, argument, result) \
    WR_UNARY_KERNEL(degrees_##name, double, double, apply)
DEGREES_LIST(DEGREES_KERNEL)
WR_BINARY_KERNEL(degrees_atan2d, double, double, double, arc_tangent_of_two)

#define DEGREES_ENTRY(name_, apply, meaning_, argument, result_) \
    {.name = #name_, \
     .result = WR_TYPE_DOUBLE, \
     .args = {WR_TYPE_DOUBLE}, \
     .kernel = degrees_##name_, \
     .signature = #name_ "(x)", \
     .meaning = meaning_, \
     .example = #name_ "(" argument ")", \
     .example_result = result_},

static const wr_function degrees_entries[] = {
    DEGREES_LIST(DEGREES_ENTRY){.name = "atan2d",
                                .result = WR_TYPE_DOUBLE,
                                .args = {WR_TYPE_DOUBLE, WR_TYPE_DOUBLE},
                                .kernel = degrees_atan2d,
                                .signature = "atan2d(y, x)",
                                .meaning = "The angle of a point in degrees.",
                                .example = "atan2d(1.0, 1.0)",
                                .example_result = "45"},
};

const wr_function_table wr_functions_degrees = WR_TABLE(degrees_entries);
