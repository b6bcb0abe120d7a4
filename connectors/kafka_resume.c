/* Where a job goes on in a topic, and whether the topic is still the one that it read.
 *
 *     low ──── guard, next ───── high        next − 1 is the guard: the last record that was read;
 *                                            it is fetched again and compared, not delivered again
 *
 * Invariants
 * 1. next < low: the records have expired. next > high: the topic is shorter than what was read.
 *    Both are told with what is there (E0705), unless on_data_loss = 'skip'.
 * 2. A guard that differs means another topic of the same name, or one that was rewritten: E0911.
 *    One that is not there any more (compacted, aborted) says nothing.
 * 3. Partitions that the state does not know are new: they are read from their first record. */
#include "connectors/kafka_parts.h"
#include "core/checksum.h"

#include <string.h>

/* What wr_source_ops.guard gives: offset and hash of the last record. */
typedef struct part_guard {
    int64_t offset;
    uint64_t hash;
} part_guard;

static const wr_resume *
resume_of(const wr_source_config *config, int partition)
{
    for (int i = 0; i < config->resume_count; i++) {
        wr_text name = config->resume[i].partition;
        int64_t number = -1;
        if (wr_text_to_int64(name, &number) && number == partition) {
            return &config->resume[i];
        }
    }
    return NULL;
}

static wr_status
position_refused(const wr_kafka_client *client, int partition, int64_t next,
                 const wr_kafka_range *range, wr_error *err)
{
    bool expired = next < range->low;
    wr_error_set(err, WR_ERR_RUNTIME, "E0705",
                 expired ? "topic \"%s\" partition %d: what comes next has expired"
                         : "topic \"%s\" partition %d is shorter than what was read of it",
                 client->topic, partition);
    wr_error_detail(err, "wanted: offset %lld; available: %lld to %lld", (long long)next,
                    (long long)range->low, (long long)range->high);
    wr_error_hint(err, expired ? "on_data_loss = 'skip' counts what is lost and goes on"
                               : "was it deleted and made anew? Then begin with a new state; "
                                 "on_data_loss = 'skip' goes on at its end");
    return WR_ERR_RUNTIME;
}

static wr_status
part_resume(wr_kafka_parts *parts, int partition, const wr_resume *resume, wr_kafka_range *range,
            wr_error *err)
{
    wr_kafka_part *part = &parts->items[partition];
    int64_t next = resume->next_offset;
    bool is_there = next >= range->low && next <= range->high;
    if (!is_there && !parts->skip_lost) {
        return position_refused(parts->client, partition, next, range, err);
    }
    range->start = is_there ? next : next < range->low ? range->low : range->high;
    part->lost_count += range->start > next ? range->start - next : 0;
    part_guard guard;
    if (is_there && resume->guard.size == sizeof guard) {
        memcpy(&guard, resume->guard.data, sizeof guard);
        part->guard_hash = part->seen_hash = guard.hash;
        part->seen_offset = guard.offset;
        bool is_fetchable = guard.offset >= range->low && guard.offset < next;
        part->guard_offset = is_fetchable ? guard.offset : -1;
    }
    return WR_OK;
}

wr_status
wr_kafka_parts_resume(wr_kafka_parts *parts, const wr_source_config *config, const bool *wanted,
                      wr_kafka_range *ranges, wr_error *err)
{
    WR_TRY(wr_kafka_bounds(parts->client, parts->count, wanted, ranges, err));
    for (int i = 0; i < parts->count; i++) {
        const wr_resume *resume = resume_of(config, i);
        if (wanted[i] && resume) {
            WR_TRY(part_resume(parts, i, resume, &ranges[i], err));
        }
    }
    for (int i = 0; i < config->resume_count; i++) {
        int64_t number = -1;
        if (wr_text_to_int64(config->resume[i].partition, &number) && number >= parts->count) {
            wr_error_set(err, WR_ERR_RUNTIME, "E0705",
                         "topic \"%s\" has no partition %lld any more", parts->client->topic,
                         (long long)number);
            wr_error_detail(err, "it has partitions 0 to %d", parts->count - 1);
            wr_error_hint(err, "was it deleted and made anew? Then begin with a new state");
            return WR_ERR_RUNTIME;
        }
    }
    return WR_OK;
}

/* ── the guard ──────────────────────────────────────────────────────────────────────────────── */

uint64_t
wr_kafka_record_hash(int64_t offset, int64_t timestamp_us, const void *data, size_t size)
{
    int64_t head[3] = {offset, timestamp_us, data ? (int64_t)size : -1};
    return wr_checksum_more(wr_checksum(head, sizeof head), data, size);
}

bool
wr_kafka_part_guards(wr_kafka_part *part, int64_t offset, uint64_t hash)
{
    bool fits = offset != part->guard_offset || hash == part->guard_hash;
    part->guard_offset = -1;
    return fits;
}

wr_status
wr_kafka_part_changed(const wr_kafka_parts *parts, int partition, wr_error *err)
{
    const wr_kafka_part *part = &parts->items[partition];
    wr_error_set(err, WR_ERR_STATE, "E0911",
                 "topic \"%s\" partition %d is not the one that was read", parts->client->topic,
                 partition);
    wr_error_detail(err, "the record before offset %lld is another one: the topic was deleted and "
                         "made anew, or rewritten", (long long)part->next);
    wr_error_hint(err, "begin with a new state directory, or under a new name");
    return WR_ERR_STATE;
}

void
wr_kafka_part_guard(const wr_kafka_part *part, wr_buffer *out)
{
    part_guard guard = {part->seen_offset, part->seen_hash};
    if (part->seen_offset >= 0) {
        wr_buffer_append(out, (const char *)&guard, sizeof guard);
    }
}
