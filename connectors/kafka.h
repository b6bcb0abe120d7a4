/* What the Kafka source and sink share: options, configuration, reaching the cluster. */
#ifndef WEIR_CONNECTORS_KAFKA_H
#define WEIR_CONNECTORS_KAFKA_H

#include "connectors/connector.h"

#include <librdkafka/rdkafka.h>

/* One table for both: a declared stream may be read and written. */
extern const wr_option_spec wr_kafka_options[];

/* Passes every dotted name and some bare ones of librdkafka on to wr_kafka_options_check. */
#define WR_KAFKA_PASSTHROUGH ".|debug|interceptors"

/* Pass-through options against the allow-list: E0604 with the reason for those that would open a
 * hole or break a promise, E0601 with did-you-mean for unknown ones. */
wr_status wr_kafka_options_check(wr_options options, wr_error *err);

enum { WR_KAFKA_ERROR_MAX = 256, WR_KAFKA_CONNECT_MS = 8000 };

/* A producer or consumer. Thread: its owner's only; librdkafka's threads touch none of it. */
typedef struct wr_kafka_client {
    rd_kafka_t *handle; /* NULL: not made */
    rd_kafka_topic_t *topic_handle;
    const char *brokers, *topic;
    const wr_option *topic_option;
    int64_t connect_timeout_ms;
    char last_error[WR_KAFKA_ERROR_MAX]; /* of the connection, for messages; "" none */
    bool refused;                        /* the broker does not let us in */
    bool down;                           /* no broker reachable at the moment */
} wr_kafka_client;

/* Configuration with our defaults and the user's options; the user's win. */
typedef struct wr_kafka_setting {
    const char *name, *value;
} wr_kafka_setting;

/* Makes the handle. `settings` is NULL-name-terminated. `prepare` (may be NULL) puts callbacks in.
 * E0602 for a value that librdkafka does not take (secrets are not shown). The client may be
 * closed after a failure. */
wr_status wr_kafka_client_open(wr_kafka_client *client, rd_kafka_type_t type, wr_options options,
                               wr_text default_brokers, wr_arena *arena,
                               const wr_kafka_setting *settings,
                               void (*prepare)(rd_kafka_conf_t *conf), wr_error *err);
void wr_kafka_client_close(wr_kafka_client *client);

/* How many partitions has the topic? Waits at most connect_timeout_ms for a broker: E0701; E0702
 * with near names when there is no such topic (then *missing is set, unless NULL). */
wr_status wr_kafka_topic_partitions(wr_kafka_client *client, int *count, bool *missing,
                                    wr_error *err);

/* How long a sink waits for a broker at start. */
int64_t wr_kafka_timeout_ms(const wr_sink_config *config);
/* The topic is there, or created if the options say so: E0701, E0702. */
wr_status wr_kafka_topic_ensure(wr_kafka_client *client, const wr_sink_config *config,
                                wr_error *err);
/* The largest batch of records that the topic, or else librdkafka, takes. */
int64_t wr_kafka_topic_limit_bytes(wr_kafka_client *client);

/* E0701: nobody answered. */
wr_status wr_kafka_unreachable(const wr_kafka_client *client, wr_error *err);

/* Errors that pass by themselves: librdkafka goes on trying. */
bool wr_kafka_error_passes(rd_kafka_resp_err_t code);

/* {"name":"value",…} of a message's headers; NULL when it has none. */
const char *wr_kafka_headers_json(const rd_kafka_message_t *message, wr_arena *arena, size_t *size);
/* Appends `text` as a JSON string, with quotes. */
void wr_kafka_json_string(wr_buffer *out, wr_text text);

/* The key that `key = col | (cols)` makes of a row. */
typedef struct wr_kafka_key {
    int *columns; /* in the sink's schema */
    int count;    /* 0: no key */
} wr_kafka_key;
/* E0203 when a column is not there. */
wr_status wr_kafka_key_init(wr_kafka_key *key, const wr_option *option, const wr_schema *schema,
                            wr_arena *arena, wr_error *err);
/* Appends the key's bytes to `out`; false: the row has no key (its only column is NULL). */
bool wr_kafka_key_append(const wr_kafka_key *key, const wr_batch *batch, int row, wr_buffer *out);

/* Where reading starts and, when bounded, ends. */
typedef struct wr_kafka_range {
    int64_t start, low, high;
} wr_kafka_range;
wr_status wr_kafka_start_check(wr_options options, wr_error *err);
/* One range per partition of `wanted` (count of them, those of our lane are true). */
wr_status wr_kafka_start_find(wr_kafka_client *client, const wr_source_config *config, int count,
                              const bool *wanted, wr_kafka_range *ranges, wr_error *err);
/* low and high of partitions, in one request per broker. */
wr_status wr_kafka_bounds(wr_kafka_client *client, int count, const bool *wanted,
                          wr_kafka_range *ranges, wr_error *err);

#endif
