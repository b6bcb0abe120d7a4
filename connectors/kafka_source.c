/* Reads a Kafka topic: all partitions (or this lane's), from offsets of our own.
 *
 *   librdkafka's threads ──queue──▶ consume_callback ──memcpy──▶ batch arena ──▶ block
 *                                   (on the polling thread; yields when the block is full)
 *
 * Invariants
 * 1. Offsets are ours: assign() says where each partition starts, no group is joined, nothing is
 *    committed. Messages below the next expected offset are dropped (librdkafka can repeat some).
 * 2. A payload is copied once, out of librdkafka's buffer into the poll's arena.
 * 3. A bounded source ends at the end offsets seen at its start. That an end is reached is told by
 *    the broker's end-of-partition or by any message behind the end; so control records, aborted
 *    transactions and compacted gaps in front of it hold nothing up.
 * 4. A broker that goes away is not an error: librdkafka comes back to it. Lost offsets are
 *    (E0705), unless on_data_loss = 'skip'. */
#include "connectors/kafka.h"
#include "connectors/kafka_parts.h"
#include "connectors/kafka_refill.h"
#include "connectors/registry.h"
#include "core/memory.h"
#include "core/time.h"

#include <stdatomic.h>
#include <stdio.h>
#include <string.h>

enum {
    BATCH_MESSAGES_MIN = 256,
    QUEUE_KBYTES_MIN = 1024,
    QUEUE_KBYTES_MAX = 2097151,
    ASK_MS = 1000, /* a healthy broker answers in a few */
    ASK_DOWN_MS = 50
};
#define QUEUE_MESSAGES "50000" /* 15 MB with headers; kafka_refill keeps it from running dry */
static const int64_t queue_bytes_default = (int64_t)256 << 20;

struct wr_source {
    wr_kafka_client client;
    rd_kafka_queue_t *queue;
    wr_source_config config;
    wr_kafka_parts parts;
    wr_kafka_refill refill;
    int64_t discovery_us, discover_at_us;
    int64_t repeated_count;
    atomic_bool woken;
    int message_hint; /* how many the last block held */

    /* the block that is being filled, for the callback */
    const wr_poll_limits *limits;
    wr_arena *arena;
    wr_block *block;
    int capacity;
    int64_t byte_count;
    rd_kafka_resp_err_t failure; /* an error that does not pass */
    int32_t failure_partition;
    char failure_text[WR_KAFKA_ERROR_MAX];
};

/* ── open, close ────────────────────────────────────────────────────────────────────────────── */

static wr_status
consumer_open(wr_source *source, wr_error *err)
{
    char kbytes[24];
    int64_t queue =
        source->config.queue_bytes > 0 ? source->config.queue_bytes : queue_bytes_default;
    queue /= 1024;
    queue = queue < QUEUE_KBYTES_MIN ? QUEUE_KBYTES_MIN : queue;
    queue = queue > QUEUE_KBYTES_MAX ? QUEUE_KBYTES_MAX : queue;
    snprintf(kbytes, sizeof kbytes, "%lld", (long long)queue);
    const wr_kafka_setting settings[] = {
        {"group.id", "weir"}, /* assign() asks for one; nobody joins it */
        {"enable.auto.commit", "false"},
        {"enable.auto.offset.store", "false"},
        {"enable.partition.eof", "true"},
        {"auto.offset.reset", "error"},
        {"allow.auto.create.topics", "false"},
        {"check.crcs", "false"},
        {"fetch.wait.max.ms", "10"},
        {"fetch.message.max.bytes", "1048576"},
        {"fetch.max.bytes", "67108864"},
        {"receive.message.max.bytes", "536870912"}, /* one message may be larger than a fetch */
        {"queued.min.messages", QUEUE_MESSAGES},
        {rd_kafka_version() < 0x02020000 ? NULL : "fetch.queue.backoff.ms", "10"},
        {"queued.max.messages.kbytes", kbytes},
        {"topic.metadata.refresh.interval.ms", "30000"},
        {"reconnect.backoff.max.ms", "1000"},
        {NULL, NULL},
    };
    return wr_kafka_client_open(&source->client, RD_KAFKA_CONSUMER, source->config.options,
                                source->config.brokers, source->config.arena, settings, NULL, err);
}

static void
options_read(wr_source *source)
{
    wr_options options = source->config.options;
    source->discovery_us = wr_options_int(options, wr_kafka_options, "discovery_interval");
    int64_t timeout_us = wr_options_int(options, wr_kafka_options, "connect_timeout");
    int64_t timeout_ms = source->config.connect_timeout_ms > 0 ? source->config.connect_timeout_ms
                                                               : WR_KAFKA_CONNECT_MS;
    source->client.connect_timeout_ms = timeout_us > 0 ? timeout_us / WR_US_PER_MS : timeout_ms;
}

