/* How long after a window's end its result is in the sink topic, Kafka to Kafka, and where that
 * time goes.
 *
 *   kafka_latency BROKERS PROBE ROWS_PER_S SECONDS WARM_UP_S WINDOW_MS
 *
 *   feeder ──in, 2 partitions──▶ weir: TUMBLING window ──out──▶ watcher
 *      stamp of the first        receives it    hands over      arrival of the
 *      tick at or behind E                      its results     results of E
 *      ├──────────in────────────▶├─────weir────▶├──────out─────▶│
 *      ├─────────────────────────latency───────────────────────▶│
 *      ├──pulse: 1 record────hop────▶ plain consumer
 *
 * Every five milliseconds the feeder stamps one wall-clock time on a tick's records, half for each
 * partition, hands them to its producer, and has it send them at once in one request each. The
 * watermark passes the end E of a window when both partitions have shown a record stamped E or
 * later: the records of the first tick at or behind E. A latency holds the feeder's way to the
 * broker, the broker twice, weir, and the watcher's fetch; none of it is taken off. The watcher
 * knows E by the record's time, which is the window's last millisecond.
 *
 * Its parts come from PROBE, the file of kafka_probe.h, for the same windows. The hop is what
 * broker and machine need at that time without weir: one record that follows the closing tick's
 * records through the same producer and is read by a plain consumer. What the machine alone adds
 * to all that wait is told by how late the feeder wakes for its ticks.
 *
 * 1. Windows that ended within the warm-up do not count.
 * 2. Latency counts each result; the parts count each window, by its last result.
 * 3. The processors are kept awake: on a virtual machine the host must schedule one that sleeps
 *    before it can wake anybody, which took longer than 1 ms in each 50th case here and 10 ms in
 *    each 2000th. Threads that only spin and give way to everything (SCHED_IDLE) prevent that. */
#define _GNU_SOURCE
#include "kafka_probe.h"

#include <fcntl.h>
#include <librdkafka/rdkafka.h>
#include <pthread.h>
#include <sched.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <time.h>
#include <unistd.h>

enum {
    PARTITION_COUNT = 2,
    HOST_COUNT = 100,
    RECORD_MAX = 80,
    WINDOWS_MAX = 100000,
    CORES_MAX = 256,
    TICK_US = 5000,
    SETTLE_US = 200000, /* for the watchers to connect */
    LAST_US = 1000000,  /* the end of the run, whose results show whether anything lags behind */
    TAIL_US = 1000000,  /* for the last windows' results to come */
    SEND_MS = 1,
    ASK_MS = 10000,
    POLL_MS = 20
};

typedef struct figures {
    double *ms;
    long count, capacity;
} figures;

typedef struct window {
    atomic_llong closed_us; /* its closing tick's stamp */
    long long hop_us;       /* that tick's pulse in the plain consumer */
    long long result_us;    /* its last result */
} window;

typedef struct race {
    const char *brokers;
    const probe_file *probe;
    long long rows_per_s, seconds, warm_up_us, window_us, start_us;
    window windows[WINDOWS_MAX]; /* by number, from start_us */
    long tick_count;
    figures late;       /* the feeder's, by tick */
    figures latency;    /* by result */
    figures last;       /* the results of the last second */
    long long pulse_us; /* stamp of the last one */
    atomic_bool ended, over;
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
        list->capacity = list->capacity > 0 ? 2 * list->capacity : 65536;
        list->ms = realloc(list->ms, (size_t)list->capacity * sizeof *list->ms);
        if (!list->ms) {
            fail("no memory");
        }
    }
    list->ms[list->count++] = ms;
}

/* The window that ends at end_us, or NULL when it does not count. */
static window *
window_find(long long end_us)
{
    long long number = (end_us - run.start_us) / run.window_us - 1;
    bool counts = end_us > run.start_us + run.warm_up_us && number >= 0 && number < WINDOWS_MAX;
    return counts ? &run.windows[number] : NULL;
}

/* ── feeder ─────────────────────────────────────────────────────────────────────────────────── */

/* Notes which windows this stamp is the first to close. */
static void
windows_close(long long stamp_us, long long *next_window)
{
    while (*next_window < WINDOWS_MAX &&
           run.start_us + (*next_window + 1) * run.window_us <= stamp_us) {
        atomic_store(&run.windows[*next_window].closed_us, stamp_us);
        ++*next_window;
    }
}

static void
record_send(rd_kafka_topic_t *topic, int32_t partition, char *record, size_t size)
{
    while (rd_kafka_produce(topic, partition, RD_KAFKA_MSG_F_COPY, record, size, NULL, 0, NULL) !=
           0) {
        if (rd_kafka_last_error() != RD_KAFKA_RESP_ERR__QUEUE_FULL) {
            fail("the feeder cannot write");
        }
        usleep(1000);
    }
}

