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
#include "connectors/registry.h"
#include "core/memory.h"
#include "core/time.h"

#include <limits.h>
#include <stdatomic.h>
#include <stdio.h>
#include <string.h>

enum {
    BATCH_MESSAGES_MIN = 256,
    QUEUE_KBYTES_MIN = 1024,
    QUEUE_KBYTES_MAX = 2097151,
    NAME_BYTES = 12,
    ASK_MS = 1000, /* a healthy broker answers in a few */
    ASK_DOWN_MS = 50
};
static const int64_t lag_interval_us = 200 * WR_US_PER_MS;
static const int64_t queue_bytes_default = (int64_t)256 << 20;

typedef struct partition_state {
    int64_t next; /* messages below are dropped */
    int64_t end;  /* bounded: finished here; INT64_MAX: never */
    int64_t high; /* the broker's end as last heard; -1 */
    bool ours;    /* of this lane */
    bool at_end, finished, empty_at_start;
    bool lost; /* the broker has not got `next` */
    char name[NAME_BYTES];
} partition_state;

struct wr_source {
    wr_kafka_client client;
    rd_kafka_queue_t *queue;
    wr_source_config config;
    partition_state *parts;
    wr_partition *views;
    int part_count, open_count; /* open: ours and not finished */
    bool skip_lost;
    int64_t discovery_us, discover_at_us, lag_at_us;
    int64_t repeated_count, lost_count;
    atomic_bool woken;
    int message_hint; /* how many the last block held */

    /* the block that is being filled, for the callback */
    const wr_poll_limits *limits;
    wr_arena *arena;
    wr_block *block;
    int capacity;
    int64_t byte_count;
    bool lost_any;
    rd_kafka_resp_err_t failure; /* an error that does not pass */
    int32_t failure_partition;
    char failure_text[WR_KAFKA_ERROR_MAX];
};

/* ── partitions ─────────────────────────────────────────────────────────────────────────────── */

/* Room for `count` partitions; new ones are closed until their range is known. */
static void
parts_grow(wr_source *source, int count)
{
    size_t size = (size_t)count;
    int32_t lanes = source->config.lane_count > 0 ? source->config.lane_count : 1;
    source->parts = wr_realloc(source->parts, size * sizeof *source->parts);
    source->views = wr_realloc(source->views, size * sizeof *source->views);
    for (int i = source->part_count; i < count; i++) {
        partition_state *part = &source->parts[i];
        *part = (partition_state){.end = INT64_MAX, .high = -1};
        part->ours = i % lanes == source->config.lane;
        part->finished = !part->ours;
        snprintf(part->name, sizeof part->name, "%d", i);
    }
    source->part_count = count;
}

static void
part_finish(wr_source *source, partition_state *part)
{
    if (!part->finished) {
        part->finished = true;
        source->open_count--;
    }
}

/* Begins to read partitions [first, part_count) of ours at their `next`. */
static wr_status
parts_assign(wr_source *source, int first, wr_error *err)
{
    rd_kafka_topic_partition_list_t *list = rd_kafka_topic_partition_list_new(source->part_count);
    for (int i = first; i < source->part_count; i++) {
        partition_state *part = &source->parts[i];
        if (part->ours && !part->finished) {
            rd_kafka_topic_partition_list_add(list, source->client.topic, i)->offset = part->next;
        }
    }
    rd_kafka_error_t *error = NULL;
    if (list->cnt > 0) {
        error = rd_kafka_incremental_assign(source->client.handle, list);
    }
    rd_kafka_topic_partition_list_destroy(list);
    if (!error) {
        return WR_OK;
    }
    wr_error_set(err, WR_ERR_RUNTIME, "E0706", "cannot read topic \"%s\"", source->client.topic);
    wr_error_detail(err, "%s", rd_kafka_error_string(error));
    rd_kafka_error_destroy(error);
    return WR_ERR_RUNTIME;
}

