/* The fastest that librdkafka alone delivers a topic: no decoding, no query.
 *
 *   kafka_ceiling BROKERS TOPIC QUEUE_KBYTES
 *
 * Takes every message of every partition through the callback, copies its payload into a ring of
 * 8 MiB, and ends at the ends of the partitions. weir is measured against this program: the same
 * library, allocator and fetch settings; its queue is longer (a million messages). */
#include <librdkafka/rdkafka.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { RING_BYTES = 8 << 20, ASK_MS = 10000, POLL_MS = 100 };

typedef struct ceiling {
    char *ring;
    size_t at;
    long long message_count, byte_count;
    int ended_count;
    bool failed;
} ceiling;

static void
message_take(rd_kafka_message_t *message, void *opaque)
{
    ceiling *run = opaque;
    if (message->err == RD_KAFKA_RESP_ERR__PARTITION_EOF) {
        run->ended_count++;
        return;
    }
    if (message->err != RD_KAFKA_RESP_ERR_NO_ERROR) {
        fprintf(stderr, "kafka_ceiling: %s\n", rd_kafka_message_errstr(message));
        run->failed = true;
        return;
    }
    if (message->len > RING_BYTES) {
        run->failed = true;
        return;
    }
    run->at = run->at + message->len > RING_BYTES ? 0 : run->at;
    if (message->len > 0) {
        memcpy(run->ring + run->at, message->payload, message->len);
    }
    run->at += message->len;
    run->message_count++;
    run->byte_count += (long long)message->len;
}

static rd_kafka_t *
consumer_new(const char *brokers, const char *queue_kbytes)
{
    const char *const settings[][2] = {
        {"bootstrap.servers", brokers},
        {"group.id", "ceiling"},
        {"enable.auto.commit", "false"},
        {"enable.auto.offset.store", "false"},
        {"enable.partition.eof", "true"},
        {"auto.offset.reset", "error"},
        {"check.crcs", "false"},
        {"fetch.wait.max.ms", "10"},
        {"fetch.message.max.bytes", "1048576"},
        {"fetch.max.bytes", "67108864"},
        {"receive.message.max.bytes", "536870912"},
        {"queued.min.messages", "1000000"},
        {"queued.max.messages.kbytes", queue_kbytes},
    };
    char text[512];
    rd_kafka_conf_t *conf = rd_kafka_conf_new();
    for (size_t i = 0; i < sizeof settings / sizeof settings[0]; i++) {
        if (rd_kafka_conf_set(conf, settings[i][0], settings[i][1], text, sizeof text) !=
            RD_KAFKA_CONF_OK) {
            fprintf(stderr, "kafka_ceiling: %s\n", text);
            return NULL;
        }
    }
    rd_kafka_t *handle = rd_kafka_new(RD_KAFKA_CONSUMER, conf, text, sizeof text);
    if (!handle) {
        fprintf(stderr, "kafka_ceiling: %s\n", text);
        return NULL;
    }
    rd_kafka_poll_set_consumer(handle);
    return handle;
}

/* Assigns all partitions from their start; their number, or -1. */
static int
topic_assign(rd_kafka_t *handle, const char *topic)
{
    const struct rd_kafka_metadata *metadata;
    rd_kafka_topic_t *topic_handle = rd_kafka_topic_new(handle, topic, NULL);
    rd_kafka_resp_err_t failure = rd_kafka_metadata(handle, 0, topic_handle, &metadata, ASK_MS);
    rd_kafka_topic_destroy(topic_handle);
    if (failure != RD_KAFKA_RESP_ERR_NO_ERROR) {
        fprintf(stderr, "kafka_ceiling: %s\n", rd_kafka_err2str(failure));
        return -1;
    }
    int count = metadata->topics[0].partition_cnt;
    rd_kafka_metadata_destroy(metadata);
    rd_kafka_topic_partition_list_t *list = rd_kafka_topic_partition_list_new(count);
    for (int i = 0; i < count; i++) {
        rd_kafka_topic_partition_list_add(list, topic, i)->offset = RD_KAFKA_OFFSET_BEGINNING;
    }
    failure = rd_kafka_assign(handle, list);
    rd_kafka_topic_partition_list_destroy(list);
    return failure == RD_KAFKA_RESP_ERR_NO_ERROR ? count : -1;
}

int
main(int argc, char **argv)
{
    if (argc != 4) {
        fprintf(stderr, "usage: kafka_ceiling BROKERS TOPIC QUEUE_KBYTES\n");
        return 2;
    }
    rd_kafka_t *handle = consumer_new(argv[1], argv[3]);
    int partition_count = handle ? topic_assign(handle, argv[2]) : -1;
    if (partition_count < 0) {
        return 1;
    }
    ceiling run = {.ring = malloc(RING_BYTES)};
    rd_kafka_queue_t *queue = rd_kafka_queue_get_consumer(handle);
    while (run.ring && !run.failed && run.ended_count < partition_count) {
        rd_kafka_consume_callback_queue(queue, POLL_MS, message_take, &run);
    }
    printf("%lld messages, %lld bytes\n", run.message_count, run.byte_count);
    rd_kafka_queue_destroy(queue);
    rd_kafka_consumer_close(handle);
    rd_kafka_destroy(handle);
    free(run.ring);
    return run.failed ? 1 : 0;
}
