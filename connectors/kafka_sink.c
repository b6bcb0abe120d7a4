/* Writes rows to a Kafka topic: at least once, in order, without repeats of one run; or, for jobs,
 * into frames that kafka_transactions.c delivers exactly once.
 *
 *   row ──encode──▶ value bytes ─┐
 *   key columns ──▶ key bytes    ├─▶ produce (copied) ──▶ librdkafka's queue ──▶ broker
 *   event time ───▶ record time ─┘        full: wait (back-pressure)    │
 *                                            first failure ◀── delivery report
 *
 * librdkafka lets records wait (linger.ms) for others to share a request with, which many rows need
 * and a few only suffer from. The end of a micro-batch tells them apart: when exactly its records
 * are under way, it was short and nothing came before it, so nothing is worth waiting for.
 *
 *   rows written  ········│flush          linger, 1 to 2 ms
 *   short                 └─▶ sent        instead of ─────▶ sent
 *   long          ···▶ sent ···▶ sent ··│flush ─────▶ the rest sent
 *
 * Invariants
 * 1. The producer is idempotent with acks = all: what librdkafka repeats lands once.
 * 2. What is in flight is bounded (queue.buffering.max.*): a slow broker holds the query back.
 * 3. A record that was not delivered fails the next write, flush or finish with the broker's
 *    reason; finish returns WR_OK only when every record was acknowledged.
 * 4. With a key, a deleted row is a tombstone of its key, and −U rows, whose +U follows, are left
 *    out; without one, rows that change cannot be written.
 * 5. flush waits SEND_MS at most, and never when the user has set a linger.ms of his own.
 * 6. What goes into a frame can be delivered: a record that the topic will not take fails there. */
#include "connectors/kafka.h"
#include "connectors/kafka_frames.h"
#include "connectors/kafka_transactions.h"
#include "connectors/registry.h"
#include "core/memory.h"
#include "core/time.h"

#include <string.h>

enum { WAIT_MS = 100, SEND_MS = 1, KEY_SHOWN = 100 };
#define LINGER_MS "1"

struct wr_sink {
    wr_kafka_client client; /* first: librdkafka's opaque is the client */
    const wr_format_ops *format;
    wr_encoder *encoder;
    wr_kafka_key key;
    wr_buffer value_bytes, key_bytes;
    size_t ends[WR_BATCH_ROWS];
    bool lingers_by_default;
    int64_t written_count; /* since the last flush */
    int64_t failed_count;
    rd_kafka_resp_err_t failure; /* of the first record that was not delivered */
    /* exactly once: the client is closed after open */
    wr_kafka_transactions *transactions;
    int64_t limit_bytes; /* of a record */
};

/* ── delivery ───────────────────────────────────────────────────────────────────────────────── */

/* Thread: ours, inside rd_kafka_poll and rd_kafka_flush. */
static void
delivery_report(rd_kafka_t *handle, const rd_kafka_message_t *message, void *opaque)
{
    wr_sink *sink = opaque;
    (void)handle;
    if (message->err != RD_KAFKA_RESP_ERR_NO_ERROR) {
        sink->failure = sink->failed_count == 0 ? message->err : sink->failure;
        sink->failed_count++;
    }
}

static wr_status
record_failed(const wr_sink *sink, rd_kafka_resp_err_t code, int64_t count, wr_error *err)
{
    wr_error_set(err, WR_ERR_RUNTIME, "E0704", "cannot write topic \"%s\": %s", sink->client.topic,
                 rd_kafka_err2str(code));
    wr_error_detail(err, "%lld record%s not delivered%s%s", (long long)count,
                    count == 1 ? " was" : "s were", sink->client.last_error[0] ? "; " : "",
                    sink->client.last_error);
    if (code == RD_KAFKA_RESP_ERR_MSG_SIZE_TOO_LARGE) {
        wr_error_hint(err, "raise max.message.bytes of the topic");
    }
    return WR_ERR_RUNTIME;
}

static wr_status
delivery_check(wr_sink *sink, wr_error *err)
{
    char reason[WR_KAFKA_ERROR_MAX];
    rd_kafka_resp_err_t fatal = rd_kafka_fatal_error(sink->client.handle, reason, sizeof reason);
    if (sink->failed_count > 0) {
        return record_failed(sink, sink->failure, sink->failed_count, err);
    }
    if (fatal != RD_KAFKA_RESP_ERR_NO_ERROR) {
        wr_error_set(err, WR_ERR_RUNTIME, "E0704", "cannot write topic \"%s\"", sink->client.topic);
        wr_error_detail(err, "%s", reason);
        return WR_ERR_RUNTIME;
    }
    return WR_OK;
}