static void
tick_send(rd_kafka_topic_t *topic, long long stamp_us, long count)
{
    static char ends[HOST_COUNT][RECORD_MAX];
    static long host;
    char record[RECORD_MAX];
    for (int i = 0; ends[HOST_COUNT - 1][0] == '\0' && i < HOST_COUNT; i++) {
        snprintf(ends[i], sizeof ends[i], ",\"host\":\"server-%06d\",\"v\":%d.5}", i, i);
    }
    int begin = snprintf(record, sizeof record, "{\"ts\":%lld", stamp_us);
    for (long i = 0; i < count; i++) {
        host = (host + 1) % HOST_COUNT;
        size_t size = strlen(ends[host]);
        memcpy(record + begin, ends[host], size);
        int32_t partition = (int32_t)(i * PARTITION_COUNT / count);
        record_send(topic, partition, record, (size_t)begin + size);
    }
}

static void *
feeder_run(void *unused)
{
    const char *const settings[][2] = {
        {"bootstrap.servers", run.brokers},
        {"linger.ms", "5"},
        {"acks", "1"},
        {"queue.buffering.max.messages", "2000000"},
    };
    (void)unused;
    rd_kafka_t *handle =
        client_new(RD_KAFKA_PRODUCER, settings, sizeof settings / sizeof settings[0]);
    rd_kafka_topic_t *topic = rd_kafka_topic_new(handle, "in", NULL);
    rd_kafka_topic_t *pulse = rd_kafka_topic_new(handle, "pulse", NULL);
    long long next_window = 0, sent = 0;
    for (long tick = 0; tick < run.tick_count; tick++) {
        long long due_us = run.start_us + (long long)tick * TICK_US;
        struct timespec due = {due_us / 1000000, (long)(due_us % 1000000) * 1000};
        clock_nanosleep(CLOCK_REALTIME, TIMER_ABSTIME, &due, NULL);
        long long stamp_us = now_us();
        if (stamp_us >= run.start_us + run.warm_up_us) {
            figures_add(&run.late, (double)(stamp_us - due_us) / 1000);
        }
        windows_close(stamp_us, &next_window);
        long long target = run.rows_per_s * (tick + 1) * TICK_US / 1000000;
        tick_send(topic, stamp_us, (long)(target - sent));
        record_send(pulse, 0, (char *)&stamp_us, sizeof stamp_us);
        sent = target;
        rd_kafka_flush(handle, SEND_MS);
    }
    rd_kafka_flush(handle, ASK_MS);
    rd_kafka_topic_destroy(topic);
    rd_kafka_topic_destroy(pulse);
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
    window *ended = window_find(end_us);
    if (!ended) {
        return;
    }
    long long closed_us = atomic_load(&ended->closed_us);
    if (closed_us == 0) {
        fail("a result came before its window's end");
    }
    ended->result_us = arrived_us;
    figures_add(&run.latency, (double)(arrived_us - closed_us) / 1000);
    if (end_us > run.start_us + run.seconds * 1000000 - LAST_US) {
        figures_add(&run.last, (double)(arrived_us - closed_us) / 1000);
    }
}

static void
pulse_take(rd_kafka_message_t *message, void *unused)
{
    long long stamp_us, arrived_us = now_us();
    (void)unused;
    if (message->err != RD_KAFKA_RESP_ERR_NO_ERROR || message->len != sizeof stamp_us) {
        return;
    }
    memcpy(&stamp_us, message->payload, sizeof stamp_us);
    long long end_us = stamp_us / run.window_us * run.window_us;
    window *closed = run.pulse_us < end_us ? window_find(end_us) : NULL;
    run.pulse_us = stamp_us;
    if (closed) {
        closed->hop_us = arrived_us;
    }
}

/* Follows a topic from its end until the feeder has ended and the last results had their time. */
static void
topic_watch(const char *topic, void (*take)(rd_kafka_message_t *message, void *unused))
{
    const char *const settings[][2] = {
        {"bootstrap.servers", run.brokers}, {"group.id", "watcher"},
        {"enable.auto.commit", "false"},    {"auto.offset.reset", "latest"},
        {"fetch.wait.max.ms", "10"},        {"check.crcs", "false"},
    };
    rd_kafka_t *handle =
        client_new(RD_KAFKA_CONSUMER, settings, sizeof settings / sizeof settings[0]);
    rd_kafka_poll_set_consumer(handle);
    rd_kafka_topic_partition_list_t *list = rd_kafka_topic_partition_list_new(1);
    rd_kafka_topic_partition_list_add(list, topic, 0)->offset = RD_KAFKA_OFFSET_END;
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
    topic_watch("pulse", pulse_take);
    return unused;
}

