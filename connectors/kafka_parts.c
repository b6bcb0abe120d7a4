/* Where each partition stands, and how a partition goes on when the broker has lost its place.
 *
 *     next = 15    low = 40 ──────── high     lost: E0705, or with 'skip' 25 are counted
 *
 * Invariants
 * 1. next never goes back; what librdkafka gives below it has been given before.
 * 2. Partition p belongs to lane p mod lane_count; those of other lanes are finished at once.
 * 3. open_count is the number of ours that are not finished. */
#include "connectors/kafka_parts.h"
#include "core/memory.h"
#include "core/time.h"

#include <stdio.h>

static const int64_t lag_interval_us = 200 * WR_US_PER_MS;

void
wr_kafka_parts_init(wr_kafka_parts *parts, wr_kafka_client *client, const wr_source_config *config)
{
    wr_text on_loss = wr_options_text(config->options, wr_kafka_options, "on_data_loss");
    *parts = (wr_kafka_parts){
        .client = client,
        .lane = config->lane,
        .lane_count = config->lane_count > 0 ? config->lane_count : 1,
        .until_end = config->until_end,
        .skip_lost = wr_text_equal_nocase(on_loss, WR_TEXT("skip")),
    };
}

void
wr_kafka_parts_fini(wr_kafka_parts *parts)
{
    wr_free(parts->items);
    wr_free(parts->views);
}

void
wr_kafka_parts_grow(wr_kafka_parts *parts, int count)
{
    parts->items = wr_realloc(parts->items, (size_t)count * sizeof *parts->items);
    parts->views = wr_realloc(parts->views, (size_t)count * sizeof *parts->views);
    for (int i = parts->count; i < count; i++) {
        wr_kafka_part *part = &parts->items[i];
        *part = (wr_kafka_part){.end = INT64_MAX,
                                .high = -1,
                                .seen_offset = -1,
                                .seen_index = -1,
                                .guard_offset = -1};
        part->ours = i % parts->lane_count == parts->lane;
        part->finished = !part->ours;
        snprintf(part->name, sizeof part->name, "%d", i);
    }
    parts->count = count;
}

void
wr_kafka_part_finish(wr_kafka_parts *parts, wr_kafka_part *part)
{
    if (!part->finished) {
        part->finished = true;
        parts->open_count--;
    }
}

void
wr_kafka_parts_begin(wr_kafka_parts *parts, const wr_kafka_range *ranges)
{
    for (int i = 0; i < parts->count; i++) {
        wr_kafka_part *part = &parts->items[i];
        if (!part->ours) {
            continue;
        }
        part->next = ranges[i].start;
        part->high = ranges[i].high;
        part->empty_at_start = ranges[i].start >= ranges[i].high;
        part->at_end = part->empty_at_start;
        parts->open_count++;
        if (parts->until_end) {
            part->end = ranges[i].high;
        }
        if (parts->until_end && part->empty_at_start) {
            wr_kafka_part_finish(parts, part);
        }
    }
}

wr_status
wr_kafka_parts_assign(wr_kafka_parts *parts, int first, wr_error *err)
{
    rd_kafka_topic_partition_list_t *list = rd_kafka_topic_partition_list_new(parts->count);
    for (int i = first; i < parts->count; i++) {
        if (!parts->items[i].finished) {
            const wr_kafka_part *part = &parts->items[i];
            rd_kafka_topic_partition_list_add(list, parts->client->topic, i)->offset =
                part->guard_offset >= 0 ? part->guard_offset : part->next;
        }
    }
    rd_kafka_error_t *error = NULL;
    if (list->cnt > 0) {
        error = rd_kafka_incremental_assign(parts->client->handle, list);
    }
    rd_kafka_topic_partition_list_destroy(list);
    if (!error) {
        return WR_OK;
    }
    wr_error_set(err, WR_ERR_RUNTIME, "E0706", "cannot read topic \"%s\"", parts->client->topic);
    wr_error_detail(err, "%s", rd_kafka_error_string(error));
    rd_kafka_error_destroy(error);
    return WR_ERR_RUNTIME;
}

/* ── losses ─────────────────────────────────────────────────────────────────────────────────── */

