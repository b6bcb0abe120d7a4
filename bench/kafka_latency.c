/* How long after a window's end its result is in the sink topic, Kafka to Kafka.
 *
 *   kafka_latency BROKERS IN OUT ROWS_PER_S SECONDS WINDOW_MS
 *
 *   feeder ──IN, 2 partitions──▶ weir: TUMBLING window ──OUT──▶ watcher
 *      stamp of the first tick ≥ E                              arrival of a result of window E
 *      └──────────────────────────── latency ───────────────────────────┘
 *
 * Every five milliseconds the feeder stamps one wall-clock time on a tick's records, half for each
 * partition, and hands them to its producer (linger 0). The watermark passes the end E of a window
 * when both partitions have shown a record stamped E or later: the records of the first tick at or
 * behind E. So a latency holds the feeder's way to the broker, the broker twice, weir, and the
 * watcher's fetch; none of it is taken off. The watcher knows E by the record's time, which is the
 * window's last millisecond.
 *
 * Two more figures say what of it is the machine's: the hop, from a tick's stamp to its first
 * record in a plain consumer of IN (a result has two such ways behind it), and how late the feeder
 * was behind its own ticks. Prints p50, p99 and max of all three in ms, as JSON.
 *
 * 1. Windows that ended within the first three seconds do not count: weir samples and connects.
 * 2. A window counts by each of its results, so its slowest key counts too. */
#include <librdkafka/rdkafka.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

enum {
    PARTITION_COUNT = 2,
    HOST_COUNT = 100,
    RECORD_MAX = 80,
    WINDOWS_MAX = 100000,
    TICK_US = 5000,
    WARM_UP_US = 3000000,
    TAIL_US = 1000000, /* for the last windows' results to come */
    ASK_MS = 10000,
    POLL_MS = 20
};

typedef struct figures {
    double *ms;
    long count, capacity;
} figures;

typedef struct race {
    const char *brokers, *in, *out;
    long long rows_per_s, seconds, window_us, start_us;
    atomic_llong closed_us[WINDOWS_MAX]; /* by window number: its closing tick's stamp */
    long tick_count;
    figures late;    /* the feeder's, by tick */
    figures hop;     /* by tick and partition */
    figures latency; /* by result */
    long long hop_stamp_us[PARTITION_COUNT];
    atomic_bool ended;
} race;

static race run;

static long long
now_us(void)
{
    struct timespec at;
    clock_gettime(CLOCK_REALTIME, &at);
    return (long long)at.tv_sec * 1000000 + at.tv_nsec / 1000;
}

static void
fail(const char *what)
{
    fprintf(stderr, "kafka_latency: %s\n", what);
    exit(1);
}

static rd_kafka_t *
client_new(rd_kafka_type_t kind, const char *const settings[][2], size_t count)
{
    char text[512];
    rd_kafka_conf_t *conf = rd_kafka_conf_new();
    for (size_t i = 0; i < count; i++) {
        if (rd_kafka_conf_set(conf, settings[i][0], settings[i][1], text, sizeof text) !=
            RD_KAFKA_CONF_OK) {
            fail(text);
        }
    }
    rd_kafka_t *handle = rd_kafka_new(kind, conf, text, sizeof text);
    if (!handle) {
        fail(text);
    }
    return handle;
}

static void
figures_add(figures *list, double ms)
{
    if (list->count == list->capacity) {
        list->capacity = list->capacity > 0 ? 2 * list->capacity : 4096;
        list->ms = realloc(list->ms, (size_t)list->capacity * sizeof *list->ms);
        if (!list->ms) {
            fail("no memory");
        }
    }
    list->ms[list->count++] = ms;
}

/* ── feeder ─────────────────────────────────────────────────────────────────────────────────── */

/* Notes which windows this stamp is the first to close. */
static void
windows_close(long long stamp_us, long long *next_window)
{
    while (*next_window < WINDOWS_MAX &&
           run.start_us + (*next_window + 1) * run.window_us <= stamp_us) {
        atomic_store(&run.closed_us[*next_window], stamp_us);
        ++*next_window;
    }
}