/* ── open ───────────────────────────────────────────────────────────────────────────────────── */

static void
producer_prepare(rd_kafka_conf_t *conf)
{
    rd_kafka_conf_set_dr_msg_cb(conf, delivery_report);
}

/* Whether nobody has set another. */
static bool
linger_is_ours(rd_kafka_t *handle)
{
    char text[32];
    size_t size = sizeof text;
    return rd_kafka_conf_get(rd_kafka_conf(handle), "linger.ms", text, &size) == RD_KAFKA_CONF_OK &&
           strcmp(text, LINGER_MS) == 0;
}

static wr_status
producer_open(wr_sink *sink, const wr_sink_config *config, wr_error *err)
{
    static const wr_kafka_setting settings[] = {
        {"enable.idempotence", "true"},
        {"allow.auto.create.topics", "false"},
        {"partitioner", "murmur2_random"}, /* as Java's producers, so that keys meet */
        {"linger.ms", LINGER_MS},
        {"queue.buffering.max.messages", "500000"},
        {"queue.buffering.max.kbytes", "65536"},
        {"message.max.bytes", "104857600"}, /* the broker's own limit decides */
        {"message.timeout.ms", "120000"},
        {"reconnect.backoff.max.ms", "1000"},
        {NULL, NULL},
    };
    sink->client.connect_timeout_ms = wr_kafka_timeout_ms(config);
    WR_TRY(wr_kafka_client_open(&sink->client, RD_KAFKA_PRODUCER, config->options, config->brokers,
                                config->arena, settings, producer_prepare, err));
    sink->lingers_by_default = linger_is_ours(sink->client.handle);
    return WR_OK;
}

static wr_status
sink_check(wr_options options, wr_error *err)
{
    const wr_option *headers = wr_options_find(options, "headers");
    if (headers) {
        wr_error_set(err, WR_ERR_SQL, "E0501", "headers = is not supported yet");
        wr_error_at(err, headers->position, headers->length);
        return WR_ERR_SQL;
    }
    return wr_kafka_options_check(options, err);
}

static wr_status
topic_open(const wr_sink_config *config, wr_sink **out, wr_error *err)
{
    WR_TRY(sink_check(config->options, err));
    wr_sink *sink = wr_alloc(sizeof *sink);
    *out = sink;
    wr_buffer_init(&sink->value_bytes);
    wr_buffer_init(&sink->key_bytes);
    sink->format = config->format ? config->format : wr_format_find(WR_TEXT("json"));
    if (!sink->format || !sink->format->encoder_open) {
        return wr_error_set(err, WR_ERR_SQL, "E0501", "format %s cannot be written",
                            sink->format ? sink->format->name : "json");
    }
    WR_TRY(wr_kafka_key_init(&sink->key, wr_options_find(config->options, "key"), &config->schema,
                             config->arena, err));
    WR_TRY(sink->format->encoder_open(config->arena, &config->schema, config->options, false,
                                      &sink->encoder, err));
    WR_TRY(producer_open(sink, config, err));
    WR_TRY(wr_kafka_topic_ensure(&sink->client, config, err));
    if (config->exactly_once) {
        sink->limit_bytes = wr_kafka_topic_limit_bytes(&sink->client);
        sink->transactions = wr_kafka_transactions_new(config, sink->limit_bytes);
        wr_kafka_client_close(&sink->client);
    }
    return WR_OK;
}

static void
topic_close(wr_sink *sink)
{
    if (sink->client.handle) {
        rd_kafka_purge(sink->client.handle, RD_KAFKA_PURGE_F_QUEUE | RD_KAFKA_PURGE_F_INFLIGHT);
    }
    wr_kafka_client_close(&sink->client);
    wr_kafka_transactions_free(sink->transactions);
    if (sink->encoder) {
        sink->format->encoder_close(sink->encoder);
    }
    wr_buffer_fini(&sink->value_bytes);
    wr_buffer_fini(&sink->key_bytes);
    wr_free(sink);
}

/* ── write ──────────────────────────────────────────────────────────────────────────────────── */

