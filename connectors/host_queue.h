/* The inside of a host stream, shared by its two ends: host_push.c and host_read.c. */
#ifndef WEIR_CONNECTORS_HOST_QUEUE_H
#define WEIR_CONNECTORS_HOST_QUEUE_H

#include "connectors/host.h"
#include "connectors/waker.h"
#include "core/arrow.h"

#include <pthread.h>

typedef enum host_kind { HOST_ROWS, HOST_MESSAGES, HOST_ARROW } host_kind;

typedef struct host_entry {
    int64_t arrival_us, offset;
    int64_t watermark_us; /* said behind this entry; WR_TIME_NONE: nothing */
    int32_t partition;
} host_entry;

/* A run of entries of one kind. Only the last one grows; an Arrow batch is a run of its own, whose
 * rows have consecutive offsets and one entry (the first) for all. */
typedef struct wr_host_segment {
    struct wr_host_segment *next;
    host_kind kind;
    int count;
    int64_t first; /* number of its first entry in the stream */
    wr_arena *arena;
    int64_t size_bytes;   /* as counted against the capacity */
    host_entry *entries;  /* these three have room for WR_BATCH_ROWS */
    wr_batch *rows;       /* ROWS */
    wr_message *messages; /* MESSAGES */
    wr_vector *columns;   /* ARROW: of `count` rows; they borrow from `array` */
    struct ArrowArray array;
} wr_host_segment;

struct wr_host_reader {
    wr_host_stream *stream;
    struct wr_host_reader *next;
    int32_t lane, lane_count;
    int64_t position;     /* number of the next entry to take */
    int64_t lent;         /* Arrow rows from `position` on that the last block borrows */
    int64_t watermark_us; /* to be told before the next entry; WR_TIME_NONE: nothing */
    bool waiting;
    wr_waker waker;
    wr_partition *partitions; /* what was told last */
    int partition_capacity;
    int partition_count;
    int64_t *taken; /* per partition: offset behind the last one taken */
};

struct wr_host_stream {
    pthread_mutex_t lock; /* guards everything below */
    int references;
    wr_text name;
    wr_arena *arena; /* name, schema */
    const wr_clock *clock;
    bool declared, ended;
    wr_schema schema;
    int64_t capacity_bytes, held_bytes;
    wr_host_segment *head, *tail;
    wr_host_segment *spare; /* empty ones, for reuse */
    int spare_count;
    int64_t appended; /* entries ever */
    int64_t watermark_us;
    bool started; /* a reader has taken something since the first one opened */
    wr_host_reader *readers;
    int partition_count;
    int64_t next_offset[WR_HOST_PARTITIONS_MAX];
};

/* The entry of row `i` of a segment, or that of all its rows. */
static inline host_entry *
host_segment_entry(const wr_host_segment *segment, int i)
{
    return &segment->entries[segment->kind == HOST_ARROW ? 0 : i];
}

/* Both with the lock held: frees segments that every reader has passed / wakes who waits. */
void wr_host_trim(wr_host_stream *stream);
void wr_host_wake_readers(wr_host_stream *stream);

#endif
