/* SET and RESET: every setting has a default that its own check accepts, and reads back. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "planner/settings.h"

static const char *
value_of(const wr_settings *settings, const char *name)
{
    static char text[256];
    wr_buffer value;
    wr_buffer_init(&value);
    assert_true(wr_settings_get(settings, wr_text_from(name), &value));
    assert_true(value.size < sizeof text);
    memcpy(text, wr_buffer_cstr(&value), value.size + 1);
    wr_buffer_fini(&value);
    return text;
}

static const char *
set_code(wr_settings *settings, const char *name, const char *value)
{
    static wr_error err;
    wr_error_clear(&err);
    (void)wr_settings_set(settings, wr_text_from(name), wr_text_from(value), &err);
    return err.code;
}

static void
defaults(void **state)
{
    (void)state;
    unsetenv("WEIR_KAFKA_BROKERS");
    wr_settings settings;
    wr_settings_init(&settings);
    assert_string_equal(value_of(&settings, "memory_limit"), "256 MB");
    assert_string_equal(value_of(&settings, "max_future_skew"), "1 hour");
    assert_string_equal(value_of(&settings, "idle_timeout"), "30 seconds");
    assert_string_equal(value_of(&settings, "allow_unbounded_state"), "off");
    assert_string_equal(value_of(&settings, "on_error"), "");
    assert_string_equal(value_of(&settings, "kafka.brokers"), "localhost:9092");
    for (const wr_option_spec *spec = wr_settings_table(); spec->name; spec++) {
        wr_error err;
        assert_int_equal(wr_settings_reset(&settings, wr_text_from(spec->name), &err), WR_OK);
        assert_non_null(spec->doc);
    }
}

static void
brokers_of_the_environment(void **state)
{
    (void)state;
    wr_settings settings;
    setenv("WEIR_KAFKA_BROKERS", "broker:1234", 1);
    wr_settings_init(&settings);
    unsetenv("WEIR_KAFKA_BROKERS");
    assert_string_equal(settings.kafka_brokers, "broker:1234");
    assert_string_equal(set_code(&settings, "KAFKA.BROKERS", "a:1,b:2"), "");
    assert_string_equal(settings.kafka_brokers, "a:1,b:2");
    assert_string_equal(set_code(&settings, "kafka.brokers", ""), "E0602");
}

static void
values(void **state)
{
    (void)state;
    wr_settings settings;
    wr_settings_init(&settings);
    assert_string_equal(set_code(&settings, "Batch_Rows", "100"), "");
    assert_int_equal(settings.batch_rows, 100);
    assert_string_equal(set_code(&settings, "batch_rows", "-1"), "E0602");
    assert_string_equal(set_code(&settings, "batch_rows", "many"), "E0602");
    assert_string_equal(set_code(&settings, "batch_interval", "250 ms"), "");
    assert_int_equal(settings.batch_interval_us, 250000);
    assert_string_equal(set_code(&settings, "idle_timeout", "5"), "");
    assert_int_equal(settings.idle_timeout_us, 5000000);
    assert_string_equal(set_code(&settings, "memory_limit", "1 GB"), "");
    assert_string_equal(value_of(&settings, "memory_limit"), "1 GB");
    assert_string_equal(set_code(&settings, "memory_limit", "1 KB"), "E0602");
    assert_string_equal(set_code(&settings, "allow_unbounded_state", "on"), "");
    assert_true(settings.allow_unbounded_state);
    assert_string_equal(set_code(&settings, "on_error", "NULL"), "");
    assert_string_equal(value_of(&settings, "on_error"), "null");
    assert_string_equal(set_code(&settings, "on_error", "dead_letter"), "");
    assert_string_equal(value_of(&settings, "on_error"), "dead_letter");
    assert_string_equal(set_code(&settings, "on_error", "explode"), "E0602");
    assert_int_equal(settings.batch_rows, 100); /* what failed changed nothing */
}

static void
unknown_names(void **state)
{
    (void)state;
    wr_settings settings;
    wr_settings_init(&settings);
    wr_error err;
    assert_int_equal(wr_settings_set(&settings, WR_TEXT("idle_timout"), WR_TEXT("5 s"), &err),
                     WR_ERR_SQL);
    assert_string_equal(err.code, "E0206");
    assert_string_equal(err.hint, "did you mean \"idle_timeout\"?");
    assert_int_equal(wr_settings_reset(&settings, WR_TEXT("x"), &err), WR_ERR_SQL);
    wr_buffer value;
    wr_buffer_init(&value);
    assert_false(wr_settings_get(&settings, WR_TEXT("x"), &value));
    wr_buffer_fini(&value);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(defaults),
        cmocka_unit_test(brokers_of_the_environment),
        cmocka_unit_test(values),
        cmocka_unit_test(unknown_names),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