static void
ranges_apply(wr_source *source, const wr_kafka_range *ranges)
{
    for (int i = 0; i < source->part_count; i++) {
        partition_state *part = &source->parts[i];
        if (!part->ours) {
            continue;
        }
        part->next = ranges[i].start;
        part->high = ranges[i].high;
        part->empty_at_start = ranges[i].start >= ranges[i].high;
        part->at_end = part->empty_at_start;
        source->open_count++;
        if (source->config.until_end) {
            part->end = ranges[i].high;
            if (part->empty_at_start) {
                part_finish(source, part);
            }
        }
    }
}

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
        {"fetch.message.max.bytes", "8388608"},
        {"fetch.max.bytes", "67108864"},
        {"receive.message.max.bytes", "536870912"}, /* one message may be larger than a fetch */
        {"queued.min.messages", "1000000"},
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
    source->skip_lost = wr_text_equal_nocase(
        wr_options_text(options, wr_kafka_options, "on_data_loss"), WR_TEXT("skip"));
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
    parts_grow(source, count);
    bool *wanted = WR_NEW_ARRAY(source->config.arena, bool, count);
    wr_kafka_range *ranges = WR_NEW_ARRAY(source->config.arena, wr_kafka_range, count);
    for (int i = 0; i < count; i++) {
        wanted[i] = source->parts[i].ours;
    }
    WR_TRY(wr_kafka_start_find(&source->client, &source->config, count, wanted, ranges, err));
    ranges_apply(source, ranges);
    source->queue = rd_kafka_queue_get_consumer(source->client.handle);
    source->discover_at_us = wr_clock_monotonic_us(NULL) + source->discovery_us;
    return parts_assign(source, 0, err);
}

