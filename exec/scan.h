/* A scan: source, decoder, pseudo-columns, event time and watermark of one FROM item. It is the
 * only operator without an input; the pipeline drives it: take, push, advance. */
#ifndef WEIR_EXEC_SCAN_H
#define WEIR_EXEC_SCAN_H

#include "exec/pieces.h"
#include "exec/pipeline.h"
#include "exec/program.h"
#include "exec/reports.h"
#include "exec/state/commit.h"
#include "exec/watermark.h"

typedef struct wr_scan_counters {
    uint64_t rows, bytes, bad, tombstones;
    uint64_t bad_by_reason[WR_REASON_COUNT];
} wr_scan_counters;

/* What a scan finds out about the rows of a batch, as far as the batch points to it. */
typedef struct wr_row_facts {
    wr_origins origins;
    int64_t event_times[WR_BATCH_ROWS];
    uint32_t index[WR_BATCH_ROWS]; /* of the origins, when the decoder's is used again too soon */
    uint16_t selection[WR_BATCH_ROWS];
} wr_row_facts;

/* Bytes and time of a record that was read. */
typedef struct wr_scan_record {
    wr_text source, partition, key, record;
    int64_t timestamp_us;
} wr_scan_record;

typedef struct wr_partition_quiet {
    wr_text partition;
    int64_t quiet_us; /* since its last row */
} wr_partition_quiet;

/* What a scan was when the checkpoint was made that it goes on from. */
typedef struct wr_scan_past {
    const wr_position *positions; /* of all scans of the job */
    int position_count;
    int64_t current_us, passed_us, manual_us;
    bool manual;
    uint64_t future_count;
    wr_scan_counters counters;
    wr_partition_quiet *quiet;
    int quiet_count;
} wr_scan_past;

typedef struct wr_scan {
    wr_operator op; /* node, context, parent: rows go out by wr_operator_emit */
    const wr_plan_scan *plan;
    const wr_pipeline_config *config;
    wr_source *source;
    wr_decoder *decoder;
    wr_program *event_time; /* NULL: arrival time */
    wr_program **derive;    /* by decoded column; NULL: not derived */
    wr_watermark watermark;
    int64_t passed_us; /* watermark passed on */
    bool ended;        /* the source has given everything */
    bool is_open;
    struct wr_scan *leader;   /* whose source and blocks we use, too; NULL: our own */
    const wr_scan_past *past; /* NULL: the scan begins */

    /* of a lane; NULL: source and watermark are our own, and rejects are told at once */
    wr_pieces *pieces;
    wr_reports *reports;
    const wr_block *header; /* that the decoder has read last */
    bool replays;           /* what is being pushed are dead letters */

    wr_arena *poll_arena; /* what the last poll took */
    wr_arena *sample_arena;
    const wr_block *at_block; /* being pushed */
    int at_message;           /* of it, the last that was looked up */
    const wr_block *blocks; /* to be processed in this micro-batch */
    int block_count;
    wr_block polled;
    wr_opened_source opened;

    int64_t bound_rows, bound_bytes; /* of the next poll */
    int64_t min_bytes, max_bytes, min_rows, max_rows;
    wr_scan_counters counters;
    wr_error failure; /* set by the decoder's rejects: the query must end */
    wr_decode_out out;
    int64_t lines[WR_BATCH_ROWS];
    wr_row_facts own_facts, *facts; /* of the batch at work */
    int64_t watermarks[WR_BATCH_ROWS];
} wr_scan;

/* Rows of one batch before they have pseudo-columns: where they came from. */
typedef struct wr_scan_rows {
    const wr_block *block;
    const uint32_t *source_index; /* message number, byte in the chunk, or row of a rows block;
                                     NULL: rows block from first_row on */
    int64_t first_row;            /* rows block: number of row 0 within the block */
    wr_batch *batch;
} wr_scan_rows;

/* Opens source and decoder. `scan` is zeroed but for op, leader and past, and for pieces and
 * reports if it is that of a lane; close is safe after a failure. */
wr_status wr_scan_open(wr_scan *scan, const wr_pipeline_config *config, wr_error *err);
void wr_scan_close(wr_scan *scan);

/* Takes a micro-batch, waiting at most wait_us for its first row. *took: there is something to
 * push. Sets scan->ended. */
wr_status wr_scan_take(wr_scan *scan, int64_t wait_us, bool *took, wr_error *err);
/* What the leader took is ours, too. */
void wr_scan_follow(wr_scan *scan);
/* One poll of the source into `arena`; counts bytes, sets scan->ended. */
wr_status wr_scan_poll(wr_scan *scan, const wr_poll_limits *limits, wr_arena *arena,
                       wr_block *block, wr_error *err);