static wr_status
positions_open(wr_source *source, wr_error *err)
{
    int count;
    WR_TRY(wr_kafka_topic_partitions(&source->client, &count, NULL, err));
    wr_kafka_parts_grow(&source->parts, count);
    bool *wanted = WR_NEW_ARRAY(source->config.arena, bool, count);
    wr_kafka_range *ranges = WR_NEW_ARRAY(source->config.arena, wr_kafka_range, count);
    for (int i = 0; i < count; i++) {
        wanted[i] = source->parts.items[i].ours;
    }
    WR_TRY(source->config.is_resumed
               ? wr_kafka_parts_resume(&source->parts, &source->config, wanted, ranges, err)
               : wr_kafka_start_find(&source->client, &source->config, count, wanted, ranges,
                                     err));
    wr_kafka_parts_begin(&source->parts, ranges);
    source->queue = rd_kafka_queue_get_consumer(source->client.handle);
    wr_kafka_refill_init(&source->refill, source->client.handle);
    source->discover_at_us = wr_clock_monotonic_us(NULL) + source->discovery_us;
    return wr_kafka_parts_assign(&source->parts, 0, err);
}

static wr_status
topic_open(const wr_source_config *config, wr_source **out, wr_error *err)
{
    wr_source *source = wr_alloc(sizeof *source);
    *out = source;
    source->config = *config;
    source->message_hint = BATCH_MESSAGES_MIN;
    wr_kafka_parts_init(&source->parts, &source->client, config);
    options_read(source);
    WR_TRY(consumer_open(source, err));
    return positions_open(source, err);
}

static void
topic_close(wr_source *source)
{
    if (source->queue) {
        rd_kafka_queue_destroy(source->queue);
    }
    wr_kafka_client_close(&source->client);
    wr_kafka_parts_fini(&source->parts);
    wr_free(source);
}

static void
topic_wake(wr_source *source)
{
    atomic_store(&source->woken, true);
    if (source->queue) {
        rd_kafka_queue_yield(source->queue);
    }
}

/* ── the callback: thread of poll, inside rd_kafka_consume_callback_queue ───────────────────── */

static bool
source_done(const wr_source *source)
{
    return source->config.until_end && source->parts.open_count == 0;
}

static bool
block_full(const wr_source *source)
{
    return source->block->message_count >= source->limits->rows ||
           source->byte_count >= source->limits->bytes;
}

static wr_message *
block_add(wr_source *source)
{
    wr_block *block = source->block;
    if (block->message_count == source->capacity) {
        int capacity = source->capacity > 0 ? 2 * source->capacity : source->message_hint;
        wr_message *messages = wr_arena_alloc(source->arena, sizeof *messages * (size_t)capacity);
        if (block->message_count > 0) {
            memcpy(messages, block->messages, sizeof *messages * (size_t)block->message_count);
        }
        block->messages = messages;
        source->capacity = capacity;
    }
    return &block->messages[block->message_count++];
}

static int64_t
message_time_us(const rd_kafka_message_t *message)
{
    rd_kafka_timestamp_type_t kind;
    int64_t time_ms = rd_kafka_message_timestamp(message, &kind);
    bool is_none = kind == RD_KAFKA_TIMESTAMP_NOT_AVAILABLE || time_ms < 0 ||
                   time_ms > INT64_MAX / WR_US_PER_MS;
    return is_none ? WR_TIME_NONE : time_ms * WR_US_PER_MS;
}

static void
message_keep(wr_source *source, const rd_kafka_message_t *from)
{
    wr_message *message = block_add(source);
    *message = (wr_message){
        .data = wr_arena_bytes_copy(source->arena, from->payload, from->len),
        .size = from->len,
        .timestamp_us = message_time_us(from),
        .offset = from->offset,
        .partition = from->partition,
    };
    if (source->config.pseudo_mask & 1u << WR_PSEUDO_KEY) {
        message->key = wr_arena_bytes_copy(source->arena, from->key, from->key_len);
        message->key_size = from->key_len;
    }
    if (source->config.pseudo_mask & 1u << WR_PSEUDO_HEADERS) {
        message->headers = wr_kafka_headers_json(from, source->arena, &message->headers_size);
    }
    source->byte_count += (int64_t)from->len;
}

