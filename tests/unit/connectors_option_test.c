/* Options against their tables: values of every kind, unknown names, repetition, positions. */
#include "connectors/option.h"

#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

static const wr_option_spec table[] = {
    {.name = "topic", .kind = WR_OPTION_TEXT, .doc = "t"},
    {.name = "follow", .kind = WR_OPTION_BOOL, .default_text = "false", .doc = "f"},
    {.name = "rate", .kind = WR_OPTION_INT, .min = 1, .max = 1000, .doc = "r"},
    {.name = "rows", .kind = WR_OPTION_INT, .doc = "r"},
    {.name = "wait", .kind = WR_OPTION_DURATION, .default_text = "5 s", .doc = "w"},
    {.name = "room", .kind = WR_OPTION_SIZE, .default_text = "64 KB", .doc = "r"},
    {.name = "mode",
     .kind = WR_OPTION_CHOICE,
     .choices = "error|append",
     .default_text = "error",
     .doc = "m"},
    {.name = "password", .kind = WR_OPTION_INT, .doc = "p"},
    {.name = NULL},
};
static const wr_option_spec more[] = {
    {.name = "format", .kind = WR_OPTION_TEXT, .doc = "f"},
    {.name = NULL},
};
static const wr_option_spec *const tables[] = {table, more, NULL};

static wr_option
option(const char *name, const char *value)
{
    return (wr_option){
        .name = wr_text_from(name), .value = wr_text_from(value), .position = 17, .length = 4};
}

static wr_status
check(const char *name, const char *value, const char *passthrough, wr_error *err)
{
    wr_option items[] = {option(name, value)};
    return wr_options_check((wr_options){items, 1}, tables, passthrough, "connector x", err);
}

static void
good_values(void **state)
{
    (void)state;
    static const char *const good[][2] = {
        {"topic", ""},      {"topic", "any thing"},
        {"FOLLOW", "Yes"},  {"follow", "0"},
        {"rate", "1"},      {"rate", "1000"},
        {"rows", "0"},      {"wait", "250 ms"},
        {"wait", "3"},      {"room", "1 GB"},
        {"room", "17"},     {"mode", "APPEND"},
        {"format", "json"}, {"rows", "9223372036854775807"},
    };
    for (size_t i = 0; i < sizeof good / sizeof *good; i++) {
        wr_error err;
        assert_int_equal(WR_OK, check(good[i][0], good[i][1], NULL, &err));
    }
}

static void
bad_values(void **state)
{
    (void)state;
    static const char *const bad[][2] = {
        {"follow", "maybe"},
        {"follow", ""},
        {"rate", "0"},
        {"rate", "1001"},
        {"rate", "1.5"},
        {"rate", "ten"},
        {"rows", "-1"},
        {"wait", "soon"},
        {"wait", "-1 s"},
        {"wait", "1 month"},
        {"room", "big"},
        {"mode", "err"},
        {"mode", ""},
        {"rows", "9223372036854775808"},
        {"mode", "error|append"},
    };
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        wr_error err;
        assert_int_equal(WR_ERR_SQL, check(bad[i][0], bad[i][1], NULL, &err));
        assert_string_equal("E0602", err.code);
        assert_int_equal(17, err.position);
        assert_int_equal(4, err.length);
        assert_non_null(strstr(err.message, bad[i][0]));
    }
}

static void
unknown_names(void **state)
{
    (void)state;
    wr_error err;
    assert_int_equal(WR_ERR_SQL, check("formt", "json", NULL, &err));
    assert_string_equal("E0601", err.code);
    assert_string_equal("connector x has no option \"formt\"", err.message);
    assert_string_equal("did you mean \"format\"?", err.hint);
    assert_non_null(strstr(err.detail, "topic, follow"));
    assert_int_equal(17, err.position);
    assert_int_equal(WR_ERR_SQL, check("zzzzzzz", "json", NULL, &err));
    assert_string_equal("", err.hint);
    assert_int_equal(WR_ERR_SQL, check("zzzzzzz", "json", NULL, NULL));
}

static void
passthrough_names(void **state)
{
    (void)state;
    wr_error err;
    assert_int_equal(WR_OK, check("kafka.x", "1", "kafka.", &err));
    assert_int_equal(WR_ERR_SQL, check("other.x", "1", "kafka.", &err));
    assert_int_equal(WR_OK, check("sasl.mechanism", "1", ".|debug", &err));
    assert_int_equal(WR_OK, check("debug", "1", ".|debug", &err));
    assert_int_equal(WR_ERR_SQL, check("nodots", "1", ".|debug", &err));
}

static void
twice_and_positional(void **state)
{
    (void)state;
    wr_error err;
    wr_option twice[] = {option("rate", "1"), option("RATE", "2")};
    assert_int_equal(WR_ERR_SQL,
                     wr_options_check((wr_options){twice, 2}, tables, NULL, "connector x", &err));
    assert_string_equal("E0602", err.code);
    wr_option items[] = {{.name = WR_TEXT(""), .value = WR_TEXT("cpu"), .positional = true},
                         option("rate", "7")};
    wr_options options = {items, 2};
    assert_int_equal(WR_OK, wr_options_check(options, tables, NULL, "connector x", &err));
    assert_ptr_equal(&items[0], wr_options_first(options, "topic"));
    assert_null(wr_options_find(options, "topic"));
    assert_ptr_equal(&items[1], wr_options_first(options, "rate"));
    assert_null(wr_options_first((wr_options){NULL, 0}, "topic"));
}

static void
getters(void **state)
{
    (void)state;
    wr_option items[] = {option("rate", "7"), option("Follow", "on"), option("room", "2 KB")};
    wr_options options = {items, 3};
    assert_int_equal(7, wr_options_int(options, table, "rate"));
    assert_true(wr_options_bool(options, table, "follow"));
    assert_int_equal(2048, wr_options_int(options, table, "room"));
    assert_int_equal(5000000, wr_options_int(options, table, "wait"));
    assert_int_equal(0, wr_options_int(options, table, "rows"));
    assert_null(wr_options_text(options, table, "topic").data);
    assert_true(wr_text_equal(WR_TEXT("error"), wr_options_text(options, table, "mode")));
    assert_false(wr_options_bool((wr_options){NULL, 0}, table, "follow"));
}

static void
secrets_are_not_shown(void **state)
{
    (void)state;
    wr_error err;
    assert_int_equal(WR_ERR_SQL, check("password", "hunter2", NULL, &err));
    assert_null(strstr(err.message, "hunter2"));
    assert_null(strstr(err.detail, "hunter2"));
    assert_true(wr_option_is_secret(WR_TEXT("sasl.password")));
    assert_true(wr_option_is_secret(WR_TEXT("ssl.key.pem")));
    assert_true(wr_option_is_secret(WR_TEXT("SASL.OAUTHBEARER.CLIENT.SECRET")));
    assert_false(wr_option_is_secret(WR_TEXT("topic")));
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(good_values),           cmocka_unit_test(bad_values),
        cmocka_unit_test(unknown_names),         cmocka_unit_test(passthrough_names),
        cmocka_unit_test(twice_and_positional),  cmocka_unit_test(getters),
        cmocka_unit_test(secrets_are_not_shown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
