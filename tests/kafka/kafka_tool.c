/* What the tests do to a broker, with librdkafka itself so that every field is exact:
 *
 *   kafka_tool HOST:PORT ready                        exit 0 when the broker answers
 *   kafka_tool HOST:PORT create|grow TOPIC COUNT      partitions
 *   kafka_tool HOST:PORT delete TOPIC
 *   kafka_tool HOST:PORT produce TOPIC CODEC RATE     lines from stdin; RATE a second, 0: at once
 *   kafka_tool HOST:PORT transact TOPIC commit|abort  the same in a transaction that ends so
 *   kafka_tool HOST:PORT expire TOPIC PARTITION OFFSET     deletes the records before it
 *   kafka_tool HOST:PORT consume TOPIC                all records to stdout, then ends
 *
 * A line is fields with tabs between them, `\N` is none, `\\ \t \n \r \0` are escapes:
 *   produce   partition timestamp_ms key value [header value]…       -1: any partition, now
 *   consume   partition offset timestamp_ms key value [header value]…
 *
 * 1. produce ends after every message was acknowledged; any failure is exit 1.
 * 2. consume reads to the end offsets that it saw at its start, committed records only. */
#include <librdkafka/rdkafka.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

enum { TIMEOUT_MS = 30000, READY_TIMEOUT_MS = 2000, FIELDS_MAX = 64 };

static int failed_count;

static void
check(bool good, const char *what, const char *why)
{
    if (!good) {
        fprintf(stderr, "kafka_tool: %s: %s\n", what, why);
        exit(1);
    }
}

static void
conf_set(rd_kafka_conf_t *conf, const char *name, const char *value)
{
    char why[512];
    check(rd_kafka_conf_set(conf, name, value, why, sizeof why) == RD_KAFKA_CONF_OK, name, why);
}

static void
delivery_count(rd_kafka_t *client, const rd_kafka_message_t *message, void *context)
{
    (void)client;
    (void)context;
    if (message->err != RD_KAFKA_RESP_ERR_NO_ERROR) {
        fprintf(stderr, "kafka_tool: delivery: %s\n", rd_kafka_err2str(message->err));
        failed_count++;
    }
}

static rd_kafka_t *
client_open(rd_kafka_type_t kind, const char *brokers, const char *codec,
            const char *transactional_id)
{
    rd_kafka_conf_t *conf = rd_kafka_conf_new();
    conf_set(conf, "bootstrap.servers", brokers);
    conf_set(conf, "broker.address.family", "v4");
    conf_set(conf, "log_level", "3");
    if (kind == RD_KAFKA_PRODUCER) {
        conf_set(conf, "compression.codec", codec);
        conf_set(conf, "linger.ms", "20");
        conf_set(conf, "message.max.bytes", "104857600");
        conf_set(conf, "enable.idempotence", "true");
        if (transactional_id != NULL) {
            conf_set(conf, "transactional.id", transactional_id);
        }
        conf_set(conf, "queue.buffering.max.messages", "2000000");
        rd_kafka_conf_set_dr_msg_cb(conf, delivery_count);
    } else {
        conf_set(conf, "group.id", "kafka_tool");
        conf_set(conf, "enable.auto.commit", "false");
        conf_set(conf, "enable.partition.eof", "true");
        conf_set(conf, "auto.offset.reset", "earliest");
        conf_set(conf, "fetch.message.max.bytes", "104857600");
    }
    char why[512];
    rd_kafka_t *client = rd_kafka_new(kind, conf, why, sizeof why);
    check(client != NULL, "client", why);
    return client;
}

/* ── topics ─────────────────────────────────────────────────────────────────────────────────── */

static const rd_kafka_topic_result_t **
event_topics(rd_kafka_event_t *event, size_t *count)
{
    switch (rd_kafka_event_type(event)) {
    case RD_KAFKA_EVENT_CREATETOPICS_RESULT:
        return rd_kafka_CreateTopics_result_topics(rd_kafka_event_CreateTopics_result(event),
                                                   count);
    case RD_KAFKA_EVENT_DELETETOPICS_RESULT:
        return rd_kafka_DeleteTopics_result_topics(rd_kafka_event_DeleteTopics_result(event),
                                                   count);
    default:
        return rd_kafka_CreatePartitions_result_topics(
            rd_kafka_event_CreatePartitions_result(event), count);
    }
}