static void
error_take(wr_source *source, const rd_kafka_message_t *message)
{
    bool known = message->partition >= 0 && message->partition < source->parts.count;
    if (message->err == RD_KAFKA_RESP_ERR__PARTITION_EOF && known) {
        wr_kafka_part *part = &source->parts.items[message->partition];
        part->at_end = true;
        part->next = message->offset > part->next ? message->offset : part->next;
        if (message->offset >= part->end) {
            wr_kafka_part_finish(&source->parts, part);
        }
        return;
    }
    bool lost = message->err == RD_KAFKA_RESP_ERR__AUTO_OFFSET_RESET ||
                message->err == RD_KAFKA_RESP_ERR_OFFSET_OUT_OF_RANGE;
    if (lost && known) {
        source->parts.items[message->partition].lost = true;
        source->parts.lost_any = true;
    } else if (!wr_kafka_error_passes(message->err) &&
               source->failure == RD_KAFKA_RESP_ERR_NO_ERROR) {
        source->failure = message->err;
        source->failure_partition = known ? message->partition : -1;
        snprintf(source->failure_text, sizeof source->failure_text, "%s",
                 rd_kafka_message_errstr(message));
    }
}

/* The first message from the guard's offset on: is the topic still the one that was read? */
static bool
guard_look(wr_kafka_part *part, const rd_kafka_message_t *message)
{
    uint64_t hash = wr_kafka_record_hash(message->offset, message_time_us(message),
                                         message->payload, message->len);
    return wr_kafka_part_guards(part, message->offset, hash);
}

static void
message_take(rd_kafka_message_t *message, void *opaque)
{
    wr_source *source = opaque;
    if (message->err != RD_KAFKA_RESP_ERR_NO_ERROR) {
        error_take(source, message);
        return;
    }
    if (message->partition < 0 || message->partition >= source->parts.count) {
        return; /* of an assignment that we never made */
    }
    wr_kafka_part *part = &source->parts.items[message->partition];
    if (part->finished) {
        return;
    }
    if (message->offset >= part->end) {
        wr_kafka_part_finish(&source->parts, part);
        return;
    }
    if (part->guard_offset >= 0 && !guard_look(part, message)) {
        part->is_changed = true;
        source->parts.lost_any = true;
        return;
    }
    if (message->offset < part->next || part->is_changed) {
        source->repeated_count++;
        return;
    }
    part->next = message->offset + 1;
    part->seen_index = source->block->message_count;
    part->at_end = false;
    part->empty_at_start = false;
    message_keep(source, message);
    if (part->next >= part->end) {
        wr_kafka_part_finish(&source->parts, part);
    }
    if (block_full(source) || source_done(source)) {
        rd_kafka_yield(source->client.handle);
    }
}

/* ── what must be done between two polls ────────────────────────────────────────────────────── */

/* New partitions start at 0: what they hold was written after our start. */
static wr_status
partitions_discover(wr_source *source, wr_error *err)
{
    const struct rd_kafka_metadata *metadata;
    int64_t wait_us = source->client.down ? WR_US_PER_S : source->discovery_us;
    source->discover_at_us = wr_clock_monotonic_us(NULL) + wait_us;
    if (rd_kafka_metadata(source->client.handle, 0, source->client.topic_handle, &metadata,
                          source->client.down ? ASK_DOWN_MS : ASK_MS) !=
        RD_KAFKA_RESP_ERR_NO_ERROR) {
        return WR_OK; /* the broker is away: next time */
    }
    source->client.down = false;
    int count = metadata->topic_cnt == 1 ? metadata->topics[0].partition_cnt : 0;
    rd_kafka_metadata_destroy(metadata);
    int first = source->parts.count;
    if (count <= first) {
        return WR_OK;
    }
    wr_kafka_parts_grow(&source->parts, count);
    for (int i = first; i < count; i++) {
        source->parts.open_count += source->parts.items[i].ours;
    }
    return wr_kafka_parts_assign(&source->parts, first, err);
}

static wr_status
failure_tell(const wr_source *source, wr_error *err)
{
    if (source->failure_partition >= 0) {
        wr_error_set(err, WR_ERR_RUNTIME, "E0706", "topic \"%s\" partition %d cannot be read",
                     source->client.topic, source->failure_partition);
    } else {
        wr_error_set(err, WR_ERR_RUNTIME, "E0706", "topic \"%s\" cannot be read",
                     source->client.topic);
    }
    wr_error_detail(err, "%s", source->failure_text);
    return WR_ERR_RUNTIME;
}

/* ── poll ───────────────────────────────────────────────────────────────────────────────────── */

static int
wait_ms(int64_t us)
{
    int64_t ms = us <= 0 ? 0 : (us + 999) / 1000;
    return ms > 1000 ? 1000 : (int)ms;
}

