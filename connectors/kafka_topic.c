/* The topic that a sink writes to: it is made sure that it is there, and how much it takes.
 *
 * Invariants
 * 1. A topic is created only when create = 'yes' says so.
 * 2. Who may not ask for a topic's limit is not held up by that: librdkafka's own limit counts. */
#include "connectors/kafka.h"

#include <string.h>

enum { CREATE_MS = 10000 };

int64_t
wr_kafka_timeout_ms(const wr_sink_config *config)
{
    int64_t timeout_us = wr_options_int(config->options, wr_kafka_options, "connect_timeout");
    int64_t timeout_ms =
        config->connect_timeout_ms > 0 ? config->connect_timeout_ms : WR_KAFKA_CONNECT_MS;
    return timeout_us > 0 ? timeout_us / WR_US_PER_MS : timeout_ms;
}

/* ── is it there ────────────────────────────────────────────────────────────────────────────── */

static wr_status
create_failed(const wr_kafka_client *client, const char *reason, wr_error *err)
{
    wr_error_set(err, WR_ERR_UNREACHABLE, "E0702", "cannot create topic \"%s\"",
                 client->topic);
    wr_error_detail(err, "%s", reason);
    return WR_ERR_UNREACHABLE;
}

/* With the broker's own number of partitions and replicas. */
static wr_status
topic_create(wr_kafka_client *client, wr_error *err)
{
    char reason[512] = "no answer from the broker";
    rd_kafka_t *handle = client->handle;
    rd_kafka_NewTopic_t *topic =
        rd_kafka_NewTopic_new(client->topic, -1, -1, reason, sizeof reason);
    if (!topic) {
        return create_failed(client, reason, err);
    }
    rd_kafka_queue_t *queue = rd_kafka_queue_new(handle);
    rd_kafka_CreateTopics(handle, &topic, 1, NULL, queue);
    rd_kafka_event_t *event = rd_kafka_queue_poll(queue, CREATE_MS);
    wr_status status = WR_ERR_UNREACHABLE;
    const rd_kafka_CreateTopics_result_t *result =
        event ? rd_kafka_event_CreateTopics_result(event) : NULL;
    size_t count = 0;
    const rd_kafka_topic_result_t **topics =
        result ? rd_kafka_CreateTopics_result_topics(result, &count) : NULL;
    rd_kafka_resp_err_t code =
        count == 1 ? rd_kafka_topic_result_error(topics[0]) : RD_KAFKA_RESP_ERR__FAIL;
    if (code == RD_KAFKA_RESP_ERR_NO_ERROR || code == RD_KAFKA_RESP_ERR_TOPIC_ALREADY_EXISTS) {
        status = WR_OK;
    } else {
        const char *told = count == 1 ? rd_kafka_topic_result_error_string(topics[0])
                           : event    ? rd_kafka_event_error_string(event)
                                      : NULL;
        status = create_failed(client, told ? told : reason, err);
    }
    if (event) {
        rd_kafka_event_destroy(event);
    }
    rd_kafka_queue_destroy(queue);
    rd_kafka_NewTopic_destroy(topic);
    return status;
}

wr_status
wr_kafka_topic_ensure(wr_kafka_client *client, const wr_sink_config *config, wr_error *err)
{
    int count;
    bool missing;
    wr_status status = wr_kafka_topic_partitions(client, &count, &missing, err);
    if (status == WR_OK || !missing) {
        return status;
    }
    if (!wr_text_equal_nocase(wr_options_text(config->options, wr_kafka_options, "create"),
                              WR_TEXT("yes"))) {
        wr_text hint = wr_text_from(err ? err->hint : NULL);
        if (hint.size == 0) {
            wr_error_hint(err, "create = 'yes' creates it");
        }
        return status;
    }
    wr_error_clear(err);
    return topic_create(client, err);
}

/* ── how much it takes ──────────────────────────────────────────────────────────────────────── */

static int64_t
limit_find(rd_kafka_event_t *event)
{
    size_t count = 0, entry_count = 0;
    const rd_kafka_DescribeConfigs_result_t *result =
        event ? rd_kafka_event_DescribeConfigs_result(event) : NULL;
    const rd_kafka_ConfigResource_t **topics =
        result ? rd_kafka_DescribeConfigs_result_resources(result, &count) : NULL;
    const rd_kafka_ConfigEntry_t **entries =
        count == 1 ? rd_kafka_ConfigResource_configs(topics[0], &entry_count) : NULL;
    int64_t limit = 0;
    for (size_t i = 0; i < entry_count; i++) {
        const char *value = rd_kafka_ConfigEntry_value(entries[i]);
        if (strcmp(rd_kafka_ConfigEntry_name(entries[i]), "max.message.bytes") == 0 &&
            (!value || !wr_text_to_int64(wr_text_from(value), &limit))) {
            limit = 0;
        }
    }
    return limit;
}

static int64_t
own_limit(rd_kafka_t *handle)
{
    char text[32];
    size_t size = sizeof text;
    int64_t limit;
    bool known = rd_kafka_conf_get(rd_kafka_conf(handle), "message.max.bytes", text, &size) ==
                     RD_KAFKA_CONF_OK &&
                 wr_text_to_int64(wr_text_from(text), &limit);
    return known ? limit : INT64_MAX;
}

int64_t
wr_kafka_topic_limit_bytes(wr_kafka_client *client)
{
    rd_kafka_ConfigResource_t *topic =
        rd_kafka_ConfigResource_new(RD_KAFKA_RESOURCE_TOPIC, client->topic);
    rd_kafka_queue_t *queue = rd_kafka_queue_new(client->handle);
    rd_kafka_DescribeConfigs(client->handle, &topic, 1, NULL, queue);
    rd_kafka_event_t *event = rd_kafka_queue_poll(queue, (int)client->connect_timeout_ms);
    int64_t limit = limit_find(event), own = own_limit(client->handle);
    if (event) {
        rd_kafka_event_destroy(event);
    }
    rd_kafka_queue_destroy(queue);
    rd_kafka_ConfigResource_destroy(topic);
    return limit > 0 && limit < own ? limit : own;
}