static void
result_wait(rd_kafka_queue_t *queue, const char *what)
{
    rd_kafka_event_t *event = rd_kafka_queue_poll(queue, TIMEOUT_MS);
    check(event != NULL, what, "no answer");
    check(rd_kafka_event_error(event) == RD_KAFKA_RESP_ERR_NO_ERROR, what,
          rd_kafka_event_error_string(event));
    size_t count = 0;
    const rd_kafka_topic_result_t **topics = event_topics(event, &count);
    for (size_t i = 0; i < count; i++) {
        check(rd_kafka_topic_result_error(topics[i]) == RD_KAFKA_RESP_ERR_NO_ERROR, what,
              rd_kafka_err2str(rd_kafka_topic_result_error(topics[i])));
    }
    rd_kafka_event_destroy(event);
}

/* The broker acknowledges a topic before its leaders are known to all: wait until they are. */
static void
leaders_wait(rd_kafka_t *client, const char *topic, int partition_count)
{
    rd_kafka_topic_t *handle = rd_kafka_topic_new(client, topic, NULL);
    for (int attempt = 0; attempt < 300; attempt++) {
        const struct rd_kafka_metadata *found = NULL;
        int led = 0;
        if (rd_kafka_metadata(client, 0, handle, &found, TIMEOUT_MS) ==
            RD_KAFKA_RESP_ERR_NO_ERROR) {
            for (int i = 0; found->topic_cnt == 1 && i < found->topics[0].partition_cnt; i++) {
                led += found->topics[0].partitions[i].leader >= 0 ? 1 : 0;
            }
            rd_kafka_metadata_destroy(found);
        }
        if (led >= partition_count) {
            break;
        }
        const struct timespec pause = {.tv_sec = 0, .tv_nsec = 50 * 1000 * 1000};
        (void)nanosleep(&pause, NULL);
    }
    rd_kafka_topic_destroy(handle);
}

static int
topic_change(const char *brokers, const char *verb, const char *topic, int partition_count)
{
    rd_kafka_t *client = client_open(RD_KAFKA_PRODUCER, brokers, "none", NULL);
    rd_kafka_queue_t *queue = rd_kafka_queue_new(client);
    char why[512];
    if (strcmp(verb, "create") == 0) {
        rd_kafka_NewTopic_t *wanted =
            rd_kafka_NewTopic_new(topic, partition_count, 1, why, sizeof why);
        check(wanted != NULL, topic, why);
        rd_kafka_CreateTopics(client, &wanted, 1, NULL, queue);
        result_wait(queue, "create");
        rd_kafka_NewTopic_destroy(wanted);
    } else if (strcmp(verb, "grow") == 0) {
        rd_kafka_NewPartitions_t *wanted =
            rd_kafka_NewPartitions_new(topic, (size_t)partition_count, why, sizeof why);
        check(wanted != NULL, topic, why);
        rd_kafka_CreatePartitions(client, &wanted, 1, NULL, queue);
        result_wait(queue, "grow");
        rd_kafka_NewPartitions_destroy(wanted);
    } else {
        rd_kafka_DeleteTopic_t *gone = rd_kafka_DeleteTopic_new(topic);
        rd_kafka_DeleteTopics(client, &gone, 1, NULL, queue);
        result_wait(queue, "delete");
        rd_kafka_DeleteTopic_destroy(gone);
    }
    if (partition_count > 0) {
        leaders_wait(client, topic, partition_count);
    }
    rd_kafka_queue_destroy(queue);
    rd_kafka_destroy(client);
    return 0;
}

