/* The marker: a committed offset of a group that nobody joins, written inside the transaction.
 *
 *     group weir-<job>, topic out, partition 0      offset 17, metadata "1b9d6bcd-… 250 -733217…"
 *                                                   └ epoch           └ job uuid  │   └ check of
 *                                                                         records ┘     the frames
 *
 * Kafka keeps committed offsets of any partition for any group, and a transaction carries them: so
 * the marker is there exactly when the epoch's records are. The offset has nothing to do with
 * reading; tools show it as the job's place in its own output.
 *
 * Invariants
 * 1. Only a marker that no open transaction may still change is returned: the broker answers
 *    "unstable" until it is decided, and librdkafka asks again (read_committed).
 * 2. What is in the metadata came over the network: what is not ours is another job's.
 * 3. Metadata is printable ASCII of less than 100 bytes; brokers take 4,096. */
#include "connectors/kafka_marker.h"

#include <string.h>

const char *
wr_kafka_marker_group(wr_text job_name, wr_arena *arena)
{
    return wr_arena_printf(arena, "weir-%.*s", WR_TEXT_ARG(job_name)).data;
}

/* Behind the number of records; 0: there is none, or it is none of ours. */
static int64_t
check_parse(wr_text numbers)
{
    const char *space = numbers.size > 0 ? memchr(numbers.data, ' ', numbers.size) : NULL;
    size_t before = space ? (size_t)(space - numbers.data) + 1 : numbers.size;
    int64_t check = 0;
    wr_text last = {numbers.data + before, numbers.size - before};
    return wr_text_to_int64(last, &check) ? check : 0;
}

static void
marker_parse(const rd_kafka_topic_partition_t *from, wr_kafka_marker *marker)
{
    *marker = (wr_kafka_marker){.is_there = from->offset >= 0, .epoch = from->offset};
    const char *space =
        from->metadata_size > 0 ? memchr(from->metadata, ' ', from->metadata_size) : NULL;
    size_t size = space ? (size_t)(space - (const char *)from->metadata) : 0;
    if (size > 0 && size < sizeof marker->uuid) {
        memcpy(marker->uuid, from->metadata, size);
        marker->check = check_parse((wr_text){space + 1, from->metadata_size - size - 1});
    }
}

/* Whatever the options say for reading: here it is no matter of taste. */
static void
reader_prepare(rd_kafka_conf_t *conf)
{
    char reason[128];
    rd_kafka_conf_set(conf, "isolation.level", "read_committed", reason, sizeof reason);
}

static wr_status
answer_judge(const wr_kafka_client *client, const char *group, rd_kafka_resp_err_t code,
             wr_error *err)
{
    if (code == RD_KAFKA_RESP_ERR_NO_ERROR) {
        return WR_OK;
    }
    bool refused = code == RD_KAFKA_RESP_ERR_GROUP_AUTHORIZATION_FAILED ||
                   code == RD_KAFKA_RESP_ERR_TOPIC_AUTHORIZATION_FAILED;
    wr_status status = refused ? WR_ERR_RUNTIME : WR_ERR_UNREACHABLE;
    wr_error_set(err, status, "E0704", "cannot read what was written to topic \"%s\" last",
                 client->topic);
    wr_error_detail(err, "group \"%s\": %s", group, rd_kafka_err2str(code));
    return status;
}

wr_status
wr_kafka_marker_read(const wr_sink_config *config, const char *group, wr_kafka_marker *marker,
                     wr_error *err)
{
    const wr_kafka_setting settings[] = {
        {"group.id", group},
        {"enable.auto.commit", "false"},
        {"socket.nagle.disable", "true"},
        {"allow.auto.create.topics", "false"},
        {NULL, NULL},
    };
    wr_arena *arena = wr_arena_new(0);
    wr_kafka_client client = {.connect_timeout_ms = wr_kafka_timeout_ms(config)};
    wr_status status = wr_kafka_client_open(&client, RD_KAFKA_CONSUMER, config->options,
                                            config->brokers, arena, settings, reader_prepare, err);
    if (status == WR_OK) {
        rd_kafka_topic_partition_list_t *list = rd_kafka_topic_partition_list_new(1);
        rd_kafka_topic_partition_t *place =
            rd_kafka_topic_partition_list_add(list, client.topic, 0);
        rd_kafka_resp_err_t code =
            rd_kafka_committed(client.handle, list, (int)client.connect_timeout_ms);
        code = code == RD_KAFKA_RESP_ERR_NO_ERROR ? place->err : code;
        status = answer_judge(&client, group, code, err);
        if (status == WR_OK) {
            marker_parse(place, marker);
        }
        rd_kafka_topic_partition_list_destroy(list);
    }
    wr_kafka_client_close(&client);
    wr_arena_free(arena);
    return status;
}

rd_kafka_topic_partition_list_t *
wr_kafka_marker_offsets(const char *topic, const wr_kafka_marker *marker, int64_t record_count)
{
    wr_buffer text;
    wr_buffer_init(&text);
    wr_buffer_printf(&text, "%s %lld %lld", marker->uuid, (long long)record_count,
                     (long long)marker->check);
    rd_kafka_topic_partition_list_t *list = rd_kafka_topic_partition_list_new(1);
    rd_kafka_topic_partition_t *place = rd_kafka_topic_partition_list_add(list, topic, 0);
    place->offset = marker->epoch;
    place->metadata_size = text.size;
    place->metadata = strdup(text.data); /* tidy: allow memory: librdkafka frees it with free */
    wr_buffer_fini(&text);
    return list;
}
