/* Kafka: the allow-list, start positions, errors told well, and faults from a mock broker. (What a
 * real broker does is tested in tests/kafka.) */
#include "connectors/kafka.h"
#include "connectors/registry.h"
#include "core/time.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>
#include <librdkafka/rdkafka_mock.h>

enum { API_PRODUCE = 0, API_FETCH = 1 };

/* ── options ────────────────────────────────────────────────────────────────────────────────── */

static wr_status
option_check(const char *name, const char *value, wr_error *err)
{
    wr_option items[] = {
        {.value = WR_TEXT("t"), .positional = true},
        {.name = wr_text_from(name), .value = wr_text_from(value), .position = 9, .length = 4}};
    wr_options options = {items, 2};
    const wr_option_spec *const tables[] = {wr_kafka_options, NULL};
    WR_TRY(wr_options_check(options, tables, WR_KAFKA_PASSTHROUGH, "connector kafka", err));
    return wr_kafka_options_check(options, err);
}

static void
refused_options(void **state)
{
    (void)state;
    static const char *const names[] = {
        "plugin.library.paths",
        "ssl.engine.location",
        "sasl.kerberos.kinit.cmd",
        "debug",
        "test.mock.num.brokers",
        "enable.auto.commit",
        "group.id",
        "group.instance.id",
        "auto.offset.reset",
        "kafka.debug",
        "KAFKA.plugin.library.paths",
        "ssl.providers",
        "internal.termination.signal",
        "enable.idempotence",
        "transactional.id",
        "offset.store.path",
        "interceptors",
        "kafka.acks",
    };
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        wr_error err;
        assert_int_equal(WR_ERR_SQL, option_check(names[i], "x", &err));
        assert_string_equal("E0604", err.code);
        assert_non_null(strstr(err.message, names[i]));
        assert_true(err.detail[0] != '\0');
        assert_int_equal(9, err.position);
    }
}

static void
passed_options(void **state)
{
    (void)state;
    static const char *const names[] = {
        "bootstrap.servers", "sasl.username",   "kafka.sasl.password", "ssl.ca.location",
        "kafka.linger.ms",   "fetch.min.bytes", "kafka.brokers",       "Client.Id",
    };
    wr_error err;
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        assert_int_equal(WR_OK, option_check(names[i], "1", &err));
    }
    assert_int_equal(WR_ERR_SQL, option_check("fetch.min.byte", "1", &err));
    assert_string_equal("E0601", err.code);
    assert_string_equal("did you mean \"fetch.min.bytes\"?", err.hint);
    assert_int_equal(WR_ERR_SQL, option_check("zork", "1", &err));
    assert_string_equal("E0601", err.code);
    assert_int_equal(WR_ERR_SQL, wr_kafka_options_check((wr_options){NULL, 0}, &err));
    assert_string_equal("E0603", err.code);
}

static void
start_values(void **state)
{
    (void)state;
    static const char *const good[] = {"earliest",   "LATEST",  "2026-01-01T00:00:00Z",
                                       "2026-01-01", "-1 hour", "-5 m",
                                       "0:15,1:20",  "3:0",     " 0:1 , 2:7"};
    static const char *const bad[] = {"",        "soon",          "0:", ":", "1 hour",
                                      "0:1;1:2", "99999999999:1", "5 s"};
    wr_error err;
    for (size_t i = 0; i < sizeof good / sizeof *good; i++) {
        assert_int_equal(WR_OK, option_check("start", good[i], &err));
    }
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        assert_int_equal(WR_ERR_SQL, option_check("start", bad[i], &err));
        assert_string_equal("E0602", err.code);
    }
}

/* ── a mock broker ──────────────────────────────────────────────────────────────────────────── */

typedef struct fixture {
    rd_kafka_t *handle;
    rd_kafka_mock_cluster_t *mock;
    wr_arena *arena;
    wr_option options[6];
    wr_source_config config;
    wr_error err;
} fixture;

static void
log_swallow(const rd_kafka_t *handle, int level, const char *facility, const char *line)
{
    (void)handle;
    (void)level;
    (void)facility;
    (void)line;
}

static void
fixture_init(fixture *fix, const char *topic)
{
    char reason[256];
    memset(fix, 0, sizeof *fix);
    rd_kafka_conf_t *conf = rd_kafka_conf_new();
    rd_kafka_conf_set_log_cb(conf, log_swallow);
    fix->handle = rd_kafka_new(RD_KAFKA_PRODUCER, conf, reason, sizeof reason);
    fix->mock = rd_kafka_mock_cluster_new(fix->handle, 1);
    rd_kafka_mock_topic_create(fix->mock, "cpu", 2, 1);
    fix->arena = wr_arena_new(0);
    fix->options[0] = (wr_option){.value = wr_text_from(topic), .positional = true, .length = 1};
    fix->config = (wr_source_config){
        .options = {fix->options, 1},
        .arena = fix->arena,
        .brokers = wr_text_from(rd_kafka_mock_cluster_bootstraps(fix->mock)),
        .connect_timeout_ms = 5000,
        .lane_count = 1,
    };
}

