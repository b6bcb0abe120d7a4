/* DECIMAL: texts, scales, the types of its arithmetic. */
#include "core/decimal.h"

#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

static wr_type
decimal(int precision, int scale)
{
    return (wr_type){
        .id = WR_TYPE_DECIMAL, .precision = (uint8_t)precision, .scale = (uint8_t)scale};
}

/* `input` as `type` prints as `expected`; NULL: it is refused. */
static void
reads(const char *input, wr_type type, const char *expected)
{
    wr_int128 value = 0;
    bool ok = wr_text_to_decimal(wr_text_from(input), type, &value);
    assert_int_equal(ok, expected != NULL);
    if (expected != NULL) {
        char out[WR_DECIMAL_TEXT_MAX + 1];
        out[wr_decimal_to_text(value, type.scale, out)] = '\0';
        assert_string_equal(out, expected);
    }
}

#define NINES_19 "9999999999999999999"

static void
texts(void **state)
{
    (void)state;
    reads("1.5", decimal(4, 2), "1.50");
    reads("-0.005", decimal(4, 2), "-0.01");
    reads("0.00499999", decimal(4, 2), "0.00");
    reads("-0", decimal(4, 2), "0.00");
    reads(".5", decimal(1, 0), "1");
    reads("12.", decimal(2, 0), "12");
    reads("+1.5e3", decimal(6, 1), "1500.0");
    reads("1500E-3", decimal(6, 1), "1.5");
    reads("5e-3", decimal(4, 2), "0.01");
    reads("5e-4", decimal(4, 2), "0.00");
    reads("99.994", decimal(4, 2), "99.99");
    reads("0e999999999999999999999999", decimal(4, 2), "0.00");
    reads("1e-999999999999999999999999", decimal(4, 2), "0.00");
    reads(NINES_19 NINES_19, decimal(38, 0), NINES_19 NINES_19);
    reads("-0." NINES_19 NINES_19, decimal(38, 38), "-0." NINES_19 NINES_19);
}

static void
texts_refused(void **state)
{
    (void)state;
    static const char *const bad[] = {
        "",   "-",   ".",   "1.2.3", "1e",    "1e+", "e1",  " 1",     "1 ",
        "1x", "--1", "NaN", "0x1",   "1e1.0", "100", "1e2", "99.995", "1e999999999999999999999999"};
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        reads(bad[i], decimal(4, 2), NULL);
    }
    reads(NINES_19 NINES_19 ".5", decimal(38, 0), NULL);
    reads("1" NINES_19 NINES_19, decimal(38, 0), NULL);
}

static void
texts_read_back(void **state)
{
    (void)state;
    wr_int128 value = 1;
    for (int i = 0; i < 2000; i++) {
        value = wr_decimal_fits(value, 36) ? value * -7 + i : i + 1;
        int scale = i % 39;
        char out[WR_DECIMAL_TEXT_MAX];
        wr_text text = {out, wr_decimal_to_text(value, scale, out)};
        wr_int128 back = 0;
        assert_true(wr_text_to_decimal(text, decimal(38, scale), &back));
        assert_true(back == value);
    }
}

static void
scales(void **state)
{
    (void)state;
    wr_int128 out = 0;
    assert_true(wr_decimal_rescale(-125, 2, decimal(3, 1), &out) && out == -13);
    assert_true(wr_decimal_rescale(124, 2, decimal(3, 1), &out) && out == 12);
    assert_true(wr_decimal_rescale(15, 1, decimal(5, 3), &out) && out == 1500);
    assert_true(wr_decimal_rescale(0, 0, decimal(38, 38), &out) && out == 0);
    assert_false(wr_decimal_rescale(995, 1, decimal(2, 0), &out));
    assert_false(wr_decimal_rescale(1, 0, decimal(38, 38), &out));
    assert_false(wr_decimal_rescale(100, 0, decimal(38, 37), &out));
}

static void
has_result(char op, wr_type a, wr_type b, wr_type expected)
{
    assert_true(wr_type_equal(wr_decimal_result(op, a, b), expected));
}

static void
result_types(void **state)
{
    (void)state;
    has_result('+', decimal(10, 2), decimal(5, 1), decimal(11, 2));
    has_result('-', decimal(5, 4), decimal(5, 0), decimal(10, 4));
    has_result('*', decimal(10, 2), decimal(5, 1), decimal(16, 3));
    has_result('/', decimal(10, 2), decimal(5, 1), decimal(17, 8));
    has_result('/', decimal(3, 0), decimal(2, 0), decimal(9, 6));
    has_result('%', decimal(10, 2), decimal(5, 3), decimal(5, 3));
    has_result('+', decimal(38, 10), decimal(38, 10), decimal(38, 9));
    has_result('*', decimal(38, 10), decimal(38, 10), decimal(38, 6));
    has_result('*', decimal(38, 2), decimal(38, 2), decimal(38, 4));
    has_result('/', decimal(38, 2), decimal(20, 0), decimal(38, 6)); /* avg of DECIMAL(p,2) */
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(texts),           cmocka_unit_test(texts_refused),
        cmocka_unit_test(texts_read_back), cmocka_unit_test(scales),
        cmocka_unit_test(result_types),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
