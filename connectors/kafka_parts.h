/* The partitions of a topic that is being read: where each stands, and what the broker lost. */
#ifndef WEIR_CONNECTORS_KAFKA_PARTS_H
#define WEIR_CONNECTORS_KAFKA_PARTS_H

#include "connectors/kafka.h"

enum { WR_KAFKA_PART_NAME_MAX = 12 };

typedef struct wr_kafka_part {
    int64_t next; /* messages below are dropped */
    int64_t end;  /* bounded: finished here; INT64_MAX: never */
    int64_t high; /* the broker's end as last heard; -1 */
    int64_t lost_count;
    bool ours; /* of this lane */
    bool at_end, finished, empty_at_start;
    bool lost; /* the broker has not got `next` */
    /* the last record that was delivered, by which the partition is known again; offset −1: none */
    int64_t seen_offset;
    uint64_t seen_hash;
    int seen_index; /* in the block that is being filled; −1: not there */
    /* that of an earlier run, which is still to be compared; offset −1: nothing is */
    int64_t guard_offset;
    uint64_t guard_hash;
    bool is_changed; /* it was another one */
    char name[WR_KAFKA_PART_NAME_MAX];
} wr_kafka_part;

/* Thread: the source's. */
typedef struct wr_kafka_parts {
    wr_kafka_client *client;
    wr_kafka_part *items;
    wr_partition *views;
    int count, open_count; /* open: ours and not finished */
    int32_t lane, lane_count;
    bool until_end, skip_lost;
    bool lost_any;
    int64_t lag_at_us; /* ends are asked for again then */
} wr_kafka_parts;

void wr_kafka_parts_init(wr_kafka_parts *parts, wr_kafka_client *client,
                         const wr_source_config *config);
void wr_kafka_parts_fini(wr_kafka_parts *parts);

/* Room for `count` partitions; new ones stand at 0 and are not counted as open yet. */
void wr_kafka_parts_grow(wr_kafka_parts *parts, int count);
/* Puts all of ours at their starts and counts them as open. */
void wr_kafka_parts_begin(wr_kafka_parts *parts, const wr_kafka_range *ranges);
/* Has librdkafka fetch partitions [first, count) of ours from `next` on. E0706. */
wr_status wr_kafka_parts_assign(wr_kafka_parts *parts, int first, wr_error *err);
void wr_kafka_part_finish(wr_kafka_parts *parts, wr_kafka_part *part);

/* Deals with every part that is `lost`: E0705, or counted and read on from what is there. */
wr_status wr_kafka_parts_losses(wr_kafka_parts *parts, wr_arena *arena, wr_error *err);

/* ── of a job that goes on (kafka_resume.c) ──────────────────────────────────────────────────── */

/* Sets ranges[i].start to where the job goes on, and the guards. E0705 when that is not there. */
wr_status wr_kafka_parts_resume(wr_kafka_parts *parts, const wr_source_config *config,
                                const bool *wanted, wr_kafka_range *ranges, wr_error *err);
uint64_t wr_kafka_record_hash(int64_t offset, int64_t timestamp_us, const void *data, size_t size);
/* The first record from the guard on: is it the guard, or nothing that could be compared? */
bool wr_kafka_part_guards(wr_kafka_part *part, int64_t offset, uint64_t hash);
/* E0911: it was not. */
wr_status wr_kafka_part_changed(const wr_kafka_parts *parts, int partition, wr_error *err);
/* As wr_source_ops.guard. */
void wr_kafka_part_guard(const wr_kafka_part *part, wr_buffer *out);

/* As wr_source_ops.partitions. */
const wr_partition *wr_kafka_parts_view(wr_kafka_parts *parts);

#endif