/* One try; the bytes are copied by librdkafka. */
static rd_kafka_resp_err_t
record_produce(wr_sink *sink, const wr_kafka_record *row)
{
    rd_kafka_vu_t parts[] = {
        {.vtype = RD_KAFKA_VTYPE_RKT, .u.rkt = sink->client.topic_handle},
        {.vtype = RD_KAFKA_VTYPE_MSGFLAGS, .u.i = RD_KAFKA_MSG_F_COPY},
        {.vtype = RD_KAFKA_VTYPE_VALUE,
         .u.mem = {.ptr = (void *)(uintptr_t)row->value.data, .size = row->value.size}},
        {.vtype = RD_KAFKA_VTYPE_KEY,
         .u.mem = {.ptr = (void *)(uintptr_t)row->key.data, .size = row->key.size}},
        {.vtype = RD_KAFKA_VTYPE_TIMESTAMP, .u.i64 = row->time_ms},
    };
    rd_kafka_error_t *error =
        rd_kafka_produceva(sink->client.handle, parts, sizeof parts / sizeof *parts);
    rd_kafka_resp_err_t code = error ? rd_kafka_error_code(error) : RD_KAFKA_RESP_ERR_NO_ERROR;
    if (error) {
        rd_kafka_error_destroy(error);
    }
    return code;
}

/* A full queue is waited out: records leave it delivered, or failed after message.timeout.ms. */
static wr_status
record_send(wr_sink *sink, const wr_kafka_record *row, wr_error *err)
{
    rd_kafka_resp_err_t code = record_produce(sink, row);
    while (code == RD_KAFKA_RESP_ERR__QUEUE_FULL) {
        rd_kafka_poll(sink->client.handle, WAIT_MS);
        WR_TRY(delivery_check(sink, err));
        code = record_produce(sink, row);
    }
    sink->written_count++;
    return code == RD_KAFKA_RESP_ERR_NO_ERROR ? WR_OK : record_failed(sink, code, 1, err);
}

static int64_t
record_time_ms(const wr_batch *batch, int row)
{
    int64_t us = batch->event_time_us ? batch->event_time_us[row] : WR_TIME_NONE;
    return us > 0 && us != WR_TIME_END ? us / WR_US_PER_MS : 0; /* 0: now */
}

static wr_status
changes_refused(const wr_sink *sink, wr_error *err)
{
    wr_error_set(err, WR_ERR_SQL, "E0406", "topic \"%s\" gets rows that change, but has no key",
                 sink->client.topic);
    wr_error_hint(err, "say which columns make a row: kafka('%s', key = …)", sink->client.topic);
    return WR_ERR_SQL;
}

/* A key that is there but empty is not no key. */
static wr_text
bytes_view(const wr_buffer *buffer)
{
    return (wr_text){buffer->size > 0 ? buffer->data : "", buffer->size};
}

/* What becomes of a row; *sent is false when nothing does. Its key lives until the next one's. */
static wr_status
row_record(wr_sink *sink, const wr_batch *batch, int row, wr_kafka_record *made, bool *sent,
           wr_error *err)
{
    wr_row_op op = batch->row_ops ? (wr_row_op)batch->row_ops[row] : WR_INSERT;
    bool goes = op == WR_DELETE || op == WR_UPDATE_BEFORE;
    if (goes && sink->key.count == 0) {
        return changes_refused(sink, err);
    }
    *sent = op != WR_UPDATE_BEFORE;
    made->value = goes ? WR_TEXT_NONE : made->value;
    made->time_ms = record_time_ms(batch, row);
    made->key = WR_TEXT_NONE;
    wr_buffer_reset(&sink->key_bytes);
    if (*sent && wr_kafka_key_append(&sink->key, batch, row, &sink->key_bytes)) {
        made->key = bytes_view(&sink->key_bytes);
    }
    return WR_OK;
}

static wr_status
record_too_large(const wr_sink *sink, const wr_kafka_record *record, wr_error *err)
{
    size_t shown = record->key.size < KEY_SHOWN ? record->key.size : KEY_SHOWN;
    wr_error_set(err, WR_ERR_RUNTIME, "E0704",
                 "topic \"%s\" does not take a record of %zu bytes, key %s%.*s%s",
                 sink->client.topic, record->key.size + record->value.size,
                 record->key.data ? "\"" : "none", (int)shown,
                 record->key.data ? record->key.data : "", record->key.data ? "\"" : "");
    wr_error_detail(err, "its limit is %lld bytes", (long long)sink->limit_bytes);
    wr_error_hint(err, "raise max.message.bytes of the topic");
    return WR_ERR_RUNTIME;
}

