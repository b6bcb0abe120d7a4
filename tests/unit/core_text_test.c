/* Text, UTF-8, numbers, errors, types. */
#include "core/error.h"
#include "core/text.h"
#include "core/type.h"
#include "tests/lib/random.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

static wr_text
text(const char *s)
{
    return wr_text_from(s);
}

static void
comparisons(void **state)
{
    (void)state;
    assert_true(wr_text_equal(text(""), WR_TEXT_NONE));
    assert_true(wr_text_equal_nocase(text("HOST"), text("host")));
    assert_false(wr_text_equal_nocase(text("HO[T"), text("ho{t")));
    assert_true(wr_text_compare(text("a"), text("ab")) < 0);
    assert_true(wr_text_compare(text("\xC3\xA9"), text("z")) > 0);
    assert_int_equal(wr_text_compare(text("ab"), text("ab")), 0);
    assert_true(wr_text_starts_with(text("host"), text("ho")));
    assert_false(wr_text_starts_with(text("ho"), text("host")));
    assert_int_equal(wr_text_trim(text(" \t\r\n ")).size, 0);
    assert_true(wr_text_equal(wr_text_trim(text(" a b ")), text("a b")));
}

static void
distances(void **state)
{
    (void)state;
    assert_int_equal(wr_text_distance(text("host"), text("HOST"), 3), 0);
    assert_int_equal(wr_text_distance(text("hots"), text("host"), 3), 1);
    assert_int_equal(wr_text_distance(text("kitten"), text("sitting"), 9), 3);
    assert_int_equal(wr_text_distance(text("kitten"), text("sitting"), 2), 3);
    assert_int_equal(wr_text_distance(text(""), text("abc"), 9), 3);
    assert_int_equal(wr_text_distance(text("abc"), text(""), 9), 3);
    const wr_text names[] = {WR_TEXT("ts"), WR_TEXT("host"), WR_TEXT("value")};
    assert_int_equal(wr_text_nearest(text("hots"), names, 3), 1);
    assert_int_equal(wr_text_nearest(text("vlaue"), names, 3), 2);
    assert_int_equal(wr_text_nearest(text("temperature"), names, 3), -1);
    assert_int_equal(wr_text_nearest(text("x"), names, 3), -1);
}

static void
utf8(void **state)
{
    (void)state;
    const char *good[] = {"",
                          "abc",
                          "\xC2\x80",
                          "\xE0\xA0\x80",
                          "\xED\x9F\xBF",
                          "\xEE\x80\x80",
                          "\xF0\x90\x80\x80",
                          "\xF4\x8F\xBF\xBF",
                          "0123456789abcdef\xC3\xA9"};
    for (size_t i = 0; i < sizeof(good) / sizeof(good[0]); i++) {
        assert_true(wr_utf8_valid(good[i], strlen(good[i])));
    }
    const char *bad[] = {"\x80",
                         "\xC0\x80",
                         "\xC1\xBF",
                         "\xE0\x9F\xBF",
                         "\xED\xA0\x80",
                         "\xF0\x8F\xBF\xBF",
                         "\xF4\x90\x80\x80",
                         "\xF5\x80\x80\x80",
                         "\xFF",
                         "\xC3",
                         "\xE2\x82",
                         "\xF0\x9F\x98",
                         "\xC3(",
                         "\xE2(\xA1"};
    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
        assert_false(wr_utf8_valid(bad[i], strlen(bad[i])));
        assert_int_equal(wr_utf8_valid_prefix(bad[i], strlen(bad[i])), 0);
    }
    assert_int_equal(wr_utf8_valid_prefix("0123456789abcdefgh\xC3\xA9\xFFx", 22), 20);
}

/* Every code point, encoded by hand, is valid exactly when it is no surrogate. */
static void
utf8_code_points(void **state)
{
    (void)state;
    for (unsigned c = 0x800; c < 0x10000; c += 7) {
        char bytes[3] = {(char)(0xE0 | c >> 12), (char)(0x80 | (c >> 6 & 63)),
                         (char)(0x80 | (c & 63))};
        assert_int_equal(wr_utf8_valid(bytes, 3), c < 0xD800 || c > 0xDFFF);
    }
}

static void
integers(void **state)
{
    (void)state;
    const int64_t values[] = {0, 1, -1, 42, INT64_MAX, INT64_MIN, INT64_MAX - 1, -1000000};
    for (size_t i = 0; i < sizeof(values) / sizeof(values[0]); i++) {
        char out[WR_INT64_TEXT_MAX];
        int64_t back = 7;
        assert_true(wr_text_to_int64((wr_text){out, wr_int64_to_text(values[i], out)}, &back));
        assert_true(back == values[i]);
    }
    int64_t value = 0;
    assert_true(wr_text_to_int64(text("+007"), &value) && value == 7);
    const char *bad[] = {"",
                         "-",
                         "+",
                         "1 ",
                         " 1",
                         "1.0",
                         "1e3",
                         "9223372036854775808",
                         "-9223372036854775809",
                         "99999999999999999999",
                         "0x1",
                         "--1"};
    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
        assert_false(wr_text_to_int64(text(bad[i]), &value));
    }
}