/* ── processors that do not sleep ───────────────────────────────────────────────────────────── */

static void *
core_keep_awake(void *core)
{
    cpu_set_t set;
    CPU_ZERO(&set);
    CPU_SET((size_t)core, &set);
    if (sched_setscheduler(0, SCHED_IDLE, &(struct sched_param){0}) == 0 &&
        sched_setaffinity(0, sizeof set, &set) == 0) {
        while (!atomic_load_explicit(&run.over, memory_order_relaxed)) {
        }
    }
    return NULL;
}

static int
cores_keep_awake(pthread_t *threads)
{
    long core_count = sysconf(_SC_NPROCESSORS_ONLN);
    int count = 0;
    for (size_t core = 0; core < CORES_MAX && (long)core < core_count; core++) {
        count += pthread_create(&threads[count], NULL, core_keep_awake, (void *)core) == 0;
    }
    return count;
}

/* ── the whole ──────────────────────────────────────────────────────────────────────────────── */

static int
double_order(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

/* All of them, sorted, so that several runs can be told as one. */
static void
figures_print(const char *name, figures *list)
{
    static const char *comma = "";
    if (list->count > 0) {
        qsort(list->ms, (size_t)list->count, sizeof *list->ms, double_order);
    }
    printf("%s\"%s\": [", comma, name);
    for (long i = 0; i < list->count; i++) {
        printf("%s%.3f", i > 0 ? "," : "", list->ms[i]);
    }
    printf("]");
    comma = ", ";
}

static void
parts_print(void)
{
    figures hop = {0}, in = {0}, weir = {0}, out = {0};
    for (long i = 0; i < WINDOWS_MAX; i++) {
        const window *at = &run.windows[i];
        long long end_us = run.start_us + (i + 1) * run.window_us;
        const probe_slot *slot = &run.probe->slots[end_us / run.window_us % PROBE_SLOTS];
        if (at->result_us > 0 && at->hop_us > 0) {
            figures_add(&hop, (double)(at->hop_us - at->closed_us) / 1000);
        }
        if (at->result_us > 0 && slot->end_us == end_us && slot->received_us > 0 &&
            slot->handed_us > 0) {
            figures_add(&in, (double)(slot->received_us - at->closed_us) / 1000);
            figures_add(&weir, (double)(slot->handed_us - slot->received_us) / 1000);
            figures_add(&out, (double)(at->result_us - slot->handed_us) / 1000);
        }
    }
    figures_print("hop", &hop);
    figures_print("in", &in);
    figures_print("weir", &weir);
    figures_print("out", &out);
}

static void
arguments_read(char **argv)
{
    int fd = open(argv[2], O_RDONLY);
    void *map = mmap(NULL, sizeof *run.probe, PROT_READ, MAP_SHARED, fd, 0);
    if (map == MAP_FAILED) {
        fail("cannot map the probe's file");
    }
    run.brokers = argv[1];
    run.probe = map;
    run.rows_per_s = strtoll(argv[3], NULL, 10);
    run.seconds = strtoll(argv[4], NULL, 10);
    run.warm_up_us = strtoll(argv[5], NULL, 10) * 1000000;
    run.window_us = strtoll(argv[6], NULL, 10) * 1000;
    run.tick_count = (long)(run.seconds * 1000000 / TICK_US);
    if (run.rows_per_s <= 0 || run.tick_count <= 0 || run.window_us <= 0) {
        fail("ROWS_PER_S, SECONDS and WINDOW_MS are positive numbers");
    }
}

int
main(int argc, char **argv)
{
    if (argc != 7) {
        fprintf(stderr, "usage: kafka_latency BROKERS PROBE ROWS_PER_S SECONDS WARM_UP_S "
                        "WINDOW_MS\n");
        return 2;
    }
    arguments_read(argv);
    run.start_us = ((now_us() + SETTLE_US) / run.window_us + 1) * run.window_us;
    pthread_t feeder, hop, awake[CORES_MAX];
    int awake_count = cores_keep_awake(awake);
    if (pthread_create(&hop, NULL, hop_run, NULL) != 0 ||
        pthread_create(&feeder, NULL, feeder_run, NULL) != 0) {
        fail("no thread");
    }
    topic_watch("out", result_take);
    pthread_join(feeder, NULL);
    pthread_join(hop, NULL);
    atomic_store(&run.over, true);
    for (int i = 0; i < awake_count; i++) {
        pthread_join(awake[i], NULL);
    }
    printf("{");
    figures_print("latency", &run.latency);
    parts_print();
    figures_print("feeder", &run.late);
    figures_print("last", &run.last);
    printf("}\n");
    return 0;
}
