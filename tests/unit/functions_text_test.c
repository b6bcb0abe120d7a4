/* Functions of text, and mathematics. */
#include "core/text.h"
#include "functions/function.h"
#include "tests/unit/function_tools.h"

static const char domain[] = "error: argument outside the function's domain";

static void
lengths_and_positions(void **state)
{
    (void)state;
    check("length", "6",
          text("stra\xC3\x9F"
               "e"));
    check("length", "0", text(""));
    check("length", "3", bytes("\xFF\xFE\xFD"));
    check("octet_length", "7",
          text("stra\xC3\x9F"
               "e"));
    check("position", "5", text("\xC3\x9F"),
          text("stra\xC3\x9F"
               "e"));
    check("position", "0", text("x"), text("hello"));
    check("position", "1", text(""), text("hello"));
    check("strpos", "6",
          text("stra\xC3\x9F"
               "e"),
          text("e"));
    check("ascii", "223", text("\xC3\x9F"));
    check("ascii", "128512", text("\xF0\x9F\x98\x80"));
    check("ascii", "0", text(""));
    check("chr", "\xC3\x9F", big(223));
    check("chr", "\xF0\x9F\x98\x80", big(128512));
    check("chr", "\xE2\x82\xAC", big(0x20AC));
    check("chr", domain, big(0));
    check("chr", domain, big(0xD800));
}

static void
cases_and_tests(void **state)
{
    (void)state;
    check("lower",
          "\xC3\xA4"
          "bc",
          text("\xC3\x84"
               "Bc"));
    check("upper",
          "\xC3\x84"
          "BC",
          text("\xC3\xA4"
               "bC"));
    check("upper", "SERVER-000989.EXAMPLE", text("server-000989.example"));
    check("upper", "NULL", null_of(WR_TYPE_TEXT));
    check("starts_with", "true", text("hello"), text("he"));
    check("starts_with", "false", text("he"), text("hello"));
    check("ends_with", "true", text("server-000989.example"), text("example"));
    check("ends_with", "false", text("e"), text("he"));
    check("contains", "true", text("server-000989.example"), text("0989"));
    check("contains", "true", text("x"), text(""));
    check("contains", "false", text("aab"), text("aaab"));
    check("contains", "true", text("aaaab"), text("aab"));
}

static void
parts(void **state)
{
    (void)state;
    const value hello = text("h\xC3\xA9llo");
    check("substr", "\xC3\xA9l", hello, big(2), big(2));
    check("substr", "llo", hello, big(3));
    check("substr", "", hello, big(9));
    check("substr", "h", hello, big(-1), big(3));
    check("substr", "", hello, big(2), big(0));
    check("substr", domain, hello, big(2), big(-1));
    check("substr", "\xC3\xA9llo", hello, big(2), big(INT64_MAX));
    check("substring", "h\xC3\xA9llo", hello, big(INT64_MIN + 1));
    check("left", "h\xC3\xA9", hello, big(2));
    check("left", "h\xC3\xA9l", hello, big(-2));
    check("left", "", hello, big(INT64_MIN));
    check("right", "lo", hello, big(2));
    check("right", "llo", hello, big(-2));
    check("right", "h\xC3\xA9llo", hello, big(99));
    check("trim", "a b", text("  a b "));
    check("trim", "", text("   "));
    check("trim", "a",
          text("\xC3\xA9x\xC3\xA9"
               "a\xC3\xA9"),
          text("x\xC3\xA9"));
    check("ltrim", "a ", text(" a "));
    check("rtrim", " a", text(" a "));
    check("btrim", "a", text("xax"), text("x"));
    check("split_part", "b", text("a,b,c"), text(","), big(2));
    check("split_part", "c", text("a,b,c"), text(","), big(-1));
    check("split_part", "", text("a,b,c"), text(","), big(4));
    check("split_part", "", text("a,b,c"), text(","), big(-4));
    check("split_part", domain, text("a"), text(","), big(0));
    check("split_part", "a", text("a"), text(""), big(1));
}

