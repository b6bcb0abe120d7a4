/* JSON numbers: grammar, integers at their borders, doubles rounded as the C library rounds. */
#include "connectors/formats/json_numbers.h"
#include "core/text.h"
#include "tests/lib/random.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

enum { RANDOM_NUMBERS = 200000 };

/* Reads text from a block with the padding that readers are promised. */
static bool
read_number(const char *text, wr_json_number *number)
{
    static char block[512];
    size_t size = strlen(text);
    assert_true(size + 64 < sizeof block);
    memset(block, '9', sizeof block); /* digits behind the end must not be taken */
    memcpy(block, text, size);
    return wr_json_number_read(block, block + size, number) && number->end == block + size;
}

static void
grammar(void **state)
{
    (void)state;
    static const char *const good[] = {"0",   "-0",   "0.0",   "10",    "1e5",  "1E+5",
                                       "1e-5", "0e0", "12.50", "-1.5e3", "1e999999999999999999999"};
    static const char *const bad[] = {"",    "-",   "+1",  "01",  "-01", "1.", ".5",  "1e",
                                      "1e+", "0x1", "1_0", "1,0", "NaN", "--1", "1.e1", "1.5.1"};
    wr_json_number number;
    for (size_t i = 0; i < sizeof good / sizeof *good; i++) {
        assert_true(read_number(good[i], &number));
    }
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        assert_false(read_number(bad[i], &number));
    }
}

static void
check_integer(const char *text, bool is_integer, int64_t expected)
{
    wr_json_number number;
    int64_t value = 0;
    assert_true(read_number(text, &number));
    assert_int_equal(wr_json_number_int64(&number, &value), is_integer);
    if (is_integer) {
        assert_int_equal(value, expected);
    }
}

static void
integers(void **state)
{
    (void)state;
    check_integer("0", true, 0);
    check_integer("-0", true, 0);
    check_integer("12345678", true, 12345678);
    check_integer("123456789012345678", true, 123456789012345678);
    check_integer("9223372036854775807", true, INT64_MAX);
    check_integer("-9223372036854775808", true, INT64_MIN);
    check_integer("9223372036854775808", false, 0);
    check_integer("-9223372036854775809", false, 0);
    check_integer("18446744073709551616", false, 0);
    check_integer("100000000000000000000000000", false, 0);
    check_integer("1.0", true, 1);
    check_integer("-1.5e1", true, -15);
    check_integer("1.5", false, 0);
    check_integer("9.3e18", false, 0);
    check_integer("1e400", false, 0);
}

static void
check_double(const char *text)
{
    wr_json_number number;
    if (!read_number(text, &number)) {
        fail_msg("%s was refused", text);
    }
    double expected = strtod(text, NULL);
    double value = wr_json_number_double(&number);
    if (memcmp(&value, &expected, sizeof value) != 0) {
        fail_msg("%s: %.17g, expected %.17g", text, value, expected);
    }
}

static void
doubles(void **state)
{
    (void)state;
    static const char *const texts[] = {
        "95.74", "0.1", "1e22", "1e23", "9007199254740993", "9007199254740992", "123456789.123456",
        "0.000001234567890123456789", "2.2250738585072011e-308", "4.9e-324", "1e-400", "1e400",
        "-1e400", "179769313486231580793728971405301e276", "0.00000000000000000000000001", "-0.0",
        "7.2057594037927933e16", "1.7976931348623157e308"};
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
        check_double(texts[i]);
    }
    for (int i = 0; i < RANDOM_NUMBERS; i++) {
        uint64_t random = random_next();
        char text[64];
        int digits = (int)(random >> 58) % 20;
        (void)snprintf(text, sizeof text, "%s%llu.%0*llue%d", random & 1 ? "-" : "",
                       (unsigned long long)(random % 1000000007), digits,
                       (unsigned long long)(random >> 30), (int)(random >> 20 & 63) - 32);
        check_double(text);
        (void)snprintf(text, sizeof text, "%.2f", (double)(random % 10000000) / 100);
        check_double(text);
    }
}

/* Where a number with an exponent stands: the short way takes it, or leaves it to the long one, and
 * either gives what the C library gives. */
static void
check_scaled(const char *text, bool is_short)
{
    char block[128];
    size_t size = strlen(text), sign = text[0] == '-';
    assert_true(size + 64 < sizeof block);
    memset(block, ' ', sizeof block);
    memcpy(block, text, size);
    const char *at = block, *end = block + size;
    decimal number = decimal_read(block + sign);
    unsigned width = 0;
    double magnitude = 0, value = 0, expected = strtod(text, NULL);
    if (decimal_scaled(block + sign, &number, end, &magnitude, &width) != is_short) {
        fail_msg("%s: the short way %s it", text, is_short ? "refuses" : "takes");
    }
    if (is_short) {
        assert_int_equal(sign + width, size);
    }
    assert_true(json_double_read(&at, end, &value));
    assert_ptr_equal(at, end);
    if (memcmp(&value, &expected, sizeof value) != 0) {
        fail_msg("%s: %.17g, expected %.17g", text, value, expected);
    }
}

static void
scaled(void **state)
{
    (void)state;
    static const char *const by_short[] = {
        "1e0",   "1E+5",  "1.5e-3", "-1.5E-3", "123456789012345e22", "1e22",  "1e-22",
        "-0e5",  "0.0e0", "0e22",   "1e00",    "1e05",               "9.99e9", "-0.0e-3"};
    static const char *const by_long[] = {"9007199254740993e1", "1e23",  "1e-23", "1e-99", "1e99",
                                          "1e005", "1.5e-22", "1234567890123456e2", "1e308",
                                          "0.000001e-20"};
    static const char *const bad[] = {"1e", "1e+", "1E-", "01e1", "-01e1", "1.e1", "1e 5", "e1"};
    for (size_t i = 0; i < sizeof by_short / sizeof *by_short; i++) {
        check_scaled(by_short[i], true);
    }
    for (size_t i = 0; i < sizeof by_long / sizeof *by_long; i++) {
        check_scaled(by_long[i], false);
    }
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        char block[128];
        memset(block, '1', sizeof block); /* digits behind the end must not be taken */
        memcpy(block, bad[i], strlen(bad[i]));
        const char *at = block, *end = block + strlen(bad[i]);
        double value;
        if (json_double_read(&at, end, &value) && at == end) {
            fail_msg("%s was taken", bad[i]);
        }
    }
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(grammar),
        cmocka_unit_test(integers),
        cmocka_unit_test(doubles),
        cmocka_unit_test(scaled),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