static void
fixture_fini(fixture *fix)
{
    rd_kafka_mock_cluster_destroy(fix->mock);
    rd_kafka_destroy(fix->handle);
    wr_arena_free(fix->arena);
}

static void
option_add(fixture *fix, const char *name, const char *value)
{
    fix->options[fix->config.options.count++] =
        (wr_option){.name = wr_text_from(name), .value = wr_text_from(value), .length = 1};
}

/* Writes rows n = begin … as {"n":…} through our own sink. */
static wr_status
sink_fill(fixture *fix, int64_t begin, int count)
{
    wr_column column = {WR_TEXT("n"), WR_TYPE(BIGINT), false};
    wr_sink_config config = {.options = fix->config.options,
                             .arena = fix->arena,
                             .schema = {&column, 1},
                             .brokers = fix->config.brokers,
                             .connect_timeout_ms = 5000};
    wr_batch *batch = wr_batch_new(fix->arena, 1);
    wr_vector_init_flat(&batch->columns[0], column.type, count, fix->arena);
    for (int i = 0; i < count; i++) {
        ((int64_t *)batch->columns[0].data)[i] = begin + i;
    }
    batch->row_count = batch->selected_count = count;
    wr_sink *sink = NULL;
    wr_status status = wr_kafka_sink.open(&config, &sink, &fix->err);
    status = status == WR_OK ? wr_kafka_sink.write(sink, batch, &fix->err) : status;
    status = status == WR_OK ? wr_kafka_sink.finish(sink, &fix->err) : status;
    if (sink) {
        wr_kafka_sink.close(sink);
    }
    return status;
}

/* Reads to the end (or until `want` messages); gives their number, −1 for an error. */
static int
source_count(fixture *fix, int want)
{
    wr_poll_limits limits = {.rows = 1000, .bytes = 1 << 20, .wait_us = 100000};
    wr_source *source = NULL;
    wr_block block;
    int count = 0;
    wr_status status = wr_kafka_source.open(&fix->config, &source, &fix->err);
    int64_t until_us = wr_clock_monotonic_us(NULL) + 30 * WR_US_PER_S;
    while (status == WR_OK && count < want && wr_clock_monotonic_us(NULL) < until_us) {
        status = wr_kafka_source.poll(source, &limits, fix->arena, &block, &fix->err);
        count += status == WR_OK ? block.message_count : 0;
    }
    if (source) {
        wr_kafka_source.close(source);
    }
    return status == WR_OK || status == WR_END ? count : -1;
}

static void
nobody_answers(void **state)
{
    (void)state;
    fixture fix;
    fixture_init(&fix, "cpu");
    fix.config.brokers = WR_TEXT("127.0.0.1:1");
    fix.config.connect_timeout_ms = 700;
    int64_t started_us = wr_clock_monotonic_us(NULL);
    assert_int_equal(-1, source_count(&fix, 1));
    assert_true(wr_clock_monotonic_us(NULL) - started_us < 5 * WR_US_PER_S);
    assert_int_equal(WR_ERR_UNREACHABLE, fix.err.status);
    assert_string_equal("E0701", fix.err.code);
    assert_non_null(strstr(fix.err.message, "127.0.0.1:1"));
    assert_non_null(strstr(fix.err.detail, "refused"));
    assert_non_null(strstr(fix.err.hint, "brokers ="));
    fixture_fini(&fix);
}

static void
lanes_share_partitions(void **state)
{
    (void)state;
    fixture fix;
    fixture_init(&fix, "cpu");
    option_add(&fix, "key", "n"); /* spreads the rows over the partitions */
    assert_int_equal(WR_OK, sink_fill(&fix, 0, 1000));
    fix.config.until_end = true;
    int all = source_count(&fix, INT32_MAX), shares[2];
    for (int32_t lane = 0; lane < 2; lane++) {
        fix.config.lane = lane;
        fix.config.lane_count = 2;
        shares[lane] = source_count(&fix, INT32_MAX);
        assert_true(shares[lane] > 0);
    }
    assert_int_equal(1000, all);
    assert_int_equal(1000, shares[0] + shares[1]);
    fixture_fini(&fix);
}

