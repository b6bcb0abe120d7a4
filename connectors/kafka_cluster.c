/* Reaching the cluster: is somebody there, is the topic there, and what to say when not.
 *
 * Invariants
 * 1. No question waits longer than connect_timeout_ms at start.
 * 2. Asking never creates a topic. */
#include "connectors/kafka.h"
#include "core/time.h"

#include <string.h>

enum { SLICE_MS = 250, NAMES_MAX = 1024, NAMES_SHOWN = 10 };

bool
wr_kafka_error_passes(rd_kafka_resp_err_t code)
{
    static const rd_kafka_resp_err_t passing[] = {
        RD_KAFKA_RESP_ERR__TRANSPORT,
        RD_KAFKA_RESP_ERR__ALL_BROKERS_DOWN,
        RD_KAFKA_RESP_ERR__RESOLVE,
        RD_KAFKA_RESP_ERR__TIMED_OUT,
        RD_KAFKA_RESP_ERR__TIMED_OUT_QUEUE,
        RD_KAFKA_RESP_ERR__MAX_POLL_EXCEEDED,
        RD_KAFKA_RESP_ERR__WAIT_COORD,
        RD_KAFKA_RESP_ERR__AUTHENTICATION,
        RD_KAFKA_RESP_ERR__SSL,
        RD_KAFKA_RESP_ERR_LEADER_NOT_AVAILABLE,
        RD_KAFKA_RESP_ERR_NOT_LEADER_FOR_PARTITION,
        RD_KAFKA_RESP_ERR_REQUEST_TIMED_OUT,
        RD_KAFKA_RESP_ERR_BROKER_NOT_AVAILABLE,
        RD_KAFKA_RESP_ERR_REPLICA_NOT_AVAILABLE,
        RD_KAFKA_RESP_ERR_NETWORK_EXCEPTION,
        RD_KAFKA_RESP_ERR_COORDINATOR_LOAD_IN_PROGRESS,
        RD_KAFKA_RESP_ERR_COORDINATOR_NOT_AVAILABLE,
        RD_KAFKA_RESP_ERR_NOT_COORDINATOR,
        RD_KAFKA_RESP_ERR_GROUP_AUTHORIZATION_FAILED, /* we join none */
        RD_KAFKA_RESP_ERR_KAFKA_STORAGE_ERROR,
        RD_KAFKA_RESP_ERR_FENCED_LEADER_EPOCH,
        RD_KAFKA_RESP_ERR_UNKNOWN_LEADER_EPOCH,
        RD_KAFKA_RESP_ERR_OFFSET_NOT_AVAILABLE,
    };
    for (size_t i = 0; i < sizeof passing / sizeof *passing; i++) {
        if (passing[i] == code) {
            return true;
        }
    }
    return false;
}

wr_status
wr_kafka_unreachable(const wr_kafka_client *client, wr_error *err)
{
    if (client->refused) {
        wr_error_set(err, WR_ERR_UNREACHABLE, "E0701", "the Kafka broker at \"%s\" refuses us",
                     client->brokers);
        wr_error_detail(err, "%s", client->last_error);
        wr_error_hint(err, "check security, mechanism, username, password and ca_file");
    } else {
        wr_error_set(err, WR_ERR_UNREACHABLE, "E0701", "no Kafka broker answered at \"%s\"",
                     client->brokers);
        /* librdkafka says behind it how long ago and in which state of its own */
        const char *extra = strstr(client->last_error, " (after ");
        int size = extra ? (int)(extra - client->last_error) : (int)strlen(client->last_error);
        wr_error_detail(err, "%.*s", size, client->last_error);
        wr_error_hint(err, "start the broker, or name another: brokers = 'host:9092', "
                           "SET kafka.brokers = 'host:9092', or WEIR_KAFKA_BROKERS");
    }
    return WR_ERR_UNREACHABLE;
}

/* Metadata of our topic, or of all; asks again until the deadline when it failed for a reason that
 * passes. */
static rd_kafka_resp_err_t
metadata_ask(wr_kafka_client *client, bool all, int64_t deadline_us,
             const struct rd_kafka_metadata **metadata)
{
    for (;;) {
        rd_kafka_resp_err_t code = rd_kafka_metadata(
            client->handle, all, all ? NULL : client->topic_handle, metadata, SLICE_MS);
        rd_kafka_poll(client->handle, 0); /* tokens, errors */
        bool settling = code == RD_KAFKA_RESP_ERR_NO_ERROR && !all && (*metadata)->topic_cnt == 1 &&
                        (*metadata)->topics[0].err == RD_KAFKA_RESP_ERR_LEADER_NOT_AVAILABLE;
        bool again = settling || (wr_kafka_error_passes(code) && !client->refused);
        if (!again || wr_clock_monotonic_us(NULL) >= deadline_us) {
            return code;
        }
        if (settling) {
            rd_kafka_metadata_destroy(*metadata);
            wr_sleep_us(50 * WR_US_PER_MS);
        }
    }
}