/* Serves the queue until something came or the time is over, then gathers. */
static void
queue_serve(wr_source *source)
{
    int64_t until_us = wr_clock_monotonic_us(NULL) + source->limits->wait_us;
    int64_t left_us = source->limits->wait_us;
    bool gathering = false;
    for (;;) {
        int count_before = source->block->message_count;
        int64_t bytes_before = source->byte_count;
        rd_kafka_consume_callback_queue(source->queue, wait_ms(left_us), message_take, source);
        wr_kafka_refill_look(&source->refill, &source->client, source->queue,
                             source->block->message_count - count_before,
                             source->byte_count - bytes_before);
        bool stop = source->failure != RD_KAFKA_RESP_ERR_NO_ERROR || source->parts.lost_any ||
                    source_done(source) || atomic_load(&source->woken);
        if (stop || block_full(source)) {
            return;
        }
        int64_t now_us = wr_clock_monotonic_us(NULL);
        if (source->block->message_count > 0 && !gathering) {
            gathering = true;
            until_us = now_us + source->limits->gather_us;
        }
        left_us = until_us - now_us;
        if (left_us <= 0) {
            return;
        }
    }
}

/* The last message of each partition becomes its guard. */
static void
guards_take(wr_source *source)
{
    for (int i = 0; i < source->parts.count; i++) {
        wr_kafka_part *part = &source->parts.items[i];
        if (part->seen_index >= 0) {
            const wr_message *last = &source->block->messages[part->seen_index];
            part->seen_offset = last->offset;
            part->seen_hash = wr_kafka_record_hash(last->offset, last->timestamp_us, last->data,
                                                   last->size);
            part->seen_index = -1;
        }
    }
}

static wr_status
topic_poll(wr_source *source, const wr_poll_limits *limits, wr_arena *arena, wr_block *block,
           wr_error *err)
{
    *block = (wr_block){.manual_watermark_us = WR_TIME_NONE};
    source->limits = limits;
    source->arena = arena;
    source->block = block;
    source->capacity = 0;
    source->byte_count = 0;
    if (source_done(source)) {
        return WR_END;
    }
    bool was_down = source->client.down;
    rd_kafka_poll(source->client.handle, 0); /* errors, tokens */
    if (source->client.down && !was_down) { /* the next metadata tells when it is back */
        source->discover_at_us = wr_clock_monotonic_us(NULL) + WR_US_PER_S;
    }
    if (!source->config.until_end && wr_clock_monotonic_us(NULL) >= source->discover_at_us) {
        WR_TRY(partitions_discover(source, err));
    }
    queue_serve(source);
    atomic_store(&source->woken, false);
    source->message_hint =
        block->message_count > BATCH_MESSAGES_MIN ? block->message_count : BATCH_MESSAGES_MIN;
    if (block->message_count > 0) {
        block->kind = WR_BLOCK_MESSAGES;
        guards_take(source);
        return WR_OK; /* what went wrong behind these is told by the next poll */
    }
    if (source->failure != RD_KAFKA_RESP_ERR_NO_ERROR) {
        return failure_tell(source, err);
    }
    if (source->parts.lost_any) {
        return wr_kafka_parts_losses(&source->parts, arena, err);
    }
    return WR_OK;
}

static void
topic_narrow(wr_source *source, unsigned pseudo_mask)
{
    source->config.pseudo_mask = pseudo_mask; /* parsing headers allocates for every message */
}

static const wr_partition *
topic_partitions(wr_source *source, int *count)
{
    *count = source->parts.count;
    return wr_kafka_parts_view(&source->parts);
}

static void
topic_guard(wr_source *source, int partition, wr_buffer *out)
{
    wr_kafka_part_guard(&source->parts.items[partition], out);
}

const wr_source_ops wr_kafka_source = {
    .name = "kafka",
    .positional = "topic",
    .options = wr_kafka_options,
    .pseudo_mask = 1u << WR_PSEUDO_KEY | 1u << WR_PSEUDO_TOPIC | 1u << WR_PSEUDO_PARTITION |
                   1u << WR_PSEUDO_OFFSET | 1u << WR_PSEUDO_TIMESTAMP | 1u << WR_PSEUDO_HEADERS,
    .live = true,
    .endless = true,
    .needs_format = true,
    .option_prefix = WR_KAFKA_PASSTHROUGH,
    .lane_share = WR_LANES_PIECES,
    .check = wr_kafka_options_check,
    .open = topic_open,
    .poll = topic_poll,
    .partitions = topic_partitions,
    .resumes = true,
    .guard = topic_guard,
    .narrow = topic_narrow,
    .wake = topic_wake,
    .close = topic_close,
};
