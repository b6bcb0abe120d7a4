/* JSON numbers: grammar, integers at their borders, doubles rounded as the C library rounds. */
#include "connectors/formats/json_number.h"
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

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(grammar),
        cmocka_unit_test(integers),
        cmocka_unit_test(doubles),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