static int
broker_ready(const char *brokers)
{
    rd_kafka_t *client = client_open(RD_KAFKA_PRODUCER, brokers, "none", NULL);
    const struct rd_kafka_metadata *found = NULL;
    rd_kafka_resp_err_t got = rd_kafka_metadata(client, 1, NULL, &found, READY_TIMEOUT_MS);
    if (got == RD_KAFKA_RESP_ERR_NO_ERROR) {
        rd_kafka_metadata_destroy(found);
    }
    rd_kafka_destroy(client);
    return got == RD_KAFKA_RESP_ERR_NO_ERROR ? 0 : 1;
}

/* ── lines ──────────────────────────────────────────────────────────────────────────────────── */

typedef struct field {
    char *data; /* NULL: none */
    size_t size;
} field;

/* Cuts `line` in place at its tabs and resolves the escapes. */
static int
line_split(char *line, size_t size, field *fields)
{
    int count = 0;
    char *end = line + size;
    for (char *from = line; from <= end && count < FIELDS_MAX; count++) {
        char *tab = memchr(from, '\t', (size_t)(end - from));
        char *stop = tab != NULL ? tab : end;
        char *to = from;
        bool none = stop - from == 2 && memcmp(from, "\\N", 2) == 0;
        fields[count].data = none ? NULL : from;
        for (char *at = from; at < stop; at++) {
            char c = *at;
            if (c == '\\' && at + 1 < stop) {
                at++;
                c = *at == 't' ? '\t' : *at == 'n' ? '\n' : *at == 'r' ? '\r'
                  : *at == '0' ? '\0' : *at;
            }
            *to++ = c;
        }
        fields[count].size = none ? 0 : (size_t)(to - from);
        *to = '\0';
        from = stop + 1;
    }
    return count;
}

static void
field_print(const void *data, size_t size)
{
    if (data == NULL) {
        fputs("\\N", stdout);
        return;
    }
    const char *bytes = data;
    for (size_t i = 0; i < size; i++) {
        switch (bytes[i]) {
        case '\\': fputs("\\\\", stdout); break;
        case '\t': fputs("\\t", stdout); break;
        case '\n': fputs("\\n", stdout); break;
        case '\r': fputs("\\r", stdout); break;
        case '\0': fputs("\\0", stdout); break;
        default: putchar(bytes[i]); break;
        }
    }
}

/* ── produce and consume ────────────────────────────────────────────────────────────────────── */

static void
message_send(rd_kafka_t *client, rd_kafka_topic_t *topic, const field *fields, int count)
{
    rd_kafka_headers_t *headers = rd_kafka_headers_new(8);
    for (int i = 4; i + 1 < count; i += 2) {
        (void)rd_kafka_header_add(headers, fields[i].data, (ssize_t)fields[i].size,
                                  fields[i + 1].data, (ssize_t)fields[i + 1].size);
    }
    long long timestamp_ms = strtoll(fields[1].data, NULL, 10);
    for (;;) {
        rd_kafka_headers_t *mine = rd_kafka_headers_copy(headers);
        rd_kafka_resp_err_t got = rd_kafka_producev(
            client, RD_KAFKA_V_RKT(topic),
            RD_KAFKA_V_PARTITION((int32_t)strtol(fields[0].data, NULL, 10)),
            RD_KAFKA_V_TIMESTAMP(timestamp_ms < 0 ? 0 : timestamp_ms),
            RD_KAFKA_V_KEY(fields[2].data, fields[2].size),
            RD_KAFKA_V_VALUE(fields[3].data, fields[3].size), RD_KAFKA_V_HEADERS(mine),
            RD_KAFKA_V_MSGFLAGS(RD_KAFKA_MSG_F_COPY), RD_KAFKA_V_END);
        if (got == RD_KAFKA_RESP_ERR_NO_ERROR) {
            break;
        }
        rd_kafka_headers_destroy(mine);
        check(got == RD_KAFKA_RESP_ERR__QUEUE_FULL, "produce", rd_kafka_err2str(got));
        rd_kafka_poll(client, 100);
    }
    rd_kafka_headers_destroy(headers);
}