static void
new_texts(void **state)
{
    (void)state;
    const value null = null_of(WR_TYPE_TEXT);
    check("||", "ab", text("a"), text("b"));
    check("||", "server-000989.example", text("server-000989"), text(".example"));
    check("||", "NULL", text("a"), null);
    check("concat", "ab", text("a"), null, text("b"));
    check("concat", "", null);
    check("concat", "error: cannot be cast", text("a"), error_of(WR_TYPE_TEXT, WR_REASON_CAST));
    check("concat_ws", "a,b", text(","), text("a"), null, text("b"));
    check("concat_ws", "NULL", null, text("a"), text("b"));
    check("replace", "heLLo", text("hello"), text("l"), text("L"));
    check("replace", "hello", text("hello"), text(""), text("L"));
    check("replace", "heo", text("hello"), text("l"), text(""));
    check("replace", "hexyzxyzo", text("hello"), text("l"), text("xyz"));
    check("repeat", "ababab", text("ab"), big(3));
    check("repeat", "", text("ab"), big(-3));
    check("repeat", "error: too large", text("ab"), big(INT64_MAX));
    check("reverse", "oll\xC3\xA9h", text("h\xC3\xA9llo"));
    check("lpad", "007", text("7"), big(3), text("0"));
    check("lpad", "12", text("123"), big(2));
    check("lpad", "xyxya", text("a"), big(5), text("xy"));
    check("rpad", "a\xC3\xA9\xC3\xA9", text("a"), big(3), text("\xC3\xA9"));
    check("rpad", "a", text("a"), big(3), text(""));
    check("rpad", "error: too large", text("a"), big(INT64_MAX), text("x"));
    check("lpad", "", text("a"), big(-3));
}

static void
mathematics(void **state)
{
    (void)state;
    check("ceil", "2", real(1.2));
    check("floor", "-2", real(-1.2));
    check("round", "3", real(2.5));
    check("round", "-3", real(-2.5));
    check("trunc", "-1", real(-1.8));
    check("round", "7", big(7));
    check("sign", "-1", big(-7));
    check("sign", "NaN", real((double)NAN));
    check("sqrt", "1.5", real(2.25));
    check("sqrt", "NaN", real(-1));
    check("ln", "-Infinity", real(0));
    check("power", "1024", real(2), real(10));
    check("log", "3", real(2), real(8));
    check("mod", "1.5", real(7.5), real(2));
    check("mod", "1", big(7), big(3));
    check("sind", "0.5", real(-330));
    check("cosd", "NaN", real((double)INFINITY));
    check("atan2d", "-135", real(-2), real(-2));
    check("coth", "-1", real(-1000));
}

static void
rounding(void **state)
{
    (void)state;
    check("round", "95.75", real(95.745), big(2));
    check("round", "1.01", real(1.005), big(2));
    check("round", "-1.01", real(-1.005), big(2));
    check("round", "100", real(99.96), big(1));
    check("round", "100", real(99.5), big(0));
    check("round", "1200", real(1249.99), big(-2));
    check("round", "100", real(50), big(-2));
    check("round", "0", real(49.99), big(-2));
    check("round", "0", real(49.99), big(-3));
    check("round", "0", real(1e-300), big(5));
    check("round", "1e+300", real(1e300), big(5));
    check("round", "1.5", real(1.5), big(INT64_MAX));
    check("round", "0", real(1e300), big(INT64_MIN));
    check("round", "NaN", real((double)NAN), big(2));
    check("trunc", "95.74", real(95.749), big(2));
    check("trunc", "-95.7", real(-95.749), big(1));
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(lengths_and_positions),
        cmocka_unit_test(cases_and_tests),
        cmocka_unit_test(parts),
        cmocka_unit_test(new_texts),
        cmocka_unit_test(mathematics),
        cmocka_unit_test(rounding),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
