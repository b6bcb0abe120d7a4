/* Host streams: rows and messages that a program pushes, for the queries that read host('name').
 *
 * All functions may be called from any thread. */
#ifndef WEIR_CONNECTORS_HOST_H
#define WEIR_CONNECTORS_HOST_H

#include "connectors/connector.h"
#include "core/arrow.h"

/* One value of a row. `type` says which member counts; NULL: none. BIGINT fits DOUBLE and
 * DECIMAL columns, TEXT fits BYTES and JSON columns, and DECIMAL, DATE and TIME if it reads as one;
 * else the column's type is wanted. */
typedef struct wr_cell {
    wr_type_id type;
    union {
        bool boolean;
        int64_t bigint; /* BIGINT; TIMESTAMP in µs */
        double dbl;
        wr_interval interval;
        wr_text text; /* TEXT (must be UTF-8), BYTES, JSON */
    } value;
} wr_cell;

enum { WR_HOST_PARTITIONS_MAX = 4096 };

/* A new stream that holds at most about `capacity_bytes` (0: 64 MiB) of what some reader has not
 * taken yet. `clock` stamps arrivals and outlives it. Released by the last release. */
wr_host_stream *wr_host_stream_new(wr_text name, int64_t capacity_bytes, const wr_clock *clock);
wr_host_stream *wr_host_stream_retain(wr_host_stream *stream);
void wr_host_stream_release(wr_host_stream *stream); /* NULL is fine */

/* The columns of typed rows (copied); once, before the first row. False: it has others already. */
bool wr_host_stream_declare(wr_host_stream *stream, const wr_schema *schema);
bool wr_host_stream_declared(wr_host_stream *stream);

/* Everything pushed goes to each query that reads the stream. What is pushed while none does waits
 * for the first (and for those that open before it takes something). Values are copied.
 *
 * WR_OK; WR_AGAIN: full, nothing was taken, push again when the queries have gone on;
 * WR_ERR_MISUSE: wrong number or types of cells, the stream has ended.
 * `timestamp_us`: WR_TIME_NONE means now. */
wr_status wr_host_push_row(wr_host_stream *stream, const wr_cell *cells, int count,
                           int32_t partition, int64_t timestamp_us, wr_error *err);
/* A raw message for the stream's format. message->offset < 0: a running number. */
wr_status wr_host_push_message(wr_host_stream *stream, const wr_message *message, wr_error *err);
/* The rows of an Arrow struct array, columns by name (connectors/arrow_import.h), without a copy
 * where the layout allows. WR_OK: the array is ours (its release is NULL now) and is released when
 * every query has read it; else it stays the caller's. The schema is only read. */
wr_status wr_host_push_arrow(wr_host_stream *stream, struct ArrowArray *array,
                             const struct ArrowSchema *arrow_schema, int32_t partition,
                             wr_error *err);
/* No more rows before `us` will come; never goes back. Never full. */
wr_status wr_host_advance_watermark(wr_host_stream *stream, int64_t us, wr_error *err);
/* No more rows at all. Twice is fine. */
void wr_host_end(wr_host_stream *stream);

/* ── for the source ─────────────────────────────────────────────────────────────────────────── */

typedef struct wr_host_reader wr_host_reader;

/* A reader of lane `lane` of `lane_count`; retains the stream. NULL: no file descriptors left. */
wr_host_reader *wr_host_reader_open(wr_host_stream *stream, int32_t lane, int32_t lane_count);
void wr_host_reader_close(wr_host_reader *reader);
void wr_host_reader_wake(wr_host_reader *reader);
/* As wr_source_ops.poll. */
wr_status wr_host_reader_take(wr_host_reader *reader, const wr_poll_limits *limits, wr_arena *arena,
                              wr_block *block);
/* As wr_source_ops.partitions; borrowed until the reader's next call. */
const wr_partition *wr_host_reader_partitions(wr_host_reader *reader, int *count);

#endif