static void
lines_send(rd_kafka_t *client, rd_kafka_topic_t *topic, double rate)
{
    char *line = NULL;
    size_t capacity = 0;
    ssize_t size;
    while ((size = getline(&line, &capacity, stdin)) > 0) {
        field fields[FIELDS_MAX];
        size_t length = (size_t)size - (line[size - 1] == '\n' ? 1 : 0);
        int count = line_split(line, length, fields);
        check(count >= 4 && fields[0].data != NULL && fields[1].data != NULL, "line",
              "four fields or more: partition timestamp_ms key value");
        message_send(client, topic, fields, count);
        if (rate > 0) {
            long long pause_ns = (long long)(1e9 / rate);
            const struct timespec pause = {.tv_sec = (time_t)(pause_ns / 1000000000),
                                           .tv_nsec = (long)(pause_ns % 1000000000)};
            (void)nanosleep(&pause, NULL);
        }
        rd_kafka_poll(client, 0);
    }
    free(line);
    rd_kafka_resp_err_t flushed = rd_kafka_flush(client, TIMEOUT_MS);
    check(flushed == RD_KAFKA_RESP_ERR_NO_ERROR, "flush", rd_kafka_err2str(flushed));
}

static int
topic_produce(const char *brokers, const char *name, const char *codec, double rate)
{
    rd_kafka_t *client = client_open(RD_KAFKA_PRODUCER, brokers, codec, NULL);
    rd_kafka_topic_t *topic = rd_kafka_topic_new(client, name, NULL);
    lines_send(client, topic, rate);
    rd_kafka_topic_destroy(topic);
    rd_kafka_destroy(client);
    return failed_count > 0 ? 1 : 0;
}

static void
step_check(rd_kafka_error_t *error, const char *what)
{
    check(error == NULL, what, error ? rd_kafka_error_string(error) : "");
}

static int
topic_transact(const char *brokers, const char *name, bool commits)
{
    rd_kafka_t *client = client_open(RD_KAFKA_PRODUCER, brokers, "none", "kafka_tool");
    rd_kafka_topic_t *topic = rd_kafka_topic_new(client, name, NULL);
    step_check(rd_kafka_init_transactions(client, TIMEOUT_MS), "init");
    step_check(rd_kafka_begin_transaction(client), "begin");
    lines_send(client, topic, 0);
    step_check(commits ? rd_kafka_commit_transaction(client, TIMEOUT_MS)
                       : rd_kafka_abort_transaction(client, TIMEOUT_MS), "end");
    rd_kafka_topic_destroy(topic);
    rd_kafka_destroy(client);
    return failed_count > 0 ? 1 : 0;
}

static int
topic_expire(const char *brokers, const char *name, int32_t partition, int64_t offset)
{
    rd_kafka_t *client = client_open(RD_KAFKA_PRODUCER, brokers, "none", NULL);
    rd_kafka_queue_t *queue = rd_kafka_queue_new(client);
    rd_kafka_topic_partition_list_t *list = rd_kafka_topic_partition_list_new(1);
    rd_kafka_topic_partition_list_add(list, name, partition)->offset = offset;
    rd_kafka_DeleteRecords_t *wanted = rd_kafka_DeleteRecords_new(list);
    rd_kafka_DeleteRecords(client, &wanted, 1, NULL, queue);
    rd_kafka_event_t *event = rd_kafka_queue_poll(queue, TIMEOUT_MS);
    check(event != NULL, "expire", "no answer");
    check(rd_kafka_event_error(event) == RD_KAFKA_RESP_ERR_NO_ERROR, "expire",
          rd_kafka_event_error_string(event));
    rd_kafka_event_destroy(event);
    rd_kafka_DeleteRecords_destroy(wanted);
    rd_kafka_topic_partition_list_destroy(list);
    rd_kafka_queue_destroy(queue);
    rd_kafka_destroy(client);
    return 0;
}