static void
tick_send(rd_kafka_t *handle, rd_kafka_topic_t *topic, long long stamp_us, long count)
{
    static long host;
    char record[RECORD_MAX];
    for (long i = 0; i < count; i++) {
        host = (host + 1) % HOST_COUNT;
        int size = snprintf(record, sizeof record,
                            "{\"ts\":%lld,\"host\":\"server-%06ld\",\"v\":%ld.5}", stamp_us, host,
                            host);
        int32_t partition = (int32_t)(i * PARTITION_COUNT / count);
        while (rd_kafka_produce(topic, partition, RD_KAFKA_MSG_F_COPY, record, (size_t)size, NULL,
                                0, NULL) != 0) {
            if (rd_kafka_last_error() != RD_KAFKA_RESP_ERR__QUEUE_FULL) {
                fail("the feeder cannot write");
            }
            rd_kafka_poll(handle, 1);
        }
    }
}

static void *
feeder_run(void *unused)
{
    const char *const settings[][2] = {
        {"bootstrap.servers", run.brokers}, {"linger.ms", "0"}, {"acks", "1"},
        {"queue.buffering.max.messages", "2000000"},
    };
    (void)unused;
    rd_kafka_t *handle = client_new(RD_KAFKA_PRODUCER, settings,
                                    sizeof settings / sizeof settings[0]);
    rd_kafka_topic_t *topic = rd_kafka_topic_new(handle, run.in, NULL);
    long long next_window = 0, sent = 0;
    for (long tick = 0; tick < run.tick_count; tick++) {
        long long due_us = run.start_us + (long long)tick * TICK_US;
        long long left_us = due_us - now_us();
        if (left_us > 0) {
            nanosleep(&(struct timespec){.tv_nsec = (long)left_us * 1000}, NULL);
        }
        long long stamp_us = now_us();
        figures_add(&run.late, (double)(stamp_us - due_us) / 1000);
        windows_close(stamp_us, &next_window);
        long long target = run.rows_per_s * (tick + 1) * TICK_US / 1000000;
        tick_send(handle, topic, stamp_us, (long)(target - sent));
        sent = target;
        rd_kafka_poll(handle, 0);
    }
    rd_kafka_flush(handle, ASK_MS);
    rd_kafka_topic_destroy(topic);
    rd_kafka_destroy(handle);
    atomic_store(&run.ended, true);
    return NULL;
}

/* ── watchers ───────────────────────────────────────────────────────────────────────────────── */

static void
result_take(rd_kafka_message_t *message, void *unused)
{
    (void)unused;
    if (message->err != RD_KAFKA_RESP_ERR_NO_ERROR) {
        if (message->err != RD_KAFKA_RESP_ERR__PARTITION_EOF) {
            fail(rd_kafka_message_errstr(message));
        }
        return;
    }
    long long arrived_us = now_us();
    long long end_us = (rd_kafka_message_timestamp(message, NULL) + 1) * 1000;
    long long window = (end_us - run.start_us) / run.window_us - 1;
    if (end_us < run.start_us + WARM_UP_US || window < 0 || window >= WINDOWS_MAX) {
        return;
    }
    long long closed_us = atomic_load(&run.closed_us[window]);
    if (closed_us == 0) {
        fail("a result came before its window's end");
    }
    figures_add(&run.latency, (double)(arrived_us - closed_us) / 1000);
}

static void
record_take(rd_kafka_message_t *message, void *unused)
{
    static const char key[] = "{\"ts\":";
    (void)unused;
    if (message->err != RD_KAFKA_RESP_ERR_NO_ERROR || message->len <= sizeof key ||
        message->partition >= PARTITION_COUNT) {
        return;
    }
    long long stamp_us = strtoll((const char *)message->payload + sizeof key - 1, NULL, 10);
    if (stamp_us != run.hop_stamp_us[message->partition]) {
        run.hop_stamp_us[message->partition] = stamp_us;
        if (stamp_us >= run.start_us + WARM_UP_US) {
            figures_add(&run.hop, (double)(now_us() - stamp_us) / 1000);
        }
    }
}