static void
names_tell(wr_kafka_client *client, const struct rd_kafka_metadata *metadata, wr_error *err)
{
    wr_text names[NAMES_MAX];
    char list[1024] = "";
    int count = 0, shown = 0;
    size_t size = 0;
    for (int i = 0; i < metadata->topic_cnt && count < NAMES_MAX; i++) {
        wr_text name = wr_text_from(metadata->topics[i].topic);
        if (name.size == 0 || name.data[0] == '_') {
            continue; /* Kafka's own */
        }
        names[count++] = name;
        if (shown < NAMES_SHOWN && size + name.size + 3 < sizeof list) {
            memcpy(list + size, shown > 0 ? ", " : "", shown > 0 ? 2 : 0);
            size += shown > 0 ? 2 : 0;
            memcpy(list + size, name.data, name.size);
            size += name.size;
            shown++;
        }
    }
    if (shown > 0) {
        wr_error_detail(err, "topics there: %.*s%s", (int)size, list, count > shown ? ", …" : "");
    } else {
        wr_error_detail(err, "the broker has no topics yet");
    }
    int near = wr_text_nearest(wr_text_from(client->topic), names, count);
    if (near >= 0) {
        wr_error_hint(err, "did you mean \"%.*s\"?", WR_TEXT_ARG(names[near]));
    }
}

static wr_status
topic_unknown(wr_kafka_client *client, int64_t deadline_us, wr_error *err)
{
    const struct rd_kafka_metadata *metadata;
    wr_error_set(err, WR_ERR_UNREACHABLE, "E0702", "no topic \"%s\" on \"%s\"", client->topic,
                 client->brokers);
    if (metadata_ask(client, true, deadline_us, &metadata) == RD_KAFKA_RESP_ERR_NO_ERROR) {
        names_tell(client, metadata, err);
        rd_kafka_metadata_destroy(metadata);
    }
    wr_error_at(err, client->topic_option->position, client->topic_option->length);
    return WR_ERR_UNREACHABLE;
}

static wr_status
topic_refused(wr_kafka_client *client, rd_kafka_resp_err_t code, wr_error *err)
{
    wr_error_set(err, WR_ERR_UNREACHABLE, "E0702", "cannot use topic \"%s\" on \"%s\"",
                 client->topic, client->brokers);
    wr_error_detail(err, "%s", rd_kafka_err2str(code));
    wr_error_at(err, client->topic_option->position, client->topic_option->length);
    return WR_ERR_UNREACHABLE;
}

wr_status
wr_kafka_topic_partitions(wr_kafka_client *client, int *count, bool *missing, wr_error *err)
{
    const struct rd_kafka_metadata *metadata = NULL;
    int64_t deadline_us = wr_clock_monotonic_us(NULL) + client->connect_timeout_ms * WR_US_PER_MS;
    *count = 0;
    if (missing) {
        *missing = false;
    }
    rd_kafka_resp_err_t code = metadata_ask(client, false, deadline_us, &metadata);
    if (wr_kafka_error_passes(code)) {
        return wr_kafka_unreachable(client, err);
    }
    if (code == RD_KAFKA_RESP_ERR_NO_ERROR) {
        code = metadata->topic_cnt == 1 ? metadata->topics[0].err
                                        : RD_KAFKA_RESP_ERR_UNKNOWN_TOPIC_OR_PART;
        *count = metadata->topic_cnt == 1 ? metadata->topics[0].partition_cnt : 0;
        rd_kafka_metadata_destroy(metadata);
    }
    client->down = false;
    if (code == RD_KAFKA_RESP_ERR_UNKNOWN_TOPIC_OR_PART ||
        code == RD_KAFKA_RESP_ERR__UNKNOWN_TOPIC) {
        if (missing) {
            *missing = true;
        }
        return topic_unknown(client, deadline_us, err);
    }
    return code == RD_KAFKA_RESP_ERR_NO_ERROR ? WR_OK : topic_refused(client, code, err);
}