static wr_status
topic_open(const wr_source_config *config, wr_source **out, wr_error *err)
{
    wr_source *source = wr_alloc(sizeof *source);
    *out = source;
    source->config = *config;
    source->message_hint = BATCH_MESSAGES_MIN;
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
    wr_free(source->parts);
    wr_free(source->views);
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

static const char *
bytes_keep(wr_arena *arena, const void *data, size_t size)
{
    if (!data) {
        return NULL;
    }
    char *copy = wr_arena_bytes(arena, size);
    memcpy(copy, data, size);
    return copy;
}

static void
message_keep(wr_source *source, const rd_kafka_message_t *from)
{
    rd_kafka_timestamp_type_t kind;
    int64_t time_ms = rd_kafka_message_timestamp(from, &kind);
    wr_message *message = block_add(source);
    *message = (wr_message){
        .data = bytes_keep(source->arena, from->payload, from->len),
        .size = from->len,
        .timestamp_us = kind == RD_KAFKA_TIMESTAMP_NOT_AVAILABLE || time_ms < 0 ||
                                time_ms > INT64_MAX / WR_US_PER_MS
                            ? WR_TIME_NONE
                            : time_ms * WR_US_PER_MS,
        .offset = from->offset,
        .partition = from->partition,
    };
    if (source->config.pseudo_mask & 1u << WR_PSEUDO_KEY) {
        message->key = bytes_keep(source->arena, from->key, from->key_len);
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
    bool known = message->partition >= 0 && message->partition < source->part_count;
    if (message->err == RD_KAFKA_RESP_ERR__PARTITION_EOF && known) {
        partition_state *part = &source->parts[message->partition];
        part->at_end = true;
        part->next = message->offset > part->next ? message->offset : part->next;
        if (message->offset >= part->end) {
            part_finish(source, part);
        }
        return;
    }
    bool lost = message->err == RD_KAFKA_RESP_ERR__AUTO_OFFSET_RESET ||
                message->err == RD_KAFKA_RESP_ERR_OFFSET_OUT_OF_RANGE;
    if (lost && known) {
        source->parts[message->partition].lost = true;
        source->lost_any = true;
    } else if (!wr_kafka_error_passes(message->err) &&
               source->failure == RD_KAFKA_RESP_ERR_NO_ERROR) {
        source->failure = message->err;
        source->failure_partition = known ? message->partition : -1;
        snprintf(source->failure_text, sizeof source->failure_text, "%s",
                 rd_kafka_message_errstr(message));
    }
}

static void
message_take(rd_kafka_message_t *message, void *opaque)
{
    wr_source *source = opaque;
    if (message->err != RD_KAFKA_RESP_ERR_NO_ERROR) {
        error_take(source, message);
        return;
    }
    if (message->partition < 0 || message->partition >= source->part_count) {
        return; /* of an assignment that we never made */
    }
    partition_state *part = &source->parts[message->partition];
    if (part->finished) {
        return;
    }
    if (message->offset >= part->end) {
        part_finish(source, part);
        return;
    }
    if (message->offset < part->next) {
        source->repeated_count++;
        return;
    }
    part->next = message->offset + 1;
    part->at_end = false;
    part->empty_at_start = false;
    message_keep(source, message);
    if (part->next >= part->end) {
        part_finish(source, part);
    }
    if (block_full(source) || source->open_count == 0) {
        rd_kafka_yield(source->client.handle);
    }
}

/* ── what must be done between two polls ────────────────────────────────────────────────────── */

static wr_status
loss_tell(const wr_source *source, int partition, const wr_kafka_range *range, wr_error *err)
{
    wr_error_set(err, WR_ERR_RUNTIME, "E0705",
                 "topic \"%s\" partition %d: offset %lld is not there any more",
                 source->client.topic, partition, (long long)source->parts[partition].next);
    wr_error_detail(err, "available: %lld to %lld", (long long)range->low, (long long)range->high);
    wr_error_hint(err, "on_data_loss = 'skip' counts what is lost and goes on");
    return WR_ERR_RUNTIME;
}

/* Reads a partition on from what the broker still has, and counts what lay between. */
static wr_status
loss_skip(wr_source *source, int partition, const wr_kafka_range *range, wr_error *err)
{
    partition_state *part = &source->parts[partition];
    int64_t target = part->next < range->low ? range->low : range->high;
    source->lost_count += target > part->next ? target - part->next : 0;
    part->lost = false;
    part->next = target;
    if (target >= part->end) {
        part_finish(source, part);
        return WR_OK;
    }
    rd_kafka_topic_partition_list_t *list = rd_kafka_topic_partition_list_new(1);
    rd_kafka_topic_partition_list_add(list, source->client.topic, partition)->offset = target;
    rd_kafka_error_t *error = rd_kafka_seek_partitions(source->client.handle, list,
                                                       (int)source->client.connect_timeout_ms);
    rd_kafka_topic_partition_list_destroy(list);
    if (!error) {
        return WR_OK;
    }
    wr_error_set(err, WR_ERR_RUNTIME, "E0706", "cannot read topic \"%s\" on from offset %lld",
                 source->client.topic, (long long)target);
    wr_error_detail(err, "%s", rd_kafka_error_string(error));
    rd_kafka_error_destroy(error);
    return WR_ERR_RUNTIME;
}

static wr_status
losses_handle(wr_source *source, wr_error *err)
{
    bool *wanted = WR_NEW_ARRAY(source->arena, bool, source->part_count);
    wr_kafka_range *ranges = WR_NEW_ARRAY(source->arena, wr_kafka_range, source->part_count);
    for (int i = 0; i < source->part_count; i++) {
        wanted[i] = source->parts[i].lost;
    }
    WR_TRY(wr_kafka_bounds(&source->client, source->part_count, wanted, ranges, err));
    for (int i = 0; i < source->part_count; i++) {
        if (source->parts[i].lost && !source->skip_lost) {
            return loss_tell(source, i, &ranges[i], err);
        }
        if (source->parts[i].lost) {
            WR_TRY(loss_skip(source, i, &ranges[i], err));
        }
    }
    source->lost_any = false;
    return WR_OK;
}

/* New partitions start at 0: what they hold was written after our start. */
static wr_status
partitions_discover(wr_source *source, wr_error *err)
{
    const struct rd_kafka_metadata *metadata;
    source->discover_at_us = wr_clock_monotonic_us(NULL) + source->discovery_us;
    if (rd_kafka_metadata(source->client.handle, 0, source->client.topic_handle, &metadata,
                          source->client.down ? ASK_DOWN_MS : ASK_MS) !=
        RD_KAFKA_RESP_ERR_NO_ERROR) {
        return WR_OK; /* the broker is away: next time */
    }
    source->client.down = false;
    int count = metadata->topic_cnt == 1 ? metadata->topics[0].partition_cnt : 0;
    rd_kafka_metadata_destroy(metadata);
    int first = source->part_count;
    if (count <= first) {
        return WR_OK;
    }
    parts_grow(source, count);
    for (int i = first; i < count; i++) {
        source->open_count += source->parts[i].ours;
    }
    return parts_assign(source, first, err);
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
        rd_kafka_consume_callback_queue(source->queue, wait_ms(left_us), message_take, source);
        bool stop = source->failure != RD_KAFKA_RESP_ERR_NO_ERROR || source->lost_any ||
                    source->open_count == 0 || atomic_load(&source->woken);
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
    if (source->open_count == 0 && source->config.until_end) {
        return WR_END;
    }
    rd_kafka_poll(source->client.handle, 0); /* errors, tokens */
    if (!source->config.until_end && wr_clock_monotonic_us(NULL) >= source->discover_at_us) {
        WR_TRY(partitions_discover(source, err));
    }
    queue_serve(source);
    atomic_store(&source->woken, false);
    source->message_hint =
        block->message_count > BATCH_MESSAGES_MIN ? block->message_count : BATCH_MESSAGES_MIN;
    if (block->message_count > 0) {
        block->kind = WR_BLOCK_MESSAGES;
        return WR_OK; /* what went wrong behind these is told by the next poll */
    }
    if (source->failure != RD_KAFKA_RESP_ERR_NO_ERROR) {
        return failure_tell(source, err);
    }
    if (source->lost_any) {
        return losses_handle(source, err);
    }
    return WR_OK;
}

static const wr_partition *
topic_partitions(wr_source *source, int *count)
{
    int64_t now_us = wr_clock_monotonic_us(NULL);
    bool refresh = now_us >= source->lag_at_us;
    if (refresh) {
        source->lag_at_us = now_us + lag_interval_us;
    }
    for (int i = 0; i < source->part_count; i++) {
        partition_state *part = &source->parts[i];
        int64_t low, high;
        if (refresh && part->ours &&
            rd_kafka_get_watermark_offsets(source->client.handle, source->client.topic, i, &low,
                                           &high) == RD_KAFKA_RESP_ERR_NO_ERROR &&
            high >= 0) {
            part->high = high;
        }
        source->views[i] = (wr_partition){
            .name = wr_text_from(part->name),
            .next_offset = part->next,
            .end_offset = part->high,
            .opened = true,
            .at_end = part->at_end || part->finished,
            .finished = part->finished,
            .empty_at_start = part->empty_at_start,
        };
    }
    *count = source->part_count;
    return source->views;
}

const wr_source_ops wr_kafka_source = {
    .name = "kafka",
    .positional = "topic",
    .options = wr_kafka_options,
    .pseudo_mask = 1u << WR_PSEUDO_KEY | 1u << WR_PSEUDO_TOPIC | 1u << WR_PSEUDO_PARTITION |
                   1u << WR_PSEUDO_OFFSET | 1u << WR_PSEUDO_TIMESTAMP | 1u << WR_PSEUDO_HEADERS,
    .live = true,
    .needs_format = true,
    .option_prefix = WR_KAFKA_PASSTHROUGH,
    .check = wr_kafka_options_check,
    .open = topic_open,
    .poll = topic_poll,
    .partitions = topic_partitions,
    .wake = topic_wake,
    .close = topic_close,
};