static void
message_print(const rd_kafka_message_t *message)
{
    printf("%d\t%lld\t%lld\t", (int)message->partition, (long long)message->offset,
           (long long)rd_kafka_message_timestamp(message, NULL));
    field_print(message->key, message->key_len);
    putchar('\t');
    field_print(message->payload, message->len);
    rd_kafka_headers_t *headers = NULL;
    const char *name;
    const void *value;
    size_t size;
    if (rd_kafka_message_headers(message, &headers) == RD_KAFKA_RESP_ERR_NO_ERROR) {
        for (size_t i = 0; rd_kafka_header_get_all(headers, i, &name, &value, &size) ==
                           RD_KAFKA_RESP_ERR_NO_ERROR; i++) {
            putchar('\t');
            field_print(name, strlen(name));
            putchar('\t');
            field_print(value, size);
        }
    }
    putchar('\n');
}

static int
topic_consume(const char *brokers, const char *name)
{
    rd_kafka_t *client = client_open(RD_KAFKA_CONSUMER, brokers, "none", NULL);
    rd_kafka_topic_t *topic = rd_kafka_topic_new(client, name, NULL);
    const struct rd_kafka_metadata *found = NULL;
    rd_kafka_resp_err_t got = rd_kafka_metadata(client, 0, topic, &found, TIMEOUT_MS);
    check(got == RD_KAFKA_RESP_ERR_NO_ERROR && found->topic_cnt == 1, name, rd_kafka_err2str(got));
    int open_count = found->topics[0].partition_cnt;
    rd_kafka_topic_partition_list_t *wanted = rd_kafka_topic_partition_list_new(open_count);
    for (int i = 0; i < open_count; i++) {
        rd_kafka_topic_partition_list_add(wanted, name, i)->offset = RD_KAFKA_OFFSET_BEGINNING;
    }
    rd_kafka_metadata_destroy(found);
    check(rd_kafka_assign(client, wanted) == RD_KAFKA_RESP_ERR_NO_ERROR, name, "assign");
    rd_kafka_poll_set_consumer(client);
    while (open_count > 0) {
        rd_kafka_message_t *message = rd_kafka_consumer_poll(client, TIMEOUT_MS);
        check(message != NULL, name, "no answer");
        if (message->err == RD_KAFKA_RESP_ERR__PARTITION_EOF) {
            open_count--;
        } else {
            check(message->err == RD_KAFKA_RESP_ERR_NO_ERROR, name,
                  rd_kafka_err2str(message->err));
            message_print(message);
        }
        rd_kafka_message_destroy(message);
    }
    rd_kafka_topic_partition_list_destroy(wanted);
    rd_kafka_topic_destroy(topic);
    rd_kafka_consumer_close(client);
    rd_kafka_destroy(client);
    return 0;
}

int
main(int argc, char **argv)
{
    const char *verb = argc > 2 ? argv[2] : "";
    if (strcmp(verb, "ready") == 0) {
        return broker_ready(argv[1]);
    }
    if ((strcmp(verb, "create") == 0 || strcmp(verb, "grow") == 0) && argc == 5) {
        return topic_change(argv[1], verb, argv[3], (int)strtol(argv[4], NULL, 10));
    }
    if (strcmp(verb, "delete") == 0 && argc == 4) {
        return topic_change(argv[1], verb, argv[3], 0);
    }
    if (strcmp(verb, "produce") == 0 && argc == 6) {
        return topic_produce(argv[1], argv[3], argv[4], strtod(argv[5], NULL));
    }
    if (strcmp(verb, "transact") == 0 && argc == 5) {
        return topic_transact(argv[1], argv[3], strcmp(argv[4], "commit") == 0);
    }
    if (strcmp(verb, "expire") == 0 && argc == 6) {
        return topic_expire(argv[1], argv[3], (int32_t)strtol(argv[4], NULL, 10),
                            strtoll(argv[5], NULL, 10));
    }
    if (strcmp(verb, "consume") == 0 && argc == 4) {
        return topic_consume(argv[1], argv[3]);
    }
    fprintf(stderr, "usage: kafka_tool HOST:PORT "
                    "ready|create|grow|delete|produce|transact|expire|consume …\n");
    return 2;
}
