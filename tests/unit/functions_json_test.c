/* JSON text and its functions; LIKE. */
#include "core/text.h"
#include "functions/function.h"
#include "functions/json_text.h"
#include "tests/unit/function_tools.h"

#include <stdlib.h>

static const char sample[] = "{\"a\": {\"b\": [1, null, {\"c\": \"x\\ny\"}]}, \"K\": 1, \"k\": 2, "
                             "\"\\u00e9\": true, \"n\": null}";

static void
access_by_key_and_index(void **state)
{
    (void)state;
    const value j = json(sample);
    check("->", "{\"b\": [1, null, {\"c\": \"x\\ny\"}]}", j, text("a"));
    check("->", "2", j, text("k"));
    check("->", "1", j, text("K"));
    check("->", "{\"b\": [1, null, {\"c\": \"x\\ny\"}]}", j, text("A"));
    check("->", "true", j, text("\xC3\xA9"));
    check("->", "NULL", j, text("zzz"));
    check("->", "NULL", j, text("n"));
    check("->", "NULL", j, big(0));
    check("->", "2", json("[1, 2]"), big(1));
    check("->", "2", json("[1, 2]"), big(-1));
    check("->", "1", json(" [1, 2]"), big(-2));
    check("->", "NULL", json("[1, 2]"), big(-3));
    check("->", "NULL", json("[1, 2]"), big(2));
    check("->", "NULL", json("[]"), big(0));
    check("->>", "x", json("[\"x\"]"), big(0));
    check("->>", "[1]", json("[[1]]"), big(0));
    check("->>", "NULL", json("[null]"), big(0));
    check("->>", "{}", json("{\"a\":{}}"), text("a"));
    check("->", "NULL", null_of(WR_TYPE_JSON), text("a"));
    check("->", "NULL", json("garbage"), text("a"));
    check("->", "NULL", json("{\"a\""), text("a"));
    check("->", "NULL", json(""), text("a"));
}

static void
paths(void **state)
{
    (void)state;
    const value j = json(sample);
    check("json_value", "1", j, text("$.a.b[0]"));
    check("json_value", "x\ny", j, text("$['a'].b[2].c"));
    check("json_value", "NULL", j, text("$.a.b"));
    check("json_value", "NULL", j, text("$.a.b[1]"));
    check("json_value", "2", j, text("k"));
    check("json_query", "[1, null, {\"c\": \"x\\ny\"}]", j, text("$.a.b"));
    check("json_exists", "true", j, text("$.a.b[1]"));
    check("json_exists", "false", j, text("$.a.b[9]"));
    check("json_exists", "false", j, text("$.a["));
    check("json_exists", "false", j, text("$..a"));
    check("json_exists", "true", j, text("$"));
    check("json_array_length", "2", json("[1, [2, 3]]"));
    check("json_array_length", "NULL", json("{}"));
    check("json_typeof", "number", json(" -1"));
}

static void
validity(void **state)
{
    (void)state;
    const char *good[] = {"1",
                          " [1 , 2] ",
                          "{}",
                          "[]",
                          "\"\"",
                          "-0.5e-3",
                          "[[],{\"a\":[{}]}]",
                          "true",
                          "null",
                          "{\"a\":1,\"b\":2}",
                          "\"\\u00e9\\\\\""};
    for (size_t i = 0; i < sizeof(good) / sizeof(good[0]); i++) {
        assert_true(wr_json_valid(wr_text_from(good[i])));
    }
    const char *bad[] = {"",         " ",     "01",    "1.",         ".5",  "+1",     "[1,]",
                         "{\"a\":}", "{a:1}", "[1 2]", "\"\\x\"",    "\"",  "\"\n\"", "tru",
                         "[",        "{",     "]",     "{\"a\":1,}", "1 2", "[}",     "\"\\u12\"",
                         "nullx",    "-",     "1e",    "NaN",        "[,1]"};
    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
        assert_false(wr_json_valid(wr_text_from(bad[i])));
    }
    char deep[2000];
    memset(deep, '[', 1000);
    memset(deep + 1000, ']', 1000);
    assert_false(wr_json_valid((wr_text){deep, 2000}));
    assert_true(wr_json_valid((wr_text){deep + 900, 200}));
}

/* Every prefix and every changed byte of a document is survived; what is valid stays findable. */
static void
broken_documents_are_survived(void **state)
{
    (void)state;
    size_t size = strlen(sample);
    char *copy = malloc(size);
    char *out = malloc(size);
    for (size_t cut = 0; cut <= size; cut++) {
        for (int byte = 0; byte < 256; byte += 15) {
            memcpy(copy, sample, size);
            if (cut < size) {
                copy[cut] = (char)byte;
            }
            wr_text document = {copy, byte == 0 ? cut : size};
            wr_text found;
            wr_json_valid(document);
            wr_json_count(document);
            wr_json_member(document, WR_TEXT("zz"), &found);
            wr_json_element(document, -1, &found);
            assert_true(wr_json_text_unescape(document, out) <= document.size);
        }
    }
    free(copy);
    free(out);
}