/* What the source says about its partitions now goes into the watermark. */
void wr_scan_refresh(wr_scan *scan);
/* The blocks that sampling took and nobody has processed yet, once; NULL: none. */
const wr_block *wr_scan_take_sampled(wr_scan *scan, int *count);
/* Decodes and emits what was taken; stops early when the context is done. */
wr_status wr_scan_push(wr_scan *scan, wr_error *err);
/* Passes the watermark on if it has moved; `end`: WR_TIME_END whatever the source says. */
wr_status wr_scan_advance(wr_scan *scan, int64_t last_close_us, bool end, wr_error *err);

/* Decodes and emits dead letters of this scan, in their order. They are a partition of their own
 * that begins at the watermark as it is now, and moves nothing: which of them are late does not
 * depend on the others. To the query each of them lies where it was read first. */
wr_status wr_scan_replay(wr_scan *scan, const wr_dead_letter *letters, int count, wr_error *err);

/* Bytes of messages or chunk. */
int64_t wr_block_bytes(const wr_block *block);

/* ── pieces, for lanes (scan_piece.c) ────────────────────────────────────────────────────────── */

typedef struct wr_piece_batch wr_piece_batch;

/* A piece that a lane has decoded and that waits for its turn. */
typedef struct wr_decoded {
    wr_piece piece;
    wr_arena *bytes_arena; /* of its block */
    wr_arena *arena;       /* of its batches */
    wr_piece_batch *batches;
    int64_t now_us;
    wr_status status; /* of decoding; told when it is its turn */
    wr_error error;
    bool is_bad_row; /* why it failed: the report says more */
} wr_decoded;

void wr_decoded_init(wr_decoded *decoded);
void wr_decoded_fini(wr_decoded *decoded);
/* Reads and decodes decoded->piece. Any lane, as all of these. */
void wr_scan_decode_piece(wr_scan *scan, wr_decoded *decoded);
/* Waits for its turn, judges its rows and emits them. */
wr_status wr_scan_push_piece(wr_scan *scan, wr_decoded *decoded, wr_error *err);

/* ── parts (scan_rows.c, scan_columns.c, scan_derive.c, scan_report.c) ───────────────────────── */

/* A decoded batch gets pseudo-columns, event times and selection; no watermarks yet. */
wr_status wr_scan_complete(wr_scan *scan, const wr_scan_rows *rows, wr_error *err);
/* Hands a judged batch on, in slices if the vectors of this world are short. */
wr_status wr_scan_emit(wr_scan *scan, const wr_batch *batch, wr_error *err);

/* A rows block: rejects rows whose values are against the declaration. */
void wr_scan_check_rows(wr_scan *scan, wr_scan_rows *rows);
/* Sets facts->origins. */
void wr_scan_set_origins(wr_scan *scan, const wr_scan_rows *rows);
/* Judges rows of dead letters (scan_replay.c). */
void wr_scan_judge_replay(wr_scan *scan, const wr_batch *batch);
/* Fills the pseudo-columns behind the decoded ones. */
void wr_scan_fill_pseudo(wr_scan *scan, const wr_scan_rows *rows);
/* Record or arrival time of each row; WR_TIME_NONE: none. */
void wr_scan_fill_arrival(const wr_scan *scan, const wr_scan_rows *rows, int64_t *times_us);
bool wr_scan_is_tombstone(const wr_scan_rows *rows, int row);

/* Compiles what makes derived columns; wr_derive, whose context is the scan (scan_derive.c). */
void wr_scan_open_derive(wr_scan *scan);
wr_reason wr_scan_derive(void *context, int column, wr_text json, void *value, bool *is_null);

/* wr_reject: counts, shows, or sets scan->failure; a lane keeps it for the stepping thread. */
void wr_scan_reject(void *context, const wr_bad_row *bad);
/* The record at this position of the block that is being pushed, as far as it has bytes. */
void wr_scan_record_at(wr_scan *scan, wr_origin origin, wr_scan_record *record);
/* Who can make the same row of these bytes again: the scan's state_id; 0: nobody. */
int32_t wr_scan_reader(const wr_scan *scan, wr_text record);
/* A decoded row that has no event time. */
void wr_scan_reject_row(wr_scan *scan, const wr_scan_rows *rows, int row, wr_reason reason);

#endif