/* Follows a topic from its end until the feeder has ended and the last results had their time. */
static void
topic_watch(const char *topic, int32_t partition_count,
            void (*take)(rd_kafka_message_t *message, void *unused))
{
    const char *const settings[][2] = {
        {"bootstrap.servers", run.brokers}, {"group.id", "watcher"},
        {"enable.auto.commit", "false"},    {"auto.offset.reset", "latest"},
        {"fetch.wait.max.ms", "10"},
    };
    rd_kafka_t *handle = client_new(RD_KAFKA_CONSUMER, settings,
                                    sizeof settings / sizeof settings[0]);
    rd_kafka_poll_set_consumer(handle);
    rd_kafka_topic_partition_list_t *list = rd_kafka_topic_partition_list_new(partition_count);
    for (int32_t i = 0; i < partition_count; i++) {
        rd_kafka_topic_partition_list_add(list, topic, i)->offset = RD_KAFKA_OFFSET_END;
    }
    rd_kafka_assign(handle, list);
    rd_kafka_topic_partition_list_destroy(list);
    rd_kafka_queue_t *queue = rd_kafka_queue_get_consumer(handle);
    long long until_us = 0;
    while (until_us == 0 || now_us() < until_us) {
        rd_kafka_consume_callback_queue(queue, POLL_MS, take, NULL);
        if (until_us == 0 && atomic_load(&run.ended)) {
            until_us = now_us() + TAIL_US;
        }
    }
    rd_kafka_queue_destroy(queue);
    rd_kafka_consumer_close(handle);
    rd_kafka_destroy(handle);
}

static void *
hop_run(void *unused)
{
    topic_watch(run.in, PARTITION_COUNT, record_take);
    return unused;
}

/* ── the whole ──────────────────────────────────────────────────────────────────────────────── */

static int
double_order(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

static double
quantile(const figures *sorted, double share)
{
    long at = (long)(share * (double)sorted->count);
    return sorted->ms[at < sorted->count ? at : sorted->count - 1];
}

static void
figures_print(const char *name, figures *list, const char *behind)
{
    if (list->count == 0) {
        fail("nothing came");
    }
    qsort(list->ms, (size_t)list->count, sizeof *list->ms, double_order);
    printf("\"%s\": {\"count\": %ld, \"p50\": %.2f, \"p99\": %.2f, \"max\": %.2f}%s", name,
           list->count, quantile(list, 0.5), quantile(list, 0.99), quantile(list, 1), behind);
}

int
main(int argc, char **argv)
{
    if (argc != 7) {
        fprintf(stderr, "usage: kafka_latency BROKERS IN OUT ROWS_PER_S SECONDS WINDOW_MS\n");
        return 2;
    }
    run.brokers = argv[1];
    run.in = argv[2];
    run.out = argv[3];
    run.rows_per_s = strtoll(argv[4], NULL, 10);
    run.seconds = strtoll(argv[5], NULL, 10);
    run.window_us = strtoll(argv[6], NULL, 10) * 1000;
    run.tick_count = (long)(run.seconds * 1000000 / TICK_US);
    if (run.rows_per_s <= 0 || run.tick_count <= 0 || run.window_us <= 0) {
        fail("ROWS_PER_S, SECONDS and WINDOW_MS are positive numbers");
    }
    run.start_us = (now_us() / run.window_us + 1) * run.window_us;
    pthread_t feeder, hop;
    if (pthread_create(&hop, NULL, hop_run, NULL) != 0 ||
        pthread_create(&feeder, NULL, feeder_run, NULL) != 0) {
        fail("no thread");
    }
    topic_watch(run.out, 1, result_take);
    pthread_join(feeder, NULL);
    pthread_join(hop, NULL);
    printf("{");
    figures_print("latency", &run.latency, ", ");
    figures_print("hop", &run.hop, ", ");
    figures_print("feeder", &run.late, "}\n");
    return 0;
}