/* A fetch that fails for a passing reason is tried again; nothing is lost or told. */
static void
passing_errors_pass(void **state)
{
    (void)state;
    fixture fix;
    fixture_init(&fix, "cpu");
    assert_int_equal(WR_OK, sink_fill(&fix, 0, 500));
    rd_kafka_mock_push_request_errors(fix.mock, API_FETCH, 3, RD_KAFKA_RESP_ERR__TRANSPORT,
                                      RD_KAFKA_RESP_ERR_NOT_LEADER_FOR_PARTITION,
                                      RD_KAFKA_RESP_ERR__TRANSPORT);
    assert_int_equal(500, source_count(&fix, 500));
    fixture_fini(&fix);
}

static void
offsets_that_are_gone(void **state)
{
    (void)state;
    fixture fix;
    fixture_init(&fix, "cpu");
    assert_int_equal(WR_OK, sink_fill(&fix, 0, 10));
    fix.config.until_end = true;
    option_add(&fix, "start", "1:5000");
    assert_int_equal(-1, source_count(&fix, 100));
    assert_string_equal("E0705", fix.err.code);
    assert_non_null(strstr(fix.err.message, "\"cpu\" partition 1: offset 5000"));
    assert_non_null(strstr(fix.err.detail, "available: 0 to "));
    option_add(&fix, "on_data_loss", "skip");
    assert_true(source_count(&fix, 100) >= 0);
    fixture_fini(&fix);
}

/* The broker refuses an offset in mid-query: E0705, or on with what is there. */
static void
offsets_lost_in_mid_query(void **state)
{
    (void)state;
    fixture fix;
    fixture_init(&fix, "cpu");
    assert_int_equal(WR_OK, sink_fill(&fix, 0, 100));
    rd_kafka_mock_push_request_errors(fix.mock, API_FETCH, 1,
                                      RD_KAFKA_RESP_ERR_OFFSET_OUT_OF_RANGE);
    assert_int_equal(-1, source_count(&fix, 100));
    assert_string_equal("E0705", fix.err.code);
    rd_kafka_mock_push_request_errors(fix.mock, API_FETCH, 1,
                                      RD_KAFKA_RESP_ERR_OFFSET_OUT_OF_RANGE);
    option_add(&fix, "on_data_loss", "skip");
    fix.config.until_end = true;
    assert_true(source_count(&fix, 100) >= 0);
    fixture_fini(&fix);
}

static void
records_that_are_refused(void **state)
{
    (void)state;
    fixture fix;
    fixture_init(&fix, "cpu");
    rd_kafka_mock_push_request_errors(fix.mock, API_PRODUCE, 2, RD_KAFKA_RESP_ERR__TRANSPORT,
                                      RD_KAFKA_RESP_ERR_NOT_ENOUGH_REPLICAS);
    assert_int_equal(WR_OK, sink_fill(&fix, 0, 10));
    rd_kafka_mock_push_request_errors(
        fix.mock, API_PRODUCE, 4, RD_KAFKA_RESP_ERR_TOPIC_AUTHORIZATION_FAILED,
        RD_KAFKA_RESP_ERR_TOPIC_AUTHORIZATION_FAILED, RD_KAFKA_RESP_ERR_TOPIC_AUTHORIZATION_FAILED,
        RD_KAFKA_RESP_ERR_TOPIC_AUTHORIZATION_FAILED);
    assert_int_equal(WR_ERR_RUNTIME, sink_fill(&fix, 0, 10));
    assert_string_equal("E0704", fix.err.code);
    assert_non_null(strstr(fix.err.message, "\"cpu\""));
    fixture_fini(&fix);
}

static void
secrets_stay_secret(void **state)
{
    (void)state;
    fixture fix;
    fixture_init(&fix, "cpu");
    option_add(&fix, "security.protocol", "ssl");
    option_add(&fix, "ssl.key.pem", "hunter2");
    assert_int_equal(-1, source_count(&fix, 1));
    assert_null(strstr(fix.err.message, "hunter2"));
    assert_null(strstr(fix.err.detail, "hunter2"));
    fixture_fini(&fix);
}

int
main(void)
{
#ifdef __SANITIZE_THREAD__
    return 77; /* it does not see librdkafka's threads begin, and dies in them */
#endif
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(refused_options),
        cmocka_unit_test(passed_options),
        cmocka_unit_test(start_values),
        cmocka_unit_test(nobody_answers),
        cmocka_unit_test(lanes_share_partitions),
        cmocka_unit_test(passing_errors_pass),
        cmocka_unit_test(offsets_that_are_gone),
        cmocka_unit_test(offsets_lost_in_mid_query),
        cmocka_unit_test(records_that_are_refused),
        cmocka_unit_test(secrets_stay_secret),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