static void
double_texts(void **state)
{
    (void)state;
    const struct {
        double value;
        const char *shown;
    } cases[] = {{95.74, "95.74"},
                 {1e300, "1e+300"},
                 {1, "1"},
                 {100000, "100000"},
                 {0.1, "0.1"},
                 {1e-5, "1e-05"},
                 {1e15, "1000000000000000"},
                 {1e16, "1e+16"},
                 {5e-324, "5e-324"},
                 {1.7976931348623157e308, "1.7976931348623157e+308"},
                 {-0.0, "-0"},
                 {(double)NAN, "NaN"},
                 {(double)INFINITY, "Infinity"},
                 {-(double)INFINITY, "-Infinity"}};
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        char out[WR_DOUBLE_TEXT_MAX + 1];
        out[wr_double_to_text(cases[i].value, out)] = '\0';
        assert_string_equal(out, cases[i].shown);
    }
}

static void
doubles_read_back(void **state)
{
    (void)state;
    for (int i = 0; i < 200000; i++) {
        uint64_t bits = random_next();
        double value = 0;
        double back = 0;
        memcpy(&value, &bits, sizeof(value));
        char out[WR_DOUBLE_TEXT_MAX];
        size_t size = wr_double_to_text(value, out);
        assert_true(size <= WR_DOUBLE_TEXT_MAX);
        assert_true(wr_text_to_double((wr_text){out, size}, &back));
        assert_true(isnan(value) ? isnan(back) : memcmp(&value, &back, sizeof(back)) == 0);
    }
}

static void
doubles_parse_strictly(void **state)
{
    (void)state;
    double value = 0;
    assert_true(wr_text_to_double(text("1e400"), &value) && isinf(value) && value > 0);
    assert_true(wr_text_to_double(text("-1e400"), &value) && isinf(value) && value < 0);
    assert_true(wr_text_to_double(text("1e-400"), &value) && value == 0);
    assert_true(wr_text_to_double(text("-inf"), &value) && isinf(value) && value < 0);
    assert_true(wr_text_to_double(text("+Infinity"), &value) && isinf(value));
    assert_true(wr_text_to_double(text("nAn"), &value) && isnan(value));
    assert_true(wr_text_to_double(text(".5"), &value) && value == 0.5);
    assert_true(wr_text_to_double(text("5."), &value) && value == 5);
    assert_true(wr_text_to_double(text("9007199254740993"), &value) && value == 9007199254740992.0);
    const char *bad[] = {"",      "-",   ".",   "e5",  "1e",       "1e+",    "1 ", " 1",
                         "0x1p3", "1,5", "--1", "+-1", "infinite", "nan(1)", "1f"};
    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
        assert_false(wr_text_to_double(text(bad[i]), &value));
    }
}

static void
errors_are_safe_to_show(void **state)
{
    (void)state;
    wr_error err;
    assert_int_equal(wr_error_set(NULL, WR_ERR_SQL, "E0101", "x"), WR_ERR_SQL);
    assert_int_equal(wr_error_set(&err, WR_ERR_SQL, "E0203", "no \x1b[1m\n\xFF\xC3\xA9"),
                     WR_ERR_SQL);
    assert_string_equal(err.message, "no \\x1b[1m\\n\\xff\xC3\xA9");
    assert_int_equal(err.position, -1);
    wr_error_detail(&err, "one\ntwo");
    assert_string_equal(err.detail, "one\ntwo");
    wr_error_at(&err, 3, 0);
    assert_int_equal(err.length, 1);
    char longer[2000];
    for (size_t i = 0; i + 1 < sizeof(longer); i += 2) {
        memcpy(longer + i, "\xC3\xA9", 2);
    }
    longer[sizeof(longer) - 1] = '\0';
    wr_error_set(&err, WR_ERR_SQL, "E0101", "x%s", longer);
    assert_true(strlen(err.message) < WR_ERROR_MESSAGE_MAX);
    assert_true(wr_utf8_valid(err.message, strlen(err.message)));
    assert_string_equal(err.message + strlen(err.message) - 3, "\xE2\x80\xA6");
    assert_string_equal(wr_error_find("e0203")->title, "no such column");
    assert_null(wr_error_find("E9999"));
}

static void
types(void **state)
{
    (void)state;
    char name[40];
    wr_type type;
    assert_true(wr_type_from_word(text("integer"), &type));
    assert_string_equal(wr_type_name(type, name), "INT");
    assert_true(wr_type_from_word(text("double precision"), &type));
    assert_int_equal(type.id, WR_TYPE_DOUBLE);
    assert_false(wr_type_from_word(text("blurb"), &type));
    assert_string_equal(
        wr_type_name((wr_type){.id = WR_TYPE_DECIMAL, .precision = 10, .scale = 2}, name),
        "DECIMAL(10,2)");
    assert_true(wr_type_equal(WR_TYPE(BIGINT), (wr_type){.id = WR_TYPE_BIGINT, .bits = 64}));
    assert_false(wr_type_equal(WR_TYPE(BIGINT), (wr_type){.id = WR_TYPE_BIGINT, .bits = 32}));
    assert_int_equal(wr_type_width(WR_TYPE_DATE), 4);
    assert_true(wr_type_is_view(WR_TYPE_JSON) && !wr_type_is_view(WR_TYPE_INTERVAL));
    assert_true(wr_type_is_numeric(WR_TYPE_BIGINT) && !wr_type_is_numeric(WR_TYPE_TEXT));
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(comparisons),
        cmocka_unit_test(distances),
        cmocka_unit_test(utf8),
        cmocka_unit_test(utf8_code_points),
        cmocka_unit_test(integers),
        cmocka_unit_test(double_texts),
        cmocka_unit_test(doubles_read_back),
        cmocka_unit_test(doubles_parse_strictly),
        cmocka_unit_test(types),
        cmocka_unit_test(errors_are_safe_to_show),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