static wr_status
loss_tell(const wr_kafka_parts *parts, int partition, const wr_kafka_range *range, wr_error *err)
{
    wr_error_set(err, WR_ERR_RUNTIME, "E0705",
                 "topic \"%s\" partition %d: offset %lld is not there any more",
                 parts->client->topic, partition, (long long)parts->items[partition].next);
    wr_error_detail(err, "available: %lld to %lld", (long long)range->low, (long long)range->high);
    wr_error_hint(err, "on_data_loss = 'skip' counts what is lost and goes on");
    return WR_ERR_RUNTIME;
}

/* Reads a partition on from what the broker still has, and counts what lay between. */
static wr_status
loss_skip(wr_kafka_parts *parts, int partition, const wr_kafka_range *range, wr_error *err)
{
    wr_kafka_part *part = &parts->items[partition];
    int64_t target = part->next < range->low ? range->low : range->high;
    part->lost_count += target > part->next ? target - part->next : 0;
    part->lost = false;
    part->next = target;
    if (target >= part->end) {
        wr_kafka_part_finish(parts, part);
        return WR_OK;
    }
    rd_kafka_topic_partition_list_t *list = rd_kafka_topic_partition_list_new(1);
    rd_kafka_topic_partition_list_add(list, parts->client->topic, partition)->offset = target;
    rd_kafka_error_t *error = rd_kafka_seek_partitions(parts->client->handle, list,
                                                       (int)parts->client->connect_timeout_ms);
    rd_kafka_topic_partition_list_destroy(list);
    if (!error) {
        return WR_OK;
    }
    wr_error_set(err, WR_ERR_RUNTIME, "E0706", "cannot read topic \"%s\" on from offset %lld",
                 parts->client->topic, (long long)target);
    wr_error_detail(err, "%s", rd_kafka_error_string(error));
    rd_kafka_error_destroy(error);
    return WR_ERR_RUNTIME;
}

wr_status
wr_kafka_parts_losses(wr_kafka_parts *parts, wr_arena *arena, wr_error *err)
{
    bool *wanted = WR_NEW_ARRAY(arena, bool, parts->count);
    wr_kafka_range *ranges = WR_NEW_ARRAY(arena, wr_kafka_range, parts->count);
    for (int i = 0; i < parts->count; i++) {
        if (parts->items[i].is_changed) {
            return wr_kafka_part_changed(parts, i, err);
        }
        wanted[i] = parts->items[i].lost;
    }
    WR_TRY(wr_kafka_bounds(parts->client, parts->count, wanted, ranges, err));
    for (int i = 0; i < parts->count; i++) {
        if (parts->items[i].lost && !parts->skip_lost) {
            return loss_tell(parts, i, &ranges[i], err);
        }
        if (parts->items[i].lost) {
            WR_TRY(loss_skip(parts, i, &ranges[i], err));
        }
    }
    parts->lost_any = false;
    return WR_OK;
}

/* ── the outside view ───────────────────────────────────────────────────────────────────────── */

/* The broker's ends, as the last fetches told them. */
static void
ends_refresh(wr_kafka_parts *parts)
{
    int64_t now_us = wr_clock_monotonic_us(NULL);
    if (now_us < parts->lag_at_us) {
        return;
    }
    parts->lag_at_us = now_us + lag_interval_us;
    for (int i = 0; i < parts->count; i++) {
        int64_t low, high;
        if (parts->items[i].ours &&
            rd_kafka_get_watermark_offsets(parts->client->handle, parts->client->topic, i, &low,
                                           &high) == RD_KAFKA_RESP_ERR_NO_ERROR &&
            high >= 0) {
            parts->items[i].high = high;
        }
    }
}

const wr_partition *
wr_kafka_parts_view(wr_kafka_parts *parts)
{
    ends_refresh(parts);
    for (int i = 0; i < parts->count; i++) {
        const wr_kafka_part *part = &parts->items[i];
        parts->views[i] = (wr_partition){
            .name = wr_text_from(part->name),
            .next_offset = part->next,
            .end_offset = part->high,
            .opened = true,
            .at_end = part->at_end || part->finished,
            .is_away = parts->client->down && !part->finished,
            .finished = part->finished,
            .empty_at_start = part->empty_at_start,
            .lost_count = part->lost_count,
        };
    }
    return parts->views;
}
