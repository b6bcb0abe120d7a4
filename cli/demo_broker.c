/* librdkafka's mock cluster plays the broker, a thread plays the machine whose CPU is measured:
 *
 *   event time   00:00:00  00:00:05  00:00:10 …      one reading each 5 s
 *   wall clock   0 ms      16.7 ms   33.3 ms  …      so 5 minutes pass in one second
 *
 * 1. The messages are what a sensor would send: a bare number as text, the record's timestamp.
 * 2. The readings are the same in every run.
 * 3. The broker listens on loopback only and lives no longer than the command. */
#include "cli/demo_broker.h"

#include <librdkafka/rdkafka.h>
#include <librdkafka/rdkafka_mock.h>
#include <math.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

enum {
    STEP_MS = 5000,  /* event time between readings */
    PACE_US = 16667, /* wall clock between readings: 300 times as fast */
    FLUSH_MS = 1000
};
static const int64_t START_MS = INT64_C(1767225600000); /* 2026-01-01 00:00:00 UTC */

struct cli_demo_broker {
    rd_kafka_t *producer; /* the mock cluster lives in its handle */
    rd_kafka_mock_cluster_t *cluster;
    pthread_t thread;
    bool thread_runs;
    atomic_bool stop;
};

/* A machine with a daily rhythm of an hour, a little noise and a peak now and then. */
static double
reading_percent(uint32_t index, uint32_t *seed)
{
    *seed = *seed * 1664525u + 1013904223u;
    double noise = (double)(*seed >> 8) / 16777216.0 - 0.5;
    double wave = 35 + 20 * sin((double)index * 2 * 3.14159265358979 / 720);
    double peak = index % 300 < 24 ? 30 : 0;
    double percent = wave + peak + 8 * noise;
    return percent < 0 ? 0 : percent > 100 ? 100 : percent;
}

/* Thread: the producer's own. */
static void *
producer_main(void *context)
{
    cli_demo_broker *broker = context;
    uint32_t seed = 1;
    for (uint32_t index = 0; !atomic_load(&broker->stop); index++) {
        char text[32];
        int size = snprintf(text, sizeof(text), "%.1f", reading_percent(index, &seed));
        rd_kafka_producev(broker->producer, RD_KAFKA_V_TOPIC("cpu-usage"),
                          RD_KAFKA_V_VALUE(text, (size_t)size),
                          RD_KAFKA_V_TIMESTAMP(START_MS + (int64_t)index * STEP_MS),
                          RD_KAFKA_V_MSGFLAGS(RD_KAFKA_MSG_F_COPY), RD_KAFKA_V_END);
        rd_kafka_poll(broker->producer, 0);
        struct timespec pause = {0, PACE_US * 1000};
        nanosleep(&pause, NULL);
    }
    return NULL;
}

/* What librdkafka says about its own mock cluster is of no use to a newcomer. */
static void
log_nothing(const rd_kafka_t *handle, int level, const char *facility, const char *line)
{
    (void)handle;
    (void)level;
    (void)facility;
    (void)line;
}

static bool
broker_open(cli_demo_broker *broker, cli_text *problem)
{
    char reason[512] = "";
    rd_kafka_conf_t *conf = rd_kafka_conf_new();
    rd_kafka_conf_set_log_cb(conf, log_nothing);
    rd_kafka_conf_set(conf, "linger.ms", "5", reason, sizeof(reason));
    /* One broker inside the process, used by this handle too. */
    if (rd_kafka_conf_set(conf, "test.mock.num.brokers", "1", reason, sizeof(reason)) ==
        RD_KAFKA_CONF_OK)
        broker->producer = rd_kafka_new(RD_KAFKA_PRODUCER, conf, reason, sizeof(reason));
    if (broker->producer == NULL) {
        cli_text_format(problem, "the demo's broker does not start: %s", reason);
        rd_kafka_conf_destroy(conf);
        return false;
    }
    broker->cluster = rd_kafka_handle_mock_cluster(broker->producer);
    if (broker->cluster == NULL ||
        rd_kafka_mock_topic_create(broker->cluster, "cpu-usage", 1, 1) != 0) {
        cli_text_append_z(problem, "the demo's broker does not start: no topic");
        return false;
    }
    return true;
}

cli_demo_broker *
cli_demo_broker_start(cli_text *problem)
{
    cli_demo_broker *broker = cli_allocate(1, sizeof(*broker));
    if (broker_open(broker, problem)) {
        broker->thread_runs = pthread_create(&broker->thread, NULL, producer_main, broker) == 0;
        if (broker->thread_runs)
            return broker;
        cli_text_append_z(problem, "the demo's producer does not start");
    }
    cli_demo_broker_stop(broker);
    return NULL;
}

const char *
cli_demo_broker_address(const cli_demo_broker *broker)
{
    return rd_kafka_mock_cluster_bootstraps(broker->cluster);
}

void
cli_demo_broker_stop(cli_demo_broker *broker)
{
    if (broker == NULL)
        return;
    atomic_store(&broker->stop, true);
    if (broker->thread_runs)
        pthread_join(broker->thread, NULL);
    if (broker->producer != NULL) {
        rd_kafka_flush(broker->producer, FLUSH_MS);
        rd_kafka_destroy(broker->producer);
    }
    free(broker);
}