static wr_status
record_frame(wr_sink *sink, const wr_kafka_record *record, wr_buffer *bytes, wr_error *err)
{
    if (wr_kafka_record_wire_bytes(record) > (uint64_t)sink->limit_bytes) {
        return record_too_large(sink, record, err);
    }
    wr_kafka_frame_append(bytes, record);
    return WR_OK;
}

/* Into the frame, or without one to the broker. */
static wr_status
rows_take(wr_sink *sink, const wr_batch *batch, wr_buffer *frame, wr_error *err)
{
    wr_buffer *bytes = &sink->value_bytes;
    wr_buffer_reset(bytes);
    WR_TRY(sink->format->encode(sink->encoder, batch, bytes, sink->ends, err));
    size_t begin = 0;
    for (int i = 0; i < batch->selected_count; i++) {
        int row = batch->selection ? batch->selection[i] : i;
        const char *data = bytes->data ? bytes->data + begin : "";
        wr_kafka_record record = {.value = {data, sink->ends[i] - begin}};
        bool sent;
        begin = sink->ends[i];
        WR_TRY(row_record(sink, batch, row, &record, &sent, err));
        if (sent) {
            WR_TRY(frame ? record_frame(sink, &record, frame, err)
                         : record_send(sink, &record, err));
        }
    }
    return WR_OK;
}

static wr_status
topic_write(wr_sink *sink, const wr_batch *batch, wr_error *err)
{
    WR_TRY(delivery_check(sink, err));
    return rows_take(sink, batch, NULL, err);
}

static wr_status
topic_flush(wr_sink *sink, wr_error *err)
{
    rd_kafka_t *handle = sink->client.handle;
    bool is_short = sink->written_count > 0 && rd_kafka_outq_len(handle) == sink->written_count;
    sink->written_count = 0;
    if (is_short && sink->lingers_by_default) {
        rd_kafka_flush(handle, SEND_MS); /* 0: over before librdkafka's thread looks */
    } else {
        rd_kafka_poll(handle, 0);
    }
    return delivery_check(sink, err);
}

static wr_status
topic_finish(wr_sink *sink, wr_error *err)
{
    while (rd_kafka_flush(sink->client.handle, WAIT_MS) == RD_KAFKA_RESP_ERR__TIMED_OUT) {
        WR_TRY(delivery_check(sink, err));
    }
    return delivery_check(sink, err);
}

/* ── exactly once ───────────────────────────────────────────────────────────────────────────── */

/* By the cluster's own name: brokers come and go, and may be named in any order. */
static wr_status
topic_destination(const wr_sink_config *config, wr_buffer *name, wr_error *err)
{
    const wr_kafka_setting settings[] = {{NULL, NULL}};
    wr_kafka_client client = {.connect_timeout_ms = wr_kafka_timeout_ms(config)};
    wr_status status = wr_kafka_client_open(&client, RD_KAFKA_PRODUCER, config->options,
                                            config->brokers, config->arena, settings, NULL, err);
    if (status == WR_OK) {
        char *cluster = rd_kafka_clusterid(client.handle, (int)client.connect_timeout_ms);
        status = cluster ? WR_OK : wr_kafka_unreachable(&client, err);
        wr_buffer_printf(name, "kafka:%s@%s", client.topic, cluster ? cluster : "");
        rd_kafka_mem_free(client.handle, cluster);
    }
    wr_kafka_client_close(&client);
    return status;
}

static wr_status
topic_frame(wr_sink *sink, const wr_batch *batch, wr_buffer *bytes, wr_error *err)
{
    return rows_take(sink, batch, bytes, err);
}

static wr_status
topic_recover(wr_sink *sink, const wr_sink_past *past, int64_t *epoch, wr_error *err)
{
    return wr_kafka_transactions_recover(sink->transactions, past, epoch, err);
}

static wr_status
topic_deliver(wr_sink *sink, const wr_delivery *delivery, wr_error *err)
{
    return wr_kafka_transactions_deliver(sink->transactions, delivery, err);
}

const wr_sink_ops wr_kafka_sink = {
    .name = "kafka",
    .positional = "topic",
    .options = wr_kafka_options,
    .option_prefix = WR_KAFKA_PASSTHROUGH,
    .check = sink_check,
    .default_format = "json",
    .accepts_changes = true,
    .changes_need = "key",
    .open = topic_open,
    .write = topic_write,
    .flush = topic_flush,
    .finish = topic_finish,
    .close = topic_close,
    .destination = topic_destination,
    .frame = topic_frame,
    .recover = topic_recover,
    .deliver = topic_deliver,
};