static void
like(void **state)
{
    (void)state;
    const char *yes[][2] = {
        {"hello", "hello"}, {"hello", "h%"},    {"hello", "%o"},     {"hello", "%ell%"},
        {"hello", "h%o"},   {"hello", "_ello"}, {"hello", "h_l_o"},  {"", ""},
        {"", "%"},          {"", "%%"},         {"abc", "%_%_%_%"},  {"h\xC3\xA9llo", "h_llo"},
        {"aXbXc", "a%X%c"}, {"aaa", "%a_"},     {"50%", "50\\%"},    {"a_b", "a\\_b"},
        {"abcabc", "%abc"}, {"\xC3\xA9", "_"},  {"a\xC3\xA9", "%_"}, {"mississippi", "m%iss%ip%i"},
    };
    const char *no[][2] = {
        {"hello", "Hello"}, {"hello", "hell"}, {"hello", "_hello"}, {"", "_"},
        {"ab", "%abc"},     {"ab", "a%ab"},    {"axb", "a\\%b"},    {"hello", "h%x%o"},
        {"ab", "%_%_%_%"},  {"hello", ""},     {"\xC3\xA9", "__"},
    };
    for (size_t i = 0; i < sizeof(yes) / sizeof(yes[0]); i++) {
        check("like", "true", text(yes[i][0]), text(yes[i][1]));
    }
    for (size_t i = 0; i < sizeof(no) / sizeof(no[0]); i++) {
        check("like", "false", text(no[i][0]), text(no[i][1]));
    }
    check("like", "true", text("50%"), text("50!%"), text("!"));
    check("like", "true", text("a\\b"), text("a\\b"), text(""));
    check("like", "NULL", text("a"), null_of(WR_TYPE_TEXT));
    check("ilike", "true", text("HELLO"), text("h%O"));
    check("ilike", "true",
          text("\xC3\x84"
               "B"),
          text("\xC3\xA4_"));
    check("ilike", "false", text("HELLO"), text("x%"));
}

/* A constant pattern that is none is told when the plan is made, others mark their rows. */
static void
bad_patterns(void **state)
{
    (void)state;
    const value args[] = {text("a"), text("a\\"), text("ab")};
    const wr_function *two = find_function("like", args, 2);
    const wr_function *three = find_function("like", args, 3);
    assert_string_equal(call_function(two, WR_TYPE(BOOLEAN), args, 2, 3, 2), "prepare fails");
    assert_string_equal(call_function(three, WR_TYPE(BOOLEAN), args, 3, 3, 6), "prepare fails");
    assert_string_equal(call_function(two, WR_TYPE(BOOLEAN), args, 2, 3, 0),
                        "error: argument outside the function's domain");
}

static bool
like_by_definition(const char *text, const char *pattern)
{
    if (*pattern == '\0') {
        return *text == '\0';
    }
    if (*pattern == '%') {
        return like_by_definition(text, pattern + 1) ||
               (*text != '\0' && like_by_definition(text + 1, pattern));
    }
    return *text != '\0' && (*pattern == '_' || *pattern == *text) &&
           like_by_definition(text + 1, pattern + 1);
}

static void
like_is_its_definition(void **state)
{
    (void)state;
    unsigned seed = 7;
    wr_arena *arena = wr_arena_new(0);
    const value two[] = {text(""), text("")};
    const wr_function *function = find_function("like", two, 2);
    for (int round = 0; round < 100000; round++) {
        char strings[2][8];
        value args[2];
        for (int s = 0; s < 2; s++) {
            seed = seed * 1664525u + 1013904223u;
            unsigned bits = seed >> 8;
            int size = (int)(bits % 8);
            for (int i = 0; i < size; i++) {
                bits /= 3;
                strings[s][i] = "ab%_"[s == 0 ? bits % 2 : bits % 4];
            }
            strings[s][size] = '\0';
            args[s] = text(strings[s]);
        }
        wr_vector vectors[2] = {value_vector(args[0], 1, true, arena),
                                value_vector(args[1], 1, true, arena)};
        wr_vector out;
        wr_vector_init_flat(&out, WR_TYPE(BOOLEAN), 1, arena);
        wr_call call = {.n = 1, .arg_count = 2, .args = vectors, .out = &out, .arena = arena};
        function->kernel(&call);
        if (*(uint8_t *)out.data != like_by_definition(strings[0], strings[1])) {
            fail_msg("'%s' LIKE '%s'", strings[0], strings[1]);
        }
        wr_arena_reset(arena);
    }
    wr_arena_free(arena);
}

static void
like_takes_bounded_time(void **state)
{
    (void)state;
    wr_arena *arena = wr_arena_new(0);
    char *long_text = wr_arena_bytes(arena, 100001);
    memset(long_text, 'a', 100000);
    long_text[100000] = '\0';
    check("like", "false", text(long_text), text("%a%a%a%a%a%a%a%a%a%a%a%a%a%a%a%a%b"));
    wr_arena_free(arena);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(access_by_key_and_index),
        cmocka_unit_test(paths),
        cmocka_unit_test(validity),
        cmocka_unit_test(broken_documents_are_survived),
        cmocka_unit_test(like),
        cmocka_unit_test(bad_patterns),
        cmocka_unit_test(like_takes_bounded_time),
        cmocka_unit_test(like_is_its_definition),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
